// punctuation: which marks a text has, and how many.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

struct Kind {
  std::string_view name;
  std::u32string_view marks;
};
constexpr auto kKinds = std::to_array<Kind>({
    {"comma", U",，、"},
    {"period", U".。．"},
    {"question", U"?？"},
    {"exclamation", U"!！"},
    {"colon", U":："},
    {"semicolon", U";；"},
    {"quote", U"\"“”„«»「」『』‘’《》"},
    {"bracket", U"()（）[]【】{}〔〕"},
    {"dash", U"—–―－-"},
    {"ellipsis", U"…"},
    {"other", U"~～·/\\|&"},
});
// What ends a sentence.
constexpr std::u32string_view kEndMarks = U".。．?？!！…";

bool joins(char32_t c) { return is_letter_or_digit(c); }

char32_t before(std::string_view text, std::size_t at) {
  return at == 0 ? 0 : previous_code_point(text, at);
}
char32_t after(std::string_view text, std::size_t at) {
  return at >= text.size() ? 0 : next_code_point(text, at);
}
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

// What stands between the start of the line and `at`, where that is short.
std::optional<std::string_view> line_lead(std::string_view text, std::size_t at) {
  constexpr std::size_t kReach = 24;
  for (std::size_t begin = at; at - begin <= kReach; --begin) {
    if (begin == 0 || text[begin - 1] == '\n') return trim(text.substr(begin, at - begin));
  }
  return std::nullopt;
}

// A mark that is part of a word, a number or Markdown: "don't", "3.14", "1,500", "well-known",
// "12:30", "1." in front of a list item, "---".
bool belongs_to_word(std::string_view text, std::size_t begin, std::size_t end, char32_t c) {
  const char32_t left = before(text, begin);
  const char32_t right = after(text, end);
  switch (c) {
    case '.':
      if (joins(left) && joins(right)) return true;  // 3.14, e.g., example.org
      if (joins(left) && begin >= 2 && text[begin - 2] == '.') return true;  // e.g., i.e., U.S.
      if (is_digit(left) && (right == ' ' || right == '\t')) {  // "1. " at the start of a line
        const auto lead = line_lead(text, begin);
        return lead && std::ranges::all_of(*lead, is_ascii_digit);
      }
      return false;
    case ',':
    case ':':
      return is_digit(left) && is_digit(right);
    case '-':
    case 0x2013:
      if (joins(left) && joins(right)) return true;
      if (is_digit(right) && !joins(left)) return true;  // -5
      if (left == '-' || right == '-') return true;      // rules and tables; "--" is rare in prose
      if (c == '-' && right == ' ') {                    // a bullet
        const auto lead = line_lead(text, begin);
        return lead && lead->empty();
      }
      return false;
    case '\'':
    case 0x2019:
    case 0x2018:
      return joins(left) || joins(right) ? joins(left) && (joins(right) || left == 's') : false;
    case '/':
    case '&':
    case '|':
    case '\\':
      return true;
    default:
      return false;
  }
}

struct Punctuation {
  std::u32string marks;
  bool all = false;
  bool ends = false;      // sentence ends: three dots count too
  bool ellipses = false;  // "..." counts as one
  std::string where;      // anywhere, line_end, line_start
  Bounds bounds;
  std::string named;

  bool counts(char32_t c) const { return marks.find(c) != std::u32string::npos; }

  std::int64_t count(std::string_view text, std::string& first) const {
    std::int64_t n = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      const char32_t c = next_code_point(text, at);
      // Three dots or more, and pairs of ……, are one mark.
      if ((c == '.' && text.substr(begin).starts_with("...")) || c == 0x2026) {
        while (at < text.size() && (after(text, at) == c || after(text, at) == '.')) {
          next_code_point(text, at);
        }
        if (!ellipses && !ends && !all) continue;
      } else {
        if (!counts(c) && !(c == '\'' && counts(U'’'))) continue;
        if (belongs_to_word(text, begin, at, c)) continue;
        // —— is one dash.
        while (c == 0x2014 && after(text, at) == c) next_code_point(text, at);
      }
      if (n++ == 0) {
        const std::size_t from = begin > 20 ? begin - 20 : 0;
        std::size_t cut = from;
        while (cut < begin && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) ++cut;
        first = one_line(text.substr(cut, at - cut), 60);
      }
    }
    return n;
  }

  // Whether the line ends (or starts) with one of the marks; quotes and brackets behind the mark
  // belong to it.
  bool at_edge(std::string_view line) const {
    line = trim(line);
    while (!line.empty()) {
      std::size_t at = where == "line_end" ? line.size() : 0;
      const char32_t c =
          where == "line_end" ? previous_code_point(line, at) : next_code_point(line, at);
      if (counts(c) || (c == 0x2026 && (ends || ellipses || all))) return true;
      static constexpr std::u32string_view kWrapping = U"*_`\"“”'’‘)）」』】";
      if (kWrapping.find(c) == std::u32string_view::npos) return false;
      if (where == "line_end") {
        line.remove_suffix(line.size() - at);
      } else {
        line.remove_prefix(at);
      }
    }
    return false;
  }

  Finding operator()(const ResponseView& view) const {
    const std::string_view text = view.text();
    std::int64_t n = 0;
    std::string first;
    if (where == "anywhere") {
      n = count(text, first);
    } else {
      for (const TextSpan& line : lines(text)) {
        if (!at_edge(line.of(text))) continue;
        if (n++ == 0) first = one_line(line.of(text), 80);
      }
    }
    const std::string reason =
        fmt::format("{} {}{}, wanted {}{}", n, named,
                    where == "anywhere" ? "" : " at the " + where.substr(5) + " of lines",
                    bounds.describe(), n == 0 ? "" : fmt::format("; the first in \"{}\"", first));
    return bounds.hold(n) ? Finding::met(reason) : Finding::broken(reason);
  }
};

CompiledRule compile_punctuation(JsonFields& params) {
  Punctuation rule;
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  names.emplace_back("end");
  names.emplace_back("all");
  std::vector<std::string> wanted = params.strings_or_empty("marks", true);
  if (wanted.empty()) params.reject("marks", "needs at least one of " + join(names, ", "));
  for (const std::string& name : wanted) {
    const auto* const kind = std::ranges::find(kKinds, std::string_view(name), &Kind::name);
    rule.all = rule.all || name == "all";
    rule.ends = rule.ends || name == "end";
    rule.ellipses = rule.ellipses || name == "ellipsis";
    if (kind != kKinds.end()) {
      rule.marks += kind->marks;
    } else if (name == "end") {
      rule.marks += kEndMarks;
    } else if (name == "all") {
      for (const Kind& one : kKinds) rule.marks += one.marks;
    } else {
      params.reject("marks", fmt::format("'{}' is none of {}{}", one_line(name, 40),
                                         join(names, ", "), did_you_mean(name, names)));
    }
  }
  rule.named = rule.all ? "punctuation marks" : join(wanted, " or ") + " marks";
  rule.where = params.has("where")
                   ? read_choice(params, "where", {"anywhere", "line_end", "line_start"})
                   : "anywhere";
  rule.bounds = read_bounds(params, true);
  return rule;
}

}  // namespace

RuleFamily punctuation_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"punctuation",
        R"({"marks": [kind, ..], "where"?: "anywhere"|"line_end"|"line_start", "min"?: n, "max"?: n, "exactly"?: n})",
        "the text has so many marks of the kinds, or so many lines end or start with one"},
       &compile_punctuation},
  });
  return kRules;
}

}  // namespace iie
