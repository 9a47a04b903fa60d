// Runs that are repeated: from a recording, byte for byte, and from the cache.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;

class Repeat : public EndToEnd {
 protected:
  // A model that sometimes fails for good, and a judge that passes half of what it sees; every
  // answer differs, so that a replay that mixed rollouts up would show.
  static Handler model_and_judge() {
    return [count = std::make_shared<std::atomic<int>>(0)](const Request& request) {
      const int number = ++*count;
      if (request.model() == "j") {
        const bool pass = number % 2 == 0;
        return answer(std::string("Because of ") + std::to_string(number) +
                      ".\n{\"answer_score\": " + (pass ? "1" : "0") + "}");
      }
      if (number % 9 == 4) return error_reply(400, "number " + std::to_string(number) + " refused");
      return answer("Answer " + std::to_string(number) + " to that.");
    };
  }
};

std::vector<std::string> plus(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST_F(Repeat, AReplayedRunGivesTheSameReportsWithoutNetworkOrKey) {
  std::string url;
  Outcome recorded;
  {
    ChatServer server(model_and_judge());
    url = server.base_url();
    recorded = iie(plus({"run", "--model", "openai:m", "--base-url", url, "--judge", "openai:j",
                         "--limit", "6", "--rollouts", "3", "--format", "json"},
                        {"--record", "run.rec", "--store", "a/runs.db"}),
                   {{"OPENAI_API_KEY", "sk-canary-in-no-recording"}});
    EXPECT_EQ(recorded.exit, 5) << recorded.err;  // some calls failed for good
    EXPECT_GT(server.counters().requests, 18u);
  }
  EXPECT_EQ(dir_.read("run.rec").find("sk-canary"), std::string::npos);
  // The server is gone.
  const Outcome replayed =
      iie({"run", "--model", "openai:m", "--base-url", url, "--judge", "openai:j", "--limit", "6",
           "--rollouts", "3", "--format", "json", "--replay", "run.rec", "--store", "b/runs.db"});
  EXPECT_EQ(replayed.exit, recorded.exit) << replayed.err;
  EXPECT_EQ(replayed.out, recorded.out);
  const std::string id(json(recorded.out).at("run").at("id").as_string());
  for (const char* name : {"report.json", "report.md", "report.csv"}) {
    const std::string first = dir_.read("a/" + id + "/" + name);
    EXPECT_FALSE(first.empty()) << name;
    EXPECT_EQ(first, dir_.read("b/" + id + "/" + name)) << name;
  }
  // In the store that has the run, the replay is a run of its own.
  const Outcome beside =
      iie({"run", "--model", "openai:m", "--base-url", url, "--judge", "openai:j", "--limit", "6",
           "--rollouts", "3", "--format", "json", "--replay", "run.rec", "--store", "a/runs.db"});
  EXPECT_EQ(json(beside.out).at("run").at("id").as_string(), id + "-2");
  EXPECT_TRUE(json(beside.out).at("overall") == json(recorded.out).at("overall"));
}

// A run that was done in one go makes its report from what passes through it; `report` reads it
// back from the store. Answers and verdicts with everything that a store could change on the way.
TEST_F(Repeat, ARunsReportIsTheOneThatTheStoreGives) {
  const std::vector<std::string> texts = {
      "Plain words, and the most ordinary ones.",
      "",
      "  \n\t ",
      "Nul \\u0000 and \\u001b[31m red \\u202e turned, \\ud83d\\ude00 half \\ud83d.",
      "broken \xC3\x28 and \xFF bytes",
      "<think>never ends, the answer is",
      std::string(70'000, 'x') + "\\n1. one\\n2. two",
  };
  ChatServer server([&, count =
                            std::make_shared<std::atomic<std::size_t>>(0)](const Request& request) {
    const std::size_t number = ++*count;
    if (request.model() != "m") {
      if (number % 7 == 3) return answer("no verdict \x01 here");  // unreadable
      return answer(std::string("Because.\n{\"answer_score\": ") + (number % 3 == 0 ? "1}" : "0}"));
    }
    Reply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = R"({"choices":[{"message":{"content":")" + texts[number % texts.size()] +
                 R"(","reasoning_content":"so \u0000 so"},"finish_reason":)" +
                 (number % 4 == 0 ? R"("length")" : R"("stop")") + "}]" +
                 (number % 5 == 0 ? ""
                                  : R"(,"usage":{"prompt_tokens":7,"completion_tokens":9,)"
                                    R"("prompt_tokens_details":{"cached_tokens":3}})") +
                 R"(,"model":"served-)" + std::to_string(number % 3) + "\"}";
    return reply;
  });
  const std::vector<std::vector<std::string>> runs = {
      {"--judge", "rules", "--twins"},
      {"--judge", "auto:openai:j"},
      {"--judge", "openai:j"},
      {"--judge", "panel:openai:a,openai:b,openai:c"},
  };
  for (const std::vector<std::string>& more : runs) {
    const Outcome run = iie(
        plus({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge-base-url",
              server.base_url(), "--limit", "40", "--rollouts", "3", "--format", "json", "--quiet"},
             more),
        {{"OPENAI_API_KEY", "sk-none"}});
    ASSERT_EQ(run.exit, 0) << more[1] << ": " << run.err << run.out.substr(0, 2000);
    const std::string folder =
        "results/" + std::string(json(run.out).at("run").at("id").as_string()) + "/";
    EXPECT_EQ(run.out, dir_.read(folder + "report.json"));
    for (const auto& [format, name] : std::map<std::string, std::string>{
             {"json", "report.json"}, {"md", "report.md"}, {"csv", "report.csv"}}) {
      EXPECT_EQ(dir_.read(folder + name), iie({"report", "latest", "--format", format}).out)
          << more[1] << " " << format;
    }
  }
}

