// The tables of scores: by language and headline type as the paper prints them, and the further
// types in one of their own.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "report/paper_cells.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"

namespace iie {
namespace {

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

}  // namespace iie
