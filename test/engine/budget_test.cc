// Money: what a call reserves, what a run may spend, and how it ends.
#include "engine/budget.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "engine/fakes.h"
#include "engine/governor.h"
#include "support/simulation.h"

namespace iie {
namespace {

namespace asio = boost::asio;

class BudgetTest : public testing::Test {
 protected:
  // Asks; the answer stands in `granted_` once there is one.
  void ask(Budget& budget, double amount) {
    asio::co_spawn(
        loop_,
        [](Budget& from, double wanted, std::vector<bool>& out) -> Async<void> {
          const bool granted = co_await from.reserve(wanted);
          out.push_back(granted);
        }(budget, amount, granted_),
        asio::detached);
    run();
  }
  void run() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  std::vector<bool> granted_;
};

TEST_F(BudgetTest, WaitsForCallsUnderWayAndTakesWhatTheyDidNotUse) {
  Budget budget(10);
  ask(budget, 6);
  EXPECT_EQ(granted_, std::vector<bool>({true}));
  ask(budget, 6);
  EXPECT_EQ(granted_.size(), 1u);  // 6 + 6 would be too much, but the first may cost less
  budget.settle(6, 1);
  run();
  EXPECT_EQ(granted_, std::vector<bool>({true, true}));
  EXPECT_DOUBLE_EQ(budget.spent(), 1);
  EXPECT_DOUBLE_EQ(budget.reserved(), 6);
  EXPECT_FALSE(budget.exhausted());
}

TEST_F(BudgetTest, IsUsedUpWhereNothingUnderWayCanMakeRoom) {
  Budget budget(10, 3);
  ask(budget, 5);
  ask(budget, 5);
  ask(budget, 1);  // in order: it does not overtake
  EXPECT_EQ(granted_, std::vector<bool>({true}));
  budget.settle(5, 5);
  run();
  EXPECT_EQ(granted_, std::vector<bool>({true, false, false}));
  ASSERT_TRUE(budget.exhausted());
  EXPECT_EQ(budget.exhausted()->kind, ErrorKind::cancelled);
  EXPECT_NE(budget.exhausted()->message.find("8.0000 is spent"), std::string::npos)
      << budget.exhausted()->message;
  ask(budget, 0.5);
  EXPECT_EQ(granted_.back(), false);
}

TEST_F(BudgetTest, ClosingTurnsAwayWithoutCallingItUsedUp) {
  Budget budget(1);
  ask(budget, 1);
  ask(budget, 1);
  budget.close();
  run();
  EXPECT_EQ(granted_, std::vector<bool>({true, false}));
  EXPECT_FALSE(budget.exhausted());
}

// Two hundred calls of known cost: what is spent never passes the limit, whatever is in flight.
TEST_F(BudgetTest, AGovernorNeverSpendsMoreThanTheLimit) {
  VirtualTime time;
  SimulatedLimits limits;
  limits.tokens_per_call = 3000;  // 1000 in, 2000 out
  SimulatedEndpoint endpoint(time, limits, 7);
  const auto budget = std::make_shared<Budget>(0.5);
  GovernorOptions options;
  options.concurrency = 40;
  options.price = Price{.rates = {.input = 1, .output = 2}};  // 0.005 a call
  options.budget = budget;
  Governor governor(endpoint, options, time,
                    [&](std::chrono::milliseconds duration) { return time.sleep(duration); });
  int answered = 0;
  int cancelled = 0;
  double most = 0;
  for (int i = 0; i < 200; ++i) {
    asio::co_spawn(
        loop_,
        [&]() -> Async<void> {
          GenerateRequest request;
          request.params.max_tokens = 2500;
          request.messages = {{Role::user, std::string(4000, 'x')}};
          const auto result = co_await governor.generate(request);
          most = std::max(most, budget->spent());
          if (result) ++answered;
          if (!result && result.error().kind == ErrorKind::cancelled) ++cancelled;
        },
        asio::detached);
  }
  time.run(loop_);
  EXPECT_EQ(answered + cancelled, 200);
  EXPECT_LE(most, 0.5);
  // A call is expected to cost at most 0.0065: no more than that is left over.
  EXPECT_GT(budget->spent(), 0.5 - 0.0066);
  EXPECT_EQ(answered, static_cast<int>(std::lround(budget->spent() / 0.005)));
  ASSERT_TRUE(governor.given_up());
  EXPECT_EQ(governor.given_up()->kind, ErrorKind::cancelled);
  EXPECT_NEAR(governor.gauge().cost.value_or(-1), budget->spent(), 1e-9);
}

TEST_F(BudgetTest, ACallWithoutUsageCostsWhatWasReserved) {
  FakeClock clock;
  ScriptedProvider provider;  // its answers report no usage
  const auto budget = std::make_shared<Budget>(1);
  GovernorOptions options;
  options.price = Price{.rates = {.input = 1, .output = 2}};
  options.budget = budget;
  std::vector<BrokenOff> told;
  options.broke_off = [&](const BrokenOff& calls) { told.push_back(calls); };
  Governor governor(provider, options, clock);
  const auto call = [&] {
    asio::co_spawn(
        loop_,
        [&]() -> Async<void> {
          GenerateRequest request;
          request.params.max_tokens = 100'000;
          (void)co_await governor.generate(request);
        },
        asio::detached);
    loop_.restart();
    loop_.run();
  };
  call();
  EXPECT_DOUBLE_EQ(budget->spent(), 0.2);
  EXPECT_FALSE(governor.gauge().cost.has_value());  // unknown is not zero
  EXPECT_DOUBLE_EQ(budget->estimated(), 0.2);
  // A refusal is not billed, nor what never got there; what broke off behind that may be.
  provider.script = {Error{ErrorKind::bad_request, "no", std::nullopt, 400}};
  call();
  provider.script = {Error{ErrorKind::not_found, "no such host"}};
  call();
  EXPECT_DOUBLE_EQ(budget->spent(), 0.2);
  EXPECT_EQ(governor.gauge().maybe_billed, 0u);
  EXPECT_TRUE(told.empty());
  Error cut{ErrorKind::corrupt, "broke off", std::nullopt, 200};
  cut.may_be_billed = true;
  provider.script = {cut};
  call();
  EXPECT_DOUBLE_EQ(budget->spent(), 0.4);
  provider.script = {Error{ErrorKind::cancelled, "called off"}};
  call();
  EXPECT_DOUBLE_EQ(budget->spent(), 0.6);
  EXPECT_DOUBLE_EQ(budget->estimated(), 0.6);
  EXPECT_EQ(governor.gauge().maybe_billed, 2u);
  // What was reserved, so that whoever goes on knows of it.
  const BrokenOff one{"candidate", provider.name(), 1, 0, 100'000};
  EXPECT_EQ(told, (std::vector<BrokenOff>{one, one}));
}

TEST_F(BudgetTest, CallsThatNobodyWaitsForBreakOffTogether) {
  VirtualTime time;
  SimulatedEndpoint endpoint(time, SimulatedLimits{}, 7);
  GovernorOptions options;  // no price: tokens are known without
  options.caller = "judge";
  std::vector<BrokenOff> told;
  options.broke_off = [&](const BrokenOff& calls) { told.push_back(calls); };
  Governor governor(endpoint, options, time,
                    [&](std::chrono::milliseconds duration) { return time.sleep(duration); });
  governor.abandon();
  EXPECT_TRUE(told.empty());
  for (int i = 1; i <= 3; ++i) {
    asio::co_spawn(
        loop_,
        [&, i]() -> Async<void> {
          GenerateRequest request;
          request.params.max_tokens = 100 * i;
          (void)co_await governor.generate(request);
        },
        asio::detached);
  }
  loop_.poll();
  ASSERT_EQ(governor.gauge().in_flight, 3u);
  governor.abandon();
  EXPECT_EQ(told, (std::vector<BrokenOff>{{"judge", governor.name(), 3, 0, 600}}));
  time.run(loop_);
  told.clear();
  governor.abandon();
  EXPECT_TRUE(told.empty()) << "nothing is under way";
}

TEST_F(BudgetTest, SaysHowMuchOfItIsEstimated) {
  Budget budget(10, 2, 1);
  ask(budget, 6);
  budget.settle_unknown(6);
  ask(budget, 5);
  EXPECT_EQ(granted_, std::vector<bool>({true, false}));
  ASSERT_TRUE(budget.exhausted());
  EXPECT_NE(budget.exhausted()->message.find("8.0000 is spent (7.0000 of it estimated"),
            std::string::npos)
      << budget.exhausted()->message;
}

}  // namespace
}  // namespace iie
