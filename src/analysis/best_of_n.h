// Best-of-N: how often the best of N sampled responses passes, the ceiling that sampling more can
// reach. Values in, values out; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analysis/intervals.h"

namespace iie {

// The chance that at least one of N of a sample's n rollouts passes, N drawn without replacement,
//   1 - C(n - c, N) / C(n, N),   c = passed
// the unbiased estimator of M. Chen et al., "Evaluating Large Language Models Trained on Code",
// arXiv 2107.03374, equation 1. nullopt where N > n or N < 1.
std::optional<double> best_of_n(const ClusterCount& sample, std::int64_t n);

struct BestOfN {
  std::int64_t n = 0;
  double share = 0;  // the mean over samples
  Interval interval;
  std::int64_t samples = 0;
};

// The mean of best_of_n over the samples that have at least N rollouts, with Wilson's interval at
// the number of independent verdicts of the same variance (method "best_of_n"). nullopt where no
// sample has N.
std::optional<BestOfN> mean_best_of_n(std::span<const ClusterCount> samples, std::int64_t n,
                                      double level = kDefaultLevel);

}  // namespace iie
