#include "report/paper_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/string_util.h"
#include "report/paper_cells.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/side_by_side.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 80;

}  // namespace

PaperTable best_of_table(const std::vector<Report>& reports) {
  PaperTable table{"best_of", "Best of N", {}, {}, 1, ""};
  std::set<std::int64_t> all;
  std::string stars;
  for (const Report& report : reports) {
    if (!report.best_of) continue;
    for (const BestOfN& point : report.best_of->overall.points) all.insert(point.n);
    for (const BestOfCurve& curve : report.best_of->by_type) {
      for (const BestOfN& point : curve.points) all.insert(point.n);
    }
  }
  table.header = {reports.size() == 1 ? "" : "Model"};
  for (const std::int64_t n : all) table.header.push_back(fmt::format("N = {}", n));
  const auto add = [&](std::string name, const BestOfCurve& curve, bool strong) {
    if (curve.points.empty()) return;
    std::vector<PaperCell> row = {words(std::move(name), strong)};
    for (const std::int64_t n : all) {
      const auto point = std::ranges::find(curve.points, n, &BestOfN::n);
      row.push_back(point == curve.points.end()
                        ? unknown()
                        : PaperCell{format_score(point->share),
                                    ends_text(point->interval.low, point->interval.high), false});
    }
    table.rows.push_back(std::move(row));
  };
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].best_of) continue;
    add(reports.size() == 1 ? "overall" : model_of(reports, i), reports[i].best_of->overall,
        reports.size() == 1);
    if (reports.size() > 1) continue;
    for (const BestOfCurve& curve : reports[i].best_of->by_language) {
      add(safe_excerpt(curve.key, 20), curve, false);
    }
    for (const BestOfCurve& curve : reports[i].best_of->by_type) {
      add(starred(curve.key), curve, false);
    }
    stars = star_note(reports[i].best_of->by_type, &BestOfCurve::key);
  }
  if (!table.rows.empty()) {
    table.note = std::string(
                     "The share of samples of which at least one of N responses passes, estimated "
                     "without bias "
                     "from all rollouts.") +
                 stars;
  }
  return table;
}

PaperTable language_gap_table(const std::vector<Report>& reports) {
  PaperTable table{"language_gap", "English and Chinese", {}, {}, 1, ""};
  table.header = {"", "English", "Chinese", "Difference", "Pairs"};
  bool paired = false;
  bool unpaired = false;
  const auto add = [&](std::string name, const LanguageGap::Difference& gap, bool strong) {
    (gap.pairs > 0 ? paired : unpaired) = true;
    table.rows.push_back(
        {words(std::move(name), strong),
         {format_score(gap.first), "", false},
         {format_score(gap.second), "", false},
         {fmt::format("{:+.2f}", gap.difference), signed_ends(gap.low, gap.high), strong},
         gap.pairs > 0 ? count_cell(gap.pairs) : unknown()});
  };
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].language_gap) continue;
    const LanguageGap& gap = *reports[i].language_gap;
    add(reports.size() == 1 ? "overall" : model_of(reports, i), gap.overall, true);
    if (reports.size() > 1) continue;
    for (const LanguageGap::Difference& one : gap.by_type) add(one.key, one, false);
  }
  if (paired) table.note = "By pairs: the two forms of one question are one cluster.";
  if (unpaired) {
    table.note += std::string(paired ? " " : "") +
                  "Without pairs the two languages are taken as independent.";
  }
  return table;
}

PaperTable inertia_table(const std::vector<Report>& reports) {
  PaperTable table{"inertia", "Inertia: conventional twin less item", {}, {}, 1, ""};
  table.header = {"", "Item", "Twin", "Gap", "Samples"};
  std::int64_t left_out = 0;
  std::string stars;
  const auto add = [&](std::string name, const InertiaGap& gap, bool strong) {
    table.rows.push_back({words(std::move(name), strong),
                          {format_score(gap.item), "", false},
                          {format_score(gap.twin), "", false},
                          {fmt::format("{:+.2f}", gap.gap), signed_ends(gap.low, gap.high), strong},
                          count_cell(gap.samples)});
  };
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].twins) continue;
    const TwinReport& twins = *reports[i].twins;
    left_out += twins.left_out;
    if (twins.overall) {
      add(reports.size() == 1 ? "overall" : model_of(reports, i), *twins.overall, true);
    }
    if (reports.size() > 1) continue;
    for (const InertiaGap& gap : twins.by_type) add(starred(gap.key), gap, false);
    stars = star_note(twins.by_type, &InertiaGap::key);
  }
  if (!table.rows.empty()) {
    table.note =
        "Only samples with verdicts on the item and on its twin count; the two languages of a "
        "question are one cluster.";
    if (left_out > 0) {
      table.note += fmt::format(" Without: {}.", count_of(left_out, "sample"));
    }
    table.note += stars;
  }
  return table;
}

