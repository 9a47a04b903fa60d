#include "report/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 120;

// How much thinking was asked for; nullopt where it was left to the endpoint or to the model.
std::optional<std::int64_t> asked_for(const Report& report) {
  if (!report.spec.params.reasoning) return std::nullopt;
  const Reasoning& reasoning = *report.spec.params.reasoning;
  switch (reasoning.mode) {
    case Reasoning::Mode::off:
      return 0;
    case Reasoning::Mode::low:
      return 1;
    case Reasoning::Mode::medium:
      return 2;
    case Reasoning::Mode::high:
      return 3;
    case Reasoning::Mode::budget:
      return 4 + reasoning.budget;  // budgets among themselves
    case Reasoning::Mode::automatic:
      break;
  }
  return std::nullopt;
}

// One benchmark's runs of the models that have both, in the models' order.
struct Benchmark {
  std::vector<const Report*> reports;
  std::vector<std::vector<ClusterCount>> clusters;  // by report, then by sample
  bool same_samples = true;

  void add(const Report& report, bool inverse) {
    if (!reports.empty() && reports.front()->spec.dataset_hash != report.spec.dataset_hash) {
      same_samples = false;
    }
    reports.push_back(&report);
    std::vector<ClusterCount> counts;
    for (const SampleResult& sample : report.sample_results) {
      if (!inverse || sample.headline) counts.push_back({sample.passed, sample.n});
    }
    clusters.push_back(std::move(counts));
  }

  // Every model's share on one drawing of the samples.
  void resample(Rng& rng, std::vector<double>& shares) const {
    const std::size_t samples = clusters.front().size();
    std::vector<std::size_t> drawn(samples);
    for (std::size_t& index : drawn) index = rng.below(samples);
    shares.clear();
    for (const std::vector<ClusterCount>& counts : clusters) {
      double passed = 0;
      double n = 0;
      for (const std::size_t index : drawn) {
        passed += static_cast<double>(counts[index].passed);
        n += static_cast<double>(counts[index].n);
      }
      shares.push_back(n > 0 ? passed / n : 0);
    }
  }
};

bool has_types(const Report& report) {
  return std::ranges::any_of(report.by_type, [](const Group& type) { return type.key != kNoKey; });
}

}  // namespace

std::vector<ThinkingPair> thinking_pairs(const std::vector<Report>& reports) {
  std::vector<ThinkingPair> out;
  std::set<std::size_t> done;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (done.contains(i)) continue;
    std::vector<std::size_t> alike;
    for (std::size_t j = i; j < reports.size(); ++j) {
      if (reports[j].spec.model == reports[i].spec.model &&
          reports[j].spec.dataset_hash == reports[i].spec.dataset_hash && asked_for(reports[j])) {
        alike.push_back(j);
        done.insert(j);
      }
    }
    std::ranges::stable_sort(alike, {}, [&](std::size_t k) { return *asked_for(reports[k]); });
    for (std::size_t k = 1; k < alike.size(); ++k) {
      if (asked_for(reports[alike[k]]) == asked_for(reports[alike[0]])) continue;
      auto comparison = compare_reports(reports[alike[0]], reports[alike[k]]);
      // Further types have no overall, which is what thinking pairs are about.
      if (!comparison || !comparison->overall.headline) continue;
      out.push_back({alike[0], alike[k], *std::move(comparison)});
    }
  }
  return out;
}

std::optional<IfevalRanks> ifeval_ranks(const std::vector<Report>& reports) {
  struct Both {
    const Report* inverse = nullptr;
    const Report* ifeval = nullptr;
  };
  std::map<std::string, Both> models;
  std::vector<std::string> order;
  for (const Report& report : reports) {
    Both& both = models[report.spec.model];
    if (report.instructions && report.instructions->prompts.strict.score) {
      if (both.ifeval == nullptr) both.ifeval = &report;
    } else if (has_types(report) && report.overall.score && both.inverse == nullptr) {
      both.inverse = &report;
    }
    if (both.ifeval != nullptr && both.inverse != nullptr &&
        std::ranges::find(order, report.spec.model) == order.end()) {
      order.push_back(report.spec.model);
    }
  }
  if (order.size() < 2) return std::nullopt;
  IfevalRanks out;
  Benchmark inverse;
  Benchmark ifeval;
  std::vector<double> x;
  std::vector<double> y;
  for (const std::string& model : order) {
    const Both& both = models[model];
    inverse.add(*both.inverse, true);
    ifeval.add(*both.ifeval, false);
    x.push_back(*both.inverse->overall.score);
    y.push_back(*both.ifeval->instructions->prompts.strict.score);
  }
  const std::vector<double> rank_x = midranks(x);
  const std::vector<double> rank_y = midranks(y);
  for (std::size_t i = 0; i < order.size(); ++i) {
    out.rows.push_back({safe_excerpt(order[i], kNameBytes), x[i], y[i], rank_x[i], rank_y[i]});
  }
  out.tau = kendall_tau_b(x, y);
  if (inverse.same_samples && ifeval.same_samples) {
    out.interval = rank_interval(
        kendall_tau_b, [&](Rng& rng, std::vector<double>& one, std::vector<double>& other) {
          inverse.resample(rng, one);
          ifeval.resample(rng, other);
        });
  }
  std::ranges::stable_sort(out.rows, {}, &IfevalRanks::Row::rank_inverse);
  return out;
}

