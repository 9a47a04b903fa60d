// How alike two rankings of the same models are: by two judges, on two benchmarks, in two
// languages. Values in, values out (with a seed); any thread.
//
// Both coefficients are 1 where the order is the same, -1 where it is turned round, and about 0
// where one says nothing about the other. nullopt where they are not defined: fewer than two
// models, rows of different lengths, a value that is not a number, or all models equal in one of
// the rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analysis/intervals.h"
#include "base/rng.h"

namespace iie {

// Kendall's tau-b, of pairs of models, C of them in the same order in x and y and D in the
// opposite:
//   (C - D) / sqrt((n_0 - n_x)(n_0 - n_y)),   n_0 = n(n - 1)/2
// n_x and n_y the pairs tied in x and in y. M. G. Kendall, "The treatment of ties in ranking
// problems", Biometrika 33 (1945) 239-251. O(n^2).
std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y);

// Spearman's rho: the product-moment correlation of the ranks, ties taking the mean of theirs.
// M. G. Kendall, Rank Correlation Methods, 4th ed. (1970), chapter 3.
std::optional<double> spearman_rho(std::span<const double> x, std::span<const double> y);

// Ranks from 1, the greatest value first; ties take the mean of their ranks.
std::vector<double> midranks(std::span<const double> values);

// Of a correlation: -1 <= low <= high <= 1.
struct CorrelationInterval {
  double low = -1;
  double high = 1;
  double level = kDefaultLevel;
  // Resamples in which the coefficient was defined.
  std::int64_t rounds = 0;
};

// Writes both rows of scores as another drawing of the samples would have given them; the rows come
// as they were left by the last call, empty at first. Models that answered the same samples must be
// resampled together: one drawing of samples for all of them.
using ScoreResampler = std::function<void(Rng&, std::vector<double>& x, std::vector<double>& y)>;
using RankCoefficient = std::optional<double> (*)(std::span<const double>, std::span<const double>);

struct RankOptions {
  double level = kDefaultLevel;
  int rounds = 2'000;
  std::uint64_t seed = 1;
};

// Quantiles of `coefficient` over resampled scores: B. Efron and R. J. Tibshirani, An Introduction
// to the Bootstrap (1993), chapter 13. A resample is noisier than the data, so where models are
// close to each other the interval lies lower than the coefficient itself. nullopt where the
// coefficient was defined in less than half of the rounds.
std::optional<CorrelationInterval> rank_interval(RankCoefficient coefficient,
                                                 const ScoreResampler& resample,
                                                 const RankOptions& options = {});

}  // namespace iie
