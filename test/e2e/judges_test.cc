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
  // The agreement in what `show` prints.
  static std::string agreement_in(const Outcome& shown) {
    return to_json(json(shown.out).at("panel").at("agreement"));
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
  const Outcome run = run_demonstrations("matrix:" + matrix, server.base_url(),
                                         {"--types", "QC,CC", "--limit", "16"});
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
  EXPECT_NE(run_demonstrations("matrix:" + matrix, server.base_url(),
                               {"--types", "QC,CC", "--limit", "16"})
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
  const Outcome run = run_demonstrations("panel:openai:a,openai:b,openai:c", server.base_url(),
                                         {"--types", "DIA", "--limit", "8"});
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

TEST_F(Judges, ReportsGiveEachJudgesCostAndAPanelsAgreement) {
  // 10 tokens in, 20 out; a and b always agree, c never does with them.
  ChatServer server(
      judges([](const std::string& model, const std::string&) { return model != "c"; }));
  const std::string prices = write("prices.yaml",
                                   "prices:\n  - {models: a, input: 100, output: 1000}\n"
                                   "  - {models: b, input: 10, output: 10}\n");
  const Outcome run = run_demonstrations("panel:openai:a,openai:b,openai:c", server.base_url(),
                                         {"--types", "DIA", "--limit", "8", "--prices", prices});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  const auto& several = report.at("judge").at("judges").as_array();
  ASSERT_EQ(several.size(), 3u);
  EXPECT_NEAR(number(several[0].at("cost").at("amount")), 16 * 0.021, 1e-9);
  EXPECT_NEAR(number(several[1].at("cost").at("amount")), 16 * 0.0003, 1e-9);
  EXPECT_TRUE(several[2].at("cost").at("amount").is_null());
  EXPECT_DOUBLE_EQ(number(several[0].at("member").at("score")), 100);
  EXPECT_DOUBLE_EQ(number(several[2].at("member").at("score")), 0);
  EXPECT_EQ(report.at("judge").at("agreement").at("unanimous"), 0);
  EXPECT_EQ(report.at("judge").at("agreement").at("responses"), 16);
  // What one of them cost is not known, so neither is what all did.
  EXPECT_TRUE(report.at("cost").at("judge").at("amount").is_null());
  EXPECT_TRUE(report.at("cost").at("total").is_null());
  const std::string shown = agreement_in(iie({"show", "latest", "--format", "json"}));
  EXPECT_EQ(to_json(report.at("judge").at("agreement")), shown);

  for (const char* format : {"terminal", "md", "latex", "html"}) {
    const std::string text = iie({"report", "latest", "--prices", prices, "--format", format}).out;
    EXPECT_NE(text.find("The judges"), std::string::npos) << format;
    EXPECT_NE(text.find("0.34 USD"), std::string::npos) << format;
    EXPECT_NE(text.find("The members agree on 0 of 16 responses"), std::string::npos) << format;
  }
  const std::string csv = iie({"report", "latest", "--prices", prices, "--format", "csv"}).out;
  EXPECT_NE(csv.find(",cost_usd,judge openai:a,all,16,,,0.336,"), std::string::npos) << csv;
  EXPECT_EQ(csv.find("judge openai:c"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",panel_member,openai:c,all,16,0,0,0,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",agreement,raw,all,16,,,0.3333,"), std::string::npos) << csv;
  // Without a price nobody has a column for it.
  const std::string plain = iie({"report", "latest"}).out;
  EXPECT_NE(plain.find("Own score"), std::string::npos) << plain;
  EXPECT_EQ(plain.find("Cost"), std::string::npos) << plain;
}

TEST_F(Judges, RejudgingShowsWhatFlipsAndAsksNothingTwice) {
  // "strict" fails all; "lenient" passes all.
  ChatServer server(
      judges([](const std::string& model, const std::string&) { return model == "lenient"; }));
  ASSERT_EQ(iie({"run", "--model", "replay:demonstrations", "--judge", "rules", "--types", "DIA,CA",
                 "--limit", "16"})
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

// --- calibrate ----------------------------------------------------------------------------------

// Labelled responses under the embedded questions: each holds the word "right" or "wrong".
std::string some_labels(const std::vector<std::string>& ids, const char* more = "") {
  std::string out;
  for (const std::string& id : ids) {
    for (int i = 0; i < 3; ++i) {
      const bool right = i != 1;
      out += "{\"sample\": \"" + id + "\", \"response\": \"answer " + id.substr(0, 2) +
             std::to_string(i) + (right ? " zzright" : " zzwrong") +
             "\", \"label\": " + (right ? "1" : "0") + more + "}\n";
    }
  }
  return out;
}

const std::vector<std::string> kLabelled = {"qc-001-en", "qc-002-en", "qc-003-en", "qc-004-en",
                                            "cc-001-en", "cc-002-en", "cc-003-en", "cc-004-en"};

TEST_F(Judges, CalibrationMeasuresJudgesChoosesThemAndLeavesAMatrix) {
  // One judge is right about questions, the other about code: each passes everything else.
  ChatServer server(judges([](const std::string& model, const std::string& prompt) {
    const bool code = prompt.find("answer cc") != std::string::npos;
    const bool knows = (model == "coder") == code;
    return !knows || prompt.find("zzright") != std::string::npos;
  }));
  const std::string labels = write("labels.jsonl", some_labels(kLabelled));
  const std::string matrix = (dir_.path() / "chosen.yaml").string();
  const std::string calibration = (dir_.path() / "calibration.json").string();
  const std::vector<std::string> args = {
      "calibrate", "--labels",     labels,       "--judge",           "openai:reader",
      "--judge",   "openai:coder", "--base-url", server.base_url(),   "--format",
      "json",      "--matrix-out", matrix,       "--calibration-out", calibration};
  const Outcome outcome = iie(args);
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto view = json(outcome.out);
  EXPECT_EQ(view.at("responses"), 24);
  ASSERT_EQ(view.at("judges").as_array().size(), 2u);
  for (const auto& judge : view.at("judges").as_array()) {
    EXPECT_EQ(judge.at("calls"), 24);
    ASSERT_EQ(judge.at("cells").as_array().size(), 3u);
    for (const auto& cell : judge.at("cells").as_array()) {
      EXPECT_DOUBLE_EQ(number(cell.at("sensitivity").at("value")), 1.0);
    }
  }
  const auto file = json(read_file(calibration).value());
  EXPECT_EQ(file.at("calibration"), 1);
  EXPECT_EQ(file.at("cells").as_array().size(), 4u);
  ASSERT_EQ(view.at("steps").as_array().size(), 2u);
  const auto& steps = view.at("steps").as_array();
  // Each is right 20 times of 24; chosen without a part of the labels, the one that the rest
  // favours is the wrong one for the two parts that hold a single sample: 5/6 of 18, and 2/3 of 6.
  EXPECT_NEAR(number(steps[0].at("accuracy")), 19.0 / 24, 1e-9);
  EXPECT_DOUBLE_EQ(number(steps[1].at("accuracy")), 1.0);
  EXPECT_EQ(steps[1].at("chosen").at("QC"), "openai:reader");
  EXPECT_EQ(steps[1].at("chosen").at("CC"), "openai:coder");
  EXPECT_TRUE(steps[1].at("gain").is_object());
  EXPECT_EQ(server.counters().requests, 48u);

  // Nothing is judged twice, and the matrix that was written is one.
  EXPECT_EQ(iie(args).out, outcome.out);
  EXPECT_EQ(server.counters().requests, 48u);
  const Outcome run =
      run_demonstrations("matrix:" + matrix, server.base_url(),
                         {"--types", "QC,CC", "--language", "english", "--limit", "8"});
  EXPECT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  EXPECT_EQ(report.at("overall").at("n"), 16);
}

TEST_F(Judges, AblationTriesEveryLeverAndGivesEachStepsGain) {
  // Without its system prompt this judge passes everything.
  ChatServer server([](const Request& request) {
    const bool told = request.messages().size() > 1;
    return answer(
        verdict(!told || request.last_user_message().find("zzright") != std::string::npos));
  });
  const Outcome outcome =
      iie({"calibrate", "--labels", write("l.jsonl", some_labels(kLabelled)), "--judge", "openai:j",
           "--ablation", "--base-url", server.base_url(), "--format", "json"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto view = json(outcome.out);
  EXPECT_EQ(view.at("judges").as_array().size(), 4u);
  const auto& steps = view.at("steps").as_array();
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[3].at("step"), "+ system prompt");
  EXPECT_NEAR(number(steps[0].at("accuracy")), 2.0 / 3, 1e-9);
  EXPECT_DOUBLE_EQ(number(steps[3].at("accuracy")), 1.0);
  EXPECT_NEAR(number(steps[3].at("gain").at("difference")), 1.0 / 3, 1e-9);
  EXPECT_GT(number(steps[3].at("gain").at("low")), 0.0);
}

TEST_F(Judges, LabelsThatCannotCarryAnEstimateAreNamed) {
  ChatServer server(judges([](const std::string&, const std::string&) { return true; }));
  const auto calibrate = [&](const std::string& text) {
    return iie({"calibrate", "--labels", write("l.jsonl", text), "--judge", "openai:j",
                "--base-url", server.base_url(), "--format", "json"});
  };
  expect_error(calibrate("{\"sample\": \"qc-999-en\", \"response\": \"a\", \"label\": 1}\n"), 3,
               {"l.jsonl:1", "no sample 'qc-999-en'"});
  expect_error(calibrate("{\"sample\": \"qc-001-en\", \"response\": \"a\", \"label\": 1}\n"
                         "{\"sample\": \"qc-001-en\", \"response\": \"a\", \"label\": 0}\n"),
               3, {"l.jsonl:2", "label"});
  EXPECT_EQ(server.counters().requests, 0u);
  // One class only, and two people who disagree about one response.
  const Outcome outcome = calibrate(
      "{\"sample\": \"qc-001-en\", \"response\": \"a\", \"label\": 1, \"annotator\": \"x\"}\n"
      "{\"sample\": \"qc-001-en\", \"response\": \"a\", \"label\": 1, \"annotator\": \"y\"}\n"
      "{\"sample\": \"qc-002-en\", \"response\": \"b\", \"label\": 1, \"annotator\": \"x\"}\n"
      "{\"sample\": \"qc-002-en\", \"response\": \"b\", \"label\": 0, \"annotator\": \"y\"}\n");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto view = json(outcome.out);
  EXPECT_EQ(view.at("responses"), 1);
  EXPECT_EQ(view.at("ties_left_out"), 1);
  EXPECT_DOUBLE_EQ(number(view.at("annotators").at("raw")), 0.5);
  const auto& cell = view.at("judges").as_array()[0].at("cells").as_array()[1];
  EXPECT_TRUE(cell.at("specificity").is_null());
  EXPECT_EQ(cell.at("warnings").as_array()[0], "no specificity: no labelled fail");
  EXPECT_EQ(cell.at("warnings").as_array()[1], "only 1 labels");
}

}  // namespace
}  // namespace iie::test
