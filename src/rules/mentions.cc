// mentions, not_mentions: which terms occur.
//
// That a term occurs proves that it is spoken of; that none occurs proves it only where there is no
// other way to say it. `open` marks lists of examples ("names a cause"): what uses none of them is
// left to a judge.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/string_util.h"
#include "rules/registry.h"

namespace iie {
namespace {

std::vector<Term> terms(const std::vector<std::string>& texts, Case mode) {
  std::vector<Term> out;
  for (const std::string& text : texts) out.emplace_back(text, mode);
  return out;
}

std::string quote(const SearchText& text, const Term& term) {
  const auto span = text.find(term);
  return fmt::format("'{}' in \"{}\"", one_line(term.written(), 60), text.excerpt(term, *span));
}

std::string list(const std::vector<Term>& all) {
  std::vector<std::string> names;
  for (const Term& term : all) names.push_back("'" + one_line(term.written(), 40) + "'");
  return ellipsize(join(names, ", "), 200);
}

// Whether the text is long enough to say something in words of its own: a sentence of ten English
// words or twenty Chinese characters, not "I can't help with that."
bool says_something(std::string_view text) {
  constexpr std::size_t kEnough = 45;
  std::size_t weight = 0;
  for (std::size_t at = 0; at < text.size() && weight < kEnough;) {
    const char32_t c = next_code_point(text, at);
    if (is_letter_or_digit(c)) weight += is_unspaced_letter(c) ? 2 : 1;
  }
  return weight >= kEnough;
}

CompiledRule compile_mentions(JsonFields& params) {
  const Case mode = read_case(params);
  const auto any = terms(read_texts(params, "any", false), mode);
  const auto all = terms(read_texts(params, "all", false), mode);
  const auto of = terms(read_texts(params, "of", false), mode);
  const auto min = params.optional_int("min");
  const bool open = params.bool_or("open", false);
  if (open && (any.empty() || !all.empty() || !of.empty()))
    params.reject("open", "goes with any alone");
  if (any.empty() && all.empty() && of.empty())
    params.reject("any", "one of any, all and of is needed");
  if (!of.empty() && !min) params.reject("min", "needed with of");
  if (of.empty() && min) params.reject("of", "needed with min");
  if (min && (*min < 1 || static_cast<std::size_t>(*min) > of.size())) {
    params.reject("min",
                  fmt::format("{} is not between 1 and the {} texts of 'of'", *min, of.size()));
  }
  return [mode, any, all, of, min, open](const ResponseView& view) {
    const SearchText& text = view.search(mode);
    const auto found = [&](const Term& term) { return text.mentions(term); };
    std::string reason;
    if (!any.empty()) {
      const auto hit = std::ranges::find_if(any, found);
      if (hit == any.end()) {
        std::string none = "mentions none of " + list(any);
        return open && says_something(view.text()) ? Finding::undecided(std::move(none))
                                                   : Finding::broken(std::move(none));
      }
      reason = "mentions " + quote(text, *hit);
    }
    if (!all.empty()) {
      const auto missing = std::ranges::find_if_not(all, found);
      if (missing != all.end()) {
        return Finding::broken(
            fmt::format("does not mention '{}'", one_line(missing->written(), 80)));
      }
      reason = fmt::format("mentions all of {}", list(all));
    }
    if (!of.empty()) {
      const auto hits = std::ranges::count_if(of, found);
      reason = fmt::format("mentions {} of {} terms, wanted at least {}", hits, of.size(), *min);
      if (hits < *min) return Finding::broken(std::move(reason));
    }
    return Finding::met(std::move(reason));
  };
}

CompiledRule compile_not_mentions(JsonFields& params) {
  const Case mode = read_case(params);
  const auto any = terms(read_texts(params, "any", true), mode);
  return [mode, any](const ResponseView& view) {
    const SearchText& text = view.search(mode);
    for (const Term& term : any) {
      if (text.mentions(term)) return Finding::broken("mentions " + quote(text, term));
    }
    return Finding::met("mentions none of " + list(any));
  };
}

}  // namespace

RuleFamily mention_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"mentions",
        R"({"any"?: [..], "all"?: [..], "min"?: n, "of"?: [..], "open"?: true, "case"?: bool})",
        "the response mentions any, all, or at least min different ones of the terms; with open, "
        "none of any is undecided"},
       &compile_mentions},
      {{"not_mentions", R"({"any": [..], "case"?: bool})",
        "the response mentions none of the terms"},
       &compile_not_mentions},
  });
  return kRules;
}

}  // namespace iie
