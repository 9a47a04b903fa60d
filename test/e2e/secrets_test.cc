// Keys are planted wherever an endpoint can send them back, and looked for in everything that a run
// leaves behind.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelKey = "sk-model-canary/9f3+\"q";
constexpr const char* kJudgeKey = "sk-judge-canary-77aa";

class Secrets : public EndToEnd {
 protected:
  // Every file under the folder, whatever it is.
  std::string everything_left() {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
      if (!entry.is_regular_file() || entry.path().filename() == "model.key" ||
          entry.path().filename() == ".env") {
        continue;
      }
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
      all += "\n";
    }
    return all;
  }

  static void expect_no_key(const std::string& text, const std::string& where) {
    for (const char* part : {"model-canary", "judge-canary"}) {
      const std::size_t at = text.find(part);
      EXPECT_EQ(at, std::string::npos) << where << ": " << text.substr(at < 60 ? 0 : at - 60, 160);
    }
  }
};

// What an endpoint that gives everything away says with its `number`th answer.
Reply tell(const Request& request, int number) {
  const std::string sent = request.header("authorization");
  const std::string key = sent.substr(sent.find(' ') + 1);
  std::string escaped;
  for (const char c : key) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  Reply reply;
  switch (number % 8) {
    case 0:
      reply = error_reply(400, "bad request with key " + key + " in it");
      break;
    case 1:
      reply = error_reply(429, "Rate limit reached for " + key + ", slow down");
      reply.headers.emplace_back("Retry-After", "0");
      break;
    case 2:
      reply.status = 503;
      reply.body = "<html>proxy: Authorization: " + sent + "</html>";
      break;
    case 3:
      reply.body = "{\"choices\": [broken " + sent;
      break;
    case 4:
      reply = json_reply("{\"error\":{\"message\":\"" + escaped + "\",\"type\":\"" + escaped +
                             "\",\"code\":\"" + escaped + "\"}}",
                         400);
      break;
    default: {
      Completion completion;
      completion.text = "Your key is " + key + ".\n{\"answer_score\": 1}";
      completion.reasoning = "The user sent " + sent;
      completion.model = "model-of-" + key;
      completion.finish_reason = "stop";
      reply = json_reply(completion_json(completion));
    }
  }
  reply.headers.emplace_back("X-Echo", sent);
  reply.headers.emplace_back("Set-Cookie", "key=" + key);
  return reply;
}

TEST_F(Secrets, ReachNoFileAndNoStream) {
  int number = 0;
  ChatServer server([&](const Request& request) { return tell(request, number++); });
  dir_.write("model.key", std::string(kModelKey) + "\n");
  dir_.write(".env", std::string("JUDGE_API_KEY=") + kJudgeKey + "\n");
  const Env env = {{"OPENAI_API_KEY_FILE", "model.key"}};
  const std::vector<std::string> base = {"run",
                                         "--model",
                                         "openai:m",
                                         "--base-url",
                                         server.base_url(),
                                         "--judge",
                                         "openai:j",
                                         "--max-connections",
                                         "2",
                                         "--judge-connections",
                                         "2",
                                         "--limit",
                                         "12",
                                         "--max-attempts",
                                         "2",
                                         "--rollouts",
                                         "2",
                                         "--retry-time",
                                         "0.2"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> args = base;
    args.insert(args.end(), more.begin(), more.end());
    return args;
  };
  std::string streams;
  const auto run = [&](const std::vector<std::string>& args) {
    const Outcome outcome = iie(args, env);
    EXPECT_NE(outcome.exit, 1) << outcome.err;
    EXPECT_NE(outcome.exit, 2) << outcome.err;
    streams += outcome.out + outcome.err;
    return outcome;
  };
  run(with({"--record", "run.rec", "--log-file", "events.jsonl", "--cache", "on"}));
  run(with({"--new", "--log-format", "json", "--cache", "write", "--store", "two.db"}));
  run({"resume", "latest", "--log-format", "json"});
  for (const char* format : {"terminal", "json", "md", "csv"}) {
    run({"report", "latest", "--format", format});
  }
  run({"status", "latest", "--format", "json"});
  run({"show", "latest", "--format", "json"});
  run({"runs", "--format", "json"});
  run({"doctor", "--model", "openai:m", "--base-url", server.base_url(), "--judge", "openai:j"});
  EXPECT_GT(server.counters().requests, 60u);

  expect_no_key(streams, "standard output or error");
  const std::string left = everything_left();
  EXPECT_GT(left.size(), 100'000u);
  expect_no_key(left, "a file");
  // It was there to be found: what an endpoint said of the key is marked.
  EXPECT_NE(left.find("[redacted]"), std::string::npos);
  EXPECT_NE(dir_.read("events.jsonl").find("[redacted]"), std::string::npos);
  EXPECT_NE(dir_.read("run.rec").find("Your key is [redacted]"), std::string::npos);
}

TEST_F(Secrets, AKeyFileThatIsNoneIsAnErrorThatNamesItAndNotItsContent) {
  dir_.write("empty.key", " \n");
  const std::vector<std::string> run = {"run", "--model", "openai:m", "--limit", "1"};
  expect_error(iie(run, {{"OPENAI_API_KEY_FILE", "empty.key"}}), 3,
               {"OPENAI_API_KEY_FILE", "empty.key"});
  expect_error(iie(run, {{"OPENAI_API_KEY_FILE", "none.key"}}), 3,
               {"OPENAI_API_KEY_FILE", "none.key"});
}

}  // namespace
}  // namespace iie::test
