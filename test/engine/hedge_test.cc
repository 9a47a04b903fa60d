// Second calls beside slow ones, in simulated time.
#include "engine/hedge.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "engine/governor.h"
#include "support/simulation.h"

namespace iie {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Answers in 1 s, but one call in `slow_every` takes 60 s. Calls can be cancelled.
class TailedEndpoint final : public Provider {
 public:
  TailedEndpoint(VirtualTime& time, int slow_every) : time_(time), slow_every_(slow_every) {}

  const std::string& name() const override { return name_; }
  Async<Result<Response>> generate(const GenerateRequest&) override {
    const bool slow = ++calls % slow_every_ == 0;
    const bool whole = co_await time_.sleep_or_cancel(slow ? 60s : 1s);
    if (!whole) {
      ++cancelled;
      co_return fail(ErrorKind::cancelled, "cancelled");
    }
    Response response;
    response.text = slow ? "slow" : "fast";
    response.usage = {.input_tokens = 10, .output_tokens = 10};
    co_return response;
  }

  int calls = 0;
  int cancelled = 0;

 private:
  VirtualTime& time_;
  int slow_every_;
  std::string name_ = "tailed:model";
};

struct Outcome {
  double makespan = 0;
  int answered = 0;
  std::uint64_t hedged = 0;
};

Outcome run_calls(TailedEndpoint& endpoint, VirtualTime& time, GovernorOptions options, int calls) {
  Governor governor(endpoint, std::move(options), time, [&](std::chrono::milliseconds duration) {
    return time.sleep_cancellable(duration);
  });
  asio::io_context loop;
  const SteadyTime start = time.now();
  SteadyTime last = start;
  Outcome outcome;
  for (int i = 0; i < calls; ++i) {
    asio::co_spawn(
        loop,
        [&]() -> Async<void> {
          const GenerateRequest request;
          if (co_await governor.generate(request)) ++outcome.answered;
          last = time.now();
        },
        asio::detached);
  }
  time.run(loop);
  outcome.makespan = std::chrono::duration<double>(last - start).count();
  outcome.hedged = governor.gauge().hedged;
  EXPECT_EQ(governor.gauge().in_flight, 0u);
  return outcome;
}

GovernorOptions eight_at_once() {
  GovernorOptions options;
  options.concurrency = 8;
  options.initial_concurrency = 8;
  return options;
}

TEST(Hedge, CutsTheTailWithABoundedShareOfExtraCalls) {
  VirtualTime plain_time;
  TailedEndpoint plain(plain_time, 50);
  const Outcome without = run_calls(plain, plain_time, eight_at_once(), 400);
  VirtualTime hedged_time;
  TailedEndpoint hedged(hedged_time, 50);
  GovernorOptions options = eight_at_once();
  options.hedge = Hedge::Options{};
  options.budget = std::make_shared<Budget>(1e9);
  options.price = Price{.rates = {.input = 1, .output = 1}};
  const auto budget = options.budget;
  const Outcome with = run_calls(hedged, hedged_time, options, 400);
  EXPECT_EQ(with.answered, 400);
  EXPECT_GT(with.hedged, 0u);
  EXPECT_LE(with.hedged, 20u);  // 5 %
  // The loser of each pair was cancelled; its cost, which nobody states, counts at its worst.
  EXPECT_EQ(hedged.cancelled, static_cast<int>(with.hedged));
  EXPECT_EQ(hedged.calls, 400 + static_cast<int>(with.hedged));
  EXPECT_GT(budget->spent(), 400 * 20e-6 * 1.5);
  EXPECT_DOUBLE_EQ(budget->reserved(), 0);
  EXPECT_LT(with.makespan, without.makespan);
}

// Every place is taken when the call turns out to be slow; later there is room.
TEST(Hedge, ASecondCallIsSentOnceThereIsRoomForIt) {
  VirtualTime time;
  TailedEndpoint endpoint(time, 45);
  GovernorOptions options;
  options.concurrency = 2;
  options.initial_concurrency = 2;
  options.hedge = Hedge::Options{};
  const Outcome outcome = run_calls(endpoint, time, options, 60);
  EXPECT_EQ(outcome.answered, 60);
  EXPECT_EQ(outcome.hedged, 1u);
  EXPECT_LT(outcome.makespan, 60);
}

TEST(Hedge, SendsNothingBesideASlowCallWhereEveryPlaceIsTaken) {
  VirtualTime time;
  TailedEndpoint endpoint(time, 50);
  GovernorOptions options;
  options.concurrency = 1;
  options.initial_concurrency = 1;
  options.hedge = Hedge::Options{};
  const Outcome outcome = run_calls(endpoint, time, options, 200);
  EXPECT_EQ(outcome.answered, 200);
  EXPECT_EQ(outcome.hedged, 0u);
  EXPECT_EQ(endpoint.calls, 200);
}

TEST(Hedge, AnEndpointThatIsSlowAsAWholeIsNotAskedTwiceForEverything) {
  Hedge hedge({.quantile = 0.95, .share = 0.05, .warm_up = 20});
  for (int i = 0; i < 19; ++i) hedge.observe(1s);
  EXPECT_FALSE(hedge.begin().has_value());
  hedge.observe(3s);
  EXPECT_EQ(hedge.begin(), std::optional<std::chrono::milliseconds>(3s));
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    (void)hedge.begin();
    taken += hedge.take() ? 1 : 0;
  }
  EXPECT_LE(taken, 51);
  EXPECT_GE(taken, 45);
}

