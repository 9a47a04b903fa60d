// Runs with several judges: what each was asked, and what a panel's members said on their own.
#include "report/several_judges.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace iie {
namespace {

JudgeCall call_of(std::string judge, std::int64_t input, bool readable = true) {
  JudgeCall call;
  call.judge = std::move(judge);
  call.usage = {.input_tokens = input, .output_tokens = 1};
  call.latency = std::chrono::milliseconds(input);
  call.readable = readable;
  return call;
}

MemberVerdict said(std::string judge, Outcome outcome) {
  MemberVerdict member;
  member.judge = std::move(judge);
  member.outcome = outcome;
  return member;
}

JudgementRecord judgement(std::int32_t sample, std::vector<MemberVerdict> members,
                          std::vector<JudgeCall> calls) {
  JudgementRecord record;
  record.id.sample = sample;
  record.verdict = Verdict::pass("");
  record.verdict.members = std::move(members);
  record.calls = std::move(calls);
  return record;
}

TEST(SeveralJudges, OneJudgeIsNotSeveral) {
  SeveralJudgesTally tally;
  tally.add(judgement(0, {}, {call_of("", 10)}));
  EXPECT_FALSE(tally.finish(kDefaultLevel));
}

TEST(SeveralJudges, AMatrixCountsEachJudgesCallsAndHasNoAgreement) {
  SeveralJudgesTally tally;
  tally.add(judgement(0, {}, {call_of("openai:b", 10), call_of("openai:b", 30, false)}));
  tally.add(judgement(1, {}, {call_of("openai:a", 7)}));
  const auto judges = tally.finish(kDefaultLevel);
  ASSERT_TRUE(judges);
  ASSERT_EQ(judges->judges.size(), 2u);
  EXPECT_EQ(judges->judges[0].judge, "openai:a");
  EXPECT_EQ(judges->judges[1].calls, 2);
  EXPECT_EQ(judges->judges[1].unreadable, 1);
  EXPECT_EQ(judges->judges[1].tokens.input->tokens, 40);
  EXPECT_EQ(judges->judges[1].time->p95, std::chrono::milliseconds(30));
  EXPECT_FALSE(judges->judges[0].member);
  EXPECT_FALSE(judges->agreement);
}

// Thirds do not add up to the same in every order, and a run adds its rollouts as they end.
TEST(SeveralJudges, TheOrderOfRolloutsDoesNotShow) {
  std::vector<JudgementRecord> records;
  for (std::int32_t i = 0; i < 200; ++i) {
    const auto vote = [&](int k) { return i * (k + 3) % 7 < 3 ? Outcome::pass : Outcome::fail; };
    std::vector<MemberVerdict> members = {said("a", vote(0)), said("b", vote(1))};
    if (i % 3 == 0) members.push_back(said("c", vote(2)));
    if (i % 11 == 5) members.push_back(said("tie", vote(3)));
    records.push_back(judgement(i, std::move(members), {}));
  }
  const auto finished = [](const std::vector<JudgementRecord>& in) {
    SeveralJudgesTally tally;
    for (const JudgementRecord& record : in) tally.add(record);
    return *tally.finish(kDefaultLevel);
  };
  const SeveralJudges there = finished(records);
  std::ranges::reverse(records);
  const SeveralJudges back = finished(records);
  ASSERT_EQ(there.judges.size(), 4u);
  ASSERT_EQ(back.judges.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(there.judges[i].judge, back.judges[i].judge);
  EXPECT_EQ(there.agreement->raw, back.agreement->raw);
  EXPECT_EQ(there.agreement->gwet_ac1, back.agreement->gwet_ac1);
  EXPECT_EQ(there.agreement->krippendorff_alpha, back.agreement->krippendorff_alpha);
}

TEST(SeveralJudges, AMembersScoreIsOverWhatItWasAsked) {
  constexpr auto pass = Outcome::pass;
  constexpr auto fail = Outcome::fail;
  SeveralJudgesTally tally;
  // Two agree on half; the tie-breaker is asked on the others alone.
  tally.add(judgement(0, {said("a", pass), said("b", pass)}, {call_of("a", 1), call_of("b", 1)}));
  tally.add(judgement(0, {said("a", pass), said("b", fail), said("t", fail)}, {}));
  tally.add(judgement(1, {said("a", fail), said("b", fail)}, {}));
  tally.add(judgement(1, {said("a", Outcome::unscored), said("b", pass), said("t", pass)}, {}));
  const auto judges = tally.finish(kDefaultLevel);
  ASSERT_TRUE(judges);
  ASSERT_EQ(judges->judges.size(), 3u);
  const MemberFigure& a = *judges->judges[0].member;
  EXPECT_EQ(a.n, 4);
  EXPECT_EQ(a.passed, 2);
  EXPECT_EQ(a.unscored, 1);
  EXPECT_DOUBLE_EQ(*a.score, 50);
  ASSERT_TRUE(a.interval);
  EXPECT_LT(a.interval->low, 50);
  EXPECT_GT(a.interval->high, 50);
  const MemberFigure& t = *judges->judges[2].member;
  EXPECT_EQ(judges->judges[2].judge, "t");
  EXPECT_EQ(t.n, 2);
  EXPECT_EQ(t.passed, 1);
  EXPECT_EQ(judges->judges[2].calls, 0);
  ASSERT_TRUE(judges->agreement);
  EXPECT_EQ(judges->agreement->responses, 4);
  EXPECT_EQ(judges->agreement->unanimous, 3);
  // a and b: of three with both verdicts they agree on two.
  EXPECT_NEAR(*judges->agreement->pairs[0].agreement, 2.0 / 3, 1e-12);
}

}  // namespace
}  // namespace iie
