#include "report/benchmark_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "base/string_util.h"
#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 80;
constexpr std::size_t kNamed = 6;  // models that an error lists by name

struct MetricName {
  InstructionMetric metric;
  std::string_view name;
};
constexpr auto kMetrics = std::to_array<MetricName>({
    {InstructionMetric::prompt_strict, "prompt_strict"},
    {InstructionMetric::prompt_loose, "prompt_loose"},
    {InstructionMetric::instruction_strict, "instruction_strict"},
    {InstructionMetric::instruction_loose, "instruction_loose"},
});

std::string excerpt(std::string_view text) { return safe_excerpt(text, kNameBytes); }

// Of recorded responses, the model that they name; they are read from a file per benchmark, and
// the file's name is all that the spec has.
std::string model_of(const Report& report) {
  std::string_view model = report.spec.model;
  if (!report.spec.responses_model.empty()) {
    model = report.spec.responses_model;
  } else if (!report.spec.responses_hash.empty() && report.model.served_as.size() == 1) {
    model = report.model.served_as.begin()->first;
  }
  std::string name = excerpt(model);
  if (report.spec.params.reasoning) {
    name += ", reasoning " + to_string(*report.spec.params.reasoning);
  }
  return name;
}

bool has_types(const Report& report) {
  return std::ranges::any_of(report.by_type, [](const Group& type) { return type.key != kNoKey; });
}

// The runs on one dataset, by model.
struct Benchmark {
  std::string dataset;
  bool conventional = false;
  std::map<std::string, const BenchmarkRun*> runs;
};

Result<std::vector<Benchmark>> by_benchmark(const std::vector<BenchmarkRun>& runs) {
  std::vector<Benchmark> out;
  std::set<std::string_view> seen;
  for (const BenchmarkRun& run : runs) {
    const Report& report = run.report;
    if (!seen.insert(report.run_id).second) continue;  // the same run, named twice
    const bool conventional = report.instructions.has_value();
    if (!conventional && !has_types(report)) {
      return fail(ErrorKind::bad_input,
                  fmt::format("run {} is on {}, whose samples have neither verifiable instructions "
                              "(IFEval, IFBench) nor instruction types: it has no place in this "
                              "comparison",
                              excerpt(report.run_id), excerpt(report.spec.dataset)));
    }
    auto benchmark = std::ranges::find_if(out, [&](const Benchmark& one) {
      return one.dataset == report.spec.dataset && one.conventional == conventional;
    });
    if (benchmark == out.end()) {
      benchmark = out.insert(out.end(), {report.spec.dataset, conventional, {}});
    }
    const auto [other, added] = benchmark->runs.emplace(model_of(report), &run);
    if (!added) {
      return fail(ErrorKind::bad_input,
                  fmt::format("runs {} and {} are both of {} on {}: give one of them",
                              excerpt(other->second->report.run_id), excerpt(report.run_id),
                              other->first, excerpt(report.spec.dataset)));
    }
  }
  return out;
}

std::string names_of(const std::vector<std::string>& models) {
  std::string out;
  for (std::size_t i = 0; i < models.size() && i < kNamed; ++i) {
    out += (i == 0 ? "" : ", ") + models[i];
  }
  if (models.size() > kNamed) out += fmt::format(" and {} more", models.size() - kNamed);
  return out;
}

std::vector<std::string> common_models(const Benchmark& one, const Benchmark& other) {
  std::vector<std::string> out;
  for (const auto& [model, run] : one.runs) {
    if (other.runs.contains(model)) out.push_back(model);
  }
  return out;
}

// What is missing for two models to be on both kinds of benchmark.
Error nothing_to_compare(const std::vector<Benchmark>& benchmarks) {
  std::map<std::string, std::pair<bool, bool>> models;  // on a conventional, on an inverse one
  for (const Benchmark& benchmark : benchmarks) {
    for (const auto& [model, run] : benchmark.runs) {
      (benchmark.conventional ? models[model].first : models[model].second) = true;
    }
  }
  std::vector<std::string> both;
  std::vector<std::string> no_conventional;
  std::vector<std::string> no_inverse;
  for (const auto& [model, on] : models) {
    if (on.first && on.second) {
      both.push_back(model);
    } else {
      (on.first ? no_inverse : no_conventional).push_back(model);
    }
  }
  std::string message =
      "two models at least must have a run on a conventional benchmark (IFEval, IFBench) and one "
      "on Inverse IFEval";
  if (both.size() > 1) {
    message +=
        fmt::format("; {} have, but never two of them on the same two datasets", names_of(both));
  } else if (both.size() == 1) {
    message += "; only " + both[0] + " has";
  }
  if (!no_conventional.empty()) {
    message += "; missing on a conventional benchmark: " + names_of(no_conventional);
  }
  if (!no_inverse.empty()) message += "; missing on Inverse IFEval: " + names_of(no_inverse);
  return {ErrorKind::bad_input, std::move(message)};
}

