#include "report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "analysis/binomial.h"
#include "analysis/paired.h"
#include "base/string_util.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 120;
constexpr double kPower = 0.8;

std::optional<double> per_call(const std::optional<TokenSum>& sum) {
  if (!sum || sum->calls == 0) return std::nullopt;
  return static_cast<double>(sum->tokens) / static_cast<double>(sum->calls);
}

ComparedSide side_of(const Report& report) {
  ComparedSide side;
  side.model = safe_excerpt(report.spec.model, kNameBytes);
  side.run = safe_excerpt(report.run_id, kNameBytes);
  side.judge = safe_excerpt(report.spec.judge, kNameBytes);
  if (report.spec.params.reasoning) side.reasoning = to_string(*report.spec.params.reasoning);
  side.rollouts = report.spec.rollouts;
  side.output_tokens_per_response = per_call(report.model_tokens.output);
  side.reasoning_tokens_per_response = per_call(report.model_tokens.reasoning);
  return side;
}

// One sample in both runs.
struct CommonSample {
  const SampleResult* a = nullptr;
  const SampleResult* b = nullptr;
};

Effect effect_of(std::string key, const std::vector<CommonSample>& samples, bool join_twins,
                 const ComparisonOptions& options) {
  Effect effect;
  effect.key = std::move(key);
  effect.name = effect.key;
  std::map<std::string, PairedCluster> clusters;
  bool single = true;
  for (const CommonSample& sample : samples) {
    if (sample.a->n == 0 || sample.b->n == 0) continue;
    ++effect.samples;
    const bool twins = join_twins && !sample.a->pair.empty();
    PairedCluster& cluster =
        clusters[twins ? "pair " + sample.a->type + '\n' + sample.a->pair : "id " + sample.a->id];
    single = single && cluster.a.n == 0;
    cluster.a.passed += sample.a->passed;
    cluster.a.n += sample.a->n;
    cluster.b.passed += sample.b->passed;
    cluster.b.n += sample.b->n;
  }
  std::vector<PairedCluster> all;
  all.reserve(clusters.size());
  for (const auto& [name, cluster] : clusters) all.push_back(cluster);
  PairedOptions paired;
  paired.level = options.level;
  paired.bootstrap_rounds = options.rounds;
  paired.permutation_rounds = options.rounds;
  paired.seed = options.seed;
  paired.power = kPower;
  const auto found = compare_paired(all, paired);
  if (!found) {
    effect.samples = 0;
    return effect;
  }
  effect.clusters = found->clusters;
  effect.share_a = 100 * found->share_a;
  effect.share_b = 100 * found->share_b;
  effect.difference = 100 * found->difference;
  effect.low = 100 * found->interval.low;
  effect.high = 100 * found->interval.high;
  effect.method = found->interval.method;
  if (found->bootstrap) {
    effect.bootstrap = Effect::Ends{100 * found->bootstrap->low, 100 * found->bootstrap->high};
  }
  if (found->mcnemar) {
    effect.mcnemar =
        Effect::McNemar{found->mcnemar->only_a, found->mcnemar->only_b, found->mcnemar->p};
  }
  effect.p = found->permutation_p;
  effect.smallest_detectable = 100 * found->smallest_detectable;
  return effect;
}

// Two families: what is asked beside the eight types must not change what is said of them.
void correct_for_types(std::vector<Effect>& by_type) {
  for (const bool headline : {true, false}) {
    std::vector<Effect*> family;
    std::vector<double> p_values;
    for (Effect& effect : by_type) {
      if (effect.headline != headline) continue;
      family.push_back(&effect);
      p_values.push_back(effect.p);
    }
    const std::vector<double> adjusted = holm(p_values);
    for (std::size_t i = 0; i < family.size(); ++i) family[i]->p_holm = adjusted[i];
  }
}

