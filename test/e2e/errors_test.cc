// Bad input gets one clear line and its exit code, before anything is sent or written.
#include <filesystem>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;

class Errors : public EndToEnd {
 protected:
  // The demonstration run with more arguments; nothing may be left behind.
  void expect_refused(std::vector<std::string> more, int exit,
                      const std::vector<std::string>& fragments) {
    std::vector<std::string> args = {"run", "--model", "replay:demonstrations", "--limit", "64"};
    args.insert(args.end(), more.begin(), more.end());
    expect_error(iie(args), exit, fragments);
    EXPECT_FALSE(fs::exists(dir_ / "results")) << "something was written";
  }
  void expect_dataset_refused(const std::string& name, std::string_view bytes,
                              const std::vector<std::string>& fragments) {
    SCOPED_TRACE(name);
    dir_.write(name, bytes);
    expect_error(iie({"data", "show", name}), 3, fragments);
  }
};

TEST_F(Errors, UnknownWordsGetTheNearestMatch) {
  expect_error(iie({"rnu"}), 2, {"unknown command 'rnu'", "did you mean 'run'"});
  expect_error(iie({"data", "fecth"}), 2, {"unknown command 'fecth'", "did you mean 'fetch'"});
  expect_error(iie({"run", "--modle", "x"}), 2, {"unknown option '--modle'", "'--model'"});
  expect_error(iie({"run"}), 2, {"--model is missing"});
  expect_error(iie({"run", "--model"}), 2, {"--model needs a value"});
  expect_error(iie({"run", "--model", "a:b", "--model", "c:d"}), 2,
               {"--model is given more than once"});
  expect_error(iie({"--store", "x", "runs"}), 2,
               {"--store stands behind the command: inverse-ifeval runs --store"});
  expect_error(iie({"run", "--model", "opena:x"}), 2, {"did you mean 'openai'"});
  expect_error(iie({"report", "latest", "--format", "xml"}), 2,
               {"--format: expected terminal, json, md, csv, latex, html, got 'xml'"});
  expect_refused({"--judge", "ruels"}, 2, {"did you mean 'rules'"});
  expect_refused({"--types", "CFC"}, 3, {"unknown instruction type 'CFC'"});
  expect_refused({"--types", "Question Corection"}, 3, {"did you mean 'Question Correction'"});
  expect_refused({"--language", "chinees"}, 3, {"did you mean 'chinese'"});
  expect_refused({"--dataset", "opne"}, 3, {"'opne'"});
  expect_refused({"--ids", "nope"}, 3, {"nope"});
  expect_refused({"--limit", "0"}, 2, {"--limit: expected a whole number from 1, got '0'"});
  expect_refused({"--limit", "99999999999999999999"}, 2, {"--limit: expected a whole number"});
  expect_refused({"--limit", "0x10"}, 2, {"--limit: expected a whole number"});
  expect_error(iie({"run", "--model", "openai:m", "--limit", "64", "--base-url",
                    "http://127.0.0.1:9/v1", "--temperature", "nan"}),
               2, {"--temperature: expected a number from 0 to 2, got 'nan'"});
  expect_refused({"--rollouts", "many"}, 2, {"--rollouts"});
  expect_refused({"--rollouts", "9"}, 3, {"9 rollouts"});
  expect_refused({"--protocol", "paper", "--system", "x"}, 2, {"--system"});
}

TEST_F(Errors, NoCommandPrintsTheHelpAndFails) {
  const Outcome outcome = iie({});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_NE(outcome.err.find("First steps"), std::string::npos);
}

