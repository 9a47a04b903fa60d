#include "report/paper_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "base/string_util.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"
#include "report/side_by_side.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 80;

std::string ends_text(double low, double high) {
  return fmt::format("[{:.1f}, {:.1f}]", low, high);
}
std::string signed_ends(double low, double high) {
  return fmt::format("[{:+.1f}, {:+.1f}]", low, high);
}

PaperCell words(std::string text, bool strong = false) { return {std::move(text), "", strong}; }
PaperCell unknown() { return {"-", "", false}; }
PaperCell count_cell(std::int64_t count) { return {format_count(count), "", false}; }

PaperCell figure_cell(const Figure* figure) {
  if (figure == nullptr || !figure->score) return unknown();
  return {score_text(figure->score), interval_text(figure->interval), false};
}

// "A openai:gpt-4.1": with several runs the letter comes first.
std::string model_of(const std::vector<Report>& reports, std::size_t index) {
  const std::string model = safe_excerpt(reports[index].spec.model, kNameBytes);
  return reports.size() == 1 ? model : run_letter(index) + "  " + model;
}

const Figure* language_figure(const Report& report, std::string_view language) {
  const auto it = std::ranges::find(report.by_language, language, &Group::key);
  return it == report.by_language.end() ? nullptr : &it->figure;
}

// Types that any report has, in order: those of the headline, or the further ones.
std::vector<std::string> types_of(const std::vector<Report>& reports, bool headline) {
  std::vector<std::string> out;
  std::set<std::string> found;
  for (const Report& report : reports) {
    for (const Group& type : report.by_type) {
      if (type.headline == headline) found.insert(type.key);
    }
  }
  found.erase(std::string(kNoKey));
  for (const InstructionType& type : instruction_types()) {
    if (found.erase(type.code) > 0) out.push_back(type.code);
  }
  out.insert(out.end(), found.begin(), found.end());
  return out;
}

std::string type_note(const std::vector<std::string>& types) {
  std::string note;
  for (const std::string& code : types) {
    const InstructionType* type = find_instruction_type(code);
    if (type == nullptr) continue;
    note += fmt::format("{}{}: {}", note.empty() ? "" : "; ", code, type->name);
  }
  return note.empty() ? note : note + '.';
}

// Behind the code of a further type in tables that list it with the eight.
std::string starred(std::string_view type) {
  return safe_excerpt(type, 20) + (is_headline(type) ? "" : "*");
}

// For the note of such a table; empty where no further type stands in it.
template <typename Item, typename Key>
std::string star_note(const std::vector<Item>& items, Key key) {
  const bool any = std::ranges::any_of(
      items, [&](const Item& item) { return !is_headline(std::invoke(key, item)); });
  return any ? " *: a further type, in no overall." : "";
}

}  // namespace

std::vector<PaperTable> score_tables(const std::vector<Report>& reports, bool published) {
  const std::vector<std::string> types = types_of(reports, true);
  std::vector<PaperTable> out;
  if (types.empty()) return out;
  std::vector<std::string> languages;
  for (const Report& report : reports) {
    for (const Group& language : report.by_language) {
      if (std::ranges::find(languages, language.key) == languages.end()) {
        languages.push_back(language.key);
      }
    }
  }
  std::optional<PublishedComparison> comparison;
  if (published) comparison = compare_with_published(reports);
  for (const std::string& language : languages) {
    PaperTable table;
    table.id = "scores_" + (language == kNoKey ? std::string("none") : language);
    table.title = "Scores, " + (language == kNoKey ? std::string("no language") : language);
    table.header = {"Model", "Overall"};
    table.header.insert(table.header.end(), types.begin(), types.end());
    const auto own_row = [&](std::size_t index) {
      const Report& report = reports[index];
      std::vector<PaperCell> row = {words(model_of(reports, index), published),
                                    figure_cell(language_figure(report, language))};
      for (const std::string& type : types) {
        const Cell* cell = report.cell(type, language);
        row.push_back(figure_cell(cell == nullptr ? nullptr : &cell->figure));
      }
      return row;
    };
    const auto section = !comparison ? std::vector<PublishedComparison::Section>::const_iterator{}
                                     : std::ranges::find(comparison->sections, language,
                                                         &PublishedComparison::Section::language);
    if (comparison && section != comparison->sections.end()) {
      for (const ComparedRow& row : section->rows) {
        if (!row.run.empty()) {
          const auto own = std::ranges::find(reports, row.run, &Report::run_id);
          table.rows.push_back(own_row(static_cast<std::size_t>(own - reports.begin())));
          continue;
        }
        std::vector<PaperCell> cells = {
            words(row.model), row.overall ? words(format_score(*row.overall)) : unknown()};
        for (const std::string& type : types) {
          const auto cell = row.cells.find(type);
          cells.push_back(cell == row.cells.end() ? unknown() : words(format_score(cell->second)));
        }
        table.rows.push_back(std::move(cells));
      }
      table.note = comparison->remark + " Published: " + published_table().source + ". ";
    } else {
      for (std::size_t i = 0; i < reports.size(); ++i) {
        if (language_figure(reports[i], language) != nullptr) table.rows.push_back(own_row(i));
      }
    }
    table.note += type_note(types);
    out.push_back(std::move(table));
  }
  return out;
}

