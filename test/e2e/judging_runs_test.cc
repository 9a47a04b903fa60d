// `rejudge`, `calibrate` and `judge-test` under a limit of money, dry, recorded and replayed.
#include <atomic>
#include <filesystem>
#include <memory>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> plus(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

class JudgingRuns : public EndToEnd {
 protected:
  // Every reply differs, and a third of them pass: whoever mixed replies up would show. A judge's
  // reply is 10 tokens in and 20 out.
  static Handler numbered_judges() {
    return [count = std::make_shared<std::atomic<int>>(0)](const Request&) {
      const int number = ++*count;
      return answer("Because of " + std::to_string(number) +
                    ".\n{\"answer_score\": " + (number % 3 == 0 ? "1" : "0") + "}");
    };
  }
  std::string prices() {
    return dir_.write("prices.yaml", "prices:\n  - {models: [j, k], input: 100, output: 1000}\n");
  }
  void run_demonstrations(const std::string& store) {
    const Outcome run = iie({"run", "--model", "replay:demonstrations", "--judge", "rules",
                             "--types", "DIA,CA", "--limit", "8", "--quiet", "--store", store});
    ASSERT_EQ(run.exit, 0) << run.err;
  }
  // Eight responses to four questions.
  std::string labels() {
    std::string text;
    for (const char* id : {"dia-001-en", "dia-001-zh", "ca-001-en", "ca-001-zh"}) {
      for (const char* label : {"0", "1"}) {
        text += std::string("{\"sample\":\"") + id + "\",\"response\":\"It is " + label +
                ".\",\"label\":" + label + "}\n";
      }
    }
    return dir_.write("labels.jsonl", text);
  }
};

TEST_F(JudgingRuns, DryRunsCountEveryJudgesCallsAndSendNothing) {
  run_demonstrations("runs.db");
  const Outcome rejudge = iie({"rejudge", "latest", "--store", "runs.db", "--judges",
                               "openai:j,openai:k", "--judge-base-url", "http://127.0.0.1:9/v1",
                               "--prices", prices(), "--dry-run", "--format", "json"});
  ASSERT_EQ(rejudge.exit, 0) << rejudge.err;
  const auto plan = json(rejudge.out);
  EXPECT_EQ(plan.at("runs"), 2);
  EXPECT_EQ(plan.at("judgements"), 32);
  EXPECT_EQ(plan.at("responses"), 0);
  ASSERT_EQ(plan.at("calls").as_array().size(), 2u);
  double sum = 0;
  for (const auto& line : plan.at("calls").as_array()) {
    EXPECT_EQ(line.at("role"), "judge");
    EXPECT_EQ(line.at("requests"), 16);
    EXPECT_GT(number(line.at("input_tokens")), 16 * 300);
    sum += number(line.at("cost"));
  }
  EXPECT_NEAR(number(plan.at("cost")), sum, 1e-6);
  EXPECT_EQ(json(iie({"runs", "--store", "runs.db", "--format", "json"}).out).as_array().size(),
            1u);

  const Outcome calibrate =
      iie({"calibrate", "--labels", labels(), "--judge", "openai:j", "--ablation", "--prompts",
           "open", "--judge-base-url", "http://127.0.0.1:9/v1", "--dry-run"});
  ASSERT_EQ(calibrate.exit, 0) << calibrate.err;
  // Without and with its system prompt: two runs that ask one model.
  EXPECT_NE(calibrate.out.find("Dry run of 2 runs with 16 judgements: nothing is sent."),
            std::string::npos)
      << calibrate.out;
  EXPECT_NE(calibrate.out.find("unknown price"), std::string::npos) << calibrate.out;
  EXPECT_FALSE(fs::exists(dir_ / "results"));

  const Outcome attacks = iie({"judge-test", "--judge", "openai:j", "--judge-base-url",
                               "http://127.0.0.1:9/v1", "--dry-run", "--format", "json"});
  ASSERT_EQ(attacks.exit, 0) << attacks.err;
  EXPECT_GT(number(json(attacks.out).at("calls").at(0).at("requests")), 85);
}

TEST_F(JudgingRuns, TheLimitIsOneForAllJudgesAndWhatIsSpentStaysSpent) {
  ChatServer server(numbered_judges());
  run_demonstrations("runs.db");
  const std::vector<std::string> rejudge = {"rejudge",
                                            "latest",
                                            "--store",
                                            "runs.db",
                                            "--judges",
                                            "openai:j,openai:k",
                                            "--judge-base-url",
                                            server.base_url(),
                                            "--judge-max-tokens",
                                            "100",
                                            "--format",
                                            "json"};
  expect_error(iie(plus(rejudge, {"--max-cost", "1"})), 2, {"--max-cost", "openai:j", "--prices"});
  EXPECT_EQ(server.counters().requests, 0u);

  // A call costs 0.021; the first judge's sixteen 0.336, and at most 0.1 and its prompt's each.
  const auto limited = plus(rejudge, {"--prices", prices()});
  const Outcome stopped = iie(plus(limited, {"--max-cost", "0.8", "--quiet"}));
  expect_error(stopped, 5, {"--max-cost 0.8 is used up", "the same command with --max-cost MORE"});
  const std::size_t sent = server.counters().requests;
  EXPECT_GT(sent, 16u);
  EXPECT_LT(sent, 32u);
  EXPECT_EQ(iie(plus(limited, {"--max-cost", "0.8"})).exit, 5);
  EXPECT_EQ(server.counters().requests, sent);
  const Outcome rest = iie(plus(limited, {"--max-cost", "5"}));
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_EQ(server.counters().requests, 32u);

  const std::vector<std::string> calibrate = {
      "calibrate", "--labels",         labels(),          "--judge",  "openai:j",
      "--judge",   "openai:k",         "--prices",        prices(),   "--judge-max-tokens",
      "100",       "--judge-base-url", server.base_url(), "--format", "json"};
  expect_error(iie(plus(calibrate, {"--max-cost", "0.4", "--quiet"})), 5,
               {"--max-cost 0.4 is used up"});
  const Outcome calibrated = iie(plus(calibrate, {"--max-cost", "5"}));
  EXPECT_EQ(calibrated.exit, 0) << calibrated.err;
  EXPECT_EQ(server.counters().requests, 48u);

  const Outcome attacks = iie({"judge-test", "--judge", "openai:j", "--judge-base-url",
                               server.base_url(), "--prices", prices(), "--max-cost", "0.01"});
  expect_error(attacks, 5, {"--max-cost 0.01 is used up"});
  EXPECT_EQ(server.counters().requests, 48u);
}

