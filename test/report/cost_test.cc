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
  return {.rates = {.input = input, .cached_input = input / 10, .output = output},
          .as_of = "2026-01-31"};
}

// Of so many calls; the tokens are those of one that reported them, `reported` times over.
CallCost cost_of_calls(std::int64_t calls, std::int64_t reported, std::int64_t input,
                       std::int64_t output, const std::optional<Price>& price) {
  CostTally tally(price);
  for (std::int64_t i = 0; i < calls; ++i) {
    tally.add(i < reported ? Usage{.input_tokens = input, .output_tokens = output} : Usage{});
  }
  return tally.cost();
}

TEST(Cost, IsTheSumOverCallsThatReportedTheirTokens) {
  CostTally tally(price_of(2, 8));
  tally.add({.input_tokens = 1'000'000, .output_tokens = 250'000, .cached_tokens = 1'000'000});
  tally.add({.input_tokens = 1'000'000, .output_tokens = 250'000});
  tally.add({.input_tokens = 1'000'000});
  const CallCost cost = tally.cost();
  EXPECT_DOUBLE_EQ(cost.amount.value_or(-1), 2 + 0.2 + 4);
  EXPECT_EQ(cost.priced, 2);
  EXPECT_EQ(cost_text(cost), "6.20 USD for 2 of 3 calls");
}

// What sums of tokens could not tell.
TEST(Cost, EachCallIsOfItsOwnPromptsTierAndHour) {
  Price price = price_of(1, 10);
  price.tiers = {{100, {.input = 5, .output = 50}}};
  CostTally tally(price);
  tally.add({.input_tokens = 100, .output_tokens = 0});
  tally.add({.input_tokens = 200, .output_tokens = 0});
  EXPECT_DOUBLE_EQ(tally.cost().amount.value_or(-1), (100 * 1 + 200 * 5) / 1e6);
  price.tiers.clear();
  price.off_peak = OffPeak{{.input = 0.5, .output = 5}, {{0x7F, 0, 60}}};
  CostTally by_hour(price);
  const WallTime midnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  for (const int hour : {0, 12}) {
    by_hour.add({.input_tokens = 0, .output_tokens = 100},
                CallTime{midnight + std::chrono::hours(hour), std::chrono::milliseconds(10)});
  }
  EXPECT_DOUBLE_EQ(by_hour.cost().amount.value_or(-1), (100 * 10 + 100 * 5) / 1e6);
}

TEST(Cost, UnknownIsAbsentAndNeverZero) {
  EXPECT_FALSE(cost_of_calls(10, 10, 5, 5, std::nullopt).amount.has_value());
  EXPECT_EQ(cost_text(cost_of_calls(10, 10, 5, 5, std::nullopt)), "unknown price");
  const CallCost silent = cost_of_calls(10, 0, 0, 0, price_of(1, 1));
  EXPECT_FALSE(silent.amount.has_value());
  EXPECT_EQ(cost_text(silent), "unknown, no usage reported");
  // What is free is known to be free.
  EXPECT_EQ(cost_text(cost_of_calls(10, 10, 5, 5, price_of(0, 0))), "0.00 USD");
}

TEST(Cost, SeveralJudgesHaveASumWhereEachHasAPriceInOneCurrency) {
  const CallCost cheap = cost_of_calls(10, 10, 100'000, 0, price_of(1, 1));
  const CallCost dear = cost_of_calls(5, 4, 250'000, 0, price_of(3, 1));
  const CallCost sum = sum_cost({cheap, dear});
  EXPECT_DOUBLE_EQ(sum.amount.value_or(-1), 4);
  EXPECT_FALSE(sum.price);  // there is not one
  EXPECT_EQ(cost_text(sum), "4.00 USD for 14 of 15 calls");
  EXPECT_FALSE(sum_cost({cheap, cost_of_calls(1, 1, 1, 1, std::nullopt)}).amount);
  CallCost euros = dear;
  euros.currency = "EUR";
  EXPECT_FALSE(sum_cost({cheap, euros}).amount);
  EXPECT_EQ(cost_text(sum_cost({cheap, euros})), "unknown price");
  EXPECT_FALSE(sum_cost({}).amount);
}

TEST(Cost, ATotalCoversEverythingOrIsNone) {
  RunCost cost;
  EXPECT_FALSE(cost.total().has_value());
  cost.model = cost_of_calls(10, 10, 100'000, 0, price_of(1, 1));
  EXPECT_DOUBLE_EQ(cost.total().value_or(-1), 1);
  cost.judge = cost_of_calls(10, 10, 100'000, 0, price_of(2, 1));
  EXPECT_DOUBLE_EQ(cost.total().value_or(-1), 3);
  cost.judge->currency = "EUR";
  EXPECT_FALSE(cost.total().has_value());
  cost.judge = cost_of_calls(10, 9, 100'000, 0, price_of(2, 1));
  EXPECT_FALSE(cost.total().has_value());
  cost.judge = cost_of_calls(10, 10, 1, 1, std::nullopt);
  EXPECT_FALSE(cost.total().has_value());
}

TEST(Cost, StandsInEveryFormatSplitByWhoWasCalled) {
  Fixture fixture = empty_fixture(1);
  fixture.add_sample("qc-001-en", "QC", Language::english, "Which?");
  fixture.add_rollout(Verdict::pass("right"));
  Report report = fixture.report();
  report.model_tokens.add({.input_tokens = 250'000, .output_tokens = 125'000});
  report.cost.model = cost_of_calls(1, 1, 250'000, 125'000, price_of(2, 8));
  report.cost.judge = cost_of_calls(2, 2, 500'000, 0, price_of(0.01, 1));
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
