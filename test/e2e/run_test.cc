// The main job: generate, judge, store, report.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Run : public EndToEnd {};

TEST_F(Run, DemonstrationsNeedNoNetworkAndNoKey) {
  const Outcome run = iie({"run", "--model", "replay:demonstrations", "--limit", "64"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_NE(run.out.find("Overall"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("demonstrations"), std::string::npos);
  const auto report = json(iie({"report", "latest", "--format", "json"}).out);
  EXPECT_EQ(report.at("overall").at("n"), 128);
  EXPECT_EQ(report.at("complete"), true);
  EXPECT_GE(report.at("by_type").as_array().size(), 8u);
  // The path printed at the end is a report that is there.
  const std::size_t at = run.out.rfind("Report  ");
  ASSERT_NE(at, std::string::npos);
  const std::string path = run.out.substr(at + 8, run.out.find(' ', at + 8) - at - 8);
  EXPECT_TRUE(fs::exists(dir_ / path)) << path;
}

// The controls are asked beside the items, change no score of theirs, and give the inertia gap.
TEST_F(Run, TwinsGiveTheInertiaGapAndNothingElse) {
  const std::vector<std::string> run = {
      "run", "--model", "replay:demonstrations", "--types", "DIA", "--quiet", "--format", "json"};
  const auto without = json(iie(run).out);
  auto args = run;
  args.push_back("--twins");
  const Outcome outcome = iie(args);
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto with = json(outcome.out);
  EXPECT_FALSE(without.as_object().contains("twins"));
  for (const char* part : {"overall", "by_type", "cells", "by_language", "examples"}) {
    EXPECT_EQ(with.at(part), without.at(part)) << part;
  }
  EXPECT_EQ(with.at("complete"), true);
  const auto& twins = with.at("twins");
  EXPECT_EQ(number(twins.at("twins")), number(with.at("dataset").at("samples")));
  EXPECT_EQ(number(twins.at("left_out")), 0);
  const auto& overall = twins.at("overall");
  // The twins' responses were all written to pass.
  EXPECT_EQ(number(overall.at("twin")), 100);
  EXPECT_EQ(number(overall.at("item")), number(with.at("overall").at("score")));
  EXPECT_NEAR(number(overall.at("gap")), 100 - number(overall.at("item")), 1e-3);
  EXPECT_LE(number(overall.at("low")), number(overall.at("gap")));
  EXPECT_EQ(twins.at("by_type").as_array().size(), 1u);
  // In every format, and stored for later reports and resumes.
  for (const char* format : {"terminal", "md", "csv", "latex"}) {
    const Outcome shown = iie({"report", "latest", "--format", format});
    EXPECT_NE(shown.out.find(std::string(format) == "csv" ? "inertia_gap" : "nertia"),
              std::string::npos)
        << format;
  }
  EXPECT_EQ(iie({"resume", "latest", "--quiet"}).exit, 0);
  dir_.write("bare.jsonl",
             R"({"schema":1,"id":"a","messages":[{"role":"user","content":"Which is it?"}]})"
             "\n");
  dir_.write("bare-r.jsonl", R"({"id":"a","response":"x"})"
                             "\n");
  expect_error(iie({"score", "bare-r.jsonl", "--dataset", "bare.jsonl", "--twins"}), 3,
               {"--twins", "twin"});
}

TEST_F(Run, IdenticalInputsGiveIdenticalBytes) {
  const std::vector<std::string> run = {
      "run", "--model", "replay:demonstrations", "--limit", "64", "--format", "json", "--quiet"};
  auto with_store = [&](const std::string& store) {
    auto args = run;
    args.insert(args.end(), {"--store", store});
    return iie(args).out;
  };
  const std::string first = with_store("a/one.db");
  EXPECT_EQ(first, with_store("b/two.db"));
  EXPECT_EQ(first, with_store("memory"));
  EXPECT_EQ(first, iie({"report", "latest", "--store", "a/one.db", "--format", "json"}).out);
  EXPECT_EQ(first, dir_.read("results/" + std::string(json(first).at("run").at("id").as_string()) +
                             "/report.json"));
}

TEST_F(Run, TheSameRunStartedAgainDoesNothingTwice) {
  ChatServer server(static_answer("I would say so."));
  const std::vector<std::string> args = {
      "run",     "--model", "openai:m",   "--limit", "64",       "--base-url", server.base_url(),
      "--judge", "rules",   "--rollouts", "2",       "--format", "json"};
  const Outcome first = iie(args);
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_EQ(server.counters().requests, 128u);
  const Outcome again = iie(args);
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(server.counters().requests, 128u);
  EXPECT_EQ(again.out, first.out);
  EXPECT_NE(again.err.find("is complete: nothing to do"), std::string::npos) << again.err;
  auto anew = args;
  anew.push_back("--new");
  EXPECT_EQ(iie(anew).exit, 0);
  EXPECT_EQ(server.counters().requests, 256u);
  EXPECT_EQ(json(iie({"runs", "--format", "json"}).out).as_array().size(), 2u);
}

TEST_F(Run, SendsWhatWasAskedForAndNothingElse) {
  ChatServer server(static_answer("Yes."));
  server.record_requests(true);
  const Outcome run =
      iie({"run", "--model", "openai:tiny:8b", "--base-url", server.base_url() + "/", "--judge",
           "rules", "--limit", "2", "--temperature", "0.7", "--max-tokens", "99", "--seed", "5",
           "--system", "Be brief.", "--format", "json"},
          {{"OPENAI_API_KEY", "sk-test-canary-1"}});
  EXPECT_EQ(run.exit, 0) << run.err;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  for (const Request& request : requests) {
    EXPECT_EQ(request.path, "/v1/chat/completions");
    EXPECT_EQ(request.header("authorization"), "Bearer sk-test-canary-1");
    const auto body = json(request.body);
    EXPECT_EQ(body.at("model"), "tiny:8b");
    EXPECT_DOUBLE_EQ(number(body.at("temperature")), 0.7);
    EXPECT_EQ(body.at("max_tokens"), 99);
    EXPECT_EQ(body.at("seed"), 5);
    EXPECT_EQ(request.messages().front().role, "system");
    EXPECT_EQ(request.messages().front().content, "Be brief.");
  }
}

TEST_F(Run, PaperProtocolIsSixRolloutsWithoutASystemPrompt) {
  ChatServer server(static_answer("Yes."));
  server.record_requests(true);
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "1", "--protocol", "paper", "--format", "json"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(server.counters().requests, 6u);
  for (const Request& request : server.requests()) {
    EXPECT_EQ(request.messages().front().role, "user");
  }
  EXPECT_EQ(json(run.out).at("run").at("protocol"), "paper");
}

TEST_F(Run, ConfigurationFileAndFlagsAgreeAndFlagsWin) {
  ChatServer server(static_answer("Yes."));
  dir_.write("run.yaml",
             "model: openai:m\nbase_url: " + server.base_url() +
                 "\njudge: rules\ntypes: [CC, ccf]\nlanguage: english\nlimit: 8\nrollouts: 3\n");
  const Outcome run = iie({"run", "--config", "run.yaml", "--rollouts", "1", "--format", "json"});
  EXPECT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  EXPECT_EQ(report.at("overall").at("n"), 8);
  EXPECT_EQ(server.counters().requests, 8u);
}

TEST_F(Run, FlagsWithoutValuesAreKeysToo) {
  dir_.write("run.yaml",
             "model: replay:demonstrations\nnew: true\nquiet: true\npublished: true\nlimit: 4\n"
             "allow_missing: false\nexamples: 0\nmax_tokens: ~\nformat: json\n");
  const Outcome first = iie({"run", "--config", "run.yaml"});
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_EQ(first.err, "");
  EXPECT_TRUE(json(first.out).as_object().contains("published"));
  EXPECT_EQ(iie({"run", "--config", "run.yaml"}).exit, 0);
  EXPECT_EQ(json(iie({"runs", "--format", "json"}).out).as_array().size(), 2u);
}

TEST_F(Run, ReasoningIsKeptApartAndNeverJudged) {
  // The reasoning breaks the rule (a list), the answer does not.
  ChatServer server([](const Request&) {
    return json_reply(completion_json(
        {.text = "<think>\n- one\n- two\n- three\n</think>\nPlain.", .reasoning = "hidden"}));
  });
  dir_.write(
      "q.jsonl",
      R"({"schema":1,"id":"a","type":"CCF","language":"english","messages":[{"role":"user",)"
      R"("content":"No list."}],"rubric":[{"id":"c1","kind":"inversion","text":"No list."}],)"
      R"("checks":[{"rule":"markdown","criterion":"c1","params":{"element":"list","max":0}}],)"
      R"("complete":true})"
      "\n");
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(),
                           "--dataset", "q.jsonl", "--judge", "rules", "--format", "json"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(json(run.out).at("overall").at("passed"), 1) << run.out;
  const auto shown = json(iie({"show", "latest", "a", "--format", "json"}).out);
  const auto& rollout = shown.at("rollouts").as_array().front();
  EXPECT_EQ(rollout.at("response"), "Plain.");
  EXPECT_NE(rollout.at("reasoning").as_string().find("hidden"), boost::json::string::npos);
}

TEST_F(Run, AnAnswerThatNeverCameShowsWhatWasThoughtInstead) {
  ChatServer server([](const Request&) {
    return json_reply(
        completion_json({.text = "", .reasoning = "hmm, hmm", .finish_reason = "length"}));
  });
  ASSERT_EQ(iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--ids",
                 "cc-001-en", "--judge", "rules"})
                .exit,
            0);
  const Outcome shown = iie({"show", "latest", "cc-001-en"});
  for (const char* part : {"(blank)", "8 bytes of reasoning", "cut off at the token limit"}) {
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << "\n" << shown.out;
  }
}

TEST_F(Run, RetriesWhatTheEndpointThrottles) {
  std::atomic<int> count = 0;
  ChatServer server([&](const Request&) {
    if (count++ % 3 == 0) {
      Reply reply = error_reply(429, "slow down");
      reply.headers.push_back({"retry-after-ms", "5"});
      return reply;
    }
    return answer("Yes.");
  });
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "8", "--format", "json"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(json(run.out).at("overall").at("n"), 8);
  EXPECT_GT(server.counters().requests, 8u);
}

TEST_F(Run, FailedCallsLeaveTheRunIncompleteAndResumeMendsThem) {
  std::atomic<bool> broken = true;
  ChatServer server([&](const Request& request) {
    if (broken && request.last_user_message().find('?') != std::string::npos) {
      return error_reply(400, "context too long");
    }
    return answer("Yes.");
  });
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "24", "--max-connections", "1", "--format", "json"});
  EXPECT_EQ(run.exit, 5) << run.err;
  const auto before = json(run.out);
  EXPECT_GT(number(before.at("overall").at("unscored")), 0);
  EXPECT_NE(run.err.find("resume"), std::string::npos);
  broken = false;
  const Outcome resumed = iie({"resume", "latest", "--format", "json"});
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  const auto after = json(resumed.out);
  EXPECT_EQ(after.at("overall").at("n"), 24);
  EXPECT_EQ(after.at("complete"), true);
}