TEST_F(JudgingRuns, AReplayNeedsNoNetworkAndPrintsTheSame) {
  std::string url;
  std::vector<std::string> rejudge;
  std::vector<std::string> calibrate;
  std::vector<std::string> attacks;
  Outcome rejudged;
  Outcome calibrated;
  Outcome attacked;
  run_demonstrations("a.db");
  fs::copy_file(dir_ / "a.db", dir_ / "b.db");
  {
    ChatServer server(numbered_judges());
    url = server.base_url();
    rejudge = {"rejudge",          "latest", "--judges", "openai:j,openai:k,openai:j",
               "--judge-base-url", url,      "--format", "json"};
    // The same model under two names for the same prompts: what it is asked does not differ.
    calibrate = {"calibrate",
                 "--labels",
                 labels(),
                 "--judge",
                 "openai:j",
                 "--judge",
                 "matrix:open=openai:j",
                 "--judge-base-url",
                 url,
                 "--format",
                 "json"};
    attacks = {"judge-test", "--judge", "openai:j", "--judge-base-url", url, "--format", "json"};
    rejudged = iie(plus(rejudge, {"--store", "a.db", "--record", "r.rec"}),
                   {{"OPENAI_API_KEY", "sk-canary-in-no-recording"}});
    ASSERT_EQ(rejudged.exit, 0) << rejudged.err;
    EXPECT_EQ(server.counters().requests, 32u);
    calibrated = iie(plus(calibrate, {"--store", "ca.db", "--record", "c.rec"}));
    ASSERT_EQ(calibrated.exit, 0) << calibrated.err;
    EXPECT_EQ(server.counters().requests, 48u);
    attacked = iie(plus(attacks, {"--record", "t.rec"}));
    ASSERT_EQ(attacked.exit, 0) << attacked.err;
  }
  EXPECT_EQ(dir_.read("r.rec").find("sk-canary"), std::string::npos);
  // The server is gone.
  const Outcome again = iie(plus(rejudge, {"--store", "b.db", "--replay", "r.rec"}));
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(again.out, rejudged.out);
  // Where the verdicts are already, the replay's are runs of their own.
  const Outcome beside = iie(plus(rejudge, {"--store", "a.db", "--replay", "r.rec"}));
  const auto first_scores = json(rejudged.out).at("models").at(0).at("scores").as_array();
  const auto scores = json(beside.out).at("models").at(0).at("scores").as_array();
  ASSERT_EQ(scores.size(), first_scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i].at("passed"), first_scores[i].at("passed")) << i;
  }
  EXPECT_EQ(json(iie({"runs", "--store", "a.db", "--format", "json"}).out).as_array().size(), 5u);
  const Outcome labelled = iie(plus(calibrate, {"--store", "cb.db", "--replay", "c.rec"}));
  EXPECT_EQ(labelled.exit, 0) << labelled.err;
  EXPECT_EQ(labelled.out, calibrated.out);
  const Outcome hostile = iie(plus(attacks, {"--replay", "t.rec"}));
  EXPECT_EQ(hostile.exit, 0) << hostile.err;
  EXPECT_EQ(hostile.out, attacked.out);

  expect_error(iie({"rejudge", "latest", "--store", "b.db", "--judges", "openai:j",
                    "--judge-base-url", url, "--replay", "r.rec", "--quiet"}),
               3, {"r.rec", "another run"});
  expect_error(iie(plus(rejudge, {"--store", "a.db", "--record", "late.rec"})), 2,
               {"late.rec", "from the start"});
  expect_error(iie(plus(attacks, {"--replay", "t.rec", "--record", "x"})), 2, {"not both"});
}

TEST_F(JudgingRuns, JudgingAnewLeavesTheEarlierVerdicts) {
  ChatServer server(numbered_judges());
  run_demonstrations("runs.db");
  const std::vector<std::string> rejudge = {
      "rejudge",  "latest",           "--store",         "runs.db",  "--judge",
      "openai:j", "--judge-base-url", server.base_url(), "--format", "json"};
  ASSERT_EQ(iie(rejudge).exit, 0);
  ASSERT_EQ(iie(rejudge).exit, 0);
  EXPECT_EQ(server.counters().requests, 16u);
  const Outcome anew = iie(plus(rejudge, {"--new"}));
  ASSERT_EQ(anew.exit, 0) << anew.err;
  EXPECT_EQ(server.counters().requests, 32u);
  EXPECT_EQ(json(iie({"runs", "--store", "runs.db", "--format", "json"}).out).as_array().size(),
            3u);
}

}  // namespace
}  // namespace iie::test