// The first call's error counts only where no answer comes.
TEST(Race, TheFirstAnswerWinsAndTheFirstErrorIsKept) {
  VirtualTime time;
  asio::io_context loop;
  const auto after = [&time](std::chrono::milliseconds delay, Result<Response> result) {
    return [](VirtualTime& t, std::chrono::milliseconds d,
              Result<Response> r) -> Async<Result<Response>> {
      if (!co_await t.sleep_or_cancel(d)) co_return fail(ErrorKind::cancelled, "cancelled");
      co_return r;
    }(time, delay, std::move(result));
  };
  const auto said = [](const char* text) {
    Response response;
    response.text = text;
    return Result<Response>(response);
  };
  const auto run = [&](std::chrono::milliseconds first_delay, Result<Response> first,
                       std::chrono::milliseconds second_delay, Result<Response> second) {
    std::optional<Result<Response>> out;
    asio::co_spawn(
        loop,
        [&]() -> Async<void> {
          std::function<Async<Result<Response>>()> one = [&] { return after(first_delay, first); };
          std::function<Async<void>(int)> wait = [&](int) { return time.sleep_cancellable(1s); };
          std::function<std::optional<Async<Result<Response>>>()> two =
              [&]() -> std::optional<Async<Result<Response>>> {
            return after(second_delay, second);
          };
          out = co_await race(std::move(one), std::move(wait), std::move(two));
        },
        asio::detached);
    time.run(loop);
    return *out;
  };
  const auto failed = [](ErrorKind kind) { return Result<Response>(fail(kind, "no")); };
  EXPECT_EQ(run(500ms, said("one"), 1s, said("two"))->text, "one");
  EXPECT_EQ(run(9s, said("one"), 1s, said("two"))->text, "two");
  EXPECT_EQ(run(2s, said("one"), 5s, said("two"))->text, "one");
  EXPECT_EQ(run(2s, failed(ErrorKind::transient), 5s, said("two"))->text, "two");
  EXPECT_EQ(run(9s, said("one"), 1s, failed(ErrorKind::auth))->text, "one");
  EXPECT_EQ(run(9s, failed(ErrorKind::transient), 1s, failed(ErrorKind::auth)).error().kind,
            ErrorKind::transient);
  EXPECT_EQ(run(500ms, failed(ErrorKind::transient), 1s, said("two")).error().kind,
            ErrorKind::transient);
}

}  // namespace
}  // namespace iie
