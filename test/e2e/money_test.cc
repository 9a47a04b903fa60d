// What a run would cost, what it may cost, and what it cost.
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <thread>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

using namespace std::chrono_literals;

class Money : public EndToEnd {
 protected:
  // Prices for the test's two models at any endpoint.
  std::string prices() {
    return dir_.write("prices.yaml",
                      "prices:\n"
                      "  - {models: m, input: 100, output: 1000, as_of: 2026-01-01}\n"
                      "  - {models: j, input: 10, output: 10}\n");
  }
  // Every third reply breaks off in its body.
  Handler breaking_every_third() {
    return [this](const Request&) {
      Reply reply = answer("Yes.");
      if (++asked_ % 3 == 0) {
        reply.cut_after = 120;
        ++broken_;
      }
      return reply;
    };
  }

  // Counted on the server's thread.
  std::atomic<int> asked_{0};
  std::atomic<int> broken_{0};
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

// Every prompt reaches the tier, and each call is of it by itself.
TEST_F(Money, LongPromptsAndWrittenInputCostWhatTheyCost) {
  const std::string prices = dir_.write(
      "tiers.yaml",
      "version: 2\nprices:\n  - {models: m, input: 100, cache_write: 150, output: 1000,\n"
      "     tiers: [{above: 5, input: 200, cache_write: 400, output: 3000},\n"
      "             {above: 100000, input: 9000, output: 9000}]}\n");
  ChatServer server([](const Request&) {
    Reply reply = answer("Yes.");  // 10 tokens in, 20 out
    const std::size_t details = reply.body.find("\"prompt_tokens\"");
    reply.body.insert(details, "\"prompt_tokens_details\":{\"cache_write_tokens\":4},");
    return reply;
  });
  const std::vector<std::string> run = {
      "run",     "--model",      "openai:m", "--base-url", server.base_url(),
      "--judge", "rules",        "--limit",  "4",          "--prices",
      prices,    "--max-tokens", "100",      "--format",   "json"};
  auto dry = run;
  dry.emplace_back("--dry-run");
  const auto model = json(iie(dry).out).at("calls").at(0);
  const double input = number(model.at("input_tokens"));
  EXPECT_NEAR(number(model.at("cost")), (input * 200 + 400 * 3000) / 1e6, 1e-6);
  EXPECT_NEAR(number(model.at("most_cost")), (input * 400 + 400 * 3000) / 1e6, 1e-6);
  // A call costs 0.0628; before it is sent, at least 0.3 and its prompt.
  auto limited = run;
  limited.insert(limited.end(), {"--max-cost", "0.3"});
  EXPECT_EQ(iie(limited).exit, 5);
  EXPECT_EQ(server.counters().requests, 0u);
  auto rest = run;
  rest.emplace_back("--new");
  const auto report = json(iie(rest).out);
  EXPECT_NEAR(number(report.at("cost").at("total")), 4 * (6 * 200 + 4 * 400 + 20 * 3000) / 1e6,
              1e-9);
  EXPECT_EQ(report.at("cost").at("model").at("price").at("tiers").as_array().size(), 2u);
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
  EXPECT_NE(stopped.err.find("may be billed: --max-cost counts the most"), std::string::npos)
      << stopped.err;
  // Refusals are free: none of the eight is missing.
  const std::size_t before = server.counters().requests;
  server.set_handler([](const Request&) { return error_reply(400, "no"); });
  const Outcome refused = iie(limited);
  EXPECT_EQ(refused.err.find("billed"), std::string::npos) << refused.err;
  EXPECT_EQ(server.counters().requests, before + 8);
}

TEST_F(Money, CallsThatBrokeOffStayCountedWhenTheRunGoesOn) {
  ChatServer server(breaking_every_third());
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
                                        "40",
                                        "--max-tokens",
                                        "100",
                                        "--max-attempts",
                                        "1",
                                        "--format",
                                        "json",
                                        "--max-cost",
                                        "1"};
  const Outcome stopped = iie(run);
  EXPECT_EQ(stopped.exit, 5) << stopped.err;
  const std::size_t sent = server.counters().requests;
  ASSERT_GE(broken_, 3);
  ASSERT_LT(sent, 40u);
  auto cost = json(stopped.out).at("cost");
  EXPECT_EQ(cost.at("may_be_billed").at("calls"), broken_.load());
  const double most = number(cost.at("may_be_billed").at("amount"));
  EXPECT_GT(most, 0.1 * broken_);  // 100 tokens, and a prompt of some thirty
  EXPECT_LT(most, 0.2 * broken_);
  EXPECT_LE(number(cost.at("total")) + most, 1);
  // What was answered leaves room for many calls; with those that broke off there is none.
  EXPECT_LT(number(cost.at("total")), 0.5);
  const Outcome again = iie({"resume", "latest", "--prices", prices(), "--max-cost", "1"});
  EXPECT_EQ(again.exit, 5) << again.err;
  EXPECT_NE(again.err.find("of it estimated, for calls that broke off"), std::string::npos)
      << again.err;
  EXPECT_EQ(server.counters().requests, sent);

