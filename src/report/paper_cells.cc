#include "report/paper_cells.h"

#include <fmt/format.h>

#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {

std::string ends_text(double low, double high) {
  return fmt::format("[{:.1f}, {:.1f}]", low, high);
}
std::string signed_ends(double low, double high) {
  return fmt::format("[{:+.1f}, {:+.1f}]", low, high);
}

PaperCell words(std::string text, bool strong) { return {std::move(text), "", strong}; }
PaperCell unknown() { return {"-", "", false}; }
PaperCell count_cell(std::int64_t count) { return {format_count(count), "", false}; }

PaperCell figure_cell(const Figure* figure) {
  if (figure == nullptr || !figure->score) return unknown();
  return {score_text(figure->score), interval_text(figure->interval), false};
}

std::string model_of(const std::vector<Report>& reports, std::size_t index) {
  constexpr std::size_t kNameBytes = 80;
  const std::string model = safe_excerpt(reports[index].spec.model, kNameBytes);
  return reports.size() == 1 ? model : run_letter(index) + "  " + model;
}

const Figure* language_figure(const Report& report, std::string_view language) {
  const auto it = std::ranges::find(report.by_language, language, &Group::key);
  return it == report.by_language.end() ? nullptr : &it->figure;
}

std::string starred(std::string_view type) {
  return safe_excerpt(type, 20) + (is_headline(type) ? "" : "*");
}

}  // namespace iie
