// What programs and people see of a run from outside: its events, and its status.
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "base/string_util.h"
#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

using namespace std::chrono_literals;

class Watching : public EndToEnd {
 protected:
  std::vector<boost::json::value> lines_of(const std::string& text) {
    std::vector<boost::json::value> lines;
    for (const std::string_view line : split(text, '\n')) {
      if (!line.empty()) lines.push_back(json(std::string(line)));
    }
    return lines;
  }
};

TEST_F(Watching, EveryCallRetryAndVerdictIsALine) {
  ChatServer server(in_sequence({error_reply(503, "busy"), answer("Yes.")}));
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "4", "--log-file", "log.jsonl", "--format", "json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  std::map<std::string, int> count;
  for (const auto& line : lines_of(dir_.read("log.jsonl"))) {
    const std::string event(line.at("event").as_string());
    ++count[event];
    EXPECT_EQ(line.at("time").as_string().size(), std::string("2026-03-01T12:00:00.123Z").size());
    if (event == "call_ended") {
      EXPECT_EQ(line.at("caller"), "candidate");
      EXPECT_EQ(line.at("model"), "openai:m");
      EXPECT_EQ(line.at("endpoint").as_string(), server.base_url());
      EXPECT_FALSE(line.at("sample").as_string().empty());
      EXPECT_EQ(line.at("rollout"), 0);
      EXPECT_GE(line.at("latency_ms").as_int64(), 0);
      const bool failed = line.at("status") == "transient";
      if (failed) {
        EXPECT_EQ(line.at("http_status"), 503);
        EXPECT_EQ(line.at("attempt"), 1);
      } else {
        EXPECT_EQ(line.at("status"), "ok");
        EXPECT_EQ(line.at("output_tokens"), 20);
      }
    }
    if (event == "retry") {
      EXPECT_GE(line.at("delay_ms").as_int64(), 0);
    }
    if (event == "run_ended") {
      EXPECT_EQ(line.at("done"), 4);
      EXPECT_EQ(line.at("candidate_retries"), 1);
      EXPECT_FALSE(line.as_object().contains("candidate_cost_usd"));  // no price is known
    }
  }
  EXPECT_EQ(count["run_started"], 1);
  EXPECT_EQ(count["call_started"], 5);
  EXPECT_EQ(count["call_ended"], 5);
  EXPECT_EQ(count["retry"], 1);
  EXPECT_EQ(count["rollout_done"], 4);
  EXPECT_EQ(count["run_ended"], 1);
}

TEST_F(Watching, StandardErrorIsAllJsonWhereItTakesEvents) {
  ChatServer server(static_answer("Yes."));
  const std::vector<std::string> run = {
      "run",     "--model", "openai:m",     "--base-url", server.base_url(), "--judge", "rules",
      "--limit", "2",       "--log-format", "json"};
  iie(run);
  const Outcome again = iie(run);  // says that there is nothing to do
  EXPECT_EQ(again.exit, 0);
  std::set<std::string> events;
  for (const auto& line : lines_of(again.err)) events.emplace(line.at("event").as_string());
  EXPECT_TRUE(events.contains("note")) << again.err;
  EXPECT_TRUE(events.contains("run_ended")) << again.err;
  auto wrong = run;
  wrong.insert(wrong.end(), {"--dataset", "nowhere.jsonl"});
  const Outcome failed = iie(wrong);
  EXPECT_EQ(failed.exit, 3);
  const auto lines = lines_of(failed.err);
  ASSERT_EQ(lines.size(), 1u) << failed.err;
  EXPECT_EQ(lines[0].at("event"), "error");
  EXPECT_NE(std::string(lines[0].at("message").as_string()).find("nowhere.jsonl"),
            std::string::npos);
}

