#include "engine/governor.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <list>
#include <utility>

#include "base/secret.h"

namespace iie {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// The timers of sleeping calls, so that stop() can wake them.
struct Governor::Sleepers {
  std::list<asio::steady_timer> timers;
};

namespace {

// Output tokens booked for a call before any answer came.
constexpr double kFirstOutputTokens = 512;
constexpr double kMeanWeight = 0.05;
// Money is booked for the worst that is to be expected. A prompt may be that much longer than its
// estimate, or as much as the worst so far; an answer without a token limit may be this long, or
// twice the longest so far.
constexpr double kInputMargin = 1.5;
constexpr std::int64_t kLongAnswer = 8192;
// A call is not slow before.
constexpr milliseconds kLeastSlow{20};

// Counts a state for as long as a call is in it, however the call leaves it.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

constexpr auto nothing_more = [](Event&) {};

Error stopped() { return Error{ErrorKind::cancelled, "stopped before an answer"}; }

// An endpoint may repeat the key that it was sent. From here on texts are judged, stored, recorded
// and shown; errors were cleaned where they were made.
void keep_secrets_out(Response& response) {
  redact_in_place(response.text);
  redact_in_place(response.reasoning);
  redact_in_place(response.model);
}

Concurrency::Options concurrency_options(const GovernorOptions& options) {
  return {.initial = options.initial_concurrency, .cap = options.concurrency};
}

}  // namespace

// Costs nothing but a look where nobody observes.
template <typename Fill>
void Governor::notify(Event::Kind kind, const GenerateRequest& request, int attempt,
                      const Fill& fill) {
  if (options_.observer == nullptr) return;
  Event event;
  event.kind = kind;
  event.caller = options_.caller;
  event.model = name();
  event.sample = request.sample_id;
  event.rollout = request.rollout;
  event.attempt = attempt;
  fill(event);
  options_.observer->on(event);
}

Governor::Governor(Provider& inner, GovernorOptions options, const Clock& clock, Sleep sleep)
    : inner_(inner),
      options_(std::move(options)),
      clock_(clock),
      sleep_(std::move(sleep)),
      concurrency_(concurrency_options(options_)),
      outage_(options_.outage),
      rate_(options_.rate ? options_.rate : std::make_shared<RateLimit>()),
      limiter_(concurrency_.limit()),
      jitter_(options_.seed),
      sleepers_(std::make_unique<Sleepers>()),
      hedge_(options_.hedge.value_or(Hedge::Options{})) {
  if (options_.price && options_.price->currency == kDollars) gauge_.cost = 0;
}

Governor::~Governor() = default;

const std::string& Governor::name() const { return inner_.name(); }

Async<Result<Response>> Governor::generate(const GenerateRequest& request) {
  Attempted attempted = co_await attempt(request);
  co_return std::move(attempted.result);
}

Async<Caller::Attempted> Governor::attempt(const GenerateRequest& request) {
  const SteadyTime first = clock_.now();
  Attempted done{std::unexpected(stopped()), 0};
  SteadyTime sent = first;
  ++first_tries_;
  while (true) {
    std::optional<Limiter::Permit> permit = co_await limiter_.acquire();
    if (permit) {
      // The place is kept meanwhile: nobody else may use it either.
      const std::int64_t tokens = rate_->tokens_per_minute() ? expected_tokens(request) : 0;
      SteadyTime due = rate_->book(clock_.now(), tokens);
      if (!may_go(due)) due = co_await wait_for_turn(due, tokens);
      const Expected expected = most_of(request);
      bool affordable = true;
      if (options_.budget && !limiter_.closed()) {
        affordable = co_await reserve(expected.cost);
        if (!affordable) rate_->give_back(due, tokens);
      }
      if (!affordable || limiter_.closed()) {
        permit.reset();
      } else {
        ++done.attempts;
        if (done.attempts > 1) ++gauge_.retries;
        sent = clock_.now();
        if (options_.hedge) {
          done.result = co_await call(request, done.attempts, expected);
        } else {
          done.result = co_await send(request, done.attempts, expected);
        }
        if (done.result) {
          concurrency_.answered(no_place_left());
          set_limit();
          answered(request, *done.result, tokens);
          if (silent_.taken(sent)) rate_->room_since(sent);
          permit.reset();
          co_return done;
        }
        failed(request, done.result.error(), sent);
        permit.reset();
      }
    }
    if (limiter_.closed() && (done.attempts == 0 || done.result.error().retryable())) {
      // It was not tried, or would be tried again: left to resume.
      done.result = std::unexpected(stopped());
      co_return done;
    }
    Error& error = done.result.error();
    if (!error.retryable()) co_return done;
    milliseconds delay = error.retry_after.value_or(backoff(done.attempts));
    if (error.retry_after && delay > options_.longest_wait) {
      if (told_to_leave(request, error, sent)) {
        done.result = std::unexpected(stopped());
        co_return done;
      }
      delay = backoff(done.attempts);
    }
    if (std::string why = no_retry(done.attempts, first, delay); !why.empty()) {
      error.message += why;
      co_return done;
    }
    if (error.retry_after) {  // for everyone: also where it is asked once more, nobody else is
      rate_->hold(clock_.now() + delay);
      notify(Event::Kind::wait, request, 0, [&](Event& event) { event.delay = delay; });
    }
    notify(Event::Kind::retry, request, done.attempts, [&](Event& event) {
      event.delay = delay;
      event.error = &error;
    });
    const Counted backing_off(gauge_.backing_off);
    co_await pause(delay);
  }
}

// What a call that is under way holds of the budget, whatever becomes of it.
class Governor::Booking {
 public:
  Booking(Budget* budget, double reserved) : budget_(budget), reserved_(reserved) {}
  Booking(const Booking&) = delete;
  Booking& operator=(const Booking&) = delete;
  // Nobody said what the call cost: it may have cost all that was reserved.
  ~Booking() {
    if (budget_ != nullptr) budget_->settle_unknown(reserved_);
  }

