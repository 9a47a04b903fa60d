// Server-sent events: the same bytes in one piece and cut into pieces are the same events.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "provider/sse.h"

namespace {

std::vector<std::string> events_of(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> events;
  const auto take = [&](const iie::SseEvent& event) {
    events.push_back(event.type + '\0' + event.data);
    return events.size() < 100;
  };
  iie::SseParser parser;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    parser.feed(bytes.substr(at, piece), take);
  parser.finish(take);
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = data[0] % 16 + 1;
  if (events_of(bytes, piece) != events_of(bytes, bytes.size() + 1)) abort();
  return 0;
}
