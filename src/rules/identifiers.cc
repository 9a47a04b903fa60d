// identifiers: how the names that code declares are written.
#include "text/identifiers.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "base/string_util.h"
#include "rules/regex_cache.h"
#include "rules/registry.h"

namespace iie {
namespace {

struct Style {
  std::string_view name;
  std::string_view pattern;
};
// A name of one word fits several styles; a leading _ is no part of it.
constexpr auto kStyles = std::to_array<Style>({
    {"snake_case", "_*[a-z][a-z0-9]*(?:_[a-z0-9]+)*_*"},
    {"camelCase", "_*[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)*"},
    {"PascalCase", "_*[A-Z][a-z0-9]*(?:[A-Z][a-z0-9]*)*"},
    {"UPPER_CASE", "_*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_*"},
    {"flatcase", "[a-z][a-z0-9]*"},
    {"single_letter", "[A-Za-z]"},
});

struct Identifiers {
  std::optional<CodeLanguage> language;
  std::vector<NameKind> kinds;
  std::shared_ptr<const RE2> pattern;  // null: any
  std::string pattern_name;
  std::vector<std::string> except;
  std::vector<std::string> required;
  std::vector<std::string> forbidden;
  std::int64_t min_names = 1;

  Finding operator()(const ResponseView& view) const {
    const auto blocks = view.code();
    if (!blocks) return Finding::undecided(blocks.error().message);
    std::optional<Finding> doubt;
    std::set<std::string_view> seen;
    std::int64_t checked = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const CodeBlock& block : *blocks) {
      if (trim(block.code).empty()) continue;
      if (std::chrono::steady_clock::now() - start > kCodeTimeLimit) {
        return Finding::undecided(
            fmt::format("the code before line {} is too costly to parse", block.first_line));
      }
      std::optional<CodeLanguage> as = code_language_from(info_language(block.info));
      if (!as) as = language;
      if (!as) as = guess_language(block.code);
      if (!as) {
        doubt = Finding::undecided(
            fmt::format("cannot tell the language of the code at line {}", block.first_line));
        continue;
      }
      const auto names = declared_names(block.code, *as);
      if (!names) {
        doubt = Finding::undecided(fmt::format("declarations of the {} code at line {} are unknown",
                                               to_string(*as), block.first_line));
        continue;
      }
      for (const DeclaredName& name : names->names) {
        const std::string_view text = name.span.of(block.code);
        seen.insert(text);
        if (std::ranges::find(kinds, name.kind) == kinds.end()) continue;
        if (text == "_" || std::ranges::find(except, text) != except.end()) continue;
        ++checked;
        const bool bad =
            (pattern != nullptr && !RE2::FullMatch({text.data(), text.size()}, *pattern)) ||
            std::ranges::find(forbidden, text) != forbidden.end();
        if (!bad) continue;
        // Where the code does not parse, what looks like a declaration may be none.
        if (names->has_errors) {
          doubt = Finding::undecided(
              fmt::format("the {} code at line {} does not parse, and '{}' in it may be no name",
                          to_string(*as), block.first_line, one_line(text, 40)));
          break;
        }
        const auto line = block.first_line + (block.fenced ? 1 : 0) +
                          static_cast<std::size_t>(
                              std::ranges::count(block.code.substr(0, name.span.begin), '\n'));
        return Finding::broken(fmt::format("the {} '{}' at line {} is not {}", to_string(name.kind),
                                           one_line(text, 60), line, pattern_name));
      }
      if (names->has_errors && !doubt) {
        doubt = Finding::undecided(
            fmt::format("the {} code at line {} does not parse", to_string(*as), block.first_line));
      }
    }
    if (doubt) return *doubt;
    for (const std::string& name : required) {
      if (!seen.contains(name)) {
        return Finding::broken(fmt::format("nothing is named '{}'", one_line(name, 60)));
      }
    }
    if (checked < min_names) {
      return Finding::broken(
          fmt::format("{} names are declared, wanted at least {}", checked, min_names));
    }
    return Finding::met(fmt::format("all {} names are {}", checked, pattern_name));
  }
};

CompiledRule compile_identifiers(JsonFields& params) {
  Identifiers rule;
  if (params.has("language")) {
    const std::string name = params.required_string("language");
    rule.language = code_language_from(name);
    if (params.ok() && (!rule.language || *rule.language == CodeLanguage::html)) {
      params.reject("language",
                    fmt::format("declarations of '{}' are unknown", one_line(name, 40)));
    }
  }
  for (const std::string& name : params.strings_or_empty("kinds", true)) {
    const auto kind = name_kind_from(name);
    if (kind) {
      rule.kinds.push_back(*kind);
    } else {
      params.reject("kinds", fmt::format("'{}' is none of variable, parameter, function, type, "
                                         "field, constant",
                                         one_line(name, 40)));
    }
  }
  if (rule.kinds.empty()) {
    rule.kinds = {NameKind::variable, NameKind::parameter, NameKind::function};
  }
  std::string pattern;
  if (params.has("style")) {
    std::vector<std::string> names;
    for (const Style& style : kStyles) names.emplace_back(style.name);
    rule.pattern_name = read_choice(params, "style", names);
    pattern =
        std::ranges::find(kStyles, std::string_view(rule.pattern_name), &Style::name)->pattern;
    if (params.has("pattern")) params.reject("pattern", "excludes style");
  } else if (params.has("pattern")) {
    pattern = params.required_string("pattern");
    rule.pattern_name = fmt::format("/{}/", one_line(pattern, 60));
  }
  if (!pattern.empty()) {
    auto regex = shared_regex(pattern);
    if (!regex->ok()) params.reject("pattern", "not a valid RE2 pattern: " + regex->error());
    rule.pattern = std::move(regex);
  }
  rule.except = params.strings_or_empty("except", true);
  rule.required = params.strings_or_empty("names", true);
  rule.forbidden = params.strings_or_empty("forbid", true);
  if (rule.pattern_name.empty()) rule.pattern_name = "as wanted";
  if (pattern.empty() && rule.required.empty() && rule.forbidden.empty()) {
    params.reject("style", "one of style, pattern, names and forbid is needed");
  }
  if (const auto min = params.optional_int("min")) {
    if (*min < 0) params.reject("min", "cannot be negative");
    rule.min_names = *min;
  }
  return rule;
}

}  // namespace

RuleFamily identifier_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"identifiers",
        R"({"style"|"pattern"?: S, "kinds"?: [..], "names"?: [..], "forbid"?: [..], "except"?: [..], "language"?: L, "min"?: n})",
        "all names that the code declares are written in the style, and the required ones exist"},
       &compile_identifiers},
  });
  return kRules;
}

}  // namespace iie
