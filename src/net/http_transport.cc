#include "net/http_transport.h"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "net/curl_transport.h"
#include "net/file_limit.h"
#include "net/plain_transport.h"
#include "net/proxy.h"

namespace iie {
namespace {

class HttpTransport final : public Transport {
 public:
  HttpTransport(boost::asio::any_io_executor executor, HttpTransportOptions options)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        proxies_(environment_names_proxy()) {}

  Async<Result<HttpResponse>> send(HttpRequest request) override {
    Transport& transport = goes_plain(request.url) ? plain() : curl();
    return transport.send(std::move(request));
  }

 private:
  // A run asks the same URL over and over.
  bool goes_plain(const std::string& url) {
    if (proxies_) return false;
    if (url != last_url_) {
      last_url_ = url;
      last_is_plain_ = is_plain_url(url);
    }
    return last_is_plain_;
  }

  Transport& plain() {
    if (!plain_) {
      const std::size_t allowed = transfers_allowed();
      plain_ = make_plain_transport(
          executor_,
          {.max_transfers =
               options_.max_transfers == 0 ? allowed : std::min(options_.max_transfers, allowed),
           .max_header_bytes = options_.max_header_bytes});
    }
    return *plain_;
  }

  Transport& curl() {
    if (!curl_) {
      curl_ = make_curl_transport(executor_, {.max_transfers = options_.max_transfers,
                                              .ca_file = options_.ca_file,
                                              .max_header_bytes = options_.max_header_bytes});
    }
    return *curl_;
  }

  const boost::asio::any_io_executor executor_;
  const HttpTransportOptions options_;
  const bool proxies_;
  std::string last_url_;
  bool last_is_plain_ = false;
  std::unique_ptr<Transport> plain_;
  std::unique_ptr<Transport> curl_;
};

}  // namespace

std::unique_ptr<Transport> make_http_transport(const boost::asio::any_io_executor& executor,
                                               HttpTransportOptions options) {
  return std::make_unique<HttpTransport>(executor, std::move(options));
}

}  // namespace iie