PaperTable further_table(const std::vector<Report>& reports) {
  PaperTable table{"further_types", std::string(kFurtherTitle), {}, {}, 1, ""};
  const std::vector<std::string> types = types_of(reports, false);
  if (types.empty()) return table;
  if (reports.size() > 1) {
    table.header = {"Model"};
    table.header.insert(table.header.end(), types.begin(), types.end());
    for (std::size_t i = 0; i < reports.size(); ++i) {
      std::vector<PaperCell> row = {words(model_of(reports, i))};
      for (const std::string& type : types) {
        const auto it = std::ranges::find(reports[i].by_type, type, &Group::key);
        row.push_back(figure_cell(it == reports[i].by_type.end() ? nullptr : &it->figure));
      }
      table.rows.push_back(std::move(row));
    }
  } else {
    const Report& report = reports.front();
    const TypeRows rows = further_rows(report);
    table.header = {"Type"};
    for (const std::string& language : rows.languages) {
      table.header.push_back(safe_excerpt(language, 20));
    }
    table.header.insert(table.header.end(), {"all", "passed", "n", "unscored"});
    for (const Group* type : rows.types) {
      std::vector<PaperCell> row = {words(type->key)};
      for (const std::string& language : rows.languages) {
        const Cell* cell = report.cell(type->key, language);
        row.push_back(figure_cell(cell == nullptr ? nullptr : &cell->figure));
      }
      row.push_back(figure_cell(&type->figure));
      row.back().strong = true;
      for (const std::int64_t count :
           {type->figure.passed, type->figure.n, type->figure.unscored}) {
        row.push_back(count_cell(count));
      }
      table.rows.push_back(std::move(row));
    }
  }
  table.note = fmt::format("{} {}", kFurtherNote, type_note(types));
  return table;
}

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

namespace {

std::string rate_text(std::optional<double> rate) {
  return rate ? fmt::format("{:.2f}", *rate) : std::string("-");
}

void add_corrected(PaperTable& table, const std::string& prefix, const CorrectedReport& found,
                   const Report& report) {
  const auto estimate = [](const std::optional<CorrectedScore>& score, bool strong) {
    return score ? PaperCell{format_score(score->score), ends_text(score->low, score->high), strong}
                 : unknown();
  };
  const auto add_sum = [&](const CorrectedSum& sum, const Figure* judged, bool strong) {
    std::string why;
    if (!sum.missing.empty()) {
      why = fmt::format("no estimate for {}", fmt::join(sum.missing, ", "));
    }
    table.rows.push_back({words(prefix + starred(sum.key), strong), figure_cell(judged),
                          estimate(sum.corrected, strong), words(""), words(""), words(""),
                          words(std::move(why))});
  };
  add_sum(found.overall, &report.overall, true);
  for (const CorrectedSum& sum : found.by_language) {
    add_sum(sum, language_figure(report, sum.key), false);
  }
  for (const CorrectedSum& sum : found.by_type) {
    const auto type = std::ranges::find(report.by_type, sum.key, &Group::key);
    add_sum(sum, type == report.by_type.end() ? nullptr : &type->figure, false);
  }
  for (const CorrectedCell& cell : found.cells) {
    table.rows.push_back({words(prefix + starred(cell.type) + ' ' + cell.language),
                          words(format_score(cell.judged)), estimate(cell.corrected, false),
                          count_cell(cell.labels.n()), words(rate_text(sensitivity(cell.labels))),
                          words(rate_text(specificity(cell.labels))), words(cell.why)});
  }
}

PaperTable empty_corrected_table(std::string id, std::string title) {
  PaperTable table{std::move(id), std::move(title), {}, {}, 1, ""};
  table.header = {"", "As judged", "Corrected", "Labels", "Sensitivity", "Specificity", ""};
  return table;
}

std::string source_text(const CorrectedReport& found) {
  return fmt::format("Labels: {} (hash {}){}.", found.source, found.hash.substr(0, 12),
                     found.annotators > 0
                         ? fmt::format(", {}", count_of(found.annotators, "annotator"))
                         : std::string());
}

}  // namespace

PaperTable corrected_table(const std::vector<Report>& reports) {
  PaperTable table = empty_corrected_table("corrected", "Corrected for the judge's error");
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].corrected) continue;
    add_corrected(table, reports.size() == 1 ? "" : run_letter(i) + "  ", *reports[i].corrected,
                  reports[i]);
    table.note =
        "What people would have passed, by the judge's sensitivity and specificity on "
        "labelled responses; intervals carry both samplings. A sum over a cell without an "
        "estimate has none. " +
        source_text(*reports[i].corrected) +
        star_note(reports[i].corrected->cells, &CorrectedCell::type);
  }
  return table;
}

PaperTable powered_table(const std::vector<Report>& reports) {
  PaperTable table = empty_corrected_table("powered", "By people's labels on this run");
  for (const Report& report : reports) {
    if (!report.powered) continue;
    const PoweredReport& found = *report.powered;
    add_corrected(table, "", found.by_cells, report);
    if (found.pooled) {
      table.rows.push_back({words("all cells at once"),
                            figure_cell(&report.overall),
                            {format_score(found.pooled->score),
                             ends_text(found.pooled->low, found.pooled->high), false},
                            count_cell(found.labelled - found.disputed),
                            words(""),
                            words(""),
                            words("right if what was labelled was chosen at random from the run")});
    }
    table.note =
        "Prediction-powered: people's labels on a random part, the judge's verdicts on the "
        "rest. " +
        source_text(found.by_cells) + star_note(found.by_cells.cells, &CorrectedCell::type);
    if (found.unmatched > 0) {
      table.note += fmt::format(" {} of texts that this run does not have, not used.",
                                count_of(found.unmatched, "label"));
    }
    if (found.disputed > 0) {
      table.note +=
          fmt::format(" {} without a majority, not used.", count_of(found.disputed, "response"));
    }
  }
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
                   powered_table(reports), signature_table(reports)}) {
    if (!table.rows.empty()) all.push_back(std::move(table));
  }
  return all;
}

}  // namespace iie