Result<void> check_judges(const Report& a, const Report& b, Comparison& out,
                          const ComparisonOptions& options) {
  std::string what;
  if (a.spec.judge != b.spec.judge) {
    what = fmt::format("by {} and by {}", safe_excerpt(a.spec.judge, kNameBytes),
                       safe_excerpt(b.spec.judge, kNameBytes));
  } else if (a.spec.judge_prompts != b.spec.judge_prompts) {
    what = "with different prompts";
  } else if (!(a.spec.judge_params == b.spec.judge_params) ||
             a.spec.judge_endpoint != b.spec.judge_endpoint) {
    what = "at different endpoints or with different parameters";
  }
  if (what.empty()) return {};
  if (!options.any_judge) {
    return fail(ErrorKind::bad_input,
                fmt::format("runs {} and {} were judged {}: the judge alone can move a score by "
                            "several points. Judge both alike, or compare all the same with "
                            "--any-judge",
                            safe_excerpt(a.run_id, 40), safe_excerpt(b.run_id, 40), what));
  }
  out.cautions.push_back(fmt::format(
      "The runs were judged {}: the judge alone can move a score by several points.", what));
  return {};
}

Result<std::vector<CommonSample>> common_samples(const Report& a, const Report& b, Comparison& out,
                                                 const ComparisonOptions& options) {
  std::map<std::string_view, const SampleResult*> of_b;
  for (const SampleResult& sample : b.sample_results) of_b.emplace(sample.hash, &sample);
  std::vector<CommonSample> common;
  for (const SampleResult& sample : a.sample_results) {
    if (const auto found = of_b.find(sample.hash); found != of_b.end()) {
      common.push_back({&sample, found->second});
    }
  }
  const auto count = static_cast<std::int64_t>(common.size());
  out.only_a = static_cast<std::int64_t>(a.sample_results.size()) - count;
  out.only_b = static_cast<std::int64_t>(b.sample_results.size()) - count;
  if (common.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("runs {} and {} have no sample in common: they answered different "
                            "questions",
                            safe_excerpt(a.run_id, 40), safe_excerpt(b.run_id, 40)));
  }
  if (out.only_a + out.only_b > 0 && !options.common_samples) {
    return fail(ErrorKind::bad_input,
                fmt::format("runs {} and {} share {} samples, but {} are only in the first and {} "
                            "only in the second: compare what they share with --common",
                            safe_excerpt(a.run_id, 40), safe_excerpt(b.run_id, 40), count,
                            out.only_a, out.only_b));
  }
  if (out.only_a + out.only_b > 0) {
    out.cautions.push_back(
        fmt::format("Compared on the {} samples that both runs have; {} are only in A, {} only in "
                    "B.",
                    format_count(count), format_count(out.only_a), format_count(out.only_b)));
  }
  return common;
}

void add_cautions(const Report& a, const Report& b, Comparison& out) {
  if (!a.complete || !b.complete) {
    out.cautions.emplace_back(
        "Not every rollout is decided: samples count with the rollouts that are.");
  }
  const auto unscored = [&](const Report& report) {
    if (out.overall.headline) return report.overall.unscored;
    std::int64_t sum = 0;
    for (const Group* type : report.further_types()) sum += type->figure.unscored;
    return sum;
  };
  if (unscored(a) + unscored(b) > 0) {
    out.cautions.push_back(
        fmt::format("Rollouts without a verdict count as not passed: {} in A, {} in B.",
                    format_count(unscored(a)), format_count(unscored(b))));
  }
  if (a.spec.params.system_prompt != b.spec.params.system_prompt) {
    out.cautions.emplace_back("The runs had different system prompts.");
  }
}

// Reports have scores by language for the headline types alone.
std::vector<std::string> languages_of(const std::vector<CommonSample>& samples) {
  std::set<std::string> found;
  for (const CommonSample& sample : samples) found.insert(sample.a->language);
  std::vector<std::string> out;
  for (const Language language : kLanguages) {
    if (found.erase(std::string(to_string(language))) > 0) out.emplace_back(to_string(language));
  }
  out.insert(out.end(), found.begin(), found.end());
  return out;
}

std::string type_name(const std::string& code) {
  const InstructionType* type = find_instruction_type(code);
  return type == nullptr ? code : type->name;
}

