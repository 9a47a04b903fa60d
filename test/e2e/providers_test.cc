// Every dialect over real HTTP, profiles of one's own, reasoning, and streams
// that misbehave.
#include <algorithm>
#include <atomic>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"
#include "support/dialect_replies.h"

namespace iie::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kThoughts = "Weighing the instruction against my habits.";

class Providers : public EndToEnd {
 protected:
  Outcome run(const std::string& model, const ChatServer& server, std::vector<std::string> more,
              Env env = {}) {
    std::vector<std::string> args = {"run",
                                     "--model",
                                     model,
                                     "--base-url",
                                     server.url(),
                                     "--ids",
                                     "cc-001-en,cc-001-zh",
                                     "--judge",
                                     "rules",
                                     "--format",
                                     "json",
                                     "--max-attempts",
                                     "3",
                                     "--max-retries",
                                     "20"};
    args.insert(args.end(), more.begin(), more.end());
    return iie(args, std::move(env));
  }
};

struct DialectCase {
  const char* name;
  const char* model;
  const char* path;  // with --stream
  const char* key_env;
  const char* key_header;
  const char* reasoning;  // an option that it maps
  const char* sent;       // and to what
};

class EveryDialect : public Providers,
                     public testing::WithParamInterface<std::tuple<DialectCase, bool>> {};

TEST_P(EveryDialect, AnswersWholeAndInStreamsAndItsThoughtsAreKeptApart) {
  const auto& [dialect, stream] = GetParam();
  ChatServer server(
      any_dialect([](const Request&) { return DialectAnswer{"I would say so.", kThoughts}; }));
  server.record_requests(true);
  const Outcome outcome = run(dialect.model, server,
                              {"--reasoning", dialect.reasoning, "--max-tokens", "9000",
                               stream ? "--stream" : "--no-stream"},
                              {{dialect.key_env, "key-canary-8d7f"}});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto report = json(outcome.out);
  EXPECT_EQ(report.at("overall").at("n"), 2);
  EXPECT_EQ(report.at("model").at("params").at("reasoning").as_string(), dialect.reasoning);
  const std::vector<Request> requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  for (const Request& request : requests) {
    EXPECT_EQ(asks_for_stream(request), stream) << request.body;
    EXPECT_TRUE(request.path.starts_with(dialect.path)) << request.path;
    EXPECT_NE(request.header(dialect.key_header).find("key-canary-8d7f"), std::string::npos);
    EXPECT_NE(request.body.find(dialect.sent), std::string::npos) << request.body;
    EXPECT_EQ(request.body.find("key-canary"), std::string::npos);
  }
  const auto shown = json(iie({"show", "latest", "cc-001-en", "--format", "json"}).out);
  const auto& rollout = shown.at("rollouts").as_array()[0];
  EXPECT_EQ(rollout.at("response").as_string(), "I would say so.");
  EXPECT_EQ(rollout.at("reasoning").as_string(), kThoughts);
}

constexpr DialectCase kChat{"chat",          "vllm:m", "/chat/completions",         "VLLM_API_KEY",
                            "authorization", "off",    R"("enable_thinking":false)"};
constexpr DialectCase kResponses{
    "responses", "openai-responses:gpt-5.4",        "/responses", "OPENAI_API_KEY", "authorization",
    "high",      R"("reasoning":{"effort":"high"})"};
constexpr DialectCase kMessages{
    "messages",    "anthropic:claude-sonnet-4-5", "/v1/messages", "ANTHROPIC_API_KEY", "x-api-key",
    "budget:2048", R"("budget_tokens":2048)"};
constexpr DialectCase kGemini{"gemini",
                              "gemini:gemini-2.5-flash",
                              "/v1beta/models/gemini-2.5-flash:",
                              "GEMINI_API_KEY",
                              "x-goog-api-key",
                              "off",
                              R"("thinkingBudget":0)"};

INSTANTIATE_TEST_SUITE_P(Providers, EveryDialect,
                         testing::Combine(testing::Values(kChat, kResponses, kMessages, kGemini),
                                          testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).name) +
                                  (std::get<1>(info.param) ? "_stream" : "_whole");
                         });

TEST_F(Providers, WhatCannotBeExpressedIsAnErrorBeforeAnythingIsSent) {
  ChatServer server(static_answer("x"));
  const auto refused = [&](std::vector<std::string> args, std::vector<std::string> fragments) {
    args.insert(args.end(), {"--base-url", server.base_url(), "--limit", "1"});
    expect_error(iie(args), 2, fragments);
  };
  refused({"run", "--model", "vllm:m", "--reasoning", "high"},
          {"vllm:m: reasoning 'high' cannot be expressed", "it takes off, auto"});
  refused({"run", "--model", "openai:m", "--reasoning", "low"}, {"maps none for it"});
  refused({"run", "--model", "anthropic:claude-haiku-4-5", "--reasoning", "budget:10"},
          {"1024 to 63999"});
  refused({"run", "--model", "anthropic:claude-opus-5", "--temperature", "0"},
          {"takes no temperature"});
  refused({"run", "--model", "anthropic:claude-opus-5", "--seed", "1"}, {"takes no seed"});
  refused({"run", "--model", "vllm:m", "--judge", "vllm:j", "--judge-reasoning", "medium"},
          {"judge vllm:j: reasoning 'medium'"});
  refused({"run", "--model", "vllm:m", "--judge", "rules", "--judge-reasoning", "off"},
          {"--judge-reasoning needs a judge that is a model"});
  refused({"run", "--model", "vllm:m", "--reasoning", "loud"}, {"expected off, low", "'loud'"});
  refused({"run", "--model", "replay:demonstrations", "--reasoning", "off"},
          {"recorded responses are asked nothing"});
  refused({"run", "--model", "dashscope:qwen-plus"}, {"that is 'qwen' here"});
  refused({"run", "--model", "vllm:m", "--stream", "--no-stream"}, {"--no-stream"});
  EXPECT_EQ(server.counters().requests, 0u);
}

