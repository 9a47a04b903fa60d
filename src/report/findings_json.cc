#include "report/findings_json.h"

#include <boost/json/value.hpp>
#include <cmath>

#include "base/json.h"

namespace iie {
namespace {

namespace bj = boost::json;

template <typename T, typename Write>
bj::value or_null(const std::optional<T>& value, Write write) {
  return value ? bj::value(write(*value)) : bj::value(nullptr);
}

bj::value text_or_null(const std::string& text) {
  return text.empty() ? bj::value(nullptr) : bj::value(bj::string(text));
}

bj::object write_counts(const FailureCounts& counts) {
  bj::object out;
  for (std::size_t i = 0; i < kFailureModes; ++i) {
    out.emplace(to_string(static_cast<FailureMode>(i)), counts.by_mode[i]);
  }
  return out;
}

bj::object write_curve(const BestOfCurve& curve) {
  bj::array points;
  for (const BestOfN& point : curve.points) {
    points.push_back(bj::object{{"n", point.n},
                                {"score", rounded(point.share)},
                                {"low", rounded(point.interval.low)},
                                {"high", rounded(point.interval.high)},
                                {"samples", point.samples}});
  }
  return {{"key", curve.key}, {"points", std::move(points)}};
}

bj::array write_curves(const std::vector<BestOfCurve>& curves) {
  bj::array out;
  for (const BestOfCurve& curve : curves) out.push_back(write_curve(curve));
  return out;
}

bj::object write_gap(const LanguageGap::Difference& gap) {
  return {{"key", gap.key},
          {"first", rounded(gap.first)},
          {"second", rounded(gap.second)},
          {"difference", rounded(gap.difference)},
          {"low", rounded(gap.low)},
          {"high", rounded(gap.high)},
          {"pairs", gap.pairs},
          {"method", gap.method}};
}

bj::object write_effect(const Effect& effect) {
  return {{"key", effect.key},
          {"name", effect.name},
          {"headline", effect.headline},
          {"samples", effect.samples},
          {"clusters", effect.clusters},
          {"share_a", rounded(effect.share_a)},
          {"share_b", rounded(effect.share_b)},
          {"difference", rounded(effect.difference)},
          {"low", rounded(effect.low)},
          {"high", rounded(effect.high)},
          {"method", effect.method},
          {"bootstrap", or_null(effect.bootstrap,
                                [](const Effect::Ends& ends) {
                                  return bj::object{{"low", rounded(ends.low)},
                                                    {"high", rounded(ends.high)}};
                                })},
          {"mcnemar", or_null(effect.mcnemar,
                              [](const Effect::McNemar& found) {
                                return bj::object{{"only_a", found.only_a},
                                                  {"only_b", found.only_b},
                                                  {"p", found.p}};
                              })},
          {"p", effect.p},
          {"p_holm", or_null(effect.p_holm, [](double p) { return bj::value(p); })},
          {"smallest_detectable", rounded(effect.smallest_detectable)}};
}

bj::object write_side(const ComparedSide& side) {
  return {{"model", side.model},
          {"run", text_or_null(side.run)},
          {"judge", side.judge},
          {"reasoning", text_or_null(side.reasoning)},
          {"rollouts", side.rollouts},
          {"output_tokens_per_response", or_null(side.output_tokens_per_response, rounded)},
          {"reasoning_tokens_per_response", or_null(side.reasoning_tokens_per_response, rounded)}};
}

bj::value write_score(const std::optional<CorrectedScore>& score) {
  return or_null(score, [](const CorrectedScore& found) {
    return bj::object{{"score", rounded(found.score)},
                      {"low", rounded(found.low)},
                      {"high", rounded(found.high)},
                      {"method", found.method}};
  });
}

bj::object write_sum(const CorrectedSum& sum) {
  bj::array missing;
  for (const std::string& cell : sum.missing) missing.push_back(bj::string(cell));
  return {{"key", sum.key},
          {"n", sum.n},
          {"estimate", write_score(sum.corrected)},
          {"missing", std::move(missing)}};
}

bj::object write_corrections(const CorrectedReport& found) {
  const auto sums = [](const std::vector<CorrectedSum>& all) {
    bj::array out;
    for (const CorrectedSum& sum : all) out.push_back(write_sum(sum));
    return out;
  };
  const auto write_cell = [](const CorrectedCell& cell) {
    return bj::object{{"type", cell.type},
                      {"language", cell.language},
                      {"judge", text_or_null(cell.judge)},
                      {"n", cell.n},
                      {"judged", rounded(cell.judged)},
                      {"true_pass", cell.labels.true_pass},
                      {"false_fail", cell.labels.false_fail},
                      {"true_fail", cell.labels.true_fail},
                      {"false_pass", cell.labels.false_pass},
                      {"samples", cell.samples},
                      {"sensitivity", or_null(sensitivity(cell.labels), rounded)},
                      {"specificity", or_null(specificity(cell.labels), rounded)},
                      {"estimate", write_score(cell.corrected)},
                      {"why", text_or_null(cell.why)}};
  };
  bj::object out{{"labels", found.source},
                 {"labels_hash", found.hash},
                 {"annotators", found.annotators},
                 {"level", rounded(found.level)},
                 {"overall", write_sum(found.overall)},
                 {"by_language", sums(found.by_language)}};
  put_by_type(out, found.by_type, &CorrectedSum::key, write_sum);
  put_cells(out, found.cells, write_cell);
  return out;
}

}  // namespace

bj::value write_corrected(const std::optional<CorrectedReport>& found) {
  return or_null(found, write_corrections);
}

bj::value write_powered(const std::optional<PoweredReport>& found) {
  return or_null(found, [](const PoweredReport& powered) {
    bj::object out = write_corrections(powered.by_cells);
    out.emplace("pooled", write_score(powered.pooled));
    out.emplace("labelled", powered.labelled);
    out.emplace("disputed", powered.disputed);
    out.emplace("unmatched", powered.unmatched);
    return out;
  });
}

bj::value rounded(double number) { return std::round(number * 1e4) / 1e4; }

bj::value write_best_of(const std::optional<BestOfReport>& curves) {
  return or_null(curves, [](const BestOfReport& found) {
    bj::object out{{"overall", write_curve(found.overall)},
                   {"by_language", write_curves(found.by_language)}};
    put_by_type(out, found.by_type, &BestOfCurve::key, write_curve);
    return out;
  });
}

bj::value write_language_gap(const std::optional<LanguageGap>& gap) {
  return or_null(gap, [](const LanguageGap& found) {
    bj::array types;
    for (const LanguageGap::Difference& one : found.by_type) types.push_back(write_gap(one));
    return bj::object{{"first_language", found.first_language},
                      {"second_language", found.second_language},
                      {"level", rounded(found.level)},
                      {"overall", write_gap(found.overall)},
                      {"by_type", std::move(types)}};
  });
}

bj::value write_twins(const std::optional<TwinReport>& twins) {
  return or_null(twins, [](const TwinReport& found) {
    const auto write = [](const InertiaGap& gap) {
      return bj::object{{"key", gap.key},
                        {"headline", gap.headline},
                        {"item", rounded(gap.item)},
                        {"twin", rounded(gap.twin)},
                        {"gap", rounded(gap.gap)},
                        {"low", rounded(gap.low)},
                        {"high", rounded(gap.high)},
                        {"samples", gap.samples}};
    };
    bj::object out{{"twins", found.twins},
                   {"left_out", found.left_out},
                   {"pending", found.pending},
                   {"unscored", found.unscored},
                   {"level", rounded(found.level)},
                   {"overall", found.overall ? bj::value(write(*found.overall)) : bj::value()}};
    put_by_type(out, found.by_type, &InertiaGap::key, write);
    return out;
  });
}

bj::object write_failures(const FailureReport& failures) {
  bj::object out{{"modes", write_counts(failures.overall)}};
  put_by_type(out, failures.by_type, &FailureGroup::key, [](const FailureGroup& group) {
    return bj::object{{"type", group.key}, {"modes", write_counts(group.counts)}};
  });
  bj::array languages;
  for (const FailureGroup& group : failures.by_language) {
    languages.push_back(bj::object{{"language", group.key}, {"modes", write_counts(group.counts)}});
  }
  out.emplace("by_language", std::move(languages));
  put_cells(out, failures.cells, [](const FailureReport::Cell& cell) {
    return bj::object{
        {"type", cell.type}, {"language", cell.language}, {"modes", write_counts(cell.counts)}};
  });
  bj::array examples;
  for (const auto& [mode, list] : failures.examples) {
    for (const FailureExample& example : list) {
      examples.push_back(bj::object{{"mode", to_string(mode)},
                                    {"sample", example.sample},
                                    {"rollout", example.rollout},
                                    {"reason", example.reason}});
    }
  }
  out.emplace("examples", std::move(examples));
  return out;
}

bj::array write_signatures(const std::vector<Signature>& signatures) {
  bj::array out;
  for (const Signature& one : signatures) {
    out.push_back(bj::object{{"id", one.id},
                             {"present", one.present},
                             {"value", rounded(one.value)},
                             {"threshold", rounded(one.threshold)},
                             {"text", one.text},
                             {"runs", text_or_null(one.runs)}});
  }
  return out;
}

bj::object write_comparison(const Comparison& comparison) {
  const auto effects = [](const std::vector<Effect>& all) {
    bj::array out;
    for (const Effect& effect : all) out.push_back(write_effect(effect));
    return out;
  };
  bj::array cautions;
  for (const std::string& caution : comparison.cautions) cautions.push_back(bj::string(caution));
  bj::object out{{"a", write_side(comparison.a)},
                 {"b", write_side(comparison.b)},
                 {"level", rounded(comparison.level)},
                 {"rounds", comparison.rounds},
                 {"seed", comparison.seed},
                 {"thinking_pair", comparison.thinking_pair},
                 {"only_a", comparison.only_a},
                 {"only_b", comparison.only_b},
                 {"overall", nullptr},
                 {"by_language", effects(comparison.by_language)}};
  // Nobody who reads "overall" gets anything but the benchmark's.
  out[comparison.overall.headline ? "overall" : "further"] = write_effect(comparison.overall);
  put_by_type(out, comparison.by_type, &Effect::key, write_effect);
  out.emplace("conclusion", conclusion(comparison));
  out.emplace("cautions", std::move(cautions));
  return out;
}

bj::array write_thinking_pairs(const std::vector<Report>& reports) {
  bj::array out;
  for (const ThinkingPair& pair : thinking_pairs(reports)) {
    out.push_back(write_comparison(pair.comparison));
  }
  return out;
}

bj::value write_judge_flips(const std::vector<Report>& reports) {
  return or_null(judge_flips(reports), [&](const JudgeFlips& flips) {
    bj::array pairs;
    for (std::size_t i = 0; i < flips.reports.size(); ++i) {
      for (std::size_t j = i + 1; j < flips.reports.size(); ++j) {
        const JudgeFlips::Pair& pair = flips.pairs[i][j];
        pairs.push_back(bj::object{{"a", reports[flips.reports[i]].run_id},
                                   {"b", reports[flips.reports[j]].run_id},
                                   {"n", pair.n},
                                   {"only_a", pair.only_first},
                                   {"only_b", pair.only_second}});
      }
    }
    return bj::object{{"pairs", std::move(pairs)}};
  });
}

bj::value write_ifeval_ranks(const std::vector<Report>& reports) {
  return or_null(ifeval_ranks(reports), [](const IfevalRanks& ranks) {
    bj::array rows;
    for (const IfevalRanks::Row& row : ranks.rows) {
      rows.push_back(bj::object{{"model", row.model},
                                {"inverse", rounded(row.inverse)},
                                {"ifeval", rounded(row.ifeval)},
                                {"rank_inverse", row.rank_inverse},
                                {"rank_ifeval", row.rank_ifeval}});
    }
    return bj::object{{"models", std::move(rows)},
                      {"tau", or_null(ranks.tau, rounded)},
                      {"interval", or_null(ranks.interval, [](const CorrelationInterval& interval) {
                         return bj::object{{"low", rounded(interval.low)},
                                           {"high", rounded(interval.high)},
                                           {"level", rounded(interval.level)}};
                       })}};
  });
}

}  // namespace iie
