#include "judge/check_verdict.h"

#include <gtest/gtest.h>

#include "test/judge/fakes.h"

namespace iie {
namespace {

CheckResult result(std::string criterion, Decision decision, std::string reason = "why") {
  return {std::move(criterion), "rule", decision, std::move(reason)};
}

Sample complete_sample() {
  Sample sample = native_sample();
  sample.question.complete = true;
  return sample;
}

TEST(VerdictOfChecks, PassesWhereAllAreMetAndDecideEverything) {
  const Verdict verdict = verdict_of_checks(
      complete_sample(), {result("c1", Decision::met), result("c2", Decision::met)});
  EXPECT_EQ(verdict.outcome, Outcome::pass);
  EXPECT_EQ(verdict.reason, "all 2 checks met");
  ASSERT_EQ(verdict.criteria.size(), 2u);
  EXPECT_EQ(verdict.criteria[1].outcome, Outcome::pass);
}

TEST(VerdictOfChecks, FailsForOneBrokenCheckWithItsReason) {
  for (Sample sample : {complete_sample(), native_sample()}) {
    const Verdict verdict = verdict_of_checks(
        sample, {result("c1", Decision::met), result("c2", Decision::broken, "3 lists"),
                 result("c1", Decision::undecided)});
    EXPECT_EQ(verdict.outcome, Outcome::fail);
    EXPECT_EQ(verdict.reason, "rule: 3 lists");
    EXPECT_EQ(verdict.criteria[0].outcome, Outcome::unscored);
    EXPECT_EQ(verdict.criteria[1].outcome, Outcome::fail);
  }
}

TEST(VerdictOfChecks, NeedsAJudgeForWhatHasNoCheck) {
  const Verdict verdict = verdict_of_checks(native_sample(), {result("c1", Decision::met)});
  EXPECT_EQ(verdict.unscored, UnscoredReason::needs_judge);
  EXPECT_EQ(verdict.reason, "no check decides criterion c2");
  EXPECT_EQ(verdict.criteria[0].outcome, Outcome::pass);
  EXPECT_EQ(verdict.criteria[1].outcome, Outcome::unscored);
}

TEST(VerdictOfChecks, NeedsAJudgeWhereTheChecksAreNotSaidToBeComplete) {
  const Verdict verdict = verdict_of_checks(
      native_sample(), {result("c1", Decision::met), result("c2", Decision::met)});
  EXPECT_EQ(verdict.unscored, UnscoredReason::needs_judge);
}

TEST(VerdictOfChecks, NeverGuessesWhereACheckCannotTell) {
  const Verdict verdict = verdict_of_checks(
      complete_sample(),
      {result("c1", Decision::met), result("c2", Decision::undecided, "no grammar")});
  EXPECT_EQ(verdict.unscored, UnscoredReason::needs_judge);
  EXPECT_EQ(verdict.reason, "rule: no grammar");
}

TEST(VerdictOfChecks, NeedsAllChecksOfACriterion) {
  const Verdict verdict = verdict_of_checks(
      complete_sample(), {result("c1", Decision::met), result("c2", Decision::met),
                          result("c2", Decision::undecided)});
  EXPECT_EQ(verdict.criteria[1].outcome, Outcome::unscored);
}

TEST(VerdictOfChecks, NeedsAJudgeWithoutChecks) {
  const Verdict verdict = verdict_of_checks(native_sample(), {});
  EXPECT_EQ(verdict.unscored, UnscoredReason::needs_judge);
  EXPECT_TRUE(verdict.criteria.empty());
}

TEST(VerdictOfChecks, LeavesInstructionsToTheirCheckers) {
  Sample sample = complete_sample();
  sample.instructions = {{"punctuation:no_comma", "{}"}};
  EXPECT_EQ(verdict_of_checks(sample, {}).unscored, UnscoredReason::no_checker);
  EXPECT_EQ(verdict_of_checks(sample, {result("c1", Decision::met), result("c2", Decision::met)})
                .unscored,
            UnscoredReason::no_checker);
  EXPECT_EQ(verdict_of_checks(sample, {result("c1", Decision::broken)}).outcome, Outcome::fail);
}

TEST(VerdictOfChecks, InstructionsDecideWhereThereIsNothingElse) {
  Sample sample;
  sample.id = "1000";
  sample.instructions = {{"punctuation:no_comma", "{}"}, {"startend:quotation", "{}"}};
  const Verdict passed = verdict_of_checks(sample, {}, {{true, true}, {true, true}});
  EXPECT_EQ(passed.outcome, Outcome::pass);
  const Verdict failed = verdict_of_checks(sample, {}, {{true, true}, {false, true}});
  EXPECT_EQ(failed.outcome, Outcome::fail);
  EXPECT_EQ(failed.reason,
            "2:startend:quotation: followed by a loose variant of the response only");
  ASSERT_EQ(failed.criteria.size(), 2u);
  EXPECT_EQ(failed.criteria[0],
            (CriterionVerdict{"1:punctuation:no_comma", Outcome::pass, "followed", true}));
  EXPECT_EQ(failed.criteria[1].id, "2:startend:quotation");
  EXPECT_EQ(failed.criteria[1].outcome, Outcome::fail);
  EXPECT_EQ(failed.criteria[1].loose, true);
}

TEST(VerdictOfChecks, InstructionsBesideARubricCanFailItButNotPassIt) {
  Sample sample = complete_sample();
  sample.instructions = {{"punctuation:no_comma", "{}"}};
  const std::vector<CheckResult> met = {result("c1", Decision::met), result("c2", Decision::met)};
  EXPECT_EQ(verdict_of_checks(sample, met, {{true, true}}).outcome, Outcome::pass);
  EXPECT_EQ(verdict_of_checks(sample, met, {{false, true}}).outcome, Outcome::fail);
  EXPECT_EQ(verdict_of_checks(sample, met, {{false, true}}).criteria.size(), 3u);
  EXPECT_EQ(verdict_of_checks(sample, {}, {{true, true}}).unscored, UnscoredReason::needs_judge);
  EXPECT_EQ(verdict_of_checks(sample, {}, {{false, false}}).outcome, Outcome::fail);
}

TEST(VerdictOfChecks, LetsOneCriterionDoWhereOneIsEnough) {
  Sample sample = complete_sample();
  sample.aggregation = Aggregation::any;
  EXPECT_EQ(verdict_of_checks(sample, {result("c1", Decision::broken), result("c2", Decision::met)})
                .outcome,
            Outcome::pass);
  EXPECT_EQ(verdict_of_checks(sample, {result("c1", Decision::broken)}).unscored,
            UnscoredReason::needs_judge);
  EXPECT_EQ(
      verdict_of_checks(sample, {result("c1", Decision::broken), result("c2", Decision::broken)})
          .outcome,
      Outcome::fail);
}

}  // namespace
}  // namespace iie