  // More money: it goes on, and the report adds what broke off in both.
  const Outcome more = iie({"resume", "latest", "--prices", prices(), "--max-cost", "20",
                            "--max-attempts", "1", "--format", "json"});
  EXPECT_EQ(more.exit, 5) << more.err;
  EXPECT_GT(server.counters().requests, sent);
  server.set_handler(static_answer("Yes."));
  const Outcome rest =
      iie({"resume", "latest", "--prices", prices(), "--max-cost", "20", "--format", "json"});
  EXPECT_EQ(rest.exit, 0) << rest.err;
  cost = json(rest.out).at("cost");
  EXPECT_EQ(cost.at("may_be_billed").at("calls"), broken_.load());
  EXPECT_NEAR(number(cost.at("total")), 40 * 0.021, 1e-9);
  const std::string text = iie({"report", "latest", "--prices", prices()}).out;
  EXPECT_NE(text.find("broke off and may have been billed"), std::string::npos) << text;
  // Without a price there is a number of calls and no amount.
  const auto unknown = json(iie({"report", "latest", "--format", "json"}).out).at("cost");
  EXPECT_EQ(unknown.at("may_be_billed").at("calls"), broken_.load());
  EXPECT_TRUE(unknown.at("may_be_billed").at("amount").is_null());
}

TEST_F(Money, JudgesCallsThatBrokeOffHaveTheJudgesPrice) {
  ChatServer server([this](const Request& request) {
    Reply reply = answer("Yes.");
    if (request.model() == "j") {
      reply.cut_after = 120;
      ++broken_;
    }
    return reply;
  });
  const std::vector<std::string> run = {"run",
                                        "--model",
                                        "openai:m",
                                        "--base-url",
                                        server.base_url(),
                                        "--judge",
                                        "openai:j",
                                        "--judge-base-url",
                                        server.base_url(),
                                        "--prices",
                                        prices(),
                                        "--limit",
                                        "4",
                                        "--max-tokens",
                                        "100",
                                        "--max-attempts",
                                        "1",
                                        "--format",
                                        "json"};
  const Outcome outcome = iie(run);
  ASSERT_GE(broken_, 1) << outcome.err;
  const auto report = json(iie({"report", "latest", "--prices", prices(), "--format", "json"}).out);
  const auto& billed = report.at("cost").at("may_be_billed");
  EXPECT_EQ(billed.at("calls"), broken_.load());
  EXPECT_EQ(billed.at("price").at("output"), 10);
  EXPECT_GT(number(billed.at("amount")), 0.001 * broken_);
  // It counts for whoever goes on, at that price.
  const std::size_t sent = server.counters().requests;
  const Outcome again = iie({"resume", "latest", "--prices", prices(), "--max-cost",
                             std::to_string(number(report.at("cost").at("model").at("amount")) +
                                            number(billed.at("amount")))});
  EXPECT_EQ(again.exit, 5) << again.err;
  EXPECT_EQ(server.counters().requests, sent);
}