  void settle(double actual) {
    if (Budget* budget = std::exchange(budget_, nullptr)) budget->settle(reserved_, actual);
  }

 private:
  Budget* budget_;
  double reserved_;
};

Async<bool> Governor::reserve(double amount) {
  if (co_await options_.budget->reserve(amount)) {
    if (!limiter_.closed()) co_return true;
    options_.budget->settle(amount, 0);
    co_return false;
  }
  if (options_.budget->exhausted() && !given_up_) {
    given_up_ = options_.budget->exhausted();
    notify(Event::Kind::gave_up, {}, 0, [&](Event& event) { event.error = &*given_up_; });
  }
  stop();
  co_return false;
}

// One try of a request: one call, or two where the first is slow.
Async<Result<Response>> Governor::call(const GenerateRequest& request, int attempt,
                                       Expected expected) {
  const auto slow = hedge_.begin();
  if (!slow) co_return co_await send(request, attempt, expected);
  std::function<Async<Result<Response>>()> first = [&] { return send(request, attempt, expected); };
  // Twice as long each time that there is no room for a second call.
  std::function<Async<void>(int)> wait = [&](int round) {
    return pause(std::max(*slow, kLeastSlow) * (1 << std::min(round, 10)));
  };
  std::function<std::optional<Async<Result<Response>>>()> other = [&] {
    return second(request, attempt);
  };
  co_return co_await race(std::move(first), std::move(wait), std::move(other));
}

std::optional<Async<Result<Response>>> Governor::second(const GenerateRequest& request,
                                                        int attempt) {
  if (limiter_.closed() || !limiter_.has_room()) return std::nullopt;
  const std::int64_t tokens = rate_->tokens_per_minute() ? expected_tokens(request) : 0;
  const Expected expected = most_of(request);
  const SteadyTime now = clock_.now();
  Budget* const budget = options_.budget.get();
  const SteadyTime due = rate_->book(now, tokens);
  if (due > now || (budget != nullptr && !budget->try_reserve(expected.cost))) {
    rate_->give_back(due, tokens);
    return std::nullopt;
  }
  if (!hedge_.take()) {
    if (budget != nullptr) budget->settle(expected.cost, 0);
    rate_->give_back(due, tokens);
    return std::nullopt;
  }
  ++gauge_.hedged;
  notify(Event::Kind::hedge, request, attempt, nothing_more);
  return [](Governor& self, const GenerateRequest& asked, int tried, Expected booked,
            std::optional<Limiter::Permit> permit) -> Async<Result<Response>> {
    Result<Response> result = co_await self.send(asked, tried, booked);
    permit.reset();
    co_return result;
  }(*this, request, attempt, expected, limiter_.try_acquire());
}

// Sends a call whose cost is reserved.
Async<Result<Response>> Governor::send(const GenerateRequest& request, int attempt,
                                       Expected expected) {
  Booking booking(options_.budget.get(), expected.cost);
  under_way_.add(expected, 1);
  ++gauge_.attempts;
  const SteadyTime sent = clock_.now();
  rate_->sent(sent);
  if (!gauge_.last_answer) gauge_.last_answer = sent;
  notify(Event::Kind::call_started, request, attempt, nothing_more);
  const Counted in_flight(gauge_.in_flight);
  Result<Response> result = std::unexpected(stopped());
  try {
    result = co_await inner_.generate(request);
  } catch (...) {  // called off in the middle
    under_way_.add(expected, -1);
    ++gauge_.maybe_billed;
    tell_broken_off(1, expected);
    throw;
  }
  under_way_.add(expected, -1);
  if (result) keep_secrets_out(*result);
  const SteadyTime ended = clock_.now();
  const auto latency = std::chrono::duration_cast<milliseconds>(ended - sent);
  notify(Event::Kind::call_ended, request, attempt, [&](Event& event) {
    event.latency = latency;
    if (result) event.usage = &result->usage;
    if (!result) event.error = &result.error();
  });
  if (options_.hedge && (result || result.error().kind == ErrorKind::cancelled)) {
    hedge_.observe(latency);
  }
  if (result) {
    const auto cost = options_.price ? cost_of(result->usage, *options_.price,
                                               call_time(result->answered, result->latency))
                                     : std::nullopt;
    if (gauge_.cost) gauge_.cost = cost ? std::optional(*gauge_.cost + *cost) : std::nullopt;
    if (cost) booking.settle(*cost);
  } else if (result.error().may_be_billed || result.error().kind == ErrorKind::cancelled) {
    ++gauge_.maybe_billed;
    tell_broken_off(1, expected);
  } else {
    booking.settle(0);  // it did not get there, or was refused
  }
  co_return result;
}

Governor::Expected Governor::most_of(const GenerateRequest& request) const {
  Expected most;
  if (!options_.budget && !options_.broke_off) return most;
  most.input_tokens =
      static_cast<std::int64_t>(std::ceil(static_cast<double>(estimated_tokens(request.messages)) *
                                          std::max(kInputMargin, input_ratio_)));
  most.output_tokens =
      request.params.max_tokens.value_or(std::max(kLongAnswer, 2 * most_output_tokens_));
  if (options_.budget) {
    most.cost = most_cost(most.input_tokens, most.output_tokens, *options_.price);
  }
  return most;
}

void Governor::tell_broken_off(std::int64_t calls, const Expected& expected) const {
  if (!options_.broke_off) return;
  options_.broke_off({.caller = std::string(options_.caller),
                      .model = name(),
                      .calls = calls,
                      .input_tokens = expected.input_tokens,
                      .output_tokens = expected.output_tokens});
}

// Places are counted and not calls under way: of answers that arrive together, all but the first
// find fewer under way, and calls that have a place but were not sent yet. A call that the rate
// limit holds back keeps its place, but it is not places that it lacks.
bool Governor::no_place_left() const {
  return limiter_.in_use() - std::min(limiter_.in_use(), gauge_.held_back) >= concurrency_.limit();
}

bool Governor::may_go(SteadyTime due) const {
  return !limiter_.closed() && std::max(due, rate_->held_until()) <= clock_.now();
}

// Until the endpoint's limits and pauses let a call go that is booked for `due`. On return it is
// booked for what is returned, or everything stopped.
Async<SteadyTime> Governor::wait_for_turn(SteadyTime due, std::int64_t tokens) {
  while (!limiter_.closed()) {
    const SteadyTime now = clock_.now();
    if (rate_->held_until() > std::max(due, now)) {
      // A pause began meanwhile: behind it, calls are spaced anew instead of all at once.
      rate_->give_back(due, tokens);
      due = rate_->book(now, tokens);
    }
    if (due <= now) co_return due;
    const Counted held_back(gauge_.held_back);
    co_await pause(std::chrono::ceil<milliseconds>(due - now));
  }
  rate_->give_back(due, tokens);
  co_return due;
}

std::int64_t Governor::expected_tokens(const GenerateRequest& request) const {
  double output = mean_output_tokens_ > 0 ? mean_output_tokens_ : kFirstOutputTokens;
  if (request.params.max_tokens) {
    output = std::min(output, static_cast<double>(*request.params.max_tokens));
  }
  return estimated_tokens(request.messages) + static_cast<std::int64_t>(output);
}

void Governor::answered(const GenerateRequest& request, const Response& response,
                        std::int64_t booked) {
  gauge_.last_answer = clock_.now();
  too_long_since_.reset();
  if (outage_.answered()) notify(Event::Kind::recovered, request, 0, nothing_more);
  const Usage& usage = response.usage;
  if (usage.output_tokens) {
    const auto tokens = static_cast<double>(*usage.output_tokens);
    mean_output_tokens_ = mean_output_tokens_ > 0
                              ? mean_output_tokens_ + kMeanWeight * (tokens - mean_output_tokens_)
                              : tokens;
    most_output_tokens_ =
        std::max(most_output_tokens_, std::min(*usage.output_tokens, std::int64_t{1} << 40));
  }
  if ((options_.budget || options_.broke_off) && usage.input_tokens) {
    const auto estimate = static_cast<double>(estimated_tokens(request.messages));
    if (estimate > 0) {
      input_ratio_ = std::max(input_ratio_, static_cast<double>(*usage.input_tokens) / estimate);
    }
  }
  if (booked > 0 && usage.input_tokens && usage.output_tokens) {
    rate_->settle(booked, *usage.input_tokens + *usage.output_tokens);
  }
  if (response.limits) rate_->learn(*response.limits, clock_.now());
}

void Governor::failed(const GenerateRequest& request, const Error& error, SteadyTime sent) {
  const SteadyTime now = clock_.now();
  if (!error.retryable()) {  // a refusal is an answer, too
    if (error.kind != ErrorKind::cancelled) {
      gauge_.last_answer = now;
      if (outage_.answered()) notify(Event::Kind::recovered, request, 0, nothing_more);
    }
    return;
  }
  if (error.kind == ErrorKind::rate_limited) {
    ++gauge_.throttled;
    gauge_.last_answer = now;
    if (outage_.answered()) notify(Event::Kind::recovered, request, 0, nothing_more);
    if (!error.retry_after) {
      refused_silently(request, error, sent);
      return;
    }
    // Calls that came too fast say nothing about how many may be under way at once, unless all
    // places were taken, too; and what one more than was served before is refused for is known.
    const bool full = gauge_.in_flight + 1 >= concurrency_.limit();
    const bool too_fast =
        !(full && concurrency_.tries_one_more()) && rate_->refused(sent, now, *error.retry_after);
    if ((!too_fast || full) && concurrency_.refused(sent, now, gauge_.in_flight)) set_limit();
    return;
  }
  if (concurrency_.broke(sent, now)) set_limit();
  const Outage::Failure failure = outage_.failed(sent, now);
  if (!failure.pause_until) return;
  rate_->hold(*failure.pause_until);
  concurrency_.collapse(now);
  set_limit();
  notify(Event::Kind::outage, request, 0, [&](Event& event) {
    event.delay = std::chrono::duration_cast<milliseconds>(*failure.pause_until - now);
    event.error = &error;
  });
  if (!failure.give_up || given_up_) return;
  Error why = error;
  why.message =
      fmt::format("no answer for {} s, {} calls failed in a row; the last: {}",
                  std::chrono::duration_cast<std::chrono::seconds>(now - *outage_.since()).count(),
                  outage_.failures_in_a_row(), error.message);
  give_up(request, std::move(why));
}

void Governor::refused_silently(const GenerateRequest& request, const Error& error,
                                SteadyTime sent) {
  const SteadyTime now = clock_.now();
  rate_->refused(sent);
  const bool full = gauge_.in_flight + 1 >= concurrency_.limit();
  const bool paced = rate_->paced() && !full;
  const SilentLimit::Refusal refusal = silent_.refused(sent, now, paced);
  if (!refusal.pause_until) {
    if (!silent_.ongoing() && concurrency_.refused(sent, now, gauge_.in_flight)) set_limit();
    return;
  }
  rate_->hold(*refusal.pause_until);
  if (refusal.began && !paced) {
    concurrency_.collapse(now);
    set_limit();
  }
  notify(Event::Kind::wait, request, 0, [&](Event& event) {
    event.delay = std::chrono::duration_cast<milliseconds>(*refusal.pause_until - now);
  });
  if (!refusal.give_up || given_up_) return;
  Error why = error;
  why.message = fmt::format("it has refused every call for minutes; the last: {}", error.message);
  give_up(request, std::move(why));
}

void Governor::give_up(const GenerateRequest& request, Error error) {
  error.retry_after.reset();
  given_up_ = std::move(error);
  notify(Event::Kind::gave_up, request, 0, [&](Event& event) { event.error = &*given_up_; });
  stop();
}

bool Governor::told_to_leave(const GenerateRequest& request, const Error& error, SteadyTime sent) {
  if (!too_long_since_) {
    too_long_since_ = clock_.now();
    return false;
  }
  // Calls that were under way when it was first said were told the same; that is no second time.
  if (sent <= *too_long_since_) return false;
  if (given_up_) return true;
  Error why = error;
  why.message = fmt::format(
      "{} (it asks to wait {} min, until {}: longer than this run waits)", error.message,
      std::chrono::ceil<std::chrono::minutes>(*error.retry_after).count(),
      to_iso8601(std::chrono::floor<std::chrono::seconds>(clock_.wall() + *error.retry_after)));
  give_up(request, std::move(why));
  return true;
}

std::string Governor::no_retry(int attempts, SteadyTime first, milliseconds delay) const {
  if (attempts >= options_.max_attempts || clock_.now() + delay > first + options_.max_elapsed) {
    return fmt::format(" (gave up after {} attempt{})", attempts, attempts == 1 ? "" : "s");
  }
  const double budget = static_cast<double>(options_.free_retries) +
                        options_.retry_share * static_cast<double>(first_tries_);
  if (static_cast<double>(gauge_.retries) >= budget) {
    return fmt::format(" (not tried again: {} retries for {} calls are enough)", gauge_.retries,
                       first_tries_);
  }
  return "";
}

void Governor::set_limit() {
  const std::size_t limit = concurrency_.limit();
  if (limit == limiter_.capacity()) return;
  limiter_.set_capacity(limit);
  if (options_.observer == nullptr) return;
  Event event;
  event.kind = Event::Kind::limit;
  event.caller = options_.caller;
  event.model = name();
  event.limit = limit;
  options_.observer->on(event);
}

void Governor::stop() {
  limiter_.close();
  if (options_.budget) options_.budget->close();
  for (asio::steady_timer& timer : sleepers_->timers) timer.cancel();
}

void Governor::abandon() {
  if (gauge_.in_flight > 0) {
    tell_broken_off(static_cast<std::int64_t>(gauge_.in_flight), under_way_);
  }
}

CallerGauge Governor::gauge() const {
  CallerGauge gauge = gauge_;
  gauge.waiting = limiter_.waiting();
  gauge.limit = limiter_.capacity();
  if (outage_.ongoing()) gauge.outage_since = outage_.since();
  if (rate_->held_until() > clock_.now()) gauge.held_until = rate_->held_until();
  return gauge;
}

Async<void> Governor::pause(milliseconds duration) {
  if (sleep_) {
    co_await sleep_(duration);
    co_return;
  }
  auto& timers = sleepers_->timers;
  const auto timer = timers.emplace(timers.end(), co_await asio::this_coro::executor, duration);
  boost::system::error_code woken_early;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken_early));
  timers.erase(timer);
}

milliseconds Governor::backoff(int attempt) {
  const int doublings = std::min(attempt - 1, 20);
  const milliseconds ceiling =
      std::min(options_.backoff_cap, options_.first_backoff * (std::int64_t{1} << doublings));
  return milliseconds(
      static_cast<std::int64_t>(jitter_.uniform() * static_cast<double>(ceiling.count())));
}

}  // namespace iie
