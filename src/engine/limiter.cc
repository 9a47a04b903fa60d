#include "engine/limiter.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace iie {

namespace asio = boost::asio;

Limiter::Permit::Permit(Permit&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)) {}

Limiter::Permit& Limiter::Permit::operator=(Permit&& other) noexcept {
  std::swap(limiter_, other.limiter_);
  return *this;
}

Limiter::Permit::~Permit() {
  if (limiter_ != nullptr) limiter_->release();
}

std::optional<Limiter::Permit> Limiter::try_acquire() {
  if (!has_room()) return std::nullopt;
  ++in_use_;
  return Permit(this);
}

Async<std::optional<Limiter::Permit>> Limiter::acquire() {
  if (auto free = try_acquire()) co_return std::move(free);
  if (closed_) co_return std::nullopt;
  const auto executor = co_await asio::this_coro::executor;
  const bool granted = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      [this, executor](auto handler) {
        waiters_.emplace_back([executor, handler = std::move(handler)](bool given) mutable {
          asio::post(executor, [handler = std::move(handler), given]() mutable {
            std::move(handler)(given);
          });
        });
      },
      asio::use_awaitable);
  if (!granted) co_return std::nullopt;
  co_return Permit(this);
}

void Limiter::close() {
  closed_ = true;
  for (auto& resume : std::exchange(waiters_, {})) resume(false);
}

void Limiter::set_capacity(std::size_t capacity) {
  capacity_ = capacity;
  while (!waiters_.empty() && in_use_ < capacity_) {
    ++in_use_;
    auto resume = std::move(waiters_.front());
    waiters_.pop_front();
    resume(true);
  }
}

void Limiter::release() {
  if (waiters_.empty() || in_use_ > capacity_) {
    --in_use_;
    return;
  }
  auto resume = std::move(waiters_.front());
  waiters_.pop_front();
  resume(true);  // the unit changes hands: in_use_ stays
}

}  // namespace iie