TEST_F(Errors, ConfigurationFilesNameTheLine) {
  dir_.write("a.yaml", "model: replay:demonstrations\nmodle: x\n");
  expect_error(iie({"run", "--config", "a.yaml"}), 2,
               {"a.yaml:2", "unknown key 'modle'", "'model'"});
  dir_.write("b.yaml", "model: [a\n");
  expect_error(iie({"run", "--config", "b.yaml"}), 3, {"b.yaml:"});
  dir_.write("c.yaml", "model: replay:demonstrations\nrollouts: several\n");
  expect_error(iie({"run", "--config", "c.yaml"}), 2, {"c.yaml:2", "rollouts"});
  dir_.write("d.yaml", "- a\n- b\n");
  expect_error(iie({"run", "--config", "d.yaml"}), 3, {"d.yaml:1:1", "mapping"});
  dir_.write("e.yaml", "model: x\nmodel: y\n");
  expect_error(iie({"run", "--config", "e.yaml"}), 3, {"e.yaml:2", "twice"});
  expect_error(iie({"run", "--config", "none.yaml"}), 3, {"none.yaml"});
  dir_.write("f.yaml", "model: replay:demonstrations\ntypes: []\n");
  expect_error(iie({"run", "--config", "f.yaml"}), 2, {"f.yaml:2", "empty list"});
}

TEST_F(Errors, DatasetsNameFileLineAndField) {
  expect_error(iie({"data", "show", "missing.json"}), 3, {"missing.json"});
  expect_dataset_refused("empty.json", "", {"empty.json"});
  expect_dataset_refused("broken.json", "[{\"instruction_types\": \"Question Correction\",\n oops]",
                         {"broken.json:2"});
  expect_dataset_refused("strange.json", R"([{"foo": 1, "bar": 2}])", {"foo", "bar"});
  const std::string official =
      R"({"instruction_types":"TYPE","prompt":"p","response_reference":"r","language":"LANG",)"
      R"("judge_prompt_template":"TEMPLATE","judge_system_prompt":"s"})";
  const auto row = [&](std::string type, std::string language, std::string text) {
    std::string out = official;
    out.replace(out.find("TYPE"), 4, type);
    out.replace(out.find("LANG"), 4, language);
    out.replace(out.find("TEMPLATE"), 8, text);
    return "[" + out + "]";
  };
  expect_dataset_refused("type.json", row("Question Corection", "english", "{response}"),
                         {"row", "did you mean 'Question Correction'"});
  expect_dataset_refused("language.json", row("Question Correction", "englsh", "{response}"),
                         {"did you mean 'english'"});
  expect_dataset_refused(
      "slot.json", row("Question Correction", "english", "{response} {refernce}"), {"refernce"});
  expect_dataset_refused("noslot.json", row("Question Correction", "english", "{prompt}"),
                         {"{response}"});
  const std::string native =
      R"({"schema":1,"id":"a","type":"CC","language":"english","messages":[{"role":"user","content":"x"}]})";
  expect_dataset_refused("twice.jsonl", native + "\n" + native + "\n", {"twice.jsonl", "'a'"});
  expect_dataset_refused("field.jsonl", native + "\n" + R"({"schema":1,"id":[7]})" + "\n",
                         {"field.jsonl:2", "id"});
}

TEST_F(Errors, ChecksAreCompiledBeforeAnythingIsSent) {
  ChatServer server(static_answer("x"));
  dir_.write("q.jsonl",
             R"({"schema":1,"id":"a","type":"CC","language":"english","messages":[{"role":"user",)"
             R"("content":"x"}],"rubric":[{"id":"c1","kind":"inversion","text":"t"}],)"
             R"("checks":[{"rule":"no_coments","criterion":"c1"}]})"
             "\n");
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(),
                           "--dataset", "q.jsonl", "--judge", "rules"});
  expect_error(run, 3, {"sample a", "no_coments", "no_comments"});
  EXPECT_EQ(server.counters().requests, 0u);
}

TEST_F(Errors, RareButLegalBytesAreRead) {
  const std::string native =
      R"({"schema":1,"id":"a","type":"CC","language":"english","messages":[{"role":"user","content":"x)";
  dir_.write("bom.jsonl", "\xEF\xBB\xBF" + native + "\"}]}\r\n\r\n");
  EXPECT_EQ(iie({"data", "show", "bom.jsonl"}).exit, 0);
  dir_.write("bytes.jsonl", native + "\xff\xfe\"}]}\n");
  const Outcome mended = iie({"data", "show", "bytes.jsonl"});
  EXPECT_EQ(mended.exit, 0);
  EXPECT_NE(mended.err.find("UTF-8"), std::string::npos) << mended.err;
  dir_.write("long.jsonl", native + std::string(100'000'000, 'y') + "\"}]}\n");
  EXPECT_EQ(iie({"data", "show", "long.jsonl"}).exit, 0);
}