std::optional<JudgeFlips> judge_flips(const std::vector<Report>& reports) {
  std::map<std::string, std::vector<std::size_t>> sets;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const RunSpec& spec = reports[i].spec;
    const std::string source = !spec.rejudged.empty()         ? "run " + spec.rejudged
                               : !spec.responses_hash.empty() ? "file " + spec.responses_hash
                                                              : "run " + reports[i].run_id;
    sets[spec.dataset_hash + ' ' + source].push_back(i);
  }
  // Recorded responses that were judged again stand under the run's id, not under their hash.
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto again = sets.find(reports[i].spec.dataset_hash + " run " + reports[i].run_id);
    if (again == sets.end() || reports[i].spec.responses_hash.empty()) continue;
    if (std::ranges::find(again->second, i) == again->second.end()) again->second.push_back(i);
  }
  JudgeFlips out;
  for (auto& [source, set] : sets) {
    if (set.size() > out.reports.size()) out.reports = set;
  }
  if (out.reports.size() < 2) return std::nullopt;
  std::ranges::sort(out.reports);
  out.pairs.resize(out.reports.size(), std::vector<JudgeFlips::Pair>(out.reports.size()));
  for (std::size_t i = 0; i < out.reports.size(); ++i) {
    const Report& first = reports[out.reports[i]];
    for (std::size_t j = 0; j < out.reports.size(); ++j) {
      const Report& second = reports[out.reports[j]];
      JudgeFlips::Pair& pair = out.pairs[i][j];
      const std::size_t samples =
          std::min(first.sample_results.size(), second.sample_results.size());
      for (std::size_t s = 0; s < samples; ++s) {
        if (!first.sample_results[s].headline) continue;
        const std::string& a = first.sample_results[s].outcomes;
        const std::string& b = second.sample_results[s].outcomes;
        for (std::size_t r = 0; r < std::min(a.size(), b.size()); ++r) {
          const auto decided = [](char outcome) { return outcome == 'p' || outcome == 'f'; };
          if (!decided(a[r]) || !decided(b[r])) continue;
          ++pair.n;
          pair.only_first += a[r] == 'p' && b[r] == 'f';
          pair.only_second += a[r] == 'f' && b[r] == 'p';
        }
      }
    }
  }
  return out;
}

std::vector<Signature> signatures_of(const std::vector<Report>& reports) {
  std::vector<Signature> out;
  for (const ThinkingPair& pair : thinking_pairs(reports)) {
    const Effect& effect = pair.comparison.overall;
    Signature one{"thinking_gap",
                  effect.difference > kWideThinkingGap,
                  effect.difference,
                  kWideThinkingGap,
                  "",
                  run_letter(pair.plain) + ' ' + run_letter(pair.thinking)};
    one.text = fmt::format("thinking adds {:.1f} points [{:.1f}, {:.1f}], {} {:.0f}",
                           effect.difference, effect.low, effect.high,
                           effect.difference > kWideThinkingGap ? "more than" : "not more than",
                           kWideThinkingGap);
    out.push_back(std::move(one));
  }
  if (const auto ranks = ifeval_ranks(reports); ranks && ranks->tau) {
    const bool best_differs = ranks->rows.front().rank_ifeval > 1.5;
    Signature one{"rank_inversion", best_differs || *ranks->tau < 0, *ranks->tau, 0, "", ""};
    one.text = fmt::format(
        "the order of {} models on IFEval and here: tau {:.2f}{}; the best here "
        "is rank {} there",
        ranks->rows.size(), *ranks->tau,
        ranks->interval
            ? fmt::format(" [{:.2f}, {:.2f}]", ranks->interval->low, ranks->interval->high)
            : std::string(),
        ranks->rows.front().rank_ifeval);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace iie
