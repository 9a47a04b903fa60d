#include "analysis/benchmark_ranks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace iie {
namespace {

// `passes` of `n` clusters of one verdict pass, the first ones.
std::vector<ClusterCount> verdicts(int passes, int n) {
  std::vector<ClusterCount> out;
  for (int i = 0; i < n; ++i) out.push_back({i < passes ? 1 : 0, 1});
  return out;
}

std::vector<BenchmarkCounts> models(const std::vector<std::pair<int, int>>& passes, int n) {
  std::vector<BenchmarkCounts> out;
  for (const auto& [conventional, inverse] : passes) {
    out.push_back({verdicts(conventional, n), verdicts(inverse, n)});
  }
  return out;
}

TEST(BenchmarkRanks, GiveRanksChangesAndCoefficients) {
  // Conventional order A B C D, inverse order B A D C: two of six pairs turned round.
  const auto found = compare_benchmark_ranks(models({{90, 60}, {80, 70}, {70, 20}, {60, 30}}, 100));
  ASSERT_TRUE(found);
  EXPECT_NEAR(*found->tau, (4.0 - 2) / 6, 1e-12);
  EXPECT_NEAR(*found->rho, 1 - 6.0 * 4 / (4 * 15), 1e-12);
  ASSERT_EQ(found->models.size(), 4U);
  const ModelPlace& a = found->models[0];
  EXPECT_EQ(a.rank_conventional, 1);
  EXPECT_EQ(a.rank_inverse, 2);
  EXPECT_EQ(a.change, -1);
  EXPECT_NEAR(a.conventional, 0.9, 1e-12);
  EXPECT_LT(a.conventional_interval.low, 0.9);
  EXPECT_GT(a.conventional_interval.high, 0.9);
  EXPECT_EQ(found->models[1].change, 1);
  EXPECT_EQ(found->rounds, RankOptions{}.rounds);
  ASSERT_TRUE(found->tau_interval && found->rho_interval);
  EXPECT_LE(found->tau_interval->low, *found->tau);
  EXPECT_GE(found->tau_interval->high, *found->tau);
}

TEST(BenchmarkRanks, ListInversionsWithHowSureTheyAre) {
  const auto found = compare_benchmark_ranks(models({{90, 40}, {50, 80}, {48, 39}}, 100));
  ASSERT_TRUE(found);
  // A and B change places by wide margins on the same drawing: every resample agrees. A and C do
  // not: A is ahead on both.
  ASSERT_EQ(found->inversions.size(), 1U);
  const RankInversion& pair = found->inversions[0];
  EXPECT_EQ(pair.ahead_conventional, 0U);
  EXPECT_EQ(pair.ahead_inverse, 1U);
  EXPECT_NEAR(pair.gap_conventional, 0.4, 1e-12);
  EXPECT_NEAR(pair.gap_inverse, 0.4, 1e-12);
  EXPECT_EQ(pair.held, 1);
}

TEST(BenchmarkRanks, AnInversionByOneQuestionEachIsNoneToRelyOn) {
  // They differ on two clusters of 20 there, one for each, and likewise here with one more.
  std::vector<BenchmarkCounts> two(2);
  for (int i = 0; i < 20; ++i) {
    two[0].conventional.push_back({i < 10, 1});
    two[1].conventional.push_back({i < 9 || i == 19 ? 1 : 0, 1});
    two[0].inverse.push_back({i < 9, 1});
    two[1].inverse.push_back({i < 10, 1});
  }
  two[0].conventional.push_back({1, 1});
  two[1].conventional.push_back({0, 1});
  const auto found = compare_benchmark_ranks(two);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->inversions.size(), 1U);
  const RankInversion& pair = found->inversions[0];
  EXPECT_LT(pair.held, 0.6);
  EXPECT_GT(pair.held, 0.2);
  // The one cluster that decides here is drawn in 1 - (1 - 1/20)^20 of the resamples.
  EXPECT_NEAR(pair.held_inverse, 1 - std::pow(0.95, 20), 0.04);
  // The benchmarks are drawn apart.
  EXPECT_NEAR(pair.held, pair.held_conventional * pair.held_inverse, 0.03);
}

TEST(BenchmarkRanks, ModelsAreDrawnTogether) {
  // B passes what A passes and one more: no drawing turns them round, though each share varies.
  const auto found = compare_benchmark_ranks(models({{50, 50}, {51, 49}}, 100));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->models[1].conventional_range.high, 1.5);  // a tie at worst
  EXPECT_EQ(found->models[0].inverse_range.high, 1.5);
}

TEST(BenchmarkRanks, ASeedGivesTheSameResultAgain) {
  const auto input = models({{55, 40}, {50, 42}, {48, 39}}, 100);
  RankOptions options;
  options.seed = 7;
  options.rounds = 300;
  const auto once = compare_benchmark_ranks(input, options);
  const auto again = compare_benchmark_ranks(input, options);
  ASSERT_TRUE(once && again);
  ASSERT_FALSE(once->inversions.empty());
  EXPECT_EQ(once->inversions[0].held, again->inversions[0].held);
  EXPECT_EQ(once->tau_interval->low, again->tau_interval->low);
  EXPECT_EQ(once->rounds, 300);
}

TEST(BenchmarkRanks, TiesHaveNoOrderToInvert) {
  const auto found = compare_benchmark_ranks(models({{50, 40}, {50, 60}}, 100));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->inversions.empty());
  EXPECT_FALSE(found->tau) << "all alike on one benchmark";
  EXPECT_EQ(found->models[0].rank_conventional, 1.5);
}

TEST(BenchmarkRanks, AreAbsentWhereAModelHasNoScore) {
  EXPECT_FALSE(compare_benchmark_ranks(models({{1, 1}}, 3)));
  auto undecided = models({{1, 1}, {2, 2}}, 3);
  for (ClusterCount& cluster : undecided[0].inverse) cluster = {0, 0};
  EXPECT_FALSE(compare_benchmark_ranks(undecided));
  auto ragged = models({{1, 1}, {2, 2}}, 3);
  ragged[1].inverse.pop_back();
  EXPECT_FALSE(compare_benchmark_ranks(ragged));
  // Half of the clusters undecided: the resamples that drew none of the others do not count.
  auto few = models({{1, 1}, {2, 2}}, 2);
  few[0].inverse[1] = {0, 0};
  const auto found = compare_benchmark_ranks(few);
  ASSERT_TRUE(found);
  EXPECT_LT(found->rounds, RankOptions{}.rounds);
  EXPECT_GT(found->rounds, RankOptions{}.rounds / 2);
}

// The share of resamples in which an order holds means what it says: where two models are in truth
// alike, it is not near 1 more often than chance allows.
TEST(BenchmarkRanks, EquallyGoodModelsAreSeldomSurelyApart) {
  Rng rng(11);
  int sure = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<BenchmarkCounts> two(2);
    for (BenchmarkCounts& model : two) {
      for (int i = 0; i < 60; ++i) {
        model.conventional.push_back({rng.uniform() < 0.6 ? 1 : 0, 1});
        model.inverse.push_back({rng.uniform() < 0.4 ? 1 : 0, 1});
      }
    }
    RankOptions options;
    options.rounds = 200;
    options.seed = static_cast<std::uint64_t>(trial);
    const auto found = compare_benchmark_ranks(two, options);
    ASSERT_TRUE(found);
    for (const RankInversion& pair : found->inversions) sure += pair.held >= 0.95;
  }
  // Both orders would have to stand out by chance, in opposite directions: about 1 in 1000.
  EXPECT_LE(sure, 3);
}

}  // namespace
}  // namespace iie