PaperTable failure_table(const std::vector<Report>& reports) {
  PaperTable table{"failures", "Why responses failed", {}, {}, 2, ""};
  std::vector<const FailureCounts*> columns;
  table.header = {"Mode", ""};
  if (reports.size() == 1) {
    const FailureReport& failures = reports.front().failures;
    if (!reports.front().has_no_overall()) {
      table.header.emplace_back("all");
      columns.push_back(&failures.overall);
    }
    for (const FailureGroup& group : failures.by_language) {
      if (failures.by_language.size() < 2) break;
      table.header.push_back(safe_excerpt(group.key, 20));
      columns.push_back(&group.counts);
    }
    for (const FailureGroup& group : failures.by_type) {
      table.header.push_back(starred(group.key));
      columns.push_back(&group.counts);
    }
    table.note = std::string(trim(star_note(failures.by_type, &FailureGroup::key)));
  } else {
    for (std::size_t i = 0; i < reports.size(); ++i) {
      table.header.push_back(run_letter(i));
      columns.push_back(&reports[i].failures.overall);
    }
  }
  const auto total = [](const FailureCounts* counts) { return counts->total(); };
  if (std::ranges::none_of(columns, [&](const auto* counts) { return total(counts) > 0; })) {
    return table;
  }
  for (std::size_t i = 0; i < kFailureModes; ++i) {
    const auto mode = static_cast<FailureMode>(i);
    if (std::ranges::all_of(columns, [&](const auto* counts) { return (*counts)[mode] == 0; })) {
      continue;
    }
    std::vector<PaperCell> row = {words(mode_text(mode)), words(std::string(describe(mode)))};
    for (const FailureCounts* counts : columns) {
      const double share = counts->total() == 0 ? 0
                                                : 100 * static_cast<double>((*counts)[mode]) /
                                                      static_cast<double>(counts->total());
      row.push_back({format_count((*counts)[mode]),
                     counts->total() == 0 ? "" : fmt::format("{:.0f} %", share), false});
    }
    table.rows.push_back(std::move(row));
  }
  std::vector<PaperCell> sum = {words("all", true), words("")};
  for (const FailureCounts* counts : columns) {
    sum.push_back({format_count(counts->total()), "", true});
  }
  table.rows.push_back(std::move(sum));
  return table;
}

PaperTable thinking_table(const std::vector<Report>& reports) {
  PaperTable table{"thinking", "Thinking against non-thinking", {}, {}, 1, ""};
  table.header = {"Model", "Less", "More", "Difference", "p", "Reasoning tokens"};
  const auto tokens = [](const ComparedSide& side) {
    return side.reasoning_tokens_per_response
               ? fmt::format("{:.0f}", *side.reasoning_tokens_per_response)
               : std::string("-");
  };
  for (const ThinkingPair& pair : thinking_pairs(reports)) {
    const Comparison& found = pair.comparison;
    table.rows.push_back({words(found.a.model),
                          {format_score(found.overall.share_a), found.a.reasoning, false},
                          {format_score(found.overall.share_b), found.b.reasoning, false},
                          {fmt::format("{:+.2f}", found.overall.difference),
                           signed_ends(found.overall.low, found.overall.high), true},
                          {p_text(found.overall.p), "", false},
                          {tokens(found.a) + " / " + tokens(found.b), "", false}});
  }
  if (!table.rows.empty()) {
    table.note = "Reasoning tokens per response, less thinking first; \"-\": not reported.";
  }
  return table;
}

PaperTable flip_table(const std::vector<Report>& reports) {
  PaperTable table{"flips", "Judges on the same responses", {}, {}, 1, ""};
  const auto flips = judge_flips(reports);
  if (!flips) return table;
  table.header = {"Judge", "Score"};
  for (const std::size_t index : flips->reports) {
    table.header.push_back("differs from " + run_letter(index));
  }
  for (std::size_t i = 0; i < flips->reports.size(); ++i) {
    const std::size_t index = flips->reports[i];
    std::vector<PaperCell> row = {
        words(run_letter(index) + "  " + safe_excerpt(reports[index].spec.judge, kNameBytes)),
        figure_cell(&reports[index].overall)};
    for (std::size_t j = 0; j < flips->reports.size(); ++j) {
      const JudgeFlips::Pair& pair = flips->pairs[i][j];
      row.push_back(
          i == j ? words("")
          : pair.n == 0
              ? unknown()
              : PaperCell{fmt::format("{:.1f} %", 100 * static_cast<double>(pair.differ()) /
                                                      static_cast<double>(pair.n)),
                          fmt::format("+{} -{}", pair.only_first, pair.only_second), false});
    }
    table.rows.push_back(std::move(row));
  }
  table.note =
      "The share of responses with opposite verdicts, of those that both judges decided; "
      "+ what the line's judge alone passes, - what the other alone passes.";
  return table;
}

