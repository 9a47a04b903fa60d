// Scores as judged beside scores as people would have given them.
#include <fmt/format.h>

#include <algorithm>

#include "report/paper_cells.h"
#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
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

}  // namespace iie
