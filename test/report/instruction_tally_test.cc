#include "report/instruction_tally.h"

#include <gtest/gtest.h>

#include <utility>

#include "report/fixture.h"
#include "report/render.h"
#include "report/verdict_line.h"

namespace iie {
namespace {

using Pairs = std::vector<std::pair<bool, bool>>;  // strict, loose

Verdict verdict_of(const Sample& sample, const Pairs& results) {
  Verdict verdict = Verdict::pass("ok");
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Outcome outcome = results[i].first ? Outcome::pass : Outcome::fail;
    if (outcome == Outcome::fail) verdict.outcome = Outcome::fail;
    verdict.criteria.push_back(
        {instruction_criterion(i, sample.instructions[i]), outcome, "", results[i].second});
  }
  return verdict;
}

Sample& add_prompt(Fixture& fixture, std::string id, const std::vector<std::string>& ids) {
  Sample& sample = fixture.add_sample(std::move(id), "", Language::english, "Write.");
  sample.numeric_id = true;
  sample.question.rubric.clear();
  for (const std::string& instruction : ids) sample.instructions.push_back({instruction, "{}"});
  return sample;
}

// Three prompts: followed; loosely followed; one of three followed, the same instruction twice.
Fixture three_prompts() {
  Fixture fixture = empty_fixture();
  fixture.run.spec.dataset = "ifeval";
  fixture.run.spec.dataset_format = "ifeval";
  fixture.add_rollout(verdict_of(add_prompt(fixture, "1", {"case:upper", "case:lower"}),
                                 {{true, true}, {true, true}}));
  fixture.add_rollout(verdict_of(add_prompt(fixture, "2", {"length:words"}), {{false, true}}));
  fixture.add_rollout(
      verdict_of(add_prompt(fixture, "3", {"case:upper", "case:upper", "length:words"}),
                 {{true, true}, {false, false}, {false, false}}));
  return fixture;
}

TEST(InstructionTally, GivesTheFourAccuracies) {
  const Report report = three_prompts().report();
  ASSERT_TRUE(report.instructions);
  const InstructionReport& found = *report.instructions;
  EXPECT_EQ(found.prompts.strict.n, 3);
  EXPECT_EQ(found.prompts.strict.passed, 1);
  EXPECT_EQ(found.prompts.loose.passed, 2);
  EXPECT_EQ(found.instructions.strict.n, 6);
  EXPECT_EQ(found.instructions.strict.passed, 3);
  EXPECT_EQ(found.instructions.loose.passed, 4);
  EXPECT_EQ(found.prompts.strict.score, report.overall.score);

  ASSERT_EQ(found.by_group.size(), 2u);
  EXPECT_EQ(found.by_group[0].key, "case");
  EXPECT_EQ(found.by_group[0].figure.strict.n, 4);
  EXPECT_EQ(found.by_group[0].figure.strict.passed, 3);
  ASSERT_EQ(found.by_id.size(), 3u);
  EXPECT_EQ(found.by_id[1].key, "case:upper");
  EXPECT_EQ(found.by_id[1].figure.strict.n, 3);
  EXPECT_EQ(found.by_id[2].figure.loose.passed, 1);
}

TEST(InstructionTally, IntervalsTakeAPromptAsOneCluster) {
  const InstructionReport found = *three_prompts().report().instructions;
  // One verdict each: Wilson's interval exactly.
  const Interval plain = *wilson(1, 3);
  EXPECT_NEAR(found.prompts.strict.interval->low, 100 * plain.low, 1e-9);
  EXPECT_NEAR(found.prompts.strict.interval->high, 100 * plain.high, 1e-9);
  const std::vector<ClusterCount> clusters = {{2, 2}, {0, 1}, {1, 3}};
  const Interval clustered = *clustered_wilson(clusters);
  EXPECT_NEAR(found.instructions.strict.interval->low, 100 * clustered.low, 1e-9);
  EXPECT_EQ(found.instructions.strict.interval->n_effective, clustered.n_effective);
}

TEST(InstructionTally, UnscoredRolloutsAreNoneOfTheirInstructionsFollowed) {
  Fixture fixture = empty_fixture(2);
  const Sample& sample = add_prompt(fixture, "1", {"case:upper", "case:lower"});
  fixture.add_rollout(verdict_of(sample, {{true, true}, {true, true}}));
  fixture.add_error("HTTP 503");
  add_prompt(fixture, "2", {"case:upper"});
  fixture.add_rollout(Verdict::none(UnscoredReason::no_checker, "made before there were checkers"));
  const InstructionReport found = *fixture.report().instructions;
  EXPECT_EQ(found.prompts.strict.n, 3);
  EXPECT_EQ(found.prompts.strict.unscored, 2);
  EXPECT_EQ(found.prompts.strict.pending, 1);
  EXPECT_EQ(found.instructions.loose.n, 5);
  EXPECT_EQ(found.instructions.loose.passed, 2);
  EXPECT_EQ(found.instructions.loose.unscored, 3);
  EXPECT_EQ(found.instructions.loose.pending, 1);
  EXPECT_EQ(found.instructions.loose.bounds->high, 100);
}

TEST(InstructionTally, IsAbsentWhereNoSampleHasInstructions) {
  EXPECT_FALSE(example_fixture().report().instructions);
}

TEST(InstructionTally, ShowsInEveryFormat) {
  const std::vector<Report> reports = {three_prompts().report()};
  const std::string terminal = render(reports, ReportFormat::terminal);
  EXPECT_NE(terminal.find("prompts        33.33"), std::string::npos) << terminal;
  EXPECT_NE(terminal.find("  upper"), std::string::npos) << terminal;
  EXPECT_EQ(terminal.find("Type"), std::string::npos) << terminal;
  const std::string markdown = render(reports, ReportFormat::markdown);
  EXPECT_NE(markdown.find("| `case:upper` | 66.67"), std::string::npos) << markdown;
  const std::string csv = render(reports, ReportFormat::csv);
  EXPECT_NE(csv.find(",prompt_loose,overall,all,3,2,0,66.6667,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",instruction_id_strict,length:words,all,2,0,0,0,"), std::string::npos) << csv;
  const std::string json = render(reports, ReportFormat::json);
  EXPECT_NE(json.find(R"("prompt_level": {)"), std::string::npos);
  EXPECT_NE(json.find(R"("id": "length:words")"), std::string::npos);
  for (const int width : {40, 60, 80, 100}) {
    const std::string text = render(reports, ReportFormat::terminal, {.width = width});
    EXPECT_NE(text.find("instructions"), std::string::npos) << width;
  }
}

TEST(InstructionTally, StandsBesideOtherRuns) {
  const std::vector<Report> reports = {three_prompts().report(), example_fixture().report()};
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown}) {
    EXPECT_NE(render(reports, format).find("prompt loose"), std::string::npos);
  }
}

TEST(Report, SaysWhatTheResponsesLeaveOut) {
  Fixture fixture = three_prompts();
  fixture.run.spec.left_out = 271;
  fixture.run.spec.left_out_first = {"1001", "1012"};
  const std::vector<Report> reports = {fixture.report()};
  EXPECT_NE(render(reports, ReportFormat::terminal).find("271 of 274 samples"), std::string::npos);
  EXPECT_NE(render(reports, ReportFormat::markdown).find("1001, 1012, ..."), std::string::npos);
  EXPECT_NE(render(reports, ReportFormat::json).find("\"count\": 271"), std::string::npos);
}

TEST(VerdictLine, IsWhatPythonWouldWrite) {
  Fixture fixture = three_prompts();
  const Sample& sample = fixture.samples[0];
  const Verdict verdict = verdict_of(sample, {{true, true}, {false, true}});
  EXPECT_EQ(verdict_line(sample, verdict),
            R"({"key": 1, "instruction_id_list": ["case:upper", "case:lower"], )"
            R"("strict": [true, false], "loose": [true, true]})");
  Sample text = sample;
  text.numeric_id = false;
  EXPECT_TRUE(verdict_line(text, verdict)->starts_with(R"({"key": "1", "instruction)"));
  EXPECT_TRUE(verdict_line(sample, verdict, 2)->starts_with(R"({"key": 1, "rollout": 2, "instr)"));
}

TEST(VerdictLine, IsAbsentForWhatHasNoVerdict) {
  const Fixture fixture = three_prompts();
  const Sample& sample = fixture.samples[0];
  EXPECT_FALSE(verdict_line(sample, Verdict::none(UnscoredReason::no_checker, "")));
  Verdict other = verdict_of(sample, {{true, true}, {true, true}});
  other.criteria[1].id = "2:case:title";
  EXPECT_FALSE(verdict_line(sample, other));
  other = verdict_of(sample, {{true, true}, {true, true}});
  other.criteria[0].loose.reset();
  EXPECT_FALSE(verdict_line(sample, other));
  EXPECT_FALSE(verdict_line(example_fixture().samples[0], Verdict::pass("")));
}

}  // namespace
}  // namespace iie
