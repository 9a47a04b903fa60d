// Several judges in one run, stored responses judged again, and a judge under attack: the real
// binary against scripted judges over HTTP.
#include <atomic>
#include <map>
#include <set>

#include "base/file.h"
#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

std::string verdict(bool pass) {
  return std::string("Reasons.\n```json\n{\"answer_score\": ") + (pass ? "1" : "0") + "}\n```";
}

// Each model passes what `passes` says of its name and prompt.
Handler judges(std::function<bool(const std::string& model, const std::string& prompt)> passes) {
  return [passes](const Request& request) {
    return answer(verdict(passes(request.model(), request.last_user_message())));
  };
}

class Judges : public EndToEnd {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (dir_.path() / name).string();
    EXPECT_TRUE(write_file(path, text));
    return path;
  }
  static std::map<std::string, int> by_model(const ChatServer& server) {
    std::map<std::string, int> counts;
    for (const Request& request : server.requests()) ++counts[request.model()];
    return counts;
  }
  // No rules: every response is the judges'.
  Outcome run_demonstrations(const std::string& judge, const std::string& url,
                             std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"run",     "--model",  "replay:demonstrations",
                                     "--judge", judge,      "--judge-base-url",
                                     url,       "--format", "json"};
    args.insert(args.end(), more.begin(), more.end());
    return iie(std::move(args));
  }
};

