// Reads one HTTP/1.x reply from the bytes of a connection (RFC 9112).
//
// Strict where leniency would be a guess at where the reply ends: lengths that disagree, codings
// other than chunked, sizes that are no numbers, folded or nameless headers are refused. A pure
// value: knows no sockets and no clock. Hostile input: memory is bounded by the limits, time by the
// number of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/transport.h"

namespace iie {

class HttpReplyParser {
 public:
  struct Limits {
    // Everything but the body: status lines, headers, interim replies and trailers, all together.
    std::size_t head = 128u << 10;
    std::size_t body = 64u << 20;
  };
  enum class State {
    more,      // wants further bytes
    grew,      // the body has grown: look at it, then call take() with the rest
    complete,  // the reply is whole
    refused,   // look at refusal(); nothing more is taken
  };
  enum class Refusal { none, not_http, head_too_large, body_too_large };

  HttpReplyParser() : HttpReplyParser(Limits()) {}
  // `has_body`: false for the reply to HEAD, which only describes one.
  explicit HttpReplyParser(const Limits& limits, bool has_body = true)
      : limits_(limits), has_body_(has_body) {}

  // Takes bytes from the front of `bytes`. What it leaves behind a complete reply is no part of it.
  State take(std::string_view& bytes);
  // The connection ended: complete where only that ends the body, else as take() said last.
  State end();

  // Status and headers (the final reply's, once they are complete) and the body so far.
  HttpResponse& response() { return response_; }
  bool head_complete() const { return stage_ > Stage::headers; }
  // Whether a further request may go over the connection.
  bool keeps_connection() const { return keep_ && !closes_ && stage_ == Stage::done; }
  Refusal refusal() const { return refusal_; }
  // What is wrong with a reply that is not HTTP; a literal.
  const char* why() const { return why_; }

 private:
  enum class Stage {
    status,
    headers,
    counted,      // a body of `left_` bytes
    until_close,  // a body without a length
    chunk_size,
    chunk,      // `left_` bytes of one
    chunk_end,  // the line break behind it
    trailers,
    done,
    refused,
  };

  State refuse(Refusal refusal, const char* why = "");
  State status_line(std::string_view line);
  State header_line(std::string_view line);
  State head_end();
  State chunk_size_line(std::string_view line);
  State line(std::string_view line);
  State finish();
  State append(std::string_view piece);

  Limits limits_;
  bool has_body_;
  Stage stage_ = Stage::status;
  Refusal refusal_ = Refusal::none;
  const char* why_ = "";
  HttpResponse response_;
  std::string partial_;  // of a line that has not ended
  std::size_t head_bytes_ = 0;
  std::uint64_t left_ = 0;
  bool keep_ = false;    // the version or a header lets the connection be used again
  bool closes_ = false;  // a header says that it will not be
  bool chunked_ = false;
  bool has_length_ = false;
  std::uint64_t length_ = 0;
};

}  // namespace iie
