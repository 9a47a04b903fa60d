// The HTTP reply parser, fed in pieces that the input itself cuts: whatever the cuts, the reply is
// the same, and it keeps its limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http_reply.h"

namespace {

constexpr iie::HttpReplyParser::Limits kLimits{.head = 4096, .body = 8192};

iie::HttpReplyParser::State read(iie::HttpReplyParser& parser, std::string_view bytes,
                                 std::size_t size) {
  using State = iie::HttpReplyParser::State;
  State state = State::more;
  while (!bytes.empty() && state != State::complete && state != State::refused) {
    std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    do {
      state = parser.take(piece);
      if (parser.response().body.size() > kLimits.body) std::abort();
    } while (state == State::grew);
    if (state == State::more && !piece.empty()) std::abort();
  }
  return parser.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool has_body = (data[0] & 0x80) == 0;
  iie::HttpReplyParser whole(kLimits, has_body);
  iie::HttpReplyParser cut(kLimits, has_body);
  const auto one = read(whole, bytes, bytes.size());
  const auto other = read(cut, bytes, std::max<std::size_t>(data[0] & 0x7F, 1));
  if (one != other) std::abort();
  if (one == iie::HttpReplyParser::State::complete &&
      (whole.keeps_connection() != cut.keeps_connection() ||
       whole.response().status != cut.response().status ||
       whole.response().headers != cut.response().headers ||
       whole.response().body != cut.response().body)) {
    std::abort();
  }
  return 0;
}