// Independent shares with the numbers of verdicts that they are worth.
Effect independent_effect(std::string key, double p, double n_p, double q, double n_q,
                          double level) {
  Effect effect;
  effect.key = std::move(key);
  effect.name = effect.key;
  effect.method = "mover";
  const Interval a = wilson_for_mean(p, 0, n_p, level);
  const Interval b = wilson_for_mean(q, 0, n_q, level);
  const double difference = q - p;
  effect.share_a = 100 * p;
  effect.share_b = 100 * q;
  effect.difference = 100 * difference;
  effect.low = 100 * (difference - std::hypot(q - b.low, a.high - p));
  effect.high = 100 * (difference + std::hypot(b.high - q, p - a.low));
  const double pooled = (p * n_p + q * n_q) / (n_p + n_q);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / n_p + 1 / n_q));
  effect.p = error > 0 ? std::erfc(std::abs(difference) / error / std::sqrt(2.0)) : 1;
  effect.smallest_detectable =
      100 * (normal_quantile((1 + level) / 2) + normal_quantile(kPower)) * error;
  return effect;
}

}  // namespace

Result<Comparison> compare_reports(const Report& a, const Report& b,
                                   const ComparisonOptions& options) {
  Comparison out;
  out.a = side_of(a);
  out.b = side_of(b);
  out.level = options.level;
  out.rounds = options.rounds;
  out.seed = options.seed;
  IIE_TRY(const std::vector<CommonSample> common, common_samples(a, b, out, options));
  IIE_CHECK_OK(check_judges(a, b, out, options));
  out.thinking_pair =
      a.spec.model == b.spec.model && !(a.spec.params.reasoning == b.spec.params.reasoning);

  const auto those = [&](const std::function<bool(const SampleResult&)>& take) {
    std::vector<CommonSample> some;
    for (const CommonSample& sample : common) {
      if (take(*sample.a)) some.push_back(sample);
    }
    return some;
  };
  const bool headline =
      std::ranges::any_of(common, [](const CommonSample& sample) { return sample.a->headline; });
  const auto counts = [headline](const SampleResult& sample) {
    return sample.headline == headline;
  };
  out.overall = effect_of(headline ? "overall" : "further", those(counts), true, options);
  out.overall.headline = headline;
  if (out.overall.samples == 0) {
    return fail(ErrorKind::bad_input,
                fmt::format("runs {} and {} have fewer than two questions of {} decided in both: "
                            "there is nothing to compare",
                            safe_excerpt(a.run_id, 40), safe_excerpt(b.run_id, 40),
                            headline ? "the eight headline types" : "the same further types"));
  }
  if (!headline) out.overall.name = "further types";
  add_cautions(a, b, out);
  for (const Group& type : a.by_type) {
    Effect effect = effect_of(
        type.key, those([&](const SampleResult& s) { return s.type == type.key; }), true, options);
    effect.name = type.name;
    effect.headline = type.headline;
    if (effect.samples > 0) out.by_type.push_back(std::move(effect));
  }
  correct_for_types(out.by_type);
  std::vector<std::string> languages;
  for (const Group& language : a.by_language) languages.push_back(language.key);
  if (!headline) languages = languages_of(common);
  for (const std::string& language : languages) {
    Effect effect = effect_of(
        language, those([&](const SampleResult& s) { return counts(s) && s.language == language; }),
        false, options);
    if (effect.samples > 0) out.by_language.push_back(std::move(effect));
  }
  return out;
}