// One judge of a panel has answered when the other's key is refused: there is no judgement, but a
// bill.
TEST_F(Money, RepliesOfAJudgementThatWasCutShortAreSpent) {
  std::atomic<bool> refuses{true};
  std::atomic<int> of_j{0};
  ChatServer server([&](const Request& request) {
    if (request.model() == "k" && refuses) return error_reply(401, "no");
    if (request.model() == "m") return answer("Yes.");  // 10 tokens in, 20 out
    if (request.model() == "j") ++of_j;
    return answer("Reasons.\n```json\n{\"answer_score\": 1}\n```");
  });
  const std::string prices = dir_.write("panel.yaml",
                                        "prices:\n"
                                        "  - {models: m, input: 100, output: 1000}\n"
                                        "  - {models: j, input: 0, output: 50000}\n"
                                        "  - {models: k, input: 0.01, output: 0.01}\n");
  for (const std::string cache : {"resume", "off"}) {
    SCOPED_TRACE(cache);
    refuses = true;
    of_j = 0;
    const Outcome cut =
        iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
             "panel:openai:j,openai:k", "--judge-base-url", server.base_url(), "--limit", "1",
             "--max-tokens", "100", "--store", cache + ".db", "--cache", cache});
    EXPECT_NE(cut.exit, 0);
    ASSERT_EQ(of_j, 1) << cut.err;
    refuses = false;
    // The model's answer cost 0.021 and the judge's reply a dollar.
    const std::size_t sent = server.counters().requests;
    const std::vector<std::string> resume = {"resume",  "latest", "--store",  cache + ".db",
                                             "--cache", cache,    "--prices", prices};
    auto limited = resume;
    limited.insert(limited.end(), {"--max-cost", "1.02"});
    const Outcome stopped = iie(limited);
    EXPECT_EQ(stopped.exit, 5) << stopped.err;
    EXPECT_NE(stopped.err.find("1.0210 is spent"), std::string::npos) << stopped.err;
    EXPECT_EQ(server.counters().requests, sent);
    auto enough = resume;
    enough.insert(enough.end(), {"--max-cost", "10000"});
    const Outcome rest = iie(enough);
    EXPECT_EQ(rest.exit, 0) << rest.err;
    // What the cache holds is not asked again.
    EXPECT_EQ(of_j, cache == "off" ? 2 : 1);
  }
}

TEST_F(Money, AReplayGivesTheReportOfTheRunWhoseCallsBrokeOff) {
  ChatServer server(breaking_every_third());
  const std::vector<std::string> run = {
      "run",     "--model",        "openai:m", "--base-url", server.base_url(),
      "--judge", "rules",          "--prices", prices(),     "--limit",
      "8",       "--max-attempts", "1",        "--format",   "json"};
  auto recorded = run;
  recorded.insert(recorded.end(), {"--record", "run.rec", "--store", "a.db", "--out", "a"});
  auto replayed = run;
  replayed.insert(replayed.end(), {"--replay", "run.rec", "--store", "b.db", "--out", "b"});
  const Outcome first = iie(recorded);
  ASSERT_GE(broken_, 2) << first.err;
  EXPECT_EQ(json(first.out).at("cost").at("may_be_billed").at("calls"), broken_.load());
  EXPECT_EQ(iie(replayed).out, first.out);
}

// A process that is killed keeps every call that broke off before; only those under way are lost.
TEST_F(Money, AKilledRunKeepsWhatBrokeOff) {
  constexpr int kServed = 30;
  ChatServer server([this, breaking = breaking_every_third()](const Request& request) {
    Reply reply = breaking(request);
    if (asked_ > kServed) {
      reply.cut_after = 120;
      reply.then = Reply::Then::stall;
    }
    return reply;
  });
  Running running(
      IIE_BINARY, dir_.path(),
      {.args = {"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge", "rules",
                "--limit", "64", "--max-attempts", "1", "--max-connections", "4", "--quiet"}});
  const auto kept = [&] {
    const Outcome report = iie({"report", "latest", "--format", "json"});
    if (report.exit != 0 && report.exit != 5) return -1.0;
    const auto cost = json(report.out).at("cost");
    const auto& billed = cost.at("may_be_billed");
    return billed.is_null() ? 0.0 : number(billed.at("calls"));
  };
  for (int i = 0; i < 1000 && (asked_ <= kServed || kept() < kServed / 3); ++i) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_GT(asked_, kServed) << "calls are under way";
  running.signal(SIGKILL);
  EXPECT_EQ(running.wait(), -SIGKILL);
  EXPECT_EQ(kept(), kServed / 3);
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
