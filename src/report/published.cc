#include "report/published.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cassert>
#include <utility>

#include "base/embedded.h"
#include "base/json.h"

namespace iie {
namespace {

PublishedTable read_published_table() {
  const auto text = embedded_file("published/table3.json");
  assert(text);
  const auto document = parse_json(text.value_or("{}"));
  assert(document);
  PublishedTable table;
  JsonFields fields(*document, "table3.json");
  table.title = fields.required_string("title");
  table.source = fields.required_string("source");
  table.note = fields.required_string("note");
  table.rollouts = static_cast<int>(fields.optional_int("rollouts").value_or(0));
  if (const auto* samples = fields.optional_object("samples")) {
    for (const auto& [code, count] : *samples) {
      table.samples.emplace(std::string(code), static_cast<int>(count.as_int64()));
    }
  }
  if (const auto* rows = fields.optional_array("rows")) {
    for (const auto& element : *rows) {
      JsonFields cells(element, "rows");
      PublishedRow row;
      row.language = cells.required_string("language");
      row.source = cells.required_string("source");
      row.model = cells.required_string("model");
      row.overall = cells.optional_number("overall").value_or(0);
      for (const auto& [code, count] : table.samples) {
        if (const auto score = cells.optional_number(code)) row.cells.emplace(code, *score);
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

bool asks_all_official_questions(const Report& report) {
  if (report.spec.dataset_format != "official" || report.by_language.empty()) return false;
  for (const Group& language : report.by_language) {
    for (const auto& [code, samples] : published_table().samples) {
      const Cell* cell = report.cell(code, language.key);
      if (cell == nullptr) return false;
      const std::int64_t planned = cell->figure.n + cell->figure.pending;
      if (planned != std::int64_t{samples} * report.spec.rollouts) return false;
    }
  }
  return true;
}

std::string remark_on(const std::vector<Report>& reports, bool comparable) {
  if (std::ranges::all_of(reports, [](const Report& report) {
        return report.has_no_overall() && !report.further_types().empty();
      })) {
    return "Published figures are for the benchmark's eight types, of which these runs asked none: "
           "nothing stands beside them.";
  }
  if (!comparable) {
    const bool official = std::ranges::all_of(
        reports, [](const Report& report) { return report.spec.dataset_format == "official"; });
    return official
               ? "Published figures are for all official questions, these runs asked only some "
                 "of them: an orientation, not a comparison."
               : "Published figures are for the official questions, these runs asked others: an "
                 "orientation, not a comparison.";
  }
  if (!std::ranges::all_of(reports, &Report::complete)) {
    return "The same questions as published, but not all are answered yet; another judge alone can "
           "move a score by several points.";
  }
  return "The same questions as published; another judge alone can move a score by several points.";
}

}  // namespace

const PublishedTable& published_table() {
  static const PublishedTable& table = *new PublishedTable(read_published_table());
  return table;
}

PublishedComparison compare_with_published(const std::vector<Report>& reports) {
  PublishedComparison out;
  out.comparable = !reports.empty() && std::ranges::all_of(reports, asks_all_official_questions);
  out.remark = remark_on(reports, out.comparable);
  for (const Language language : kLanguages) {
    PublishedComparison::Section section{std::string(to_string(language)), {}};
    for (const Report& report : reports) {
      const auto own = std::ranges::find(report.by_language, section.language, &Group::key);
      if (own == report.by_language.end()) continue;
      ComparedRow row{report.spec.model, report.run_id, own->figure.score, {}};
      for (const Cell& cell : report.cells) {
        if (cell.language == section.language && cell.figure.score && is_headline(cell.type)) {
          row.cells.emplace(cell.type, *cell.figure.score);
        }
      }
      section.rows.push_back(std::move(row));
    }
    if (section.rows.empty()) continue;
    const auto own_rows = static_cast<std::ptrdiff_t>(section.rows.size());
    for (const PublishedRow& row : published_table().rows) {
      if (row.language == section.language) {
        section.rows.push_back({row.model, "", row.overall, row.cells});
      }
    }
    const auto better = [](const ComparedRow& a, const ComparedRow& b) {
      return a.overall.value_or(-1) > b.overall.value_or(-1);
    };
    std::stable_sort(section.rows.begin() + (out.comparable ? 0 : own_rows), section.rows.end(),
                     better);
    out.sections.push_back(std::move(section));
  }
  return out;
}

}  // namespace iie
