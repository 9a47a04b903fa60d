#include "analysis/benchmark_ranks.h"

#include <algorithm>
#include <cmath>

namespace iie {
namespace {

using Clusters = std::vector<ClusterCount>;

// nullopt where nothing is decided.
std::optional<double> share_of(const Clusters& clusters, std::span<const std::size_t> drawn) {
  std::int64_t passed = 0;
  std::int64_t n = 0;
  for (const std::size_t cluster : drawn) {
    passed += clusters[cluster].passed;
    n += clusters[cluster].n;
  }
  if (n == 0) return std::nullopt;
  return static_cast<double>(passed) / static_cast<double>(n);
}

std::vector<std::size_t> each_once(std::size_t clusters) {
  std::vector<std::size_t> all(clusters);
  for (std::size_t i = 0; i < clusters; ++i) all[i] = i;
  return all;
}

// Every model's share on one drawing; false where one has none.
bool shares_of(std::span<const BenchmarkCounts> models, Clusters BenchmarkCounts::* benchmark,
               std::span<const std::size_t> drawn, std::vector<double>& shares) {
  shares.clear();
  for (const BenchmarkCounts& model : models) {
    const auto share = share_of(model.*benchmark, drawn);
    if (!share) return false;
    shares.push_back(*share);
  }
  return true;
}

void draw(Rng& rng, std::vector<std::size_t>& drawn) {
  for (std::size_t& cluster : drawn) cluster = rng.below(drawn.size());
}

struct Scores {
  std::vector<double> conventional;
  std::vector<double> inverse;
};

RankRange range_of(std::vector<double> values, double level) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  // Ranks are few and tied: the value at the nearest rank, not one in between.
  const auto at = [&](double p) {
    const double place = std::ceil(p * static_cast<double>(values.size())) - 1;
    return values[static_cast<std::size_t>(
        std::clamp(place, 0.0, static_cast<double>(values.size() - 1)))];
  };
  const double tail = (1 - level) / 2;
  return {at(tail), at(1 - tail)};
}

std::vector<Scores> resample(std::span<const BenchmarkCounts> models, const RankOptions& options) {
  std::vector<Scores> rounds;
  Rng rng(options.seed);
  std::vector<std::size_t> conventional(models[0].conventional.size());
  std::vector<std::size_t> inverse(models[0].inverse.size());
  for (int round = 0; round < options.rounds; ++round) {
    draw(rng, conventional);
    draw(rng, inverse);
    Scores scores;
    if (shares_of(models, &BenchmarkCounts::conventional, conventional, scores.conventional) &&
        shares_of(models, &BenchmarkCounts::inverse, inverse, scores.inverse)) {
      rounds.push_back(std::move(scores));
    }
  }
  return rounds;
}

void place_models(BenchmarkRanks& out, std::span<const BenchmarkCounts> models,
                  const Scores& scores, const std::vector<Scores>& rounds, double level) {
  const std::vector<double> conventional = midranks(scores.conventional);
  const std::vector<double> inverse = midranks(scores.inverse);
  const std::size_t n = models.size();
  std::vector<std::vector<double>> conventional_ranks(n);
  std::vector<std::vector<double>> inverse_ranks(n);
  std::vector<std::vector<double>> changes(n);
  for (const Scores& round : rounds) {
    const std::vector<double> one = midranks(round.conventional);
    const std::vector<double> other = midranks(round.inverse);
    for (std::size_t i = 0; i < n; ++i) {
      conventional_ranks[i].push_back(one[i]);
      inverse_ranks[i].push_back(other[i]);
      changes[i].push_back(one[i] - other[i]);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    ModelPlace place;
    place.conventional = scores.conventional[i];
    place.inverse = scores.inverse[i];
    place.conventional_interval =
        clustered_wilson(models[i].conventional, level).value_or(Interval{});
    place.inverse_interval = clustered_wilson(models[i].inverse, level).value_or(Interval{});
    place.rank_conventional = conventional[i];
    place.rank_inverse = inverse[i];
    place.change = conventional[i] - inverse[i];
    place.conventional_range = range_of(std::move(conventional_ranks[i]), level);
    place.inverse_range = range_of(std::move(inverse_ranks[i]), level);
    place.change_range = range_of(std::move(changes[i]), level);
    out.models.push_back(std::move(place));
  }
}

void find_inversions(BenchmarkRanks& out, const Scores& scores, const std::vector<Scores>& rounds) {
  const std::size_t n = scores.conventional.size();
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      RankInversion pair{a, b, scores.conventional[a] - scores.conventional[b],
                         scores.inverse[b] - scores.inverse[a]};
      if (pair.gap_conventional <= 0 || pair.gap_inverse <= 0) continue;
      std::size_t conventional = 0;
      std::size_t inverse = 0;
      std::size_t both = 0;
      for (const Scores& round : rounds) {
        const bool first = round.conventional[a] > round.conventional[b];
        const bool second = round.inverse[b] > round.inverse[a];
        conventional += first;
        inverse += second;
        both += first && second;
      }
      if (!rounds.empty()) {
        const auto all = static_cast<double>(rounds.size());
        pair.held_conventional = static_cast<double>(conventional) / all;
        pair.held_inverse = static_cast<double>(inverse) / all;
        pair.held = static_cast<double>(both) / all;
      }
      out.inversions.push_back(pair);
    }
  }
  std::ranges::stable_sort(out.inversions, std::ranges::greater(), &RankInversion::held);
}

}  // namespace

std::optional<BenchmarkRanks> compare_benchmark_ranks(std::span<const BenchmarkCounts> models,
                                                      const RankOptions& options) {
  if (models.size() < 2) return std::nullopt;
  for (const BenchmarkCounts& model : models) {
    if (model.conventional.size() != models[0].conventional.size() ||
        model.inverse.size() != models[0].inverse.size()) {
      return std::nullopt;
    }
  }
  Scores scores;
  if (!shares_of(models, &BenchmarkCounts::conventional, each_once(models[0].conventional.size()),
                 scores.conventional) ||
      !shares_of(models, &BenchmarkCounts::inverse, each_once(models[0].inverse.size()),
                 scores.inverse)) {
    return std::nullopt;
  }
  const std::vector<Scores> rounds = resample(models, options);

  BenchmarkRanks out;
  out.rounds = static_cast<std::int64_t>(rounds.size());
  out.tau = kendall_tau_b(scores.conventional, scores.inverse);
  out.rho = spearman_rho(scores.conventional, scores.inverse);
  // The same resamples for everything: what is said of the coefficients is said of the ranks.
  const auto interval = [&](RankCoefficient coefficient) {
    std::size_t next = 0;
    const ScoreResampler replay = [&](Rng&, std::vector<double>& x, std::vector<double>& y) {
      const Scores& round = rounds[next++];
      x = round.conventional;
      y = round.inverse;
    };
    RankOptions replayed = options;
    replayed.rounds = static_cast<int>(rounds.size());
    return rank_interval(coefficient, replay, replayed);
  };
  out.tau_interval = interval(&kendall_tau_b);
  out.rho_interval = interval(&spearman_rho);
  place_models(out, models, scores, rounds, options.level);
  find_inversions(out, scores, rounds);
  return out;
}

}  // namespace iie
