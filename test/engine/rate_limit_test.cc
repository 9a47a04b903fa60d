#include "engine/rate_limit.h"

#include <gtest/gtest.h>

#include <deque>

namespace iie {
namespace {

using namespace std::chrono_literals;

SteadyTime at(std::chrono::milliseconds since) { return SteadyTime{} + 1h + since; }

// Sends as fast as it may for `span` and returns the most requests that any 60 s window held.
int densest_window(RateLimit& rate, std::chrono::seconds span, std::int64_t tokens, int& sent) {
  SteadyTime now = at(0ms);
  std::deque<SteadyTime> window;
  std::size_t densest = 0;
  sent = 0;
  while (now < at(span)) {
    const SteadyTime due = rate.book(now, tokens);
    now = std::max(now, due);
    window.push_back(now);
    ++sent;
    while (window.front() <= now - 60s) window.pop_front();
    densest = std::max(densest, window.size());
  }
  return static_cast<int>(densest);
}

TEST(RateLimit, WithoutLimitsEverythingGoesAtOnce) {
  RateLimit rate;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rate.book(at(0ms), 100'000), at(0ms));
  EXPECT_FALSE(rate.requests_per_minute());
}

TEST(RateLimit, NoMinuteHoldsMoreThanTheLimitAndLittleIsLost) {
  for (const std::int64_t limit : {3, 60, 500, 10'000}) {
    RateLimit rate({.requests_per_minute = limit});
    int sent = 0;
    EXPECT_LE(densest_window(rate, 600s, 0, sent), limit) << limit;
    EXPECT_GE(sent, 0.96 * 10 * static_cast<double>(limit)) << limit;
    EXPECT_EQ(rate.requests_per_minute(), limit);
  }
}

TEST(RateLimit, CountsTokensAndSettlesThem) {
  RateLimit rate({.tokens_per_minute = 60'000});
  int sent = 0;
  EXPECT_LE(densest_window(rate, 600s, 1'000, sent), 60);
  EXPECT_GE(sent, 570);

  // Answers that were half as long as booked leave room for twice as many.
  RateLimit thrifty({.tokens_per_minute = 60'000});
  SteadyTime now = at(0ms);
  int count = 0;
  while (now < at(600s)) {
    now = std::max(now, thrifty.book(now, 1'000));
    thrifty.settle(1'000, 500);
    ++count;
  }
  EXPECT_GE(count, 1'140);
}

TEST(RateLimit, ARequestThatWasNotSentCostsNothing) {
  RateLimit rate({.requests_per_minute = 60});
  const SteadyTime first = rate.book(at(0ms), 0);
  const SteadyTime second = rate.book(at(0ms), 0);
  rate.give_back(second, 0);
  EXPECT_EQ(rate.book(at(0ms), 0), second);
  EXPECT_LE(first, second);
}

TEST(RateLimit, LearnsFromHeadersButNeverOverrulesTheUser) {
  RateLimits said;
  said.requests = {.limit = 500, .remaining = 499, .reset = 120ms};
  said.tokens = {.limit = 30'000, .remaining = 29'000, .reset = 2s};
  RateLimit rate;
  rate.learn(said, at(0ms));
  EXPECT_EQ(rate.requests_per_minute(), 500);
  EXPECT_EQ(rate.tokens_per_minute(), 30'000);
  said.requests.limit = 100;
  rate.learn(said, at(1s));
  EXPECT_EQ(rate.requests_per_minute(), 100);

  RateLimit given({.requests_per_minute = 20});
  given.learn(said, at(0ms));
  EXPECT_EQ(given.requests_per_minute(), 20);
  EXPECT_EQ(given.tokens_per_minute(), 30'000);
}

TEST(RateLimit, TellsALimitPerDayFromOnePerMinute) {
  // 10,000 a day: one request comes back after 8.64 s, a thousand after 8,640.
  RateLimits said;
  said.requests = {.limit = 10'000, .remaining = 9'000, .reset = 8'640s};
  RateLimit rate;
  rate.learn(said, at(0ms));
  EXPECT_EQ(rate.requests_per_minute(), 7);
}

TEST(RateLimit, HoldsEverythingWhereAWindowIsUsedUp) {
  RateLimits said;
  said.requests = {.limit = 60, .remaining = 0, .reset = 20s};
  RateLimit rate;
  rate.learn(said, at(0ms));
  EXPECT_EQ(rate.held_until(), at(20s));
  EXPECT_GE(rate.book(at(1s), 0), at(20s));
  said.requests.reset = 24h;
  rate.learn(said, at(20s));
  EXPECT_EQ(rate.held_until(), at(20s) + 10min) << "who says more is not believed";
}

TEST(RateLimit, NothingGathersBehindAPauseToGoAtOnce) {
  RateLimit rate({.requests_per_minute = 60});
  SteadyTime due[5];
  for (SteadyTime& call : due) call = rate.book(at(0ms), 0);
  rate.hold(at(30s));
  for (SteadyTime& call : due) {  // each wakes, finds the pause and books again
    rate.give_back(call, 0);
    call = rate.book(std::max(call, at(0ms)), 0);
  }
  EXPECT_GE(due[0], at(30s));
  for (int i = 1; i < 5; ++i) EXPECT_GE(due[i] - due[i - 1], 900ms) << i;
}

// What an endpoint allows that counts the calls of the last `window`.
class SlidingWindow {
 public:
  SlidingWindow(std::size_t limit, std::chrono::milliseconds window)
      : limit_(limit), window_(window) {}
  // 0 where it takes one more.
  std::chrono::milliseconds retry_after(SteadyTime now) {
    while (!taken_.empty() && taken_.front() <= now - window_) taken_.pop_front();
    if (taken_.size() >= limit_) {
      return std::chrono::ceil<std::chrono::seconds>(taken_.front() + window_ - now);
    }
    taken_.push_back(now);
    return 0ms;
  }

 private:
  std::size_t limit_;
  std::chrono::milliseconds window_;
  std::deque<SteadyTime> taken_;
};

TEST(RateLimit, FindsARateOutFromRefusalsThatSayHowLongToWait) {
  for (const auto& [limit, window] :
       {std::pair<std::size_t, std::chrono::milliseconds>{120, 60s}, {2, 1s}, {1000, 60s}}) {
    SlidingWindow endpoint(limit, window);
    RateLimit rate;
    SteadyTime now = at(0ms);
    int taken = 0;
    int refused = 0;
    int refused_late = 0;
    while (now < at(1800s)) {
      // Forty calls a second ask for a turn at most.
      now = std::max(now + 25ms, rate.book(now, 0));
      rate.sent(now);
      const auto wait = endpoint.retry_after(now);
      if (wait == 0ms) {
        ++taken;
        continue;
      }
      ++refused;
      if (now > at(180s)) ++refused_late;
      rate.refused(now, now, wait);
      rate.hold(now + wait);
    }
    const double allowed = 1800.0 * static_cast<double>(limit) / (window / 1.0s);
    EXPECT_GE(taken, 0.95 * allowed) << limit;
    EXPECT_LE(refused_late, 0.01 * taken) << limit;
  }
}

TEST(RateLimit, AWaitOfHoursIsNotARate) {
  RateLimit rate;
  for (int i = 0; i < 100; ++i) rate.sent(at(i * 1s));
  EXPECT_FALSE(rate.refused(at(99s), at(99s), 3h));
  EXPECT_EQ(rate.book(at(100s), 0), at(100s)) << "no pace is made of it";
}

}  // namespace
}  // namespace iie