Result<Comparison> compare_with_published_row(const Report& b, std::string_view name,
                                              const ComparisonOptions& options) {
  const PublishedTable& table = published_table();
  std::vector<std::string> names;
  for (const PublishedRow& row : table.rows) names.push_back(row.model);
  const auto same_name = [&](const PublishedRow& row) {
    return ascii_lower(row.model) == ascii_lower(name);
  };
  const auto known = std::ranges::find_if(table.rows, same_name);
  if (known == table.rows.end()) {
    return fail(ErrorKind::not_found, fmt::format("no published row '{}'{}", one_line(name, 60),
                                                  did_you_mean(name, names)));
  }
  const PublishedComparison comparable = compare_with_published({b});
  if (!comparable.comparable) {
    return fail(ErrorKind::bad_input,
                fmt::format("run {}: published rows are about all official questions of a "
                            "language, and this run asked others; nothing can be compared",
                            safe_excerpt(b.run_id, 40)));
  }

  Comparison out;
  out.a.model = known->model;
  out.a.judge = "paper";
  out.a.rollouts = table.rollouts;
  out.b = side_of(b);
  out.level = options.level;
  out.cautions.emplace_back(
      "The published row was judged otherwise: the judge alone can move a score by several "
      "points.");
  out.cautions.emplace_back(
      "Published rows hold no verdicts on single questions: nothing is paired, and differences "
      "must be large to show.");

  struct Sum {
    double questions = 0;
    double published = 0;  // share times questions
    double passed = 0;
    double n = 0;
    double n_effective = 0;
  };
  Sum all;
  std::map<std::string, Sum> types;
  for (const Group& language : b.by_language) {
    const auto row = std::ranges::find_if(table.rows, [&](const PublishedRow& one) {
      return same_name(one) && one.language == language.key;
    });
    if (row == table.rows.end()) {
      return fail(ErrorKind::not_found,
                  fmt::format("no published row '{}' in {}", known->model, language.key));
    }
    Sum of_language;
    for (const auto& [code, questions] : table.samples) {
      const Cell* cell = b.cell(code, language.key);
      if (cell == nullptr || !cell->figure.interval) continue;
      Sum one;
      one.questions = questions;
      one.published = row->cells.at(code) / 100 * questions;
      one.passed = static_cast<double>(cell->figure.passed);
      one.n = static_cast<double>(cell->figure.n);
      one.n_effective = cell->figure.interval->n_effective;
      for (Sum* sum : {&all, &of_language, &types[code]}) {
        sum->questions += one.questions;
        sum->published += one.published;
        sum->passed += one.passed;
        sum->n += one.n;
        sum->n_effective += one.n_effective;
      }
    }
    if (of_language.n == 0) continue;
    Effect effect = independent_effect(language.key, of_language.published / of_language.questions,
                                       of_language.questions, of_language.passed / of_language.n,
                                       of_language.n_effective, options.level);
    effect.samples = static_cast<std::int64_t>(of_language.questions);
    out.by_language.push_back(std::move(effect));
  }
  const auto effect_of_sum = [&](std::string key, const Sum& sum) {
    Effect effect = independent_effect(std::move(key), sum.published / sum.questions, sum.questions,
                                       sum.passed / sum.n, sum.n_effective, options.level);
    effect.samples = static_cast<std::int64_t>(sum.questions);
    return effect;
  };
  if (all.n == 0) {
    return fail(ErrorKind::bad_input,
                fmt::format("run {}: nothing is decided yet", safe_excerpt(b.run_id, 40)));
  }
  out.overall = effect_of_sum("overall", all);
  for (const InstructionType& type : headline_types()) {
    const auto sum = types.find(type.code);
    if (sum == types.end() || sum->second.n == 0) continue;
    out.by_type.push_back(effect_of_sum(type.code, sum->second));
    out.by_type.back().name = type_name(type.code);
  }
  correct_for_types(out.by_type);
  return out;
}

namespace {

std::string better(const Comparison& comparison) {
  const Effect& overall = comparison.overall;
  const std::string interval = fmt::format("[{:+.1f}, {:+.1f}]", overall.low, overall.high);
  const bool zero_inside = overall.low <= 0 && overall.high >= 0;
  const std::string p = p_text(overall.p);
  const std::string p_clause = p.starts_with('<') ? "p " + p : "p = " + p;
  if (zero_inside) {
    return fmt::format(
        "No difference shown: B less A is {:+.2f} {}, {}. A difference of {:.1f} points would "
        "have shown in 8 of 10 such comparisons.",
        overall.difference, interval, p_clause, overall.smallest_detectable);
  }
  return fmt::format("{} is better by {:.2f} points: B less A is {:+.2f} {}, {}.",
                     overall.difference > 0 ? "B" : "A", std::abs(overall.difference),
                     overall.difference, interval, p_clause);
}

}  // namespace

std::string conclusion(const Comparison& comparison) {
  if (comparison.overall.headline) return better(comparison);
  return "Further types alone, which are in no overall score of the benchmark. " +
         better(comparison);
}

}  // namespace iie