TEST_F(Repeat, ARecordingSaysWhatItIsNotFor) {
  ChatServer server(model_and_judge());
  const std::vector<std::string> base = {
      "run",     "--model", "openai:m", "--base-url", server.base_url(),
      "--judge", "rules",   "--limit",  "4",          "--quiet"};
  ASSERT_NE(iie(plus(base, {"--record", "run.rec"})).exit, 2);
  expect_error(iie(plus(base, {"--replay", "run.rec", "--temperature", "0.5"})), 3,
               {"run.rec", "another run"});
  expect_error(iie(plus(base, {"--replay", "run.rec", "--record", "x"})), 2, {"not both"});
  expect_error(iie(plus(base, {"--replay", "nothing.rec"})), 3, {"nothing.rec"});
  // A run that was begun without one cannot be recorded from the middle.
  expect_error(iie(plus(base, {"--record", "late.rec"})), 2, {"late.rec", "from the start"});
  // A recording that ends early: the replay stops and says at which call.
  std::string bytes = dir_.read("run.rec");
  bytes.resize(bytes.rfind('\n', bytes.size() - 2) + 1);
  dir_.write("short.rec", bytes);
  const Outcome missing = iie(plus(base, {"--replay", "short.rec", "--store", "c.db"}));
  EXPECT_EQ(missing.exit, 3) << missing.err;
  EXPECT_NE(missing.err.find("short.rec: no call is recorded for sample"), std::string::npos)
      << missing.err;
}

// Killed at any moment and started again, a recorded run ends as a recording that replays to the
// same report; and what a judge has answered is not asked again.
TEST_F(Repeat, AKilledRunGoesOnInItsRecordingAndItsCache) {
  ChatServer server(delayed(
      [count = std::make_shared<std::atomic<int>>(0)](const Request& request) {
        const std::string number = std::to_string(++*count);
        if (request.model() == "j") {
          return answer("Number " + number + ".\n{\"answer_score\": 1}");
        }
        return answer("Answer " + number + " to that.");
      },
      std::chrono::milliseconds(15)));
  const std::vector<std::string> base = {"run",
                                         "--model",
                                         "openai:m",
                                         "--base-url",
                                         server.base_url(),
                                         "--judge",
                                         "openai:j",
                                         "--limit",
                                         "16",
                                         "--rollouts",
                                         "4",
                                         "--max-connections",
                                         "4",
                                         "--judge-connections",
                                         "4",
                                         "--quiet",
                                         "--format",
                                         "json"};
  const auto recording = plus(base, {"--record", "run.rec", "--store", "a/runs.db"});
  int killed = 0;
  for (int round = 0; round < 6; ++round) {
    Running running(IIE_BINARY, dir_.path(), {.args = recording});
    std::this_thread::sleep_for(std::chrono::milliseconds(120 + 35 * round));
    running.signal(SIGKILL);
    killed += running.wait() == -SIGKILL ? 1 : 0;
  }
  EXPECT_GT(killed, 2);
  const Outcome rest = iie(recording);
  ASSERT_EQ(rest.exit, 0) << rest.err;
  const Outcome replayed = iie(plus(base, {"--replay", "run.rec", "--store", "b/runs.db"}));
  ASSERT_EQ(replayed.exit, 0) << replayed.err;
  EXPECT_EQ(replayed.out, rest.out);
  const double rollouts = number(json(rest.out).at("tokens").at("model").at("calls"));
  const double judged = number(json(rest.out).at("judge").at("calls"));
  EXPECT_EQ(rollouts, 64);
  // What was in flight at each kill, and no more, was asked twice.
  EXPECT_LE(static_cast<double>(server.counters().requests), rollouts + judged + 16.0 * killed);
}

