// The headers that say how fast an endpoint may be asked: Retry-After in seconds, milliseconds or
// as a date, and the error body that may say it instead. The first byte chooses the header.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "provider/http_error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::array kNames = {"retry-after", "retry-after-ms", "date", "x-ratelimit-reset"};
  const std::string value(reinterpret_cast<const char*>(data + 1), size - 1);
  const iie::WallTime now{std::chrono::seconds(1'772'366'400)};
  iie::HttpResponse reply{.status = 429, .headers = {{kNames[data[0] % kNames.size()], value}}};
  if (data[0] % kNames.size() > 1) reply.headers.emplace_back("retry-after", value);
  // Whatever it says, it is no wait into the past, and none that outlasts a person's patience.
  if (const auto wait = iie::retry_after(reply, now)) {
    if (*wait < std::chrono::milliseconds(0) || *wait > iie::kLongestRetryAfter) std::abort();
  }
  reply.body = value;
  (void)iie::error_from_reply(reply, 429, iie::read_error_body(reply.body), "endpoint", now);
  return 0;
}
