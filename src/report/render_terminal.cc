// The report on a terminal. The score comes first; then where it comes from, what is missing from
// it, who judged it, and what failed.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"
#include "report/side_by_side.h"
#include "report/table.h"

namespace iie {
namespace {

constexpr std::size_t kMinWidth = 40;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kLabel = 9;  // "Unscored" and a space

class Page {
 public:
  explicit Page(const RenderOptions& options)
      : colour(options.colour),
        width(std::max(kMinWidth, static_cast<std::size_t>(std::max(options.width, 0)))) {}

  const bool colour;
  const std::size_t width;
  std::string out;

  void line(const StyledText& text) { out += paint(text, colour) + '\n'; }
  void blank() { out += '\n'; }
  void title(std::string text) { line({{std::move(text), Style::bold}}); }
  void table(const Table& table) { out += table.text(kIndent, colour); }

  // A label in its own column, the text wrapped behind it.
  void labelled(std::string_view label, std::string_view text, std::size_t indent,
                std::size_t label_width, Style style = Style::plain, std::size_t max_lines = 8) {
    const std::size_t start = indent + label_width;
    std::string head = std::string(indent, ' ') + pad_right(label, label_width);
    for (const std::string& part : wrap(text, width - start, max_lines)) {
      line({{std::exchange(head, std::string(start, ' ')), Style::dim}, {part, style}});
    }
  }
  void paragraph(std::string_view text, Style style = Style::plain) {
    for (const std::string& part : wrap(text, width - kIndent, 8)) {
      line({{std::string(kIndent, ' ')}, {part, style}});
    }
  }
};

enum class Detail { score, counts, interval };

// A column of figures whose parts (score, interval, passed/n) stand under each other.
class FigureColumn {
 public:
  FigureColumn(std::vector<const Figure*> figures, Detail detail)
      : figures_(std::move(figures)), detail_(detail) {
    for (const Figure* figure : figures_) {
      const Parts parts = parts_of(figure);
      interval_width_ = std::max(interval_width_, parts.interval.size());
      counts_width_ = std::max(counts_width_, parts.counts.size());
    }
  }

  StyledText cell(std::size_t row, Style style) const {
    const Parts parts = parts_of(figures_[row]);
    StyledText text = {{pad_left(parts.score, 6), style}};
    if (detail_ == Detail::interval) {
      text.push_back({" " + pad_left(parts.interval, interval_width_), Style::dim});
    }
    if (detail_ != Detail::score) text.push_back({" " + pad_left(parts.counts, counts_width_)});
    return text;
  }

 private:
  struct Parts {
    std::string score;
    std::string interval;
    std::string counts;
  };
  static Parts parts_of(const Figure* figure) {
    if (figure == nullptr || !figure->score) return {"-", "", ""};
    return {score_text(figure->score), interval_text(figure->interval),
            fmt::format("{}/{}", figure->passed, figure->n)};
  }

