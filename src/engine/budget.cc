#include "engine/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace iie {

namespace asio = boost::asio;

bool Budget::try_reserve(double amount) {
  if (closed_ || !waiters_.empty() || !fits(amount)) return false;
  reserved_ += amount;
  ++under_way_;
  return true;
}

Async<bool> Budget::reserve(double amount) {
  if (try_reserve(amount)) co_return true;
  if (closed_) co_return false;
  if (under_way_ == 0) {
    exhaust(amount);
    co_return false;
  }
  const auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      [this, executor, amount](auto handler) {
        waiters_.push_back({amount, [executor, handler = std::move(handler)](bool granted) mutable {
                              asio::post(executor,
                                         [handler = std::move(handler), granted]() mutable {
                                           std::move(handler)(granted);
                                         });
                            }});
      },
      asio::use_awaitable);
}

void Budget::settle(double reserved, double actual) {
  --under_way_;
  // Nothing under way reserves nothing, whatever rounding left.
  reserved_ = under_way_ == 0 ? 0 : std::max(0.0, reserved_ - reserved);
  spent_ += actual;
  wake();
}

void Budget::settle_unknown(double reserved) {
  estimated_ += reserved;
  settle(reserved, reserved);
}

void Budget::wake() {
  while (!waiters_.empty() && fits(waiters_.front().amount)) {
    Waiter waiter = std::move(waiters_.front());
    waiters_.pop_front();
    reserved_ += waiter.amount;
    ++under_way_;
    waiter.resume(true);
  }
  if (!waiters_.empty() && under_way_ == 0) exhaust(waiters_.front().amount);
}

void Budget::exhaust(double next) {
  exhausted_ =
      Error{ErrorKind::cancelled,
            fmt::format(
                "--max-cost {:g} is used up: {:.4f} is spent{}, and the next call could cost "
                "{:.4f}",
                limit_, spent_,
                estimated_ > 0
                    ? fmt::format(
                          " ({:.4f} of it estimated, for calls that broke off or report no usage)",
                          estimated_)
                    : "",
                next)};
  close();
}

void Budget::close() {
  closed_ = true;
  for (Waiter& waiter : std::exchange(waiters_, {})) waiter.resume(false);
}

}  // namespace iie
