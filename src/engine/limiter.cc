#include "engine/limiter.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
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

// No coroutine: whoever waits needs the one frame that async_initiate makes, and nobody else any.
Async<std::optional<Limiter::Permit>> Limiter::acquire() {
  if (has_room() || closed_) return acquire_at_once();
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::optional<Permit>)>(
      [this](auto handler) {
        const asio::any_io_executor executor = asio::get_associated_executor(handler);
        waiters_.emplace_back([this, executor, handler = std::move(handler)](bool given) mutable {
          asio::post(executor, [this, handler = std::move(handler), given]() mutable {
            std::move(handler)(given ? std::optional(Permit(this)) : std::nullopt);
          });
        });
      },
      asio::use_awaitable);
}

Async<std::optional<Limiter::Permit>> Limiter::acquire_at_once() { co_return try_acquire(); }

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
