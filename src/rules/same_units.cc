// same: sentences, lines or paragraphs that say the same, word for word.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// Its words; marks, case and white space are no part of what it says.
std::string words_of(std::string_view unit) {
  std::string out;
  for (const TextSpan& word : words(unit)) out += normalize(word.of(unit), Case::fold) + " ";
  return out;
}

CompiledRule compile_same(JsonFields& params) {
  const std::string unit = read_choice(params, "unit", {"sentence", "line", "paragraph"});
  std::vector<std::int64_t> positions;
  if (const auto* const array = params.optional_array("at")) {
    for (const boost::json::value& value : *array) {
      if (value.is_int64() && value.get_int64() != 0) positions.push_back(value.get_int64());
    }
    if (positions.size() != array->size()) {
      params.reject("at", "expected positions, from 1 or from the end with -1");
    }
  }
  if (positions.size() < 2) params.reject("at", "needs two positions or more");
  return [unit, positions](const ResponseView& view) {
    const std::string_view text = view.text();
    const auto spans = unit == "sentence" ? sentences(text)
                       : unit == "line"   ? lines(text)
                                          : paragraphs(text);
    const auto n = static_cast<std::int64_t>(spans.size());
    std::optional<std::string> first;
    std::string_view first_shown;
    for (const std::int64_t position : positions) {
      const std::int64_t index = position > 0 ? position - 1 : n + position;
      if (index < 0 || index >= n) {
        return Finding::broken(fmt::format("there is no {} {}: there {} {}", unit, position,
                                           n == 1 ? "is" : "are", n));
      }
      const std::string_view shown = spans[static_cast<std::size_t>(index)].of(text);
      std::string said = words_of(shown);
      if (!first) {
        first = std::move(said);
        first_shown = shown;
      } else if (said != *first) {
        return Finding::broken(fmt::format("{} {} is another: \"{}\", not \"{}\"", unit, position,
                                           one_line(shown, 60), one_line(first_shown, 60)));
      }
    }
    return Finding::met(fmt::format("all of them say \"{}\"", one_line(first_shown, 80)));
  };
}

}  // namespace

RuleFamily same_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"same", R"({"unit": "sentence"|"line"|"paragraph", "at": [n, m, ..]})",
        "the sentences, lines or paragraphs at these positions say the same, word for word"},
       &compile_same},
  });
  return kRules;
}

}  // namespace iie
