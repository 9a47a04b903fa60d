#include "analysis/best_of_n.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace iie {
namespace {

TEST(BestOfN, IsTheUnbiasedEstimator) {
  // By hand: 1 - C(4, 2)/C(6, 2) = 1 - 6/15.
  EXPECT_NEAR(*best_of_n({2, 6}, 2), 0.6, 1e-12);
  EXPECT_NEAR(*best_of_n({2, 6}, 1), 2.0 / 6, 1e-12);
  EXPECT_EQ(best_of_n({2, 6}, 5), 1);
  EXPECT_EQ(best_of_n({0, 6}, 6), 0);
  EXPECT_EQ(best_of_n({6, 6}, 1), 1);
  EXPECT_FALSE(best_of_n({2, 6}, 7)) << "more than were sampled";
  EXPECT_FALSE(best_of_n({2, 6}, 0));
  EXPECT_NEAR(*best_of_n({1, 100'000}, 32), 32.0 / 100'000, 1e-12) << "no overflow";
}

TEST(BestOfN, AveragesOverSamplesThatHaveEnough) {
  const std::vector<ClusterCount> samples = {{2, 6}, {0, 6}, {1, 2}, {6, 6}};
  const auto three = mean_best_of_n(samples, 3);
  ASSERT_TRUE(three);
  EXPECT_EQ(three->samples, 3);
  EXPECT_NEAR(three->share, (0.8 + 0 + 1) / 3, 1e-12);
  EXPECT_FALSE(mean_best_of_n(samples, 7));
  EXPECT_FALSE(mean_best_of_n({}, 1));
}

TEST(BestOfN, IsPlainWilsonForOneRolloutEach) {
  std::vector<ClusterCount> samples(40, {0, 1});
  for (std::size_t i = 0; i < 10; ++i) samples[i].passed = 1;
  const auto one = mean_best_of_n(samples, 1);
  const auto plain = wilson(10, 40);
  EXPECT_NEAR(one->interval.low, plain->low, 1e-12);
  EXPECT_NEAR(one->interval.high, plain->high, 1e-12);
  EXPECT_EQ(one->interval.method, "best_of_n");
}

TEST(BestOfN, CoversTheTruthAsOftenAsItSays) {
  // Samples differ in difficulty: half pass with probability 0.1, half with 0.5.
  Rng rng(11);
  for (const std::int64_t n : {1, 4, 8}) {
    const double truth = 0.5 * (1 - std::pow(0.9, static_cast<double>(n))) +
                         0.5 * (1 - std::pow(0.5, static_cast<double>(n)));
    for (const std::size_t count : {std::size_t{41}, std::size_t{400}}) {
      int covered = 0;
      double sum = 0;
      constexpr int kRounds = 1000;
      for (int round = 0; round < kRounds; ++round) {
        std::vector<ClusterCount> samples(count, {0, 8});
        for (ClusterCount& sample : samples) {
          const double p = rng.uniform() < 0.5 ? 0.1 : 0.5;
          for (int i = 0; i < 8; ++i) sample.passed += rng.uniform() < p;
        }
        const auto best = mean_best_of_n(samples, n);
        sum += best->share;
        covered += best->interval.low <= truth && truth <= best->interval.high;
      }
      const double coverage = static_cast<double>(covered) / kRounds;
      EXPECT_GE(coverage, 0.93) << n << " of 8, " << count << " samples";
      EXPECT_LE(coverage, 0.99) << n << " of 8, " << count << " samples";
      EXPECT_NEAR(sum / kRounds, truth, 0.005) << n << " of 8, " << count << " samples";
    }
  }
}

}  // namespace
}  // namespace iie