TEST_F(Repeat, TheCacheSparesCallsWhereItIsAsked) {
  ChatServer server(model_and_judge());
  const std::vector<std::string> base = {
      "run",      "--model", "openai:m", "--base-url", server.base_url(),
      "--judge",  "rules",   "--limit",  "8",          "--quiet",
      "--format", "json",    "--seed",   "1",          "--max-attempts",
      "1"};
  // Failures are not kept, so the second run asks again for those alone.
  const Outcome first = iie(plus(base, {"--cache", "on"}));
  const std::size_t asked = server.counters().requests;
  EXPECT_EQ(asked, 8u);
  const std::int64_t failed =
      json(iie({"runs", "--format", "json"}).out).at(0).at("failed").as_int64();
  const Outcome second = iie(plus(base, {"--cache", "read", "--new"}));
  EXPECT_EQ(server.counters().requests, asked + static_cast<std::size_t>(failed)) << second.err;
  // Without being asked, no run takes another run's replies.
  iie(plus(base, {"--new"}));
  EXPECT_EQ(server.counters().requests, asked + static_cast<std::size_t>(failed) + 8);
  // Reading one that is not there would ask and pay for everything.
  const std::size_t before = server.counters().requests;
  const Outcome nothing = iie(plus(base, {"--cache", "read", "--cache-file", "typo", "--new"}));
  EXPECT_EQ(nothing.exit, 3) << nothing.err;
  EXPECT_NE(nothing.err.find("no response cache at 'typo'"), std::string::npos) << nothing.err;
  EXPECT_EQ(server.counters().requests, before);
  // A damaged cache that was asked for is an error before the run; the default goes on without.
  dir_.write("bad", std::string(9000, 'x'));
  const Outcome refused = iie(plus(base, {"--cache", "on", "--cache-file", "bad", "--new"}));
  EXPECT_EQ(refused.exit, 3) << refused.err;
  EXPECT_NE(refused.err.find("bad"), std::string::npos);
}

TEST_F(Repeat, JudgeRepliesOfAnInterruptedRunAreNotAskedForAgain) {
  // Two questions about each response; the second always fails at first, so that no judgement is
  // whole and nothing of it is in the store.
  std::atomic<bool> broken = true;
  std::atomic<int> first_questions = 0;
  ChatServer server([&](const Request& request) {
    if (request.model() != "j") return answer("Any answer.");
    const std::string prompt = request.last_user_message();
    if (prompt.find("SECOND") != std::string::npos) {
      if (broken) return error_reply(400, "not now");
      return answer("{\"result\": \"PASS\"}");
    }
    ++first_questions;
    return answer("{\"result\": \"PASS\"}");
  });
  dir_.write("q.jsonl",
             R"({"uuid":"t1","rubric":[{"id":"C1","criteria":"FIRST"},{"id":"C2","criteria":)"
             R"("SECOND"}],"reference_response":"Hi.","prompt":"Hi","judge_prompt_template":)"
             R"("{prompt}\n{model_response}\n{standard_response}\n{criteria}",)"
             R"("judge_system_prompt":"Be strict.","responses_create_params":{"input":)"
             R"([{"role":"user","content":"Hi"}]},"metadata":{"domain":"Education",)"
             R"("l1_taxonomy":"Counter-Conventional Formatting"}})"
             "\n");
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "openai:j", "--dataset", "q.jsonl", "--quiet"});
  ASSERT_NE(run.exit, 0) << run.err << run.out;
  if (first_questions == 0) GTEST_FAIL() << run.err;
  EXPECT_TRUE(fs::exists(dir_ / "results/runs.db-cache"));
  const int asked = first_questions;
  broken = false;
  const Outcome rest = iie({"resume", "latest", "--quiet"});
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_EQ(first_questions, asked);
}

}  // namespace
}  // namespace iie::test