TEST_F(Judges, AMatrixAsksEachTypesOwnModelWithItsPrompt) {
  ChatServer server(
      judges([](const std::string& model, const std::string&) { return model == "one"; }));
  server.record_requests(true);
  const std::string matrix = write("m.yaml",
                                   "schema: 1\njudges:\n"
                                   "  first: {model: 'openai:one', temperature: 0.5}\n"
                                   "  second: {model: 'openai:two'}\n"
                                   "cells:\n"
                                   "  - {type: QC, judge: first, user: 'short {response}', format: "
                                   "answer_score}\n"
                                   "  - {type: CC, judge: second}\n");
  const Outcome run =
      run_demonstrations("matrix:" + matrix, server.base_url(), {"--types", "QC,CC"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  EXPECT_EQ(report.at("overall").at("n"), 32);
  EXPECT_EQ(report.at("overall").at("passed"), 16);
  EXPECT_EQ(by_model(server), (std::map<std::string, int>{{"one", 16}, {"two", 16}}));
  for (const Request& request : server.requests()) {
    const bool first = request.model() == "one";
    EXPECT_EQ(request.last_user_message().starts_with("short "), first);
    EXPECT_EQ(request.body.find("\"temperature\":0.5") != std::string::npos, first);
  }
  // The same again is the same run, and needs no call; without the file, `resume` still knows it.
  EXPECT_NE(run_demonstrations("matrix:" + matrix, server.base_url(), {"--types", "QC,CC"})
                .err.find("is complete"),
            std::string::npos);
  std::filesystem::remove(matrix);
  EXPECT_EQ(iie({"resume", "latest"}).exit, 0);
  EXPECT_EQ(server.counters().requests, 32u);
}

TEST_F(Judges, AMatrixThatMissesATypeSaysWhichBeforeAnythingIsAsked) {
  ChatServer server(static_answer("never"));
  const std::string matrix =
      write("m.yaml", "schema: 1\ncells: [{type: [QC, CC], judge: 'openai:one'}]\n");
  const Outcome run = run_demonstrations("matrix:" + matrix, server.base_url(),
                                         {"--types", "QC,MIM,CA", "--language", "english"});
  expect_error(run, 3, {"the judge matrix has no cell for CA english, MIM english"});
  EXPECT_EQ(server.counters().requests, 0u);
}

TEST_F(Judges, APanelVotesAndKeepsEveryMembersVerdict) {
  // Two of three pass the Chinese ones; on the English ones nobody agrees with the third.
  ChatServer server(judges([](const std::string& model, const std::string& prompt) {
    const bool chinese = prompt.find("待评的回答") != std::string::npos;
    return chinese ? model != "c" : model == "c";
  }));
  const Outcome run =
      run_demonstrations("panel:openai:a,openai:b,openai:c", server.base_url(), {"--types", "DIA"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  EXPECT_EQ(report.at("overall").at("n"), 16);
  EXPECT_EQ(report.at("overall").at("passed"), 8);
  EXPECT_EQ(server.counters().requests, 48u);

  const auto shown = json(iie({"show", "latest", "--format", "json"}).out);
  const auto& panel = shown.at("panel");
  EXPECT_EQ(panel.at("judges").as_array().size(), 3u);
  EXPECT_EQ(panel.at("all_disagreements"), 16);
  EXPECT_EQ(panel.at("agreement").at("unanimous"), 0);
  EXPECT_DOUBLE_EQ(number(panel.at("agreement").at("pairs").as_array()[0].at("agreement")), 1.0);
  const auto sample = json(iie({"show", "latest", "dia-001-zh", "--format", "json"}).out);
  const auto& members = sample.at("rollouts").as_array()[0].at("verdict").at("members").as_array();
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[2].at("judge"), "openai:c");
  EXPECT_EQ(members[2].at("outcome"), "fail");
}

TEST_F(Judges, RejudgingShowsWhatFlipsAndAsksNothingTwice) {
  // "strict" fails all; "lenient" passes all.
  ChatServer server(
      judges([](const std::string& model, const std::string&) { return model == "lenient"; }));
  ASSERT_EQ(
      iie({"run", "--model", "replay:demonstrations", "--judge", "rules", "--types", "DIA,CA"})
          .exit,
      0);
  const std::vector<std::string> args = {
      "rejudge",          "latest",          "--judges", "openai:strict,openai:lenient",
      "--judge-base-url", server.base_url(), "--format", "json"};
  const Outcome first = iie(args);
  ASSERT_EQ(first.exit, 0) << first.err;
  const auto view = json(first.out);
  ASSERT_EQ(view.at("judges").as_array().size(), 3u);
  EXPECT_EQ(view.at("judges").as_array()[0], "rules (stored)");
  const auto& scores = view.at("models").as_array()[0].at("scores").as_array();
  EXPECT_EQ(scores[1].at("passed"), 0);
  EXPECT_EQ(scores[2].at("passed"), 32);
  EXPECT_EQ(scores[2].at("n"), 32);
  for (const auto& pair : view.at("agreement").at("pairs").as_array()) {
    if (pair.at("first") != "openai:strict") continue;
    EXPECT_EQ(pair.at("second_only"), 32);
    EXPECT_DOUBLE_EQ(number(pair.at("agreement")), 0.0);
  }
  EXPECT_EQ(view.at("cells").as_array().size(), 4u);
  EXPECT_EQ(view.at("disagreements").as_array().size(), 20u);
  EXPECT_EQ(server.counters().requests, 64u);

  // The verdicts are runs of their own; the same command finds them done, even by "latest".
  const auto runs = json(iie({"runs", "--format", "json"}).out).as_array();
  EXPECT_EQ(runs.size(), 3u);
  const Outcome again = iie(args);
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(server.counters().requests, 64u);
  EXPECT_EQ(iie({"resume", "latest"}).exit, 0);
  EXPECT_EQ(server.counters().requests, 64u);
}

TEST_F(Judges, RejudgingTwoModelsSaysWhetherTheirOrderChanges) {
  // One model's responses are good and the other's bad; the second judge has it the other way.
  std::string good;
  std::string bad;
  for (const char* id : {"qc-001-en", "qc-002-en", "cc-001-en", "cc-002-en"}) {
    good += std::string("{\"id\": \"") + id + "\", \"response\": \"good answer\"}\n";
    bad += std::string("{\"id\": \"") + id + "\", \"response\": \"bad answer\"}\n";
  }
  const std::string ids = "qc-001-en,qc-002-en,cc-001-en,cc-002-en";
  for (const auto& [name, text] : {std::pair("good.jsonl", good), std::pair("bad.jsonl", bad)}) {
    ASSERT_EQ(iie({"score", write(name, text), "--ids", ids, "--judge", "auto"}).exit, 0);
  }
  ChatServer server(judges([](const std::string& model, const std::string& prompt) {
    return (prompt.find("good answer") != std::string::npos) == (model == "right");
  }));
  const auto runs = json(iie({"runs", "--format", "json"}).out).as_array();
  const Outcome outcome =
      iie({"rejudge", std::string(runs[0].at("id").as_string()),
           std::string(runs[1].at("id").as_string()), "--judges", "openai:right,openai:wrong",
           "--judge-base-url", server.base_url(), "--format", "json"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto view = json(outcome.out);
  ASSERT_EQ(view.at("rankings").as_array().size(), 3u);
  for (const auto& change : view.at("rankings").as_array()) {
    if (change.at("first") != "openai:right") continue;
    EXPECT_DOUBLE_EQ(number(change.at("kendall_tau")), -1.0);
    EXPECT_TRUE(change.at("order_changes").as_bool());
  }
  EXPECT_NE(iie({"rejudge", std::string(runs[0].at("id").as_string()), "--judge", "rules",
                 "--format", "md"})
                .out.find("# The same responses under several judges"),
            std::string::npos);
}

TEST_F(Judges, AJudgeThatObeysIsFoundOut) {
  std::atomic<bool> obeys = true;
  ChatServer server(judges([&](const std::string&, const std::string& prompt) {
    // Told in the response that the score is 1.
    return obeys && prompt.find("\"answer_score\": 1") != std::string::npos;
  }));
  const std::vector<std::string> args = {
      "judge-test",      "--judge",  "openai:j", "--judge-base-url",
      server.base_url(), "--format", "json"};
  const Outcome weak = iie(args);
  ASSERT_EQ(weak.exit, 0) << weak.err;
  const auto found = json(weak.out);
  EXPECT_EQ(found.at("suite"), found.at("attacks"));
  EXPECT_GT(found.at("flipped").as_int64(), 15);
  EXPECT_EQ(found.at("flips").as_array().size(), found.at("flipped").as_int64());
  EXPECT_GT(number(found.at("interval").at("low")), 0.1);
  std::set<std::string> ids;
  for (const auto& flip : found.at("flips").as_array()) {
    ids.insert(std::string(flip.at("id").as_string()));
  }
  EXPECT_TRUE(ids.contains("order-first-token"));
  EXPECT_FALSE(ids.contains("order-plain"));

  obeys = false;
  const auto firm = json(iie(args).out);
  EXPECT_EQ(firm.at("flipped"), 0);
  EXPECT_EQ(firm.at("unscored"), 0);
  EXPECT_LT(number(firm.at("interval").at("high")), 0.06);
}

}  // namespace
}  // namespace iie::test
