// What a run would cost, what it may cost, and what it cost.
#include <cmath>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

class Money : public EndToEnd {
 protected:
  // Prices for the test's two models at any endpoint.
  std::string prices() {
    return dir_.write("prices.yaml",
                      "prices:\n"
                      "  - {models: m, input: 100, output: 1000, as_of: 2026-01-01}\n"
                      "  - {models: j, input: 10, output: 10}\n");
  }
};

TEST_F(Money, DryRunNeedsNoKeySendsNothingAndKnowsWhatIsUnknown) {
  const Outcome priced =
      iie({"run", "--model", "openai:gpt-4.1-mini", "--judge", "openai:nobody-1", "--limit", "4",
           "--rollouts", "3", "--max-tokens", "1000", "--dry-run", "--format", "json"});
  ASSERT_EQ(priced.exit, 0) << priced.err;
  const auto estimate = json(priced.out);
  EXPECT_EQ(estimate.at("samples"), 4);
  const auto& model = estimate.at("calls").at(0);
  EXPECT_EQ(model.at("requests"), 12);
  EXPECT_EQ(model.at("endpoint"), "https://api.openai.com/v1");
  EXPECT_EQ(model.at("output_tokens"), 12 * 700);
  EXPECT_EQ(model.at("most_output_tokens"), 12 * 1000);
  const double input = number(model.at("input_tokens"));
  EXPECT_GT(input, 12 * 10);
  EXPECT_NEAR(number(model.at("cost")), (input * 0.4 + 8400 * 1.6) / 1e6, 1e-6);
  EXPECT_NEAR(number(model.at("most_cost")), (input * 0.4 + 12'000 * 1.6) / 1e6, 1e-6);
  const auto& judge = estimate.at("calls").at(1);
  EXPECT_GE(judge.at("requests").as_int64(), 12);
  // A judge reads the question, the answer and its own instructions.
  EXPECT_GT(number(judge.at("input_tokens")), input + 12 * 500);
  EXPECT_TRUE(judge.at("cost").is_null());
  EXPECT_TRUE(estimate.at("cost").is_null());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "results"));

  const Outcome text = iie({"run", "--model", "openai:gpt-4.1-mini", "--judge", "openai:nobody-1",
                            "--limit", "4", "--dry-run"});
  EXPECT_NE(text.out.find("nothing is sent"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("unknown price"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("Estimates: "), std::string::npos) << text.out;
}

TEST_F(Money, ReportsSplitTheCostAndLeaveOutWhatNobodyKnows) {
  ChatServer server(static_answer("Yes."));  // 10 tokens in, 20 out
  const std::vector<std::string> run = {"run",        "--model",         "openai:m",
                                        "--base-url", server.base_url(), "--judge",
                                        "rules",      "--limit",         "4"};
  auto args = run;
  args.insert(args.end(), {"--prices", prices(), "--format", "json"});
  const Outcome priced = iie(args);
  ASSERT_EQ(priced.exit, 0) << priced.err;
  const auto cost = json(priced.out).at("cost");
  EXPECT_NEAR(number(cost.at("total")), 4 * (10 * 100 + 20 * 1000) / 1e6, 1e-9);
  EXPECT_TRUE(cost.at("judge").is_null());
  // The store keeps tokens, not money: the same run without a price has no cost.
  const auto later = json(iie({"report", "latest", "--format", "json"}).out);
  EXPECT_TRUE(later.at("cost").at("total").is_null());
  EXPECT_TRUE(later.at("cost").at("model").at("amount").is_null());
  EXPECT_NE(iie({"report", "latest", "--prices", prices()}).out.find("0.08"), std::string::npos);
}

TEST_F(Money, AnUnknownPriceCannotBeLimited) {
  ChatServer server(static_answer("Yes."));
  const Outcome outcome = iie({"run", "--model", "openai:m", "--limit", "64", "--base-url",
                               server.base_url(), "--judge", "rules", "--max-cost", "1"});
  expect_error(outcome, 2, {"--max-cost", "openai:m", "--prices"});
  EXPECT_EQ(server.counters().requests, 0u);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "results"));
}

TEST_F(Money, TheRunStopsBeforeItsLimitAndGoesOnWithAHigherOne) {
  ChatServer server(static_answer("Yes."));
  const std::vector<std::string> run = {
      "run",      "--model", "openai:m", "--base-url", server.base_url(), "--judge", "rules",
      "--prices", prices(),  "--limit",  "40",         "--max-tokens",    "100",     "--format",
      "json",     "--new"};
  auto limited = run;
  limited.insert(limited.end(), {"--max-cost", "0.5"});  // a call costs 0.021, at most 0.1 and more
  const Outcome stopped = iie(limited);
  EXPECT_EQ(stopped.exit, 5) << stopped.err;
  EXPECT_NE(stopped.err.find("--max-cost 0.5 is used up"), std::string::npos) << stopped.err;
  EXPECT_NE(stopped.err.find("--max-cost MORE"), std::string::npos) << stopped.err;
  const auto report = json(stopped.out);
  const double spent = number(report.at("cost").at("total"));
  EXPECT_LE(spent, 0.5);
  EXPECT_GT(spent, 0.3);
  EXPECT_NEAR(spent, 0.021 * static_cast<double>(server.counters().requests), 1e-9);

  // What is spent stays spent: the same limit leaves no room.
  const std::size_t before = server.counters().requests;
  EXPECT_EQ(iie({"resume", "latest", "--prices", prices(), "--max-cost", "0.5"}).exit, 5);
  EXPECT_EQ(server.counters().requests, before);
  const Outcome rest =
      iie({"resume", "latest", "--prices", prices(), "--max-cost", "5", "--format", "json"});
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_EQ(server.counters().requests, 40u);
  EXPECT_NEAR(number(json(rest.out).at("cost").at("total")), 40 * 0.021, 1e-9);
}

}  // namespace
}  // namespace iie::test