  std::vector<const Figure*> figures_;
  Detail detail_;
  std::size_t interval_width_ = 0;
  std::size_t counts_width_ = 0;
};

StyledText count_cell(std::int64_t count) {
  return {{count == 0 ? "" : format_count(count), Style::warn}};
}

// Types down, languages across. `total` adds the line that the headline types come to; `names`
// writes types out instead of only their codes.
Table type_table(const Report& report, const TypeRows& rows, bool total, bool names,
                 Detail language_detail) {
  std::vector<FigureColumn> columns;
  std::vector<std::string> titles;
  if (rows.languages.size() > 1) {
    for (const std::string& language : rows.languages) {
      std::vector<const Figure*> figures;
      for (const Group* type : rows.types) {
        const Cell* cell = report.cell(type->key, language);
        figures.push_back(cell == nullptr ? nullptr : &cell->figure);
      }
      if (total) {
        figures.push_back(&std::ranges::find(report.by_language, language, &Group::key)->figure);
      }
      columns.emplace_back(std::move(figures), language_detail);
      titles.push_back(language);
    }
  }
  std::vector<const Figure*> figures;
  for (const Group* type : rows.types) figures.push_back(&type->figure);
  if (total) figures.push_back(&report.overall);
  columns.emplace_back(std::move(figures), Detail::interval);
  titles.push_back(rows.languages.size() == 1 ? rows.languages[0] : "all");

  const auto any = [&](std::int64_t Figure::* count) {
    return std::ranges::any_of(rows.types,
                               [&](const Group* type) { return type->figure.*count > 0; });
  };
  using Extra = StyledText (*)(const Figure&);
  std::vector<std::pair<std::string, Extra>> extras;
  if (any(&Figure::unscored)) {
    extras.emplace_back("unscored", [](const Figure& f) { return count_cell(f.unscored); });
    extras.emplace_back("at most", [](const Figure& f) { return StyledText{{at_most_text(f)}}; });
  }
  if (any(&Figure::pending)) {
    extras.emplace_back("pending", [](const Figure& f) { return count_cell(f.pending); });
  }

  std::vector<Align> aligns = {Align::left};
  std::vector<StyledText> header = {{{"Type", Style::dim}}};
  if (names) {
    aligns.push_back(Align::left);
    header.push_back({});
  }
  for (const std::string& title : titles) {
    aligns.push_back(Align::left);
    header.push_back({{" " + safe_excerpt(title, 20), Style::dim}});
  }
  for (const auto& [title, cell] : extras) {
    aligns.push_back(Align::right);
    header.push_back({{title, Style::dim}});
  }
  Table table(std::move(aligns));
  table.add(std::move(header));
  for (std::size_t row = 0; row < rows.types.size() + (total ? 1 : 0); ++row) {
    const bool last = row == rows.types.size();
    if (last) table.add_rule();
    const Group* type = last ? nullptr : rows.types[row];
    std::vector<StyledText> cells;
    cells.push_back(
        {{last ? "all" : safe_excerpt(type->key, 20), last ? Style::bold : Style::plain}});
    if (names) cells.push_back({{last || type->name == type->key ? "" : type->name}});
    for (const FigureColumn& column : columns) cells.push_back(column.cell(row, Style::bold));
    for (const auto& [title, cell] : extras) {
      cells.push_back(cell(last ? report.overall : type->figure));
    }
    table.add(std::move(cells));
  }
  return table;
}

// Codes and names, down first; two columns where they fit.
Table legend_table(const std::vector<const Group*>& types, std::size_t width) {
  constexpr std::size_t kTwoColumns = 80;
  const std::size_t across = width >= kTwoColumns && types.size() > 1 ? 2 : 1;
  const std::size_t down = (types.size() + across - 1) / across;
  Table table(std::vector<Align>(2 * across, Align::left));
  for (std::size_t row = 0; row < down; ++row) {
    std::vector<StyledText> cells;
    for (std::size_t column = 0; column < across; ++column) {
      const std::size_t index = column * down + row;
      const Group* type = index < types.size() ? types[index] : nullptr;
      cells.push_back({{type == nullptr ? "" : type->key, Style::dim}});
      cells.push_back({{type == nullptr ? "" : type->name, Style::dim}});
    }
    table.add(std::move(cells));
  }
  return table;
}

void add_type_table(Page& page, const Report& report, const TypeRows& rows, bool total) {
  bool names = true;
  Table table = type_table(report, rows, total, true, Detail::interval);
  for (const Detail detail : {Detail::interval, Detail::counts, Detail::score}) {
    if (table.width() + kIndent <= page.width) break;
    names = false;
    table = type_table(report, rows, total, false, detail);
  }
  page.table(table);

  std::vector<const Group*> legend;
  for (const Group* type : rows.types) {
    if (!names && type->name != type->key) legend.push_back(type);
  }
  if (legend.empty()) return;
  page.blank();
  page.table(legend_table(legend, page.width));
}

void add_further_types(Page& page, const Report& report) {
  const TypeRows rows = further_rows(report);
  if (rows.types.empty()) return;
  if (!report.has_no_overall()) page.blank();  // else nothing stands above
  page.title(std::string(kFurtherTitle));
  add_type_table(page, report, rows, false);
  page.paragraph(kFurtherNote, Style::dim);
}

StyledText overall_line(const Report& report) {
  const Figure& overall = report.overall;
  if (const std::string none = no_overall_text(report); !none.empty()) {
    return {{"Overall  "}, {"-", Style::bold}, {"  " + none}};
  }
  if (!overall.score) {
    return {{"Overall  "},
            {"-", Style::bold},
            {fmt::format("  no verdict yet ({} pending)", count_of(overall.pending, "rollout"))}};
  }
  StyledText line = {{"Overall  "},
                     {score_text(overall.score), Style::bold},
                     {fmt::format("  {} {}", interval_text(overall.interval),
                                  level_text(overall.interval->level))},
                     {fmt::format("  (n = {}", format_count(overall.n)), Style::dim}};
  if (overall.unscored > 0) {
    line.push_back({", ", Style::dim});
    line.push_back({fmt::format("{} unscored", format_count(overall.unscored)), Style::warn});
    line.push_back({fmt::format("; bounds {}-{}", format_score(overall.bounds->low),
                                format_score(overall.bounds->high)),
                    Style::dim});
  }
  line.push_back({")", Style::dim});
  return line;
}

// The four accuracies, then every group of instructions with those that it has.
Table instruction_table(const InstructionReport& report, Detail detail) {
  struct Row {
    std::string name;
    const InstructionFigure* figure;
    Style style;
  };
  std::vector<Row> rows = {{"prompts", &report.prompts, Style::bold},
                           {"instructions", &report.instructions, Style::bold}};
  for (const InstructionGroup& group : report.by_group) {
    rows.push_back({fit_columns(group.key, 34), &group.figure, Style::plain});
    const std::string prefix = group.key + ':';
    for (const InstructionGroup& one : report.by_id) {
      if (!one.key.starts_with(prefix)) continue;
      rows.push_back(
          {"  " + fit_columns(one.key.substr(prefix.size()), 32), &one.figure, Style::dim});
    }
  }
  std::vector<const Figure*> strict;
  std::vector<const Figure*> loose;
  for (const Row& row : rows) {
    strict.push_back(&row.figure->strict);
    loose.push_back(&row.figure->loose);
  }
  const FigureColumn strict_column(std::move(strict), detail);
  const FigureColumn loose_column(std::move(loose), detail);
  Table table({Align::left, Align::left, Align::left});
  table.add({{{"Accuracy", Style::dim}}, {{" strict", Style::dim}}, {{" loose", Style::dim}}});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 2) table.add_rule();
    const Style style = rows[i].style == Style::dim ? Style::plain : Style::bold;
    table.add({{{rows[i].name, rows[i].style}},
               strict_column.cell(i, style),
               loose_column.cell(i, style)});
  }
  return table;
}

