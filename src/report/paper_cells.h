// The cells of the paper's tables and the names in them. Only the files of this room that make such
// tables include it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instruction_type.h"
#include "report/paper_tables.h"

namespace iie {

// "[51.2, 72.6]", "[-1.0, +3.4]"
std::string ends_text(double low, double high);
std::string signed_ends(double low, double high);

PaperCell words(std::string text, bool strong = false);
PaperCell unknown();
PaperCell count_cell(std::int64_t count);
// The score and its interval; unknown for null and where nothing is decided.
PaperCell figure_cell(const Figure* figure);

// "A openai:gpt-4.1": with several runs the letter comes first.
std::string model_of(const std::vector<Report>& reports, std::size_t index);
// Null where the run has no headline question in it.
const Figure* language_figure(const Report& report, std::string_view language);

// The code, and a star behind that of a further type, in tables that list it with the eight.
std::string starred(std::string_view type);
// For the note of such a table; empty where no further type stands in it.
template <typename Item, typename Key>
std::string star_note(const std::vector<Item>& items, Key key) {
  const bool any = std::ranges::any_of(
      items, [&](const Item& item) { return !is_headline(std::invoke(key, item)); });
  return any ? " *: a further type, in no overall." : "";
}

}  // namespace iie
