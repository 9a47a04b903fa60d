#include "analysis/judges.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/agreement.h"

namespace iie {
namespace {

constexpr JudgeVote P = true;
constexpr JudgeVote F = false;
constexpr JudgeVote N = std::nullopt;

TEST(JudgeAgreement, CountsFlipsOfEveryPair) {
  const std::vector<std::vector<JudgeVote>> votes = {{P, P, F}, {P, F, F}, {F, P, N}, {F, F, F}};
  const JudgeAgreement agreement = judge_agreement(votes, 3);
  EXPECT_EQ(agreement.responses, 4);
  EXPECT_EQ(agreement.unanimous, 1);
  ASSERT_EQ(agreement.pairs.size(), 3u);
  EXPECT_EQ(agreement.pairs[0].first, 0u);
  EXPECT_EQ(agreement.pairs[0].second, 1u);
  EXPECT_EQ(agreement.pairs[0].counts, (FlipCounts{1, 1, 1, 1, 0}));
  EXPECT_EQ(agreement.pairs[0].agreement, 0.5);
  EXPECT_EQ(agreement.pairs[0].kappa, 0.0);
  EXPECT_EQ(agreement.pairs[1].second, 2u);
  EXPECT_EQ(agreement.pairs[1].counts, (FlipCounts{0, 2, 0, 1, 1}));
  EXPECT_EQ(agreement.pairs[2].first, 1u);
  EXPECT_EQ(agreement.pairs[2].counts, (FlipCounts{0, 1, 0, 2, 1}));
  // Fleiss' kappa is of the three responses that all have rated.
  const std::vector<CategoryCounts> complete = {{1, 2}, {2, 1}, {3, 0}};
  EXPECT_EQ(agreement.fleiss_kappa, fleiss_kappa(complete));
  const std::vector<CategoryCounts> all = {{1, 2}, {2, 1}, {1, 1}, {3, 0}};
  EXPECT_EQ(agreement.krippendorff_alpha, krippendorff_alpha(all));
  EXPECT_EQ(agreement.gwet_ac1, gwet_ac1(all));
  EXPECT_EQ(agreement.raw, raw_agreement(all));
}

TEST(JudgeAgreement, WhatIsNotDefinedIsAbsent) {
  const JudgeAgreement none = judge_agreement({}, 2);
  EXPECT_EQ(none.responses, 0);
  EXPECT_FALSE(none.raw);
  EXPECT_FALSE(none.fleiss_kappa);
  EXPECT_FALSE(none.pairs[0].agreement);
  EXPECT_FALSE(none.pairs[0].kappa);
}

TEST(JudgeComparison, FurtherTypesHaveCellsAndAreInNoSum) {
  std::vector<JudgedResponse> responses = {
      {0, "QC", Language::english, "a", {P, P}},
      {0, "QC", Language::english, "b", {P, F}},
  };
  const JudgeComparison plain = compare_judges(responses, 1, 2);
  responses.push_back({0, "PT", Language::english, "c", {F, F}});
  responses.push_back({0, "PT", Language::english, "d", {F, P}});
  const JudgeComparison both = compare_judges(responses, 1, 2);
  EXPECT_EQ(both.scores[0][0].n, 2);
  EXPECT_EQ(both.scores[0][0].share(), 1.0);
  EXPECT_EQ(both.scores[0][1].share(), plain.scores[0][1].share());
  EXPECT_EQ(both.agreement.responses, plain.agreement.responses);
  EXPECT_EQ(both.agreement.raw, plain.agreement.raw);
  ASSERT_EQ(both.cells.size(), 2u);
  EXPECT_EQ(both.cells[1].type, "PT");
  EXPECT_EQ(both.cells[1].responses, 2);

  // Alone they leave a score unknown, not zero.
  responses.erase(responses.begin(), responses.begin() + 2);
  EXPECT_FALSE(compare_judges(responses, 1, 2).scores[0][0].share());
}

std::vector<JudgedResponse> two_models() {
  // Model 0 is better under the first judge, model 1 under the second.
  std::vector<JudgedResponse> responses;
  for (int i = 0; i < 40; ++i) {
    const std::string sample = "s" + std::to_string(i);
    const std::string type = i < 20 ? "QC" : "CC";
    responses.push_back({0, type, Language::english, sample, {i < 30, i < 10}});
    responses.push_back({1, type, Language::english, sample, {i < 10, i < 30}});
  }
  return responses;
}

TEST(CompareJudges, GivesScoresByModelAndCell) {
  std::vector<JudgedResponse> responses = two_models();
  responses[1].votes[0] = N;  // passed before
  const JudgeComparison comparison = compare_judges(responses, 2, 2);
  EXPECT_EQ(comparison.scores[0][0].passed, 30);
  EXPECT_EQ(comparison.scores[0][1].passed, 10);
  EXPECT_EQ(comparison.scores[1][0].passed, 9);
  EXPECT_EQ(comparison.scores[1][0].unscored, 1);
  EXPECT_EQ(comparison.scores[1][0].n, 40) << "without a verdict is no pass";
  EXPECT_LT(comparison.scores[0][0].interval->low, 0.75);
  EXPECT_GT(comparison.scores[0][0].interval->high, 0.75);
  ASSERT_EQ(comparison.cells.size(), 2u);
  EXPECT_EQ(comparison.cells[0].type, "QC") << "in reporting order";
  EXPECT_EQ(comparison.cells[0].responses, 40);
  EXPECT_EQ(comparison.cells[0].agreement.pairs[0].counts, (FlipCounts{19, 10, 10, 0, 1}));
}

TEST(CompareJudges, ARankingThatTurnsRoundShows) {
  const JudgeComparison comparison = compare_judges(two_models(), 2, 2);
  ASSERT_EQ(comparison.rankings.size(), 1u);
  EXPECT_EQ(comparison.rankings[0].tau, -1.0);
  EXPECT_TRUE(comparison.rankings[0].changed);
  ASSERT_TRUE(comparison.rankings[0].interval);
  EXPECT_LT(comparison.rankings[0].interval->high, 0);
  std::vector<JudgedResponse> same = two_models();
  for (JudgedResponse& response : same) response.votes[1] = response.votes[0];
  const JudgeComparison agreed = compare_judges(same, 2, 2);
  EXPECT_EQ(agreed.rankings[0].tau, 1.0);
  EXPECT_FALSE(agreed.rankings[0].changed);
  EXPECT_TRUE(compare_judges(std::vector<JudgedResponse>{same[0]}, 1, 2).rankings.empty());
}

}  // namespace
}  // namespace iie