Result<std::string> judge_of(const Benchmark& benchmark, const std::vector<std::string>& models,
                             const BenchmarkOptions& options, std::vector<std::string>& cautions) {
  const Report& first = benchmark.runs.at(models[0])->report;
  for (const std::string& model : models) {
    const Report& report = benchmark.runs.at(model)->report;
    if (report.spec.judge == first.spec.judge &&
        report.spec.judge_prompts == first.spec.judge_prompts &&
        report.spec.judge_endpoint == first.spec.judge_endpoint &&
        report.spec.judge_matrix == first.spec.judge_matrix &&
        report.spec.judge_params == first.spec.judge_params) {
      continue;
    }
    const std::string what = fmt::format(
        "runs {} and {} on {} were judged differently: the judge alone can move a score by several "
        "points",
        excerpt(first.run_id), excerpt(report.run_id), excerpt(benchmark.dataset));
    if (!options.any_judge) {
      return fail(ErrorKind::bad_input,
                  what + ". Judge them alike, or rank them all the same with --any-judge");
    }
    cautions.push_back(what + ".");
    return "several";
  }
  return excerpt(first.spec.judge);
}

// Every model's counts by cluster, the clusters the same ones in the same order.
struct Counts {
  std::vector<std::vector<ClusterCount>> by_model;
  std::int64_t samples = 0;
};

Result<Counts> counts_of(const Benchmark& benchmark, const std::vector<std::string>& models,
                         const BenchmarkOptions& options, std::vector<std::string>& cautions) {
  // How many of the models have each sample.
  std::map<std::string_view, std::size_t> having;
  for (const std::string& model : models) {
    for (const SampleResult& sample : benchmark.runs.at(model)->report.sample_results) {
      ++having[sample.hash];
    }
  }
  const auto common = [&](const SampleResult& sample) {
    return having[sample.hash] == models.size();
  };
  const auto shared = static_cast<std::size_t>(std::ranges::count_if(
      having, [&](const auto& sample) { return sample.second == models.size(); }));
  if (shared != having.size()) {
    const std::string what = fmt::format("the runs on {} have {} of {} samples in common",
                                         excerpt(benchmark.dataset), shared, having.size());
    if (shared == 0 || !options.common_samples) {
      return fail(ErrorKind::bad_input,
                  what + (shared == 0 ? ": ranks would compare questions, not models"
                                      : ". Rank the models on those with --common"));
    }
    cautions.push_back("Ranks are on what is common: " + what + ".");
  }
  Counts out;
  std::map<std::string, std::size_t> places;  // of the clusters
  for (const std::string& model : models) {
    const BenchmarkRun& run = *benchmark.runs.at(model);
    const auto& samples = run.report.sample_results;
    if (benchmark.conventional && run.instruction_clusters.size() != samples.size()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("run {}: some samples of {} have no verifiable instructions",
                              excerpt(run.report.run_id), excerpt(benchmark.dataset)));
    }
    std::vector<ClusterCount>& clusters = out.by_model.emplace_back(places.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const SampleResult& sample = samples[i];
      if (!common(sample) || (!benchmark.conventional && !sample.headline)) continue;
      if (model == models[0]) ++out.samples;
      // The English and the Chinese form of one question vary together.
      const bool twins = !benchmark.conventional && !sample.pair.empty();
      const std::string key =
          twins ? "pair " + sample.type + '\n' + sample.pair : "hash " + sample.hash;
      const std::size_t place = places.emplace(key, places.size()).first->second;
      if (place >= clusters.size()) clusters.resize(place + 1);
      const ClusterCount count = benchmark.conventional ? run.instruction_clusters[i]
                                                        : ClusterCount{sample.passed, sample.n};
      clusters[place].passed += count.passed;
      clusters[place].n += count.n;
    }
    // Unscored rollouts count as not passed; where there is nothing else, nothing is known.
    const Figure& figure =
        benchmark.conventional ? run.report.instructions->prompts.strict : run.report.overall;
    if (figure.passed + figure.failed == 0 ||
        std::ranges::all_of(clusters, [](const ClusterCount& one) { return one.n == 0; })) {
      return fail(ErrorKind::bad_input,
                  fmt::format("run {} has no verdict on {}: no score is no rank",
                              excerpt(run.report.run_id), excerpt(benchmark.dataset)));
    }
  }
  for (auto& clusters : out.by_model) clusters.resize(places.size());
  return out;
}