void add_instructions(Page& page, const InstructionReport& report) {
  Table table = instruction_table(report, Detail::interval);
  for (const Detail detail : {Detail::counts, Detail::score}) {
    if (table.width() + kIndent <= page.width) break;
    table = instruction_table(report, detail);
  }
  page.table(table);
}

void add_unscored(Page& page, const Report& report, const std::vector<UnscoredCount>& counts,
                  std::string_view title) {
  if (counts.empty()) return;
  page.blank();
  page.line({{std::string(title), Style::bold}, {"  counted as not passed", Style::dim}});
  for (const UnscoredCount& count : counts) {
    page.labelled(pad_left(format_count(count.count), 5),
                  unscored_advice(count.reason, report.run_id), kIndent, 7, Style::warn);
    page.labelled("", fmt::format("first: {}: {}", count.sample, count.message), kIndent, 7,
                  Style::dim, 2);
  }
}

void add_signatures(Page& page, const std::vector<Signature>& signatures) {
  for (const Signature& signature : signatures) {
    if (signature.present) page.labelled("Note", signature.text, 0, kLabel, Style::warn);
  }
}

// What the rollouts show beyond the score, a line each.
void add_findings(Page& page, const Report& report) {
  if (report.best_of && !report.best_of->overall.points.empty())
    page.labelled("Best", curve_text(report.best_of->overall), 0, kLabel);
  if (report.language_gap) page.labelled("Gap", gap_text(*report.language_gap), 0, kLabel);
  if (report.corrected) {
    page.labelled("Correct", corrected_text(*report.corrected), 0, kLabel);
  }
  if (report.powered) page.labelled("Labels", powered_text(*report.powered), 0, kLabel);
  const std::string failures = failures_text(report.failures.overall);
  if (!failures.empty()) page.labelled("Failed", failures, 0, kLabel);
  add_signatures(page, report.signatures);
}

void add_facts(Page& page, const Report& report) {
  for (const Fact& fact : facts(report)) page.labelled(fact.label, fact.text, 0, kLabel);
}