PaperTable ifeval_rank_table(const std::vector<Report>& reports) {
  PaperTable table{"ifeval_ranks", "Ranks on IFEval and here", {}, {}, 1, ""};
  table.header = {"Model", "IFEval", "rank", "Inverse", "rank", "change"};
  const auto ranks = ifeval_ranks(reports);
  if (!ranks) return table;
  for (const IfevalRanks::Row& row : ranks->rows) {
    table.rows.push_back({words(row.model),
                          {format_score(row.ifeval), "", false},
                          {fmt::format("{}", row.rank_ifeval), "", false},
                          {format_score(row.inverse), "", false},
                          {fmt::format("{}", row.rank_inverse), "", false},
                          {fmt::format("{:+}", row.rank_ifeval - row.rank_inverse), "", true}});
  }
  table.note = ranks->tau ? fmt::format("Kendall's tau-b {:.2f}", *ranks->tau)
                          : std::string("Kendall's tau-b is not defined");
  if (ranks->interval) {
    table.note += fmt::format(" [{:.2f}, {:.2f}]", ranks->interval->low, ranks->interval->high);
  }
  table.note += ". IFEval: prompt level, strict. A positive change: better placed here.";
  return table;
}

PaperTable signature_table(const std::vector<Report>& reports) {
  PaperTable table{"signatures", "Signatures of over-fitted habits", {}, {}, 3, ""};
  table.header = {reports.size() == 1 ? "" : "Runs", "Signature", "What was seen"};
  const auto add = [&](std::string runs, const Signature& one) {
    table.rows.push_back({words(std::move(runs)),
                          words(one.present ? "present" : "not seen", one.present),
                          words(one.text)});
  };
  for (std::size_t i = 0; i < reports.size(); ++i) {
    for (const Signature& one : reports[i].signatures) {
      add(reports.size() == 1 ? "" : run_letter(i), one);
    }
  }
  if (reports.size() > 1) {
    for (const Signature& one : signatures_of(reports)) {
      add(one.runs.empty() ? "all" : one.runs, one);
    }
  }
  return table;
}

PaperTable effect_table(const Comparison& comparison) {
  PaperTable table{"effects", "B less A", {}, {}, 1, ""};
  const bool with_mcnemar = comparison.overall.mcnemar.has_value() ||
                            std::ranges::any_of(comparison.by_type, [](const Effect& effect) {
                              return effect.mcnemar.has_value();
                            });
  const bool with_bootstrap = comparison.overall.bootstrap.has_value();
  table.header = {"", "A", "B", "Difference", "p", "p (Holm)", "detectable"};
  if (with_bootstrap) table.header.emplace_back("bootstrap");
  if (with_mcnemar) table.header.emplace_back("McNemar");
  table.header.emplace_back("samples");
  const auto add = [&](const Effect& effect, bool strong) {
    std::vector<PaperCell> row = {
        words(starred(effect.key), strong),
        {format_score(effect.share_a), "", false},
        {format_score(effect.share_b), "", false},
        {fmt::format("{:+.2f}", effect.difference), signed_ends(effect.low, effect.high), strong},
        {p_text(effect.p), "", false},
        effect.p_holm ? words(p_text(*effect.p_holm)) : words(""),
        {fmt::format("{:.1f}", effect.smallest_detectable), "", false}};
    if (with_bootstrap) {
      row.push_back(effect.bootstrap
                        ? words(signed_ends(effect.bootstrap->low, effect.bootstrap->high))
                        : unknown());
    }
    if (with_mcnemar) {
      row.push_back(effect.mcnemar ? PaperCell{p_text(effect.mcnemar->p),
                                               fmt::format("{}:{}", effect.mcnemar->only_a,
                                                           effect.mcnemar->only_b),
                                               false}
                                   : unknown());
    }
    row.push_back(count_cell(effect.samples));
    table.rows.push_back(std::move(row));
  };
  add(comparison.overall, true);
  for (const Effect& effect : comparison.by_language) add(effect, false);
  for (const Effect& effect : comparison.by_type) add(effect, false);
  table.note = fmt::format(
      "Interval: {}; p: {}; Holm's correction over the types; detectable: what would have shown in "
      "8 of 10 such comparisons.",
      comparison.overall.method == "mover" ? "of independent shares (MOVER)"
                                           : "Student's t over samples and pairs of twins",
      comparison.overall.method == "mover" ? "score test" : "permutation test");
  table.note += star_note(comparison.by_type, &Effect::key);
  return table;
}

std::vector<PaperTable> paper_tables(const std::vector<Report>& reports, bool published) {
  std::vector<PaperTable> all = score_tables(reports, published);
  for (PaperTable& table :
       std::vector{further_table(reports), thinking_table(reports), best_of_table(reports),
                   flip_table(reports), ifeval_rank_table(reports), language_gap_table(reports),
                   inertia_table(reports), failure_table(reports), corrected_table(reports),
                   powered_table(reports), judges_table(reports), signature_table(reports)}) {
    if (!table.rows.empty()) all.push_back(std::move(table));
  }
  return all;
}

}  // namespace iie