TEST_F(Run, InvalidUtf8FromAModelIsKeptAndMarked) {
  ChatServer server([](const Request&) {
    Reply reply = json_reply("");
    reply.body =
        "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"a\xff\xfe b\"},"
        "\"finish_reason\":\"stop\"}]}";
    return reply;
  });
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "1", "--format", "json"});
  EXPECT_EQ(run.exit, 0) << run.err;
  const auto shown = iie({"show", "latest", "--format", "json"});
  const std::string id(json(shown.out).at("results").as_array().front().at("id").as_string());
  const auto sample = json(iie({"show", "latest", id, "--format", "json"}).out);
  EXPECT_EQ(sample.at("rollouts").as_array().front().at("response"), "a\uFFFD\uFFFD b");
}

TEST_F(Run, CtrlCStopsGentlyAndResumeDoesTheRest) {
  ChatServer server(delayed(static_answer("Yes."), 30ms));
  Running run(IIE_BINARY, dir_.path(),
              {.args = {"run", "--model", "openai:m", "--limit", "64", "--base-url",
                        server.base_url(), "--judge", "rules", "--rollouts", "20",
                        "--max-connections", "8", "--format", "json"}});
  while (server.counters().requests < 40 && run.running()) std::this_thread::sleep_for(5ms);
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 5) << run.err();
  EXPECT_NE(run.err().find("Stopping"), std::string::npos) << run.err();
  const auto report = json(run.out());
  EXPECT_EQ(report.at("complete"), false);
  const std::size_t before = server.counters().requests;
  // What was under way was finished and stored: nothing that was sent is sent again.
  EXPECT_EQ(number(report.at("overall").at("n")), static_cast<double>(before));
  const Outcome resumed = iie({"resume", "latest", "--format", "json"});
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  EXPECT_EQ(server.counters().requests, 64u * 20u);
}

