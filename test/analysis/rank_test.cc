#include "analysis/rank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace iie {
namespace {

using Row = std::vector<double>;

// Hunter L scores of canned tuna and what a panel thought of them: M. Hollander and D. A. Wolfe,
// Nonparametric Statistical Methods (1973), p. 185, the example of R's cor.test.
const Row kLightness = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};
const Row kPanel = {2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8};

TEST(KendallTauB, ReproducesPublishedExamples) {
  EXPECT_NEAR(*kendall_tau_b(kLightness, kPanel), 16.0 / 36, 1e-9);  // T = 26 of 36 pairs
  // Ties: the example of scipy.stats.kendalltau's documentation.
  EXPECT_NEAR(*kendall_tau_b(Row{12, 2, 1, 12, 2}, Row{1, 4, 7, 1, 0}), -0.47140452079103173, 1e-9);
  // A. Agresti, Categorical Data Analysis, 2nd ed. (2002), table 2.8, income and job satisfaction
  // of 96 men: C = 1331 and D = 849 of 4560 pairs, 1159 and 1617 of them tied.
  const std::vector<std::vector<int>> table = {
      {1, 3, 10, 6}, {2, 3, 10, 7}, {1, 6, 14, 12}, {0, 1, 9, 11}};
  Row income;
  Row satisfaction;
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t j = 0; j < table[i].size(); ++j) {
      income.insert(income.end(), static_cast<std::size_t>(table[i][j]), static_cast<double>(i));
      satisfaction.insert(satisfaction.end(), static_cast<std::size_t>(table[i][j]),
                          static_cast<double>(j));
    }
  }
  EXPECT_NEAR(*kendall_tau_b(income, satisfaction),
              (1331.0 - 849) / std::sqrt((4560.0 - 1159) * (4560 - 1617)), 1e-9);
}

TEST(SpearmanRho, ReproducesPublishedExamples) {
  EXPECT_NEAR(*spearman_rho(kLightness, kPanel), 0.6, 1e-9);  // S = 48
  // Ties: the example of scipy.stats.spearmanr's documentation.
  EXPECT_NEAR(*spearman_rho(Row{1, 2, 3, 4, 5}, Row{5, 6, 7, 8, 7}), 0.82078268166812329, 1e-9);
}

TEST(RankCorrelation, DependsOnTheOrderAlone) {
  const Row scores = {61.2, 33.0, 45.5, 70.1};
  const Row same = {2, -8, 0, 300};
  const Row turned = {-2, 8, 0, -300};
  EXPECT_EQ(kendall_tau_b(scores, same), 1);
  EXPECT_EQ(kendall_tau_b(scores, turned), -1);
  EXPECT_EQ(spearman_rho(scores, same), 1);
  EXPECT_EQ(spearman_rho(scores, turned), -1);
  EXPECT_EQ(midranks(Row{5, 9, 5, 1}), (Row{2.5, 1, 2.5, 4}));
}

TEST(RankCorrelation, IsAbsentWhereItIsNotDefined) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  for (const RankCoefficient coefficient : {&kendall_tau_b, &spearman_rho}) {
    EXPECT_FALSE(coefficient(Row{}, Row{}));
    EXPECT_FALSE(coefficient(Row{1}, Row{1}));
    EXPECT_FALSE(coefficient(Row{1, 2}, Row{1, 2, 3}));
    EXPECT_FALSE(coefficient(Row{1, 2, 3}, Row{4, 4, 4}));
    EXPECT_FALSE(coefficient(Row{1, 2, unknown}, Row{4, 5, 6}));
  }
}

// Scores of models far apart or close together, with noise as of 100 samples.
ScoreResampler noisy(const Row& truth_x, const Row& truth_y) {
  return [=](Rng& rng, Row& x, Row& y) {
    const auto draw = [&](const Row& truth, Row& out) {
      out.clear();
      for (const double p : truth) {
        double passed = 0;
        for (int i = 0; i < 100; ++i) passed += rng.uniform() < p;
        out.push_back(passed);
      }
    };
    draw(truth_x, x);
    draw(truth_y, y);
  };
}

TEST(RankInterval, IsNarrowForModelsFarApartAndWideForClose) {
  const Row apart = {0.1, 0.3, 0.5, 0.7, 0.9};
  const auto sure = rank_interval(kendall_tau_b, noisy(apart, apart));
  ASSERT_TRUE(sure);
  EXPECT_GT(sure->low, 0.75);
  EXPECT_EQ(sure->high, 1);
  EXPECT_EQ(sure->rounds, 2000);

  const Row close = {0.48, 0.49, 0.50, 0.51, 0.52};
  const auto unsure = rank_interval(kendall_tau_b, noisy(close, close));
  ASSERT_TRUE(unsure);
  EXPECT_LT(unsure->low, 0);
  EXPECT_GT(unsure->high, 0.5);
}

TEST(RankInterval, RepeatsForItsSeedAndNeedsDefinedResamples) {
  const Row close = {0.48, 0.50, 0.52};
  const auto one = rank_interval(spearman_rho, noisy(close, close), {.seed = 7});
  const auto again = rank_interval(spearman_rho, noisy(close, close), {.seed = 7});
  EXPECT_EQ(one->low, again->low);
  EXPECT_EQ(one->high, again->high);
  const ScoreResampler tied = [](Rng&, Row& x, Row& y) {
    x = {1, 1};
    y = {1, 2};
  };
  EXPECT_FALSE(rank_interval(kendall_tau_b, tied));
  EXPECT_FALSE(rank_interval(kendall_tau_b, tied, {.rounds = 0}));
}

}  // namespace
}  // namespace iie