TEST_F(Watching, StatusKnowsARunFromItsBeginningToItsEnd) {
  expect_error(iie({"status"}), 3, {"no store"});
  ChatServer server(delayed(static_answer("Yes."), 40ms));
  const Command command{.args = {"run", "--model", "openai:m", "--base-url", server.base_url(),
                                 "--judge", "rules", "--max-connections", "2", "--rollouts", "4",
                                 "--limit", "64", "--quiet"}};
  Running running(IIE_BINARY, dir_.path(), command);
  boost::json::value status;
  for (int i = 0; i < 400; ++i) {
    std::this_thread::sleep_for(20ms);
    if (!std::filesystem::exists(dir_ / "results/runs.db")) continue;
    const Outcome outcome = iie({"status", "--format", "json"});
    if (outcome.exit != 0) continue;  // the run is about to be made
    status = json(outcome.out);
    // Judged at one and the same moment, they have no rate yet.
    if (status.at("done").as_int64() >= 4 && !status.at("per_second").is_null()) break;
  }
  ASSERT_TRUE(status.is_object());
  EXPECT_EQ(status.at("situation"), "running");
  EXPECT_EQ(status.at("claimed"), true);
  EXPECT_GT(status.at("pid").as_int64(), 0);
  EXPECT_EQ(status.at("planned"), 256);
  EXPECT_EQ(status.at("left").as_int64(), 256 - status.at("done").as_int64());
  EXPECT_GT(number(status.at("per_second")), 0);
  EXPECT_TRUE(status.at("seconds_left").is_int64());

  running.signal(SIGKILL);
  running.wait();
  const Outcome killed = iie({"status", "--format", "json"});
  EXPECT_EQ(killed.exit, 5);
  status = json(killed.out);
  EXPECT_EQ(status.at("situation"), "interrupted");
  EXPECT_EQ(status.at("claimed"), false);
  EXPECT_TRUE(status.at("pid").is_null());
  EXPECT_TRUE(status.at("seconds_left").is_null());
  EXPECT_NE(std::string(status.at("next").as_string()).find("inverse-ifeval resume "),
            std::string::npos);
  const Outcome text = iie({"status"});
  EXPECT_EQ(text.exit, 5);
  EXPECT_NE(text.out.find("its process is gone"), std::string::npos) << text.out;

  server.set_handler(static_answer("Yes."));
  EXPECT_EQ(iie({"resume", "latest"}).exit, 0);
  const Outcome done = iie({"status", "--follow"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_NE(done.out.find("complete"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("inverse-ifeval report "), std::string::npos) << done.out;
}

TEST_F(Watching, StatusCountsFailuresByKindAndSaysWhatToDo) {
  ChatServer server(static_answer("Yes."));
  std::atomic<int> number = 0;
  server.set_handler([&](const Request&) {
    return number++ % 2 == 0 ? error_reply(400, "no such parameter") : answer("Yes.");
  });
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--limit", "8", "--max-connections", "1"});
  EXPECT_EQ(run.exit, 5) << run.err;
  const Outcome outcome = iie({"status", "--format", "json"});
  EXPECT_EQ(outcome.exit, 5);
  const auto status = json(outcome.out);
  EXPECT_EQ(status.at("situation"), "stopped");
  const auto& failure = status.at("failures").at(0);
  EXPECT_EQ(failure.at("kind"), "bad_request");
  EXPECT_EQ(failure.at("count"), 4);
  EXPECT_NE(std::string(failure.at("message").as_string()).find("no such parameter"),
            std::string::npos);
  EXPECT_NE(std::string(status.at("next").as_string()).find("refuses"), std::string::npos);
}

// The circuit breaker: the same refusal again and again ends the run, and it can be resumed.
TEST_F(Watching, TheSameErrorAgainAndAgainStopsTheRun) {
  std::atomic<bool> broken = true;
  ChatServer server([&](const Request&) {
    return broken ? error_reply(400, "Unsupported parameter: 'top_p'") : answer("Yes.");
  });
  const Outcome run =
      iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge", "rules",
           "--rollouts", "6", "--max-connections", "4", "--log-file", "log.jsonl"});
  EXPECT_EQ(run.exit, 4) << run.err;
  EXPECT_LT(server.counters().requests, 40u);  // of 384
  for (const char* part : {"failed in a row", "Unsupported parameter: 'top_p'",
                           "go on with: inverse-ifeval resume "}) {
    EXPECT_NE(run.err.find(part), std::string::npos) << part << " in " << run.err;
  }
  EXPECT_EQ(iie({"status"}).exit, 5);
  broken = false;
  EXPECT_EQ(iie({"resume", "latest"}).exit, 0);
  EXPECT_EQ(iie({"status"}).exit, 0);
}

// A judge with a long tail: hedged, the run does not wait for it, and nothing is counted twice.
TEST_F(Watching, HedgedJudgeCallsAreBoundedAndLeaveOneVerdictEach) {
  std::atomic<int> judged = 0;
  ChatServer server([&](const Request& request) {
    if (request.model() != "j") return answer("Any answer.");
    Reply reply = answer("{\"answer_score\": 1}");
    reply.delay = ++judged % 40 == 0 ? 20'000ms : 5ms;
    return reply;
  });
  const auto start = std::chrono::steady_clock::now();
  const Outcome run =
      iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge", "openai:j",
           "--rollouts", "3", "--limit", "64", "--hedge-judge", "--judge-connections", "16",
           "--format", "json", "--log-file", "log.jsonl"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
  int hedged = 0;
  for (const auto& line : lines_of(dir_.read("log.jsonl"))) {
    if (line.at("event") == "hedge") ++hedged;
  }
  EXPECT_GT(hedged, 0);
  EXPECT_LE(hedged, judged / 20 + 1);
  EXPECT_EQ(json(run.out).at("judge").at("calls").as_int64() + hedged, judged);
}

}  // namespace
}  // namespace iie::test
