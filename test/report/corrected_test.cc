#include "report/corrected.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "base/json.h"
#include "report/fixture.h"
#include "report/render.h"

namespace iie {
namespace {

// 40 QC and 40 CA samples in English, half of them passed, with their judge on record.
Fixture judged_fixture() {
  Fixture fixture = empty_fixture();
  for (const char* type : {"QC", "CA"}) {
    fixture.run.spec.judge_cells.push_back(
        {type, Language::english, "openai:judge-1", std::string("print-") + type});
    for (int i = 0; i < 40; ++i) {
      fixture.add_sample(fmt::format("{}-{}", type, i), type, Language::english, "?");
      fixture.add_rollout(i % 2 == 0 ? Verdict::pass("") : Verdict::fail(""), "An answer.",
                          "openai:judge-1");
    }
  }
  return fixture;
}

CalibrationCell measured(std::string type) {
  CalibrationCell cell;
  cell.type = type;
  cell.language = Language::english;
  cell.judge = "openai:judge-1";
  cell.fingerprint = "print-" + type;
  cell.true_pass = 90;
  cell.false_fail = 10;
  cell.true_fail = 80;
  cell.false_pass = 20;
  cell.samples = 200;
  return cell;
}

Report corrected_by(const Calibration& calibration, const Fixture& fixture = judged_fixture()) {
  ReportOptions options;
  options.calibration = &calibration;
  return fixture.report(options);
}

TEST(Corrected, FollowsRoganAndGladenInEachCell) {
  Calibration calibration;
  calibration.cells = {measured("QC"), measured("CA")};
  const Report report = corrected_by(calibration);
  ASSERT_TRUE(report.corrected);
  const CorrectedReport& found = *report.corrected;
  ASSERT_EQ(found.cells.size(), 2u);
  // (0.5 + 0.8 - 1) / (0.9 + 0.8 - 1)
  EXPECT_NEAR(found.cells[0].corrected->score, 100 * 0.3 / 0.7, 1e-9);
  EXPECT_LT(found.cells[0].corrected->low, 30);
  EXPECT_GT(found.cells[0].corrected->high, 55);
  ASSERT_TRUE(found.overall.corrected);
  EXPECT_NEAR(found.overall.corrected->score, 100 * 0.3 / 0.7, 1e-9);
  EXPECT_GT(found.overall.corrected->low, found.cells[0].corrected->low) << "of twice as many";
  EXPECT_TRUE(found.overall.missing.empty());
  EXPECT_EQ(found.by_type.size(), 2u);
  EXPECT_EQ(found.by_language.size(), 1u);
}

TEST(Corrected, CountsWhatTheJudgeCouldNotDecideAsItsFailures) {
  Calibration calibration;
  calibration.cells = {measured("QC"), measured("CA")};
  calibration.cells[0].false_fail = 0;
  calibration.cells[0].unscored_pass = 10;
  calibration.cells[0].true_fail = 0;
  calibration.cells[0].unscored_fail = 80;
  const Report report = corrected_by(calibration);
  EXPECT_NEAR(report.corrected->cells[0].corrected->score, 100 * 0.3 / 0.7, 1e-9);
}

TEST(Corrected, SaysWhyThereIsNoEstimateAndPoolsNothing) {
  const auto why = [](const CalibrationCell& cell) {
    Calibration calibration;
    calibration.cells = {cell, measured("CA")};
    const Report report = corrected_by(calibration);
    const CorrectedReport& found = *report.corrected;
    EXPECT_FALSE(found.cells[0].corrected);
    EXPECT_TRUE(found.cells[1].corrected);
    EXPECT_FALSE(found.overall.corrected);
    EXPECT_EQ(found.overall.missing, std::vector<std::string>{"QC english"});
    EXPECT_TRUE(found.by_type[1].corrected);
    return found.cells[0].why;
  };
  CalibrationCell cell = measured("QC");
  cell.fingerprint = "another";
  EXPECT_NE(why(cell).find("another judge"), std::string::npos);
  cell = measured("QC");
  cell.language = Language::chinese;
  EXPECT_NE(why(cell).find("no labels"), std::string::npos);
  cell = measured("QC");
  cell.true_fail = cell.false_pass = 0;
  EXPECT_NE(why(cell).find("no response that people fail"), std::string::npos);
  cell = measured("QC");
  cell.true_pass = cell.false_fail = 0;
  EXPECT_NE(why(cell).find("no response that people pass"), std::string::npos);
  cell = measured("QC");
  cell.true_pass = cell.false_fail = cell.true_fail = cell.false_pass = 50;
  EXPECT_NE(why(cell).find("coin"), std::string::npos);

  Fixture old = judged_fixture();
  old.run.spec.judge_cells.clear();
  Calibration calibration;
  calibration.cells = {measured("QC")};
  EXPECT_NE(corrected_by(calibration, old).corrected->cells[0].why.find("does not record"),
            std::string::npos);
}

// A label for each sample of judged_fixture() that `take` wants, by the judge's own verdict but for
// every `wrong`th.
std::string labels_for(const Fixture& fixture, std::size_t every, std::size_t wrong) {
  std::string out;
  for (std::size_t i = 0; i < fixture.samples.size(); i += every) {
    const bool passed = fixture.rollouts[i].judgement->verdict.outcome == Outcome::pass;
    const bool label = (i / every) % wrong == 0 ? !passed : passed;
    out +=
        fmt::format("{{\"sample\":\"{}\",\"label\":{}}}\n", fixture.samples[i].id, label ? 1 : 0);
  }
  return out;
}

Report labelled(const Fixture& fixture, const std::string& lines) {
  const auto labels = RunLabels::parse(lines, "labels.jsonl", fixture.samples, 1);
  EXPECT_TRUE(labels) << labels.error().message;
  ReportOptions options;
  options.labels = &*labels;
  return fixture.report(options);
}

TEST(Powered, EstimatesEachCellFromItsOwnLabels) {
  const Fixture fixture = judged_fixture();
  const Report report = labelled(fixture, labels_for(fixture, 3, 9));
  ASSERT_TRUE(report.powered);
  const PoweredReport& found = *report.powered;
  EXPECT_EQ(found.labelled, 27);
  ASSERT_EQ(found.by_cells.cells.size(), 2u);
  for (const CorrectedCell& cell : found.by_cells.cells) {
    ASSERT_TRUE(cell.corrected) << cell.why;
    EXPECT_EQ(cell.corrected->method, "prediction_powered");
    EXPECT_LT(cell.corrected->low, 50);
    EXPECT_GT(cell.corrected->high, 50);
  }
  EXPECT_TRUE(found.by_cells.overall.corrected);
  ASSERT_TRUE(found.pooled);
  EXPECT_NEAR(found.pooled->score, 50, 10);
}

TEST(Powered, GivesNoEstimateForACellWithFewLabels) {
  const Fixture fixture = judged_fixture();
  std::string lines = labels_for(fixture, 1, 10);
  // The last 36 of CA's 40 go.
  for (int i = 0; i < 36; ++i) lines.erase(lines.rfind('\n', lines.size() - 2) + 1);
  const Report report = labelled(fixture, lines);
  const CorrectedReport& found = report.powered->by_cells;
  EXPECT_TRUE(found.cells[1].corrected || found.cells[0].corrected);
  const CorrectedCell& few = found.cells[0].type == "CA" ? found.cells[0] : found.cells[1];
  EXPECT_EQ(few.why, "only 4 labels; 10 are the fewest");
  EXPECT_FALSE(found.overall.corrected);
  EXPECT_EQ(found.overall.missing, std::vector<std::string>{"CA english"});
}

TEST(RunLabels, AreDecidedByMostPeopleAndRefusedWhereTheyCannotBe) {
  const Fixture fixture = judged_fixture();
  const auto parse = [&](const std::string& lines, int rollouts = 1) {
    return RunLabels::parse(lines, "l.jsonl", fixture.samples, rollouts);
  };
  const auto votes = parse(
      R"({"sample":"QC-0","label":1,"annotator":"a"}
{"sample":"QC-0","label":1,"annotator":"b"}
{"sample":"QC-0","label":0,"annotator":"c"}

{"id":"QC-1","rollout":0,"label":1,"annotator":"a"}
{"sample":"QC-1","label":0,"annotator":"b"}
)");
  ASSERT_TRUE(votes) << votes.error().message;
  EXPECT_EQ(votes->label({0, 0}, ""), true);
  EXPECT_EQ(votes->label({1, 0}, ""), std::nullopt);
  EXPECT_EQ(votes->label({2, 0}, ""), std::nullopt);
  EXPECT_EQ(votes->labelled(), 2);
  EXPECT_EQ(votes->disputed(), 1);
  EXPECT_EQ(votes->annotators(), 3);

  const auto refused = [&](const std::string& lines, const std::string& with, int rollouts = 1) {
    const auto result = parse(lines, rollouts);
    ASSERT_FALSE(result) << lines;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_NE(result.error().message.find(with), std::string::npos) << result.error().message;
  };
  refused("", "holds no label");
  refused("{\"sample\":\"QC-0\",\"label\":1}\nnonsense\n", "l.jsonl:2");
  refused(R"({"sample":"XX-9","label":1})", "no sample 'XX-9'");
  refused(R"({"sample":"QC-0","label":2})", "0 or 1");
  refused(R"({"sample":"QC-0"})", "0 or 1");
  refused(R"({"sample":"QC-0","label":1,"rollout":1})", "rollout 1");
  refused(R"({"sample":"QC-0","label":1})", "which", 2);
  refused(R"({"row":99,"label":1})", "0 to 79");
  refused("{\"sample\":\"QC-0\",\"label\":1}\n{\"sample\":\"QC-0\",\"label\":0}\n", "twice");
}

TEST(RunLabels, HoldForEveryRolloutWithTheText) {
  Fixture fixture = judged_fixture();
  fixture.rollouts[1].response.response->text = "Another answer.";
  const std::string lines =
      R"({"sample":"QC-0","response":"An answer.","label":true,"note":"ignored"}
{"row":1,"response":"Another answer.","label":0}
{"row":2,"response":"Nobody said this.","label":0}
)";
  const auto labels = RunLabels::parse(lines, "l.jsonl", fixture.samples, 6);
  ASSERT_TRUE(labels) << labels.error().message;
  EXPECT_EQ(labels->label({0, 5}, "An answer."), true);
  EXPECT_EQ(labels->label({0, 5}, "An answer"), std::nullopt);
  EXPECT_EQ(labels->label({1, 0}, "Another answer."), false);
  const Report report = labelled(fixture, lines);
  EXPECT_EQ(report.powered->labelled, 3);
  EXPECT_EQ(report.powered->unmatched, 1);
  const CorrectedReport& found = report.powered->by_cells;
  const CorrectedCell& qc = found.cells[0].type == "QC" ? found.cells[0] : found.cells[1];
  EXPECT_EQ(qc.labels.true_pass, 1);
  EXPECT_EQ(qc.labels.true_fail, 1);
  EXPECT_EQ(qc.labels.n(), 2);
}

TEST(Corrected, ShowsInEveryFormat) {
  Calibration calibration;
  calibration.labels = "people.jsonl";
  calibration.cells = {measured("QC")};
  const Report report = corrected_by(calibration);
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown,
                                    ReportFormat::latex, ReportFormat::json, ReportFormat::csv}) {
    EXPECT_NE(render({report}, format).find("42.8"), std::string::npos) << to_string(format);
  }
  EXPECT_NE(render({report}, ReportFormat::terminal).find("judge error: measured"),
            std::string::npos);
  const auto json = parse_json(render({report}, ReportFormat::json)).value();
  EXPECT_TRUE(json.at("corrected").at("overall").at("estimate").is_null());
  EXPECT_EQ(json.at("corrected").at("overall").at("missing").as_array().size(), 1u);
  EXPECT_TRUE(json.at("powered").is_null());
}

}  // namespace
}  // namespace iie
