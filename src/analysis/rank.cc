#include "analysis/rank.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace iie {
namespace {

bool comparable(std::span<const double> x, std::span<const double> y) {
  const auto known = [](double value) { return !std::isnan(value); };
  return x.size() == y.size() && x.size() >= 2 && std::ranges::all_of(x, known) &&
         std::ranges::all_of(y, known);
}

int order(double one, double other) { return (one > other) - (one < other); }

}  // namespace

std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y) {
  if (!comparable(x, y)) return std::nullopt;
  double score = 0;
  double untied_x = 0;
  double untied_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      const int in_x = order(x[i], x[j]);
      const int in_y = order(y[i], y[j]);
      score += in_x * in_y;
      untied_x += in_x != 0;
      untied_y += in_y != 0;
    }
  }
  if (untied_x == 0 || untied_y == 0) return std::nullopt;
  return std::clamp(score / std::sqrt(untied_x * untied_y), -1.0, 1.0);
}

std::vector<double> midranks(std::span<const double> values) {
  std::vector<std::size_t> by_value(values.size());
  std::iota(by_value.begin(), by_value.end(), std::size_t{0});
  std::ranges::sort(by_value, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < by_value.size();) {
    std::size_t end = first + 1;
    while (end < by_value.size() && values[by_value[end]] == values[by_value[first]]) ++end;
    const double rank = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) ranks[by_value[first]] = rank;
  }
  return ranks;
}

std::optional<double> spearman_rho(std::span<const double> x, std::span<const double> y) {
  if (!comparable(x, y)) return std::nullopt;
  const std::vector<double> rank_x = midranks(x);
  const std::vector<double> rank_y = midranks(y);
  const double mean = (static_cast<double>(x.size()) + 1) / 2;
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (rank_x[i] - mean) * (rank_x[i] - mean);
    yy += (rank_y[i] - mean) * (rank_y[i] - mean);
    xy += (rank_x[i] - mean) * (rank_y[i] - mean);
  }
  if (xx == 0 || yy == 0) return std::nullopt;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

std::optional<CorrelationInterval> rank_interval(RankCoefficient coefficient,
                                                 const ScoreResampler& resample,
                                                 const RankOptions& options) {
  Rng rng(options.seed);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(std::max(0, options.rounds)));
  std::vector<double> x;
  std::vector<double> y;
  for (int round = 0; round < options.rounds; ++round) {
    resample(rng, x, y);
    if (const auto value = coefficient(x, y)) values.push_back(*value);
  }
  if (values.empty() || 2 * values.size() < static_cast<std::size_t>(options.rounds)) {
    return std::nullopt;
  }
  std::ranges::sort(values);
  const auto quantile = [&](double p) {
    const double at = p * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    const double part = at - static_cast<double>(below);
    return values[below] * (1 - part) + values[above] * part;
  };
  const double tail = (1 - options.level) / 2;
  return CorrelationInterval{quantile(tail), quantile(1 - tail), options.level,
                             static_cast<std::int64_t>(values.size())};
}

}  // namespace iie
