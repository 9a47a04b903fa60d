#include "net/deadlines.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

namespace iie {
namespace {

class WithDeadlines final : public Transport {
 public:
  WithDeadlines(std::unique_ptr<Transport> inner, Deadlines deadlines)
      : inner_(std::move(inner)), deadlines_(deadlines) {
    deadlines_.connect = std::min(deadlines_.connect, deadlines_.total);
    deadlines_.idle = std::min(deadlines_.idle, deadlines_.total);
  }

  // No coroutine of its own: the inner one's is all there is to await.
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    request.total_timeout = deadlines_.total;
    request.connect_timeout = deadlines_.connect;
    request.idle_timeout = deadlines_.idle;
    request.first_byte_timeout =
        std::min(deadlines_.first_byte.value_or(request.first_byte_timeout), deadlines_.total);
    return inner_->send(std::move(request));
  }

 private:
  std::unique_ptr<Transport> inner_;
  Deadlines deadlines_;
};

}  // namespace

std::unique_ptr<Transport> with_deadlines(std::unique_ptr<Transport> inner, Deadlines deadlines) {
  return std::make_unique<WithDeadlines>(std::move(inner), deadlines);
}

}  // namespace iie