void add_examples(Page& page, const Report& report, int limit) {
  constexpr std::size_t kField = 10;
  constexpr std::size_t kBrokenShown = 3;
  const std::vector<const Example*> examples = shown_examples(report, limit);
  if (examples.empty()) return;
  page.blank();
  page.line(
      {{"Failures", Style::bold}, {fmt::format("  up to {} of each type", limit), Style::dim}});
  for (const Example* example : examples) {
    page.line({{"  " + safe_excerpt(example->type, 20) + "  ", Style::bad},
               {example->sample, Style::bold},
               {fmt::format("  rollout {}, {}, {}, judged by {}", example->rollout + 1,
                            example->language, mode_text(example->failure), example->judge),
                Style::dim}});
    for (const EarlierTurn& turn : example->earlier) {
      page.labelled(turn.role, turn.text, 6, kField, Style::dim, 2);
    }
    page.labelled("asked", example->prompt, 6, kField, Style::plain, 2);
    page.labelled("answered", example->response.empty() ? "(blank)" : example->response, 6, kField,
                  Style::plain, 2);
    page.labelled("reason", reason_text(*example), 6, kField, Style::plain, 3);
    for (std::size_t i = 0; i < example->broken.size(); ++i) {
      if (i == kBrokenShown) {
        page.labelled("", fmt::format("and {} more", example->broken.size() - i), 6, kField,
                      Style::dim);
        break;
      }
      const BrokenCriterion& broken = example->broken[i];
      page.labelled(
          i == 0 ? "broken" : "",
          fmt::format("{}: {}", broken.id, broken.text.empty() ? broken.reason : broken.text), 6,
          kField, Style::plain, 2);
    }
  }
}

void add_report(Page& page, const Report& report, int examples) {
  page.line(
      {{"Inverse IFEval  ", Style::dim}, {safe_excerpt(report.spec.model, 160), Style::bold}});
  page.blank();
  page.line(overall_line(report));
  if (!report.complete) {
    page.labelled("",
                  fmt::format("incomplete: {}; continue with inverse-ifeval resume {}",
                              what_is_left(report), report.run_id),
                  0, kLabel, Style::warn);
  }
  page.blank();
  if (!only_instructions(report)) {
    if (no_overall_text(report).empty()) {
      add_type_table(page, report, headline_rows(report), true);
    }
    if (report.instructions) page.blank();
  }
  if (report.instructions) add_instructions(page, *report.instructions);
  add_further_types(page, report);
  if (const PaperTable table = inertia_table({report}); !table.rows.empty()) {
    page.blank();
    page.title(table.title);
    page.out += terminal_table(table, page.width, page.colour);
    page.paragraph(table.note, Style::dim);
  }
  add_unscored(page, report, report.unscored, "Unscored");
  add_unscored(page, report, report.further_unscored, "Unscored of further types");
  page.blank();
  add_findings(page, report);
  add_facts(page, report);
  const std::vector<Report> alone = {report};
  for (const PaperTable& table :
       {judges_table(alone), corrected_table(alone), powered_table(alone)}) {
    if (table.rows.empty()) continue;
    page.blank();
    page.title(table.title);
    page.out += terminal_table(table, page.width, page.colour);
    page.paragraph(table.note, Style::dim);
  }
  add_examples(page, report, examples);
}

// Figures down, runs [first, end) across.
Table runs_table(const std::vector<Report>& reports, const std::vector<ComparedSection>& sections,
                 std::size_t first, std::size_t end) {
  std::vector<FigureColumn> columns;
  for (std::size_t run = first; run < end; ++run) {
    std::vector<const Figure*> figures;
    for (const ComparedSection& section : sections) {
      for (const ComparedFigures& row : section.rows) figures.push_back(row.figures[run]);
    }
    columns.emplace_back(std::move(figures), Detail::interval);
  }
  std::vector<Align> aligns(1 + end - first, Align::left);
  Table table(std::move(aligns));
  std::vector<StyledText> header(1);
  for (std::size_t run = first; run < end; ++run) {
    header.push_back({{"   " + run_letter(run), Style::bold}});
  }
  table.add(std::move(header));
  std::size_t index = 0;
  for (const ComparedSection& section : sections) {
    if (index > 0) table.add_rule();
    for (const ComparedFigures& row : section.rows) {
      std::vector<StyledText> cells;
      const std::string star = is_headline(row.key) ? "" : "*";
      cells.push_back({{index == 0 ? row.name : safe_excerpt(row.key, 20) + star,
                        index == 0 ? Style::bold : Style::plain}});
      for (const FigureColumn& column : columns) cells.push_back(column.cell(index, Style::bold));
      table.add(std::move(cells));
      ++index;
    }
  }
  table.add_rule();
  std::vector<StyledText> unscored = {{{"unscored"}}};
  for (std::size_t run = first; run < end; ++run) {
    const std::int64_t count = reports[run].overall.unscored;
    unscored.push_back({{pad_left(format_count(count), 6), count > 0 ? Style::warn : Style::dim}});
  }
  table.add(std::move(unscored));
  return table;
}