TEST_F(Run, SecondCtrlCStopsAtOnce) {
  ChatServer server(delayed(static_answer("Yes."), 30s));
  Running run(IIE_BINARY, dir_.path(),
              {.args = {"run", "--model", "openai:m", "--limit", "64", "--base-url",
                        server.base_url(), "--judge", "rules"}});
  while (server.counters().in_flight_peak < 1 && run.running()) std::this_thread::sleep_for(5ms);
  std::this_thread::sleep_for(50ms);
  run.signal(SIGINT);
  while (run.err().find("Stopping") == std::string::npos && run.running()) {
    std::this_thread::sleep_for(5ms);
  }
  run.signal(SIGINT);
  const auto from = std::chrono::steady_clock::now();
  EXPECT_EQ(run.wait(), 5) << run.err();
  EXPECT_LT(std::chrono::steady_clock::now() - from, 5s);
  // The calls that it left behind may be on the bill.
  const Outcome report = iie({"report", "latest", "--format", "json"});
  EXPECT_EQ(number(json(report.out).at("cost").at("may_be_billed").at("calls")),
            static_cast<double>(server.counters().requests))
      << report.err;
}

TEST_F(Run, TwoProcessesDoNotWriteOneRun) {
  ChatServer server(delayed(static_answer("Yes."), 200ms));
  const std::vector<std::string> args = {
      "run",     "--model", "openai:m",          "--limit", "64", "--base-url", server.base_url(),
      "--judge", "rules",   "--max-connections", "2"};
  Running first(IIE_BINARY, dir_.path(), {.args = args});
  while (server.counters().requests < 2 && first.running()) std::this_thread::sleep_for(5ms);
  TempDir elsewhere;
  auto second_args = args;
  second_args.insert(second_args.end(), {"--store", (dir_ / "results/runs.db").string()});
  const Outcome second = run_program(IIE_BINARY, elsewhere.path(), {.args = second_args});
  expect_error(second, 3, {"being written by process"});
  first.signal(SIGINT);
  first.wait();
}

