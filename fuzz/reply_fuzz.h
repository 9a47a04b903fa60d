// What holds for the replies of every dialect, whatever bytes they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/string_util.h"
#include "provider/http_model.h"

namespace iie {

inline int fuzz_reply(Dialect dialect, const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr int kStatuses[] = {200, 200, 200, 400, 429, 500};
  HttpResponse reply;
  reply.status = kStatuses[data[0] % std::size(kStatuses)];
  reply.body.assign(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string piece = reply.body.substr(0, 40);
  reply.headers = {{"retry-after", piece},
                   {"x-ratelimit-reset-tokens", piece},
                   {"anthropic-ratelimit-requests-reset", piece}};
  const auto response = decode_reply(dialect, reply, "host", WallTime{});
  if (response) {
    if (!is_valid_utf8(response->text) || !is_valid_utf8(response->reasoning)) abort();
  } else if (response.error().message.find('\n') != std::string::npos) {
    abort();
  }
  return 0;
}

}  // namespace iie
