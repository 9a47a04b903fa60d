// A world without real time: a clock that jumps from one event to the next, and an endpoint with
// latencies and limits of its own. A run of hours takes milliseconds and is the same every time.
#pragma once

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rng.h"
#include "provider/provider.h"

namespace iie {

// Everything that waits does so through sleep(); run() ends when nothing waits any more.
class VirtualTime final : public Clock {
 public:
  SteadyTime now() const override { return now_; }
  WallTime wall() const override {
    return WallTime(std::chrono::milliseconds(1'700'000'000'000)) +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_ - SteadyTime{});
  }

  Async<void> sleep(std::chrono::nanoseconds duration) {
    namespace asio = boost::asio;
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        [this, duration](auto handler) {
          events_.emplace(now_ + std::chrono::duration_cast<SteadyTime::duration>(duration),
                          std::move(handler));
        },
        asio::use_awaitable);
  }

  // The same, ended early by cancelling the coroutine that awaits it; false where it was.
  Async<bool> sleep_or_cancel(std::chrono::nanoseconds duration) {
    namespace asio = boost::asio;
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this, duration](auto handler) {
          const auto slot = asio::get_associated_cancellation_slot(handler);
          auto waiting = std::make_shared<std::move_only_function<void(bool)>>(std::move(handler));
          const auto end = [waiting](bool whole) {
            if (auto resume = std::exchange(*waiting, nullptr)) resume(whole);
          };
          const auto event =
              events_.emplace(now_ + std::chrono::duration_cast<SteadyTime::duration>(duration),
                              [end] { end(true); });
          if (!slot.is_connected()) return;
          asio::cancellation_slot(slot).assign(
              [this, end, waiting, event](asio::cancellation_type) {
                if (!*waiting) return;  // it ended by itself
                // A coroutine is resumed from the event loop, not from inside who cancels it.
                events_.erase(event);
                events_.emplace(now_, [end] { end(false); });
              });
        },
        asio::use_awaitable);
  }
  Async<void> sleep_cancellable(std::chrono::nanoseconds duration) {
    (void)co_await sleep_or_cancel(duration);
  }

  void run(boost::asio::io_context& loop) {
    while (true) {
      loop.restart();
      loop.poll();
      if (events_.empty()) return;
      auto first = events_.begin();
      now_ = std::max(now_, first->first);
      auto resume = std::move(first->second);
      events_.erase(first);
      resume();
    }
  }

 private:
  SteadyTime now_ = SteadyTime{} + std::chrono::hours(1);
  std::multimap<SteadyTime, std::move_only_function<void()>> events_;
};

struct SimulatedLimits {
  // How requests are counted: those of the last 60 s, those of the clock's minute, or as tokens of
  // a bucket that holds a minute's worth and fills evenly.
  enum class Window : std::uint8_t { sliding, fixed, bucket };

  // 0: none.
  std::int64_t requests_per_minute = 0;
  std::int64_t tokens_per_minute = 0;
  // More calls at once than this are refused; 0: any number.
  int concurrency = 0;
  Window window = Window::sliding;
  // Where it is not a minute, the limits are of so long a window all the same.
  std::chrono::milliseconds window_length = std::chrono::minutes(1);
  bool says_retry_after = true;
  // As most endpoints say it; also with refusals for being too many at once, which then say 1 s.
  bool whole_seconds = false;
  bool says_limits = true;  // rate-limit headers
  // Lognormal latency. Of the variance of its logarithm, so much is the sample's and the same for
  // all its rollouts: their intra-class correlation.
  double median_seconds = 2;
  double sigma = 0.6;
  double sample_share = 0;
  std::int64_t tokens_per_call = 600;
};

