#include "report/curves.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/paired.h"
#include "core/instruction_type.h"

namespace iie {
namespace {

// In order of first appearance, which is the report's.
template <typename KeyOf>
std::vector<std::string> keys_of(const std::vector<SampleResult>& samples, KeyOf key_of) {
  std::vector<std::string> keys;
  for (const SampleResult& sample : samples) {
    const std::string& key = key_of(sample);
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  return keys;
}

// Type codes as the type table orders them, unknown ones behind.
std::vector<std::string> type_keys(const std::vector<SampleResult>& samples) {
  std::vector<std::string> keys =
      keys_of(samples, [](const SampleResult& s) -> const std::string& { return s.type; });
  const auto place = [](const std::string& key) {
    const auto& types = instruction_types();
    return std::ranges::find(types, key, &InstructionType::code) - types.begin();
  };
  std::ranges::stable_sort(keys, {}, place);
  return keys;
}

template <typename Take>
BestOfCurve curve(std::string key, const std::vector<SampleResult>& samples,
                  const std::vector<std::int64_t>& at, double level, Take take) {
  std::vector<ClusterCount> clusters;
  for (const SampleResult& sample : samples) {
    if (take(sample)) clusters.push_back({sample.passed, sample.n});
  }
  BestOfCurve out{std::move(key), {}};
  for (const std::int64_t n : at) {
    auto point = mean_best_of_n(clusters, n, level);
    if (!point) continue;
    point->share *= 100;
    point->interval.low *= 100;
    point->interval.high *= 100;
    out.points.push_back(*std::move(point));
  }
  return out;
}

using Clusters = std::vector<PairedCluster>;

std::optional<LanguageGap::Difference> paired_gap(std::string key, const Clusters& clusters,
                                                  double level) {
  PairedOptions options;
  options.level = level;
  options.bootstrap_rounds = 0;
  options.permutation_rounds = 0;
  // compare_paired gives b less a.
  const auto found = compare_paired(clusters, options);
  if (!found) return std::nullopt;
  return LanguageGap::Difference{
      std::move(key),          100 * found->share_b,      100 * found->share_a,
      100 * found->difference, 100 * found->interval.low, 100 * found->interval.high,
      found->clusters,         found->interval.method};
}

std::optional<LanguageGap::Difference> independent_gap(std::string key,
                                                       std::span<const ClusterCount> first,
                                                       std::span<const ClusterCount> second,
                                                       double level) {
  const auto share = [](std::span<const ClusterCount> clusters) {
    double passed = 0;
    double n = 0;
    for (const ClusterCount& cluster : clusters) {
      passed += static_cast<double>(cluster.passed);
      n += static_cast<double>(cluster.n);
    }
    return passed / n;
  };
  const auto a = clustered_wilson(first, level);
  const auto b = clustered_wilson(second, level);
  if (!a || !b) return std::nullopt;
  const double p = share(first);
  const double q = share(second);
  return LanguageGap::Difference{std::move(key),
                                 100 * p,
                                 100 * q,
                                 100 * (p - q),
                                 100 * (p - q - std::hypot(p - a->low, b->high - q)),
                                 100 * (p - q + std::hypot(a->high - p, q - b->low)),
                                 0,
                                 "mover"};
}

}  // namespace

std::vector<std::int64_t> default_best_of(std::int64_t n) {
  std::vector<std::int64_t> out;
  if (n < 2) return out;
  for (std::int64_t at = 1; at < n; at *= 2) out.push_back(at);
  out.push_back(n);
  return out;
}

std::optional<BestOfReport> best_of_report(const std::vector<SampleResult>& samples,
                                           const std::vector<std::int64_t>& at, double level) {
  BestOfReport out;
  out.overall =
      curve("overall", samples, at, level, [](const SampleResult& s) { return s.headline; });
  for (const std::string& type : type_keys(samples)) {
    BestOfCurve one =
        curve(type, samples, at, level, [&](const SampleResult& s) { return s.type == type; });
    if (!one.points.empty()) out.by_type.push_back(std::move(one));
  }
  const auto languages =
      keys_of(samples, [](const SampleResult& s) -> const std::string& { return s.language; });
  for (const std::string& language : languages) {
    BestOfCurve one = curve(language, samples, at, level, [&](const SampleResult& s) {
      return s.headline && s.language == language;
    });
    if (!one.points.empty()) out.by_language.push_back(std::move(one));
  }
  if (out.overall.points.empty() && out.by_type.empty()) return std::nullopt;
  return out;
}

std::optional<LanguageGap> language_gap(const std::vector<SampleResult>& samples, double level) {
  LanguageGap out;
  out.first_language = to_string(Language::english);
  out.second_language = to_string(Language::chinese);
  out.level = level;

  struct Side {
    std::map<std::string, PairedCluster> pairs;  // a: Chinese, b: English
    std::vector<ClusterCount> first;
    std::vector<ClusterCount> second;
    bool unpaired = false;
  };
  Side all;
  std::map<std::string, Side> types;
  for (const SampleResult& sample : samples) {
    const bool first = sample.language == out.first_language;
    if (!sample.headline || sample.n == 0 || (!first && sample.language != out.second_language)) {
      continue;
    }
    for (Side* side : {&all, &types[sample.type]}) {
      (first ? side->first : side->second).push_back({sample.passed, sample.n});
      if (sample.pair.empty()) {
        side->unpaired = true;
        continue;
      }
      // One pair name of another type is another pair.
      PairedCluster& pair = side->pairs[sample.type + '\n' + sample.pair];
      ClusterCount& count = first ? pair.b : pair.a;
      count.passed += sample.passed;
      count.n += sample.n;
    }
  }
  const auto gap = [&](std::string key, const Side& side) {
    if (side.unpaired) return independent_gap(std::move(key), side.first, side.second, level);
    Clusters clusters;
    for (const auto& [name, pair] : side.pairs) clusters.push_back(pair);
    return paired_gap(std::move(key), clusters, level);
  };
  auto overall = gap("overall", all);
  if (!overall) return std::nullopt;
  out.overall = *std::move(overall);
  for (const std::string& type : type_keys(samples)) {
    const auto side = types.find(type);
    if (side == types.end()) continue;
    if (auto one = gap(type, side->second)) out.by_type.push_back(*std::move(one));
  }
  return out;
}

}  // namespace iie
