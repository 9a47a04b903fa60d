#include "analysis/best_of_n.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace iie {

std::optional<double> best_of_n(const ClusterCount& sample, std::int64_t n) {
  assert(sample.passed >= 0 && sample.passed <= sample.n);
  if (n < 1 || n > sample.n) return std::nullopt;
  const std::int64_t failed = sample.n - sample.passed;
  if (failed < n) return 1;
  // C(failed, n) / C(total, n), factor by factor: no overflow, no cancellation.
  double none = 1;
  for (std::int64_t i = 0; i < n; ++i) {
    none *= static_cast<double>(failed - i) / static_cast<double>(sample.n - i);
  }
  return 1 - none;
}

std::optional<BestOfN> mean_best_of_n(std::span<const ClusterCount> samples, std::int64_t n,
                                      double level) {
  std::vector<double> shares;
  for (const ClusterCount& sample : samples) {
    if (const auto share = best_of_n(sample, n)) shares.push_back(*share);
  }
  if (shares.empty()) return std::nullopt;
  BestOfN best;
  best.n = n;
  best.samples = static_cast<std::int64_t>(shares.size());
  const auto count = static_cast<double>(shares.size());
  double sum = 0;
  for (const double share : shares) sum += share;
  best.share = sum / count;
  double squares = 0;
  for (const double share : shares) squares += (share - best.share) * (share - best.share);
  best.interval = wilson_for_mean(best.share, squares, count, level);
  best.interval.method = "best_of_n";
  return best;
}

}  // namespace iie
