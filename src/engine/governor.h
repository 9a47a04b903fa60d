// A Provider made polite and stubborn: as many calls at once as the endpoint takes
// (engine/concurrency.h), no faster than its rate limits allow (engine/rate_limit.h), bounded
// retries with jitter, Retry-After obeyed by every call to the endpoint, and an end to it where the
// endpoint is down (engine/outage.h).
//
// The candidate and the judges have a governor each, so neither waits for the other's places. A
// call that sleeps before its next attempt holds no place. One thread (the event loop's).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/async.h"
#include "base/clock.h"
#include "base/rng.h"
#include "core/broken_off.h"
#include "core/price.h"
#include "engine/budget.h"
#include "engine/caller.h"
#include "engine/concurrency.h"
#include "engine/hedge.h"
#include "engine/limiter.h"
#include "engine/observer.h"
#include "engine/outage.h"
#include "engine/rate_limit.h"
#include "engine/silent_limit.h"

namespace iie {

struct GovernorOptions {
  // Calls under way at once at most; how many it takes up to there is found out.
  std::size_t concurrency = 256;
  std::size_t initial_concurrency = 32;
  // Tries of one call, the first included. Five spans about half a minute of backoff: longer
  // outages are ridden out by pausing everything, or left to `resume`.
  int max_attempts = 5;
  // No further try starts later than this after the first.
  std::chrono::milliseconds max_elapsed = std::chrono::minutes(30);
  // Retries of the whole run: so many, and as many more as there were first tries times `share`.
  // An endpoint that needs more is broken.
  std::int64_t free_retries = 100;
  double retry_share = 1.0;
  // Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015):
  // uniform in [0, min(cap, first * 2^(attempt-1))].
  std::chrono::milliseconds first_backoff{1'000};
  std::chrono::milliseconds backoff_cap{30'000};
  // An endpoint that asks for a longer wait (Retry-After), and for one again when it is asked once
  // more, is given up: a daily quota is used up, and the run can be resumed when it is not.
  std::chrono::milliseconds longest_wait = std::chrono::minutes(30);
  Outage::Options outage = {};
  // Seed of the jitter.
  std::uint64_t seed = 1;
  // Shared where two governors use one endpoint and credential; null: its own, learnt.
  std::shared_ptr<RateLimit> rate = nullptr;
  // Of the model's tokens; absent: unknown.
  std::optional<Price> price = std::nullopt;
  // Shared by a run's governors; null: spend what it takes. Needs `price`.
  std::shared_ptr<Budget> budget = nullptr;
  // A slow call gets a second one beside it, where places, rate limit and budget have room for one
  // at once; the first answer counts.
  std::optional<Hedge::Options> hedge = std::nullopt;
  // For events: "candidate" or "judge".
  std::string_view caller = "candidate";
  Observer* observer = nullptr;  // may be null
  // Told at once of each call that may be billed and brought no answer; may be empty.
  std::function<void(const BrokenOff&)> broke_off = nullptr;
};

class Governor final : public Caller {
 public:
  // Sleeps, waking early when stop() is called; injected so that tests do not wait.
  using Sleep = std::function<Async<void>(std::chrono::milliseconds)>;

  // `inner` and `clock` must outlive it. Without `sleep`, real time passes.
  Governor(Provider& inner, GovernorOptions options, const Clock& clock, Sleep sleep = {});
  ~Governor() override;

  const std::string& name() const override;
  Async<Result<Response>> generate(const GenerateRequest& request) override;
  Async<Attempted> attempt(const GenerateRequest& request) override;
  void stop() override;
  void abandon() override;
  CallerGauge gauge() const override;
  std::optional<Error> given_up() const override { return given_up_; }

 private:
  struct Sleepers;
  class Booking;
  // The most that is expected of a call, and what the budget reserves for it.
  struct Expected {
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    double cost = 0;  // where there is a budget

    void add(const Expected& other, std::int64_t times) {
      input_tokens += times * other.input_tokens;
      output_tokens += times * other.output_tokens;
    }
  };

  Async<Result<Response>> call(const GenerateRequest& request, int attempt, Expected expected);
  Async<Result<Response>> send(const GenerateRequest& request, int attempt, Expected expected);
  // A second call beside one that is slow, where there is room for it.
  std::optional<Async<Result<Response>>> second(const GenerateRequest& request, int attempt);
  // Room for one more call in the budget; false where there never will be.
  Async<bool> reserve(double amount);
  // Nothing where nobody asks for it.
  Expected most_of(const GenerateRequest& request) const;
  void tell_broken_off(std::int64_t calls, const Expected& expected) const;
  Async<void> pause(std::chrono::milliseconds duration);
  // Whether the limit is what holds calls back at this moment.
  bool no_place_left() const;
  bool may_go(SteadyTime due) const;
  Async<SteadyTime> wait_for_turn(SteadyTime due, std::int64_t tokens);
  std::chrono::milliseconds backoff(int attempt);
  std::int64_t expected_tokens(const GenerateRequest& request) const;
  void answered(const GenerateRequest& request, const Response& response, std::int64_t booked);
  void failed(const GenerateRequest& request, const Error& error, SteadyTime sent);
  // Whether a call that was sent at `sent` and told to wait too long ends everything; false where
  // the endpoint is to be asked once more.
  bool told_to_leave(const GenerateRequest& request, const Error& error, SteadyTime sent);
  void give_up(const GenerateRequest& request, Error error);
  // A refusal that does not say how long to wait.
  void refused_silently(const GenerateRequest& request, const Error& error, SteadyTime sent);
  // Why a failed call is not tried again, and empty where it is, after `delay`.
  std::string no_retry(int attempts, SteadyTime first, std::chrono::milliseconds delay) const;
  template <typename Fill>
  void notify(Event::Kind kind, const GenerateRequest& request, int attempt, const Fill& fill);
  void set_limit();

  Provider& inner_;
  GovernorOptions options_;
  const Clock& clock_;
  Sleep sleep_;
  Concurrency concurrency_;
  Outage outage_;
  SilentLimit silent_;
  std::shared_ptr<RateLimit> rate_;
  Limiter limiter_;
  Rng jitter_;
  std::unique_ptr<Sleepers> sleepers_;
  CallerGauge gauge_;
  Expected under_way_;  // of all calls that were sent and have not ended
  std::uint64_t first_tries_ = 0;
  // Of answers so far, for booking tokens and money before they are known: the mean, the most, and
  // how far the estimate of a prompt's tokens fell short at worst.
  double mean_output_tokens_ = 0;
  std::int64_t most_output_tokens_ = 0;
  double input_ratio_ = 1;
  Hedge hedge_;
  std::optional<Error> given_up_;
  // When the endpoint asked for a wait that is too long; absent: it has answered since.
  std::optional<SteadyTime> too_long_since_;
};

}  // namespace iie