TEST_F(Providers, AJudgeOfAnotherProfileIsAskedAtItsOwnAddress) {
  ChatServer model(static_answer("A plain answer."));
  ChatServer judge(any_dialect([](const Request&) {
    return DialectAnswer{"```json\n{\"answer_score\": 1}\n```", "Looks right."};
  }));
  judge.record_requests(true);
  const Outcome outcome =
      iie({"run", "--model", "vllm:m", "--base-url", model.base_url(), "--limit", "1", "--judge",
           "anthropic:claude-opus-5", "--judge-reasoning", "low", "--format", "json"},
          {{"ANTHROPIC_BASE_URL", judge.url()}, {"ANTHROPIC_API_KEY", "key-canary-8d7f"}});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(judge.requests().at(0).path, "/v1/messages");
  const std::string body = judge.requests().at(0).body;
  EXPECT_NE(body.find(R"("effort":"low")"), std::string::npos) << body;
  // The judge's default temperature is ours, and this model takes none.
  EXPECT_EQ(body.find("temperature"), std::string::npos) << body;
  const auto params = json(outcome.out).at("judge").at("params");
  EXPECT_EQ(params.at("reasoning").as_string(), "low");
  EXPECT_FALSE(params.as_object().contains("temperature"));
}

TEST_F(Providers, AProfileOfOnesOwnIsPartOfTheRun) {
  std::atomic<bool> down = true;
  ChatServer server([&](const Request& request) {
    if (down && request.body.find("top_k") == std::string::npos)
      return error_reply(400, "no top_k");
    return down ? error_reply(503, "not yet") : answer("A plain answer.");
  });
  server.record_requests(true);
  const auto profile = [&](const std::string& top_k) {
    dir_.write("own.yaml", "house:\n  like: vllm\n  base_url: " + server.base_url() +
                               "\n  key_env: HOUSE_KEY\n  key_header: api-key\n  body: {top_k: " +
                               top_k + "}\n");
  };
  profile("20");
  const std::vector<std::string> args = {"run",      "--model",        "house:m", "--limit",
                                         "1",        "--judge",        "rules",   "--providers",
                                         "own.yaml", "--max-attempts", "1"};
  const Env env = {{"HOUSE_KEY", "key-canary-8d7f"}};
  EXPECT_EQ(iie(args, env).exit, 4);
  EXPECT_NE(server.requests().at(0).body.find(R"("top_k":20)"), std::string::npos);
  EXPECT_EQ(server.requests().at(0).header("api-key"), "key-canary-8d7f");
  down = false;
  expect_error(iie({"resume", "latest"}, env), 2, {"unknown provider 'house'", "--providers"});
  profile("21");
  expect_error(iie({"resume", "latest", "--providers", "own.yaml"}, env), 3,
               {"'house' is not the one that the run began with"});
  profile("20");
  EXPECT_EQ(iie({"resume", "latest"},
                {{"INVERSE_IFEVAL_PROVIDERS", "own.yaml"}, {"HOUSE_KEY", "key-canary-8d7f"}})
                .exit,
            0);
  dir_.write("own.yaml", "house:\n  like: vllm\n  basurl: x\n");
  expect_error(iie(args, env), 3, {"own.yaml:3:3: house.basurl: ", "did you mean 'base_url'?"});
}

TEST_F(Providers, ListsThemAndWhatAModelTakes) {
  const Outcome all = iie({"providers"});
  EXPECT_EQ(all.exit, 0);
  for (const char* name : {"openai", "anthropic", "gemini", "qwen", "llama.cpp",
                           "ANTHROPIC_API_KEY", "http://localhost:11434/v1"}) {
    EXPECT_NE(all.out.find(name), std::string::npos) << name;
  }
  const auto one = json(iie({"providers", "gemini:gemini-2.5-pro", "--format", "json"}).out);
  ASSERT_EQ(one.as_array().size(), 1u);
  EXPECT_EQ(one.as_array()[0].at("reasoning_budget").at("min"), 128);
  EXPECT_FALSE(one.as_array()[0].at("reasoning").as_object().contains("off"));
  expect_error(iie({"providers", "gemeni"}), 2, {"did you mean 'gemini'?"});
}