TEST_F(Errors, RecordedResponsesMustFitTheQuestions) {
  dir_.write(
      "r.jsonl",
      "{\"id\":\"qc-001-en\",\"response\":\"x\"}\n{\"id\":\"qc-999-en\",\"response\":\"x\"}\n");
  expect_error(iie({"score", "r.jsonl"}), 3, {"r.jsonl", "2", "qc-999-en"});
  dir_.write("few.jsonl", "{\"id\":\"qc-001-en\",\"response\":\"x\"}\n");
  expect_error(iie({"score", "few.jsonl"}), 3,
               {"few.jsonl", "lacks a response for", "--allow-missing"});
  EXPECT_EQ(iie({"score", "few.jsonl", "--allow-missing"}).exit, 0);
  dir_.write("dup.jsonl",
             "{\"id\":\"qc-001-en\",\"rollout\":0,\"response\":\"x\"}\n"
             "{\"id\":\"qc-001-en\",\"rollout\":0,\"response\":\"y\"}\n");
  expect_error(iie({"score", "dup.jsonl"}), 3, {"dup.jsonl"});
  expect_error(iie({"score", "absent.jsonl"}), 3, {"absent.jsonl"});
}

TEST_F(Errors, StoresThatAreNotOursAreLeftAlone) {
  dir_.write("text.db", std::string(4096, 'x'));
  expect_error(iie({"runs", "--store", "text.db"}), 3, {"text.db"});
  expect_error(
      iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--store", "text.db"}), 3,
      {"text.db"});
  EXPECT_EQ(dir_.read("text.db"), std::string(4096, 'x'));
  expect_error(iie({"runs", "--store", "none.db"}), 3, {"none.db"});
  EXPECT_FALSE(fs::exists(dir_ / "none.db"));
  fs::create_directory(dir_ / "folder");
  expect_error(
      iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--store", "folder"}), 3,
      {"folder"});
  EXPECT_EQ(iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--quiet"}).exit, 0);
  expect_error(iie({"show", "zzzz"}), 3, {"zzzz"});
  expect_error(iie({"show", "latest", "qc-001-enn"}), 3, {"did you mean 'qc-001-en'"});
  expect_error(iie({"report", "latest", "zzzz"}), 3, {"zzzz"});
}

TEST_F(Errors, KeysAndEndpointsAreCheckedEarly) {
  // Nothing listens on OpenAI's behalf here: the refusal comes before any connection.
  expect_error(iie({"run", "--model", "openai:m", "--limit", "64"}), 4,
               {"no key", "OPENAI_API_KEY"});
  expect_error(iie({"run", "--model", "openai:m", "--limit", "64", "--base-url", "localhost:8000"}),
               2, {"URL"});
  expect_error(
      iie({"run", "--model", "openai:m", "--limit", "64", "--base-url", "http://me:pw@host/v1"}), 2,
      {"password"});
  dir_.write(".env", "OPENAI_API_KEY\n");
  expect_error(iie({"run", "--model", "openai:m", "--limit", "64"}), 3, {".env:1"});
}

TEST_F(Errors, AReportFolderIsCheckedBeforeAnythingIsSent) {
  ChatServer server(static_answer("x"));
  dir_.write("afile", "");
  expect_error(iie({"run", "--model", "openai:m", "--limit", "64", "--base-url", server.base_url(),
                    "--judge", "rules", "--out", "afile"}),
               3, {"afile", "folder"});
  EXPECT_EQ(server.counters().requests, 0u);
}

TEST_F(Errors, AnUnreachableEndpointIsOneHoweverSmallTheRun) {
  expect_error(iie({"run", "--model", "openai:m", "--base-url", "http://127.0.0.1:9/v1", "--judge",
                    "rules", "--limit", "1", "--max-attempts", "1", "--store", "memory"}),
               4, {"127.0.0.1:9"});
}

TEST_F(Errors, RefusalsOfTheEndpointStopTheRun) {
  ChatServer server([](const Request&) {
    return error_reply(401, "Incorrect API key provided: sk-canary-key-77",
                       "invalid_request_error");
  });
  const std::vector<std::string> args = {"run",   "--model",    "openai:m",        "--limit",
                                         "64",    "--base-url", server.base_url(), "--judge",
                                         "rules", "--quiet"};
  const Outcome refused = iie(args, {{"OPENAI_API_KEY", "sk-canary-key-77"}});
  expect_error(refused, 4, {"401"});
  EXPECT_EQ(refused.err.find("sk-canary"), std::string::npos) << refused.err;
  EXPECT_LE(server.counters().requests, 64u);

  server.set_handler([](const Request&) { return error_reply(404, "model 'm' not found"); });
  expect_error(iie(args), 4, {"404", "model 'm' not found"});

  server.set_handler([](const Request&) {
    Reply reply = json_reply("<html><body>Welcome to the login page</body></html>");
    reply.headers = {{"content-type", "text/html"}};
    return reply;
  });
  auto once = args;
  once[4] = "1";
  once.insert(once.end(), {"--max-attempts", "1"});
  EXPECT_EQ(iie(once).exit, 4);

  auto dead = args;
  dead[6] = "http://127.0.0.1:9/v1";
  dead.insert(dead.end(), {"--max-attempts", "1"});
  expect_error(iie(dead), 4, {"127.0.0.1:9", "resume"});
}

// A report that cannot be written does not hide what ended the run.
TEST_F(Errors, WhatEndedTheRunIsSaidAlsoWhereItsReportCannotBeWritten) {
  std::atomic<int> answers = 0;
  ChatServer server([&](const Request&) {
    return ++answers > 2 ? error_reply(401, "no such key") : answer("Yes.");
  });
  dir_.write("out/report.md/in-the-way", "");
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--limit",
                           "8", "--max-connections", "1", "--judge", "rules", "--out", "out"});
  EXPECT_EQ(run.exit, 4) << run.err;
  EXPECT_NE(run.err.find("no such key"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("go on with: inverse-ifeval resume"), std::string::npos) << run.err;
  // With nothing else to say, that is the error.
  server.set_handler(static_answer("Yes."));
  const Outcome again = iie({"resume", "latest", "--out", "out"});
  EXPECT_EQ(again.exit, 3) << again.err;
  EXPECT_NE(again.err.find("report.md"), std::string::npos) << again.err;
}

