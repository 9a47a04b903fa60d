// matches: regular expressions.
#include <fmt/format.h>
#include <re2/re2.h>

#include <array>
#include <memory>

#include "base/string_util.h"
#include "rules/regex_cache.h"
#include "rules/registry.h"

namespace iie {
namespace {

// What stands there comes first: a pattern says little to whoever reads a report.
std::string describe(std::int64_t matches, std::string_view first, std::string_view pattern,
                     const Bounds& bounds) {
  if (matches == 0) return fmt::format("no match of /{}/, wanted {}", pattern, bounds.describe());
  if (bounds.max == 0) return fmt::format("\"{}\" matches /{}/, wanted none", first, pattern);
  // The search ends where more of them change nothing.
  const bool ended = !bounds.max || matches > *bounds.max;
  return fmt::format("{}{} match{} of /{}/, wanted {}; the first is \"{}\"",
                     ended ? "at least " : "", matches, matches == 1 ? "" : "es", pattern,
                     bounds.describe(), first);
}

CompiledRule compile_matches(JsonFields& params) {
  const std::string pattern = params.required_string("pattern");
  const bool respects_case = params.bool_or("case", true);
  Bounds bounds = read_bounds(params, false, true);
  if (!bounds.min && !bounds.max) bounds.min = 1;
  auto regex = shared_regex(pattern, respects_case);
  if (params.ok() && pattern.empty()) params.reject("pattern", "is empty");
  if (!regex->ok()) params.reject("pattern", "not a valid RE2 pattern: " + regex->error());
  return [regex, bounds](const ResponseView& view) {
    const re2::StringPiece text(view.text().data(), view.text().size());
    std::int64_t matches = 0;
    std::string first;
    std::size_t at = 0;
    re2::StringPiece match;
    // Further matches would not change the decision, and some patterns scan far for each.
    const std::int64_t enough = bounds.max ? *bounds.max + 1 : *bounds.min;
    while (matches < enough && at <= text.size() &&
           regex->Match(text, at, text.size(), RE2::UNANCHORED, &match, 1)) {
      if (matches++ == 0) first = one_line({match.data(), match.size()}, 80);
      at = static_cast<std::size_t>(match.data() - text.data()) + match.size();
      if (match.empty()) {  // go on behind the next character
        if (at >= text.size()) break;
        next_code_point(view.text(), at);
      }
    }
    std::string reason = describe(matches, first, one_line(regex->pattern(), 60), bounds);
    return bounds.hold(matches) ? Finding::met(std::move(reason))
                                : Finding::broken(std::move(reason));
  };
}

}  // namespace

RuleFamily pattern_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"matches", R"({"pattern": RE2, "min"?: n, "max"?: n, "case"?: bool})",
        "the pattern matches so many times (by default at least once); upper and lower case differ "
        "unless case is false"},
       &compile_matches},
  });
  return kRules;
}

}  // namespace iie
