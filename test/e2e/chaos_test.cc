// An endpoint that misbehaves in every way there is: no run crashes, hangs or loses what was
// finished, and a run that could not end is ended by the same command once the endpoint is well.
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

using namespace std::chrono_literals;

struct Misbehaviour {
  const char* name;
  // Whether asking again is worth it: a run with a second try is then complete at once.
  bool passes = true;
  Reply reply = {};
};

Reply cut(std::size_t bytes, Reply::Then then) {
  Reply reply = answer("An answer that nobody will see.");
  reply.cut_after = bytes;
  reply.then = then;
  return reply;
}

Reply status(int code, std::vector<std::pair<std::string, std::string>> headers = {}) {
  Reply reply = error_reply(code, "it is " + std::to_string(code));
  reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
  return reply;
}

Reply raw(std::string text) { return {.close = true, .raw = std::move(text)}; }

Reply typed(std::string type, std::string body) {
  return {.headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

std::vector<Misbehaviour> misbehaviours() {
  const std::string whole = completion_json({.text = "Yes."});
  const std::string zeros(1 << 20, '0');
  Reply endless;  // until the client has had enough
  endless.chunks.assign(66, {zeros});
  return {
      {"closed without a reply", true, cut(0, Reply::Then::close)},
      {"reset without a reply", true, cut(0, Reply::Then::reset)},
      {"closed in the headers", true, cut(25, Reply::Then::close)},
      {"reset in the headers", true, cut(25, Reply::Then::reset)},
      {"closed in the body", true, cut(150, Reply::Then::close)},
      {"reset in the body", true, cut(150, Reply::Then::reset)},
      {"stalled in the headers", true, cut(25, Reply::Then::stall)},
      {"stalled in the body", true, cut(150, Reply::Then::stall)},
      {"JSON that breaks off", true, json_reply(whole.substr(0, whole.size() / 2))},
      {"an empty body", true, json_reply("")},
      {"no choices", true, json_reply(R"({"choices":[]})")},
      {"an error inside a 200", true,
       json_reply(R"({"error":{"message":"overloaded","code":503}})")},
      {"JSON of another kind", false, json_reply(R"(["yes"])")},
      {"a web page", false, typed("text/html", "<html>Please log in</html>")},
      {"not HTTP", false, raw("SSH-2.0-OpenSSH_9.2\r\n\r\n")},
      {"a body of 100 MB, declared", false,
       raw("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n" + zeros)},
      {"a body without end", false, endless},
      {"headers without end", false, raw("HTTP/1.1 200 OK\r\nX: " + zeros)},
      {"interim replies without end", false,
       [] {
         std::string all;
         for (int i = 0; i < 8000; ++i) all += "HTTP/1.1 100 Continue\r\n\r\n";
         return raw(all);
       }()},
      {"two lengths", false,
       raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nno")},
      {"an encoding that nobody asked for",
       false,
       {.headers = {{"Content-Encoding", "br"}}, .body = "\x0b\x02\x80ok\x03"}},
      {"408", true, status(408)},
      {"409", true, status(409)},
      {"425", true, status(425)},
      {"429", true, status(429)},
      {"429 with Retry-After in seconds", true, status(429, {{"Retry-After", "0"}})},
      {"429 with Retry-After as a date that has passed", true,
       status(429, {{"Retry-After", "Sun, 01 Mar 2020 12:00:00 GMT"}})},
      {"429 with a Retry-After that is none", true, status(429, {{"Retry-After", "soon, -1"}})},
      {"429 with an absurd Retry-After, once", true, status(429, {{"Retry-After", "99999999999"}})},
      {"500", true, status(500)},
      {"502", true, status(502)},
      {"503 with Retry-After", true, status(503, {{"Retry-After", "0"}})},
      {"504", true, status(504)},
      {"529", true, status(529)},
      {"400", false, status(400)},
      {"413", false, status(413)},
      {"a status of 599", true, status(599)},
  };
}

class Chaos : public EndToEnd {
 protected:
  std::vector<std::string> arguments(const std::string& base_url) const {
    return {"run",     "--model",   "openai:m", "--base-url",        base_url, "--judge",
            "rules",   "--format",  "json",     "--limit",           "6",      "--idle-timeout",
            "2",       "--timeout", "20",       "--retry-time",      "8",      "--store",
            "runs.db", "--dataset", "open",     "--max-connections", "3"};
  }
  // Every rollout of the run is there, judged, and no answer is there twice.
  void expect_whole(std::size_t samples, std::size_t rollouts) {
    const auto shown = json(iie({"show", "latest", "--store", "runs.db", "--format", "json"}).out);
    const auto& results = shown.at("results").as_array();
    EXPECT_EQ(results.size(), samples);
    for (const auto& sample : results) {
      EXPECT_EQ(number(sample.at("judged")), static_cast<double>(rollouts));
    }
  }
};

TEST_F(Chaos, EachMisbehaviourCostsATryOrARolloutAndNeverTheRun) {
  for (const Misbehaviour& bad : misbehaviours()) {
    SCOPED_TRACE(bad.name);
    std::filesystem::remove_all(dir_ / "runs.db");
    std::filesystem::remove_all(dir_ / "runs.db-claims");
    std::atomic<int> requests = 0;
    ChatServer server([&](const Request&) { return ++requests == 2 ? bad.reply : answer("Yes."); });
    const std::vector<std::string> args = arguments(server.base_url());
    const Outcome run = iie(args);
    if (bad.passes) {
      EXPECT_EQ(run.exit, 0) << run.err;
      EXPECT_EQ(requests, 7) << "six answers and one more try";
    } else {
      EXPECT_EQ(run.exit, 5) << run.err;
      EXPECT_EQ(requests, 6) << "asking again would have been the same";
      EXPECT_EQ(number(json(run.out).at("overall").at("unscored")), 1) << run.out;
      const Outcome again = iie(args);
      EXPECT_EQ(again.exit, 0) << again.err;
      EXPECT_EQ(requests, 7) << "only what failed was asked for again";
    }
    expect_whole(6, 1);
  }
}

// A day's quota is used up: nobody hammers, the run says until when and can be resumed.
TEST_F(Chaos, AWaitOfHoursStopsTheRunResumably) {
  std::atomic<int> requests = 0;
  std::atomic<bool> used_up = true;
  ChatServer server([&](const Request&) {
    ++requests;
    return requests > 2 && used_up ? status(429, {{"Retry-After", "10800"}}) : answer("Yes.");
  });
  const std::vector<std::string> args = arguments(server.base_url());
  const Outcome run = iie(args);
  EXPECT_EQ(run.exit, 4) << run.err;
  EXPECT_NE(run.err.find("it asks to wait 180 min, until "), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("resume"), std::string::npos) << run.err;
  EXPECT_LE(requests, 2 + 3 + 3) << "each call once, and once more";
  used_up = false;
  const Outcome again = iie(args);
  EXPECT_EQ(again.exit, 0) << again.err;
  expect_whole(6, 1);
}

// All of them at random, over and over, and the process started again until nothing is left.
TEST_F(Chaos, ARunThroughAllOfItLosesNothing) {
  std::vector<Misbehaviour> all = misbehaviours();
  std::erase_if(all, [](const Misbehaviour& bad) { return bad.reply.chunks.size() > 10; });
  std::mutex mutex;
  std::uint64_t random = 7;
  std::map<std::string, int> answered;
  ChatServer server([&](const Request& request) {
    const std::lock_guard lock(mutex);
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    if ((random >> 33) % 10 < 3) return all[(random >> 40) % all.size()].reply;
    ++answered[request.last_user_message()];
    return answer("Yes.");
  });
  std::vector<std::string> args = arguments(server.base_url());
  args.insert(args.end(), {"--limit", "24", "--rollouts", "4", "--max-attempts", "3"});
  args.erase(std::find(args.begin(), args.end(), "--limit"),
             std::find(args.begin(), args.end(), "--limit") + 2);
  int exit = -1;
  for (int lives = 0; exit != 0 && lives < 20; ++lives) {
    const Outcome run = iie(args);
    exit = run.exit;
    EXPECT_TRUE(exit == 0 || exit == 5) << exit << ": " << run.err;
  }
  EXPECT_EQ(exit, 0);
  expect_whole(24, 4);
  std::size_t answers = 0;
  for (const auto& [prompt, count] : answered) {
    EXPECT_EQ(count, 4) << prompt << ": an answer was paid for and asked for again";
    answers += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(answers, 96u);
}

TEST_F(Chaos, ARedirectGetsNeitherTheQuestionNorTheKey) {
  ChatServer elsewhere(static_answer("Yes."));
  for (const int code : {301, 302, 303, 307, 308}) {
    ChatServer server([&](const Request&) {
      return Reply{.status = code,
                   .headers = {{"Location", elsewhere.url() + "/v1/chat/completions"}}};
    });
    std::vector<std::string> args = arguments(server.base_url());
    args.push_back("--new");
    const Outcome run = iie(args, {{"OPENAI_API_KEY", "sk-canary-redirect"}});
    EXPECT_NE(run.exit, 0) << code;
    EXPECT_NE(run.err.find(std::to_string(code)), std::string::npos) << run.err;
    EXPECT_EQ(run.err.find("canary"), std::string::npos) << run.err;
  }
  EXPECT_EQ(elsewhere.counters().connections, 0u);
}

TEST_F(Chaos, OtherTypesAndCharsetsThanTheyShouldBeAreReadAsWhatTheyAre) {
  const std::string body = completion_json({.text = "Yes."});
  std::string latin = body;
  latin.replace(latin.find("Yes."), 4, "Caf\xe9");
  for (const Reply& reply :
       {typed("text/plain; charset=iso-8859-1", body), typed("", body),
        typed("application/octet-stream", "\n\n  " + body + "\r\n"),
        typed("application/json; charset=utf-16", body), typed("application/json", latin)}) {
    std::filesystem::remove_all(dir_ / "runs.db");
    ChatServer server([&](const Request&) { return reply; });
    const Outcome run = iie(arguments(server.base_url()));
    EXPECT_EQ(run.exit, 0) << reply.body << "\n" << run.err;
    expect_whole(6, 1);
  }
}

// A disk that fills up stops the run with a message; with room again it goes on, and what it had
// counted is there.
TEST_F(Chaos, AFullDiskStopsTheRunAndLosesNothingAndAReadOnlyOneRefusesIt) {
  if (run_program("/bin/sh", dir_.path(), {.args = {"-c", "unshare -rm true"}}).exit != 0) {
    GTEST_SKIP() << "no mount namespaces here";
  }
  std::atomic<int> answers = 0;
  ChatServer server([&](const Request&) {
    ++answers;
    return answer(std::string(4000, 'y'));
  });
  dir_.write("go.sh",
             "set -u\nmkdir disk\nmount -t tmpfs -o size=600k tmpfs disk || exit 99\n"
             "echo \"first $($@ >first.out 2>first.err; echo $?)\"\n"
             "echo \"second $($@ >second.out 2>second.err; echo $?)\"\n"
             "mount -o remount,size=64m disk\n"
             "echo \"third $($@ >third.out 2>third.err; echo $?)\"\n"
             "echo \"fourth $($@ >fourth.out 2>fourth.err; echo $?)\"\n"
             "mount -o remount,ro disk\n"
             "echo \"fifth $($@ --new >fifth.out 2>fifth.err; echo $?)\"\n"
             "echo \"sixth $($1 status latest --store disk/runs.db >sixth.out 2>&1; echo $?)\"\n");
  std::vector<std::string> args = {"-rm", "sh", "go.sh", IIE_BINARY};
  for (const std::string& arg : arguments(server.base_url())) args.push_back(arg);
  args.insert(args.end(), {"--limit", "64", "--rollouts", "4", "--store", "disk/runs.db"});
  for (const char* flag : {"--limit", "--store"}) {  // the ones given last count
    const auto first = std::find(args.begin(), args.end(), flag);
    args.erase(first, first + 2);
  }
  const Outcome script =
      run_program("/usr/bin/unshare", dir_.path(), {.args = args, .timeout = 120s});
  if (script.exit == 99) GTEST_SKIP() << "no tmpfs here: " << script.err;
  EXPECT_NE(script.out.find("first 3"), std::string::npos) << script.out << script.err;
  EXPECT_NE(dir_.read("first.err").find("disk is full"), std::string::npos)
      << dir_.read("first.err");
  EXPECT_NE(script.out.find("second 3"), std::string::npos) << script.out;
  EXPECT_NE(script.out.find("third 0"), std::string::npos) << script.out << dir_.read("third.err");
  EXPECT_NE(script.out.find("fourth 0"), std::string::npos) << script.out;
  const auto report = json(dir_.read("third.out"));
  EXPECT_EQ(report.at("overall").at("n"), 256);
  EXPECT_EQ(report.at("complete"), true);
  EXPECT_EQ(dir_.read("fourth.out"), dir_.read("third.out"));
  // A disk that cannot be written at all is found out before anything is sent.
  EXPECT_NE(script.out.find("fifth 3"), std::string::npos) << script.out << dir_.read("fifth.err");
  EXPECT_NE(dir_.read("fifth.err").find("read-only"), std::string::npos) << dir_.read("fifth.err");
  // But it can be looked at.
  EXPECT_NE(script.out.find("sixth 0"), std::string::npos) << script.out << dir_.read("sixth.out");
  EXPECT_NE(dir_.read("sixth.out").find("complete"), std::string::npos) << dir_.read("sixth.out");
}

// The same without a right to mount: files may not grow beyond a size.
TEST_F(Chaos, AFileThatMayNotGrowStopsTheRunAndLosesNothing) {
  ChatServer server([](const Request&) { return answer(std::string(4000, 'y')); });
  std::vector<std::string> args = arguments(server.base_url());
  args.insert(args.end(), {"--rollouts", "40"});
  std::vector<std::string> limited = {"-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\"",
                                      IIE_BINARY};
  limited.insert(limited.end(), args.begin(), args.end());
  const Outcome stopped = run_program("/bin/sh", dir_.path(), {.args = limited});
  EXPECT_EQ(stopped.exit, 3) << stopped.err;
  EXPECT_NE(stopped.err.find("runs.db"), std::string::npos) << stopped.err;
  const std::size_t asked = server.counters().requests;
  EXPECT_LT(asked, 240u);
  const Outcome rest = iie(args);
  EXPECT_EQ(rest.exit, 0) << rest.err;
  expect_whole(6, 40);
  EXPECT_LE(server.counters().requests, 240u + 3 + 256) << "more than one transaction was lost";
}

}  // namespace
}  // namespace iie::test