class SimulatedEndpoint final : public Provider {
 public:
  SimulatedEndpoint(VirtualTime& time, SimulatedLimits limits, std::uint64_t seed,
                    std::string name = "simulated:model")
      : time_(time), limits_(limits), seed_(seed), rng_(seed), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }

  // Of a rollout, in seconds: the same in whatever order they are asked for.
  double latency(std::string_view sample, int rollout) const {
    const std::uint64_t of_sample = seed_ ^ fnv1a(sample);
    Rng shared(of_sample);
    Rng own(of_sample * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(rollout) + 1);
    const double z = std::sqrt(limits_.sample_share) * normal(shared) +
                     std::sqrt(1 - limits_.sample_share) * normal(own);
    return limits_.median_seconds * std::exp(limits_.sigma * z);
  }

  Async<Result<Response>> generate(const GenerateRequest& request) override {
    using namespace std::chrono_literals;
    const SteadyTime now = time_.now();
    ++calls;
    const SteadyTime free = rate_free_at(now);
    const bool too_many = limits_.concurrency > 0 && in_flight >= limits_.concurrency;
    if (too_many || free > now) {
      ++rejected;
      rejected_at.push_back(now);
      Error error{ErrorKind::rate_limited, "429 from the simulated endpoint"};
      error.http_status = 429;
      if (limits_.says_retry_after && free > now) {
        error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(free - now);
      }
      if (limits_.whole_seconds) {
        error.retry_after = std::chrono::ceil<std::chrono::seconds>(
            std::max<std::chrono::nanoseconds>(free - now, 1s));
      }
      co_await time_.sleep(30ms);
      co_return std::unexpected(error);
    }
    take(now);
    account(now);
    last_call = now;
    call_seconds_at_last_call = call_seconds;
    ++in_flight;
    const std::chrono::duration<double> took(
        request.sample_id.empty() ? limits_.median_seconds * std::exp(limits_.sigma * normal(rng_))
                                  : latency(request.sample_id, request.rollout));
    longest = std::max(longest, took);
    busy_seconds += took.count();
    co_await time_.sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(took));
    account(time_.now());
    --in_flight;
    last_answer = time_.now();
    ++answered;
    Response response;
    response.text = "an answer";
    response.finish = FinishReason::stop;
    response.usage = {.input_tokens = limits_.tokens_per_call / 3,
                      .output_tokens = limits_.tokens_per_call - limits_.tokens_per_call / 3};
    // Without a limit of tokens they are what takes the time.
    if (limits_.tokens_per_minute == 0 && !request.sample_id.empty()) {
      response.usage.output_tokens = std::llround(kTokensPerSecond * took.count());
    }
    if (limits_.says_limits && (limits_.requests_per_minute > 0 || limits_.tokens_per_minute > 0)) {
      auto said = std::make_shared<RateLimits>();
      if (limits_.requests_per_minute > 0) said->requests.limit = limits_.requests_per_minute;
      if (limits_.tokens_per_minute > 0) said->tokens.limit = limits_.tokens_per_minute;
      response.limits = std::move(said);
    }
    co_return response;
  }

  std::int64_t calls = 0;
  std::int64_t answered = 0;
  std::int64_t rejected = 0;
  std::deque<SteadyTime> rejected_at;
  int in_flight = 0;
  SteadyTime last_answer{};
  std::chrono::duration<double> longest{};
  double busy_seconds = 0;  // the sum of all latencies
  double call_seconds = 0;  // calls in flight, integrated over time
  SteadyTime last_call{};
  double call_seconds_at_last_call = 0;

 private:
  // When the rate limits take one more call: `now`, or later.
  SteadyTime rate_free_at(SteadyTime now) {
    const std::int64_t most = calls_per_window();
    if (most == 0) return now;
    const SteadyTime::duration length = limits_.window_length;
    if (limits_.window == SimulatedLimits::Window::bucket) {
      bucket_full_ = std::max(bucket_full_, now);
      return std::max(now, bucket_full_ - (most - 1) * (length / most));
    }
    // The clock's minutes begin in the middle of the run's.
    const SteadyTime begin = limits_.window == SimulatedLimits::Window::fixed
                                 ? now - (now.time_since_epoch() + length / 2) % length
                                 : now - length + std::chrono::nanoseconds(1);
    while (!window_.empty() && window_.front() < begin) window_.pop_front();
    if (static_cast<std::int64_t>(window_.size()) < most) return now;
    return (limits_.window == SimulatedLimits::Window::fixed ? begin : window_.front()) + length;
  }
  void take(SteadyTime now) {
    const std::int64_t most = calls_per_window();
    if (most == 0) return;
    if (limits_.window == SimulatedLimits::Window::bucket) {
      bucket_full_ += limits_.window_length / most;
    } else {
      window_.push_back(now);
    }
  }
  // 0: any number.
  std::int64_t calls_per_window() const {
    std::int64_t most = limits_.requests_per_minute;
    if (limits_.tokens_per_minute > 0) {
      const std::int64_t calls = limits_.tokens_per_minute / limits_.tokens_per_call;
      most = most > 0 ? std::min(most, calls) : calls;
    }
    return most;
  }
  void account(SteadyTime now) {
    call_seconds += in_flight * std::chrono::duration<double>(now - accounted_).count();
    accounted_ = now;
  }
  static double normal(Rng& rng) {  // Box-Muller
    const double u = 1 - rng.uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * rng.uniform());
  }

  static constexpr double kTokensPerSecond = 100;

  VirtualTime& time_;
  SimulatedLimits limits_;
  std::uint64_t seed_;
  Rng rng_;
  std::string name_;
  std::deque<SteadyTime> window_;
  SteadyTime bucket_full_{};  // were nothing more taken from it
  SteadyTime accounted_{};
};

}  // namespace iie
