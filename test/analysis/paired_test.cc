#include "analysis/paired.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"

namespace iie {
namespace {

// Clusters of one rollout each: both passed, only A, only B, neither.
std::vector<PairedCluster> table(int both, int only_a, int only_b, int neither) {
  std::vector<PairedCluster> clusters;
  const auto add = [&](int count, int a, int b) {
    for (int i = 0; i < count; ++i) clusters.push_back({{a, 1}, {b, 1}});
  };
  add(both, 1, 1);
  add(only_a, 1, 0);
  add(only_b, 0, 1);
  add(neither, 0, 0);
  return clusters;
}

TEST(ComparePaired, FollowsBonettAndPriceByHand) {
  // n = 100, only A 5, only B 15: with one more of each, p12 = 6/102 and p21 = 16/102; the variance
  // is (p12 + p21 - (p21 - p12)^2)/102.
  const auto result = compare_paired(table(50, 5, 15, 30));
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->share_a, 0.55, 1e-12);
  EXPECT_NEAR(result->share_b, 0.65, 1e-12);
  EXPECT_NEAR(result->difference, 0.10, 1e-12);
  const double centre = 10.0 / 102;
  const double error = std::sqrt((22.0 / 102 - centre * centre) / 102);
  const double t = student_t_quantile(0.975, 101);
  EXPECT_NEAR(result->interval.low, centre - t * error, 1e-9);
  EXPECT_NEAR(result->interval.high, centre + t * error, 1e-9);
  EXPECT_NEAR(result->smallest_detectable, (1.959963985 + 0.841621234) * error, 1e-8);
  ASSERT_TRUE(result->mcnemar);
  EXPECT_EQ(result->mcnemar->only_a, 5);
  EXPECT_EQ(result->mcnemar->only_b, 15);
  EXPECT_NEAR(result->mcnemar->p, 0.041389465, 1e-9);  // 2 * sum_{k<=5} C(20, k) / 2^20
  ASSERT_TRUE(result->bootstrap);
  EXPECT_NEAR(result->bootstrap->low, 0.01, 0.015);
  EXPECT_NEAR(result->bootstrap->high, 0.19, 0.015);
}

TEST(ComparePaired, PermutesAllWaysWhereThereAreFew) {
  // Ten discordant pairs, two against eight: the permutation test is McNemar's.
  const auto exact = compare_paired(table(20, 2, 8, 10));
  EXPECT_NEAR(exact->permutation_p, 112.0 / 1024, 1e-12);
  EXPECT_NEAR(exact->permutation_p, exact->mcnemar->p, 1e-12);
  // Forty: random ways come close to it.
  const auto sampled = compare_paired(table(20, 12, 28, 10));
  EXPECT_NEAR(sampled->permutation_p, sampled->mcnemar->p, 0.006);
}

TEST(ComparePaired, IsTheSameBothWaysRoundAndForTheSameSeed) {
  std::vector<PairedCluster> clusters;
  Rng rng(5);
  for (int i = 0; i < 60; ++i) {
    clusters.push_back({{static_cast<std::int64_t>(rng.below(7)), 6},
                        {static_cast<std::int64_t>(rng.below(7)), 6}});
  }
  std::vector<PairedCluster> turned = clusters;
  for (PairedCluster& cluster : turned) std::swap(cluster.a, cluster.b);
  const auto one = compare_paired(clusters);
  const auto again = compare_paired(clusters);
  const auto other = compare_paired(turned);
  EXPECT_EQ(one->bootstrap->low, again->bootstrap->low);
  EXPECT_EQ(one->permutation_p, again->permutation_p);
  EXPECT_NEAR(one->difference, -other->difference, 1e-12);
  EXPECT_NEAR(one->interval.low, -other->interval.high, 1e-12);
  EXPECT_NEAR(one->bootstrap->low, -other->bootstrap->high, 1e-9);
  EXPECT_FALSE(one->mcnemar) << "six rollouts each have no two by two table";
}

TEST(ComparePaired, IsNoPointWhereTheRunsAgree) {
  const auto same = compare_paired(table(30, 0, 0, 11));
  EXPECT_EQ(same->difference, 0);
  EXPECT_LT(same->interval.low, -0.02);
  EXPECT_GT(same->interval.high, 0.02);
  EXPECT_EQ(same->permutation_p, 1);
  EXPECT_EQ(same->mcnemar->p, 1);
  EXPECT_GT(same->smallest_detectable, 0.05);
}

TEST(ComparePaired, NeedsTwoCommonClusters) {
  EXPECT_FALSE(compare_paired({}));
  const std::vector<PairedCluster> apart = {{{1, 1}, {0, 0}}, {{0, 0}, {1, 1}}, {{1, 1}, {1, 1}}};
  EXPECT_FALSE(compare_paired(apart));
  EXPECT_FALSE(compare_paired(table(3, 0, 0, 0))->bootstrap) << "too few to resample";
}

TEST(ComparePaired, CoversTheTruthAsOftenAsItSays) {
  // Each sample has a difficulty that both runs share; B passes more often by a constant, held to
  // [0, 1]. The CI slice; bench/coverage.cc has the grid.
  Rng rng(20260303);
  for (const std::int64_t rollouts : {1, 6}) {
    for (const std::size_t samples : {std::size_t{41}, std::size_t{400}}) {
      for (const double gain : {0.0, 0.3}) {
        int covered = 0;
        double sum = 0;
        constexpr int kRounds = 1500;
        PairedOptions options;
        options.bootstrap_rounds = 0;
        options.permutation_rounds = 0;
        for (int round = 0; round < kRounds; ++round) {
          std::vector<PairedCluster> clusters(samples, {{0, rollouts}, {0, rollouts}});
          for (PairedCluster& cluster : clusters) {
            const double easy = 0.05 + 0.65 * rng.uniform();
            for (std::int64_t i = 0; i < rollouts; ++i) {
              cluster.a.passed += rng.uniform() < easy;
              cluster.b.passed += rng.uniform() < easy + gain;
            }
          }
          const auto result = compare_paired(clusters, options);
          sum += result->difference;
          covered += result->interval.low <= gain && gain <= result->interval.high;
        }
        const double coverage = static_cast<double>(covered) / kRounds;
        const bool small = samples < 400;
        EXPECT_GE(coverage, small ? 0.93 : 0.935) << rollouts << ' ' << samples << ' ' << gain;
        EXPECT_LE(coverage, small ? 0.99 : 0.965) << rollouts << ' ' << samples << ' ' << gain;
        EXPECT_NEAR(sum / kRounds, gain, 0.005) << rollouts << ' ' << samples << ' ' << gain;
      }
    }
  }
}

}  // namespace
}  // namespace iie
