// The seam to the network: one HTTP exchange. Everything above it is tested on recorded bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/error.h"

namespace iie {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  // May carry credentials: never log them. Content-Length is the transport's.
  Headers headers;
  std::string body;
  // From the first byte sent to the last received.
  std::chrono::milliseconds total_timeout{600'000};
  // To a connected (TLS: handshaken) socket.
  std::chrono::milliseconds connect_timeout{20'000};
  // Without a byte in either direction... a reasoning model may be silent for minutes before its
  // first byte, so this is generous and the total decides.
  std::chrono::milliseconds idle_timeout{300'000};
  // From the last byte sent to the first received; zero: only the others count. A streaming
  // endpoint answers at once, so this finds one that is stuck long before the idle timeout.
  std::chrono::milliseconds first_byte_timeout{0};
  // Larger bodies are refused: a hostile endpoint must not fill the memory.
  std::size_t max_body = 64u << 20;
  // For bodies that say themselves where they end ("data: [DONE]"), whatever the connection does
  // then. Called with the body of a 2xx so far each time it has grown; true makes the response
  // complete. Null: the connection says.
  std::function<bool(std::string_view body)> body_complete = {};
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // names in lower case, in order
  std::string body;
  std::chrono::milliseconds latency{};

  // The first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Any status is a response. Errors are what kept one from arriving: transient (refused, reset,
  // timed out, DNS), bad_request (a malformed URL, an unknown scheme, TLS that does not verify),
  // corrupt (a body over max_body, endless headers), cancelled. Messages name the URL without
  // credentials or query and say what to do.
  virtual Async<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace iie
