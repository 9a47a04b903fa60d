#include "report/twins.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/twin.h"

namespace iie {
namespace {

Sample sample(const std::string& id, const std::string& type, bool complete = true) {
  Sample out;
  out.id = id;
  out.type = type;
  out.question.messages = {{Role::user, "Which is it?"}};
  out.question.complete = complete;
  out.twin = out.question;
  return out;
}

JudgementRecord verdict(const RolloutId& id, Verdict one) {
  JudgementRecord out;
  out.id = id;
  out.verdict = std::move(one);
  return out;
}

class TwinTallyTest : public testing::Test {
 protected:
  void judge(TwinTally& tally, std::int32_t index, Verdict one) {
    ResponseRecord response;
    response.id = {index, 0};
    response.response.emplace();
    const JudgementRecord judgement = verdict(response.id, std::move(one));
    tally.add(response.id, &response, &judgement);
  }
};

TEST(Twins, StandBehindTheirSamples) {
  std::vector<Sample> samples = {sample("a", "QC"), sample("b", "QC"), sample("c/twin", "QC")};
  samples[1].twin.reset();
  EXPECT_EQ(twins_begin(samples), 3U);
  EXPECT_EQ(append_twins(samples), 2U);
  ASSERT_EQ(samples.size(), 5U);
  EXPECT_EQ(samples[3].id, "a/twin");
  EXPECT_EQ(samples[4].id, "c/twin/twin");
  EXPECT_FALSE(samples[3].twin);
  EXPECT_EQ(twins_begin(samples), 3U);
}

TEST_F(TwinTallyTest, GapIsTwinLessItemOverPairsWithVerdicts) {
  std::vector<Sample> samples;
  for (int i = 0; i < 10; ++i) samples.push_back(sample("q" + std::to_string(i), "QC"));
  append_twins(samples);
  TwinTally tally(samples, 10, 1);
  EXPECT_FALSE(tally.complete());
  for (int i = 0; i < 10; ++i) {
    judge(tally, i, i < 4 ? Verdict::pass("") : Verdict::fail(""));
    judge(tally, 10 + i, i == 9 ? Verdict::fail("") : Verdict::pass(""));
  }
  EXPECT_TRUE(tally.complete());
  const TwinReport report = tally.finish();
  EXPECT_EQ(report.twins, 10);
  EXPECT_EQ(report.left_out, 0);
  ASSERT_TRUE(report.overall);
  EXPECT_EQ(report.overall->samples, 10);
  EXPECT_DOUBLE_EQ(report.overall->item, 40);
  EXPECT_DOUBLE_EQ(report.overall->twin, 90);
  EXPECT_DOUBLE_EQ(report.overall->gap, 50);
  EXPECT_LT(report.overall->low, 50);
  EXPECT_GT(report.overall->high, 50);
  ASSERT_EQ(report.by_type.size(), 1U);
  EXPECT_EQ(report.by_type[0].key, "QC");
  EXPECT_TRUE(report.by_type[0].headline);
}

// Rules can fail an incomplete question but not pass it: counting its failures alone would be a gap
// made by the judge.
TEST_F(TwinTallyTest, QuestionsThatNeedAJudgeAreLeftOutWhole) {
  std::vector<Sample> samples = {sample("a", "QC"), sample("b", "QC"), sample("c", "QC", false),
                                 sample("d", "QC", false)};
  append_twins(samples);
  TwinTally tally(samples, 4, 1);
  for (const int i : {0, 1, 4, 5, 6, 7}) judge(tally, i, Verdict::pass(""));
  judge(tally, 2, Verdict::fail(""));
  judge(tally, 3, Verdict::none(UnscoredReason::needs_judge, ""));
  const TwinReport report = tally.finish();
  EXPECT_EQ(report.left_out, 2);
  ASSERT_TRUE(report.overall);
  EXPECT_EQ(report.overall->samples, 2);
  EXPECT_DOUBLE_EQ(report.overall->gap, 0);
}

TEST_F(TwinTallyTest, FailedCallsAndPendingRolloutsAreNoVerdicts) {
  std::vector<Sample> samples = {sample("a", "QC"), sample("b", "QC"), sample("c", "QC")};
  append_twins(samples);
  TwinTally tally(samples, 3, 1);
  for (int i = 0; i < 5; ++i) judge(tally, i, Verdict::pass(""));
  EXPECT_EQ(tally.finish().pending, 1);
  ResponseRecord failed;
  failed.id = {5, 0};
  failed.error = Error{ErrorKind::transient, "timeout"};
  tally.add(failed.id, &failed, nullptr);
  const TwinReport report = tally.finish();
  EXPECT_EQ(report.pending, 0);
  EXPECT_EQ(report.unscored, 1);
  EXPECT_EQ(report.left_out, 1);
  EXPECT_FALSE(tally.complete());  // resume asks again
}

}  // namespace
}  // namespace iie