void add_side_by_side(Page& page, const std::vector<Report>& reports) {
  page.line({{"Inverse IFEval  ", Style::dim}, {"runs side by side", Style::bold}});
  page.blank();
  for (std::size_t run = 0; run < reports.size(); ++run) {
    const Report& report = reports[run];
    page.labelled(
        run_letter(run),
        fmt::format("{}; run {}; judge {}; dataset {}{}", safe_excerpt(report.spec.model, 160),
                    safe_excerpt(report.run_id, 40), safe_excerpt(report.spec.judge, 80),
                    safe_excerpt(report.spec.dataset, 80), report.complete ? "" : "; incomplete"),
        kIndent, 4);
  }
  const std::vector<ComparedSection> sections = compare_runs(reports);
  for (std::size_t first = 0; first < reports.size();) {
    std::size_t end = first + 1;
    while (end < reports.size() &&
           runs_table(reports, sections, first, end + 1).width() + kIndent <= page.width) {
      ++end;
    }
    page.blank();
    page.table(runs_table(reports, sections, first, end));
    first = end;
  }
  if (sections.back().title == kFurtherTitle) {
    page.paragraph(fmt::format("* {}", kFurtherNote), Style::dim);
  }
  for (const PaperTable& table :
       {thinking_table(reports), best_of_table(reports), flip_table(reports),
        ifeval_rank_table(reports), language_gap_table(reports), inertia_table(reports),
        failure_table(reports)}) {
    if (table.rows.empty()) continue;
    page.blank();
    page.title(table.title);
    page.out += terminal_table(table, page.width, page.colour);
    if (!table.note.empty()) page.paragraph(table.note, Style::dim);
  }
  const std::vector<Signature> shared = signatures_of(reports);
  if (std::ranges::any_of(shared, &Signature::present)) page.blank();
  add_signatures(page, shared);
  const std::vector<std::string> notes = cautions(reports);
  if (!notes.empty()) page.blank();
  for (const std::string& note : notes) page.paragraph(note, Style::warn);
}

Table published_section(const PublishedComparison::Section& section, int decimals,
                        std::size_t name_width) {
  const std::vector<InstructionType>& types = headline_types();
  std::vector<Align> aligns(types.size() + 2, Align::right);
  aligns[0] = Align::left;
  Table table(std::move(aligns));
  std::vector<StyledText> header = {{{section.language, Style::dim}}, {{"all", Style::dim}}};
  for (const InstructionType& type : types) header.push_back({{type.code, Style::dim}});
  table.add(std::move(header));
  table.add_rule();
  const auto score = [&](double value) { return fmt::format("{:.{}f}", value, decimals); };
  for (const ComparedRow& row : section.rows) {
    const bool own = !row.run.empty();
    const Style style = own ? Style::good : Style::plain;
    std::vector<StyledText> cells;
    cells.push_back(
        {{fit_columns((own ? "> " : "  ") + safe_excerpt(row.model, 80), name_width), style}});
    cells.push_back({{row.overall ? score(*row.overall) : "-", own ? style : Style::bold}});
    for (const InstructionType& type : types) {
      const auto cell = row.cells.find(type.code);
      cells.push_back({{cell == row.cells.end() ? "-" : score(cell->second), style}});
    }
    table.add(std::move(cells));
  }
  return table;
}

void add_published(Page& page, const std::vector<Report>& reports) {
  constexpr std::size_t kName = 40;
  constexpr std::size_t kMinName = 12;
  const PublishedComparison comparison = compare_with_published(reports);
  page.blank();
  page.line({{"Published", Style::bold}, {"  " + published_table().source, Style::dim}});
  page.paragraph(comparison.remark, comparison.comparable ? Style::plain : Style::warn);
  page.paragraph(published_table().note, Style::dim);
  for (const PublishedComparison::Section& section : comparison.sections) {
    const std::size_t space = page.width - kIndent;
    Table table = published_section(section, 2, kName);
    if (table.width() > space) table = published_section(section, 1, kName);
    if (table.width() > space) {
      // What the names may keep once the scores have their columns.
      const std::size_t scores = published_section(section, 1, 0).width();
      table = published_section(section, 1, std::max(space - std::min(space, scores), kMinName));
    }
    page.blank();
    page.table(table);
  }
}

}  // namespace

std::string render_terminal(const std::vector<Report>& reports, const RenderOptions& options) {
  Page page(options);
  if (reports.size() == 1) {
    add_report(page, reports.front(), options.examples);
  } else {
    add_side_by_side(page, reports);
  }
  if (options.published) add_published(page, reports);
  return std::move(page.out);
}

}  // namespace iie
