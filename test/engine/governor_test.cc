#include "engine/governor.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <vector>

#include "engine/fakes.h"

namespace iie {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Error error_of(ErrorKind kind, std::optional<std::chrono::milliseconds> retry_after = {}) {
  return Error{kind, "said no", retry_after};
}

class GovernorTest : public testing::Test {
 protected:
  // Runs one call to its end.
  Governor::Attempted call(Governor& governor) {
    std::optional<Governor::Attempted> result;
    asio::co_spawn(
        loop_,
        [](Governor& g, std::optional<Governor::Attempted>& out) -> Async<void> {
          const GenerateRequest request;
          out = co_await g.attempt(request);
        }(governor, result),
        asio::detached);
    loop_.restart();
    loop_.run();
    EXPECT_TRUE(result.has_value());
    return *std::move(result);
  }

  Governor::Sleep sleep() {
    return [this](std::chrono::milliseconds duration) -> Async<void> {
      slept_.push_back(duration);
      clock_.advance(duration);
      co_return;
    };
  }

  asio::io_context loop_;
  FakeClock clock_;
  ScriptedProvider provider_;
  std::vector<std::chrono::milliseconds> slept_;
};

TEST_F(GovernorTest, RetriesWhatCanSucceed) {
  provider_.script = {error_of(ErrorKind::transient), error_of(ErrorKind::rate_limited)};
  Governor governor(provider_, {}, clock_, sleep());
  const auto attempted = call(governor);
  ASSERT_TRUE(attempted.result.has_value());
  EXPECT_EQ(attempted.attempts, 3);
  ASSERT_EQ(slept_.size(), 2u);
  EXPECT_LE(slept_[0], 1s);
  EXPECT_LE(slept_[1], 2s);
  EXPECT_EQ(governor.gauge().retries, 2u);
  EXPECT_EQ(governor.gauge().in_flight, 0u);
  EXPECT_EQ(governor.gauge().backing_off, 0u);
}

TEST_F(GovernorTest, DoesNotRetryWhatCannotSucceed) {
  for (const ErrorKind kind : {ErrorKind::auth, ErrorKind::bad_request, ErrorKind::not_found}) {
    provider_.script = {error_of(kind)};
    Governor governor(provider_, {}, clock_, sleep());
    const auto attempted = call(governor);
    EXPECT_EQ(attempted.result.error().kind, kind);
    EXPECT_EQ(attempted.attempts, 1);
  }
  EXPECT_TRUE(slept_.empty());
}

TEST_F(GovernorTest, GivesUpAfterMaxAttempts) {
  provider_.fallback = error_of(ErrorKind::transient);
  Governor governor(provider_, {.max_attempts = 4}, clock_, sleep());
  const auto attempted = call(governor);
  EXPECT_EQ(attempted.attempts, 4);
  EXPECT_EQ(provider_.calls, 4);
  EXPECT_NE(attempted.result.error().message.find("gave up after 4 attempts"), std::string::npos);
}

TEST_F(GovernorTest, GivesUpAtTheTimeBound) {
  provider_.fallback = error_of(ErrorKind::rate_limited, 5min);
  Governor governor(provider_, {.max_attempts = 100, .max_elapsed = 12min}, clock_, sleep());
  EXPECT_EQ(call(governor).attempts, 3);  // at 0, 5 and 10 minutes
}

TEST_F(GovernorTest, ObeysRetryAfterExactly) {
  provider_.script = {error_of(ErrorKind::rate_limited, 7s)};
  Governor governor(provider_, {}, clock_, sleep());
  EXPECT_TRUE(call(governor).result.has_value());
  EXPECT_EQ(slept_, std::vector<std::chrono::milliseconds>{7s});
}

TEST_F(GovernorTest, AnEndpointThatAsksTwiceForHoursIsGivenUp) {
  provider_.fallback = error_of(ErrorKind::rate_limited, 3h);
  Governor governor(provider_, {}, clock_, sleep());
  const auto attempted = call(governor);
  EXPECT_EQ(attempted.result.error().kind, ErrorKind::cancelled) << "left to resume";
  EXPECT_EQ(provider_.calls, 2) << "asked once more, and not hammered";
  ASSERT_EQ(slept_.size(), 1u);
  EXPECT_LE(slept_[0], 1s);
  ASSERT_TRUE(governor.given_up());
  EXPECT_EQ(governor.given_up()->kind, ErrorKind::rate_limited);
  EXPECT_EQ(governor.given_up()->message, "said no (it asks to wait 180 min, until " +
                                              to_iso8601(clock_.wall() + 3h) +
                                              ": longer than this run waits)");
}

TEST_F(GovernorTest, OneAbsurdRetryAfterIsNotBelieved) {
  provider_.script = {error_of(ErrorKind::rate_limited, 31 * 24h)};
  Governor governor(provider_, {}, clock_, sleep());
  EXPECT_TRUE(call(governor).result.has_value());
  EXPECT_LE(slept_.at(0), 1s);
  // An answer in between: the next time is again the first.
  provider_.script = {error_of(ErrorKind::rate_limited, 31 * 24h)};
  EXPECT_TRUE(call(governor).result.has_value());
  EXPECT_FALSE(governor.given_up());
}

TEST_F(GovernorTest, WaitsAsLongAsItIsAllowedTo) {
  provider_.script = {error_of(ErrorKind::rate_limited, 3h)};
  Governor governor(provider_, {.max_elapsed = 4h, .longest_wait = 4h}, clock_, sleep());
  EXPECT_TRUE(call(governor).result.has_value());
  EXPECT_EQ(slept_, std::vector<std::chrono::milliseconds>{3h});
}

TEST_F(GovernorTest, OnlyTheEndpointsOwnWordIsALongWait) {
  provider_.fallback = error_of(ErrorKind::transient);
  Governor governor(provider_, {.max_attempts = 4, .longest_wait = 1ms}, clock_, sleep());
  const auto attempted = call(governor);
  EXPECT_EQ(attempted.result.error().kind, ErrorKind::transient);
  EXPECT_EQ(attempted.attempts, 4);
  EXPECT_FALSE(governor.given_up());
}

TEST_F(GovernorTest, NeverExceedsItsConcurrency) {
  provider_.hold = true;
  Governor governor(provider_, {.concurrency = 3}, clock_, sleep());
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(
        loop_,
        [](Governor& g, int& count) -> Async<void> {
          const GenerateRequest request;
          if ((co_await g.generate(request)).has_value()) ++count;
        }(governor, answered),
        asio::detached);
  }
  loop_.poll();
  EXPECT_EQ(governor.gauge().in_flight, 3u);
  EXPECT_EQ(governor.gauge().waiting, 7u);
  while (answered < 10) {
    ASSERT_LE(provider_.held.size(), 3u);
    ASSERT_FALSE(provider_.held.empty());
    provider_.release_one();
    loop_.restart();
    loop_.poll();
  }
  EXPECT_EQ(provider_.peak, 3);
}

