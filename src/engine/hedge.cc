#include "engine/hedge.h"

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <exception>
#include <utility>

namespace iie {

namespace asio = boost::asio;

namespace {

// Enough for a quantile, few enough to follow an endpoint whose latency changes.
constexpr std::size_t kRemembered = 256;

// What the handlers of one race share; lives in race()'s frame, which waits for all of them.
struct Race {
  asio::any_io_executor executor;
  std::array<asio::cancellation_signal, 2> cancel_call = {};
  asio::cancellation_signal cancel_pause = {};
  std::array<bool, 2> running = {};
  bool pausing = false;
  bool decided = false;
  std::optional<Result<Response>> result = {};
  std::move_only_function<void()> resume = {};

  bool over() const { return !running[0] && !running[1] && !pausing; }
  void resume_if_over() {
    if (over() && resume) std::exchange(resume, {})();
  }

  void ended(std::size_t call, Result<Response> outcome) {
    running[call] = false;
    const std::size_t other = 1 - call;
    if (!decided) {
      const bool answered = outcome.has_value();
      if (answered || !result || call == 0) result = std::move(outcome);
      if (answered || !running[other]) {
        decided = true;
        if (pausing) cancel_pause.emit(asio::cancellation_type::terminal);
        if (running[other]) cancel_call[other].emit(asio::cancellation_type::terminal);
      }
    }
    resume_if_over();
  }

  void start(std::size_t call, Async<Result<Response>> task) {
    running[call] = true;
    asio::co_spawn(executor, std::move(task),
                   asio::bind_cancellation_slot(
                       cancel_call[call].slot(),
                       [this, call](std::exception_ptr thrown, Result<Response> outcome) {
                         ended(call, thrown ? fail(ErrorKind::cancelled, "the call was called off")
                                            : std::move(outcome));
                       }));
  }
};

// Starts the second call once the first is slow and there is room.
Async<void> watch(Race& race, const std::function<Async<void>(int)>& pause,
                  const std::function<std::optional<Async<Result<Response>>>()>& second) {
  for (int round = 0; !race.decided; ++round) {
    co_await pause(round);
    if (race.decided) co_return;
    if (auto call = second()) {
      race.start(1, *std::move(call));
      co_return;
    }
  }
}

}  // namespace

void Hedge::observe(std::chrono::milliseconds latency) {
  if (latest_.size() < kRemembered) {
    latest_.push_back(latency);
    return;
  }
  latest_[next_] = latency;
  next_ = (next_ + 1) % kRemembered;
}

std::optional<std::chrono::milliseconds> Hedge::begin() {
  ++calls_;
  if (latest_.size() < std::max<std::size_t>(options_.warm_up, 1)) return std::nullopt;
  std::vector<std::chrono::milliseconds> sorted = latest_;
  const auto rank = std::min(
      sorted.size() - 1,
      static_cast<std::size_t>(std::ceil(options_.quantile * static_cast<double>(sorted.size()))));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
  std::ranges::nth_element(sorted, at);
  return *at;
}

bool Hedge::take() {
  if (static_cast<double>(doubled_ + 1) > options_.share * static_cast<double>(calls_)) {
    return false;
  }
  ++doubled_;
  return true;
}

Async<Result<Response>> race(std::function<Async<Result<Response>>()> first,
                             std::function<Async<void>(int round)> pause,
                             std::function<std::optional<Async<Result<Response>>>()> second) {
  Race race{co_await asio::this_coro::executor};
  race.start(0, first());
  race.pausing = true;
  asio::co_spawn(race.executor, watch(race, pause, second),
                 asio::bind_cancellation_slot(race.cancel_pause.slot(), [&](std::exception_ptr) {
                   race.pausing = false;
                   race.resume_if_over();
                 }));
  if (!race.over()) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [&race](auto handler) {
          race.resume = [executor = race.executor, handler = std::move(handler)]() mutable {
            asio::post(executor, std::move(handler));
          };
        },
        asio::use_awaitable);
  }
  co_return *std::move(race.result);
}

}  // namespace iie
