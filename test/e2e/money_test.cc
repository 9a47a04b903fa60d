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

// Answers that break off in the middle have cost something, whatever their status.
TEST_F(Money, CallsThatBreakOffCountAgainstTheLimitAndAreSaid) {
  ChatServer server([](const Request&) {
    Reply reply = answer("A long answer that never comes to its end.");
    reply.cut_after = 120;
    return reply;
  });
  const std::vector<std::string> run = {"run",
                                        "--model",
                                        "openai:m",
                                        "--base-url",
                                        server.base_url(),
                                        "--judge",
                                        "rules",
                                        "--prices",
                                        prices(),
                                        "--limit",
                                        "8",
                                        "--max-tokens",
                                        "100",
                                        "--new",
                                        "--max-attempts",
                                        "1",
                                        "--max-connections",
                                        "1"};
  auto limited = run;
  limited.insert(limited.end(), {"--max-cost", "0.5"});  // a call may cost 0.1 and its prompt
  const Outcome stopped = iie(limited);
  EXPECT_EQ(stopped.exit, 5) << stopped.err;
  EXPECT_LE(server.counters().requests, 4u);
  EXPECT_NE(stopped.err.find("of it estimated, for calls that broke off"), std::string::npos)
      << stopped.err;
  EXPECT_NE(stopped.err.find("may be billed: --max-cost counted the most"), std::string::npos)
      << stopped.err;
  // Refusals are free: none of the eight is missing.
  const std::size_t before = server.counters().requests;
  server.set_handler([](const Request&) { return error_reply(400, "no"); });
  const Outcome refused = iie(limited);
  EXPECT_EQ(refused.err.find("billed"), std::string::npos) << refused.err;
  EXPECT_EQ(server.counters().requests, before + 8);
}

TEST_F(Money, AnswersWithoutUsageStayCountedWhenTheRunGoesOn) {
  ChatServer server([](const Request&) {
    return Reply{.headers = {{"content-type", "application/json"}},
                 .body = R"({"choices":[{"message":{"content":")" + std::string(400, 'y') +
                         R"("},"finish_reason":"stop"}]})"};
  });
  const std::vector<std::string> base = {"--prices", prices(), "--quiet"};
  std::vector<std::string> run = {
      "run",     "--model", "openai:m",     "--base-url", server.base_url(), "--judge", "rules",
      "--limit", "8",       "--max-tokens", "200",        "--max-cost",      "0.9"};
  run.insert(run.end(), base.begin(), base.end());
  EXPECT_EQ(iie(run).exit, 5);
  const std::size_t sent = server.counters().requests;
  EXPECT_GE(sent, 3u);
  // At least 0.1 each by its text: what is left of 0.45 is nothing.
  const Outcome again = iie({"resume", "latest", "--prices", prices(), "--quiet", "--max-cost",
                             std::to_string(0.11 * static_cast<double>(sent))});
  EXPECT_EQ(again.exit, 5) << again.err;
  EXPECT_NE(again.err.find("of it estimated"), std::string::npos) << again.err;
  EXPECT_EQ(server.counters().requests, sent);
}

}  // namespace
}  // namespace iie::test
