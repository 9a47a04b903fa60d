// Whether models stand in the same order on a conventional benchmark and on the inverse one: ranks,
// how far each model moves, rank correlations, and the pairs that change places, each with how sure
// the samples make it. Values in, values out (with a seed); any thread.
//
// What is resampled is the cluster: what varies together, such as one prompt's rollouts, or the
// English and the Chinese form of one question with all of theirs. All models of a benchmark are
// drawn together, because they answered the same clusters; the two benchmarks are drawn apart. So
// every statement here is about the sampling of questions and responses, not about the choice of
// models.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/intervals.h"
#include "analysis/rank.h"

namespace iie {

// One model's decided rollouts and passes, by cluster. The k-th cluster of a benchmark is the same
// for every model.
struct BenchmarkCounts {
  std::vector<ClusterCount> conventional;
  std::vector<ClusterCount> inverse;
};

// Ends of an equal-tailed interval over resamples.
struct RankRange {
  double low = 0;
  double high = 0;
};

struct ModelPlace {
  // Shares of passes, 0 to 1, with Wilson's interval by clusters.
  double conventional = 0;
  double inverse = 0;
  Interval conventional_interval;
  Interval inverse_interval;
  // From 1, the best first; ties share the mean.
  double rank_conventional = 0;
  double rank_inverse = 0;
  // rank_conventional - rank_inverse: positive where it stands higher on the inverse benchmark.
  double change = 0;
  RankRange conventional_range;
  RankRange inverse_range;
  RankRange change_range;
};

// A pair of models that stands one way on the conventional benchmark and the other way on the
// inverse one. Indexes into the models; gaps are of shares, above 0.
struct RankInversion {
  std::size_t ahead_conventional = 0;
  std::size_t ahead_inverse = 0;
  double gap_conventional = 0;
  double gap_inverse = 0;
  // Shares of the resamples in which the order on that benchmark, and both orders, are as they are
  // in the data.
  double held_conventional = 0;
  double held_inverse = 0;
  double held = 0;
};

struct BenchmarkRanks {
  std::vector<ModelPlace> models;  // in the order given
  std::optional<double> tau;       // Kendall's tau-b; absent where all are equal on a benchmark
  std::optional<double> rho;       // Spearman's
  std::optional<CorrelationInterval> tau_interval;
  std::optional<CorrelationInterval> rho_interval;
  std::vector<RankInversion> inversions;  // the surest first
  std::int64_t rounds = 0;                // resamples in which every model had a score
};

// nullopt for fewer than two models, for rows of different lengths, and where a model has nothing
// decided on a benchmark: no score is no rank. O(rounds * (models * clusters + models^2)).
std::optional<BenchmarkRanks> compare_benchmark_ranks(std::span<const BenchmarkCounts> models,
                                                      const RankOptions& options = {});

}  // namespace iie