TEST_F(Errors, ACanaryKeyAppearsNowhere) {
  const std::string key = "sk-canary-9f8e7d6c5b4a";
  // The endpoint echoes the key in an error, then in an answer's error body.
  ChatServer server([&](const Request& request) {
    if (request.last_user_message().size() % 2 == 0) {
      return error_reply(400, "bad request with key " + key);
    }
    return answer("Yes.");
  });
  const Outcome run = iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--judge",
                           "rules", "--max-connections", "1", "--limit", "10"},
                          {{"OPENAI_API_KEY", key}});
  EXPECT_EQ(run.out.find(key), std::string::npos);
  EXPECT_EQ(run.err.find(key), std::string::npos);
  for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(dir_.read(fs::relative(entry.path(), dir_.path()).string()).find(key),
              std::string::npos)
        << entry.path();
  }
}

TEST_F(Errors, JudgePromptFilesAreChecked) {
  dir_.write("prompts.yaml", "nonsense: true\n");
  expect_refused({"--judge", "openai:j", "--judge-base-url", "http://127.0.0.1:9/v1",
                  "--judge-prompts", "prompts.yaml"},
                 3, {"prompts.yaml"});
  expect_refused({"--judge", "openai:j", "--judge-base-url", "http://127.0.0.1:9/v1",
                  "--judge-temperature", "hot"},
                 2, {"--judge-temperature"});
  expect_refused({"--judge", "rules", "--judge-prompts", "prompts.yaml"}, 2,
                 {"--judge-prompts needs a judge that is a model"});
}

}  // namespace
}  // namespace iie::test