void caution_runs(const Benchmark& benchmark, const std::vector<std::string>& models,
                  std::set<std::string_view>& seen, std::vector<std::string>& cautions) {
  for (const std::string& model : models) {
    const Report& report = benchmark.runs.at(model)->report;
    if (!seen.insert(report.run_id).second) continue;
    if (!report.complete) {
      cautions.push_back(fmt::format("Run {} ({}, {}) is not complete: {}.", excerpt(report.run_id),
                                     excerpt(report.spec.dataset), model, what_is_left(report)));
    } else if (report.overall.unscored > 0) {
      cautions.push_back(
          fmt::format("Run {} ({}, {}) has {} without a verdict, which count as not "
                      "passed.",
                      excerpt(report.run_id), excerpt(report.spec.dataset), model,
                      count_of(report.overall.unscored, "rollout")));
    }
  }
}

Interval percent(Interval interval) {
  interval.low *= 100;
  interval.high *= 100;
  return interval;
}

BenchmarkPair pair_of(const Benchmark& conventional, const Benchmark& inverse,
                      const std::vector<std::string>& models, const BenchmarkRanks& ranks) {
  BenchmarkPair out;
  out.conventional.dataset = excerpt(conventional.dataset);
  out.inverse.dataset = excerpt(inverse.dataset);
  out.tau = ranks.tau;
  out.rho = ranks.rho;
  out.tau_interval = ranks.tau_interval;
  out.rho_interval = ranks.rho_interval;
  out.rounds = ranks.rounds;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const ModelPlace& place = ranks.models[i];
    ComparedModel model;
    model.model = models[i];
    model.run_conventional = excerpt(conventional.runs.at(models[i])->report.run_id);
    model.run_inverse = excerpt(inverse.runs.at(models[i])->report.run_id);
    model.conventional = 100 * place.conventional;
    model.inverse = 100 * place.inverse;
    model.conventional_interval = percent(place.conventional_interval);
    model.inverse_interval = percent(place.inverse_interval);
    model.rank_conventional = place.rank_conventional;
    model.rank_inverse = place.rank_inverse;
    model.change = place.change;
    model.conventional_range = place.conventional_range;
    model.inverse_range = place.inverse_range;
    model.change_range = place.change_range;
    out.models.push_back(std::move(model));
  }
  std::ranges::stable_sort(out.models, {}, &ComparedModel::rank_inverse);
  for (const RankInversion& pair : ranks.inversions) {
    out.inversions.push_back({models[pair.ahead_conventional], models[pair.ahead_inverse],
                              100 * pair.gap_conventional, 100 * pair.gap_inverse,
                              100 * pair.held_conventional, 100 * pair.held_inverse,
                              100 * pair.held});
  }
  return out;
}

}  // namespace

std::string_view to_string(InstructionMetric metric) {
  return std::ranges::find(kMetrics, metric, &MetricName::metric)->name;
}

Result<InstructionMetric> parse_instruction_metric(std::string_view name) {
  std::vector<std::string> names;
  for (const MetricName& one : kMetrics) {
    if (one.name == name) return one.metric;
    names.emplace_back(one.name);
  }
  return fail(ErrorKind::usage,
              fmt::format("unknown metric '{}'{}; it is one of {}", one_line(name, 40),
                          did_you_mean(name, names), join(names, ", ")));
}

