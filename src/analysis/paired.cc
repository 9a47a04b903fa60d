#include "analysis/paired.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/binomial.h"
#include "base/rng.h"

namespace iie {
namespace {

// Fewer clusters give a bootstrap too few different resamples.
constexpr std::size_t kFewestForBootstrap = 10;
// Ways of swapping that are tried one by one.
constexpr std::size_t kExactSwaps = 16;

struct Sums {
  double a_passed = 0;
  double a_n = 0;
  double b_passed = 0;
  double b_n = 0;

  void add(const PairedCluster& cluster) {
    a_passed += static_cast<double>(cluster.a.passed);
    a_n += static_cast<double>(cluster.a.n);
    b_passed += static_cast<double>(cluster.b.passed);
    b_n += static_cast<double>(cluster.b.n);
  }
  double share_a() const { return a_passed / a_n; }
  double share_b() const { return b_passed / b_n; }
  double difference() const { return share_b() - share_a(); }
};

DifferenceInterval held(double low, double high, double level, const char* method) {
  return {std::max(-1.0, low), std::min(1.0, high), level, method};
}

// The size of a difference where there is one: the root mean square over the clusters whose runs
// differ, 1 for single verdicts. Where none differ, the smallest difference that could be seen.
double typical_difference(std::span<const PairedCluster> clusters, const Sums& sums) {
  double squares = 0;
  double differing = 0;
  for (const PairedCluster& cluster : clusters) {
    const double a = static_cast<double>(cluster.a.passed) / static_cast<double>(cluster.a.n);
    const double b = static_cast<double>(cluster.b.passed) / static_cast<double>(cluster.b.n);
    if (a == b) continue;
    squares += (b - a) * (b - a);
    differing += 1;
  }
  if (differing > 0) return std::sqrt(squares / differing);
  return static_cast<double>(clusters.size()) / std::max(sums.a_n, sums.b_n);
}

// The difference and its standard error with one more cluster on either side.
struct Adjusted {
  double difference = 0;
  double standard_error = 0;
  double clusters = 0;
};

Adjusted adjusted(std::span<const PairedCluster> clusters, const Sums& sums) {
  const auto count = static_cast<double>(clusters.size());
  Adjusted result;
  result.clusters = count + 2;
  result.difference = sums.difference() * count / result.clusters;
  // Each cluster's part in the difference, as if it stood for all: its mean is the difference.
  const auto part = [&](const PairedCluster& cluster) {
    const double a =
        static_cast<double>(cluster.a.passed) - static_cast<double>(cluster.a.n) * sums.share_a();
    const double b =
        static_cast<double>(cluster.b.passed) - static_cast<double>(cluster.b.n) * sums.share_b();
    return count * (b / sums.b_n - a / sums.a_n) + sums.difference();
  };
  double squares = 0;
  for (const PairedCluster& cluster : clusters) {
    const double off = part(cluster) - result.difference;
    squares += off * off;
  }
  const double typical = typical_difference(clusters, sums);
  for (const double extreme : {-typical, typical}) {
    squares += (extreme - result.difference) * (extreme - result.difference);
  }
  result.standard_error = std::sqrt(squares) / result.clusters;
  return result;
}

DifferenceInterval bootstrap(std::span<const PairedCluster> clusters,
                             const PairedOptions& options) {
  Rng rng(options.seed);
  std::vector<double> differences;
  differences.reserve(static_cast<std::size_t>(options.bootstrap_rounds));
  for (int round = 0; round < options.bootstrap_rounds; ++round) {
    Sums sums;
    for (std::size_t i = 0; i < clusters.size(); ++i)
      sums.add(clusters[rng.below(clusters.size())]);
    differences.push_back(sums.difference());
  }
  std::ranges::sort(differences);
  const auto quantile = [&](double p) {
    const double at = p * static_cast<double>(differences.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, differences.size() - 1);
    const double part = at - static_cast<double>(below);
    return differences[below] * (1 - part) + differences[above] * part;
  };
  const double tail = (1 - options.level) / 2;
  return held(quantile(tail), quantile(1 - tail), options.level, "paired_bootstrap");
}

double permutation(std::span<const PairedCluster> clusters, const Sums& sums,
                   const PairedOptions& options) {
  // What swapping a cluster's runs turns round. Clusters that are equal in both never matter.
  std::vector<double> parts;
  double observed = 0;
  for (const PairedCluster& cluster : clusters) {
    const double part = static_cast<double>(cluster.b.passed) / sums.b_n -
                        static_cast<double>(cluster.a.passed) / sums.a_n;
    observed += part;
    if (part != 0) parts.push_back(part);
  }
  if (parts.empty()) return 1;
  // Sums in another order differ in their last bits: what is as large must count as such.
  const double at_least = std::abs(observed) * (1 - 1e-9);
  if (parts.size() <= kExactSwaps) {
    const std::size_t ways = std::size_t{1} << parts.size();
    std::size_t extreme = 0;
    for (std::size_t way = 0; way < ways; ++way) {
      double sum = 0;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        sum += (way >> i & 1) != 0 ? -parts[i] : parts[i];
      }
      extreme += std::abs(sum) >= at_least;
    }
    return static_cast<double>(extreme) / static_cast<double>(ways);
  }
  Rng rng(options.seed ^ 0x9E3779B97F4A7C15u);
  int extreme = 0;
  for (int round = 0; round < options.permutation_rounds; ++round) {
    double sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i % 64 == 0) bits = rng();
      sum += (bits & 1) != 0 ? -parts[i] : parts[i];
      bits >>= 1;
    }
    extreme += std::abs(sum) >= at_least;
  }
  return (static_cast<double>(extreme) + 1) / (static_cast<double>(options.permutation_rounds) + 1);
}

std::optional<PairedDifference::Discordant> discordant(std::span<const PairedCluster> clusters) {
  PairedDifference::Discordant counts;
  for (const PairedCluster& cluster : clusters) {
    if (cluster.a.n != 1 || cluster.b.n != 1) return std::nullopt;
    counts.only_a += cluster.a.passed > cluster.b.passed;
    counts.only_b += cluster.b.passed > cluster.a.passed;
  }
  counts.p = mcnemar_exact(counts.only_a, counts.only_b);
  return counts;
}

}  // namespace

std::optional<PairedDifference> compare_paired(std::span<const PairedCluster> all,
                                               const PairedOptions& options) {
  std::vector<PairedCluster> clusters;
  Sums sums;
  for (const PairedCluster& cluster : all) {
    if (cluster.a.n == 0 || cluster.b.n == 0) continue;
    clusters.push_back(cluster);
    sums.add(cluster);
  }
  if (clusters.size() < 2) return std::nullopt;

  PairedDifference result;
  result.clusters = static_cast<std::int64_t>(clusters.size());
  result.share_a = sums.share_a();
  result.share_b = sums.share_b();
  result.difference = sums.difference();
  const double tail = (1 + options.level) / 2;
  const Adjusted mild = adjusted(clusters, sums);
  const double half = student_t_quantile(tail, mild.clusters - 1) * mild.standard_error;
  result.interval = held(mild.difference - half, mild.difference + half, options.level, "paired_t");
  if (clusters.size() >= kFewestForBootstrap && options.bootstrap_rounds > 0) {
    result.bootstrap = bootstrap(clusters, options);
  }
  result.permutation_p = permutation(clusters, sums, options);
  result.mcnemar = discordant(clusters);
  result.smallest_detectable =
      (normal_quantile(tail) + normal_quantile(options.power)) * mild.standard_error;
  return result;
}

}  // namespace iie
