#include "analysis/intervals.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>

namespace iie {
namespace {

// `n` need not be whole.
Interval wilson_at(double share, double n, double level) {
  const double z = normal_quantile((1 + level) / 2);
  const double z2_n = z * z / n;
  const double centre = (share + z2_n / 2) / (1 + z2_n);
  const double half = std::sqrt(z2_n * (share * (1 - share) + z2_n / 4)) / (1 + z2_n);
  Interval interval;
  // The ends at 0 and 1 are exact in theory; rounding must not move them.
  interval.low = share <= 0 ? 0 : std::max(0.0, centre - half);
  interval.high = share >= 1 ? 1 : std::min(1.0, centre + half);
  interval.level = level;
  interval.n_effective = n;
  return interval;
}

double effective_n(std::span<const ClusterCount> clusters, double level) {
  double groups = 0;
  double total = 0;
  double passed = 0;
  bool all_single = true;
  for (const ClusterCount& cluster : clusters) {
    assert(cluster.passed >= 0 && cluster.passed <= cluster.n);
    if (cluster.n == 0) continue;
    groups += 1;
    total += static_cast<double>(cluster.n);
    passed += static_cast<double>(cluster.passed);
    all_single = all_single && cluster.n == 1;
  }
  if (all_single) return total;
  if (groups < 2 || passed == 0 || passed == total) return groups;

  const double share = passed / total;
  double squares = 0;
  for (const ClusterCount& cluster : clusters) {
    const double off = static_cast<double>(cluster.passed) - static_cast<double>(cluster.n) * share;
    squares += off * off;
  }
  const double variance = groups / (groups - 1) * squares / (total * total);
  const double independent = share * (1 - share) / (total - 1);
  // Below rounding: every cluster has the same share.
  if (variance < independent * 1e-12) return groups;
  const double tail = (1 + level) / 2;
  const double t_ratio = student_t_quantile(tail, total - 1) / student_t_quantile(tail, groups - 1);
  return std::clamp(total * independent / variance * t_ratio * t_ratio, groups, total);
}

}  // namespace

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  return boost::math::quantile(boost::math::normal(), p);
}

double student_t_quantile(double p, double df) {
  assert(p > 0 && p < 1 && df > 0);
  return boost::math::quantile(boost::math::students_t(df), p);
}

std::optional<Interval> wilson(std::int64_t passed, std::int64_t n, double level) {
  assert(passed >= 0 && passed <= n);
  if (n == 0) return std::nullopt;
  const double count = static_cast<double>(n);
  Interval interval = wilson_at(static_cast<double>(passed) / count, count, level);
  interval.method = "wilson";
  return interval;
}

Interval wilson_for_mean(double mean, double squared_offsets, double n, double level) {
  assert(n >= 1 && squared_offsets >= 0);
  double effective = n;
  const double spread = mean * (1 - mean);
  if (squared_offsets > n * spread * 1e-12) {
    effective = std::max(n, n * n * spread / squared_offsets);
  }
  Interval interval = wilson_at(mean, effective, level);
  interval.method = "wilson";
  return interval;
}

std::optional<Interval> clustered_wilson(std::span<const ClusterCount> clusters, double level) {
  std::int64_t passed = 0;
  std::int64_t n = 0;
  for (const ClusterCount& cluster : clusters) {
    passed += cluster.passed;
    n += cluster.n;
  }
  if (n == 0) return std::nullopt;
  Interval interval = wilson_at(static_cast<double>(passed) / static_cast<double>(n),
                                effective_n(clusters, level), level);
  interval.method = "clustered_wilson";
  return interval;
}

}  // namespace iie