Result<BenchmarkComparison> compare_benchmarks(const std::vector<BenchmarkRun>& runs,
                                               const BenchmarkOptions& options) {
  IIE_TRY(const std::vector<Benchmark> benchmarks, by_benchmark(runs));
  BenchmarkComparison out;
  out.metric = options.metric;
  out.level = options.rank.level;
  out.seed = options.rank.seed;
  std::set<std::string_view> cautioned;
  std::set<std::string> left_out;
  std::set<std::string> compared;
  for (const Benchmark& conventional : benchmarks) {
    if (!conventional.conventional) continue;
    for (const Benchmark& inverse : benchmarks) {
      if (inverse.conventional) continue;
      const std::vector<std::string> models = common_models(conventional, inverse);
      for (const Benchmark* benchmark : {&conventional, &inverse}) {
        for (const auto& [model, run] : benchmark->runs) left_out.insert(model);
      }
      if (models.size() < 2) continue;
      compared.insert(models.begin(), models.end());
      IIE_TRY(std::string judge, judge_of(inverse, models, options, out.cautions));
      IIE_TRY(Counts on_conventional, counts_of(conventional, models, options, out.cautions));
      IIE_TRY(Counts on_inverse, counts_of(inverse, models, options, out.cautions));
      std::vector<BenchmarkCounts> counts;
      for (std::size_t i = 0; i < models.size(); ++i) {
        counts.push_back(
            {std::move(on_conventional.by_model[i]), std::move(on_inverse.by_model[i])});
      }
      const auto ranks = compare_benchmark_ranks(counts, options.rank);
      if (!ranks) return fail(ErrorKind::bug, "models without scores were ranked");
      BenchmarkPair pair = pair_of(conventional, inverse, models, *ranks);
      pair.conventional.samples = on_conventional.samples;
      pair.conventional.clusters = static_cast<std::int64_t>(counts[0].conventional.size());
      pair.inverse.samples = on_inverse.samples;
      pair.inverse.clusters = static_cast<std::int64_t>(counts[0].inverse.size());
      pair.inverse.judge = std::move(judge);
      out.pairs.push_back(std::move(pair));
      caution_runs(conventional, models, cautioned, out.cautions);
      caution_runs(inverse, models, cautioned, out.cautions);
    }
  }
  if (out.pairs.empty()) return std::unexpected(nothing_to_compare(benchmarks));
  for (const std::string& model : compared) left_out.erase(model);
  if (!left_out.empty()) {
    out.cautions.push_back(
        fmt::format("Left out, for want of a run on one of the two: {}.",
                    names_of(std::vector<std::string>(left_out.begin(), left_out.end()))));
  }
  return out;
}

std::string conclusion(const BenchmarkPair& pair) {
  std::string out = fmt::format("The order of {} models on {} and on {}: ", pair.models.size(),
                                pair.conventional.dataset, pair.inverse.dataset);
  if (pair.tau) {
    out += fmt::format("Kendall's tau-b {:.2f}", *pair.tau);
    if (pair.tau_interval) {
      out += fmt::format(" [{:.2f}, {:.2f}]", pair.tau_interval->low, pair.tau_interval->high);
    }
    if (pair.rho) out += fmt::format(", Spearman's rho {:.2f}", *pair.rho);
    if (pair.rho_interval) {
      out += fmt::format(" [{:.2f}, {:.2f}]", pair.rho_interval->low, pair.rho_interval->high);
    }
    out += ".";
  } else {
    out += "no correlation, as all models score the same on one of them.";
  }
  const auto moved = std::ranges::max_element(
      pair.models, {}, [](const ComparedModel& model) { return std::abs(model.change); });
  if (moved->change != 0) {
    out += fmt::format(" {} moves most: {:g} there, {:g} here.", moved->model,
                       moved->rank_conventional, moved->rank_inverse);
  }
  const auto sure = std::ranges::count_if(
      pair.inversions, [](const ComparedInversion& one) { return one.held >= 95; });
  if (pair.inversions.empty()) {
    out += " No pair of models changes places.";
  } else {
    out += fmt::format(" {} change{} places, {} of them in at least 95 % of the resamples.",
                       count_of(static_cast<std::int64_t>(pair.inversions.size()), "pair"),
                       pair.inversions.size() == 1 ? "s" : "",
                       sure == 0 ? "none" : std::to_string(sure));
  }
  return out;
}

}  // namespace iie
