// What the tests of transports share: a client on an event loop of its own, and shorthand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/curl_transport.h"
#include "net/http_transport.h"

namespace iie::test {

// The proxies of whoever runs the tests must not stand between client and server.
class NoProxies : public testing::Environment {
 public:
  void SetUp() override {
    for (const char* name :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
      unsetenv(name);
    }
  }
};

inline HttpRequest post(std::string url, std::string body = "{}") {
  return {.url = std::move(url),
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body)};
}

inline Async<void> send_one(Transport& transport, HttpRequest request,
                            std::optional<Result<HttpResponse>>& out) {
  out = co_await transport.send(std::move(request));
}

// How a client sends: by libcurl whatever the URL, or as the program does, which is by the plain
// transport wherever that can.
enum class By { curl, choice };

// A context and a transport on it; run() gives the results in the requests' order.
struct Client {
  explicit Client(By by, HttpTransportOptions options = {})
      : transport(by == By::choice
                      ? make_http_transport(context.get_executor(), std::move(options))
                      : make_curl_transport(context.get_executor(),
                                            {.max_transfers = options.max_transfers,
                                             .transfers_per_handle = 16,
                                             .ca_file = options.ca_file,
                                             .max_header_bytes = options.max_header_bytes})) {}

  std::vector<Result<HttpResponse>> run(std::vector<HttpRequest> requests) {
    std::vector<std::optional<Result<HttpResponse>>> results(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      boost::asio::co_spawn(context, send_one(*transport, std::move(requests[i]), results[i]),
                            boost::asio::detached);
    }
    context.restart();
    context.run();
    std::vector<Result<HttpResponse>> out;
    for (auto& result : results) {
      out.push_back(result ? std::move(*result) : fail(ErrorKind::bug, "never completed"));
    }
    return out;
  }
  Result<HttpResponse> run(HttpRequest request) {
    std::vector<HttpRequest> one;
    one.push_back(std::move(request));
    return std::move(run(std::move(one)).front());
  }

  boost::asio::io_context context{1};
  std::unique_ptr<Transport> transport;
};

struct Failure {
  ErrorKind kind;
  std::string message;
};

inline Failure failure_of(const Result<HttpResponse>& reply) {
  if (reply) return {ErrorKind::bug, "a response: " + std::to_string(reply->status)};
  return {reply.error().kind, reply.error().message};
}

inline std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace iie::test
