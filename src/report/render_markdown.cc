// Markdown (GitHub's dialect). Everything that a model, a judge or a dataset wrote is escaped or
// stands in a code span: it can neither format, link, mention nor carry HTML.
#include <fmt/format.h>

#include <algorithm>

#include "base/string_util.h"
#include "report/markdown_text.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"

namespace iie {
namespace {

std::string md_cell(const Figure* figure) {
  if (figure == nullptr || !figure->score) return "-";
  return fmt::format("{} {} {}/{}", score_text(figure->score), interval_text(figure->interval),
                     figure->passed, figure->n);
}

std::string md_overall(const Report& report) {
  const Figure& overall = report.overall;
  if (const std::string none = no_overall_text(report); !none.empty()) {
    std::string out = fmt::format("**Overall: -** ({})\n", none);
    if (!report.complete) out += fmt::format("\n**Incomplete:** {}.\n", what_is_left(report));
    return out;
  }
  if (!overall.score) {
    return fmt::format("**Overall: no verdict yet** ({} pending)\n",
                       count_of(overall.pending, "rollout"));
  }
  std::string out = fmt::format(
      "**Overall {}** {} {}; n = {}: {} passed, {} failed, {} unscored", score_text(overall.score),
      interval_text(overall.interval), level_text(overall.interval->level), format_count(overall.n),
      format_count(overall.passed), format_count(overall.failed), format_count(overall.unscored));
  if (overall.unscored > 0) {
    out += fmt::format("; bounds {}-{}", format_score(overall.bounds->low),
                       format_score(overall.bounds->high));
  }
  out += '\n';
  if (!report.complete) {
    out += fmt::format("\n**Incomplete:** {}.\n", what_is_left(report));
  }
  return out;
}

std::string md_type_rows(const Report& report, const TypeRows& rows) {
  std::vector<std::string> header = {"Type"};
  for (const std::string& language : rows.languages) header.push_back(md_text(language));
  header.insert(header.end(), {"all", "unscored"});
  std::string out = md_header(header);
  for (const Group* type : rows.types) {
    std::vector<std::string> row = {
        type->name == type->key ? md_text(type->key)
                                : fmt::format("{} {}", md_text(type->key), md_text(type->name))};
    for (const std::string& language : rows.languages) {
      const Cell* cell = report.cell(type->key, language);
      row.push_back(md_cell(cell == nullptr ? nullptr : &cell->figure));
    }
    row.push_back(md_cell(&type->figure));
    row.push_back(unscored_text(type->figure));
    out += md_row(row);
  }
  return out;
}

std::string md_types(const Report& report) {
  std::string out = md_type_rows(report, headline_rows(report));
  std::vector<std::string> total = {"**overall**"};
  for (const Group& language : report.by_language) total.push_back(md_cell(&language.figure));
  total.push_back(fmt::format("**{}**", md_cell(&report.overall)));
  total.push_back(unscored_text(report.overall));
  out += md_row(total);
  return out + "\nEach cell: score, interval, passed/n.\n";
}

std::string md_further_types(const Report& report) {
  const TypeRows rows = further_rows(report);
  if (rows.types.empty()) return {};
  return fmt::format("\n## {}\n\n{}\n{} Each cell: score, interval, passed/n.\n", kFurtherTitle,
                     md_type_rows(report, rows), kFurtherNote);
}

std::string md_unscored(const Report& report, const std::vector<UnscoredCount>& counts,
                        std::string_view title) {
  if (counts.empty()) return {};
  std::string out = fmt::format("\n## {}\n\nCounted as not passed.\n\n", title);
  for (const UnscoredCount& count : counts) {
    out += fmt::format("- {}: {}. First: {} {}\n", format_count(count.count),
                       md_text(unscored_advice(count.reason, report.run_id)), md_code(count.sample),
                       md_text(count.message));
  }
  return out;
}

std::string md_instructions(const InstructionReport& report) {
  std::string out = "\n## Instructions\n\n" + md_header({"Accuracy", "strict", "loose"});
  const auto add = [&](std::string name, const InstructionFigure& figure) {
    out += md_row({std::move(name), md_cell(&figure.strict), md_cell(&figure.loose)});
  };
  add("**prompts**", report.prompts);
  add("**instructions**", report.instructions);
  for (const InstructionGroup& group : report.by_group) {
    add(fmt::format("**{}**", md_text(group.key)), group.figure);
    for (const InstructionGroup& one : report.by_id) {
      if (one.key.starts_with(group.key + ':')) add(md_code(one.key), one.figure);
    }
  }
  return out +
         "\nEach cell: accuracy, interval, followed/n. A prompt counts where all its instructions "
         "are followed; loose takes the best of eight variants of the response.\n";
}

std::string md_examples(const Report& report, int limit) {
  const std::vector<const Example*> examples = shown_examples(report, limit);
  if (examples.empty()) return {};
  std::string out = "\n## Failing examples\n\n";
  for (const Example* example : examples) {
    out += fmt::format("- {} {}, rollout {}, {}, {}, judged by {}\n", md_text(example->type),
                       md_code(example->sample), example->rollout + 1, md_text(example->language),
                       md_text(mode_text(example->failure)), md_text(example->judge));
    for (const EarlierTurn& turn : example->earlier) {
      out += fmt::format("  - {}: {}\n", md_text(turn.role), md_code(turn.text));
    }
    out += fmt::format("  - asked: {}\n", md_code(example->prompt));
    out += fmt::format("  - answered: {}\n",
                       example->response.empty() ? "(blank)" : md_code(example->response));
    out += fmt::format("  - reason: {}\n", md_text(reason_text(*example)));
    for (const BrokenCriterion& criterion : example->broken) {
      out += fmt::format("  - broken: {} {}{}{}\n", md_code(criterion.id), md_text(criterion.text),
                         criterion.text.empty() || criterion.reason.empty() ? "" : " - ",
                         md_text(criterion.reason));
    }
  }
  return out;
}

std::string md_tables(const std::vector<PaperTable>& tables) {
  std::string out;
  for (const PaperTable& table : tables) {
    if (table.rows.empty()) continue;
    out += fmt::format("\n## {}\n\n{}", md_text(table.title), md_table(table));
  }
  return out;
}

std::string md_report(const Report& report, int examples) {
  std::string out = fmt::format("# Inverse IFEval: {}\n\n", md_text(report.spec.model));
  out += md_overall(report);
  if (!only_instructions(report) && no_overall_text(report).empty()) {
    out += '\n' + md_types(report);
  }
  if (report.instructions) out += md_instructions(*report.instructions);
  out += md_further_types(report);
  out += md_unscored(report, report.unscored, "Unscored");
  out += md_unscored(report, report.further_unscored, "Unscored of further types");
  if (!report.by_domain.empty()) {
    out += "\n## Domains\n\n" + md_header({"Domain", "all", "unscored"});
    for (const Group& domain : report.by_domain) {
      out += md_row({md_text(safe_excerpt(domain.name, 80)), md_cell(&domain.figure),
                     unscored_text(domain.figure)});
    }
  }
  const std::vector<Report> alone = {report};
  out += md_tables({best_of_table(alone), language_gap_table(alone), inertia_table(alone),
                    failure_table(alone), corrected_table(alone), powered_table(alone),
                    judges_table(alone), signature_table(alone)});
  out += "\n## About this run\n\n";
  for (const Fact& fact : facts(report)) {
    out += fmt::format("- {}: {}\n", fact.label, md_text(fact.text));
  }
  return out + md_examples(report, examples);
}

std::string md_side_by_side(const std::vector<Report>& reports) {
  std::string out = "# Inverse IFEval: runs side by side\n\n";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    out += fmt::format("- **{}**: {}, run {}, judge {}\n", run_letter(i),
                       md_text(reports[i].spec.model), md_text(reports[i].run_id),
                       md_text(reports[i].spec.judge));
  }
  out += '\n';
  std::vector<std::string> header = {""};
  for (std::size_t i = 0; i < reports.size(); ++i) header.push_back(run_letter(i));
  out += md_header(header);
  bool starred = false;
  for (const ComparedSection& section : compare_runs(reports)) {
    const bool further = section.title == kFurtherTitle;
    starred = starred || further;
    for (const ComparedFigures& row : section.rows) {
      std::vector<std::string> cells = {
          (row.name == row.key || row.key == "overall"
               ? md_text(row.name)
               : fmt::format("{} {}", md_text(row.key), md_text(row.name))) +
          (further ? " \\*" : "")};
      for (const Figure* figure : row.figures) cells.push_back(md_cell(figure));
      out += md_row(cells);
    }
  }
  std::vector<std::string> unscored = {"Unscored"};
  for (const Report& report : reports) unscored.push_back(format_count(report.overall.unscored));
  out += md_row(unscored);
  out += "\nEach cell: score, interval, passed/n.";
  if (starred) out += fmt::format(" \\* {}", kFurtherNote);
  out += '\n';
  for (const std::string& caution : cautions(reports)) {
    out += fmt::format("\n> {}\n", md_text(caution));
  }
  out += md_tables({thinking_table(reports), best_of_table(reports), flip_table(reports),
                    ifeval_rank_table(reports), language_gap_table(reports), inertia_table(reports),
                    failure_table(reports), judges_table(reports), signature_table(reports)});
  for (std::size_t i = 0; i < reports.size(); ++i) {
    out += fmt::format("\n## {}: {}\n\n", run_letter(i), md_text(reports[i].spec.model));
    for (const Fact& fact : facts(reports[i])) {
      out += fmt::format("- {}: {}\n", fact.label, md_text(fact.text));
    }
  }
  return out;
}

std::string md_published(const std::vector<Report>& reports) {
  const PublishedComparison comparison = compare_with_published(reports);
  std::string out =
      fmt::format("\n## Published results\n\n{} Source: {}. {}\n", md_text(comparison.remark),
                  md_text(published_table().source), md_text(published_table().note));
  for (const PublishedComparison::Section& section : comparison.sections) {
    std::vector<std::string> header = {section.language, "overall"};
    for (const InstructionType& type : headline_types()) header.push_back(type.code);
    out += '\n' + md_header(header);
    for (const ComparedRow& row : section.rows) {
      std::vector<std::string> cells;
      cells.push_back(row.run.empty()
                          ? md_text(row.model)
                          : fmt::format("**{}** (run {})", md_text(row.model), md_text(row.run)));
      cells.push_back(score_text(row.overall));
      for (const InstructionType& type : headline_types()) {
        const auto cell = row.cells.find(type.code);
        cells.push_back(cell == row.cells.end() ? "-" : format_score(cell->second));
      }
      out += md_row(cells);
    }
  }
  return out;
}

}  // namespace

std::string render_markdown(const std::vector<Report>& reports, const RenderOptions& options) {
  std::string out =
      reports.size() == 1 ? md_report(reports.front(), options.examples) : md_side_by_side(reports);
  if (options.published) out += md_published(reports);
  return out;
}

}  // namespace iie