// A run is killed at random moments and resumed until it is done: every rollout is there once, and
// only what was in flight was asked for again.
TEST_F(Run, KilledAtFiftyMomentsItLosesNothingAndDoublesNothing) {
  constexpr int kKills = 50;
  constexpr std::size_t kConnections = 8;
  constexpr std::size_t kSamples = 64;
  constexpr std::size_t kPlanned = kSamples * 12;
  ChatServer server(delayed(static_answer("Yes."), 8ms));
  std::uint64_t random = 12345;
  int kills = 0;
  int exit = -1;
  std::vector<std::string> args = {"run",
                                   "--model",
                                   "openai:m",
                                   "--base-url",
                                   server.base_url(),
                                   "--judge",
                                   "rules",
                                   "--rollouts",
                                   std::to_string(kPlanned / kSamples),
                                   "--limit",
                                   std::to_string(kSamples),
                                   "--max-connections",
                                   std::to_string(kConnections),
                                   "--quiet"};
  std::size_t durable = 0;
  while (exit != 0 && kills <= kKills) {
    Running run(IIE_BINARY, dir_.path(), {.args = args});
    if (kills < kKills) {
      random = random * 6364136223846793005ull + 1442695040888963407ull;
      std::this_thread::sleep_for(std::chrono::microseconds(5'000 + (random >> 33) % 60'000));
      run.signal(SIGKILL);
    }
    exit = run.wait();
    ASSERT_TRUE(exit == 0 || exit == -SIGKILL) << exit;  // anything else would go on for ever
    if (exit == -SIGKILL) ++kills;
    const Outcome shown = iie({"runs", "--format", "json"});
    if (shown.exit != 0) continue;  // killed before the store was there
    const auto runs = json(shown.out).as_array();
    if (runs.empty()) continue;
    ASSERT_EQ(runs.size(), 1u);
    const auto judged = static_cast<std::size_t>(number(runs.front().at("judged")));
    ASSERT_GE(judged, durable) << "something durable was lost";
    durable = judged;
  }
  EXPECT_EQ(exit, 0);
  EXPECT_GE(kills, kKills - 5) << "the run ended before enough kills";
  EXPECT_EQ(durable, kPlanned);
  // In flight at a kill: the calls under way, and answers that were not durable yet.
  EXPECT_LE(server.counters().requests,
            kPlanned + static_cast<std::size_t>(kills) * (kConnections + 64));
  const auto shown = json(iie({"show", "latest", "--format", "json"}).out);
  for (const auto& sample : shown.at("results").as_array()) {
    EXPECT_EQ(number(sample.at("judged")), kPlanned / kSamples) << sample.at("id").as_string();
  }
}

}  // namespace
}  // namespace iie::test