// A fast endpoint's answers come many at a time: each of them counts, not only the first.
TEST_F(GovernorTest, EveryAnswerOfABatchRaisesTheLimit) {
  provider_.hold = true;
  Governor governor(provider_, {.concurrency = 64, .initial_concurrency = 4}, clock_, sleep());
  const GenerateRequest request;
  for (int i = 0; i < 64; ++i) {
    asio::co_spawn(
        loop_,
        [](Governor& g, const GenerateRequest& asked) -> Async<void> { co_await g.attempt(asked); }(
                                                          governor, request),
        asio::detached);
  }
  loop_.poll();
  ASSERT_EQ(governor.gauge().in_flight, 4u);
  while (!provider_.held.empty()) provider_.release_one();  // all before any that waits may go
  loop_.poll();
  EXPECT_EQ(governor.gauge().limit, 12u);  // threefold
  EXPECT_EQ(governor.gauge().in_flight, 12u);
  provider_.hold = false;
  while (!provider_.held.empty()) provider_.release_one();
  loop_.run();
}

TEST_F(GovernorTest, StopTurnsAwayWaitersAndLetsCallsFinish) {
  provider_.hold = true;
  Governor governor(provider_, {.concurrency = 1}, clock_, sleep());
  std::vector<Result<Response>> results;
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(
        loop_,
        [](Governor& g, std::vector<Result<Response>>& out) -> Async<void> {
          const GenerateRequest request;
          out.push_back(co_await g.generate(request));
        }(governor, results),
        asio::detached);
  }
  loop_.poll();
  governor.stop();
  loop_.restart();
  loop_.poll();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].error().kind, ErrorKind::cancelled);
  provider_.release_one();
  loop_.restart();
  loop_.poll();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_TRUE(results[2].has_value());
}

TEST_F(GovernorTest, StopWakesSleepersAtOnce) {
  provider_.fallback = error_of(ErrorKind::rate_limited, 5min);
  Governor governor(provider_, {}, system_clock());  // real timers
  std::optional<Result<Response>> result;
  asio::co_spawn(
      loop_,
      [](Governor& g, std::optional<Result<Response>>& out) -> Async<void> {
        const GenerateRequest request;
        out = co_await g.generate(request);
      }(governor, result),
      asio::detached);
  loop_.poll();
  EXPECT_EQ(governor.gauge().backing_off, 1u);
  governor.stop();
  loop_.restart();
  loop_.run_for(5s);
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
}

}  // namespace
}  // namespace iie
