#include "report/cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "report/fixture.h"
#include "report/render.h"

namespace iie {
namespace {

Price price_of(double input, double output) {
  return {.input = input, .cached_input = input / 10, .output = output, .as_of = "2026-01-31"};
}

TokenUse use_of(std::int64_t calls, std::int64_t reported, std::int64_t input,
                std::int64_t output) {
  TokenUse use;
  use.calls = calls;
  if (reported > 0) {
    use.input = TokenSum{input, reported};
    use.output = TokenSum{output, reported};
  }
  return use;
}

TEST(Cost, IsTheSumOverCallsThatReportedTheirTokens) {
  TokenUse use = use_of(100, 90, 2'000'000, 500'000);
  use.cached = TokenSum{1'000'000, 50};
  const CallCost cost = call_cost(use, price_of(2, 8));
  EXPECT_DOUBLE_EQ(cost.amount.value_or(-1), 2 + 0.2 + 4);
  EXPECT_EQ(cost.priced, 90);
  EXPECT_EQ(cost_text(cost), "6.20 USD for 90 of 100 calls");
}

TEST(Cost, UnknownIsAbsentAndNeverZero) {
  EXPECT_FALSE(call_cost(use_of(10, 10, 5, 5), std::nullopt).amount.has_value());
  EXPECT_EQ(cost_text(call_cost(use_of(10, 10, 5, 5), std::nullopt)), "unknown price");
  const CallCost silent = call_cost(use_of(10, 0, 0, 0), price_of(1, 1));
  EXPECT_FALSE(silent.amount.has_value());
  EXPECT_EQ(cost_text(silent), "unknown, no usage reported");
  TokenUse half = use_of(10, 10, 5, 5);
  half.output->calls = 4;
  EXPECT_FALSE(call_cost(half, price_of(1, 1)).amount.has_value());
  // What is free is known to be free.
  EXPECT_EQ(cost_text(call_cost(use_of(10, 10, 5, 5), price_of(0, 0))), "0.00 USD");
}

TEST(Cost, SeveralJudgesHaveASumWhereEachHasAPriceInOneCurrency) {
  const CallCost cheap = call_cost(use_of(10, 10, 1'000'000, 0), price_of(1, 1));
  const CallCost dear = call_cost(use_of(5, 4, 1'000'000, 0), price_of(3, 1));
  const CallCost sum = sum_cost({cheap, dear});
  EXPECT_DOUBLE_EQ(sum.amount.value_or(-1), 4);
  EXPECT_FALSE(sum.price);  // there is not one
  EXPECT_EQ(cost_text(sum), "4.00 USD for 14 of 15 calls");
  EXPECT_FALSE(sum_cost({cheap, call_cost(use_of(1, 1, 1, 1), std::nullopt)}).amount);
  CallCost euros = dear;
  euros.currency = "EUR";
  EXPECT_FALSE(sum_cost({cheap, euros}).amount);
  EXPECT_EQ(cost_text(sum_cost({cheap, euros})), "unknown price");
  EXPECT_FALSE(sum_cost({}).amount);
}

TEST(Cost, ATotalCoversEverythingOrIsNone) {
  RunCost cost;
  EXPECT_FALSE(cost.total().has_value());
  cost.model = call_cost(use_of(10, 10, 1'000'000, 0), price_of(1, 1));
  EXPECT_DOUBLE_EQ(cost.total().value_or(-1), 1);
  cost.judge = call_cost(use_of(10, 10, 1'000'000, 0), price_of(2, 1));
  EXPECT_DOUBLE_EQ(cost.total().value_or(-1), 3);
  cost.judge->currency = "EUR";
  EXPECT_FALSE(cost.total().has_value());
  cost.judge = call_cost(use_of(10, 9, 1'000'000, 0), price_of(2, 1));
  EXPECT_FALSE(cost.total().has_value());
  cost.judge = call_cost(use_of(10, 10, 1, 1), std::nullopt);
  EXPECT_FALSE(cost.total().has_value());
}

TEST(Cost, StandsInEveryFormatSplitByWhoWasCalled) {
  Fixture fixture = empty_fixture(1);
  fixture.add_sample("qc-001-en", "QC", Language::english, "Which?");
  fixture.add_rollout(Verdict::pass("right"));
  Report report = fixture.report();
  report.model_tokens = use_of(1, 1, 250'000, 125'000);
  report.cost.model = call_cost(report.model_tokens, price_of(2, 8));
  report.cost.judge = call_cost(use_of(2, 2, 1'000'000, 0), price_of(0.01, 1));
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown}) {
    std::string text = render({report}, format);
    std::erase(text, '\n');
    for (const char* part : {"1.51 USD in all", "model 1.50 USD", "judge 0.01 USD", "2026-01-31"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
    }
  }
  EXPECT_NE(render({report}, ReportFormat::csv).find("cost_usd,model,all,1,,,1.5,,,"),
            std::string::npos);
  const auto json = parse_json(render({report}, ReportFormat::json)).value().at("cost");
  EXPECT_DOUBLE_EQ(json.at("total").as_double(), 1.51);
  EXPECT_EQ(json.at("model").at("priced_calls"), 1);
  EXPECT_DOUBLE_EQ(json.at("judge").at("price").at("cached_input").as_double(), 0.001);
  EXPECT_TRUE(json.at("may_be_billed").is_null());
  // An estimate, apart from what is known.
  report.cost.may_be_billed =
      CallCost{.amount = 0.36, .calls = 3, .priced = 3, .price = {}, .currency = "USD"};
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown}) {
    std::string text = render({report}, format);
    std::ranges::replace(text, '\n', ' ');
    const auto repeated =
        std::ranges::unique(text, [](char a, char b) { return a == ' ' && b == a; });
    text.erase(repeated.begin(), repeated.end());
    for (const char* part :
         {"1.51 USD in all", "3 calls broke off and may have been billed: up to 0.36 USD"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
    }
  }
  const auto more = parse_json(render({report}, ReportFormat::json)).value().at("cost");
  EXPECT_DOUBLE_EQ(more.at("total").as_double(), 1.51);
  EXPECT_DOUBLE_EQ(more.at("may_be_billed").at("amount").as_double(), 0.36);
  EXPECT_EQ(more.at("may_be_billed").at("calls"), 3);
  // Where their price is unknown there is no amount; and a run may hold nothing else.
  EXPECT_EQ(may_be_billed_text({.amount = {}, .calls = 1, .price = {}, .currency = ""}),
            "1 call broke off and may have been billed");
  report.cost.model = report.cost.judge = std::nullopt;
  EXPECT_NE(render({report}, ReportFormat::markdown).find("up to 0.36 USD"), std::string::npos);
  // Nothing is known: nothing is said, and JSON says null.
  report.cost = {};
  EXPECT_EQ(render({report}, ReportFormat::markdown).find("USD"), std::string::npos);
  EXPECT_TRUE(parse_json(render({report}, ReportFormat::json))->at("cost").at("total").is_null());
}

}  // namespace
}  // namespace iie