TEST_F(Providers, DoctorSeesAModelThatReasonsAlthoughItWasAskedNotTo) {
  for (const bool obeys : {true, false}) {
    ChatServer server(any_dialect([&](const Request& request) {
      const bool off = request.body.find(R"("enable_thinking":false)") != std::string::npos;
      return DialectAnswer{"OK", off && obeys ? "" : kThoughts};
    }));
    const Outcome off = iie({"doctor", "--model", "vllm:m", "--base-url", server.url(), "--judge",
                             "rules", "--reasoning", "off"});
    EXPECT_EQ(off.exit, obeys ? 0 : 4) << off.out;
    EXPECT_EQ(off.out.find("although --reasoning off") == std::string::npos, obeys) << off.out;
    const Outcome on = iie({"doctor", "--model", "vllm:m", "--base-url", server.url(), "--judge",
                            "rules", "--reasoning", "auto", "--stream"});
    EXPECT_EQ(on.exit, 0) << on.out << on.err;
    EXPECT_NE(on.out.find("its reasoning apart"), std::string::npos) << on.out;
  }
}

// ---- Streams that misbehave ----

std::string chunk(const std::string& text) {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + text + "\"}}]}\n\n";
}

// The first reply is bad, the second is good: whatever the first was, the run
// has its answer, and has it once.
class BadStream : public Providers {
 protected:
  void expect_mended_by_a_retry(Reply bad, std::vector<std::string> more = {}) {
    std::atomic<int> calls = 0;
    ChatServer server([&, bad](const Request&) {
      return calls++ == 0 ? bad : stream_reply({"I would ", "say so."});
    });
    std::vector<std::string> args = {"run",        "--model",  "vllm:m",   "--base-url",
                                     server.url(), "--stream", "--limit",  "1",
                                     "--judge",    "rules",    "--format", "json"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome outcome = iie(args);
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(json(outcome.out).at("overall").at("n"), 1);
    EXPECT_EQ(calls, 2);
  }
  static Reply events(std::vector<Reply::Chunk> chunks) {
    Reply reply;
    reply.headers = {{"Content-Type", "text/event-stream"}};
    reply.chunks = std::move(chunks);
    return reply;
  }
};

TEST_F(BadStream, Stalled) {
  Reply stalled = events({{chunk("I would")}});
  stalled.cut_after = 260;  // behind the head and into the chunk
  stalled.then = Reply::Then::stall;
  expect_mended_by_a_retry(stalled, {"--idle-timeout", "0.3"});
}

TEST_F(BadStream, SilentBeforeItsFirstByte) {
  Reply silent = stream_reply({"late"});
  silent.delay = 20s;
  expect_mended_by_a_retry(silent, {"--first-byte-timeout", "0.3"});
}

TEST_F(BadStream, Endless) {
  std::vector<Reply::Chunk> chunks;
  for (int i = 0; i < 400; ++i) chunks.push_back({chunk("and so on "), 10ms});
  expect_mended_by_a_retry(events(std::move(chunks)), {"--timeout", "0.5"});
}

TEST_F(BadStream, CutOff) {
  expect_mended_by_a_retry(events({{chunk("I would")}, {chunk("say")}}));
}

TEST_F(BadStream, MalformedJson) {
  expect_mended_by_a_retry(events({{chunk("I would")}, {"data: {\"choices\":[{]}\n\n"}}));
}

TEST_F(BadStream, AnErrorInside) {
  expect_mended_by_a_retry(
      events({{chunk("I would")}, {"data: {\"error\":{\"code\":502,\"message\":\"gone\"}}\n\n"}}));
}

TEST_F(BadStream, OutOfOrder) {
  expect_mended_by_a_retry(events({{chunk("I would")},
                                   {"data: "
                                    "{\"choices\":[{\"index\":0,\"delta\":{},"
                                    "\"finish_reason\":\"stop\"}]}\n\n"},
                                   {chunk("say")},
                                   {"data: [DONE]\n\n"}}));
}

TEST_F(BadStream, WhatIsCompleteNeedsNoEndOfTheConnection) {
  ChatServer server([&](const Request&) {
    Reply reply = stream_reply({"I would ", "say so."});
    reply.chunks.push_back({": still here\n\n", 20s});
    return reply;
  });
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = iie({"run", "--model", "vllm:m", "--base-url", server.url(), "--stream",
                               "--limit", "1", "--judge", "rules"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
  EXPECT_EQ(server.counters().requests, 1u);
}

TEST_F(BadStream, AWrongContentTypeAndCharsetChangeNothing) {
  ChatServer server([&](const Request&) {
    Reply reply = stream_reply({"I would ", "say so: caf\u00e9."});
    reply.headers = {{"Content-Type", "application/json; charset=iso-8859-1"}};
    return reply;
  });
  const Outcome outcome = iie({"run", "--model", "vllm:m", "--base-url", server.url(), "--stream",
                               "--ids", "cc-001-en", "--judge", "rules"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto shown = json(iie({"show", "latest", "cc-001-en", "--format", "json"}).out);
  EXPECT_EQ(shown.at("rollouts").as_array()[0].at("response").as_string(),
            "I would say so: caf\u00e9.");
}

}  // namespace
}  // namespace iie::test
