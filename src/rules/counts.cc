// count: how long a response is.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/string_util.h"
#include "rules/numbered_answers.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

std::size_t measure(std::string_view unit, std::string_view text) {
  if (unit == "characters") return count_characters(text);
  if (unit == "cjk_characters") return count_han_characters(text);
  if (unit == "words") return words(text).size();
  if (unit == "sentences") return sentences(text).size();
  if (unit == "lines") return lines(text).size();
  if (unit == "items") {
    const auto items = numbered_answers(text);
    return static_cast<std::size_t>(std::ranges::count_if(
        items, [](std::string_view item) { return is_answered(bare_answer(item)); }));
  }
  return paragraphs(text).size();
}

CompiledRule compile_count(JsonFields& params) {
  const std::string unit = read_choice(
      params, "unit",
      {"characters", "words", "cjk_characters", "sentences", "lines", "paragraphs", "items"});
  const Bounds bounds = read_bounds(params, true);
  return [unit, bounds](const ResponseView& view) {
    const auto n = static_cast<std::int64_t>(measure(unit, view.text()));
    std::string reason = fmt::format("{} {}, wanted {}", n, unit, bounds.describe());
    if (bounds.hold(n)) return Finding::met(std::move(reason));
    if (unit == "sentences" && bounds.max && n > *bounds.max) {
      const auto all = sentences(view.text());
      const TextSpan first_too_many = all[static_cast<std::size_t>(*bounds.max)];
      reason += fmt::format("; the first too many is \"{}\"",
                            one_line(first_too_many.of(view.text()), 80));
    }
    return Finding::broken(std::move(reason));
  };
}

}  // namespace

RuleFamily count_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"count", R"({"unit": U, "min"?: n, "max"?: n, "exactly"?: n})",
        "the response has so many characters (without white space), words, cjk_characters, "
        "sentences, lines (not blank), paragraphs or numbered items that say something"},
       &compile_count},
  });
  return kRules;
}

}  // namespace iie
