// Two runs on the same samples: how much better is one, and could it be chance? Values in, values
// out (with a seed); any thread.
//
// Differences are B minus A, as shares: -1 to 1. The unit that is resampled, swapped and counted is
// the cluster: what belongs together and varies together, such as one sample's rollouts, or the
// English and the Chinese form of one question with all of theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "analysis/intervals.h"

namespace iie {

// One cluster's passes in both runs. A cluster without rollouts in either run is left out.
struct PairedCluster {
  ClusterCount a;
  ClusterCount b;
};

// Of a difference: -1 <= low <= high <= 1.
struct DifferenceInterval {
  double low = -1;
  double high = 1;
  double level = kDefaultLevel;
  std::string method;  // "paired_t" or "paired_bootstrap"
};

struct PairedOptions {
  double level = kDefaultLevel;
  int bootstrap_rounds = 10'000;
  int permutation_rounds = 10'000;
  std::uint64_t seed = 1;
  // Of the smallest detectable difference.
  double power = 0.8;
};

struct PairedDifference {
  std::int64_t clusters = 0;
  double share_a = 0;
  double share_b = 0;
  double difference = 0;

  // Student's t at the clusters' own variance, with two clusters more that differ, in favour of A
  // and of B, as much as clusters that differ do on average: so it never shrinks to a point where
  // the runs agree everywhere, and it holds its level in cells of 41. For one verdict per cluster
  // and run it is, but for t in place of z, the interval of D. G. Bonett and R. M. Price, Journal
  // of Educational and Behavioral Statistics 37 (2012) 479-488.
  DifferenceInterval interval;
  // Quantiles of the difference over resampled clusters: B. Efron and R. J. Tibshirani, An
  // Introduction to the Bootstrap (1993), chapter 13. Absent with fewer than ten clusters, which a
  // bootstrap cannot tell apart.
  std::optional<DifferenceInterval> bootstrap;

  // Two-sided: the share of ways to swap A and B within clusters that give a difference at least as
  // large. All ways where there are few (at most 2^16), else `permutation_rounds` random ones and
  // the one that happened: B. Phipson and G. K. Smyth, Statistical Applications in Genetics and
  // Molecular Biology 9 (2010) 39.
  double permutation_p = 1;

  // Where every cluster has one rollout in each run: how many only one of them passed, and the
  // exact McNemar test of those two numbers.
  struct Discordant {
    std::int64_t only_a = 0;
    std::int64_t only_b = 0;
    double p = 1;
  };
  std::optional<Discordant> mcnemar;

  // The difference that a comparison of this many clusters, varying as these do, finds significant
  // at 1 - level with probability `power`: (z_{(1+level)/2} + z_power) times the standard error.
  double smallest_detectable = 0;
};

// nullopt where either run has no rollout, or fewer than two clusters are common to both.
std::optional<PairedDifference> compare_paired(std::span<const PairedCluster> clusters,
                                               const PairedOptions& options = {});

}  // namespace iie
