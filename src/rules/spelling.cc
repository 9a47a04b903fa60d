// misspellings, differs, repeated_words: how far a text is from clean.
//
// Whether a word is wrong can be known in two ways: no dictionary has it (misspellings), or the
// text that was to be written is known and this is not it (differs). The second way also sees words
// that exist but are the wrong ones ("form" for "from"), and it is the only one for Chinese, where
// every wrong character is a character.
#include "text/spelling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// How many words a reason lists.
constexpr std::size_t kListed = 8;

std::string list(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == kListed) {
      out += fmt::format(" and {} more", words.size() - i);
      break;
    }
    out += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", one_line(words[i], 40));
  }
  return out;
}

// --- misspellings ---

// Stretches that are no words of a language: `code`, links, addresses, names of files.
bool is_technical(std::string_view text, TextSpan word) {
  constexpr std::size_t kReach = 200;  // a longer token is noise, and looking at all of it slow
  std::size_t begin = word.begin;
  while (begin > 0 && word.begin - begin < kReach && !is_ascii_space(text[begin - 1])) --begin;
  std::size_t end = word.end;
  while (end < text.size() && end - word.end < kReach && !is_ascii_space(text[end])) ++end;
  const std::string_view token = text.substr(begin, end - begin);
  if (token.find("://") != std::string_view::npos || token.starts_with("www.")) return true;
  if (token.find('@') != std::string_view::npos || token.find('_') != std::string_view::npos) {
    return token.find('@') != std::string_view::npos ||
           !(token.starts_with('_') || token.ends_with('_'));  // _emphasis_
  }
  return false;
}

// "iPhone", "McDonald", "JSON": letters in capitals behind the first one.
bool has_inner_capital(std::string_view word) {
  bool lower = false;
  bool inner = false;
  std::size_t at = 0;
  next_code_point(word, at);
  lower = is_lower_case(next_code_point(word, at = 0));
  while (at < word.size()) {
    const char32_t c = next_code_point(word, at);
    inner = inner || is_upper_case(c);
    lower = lower || is_lower_case(c);
  }
  return inner && lower;
}

bool all_capitals(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    if (is_lower_case(next_code_point(word, at))) return false;
  }
  return true;
}

bool starts_upper(std::string_view word) {
  std::size_t at = 0;
  return !word.empty() && is_upper_case(next_code_point(word, at));
}

// What stands between the sentence's start and the word is no word.
bool starts_sentence(std::string_view text, const std::vector<TextSpan>& starts, TextSpan word) {
  const auto behind = std::ranges::upper_bound(starts, word.begin, {}, &TextSpan::begin);
  if (behind == starts.begin()) return true;
  for (std::size_t at = std::prev(behind)->begin; at < word.begin;) {
    if (is_letter_or_digit(next_code_point(text, at))) return false;
  }
  return true;
}

constexpr auto kUnits = std::to_array<std::string_view>(
    {"km",  "cm",   "mm",   "kg",   "mg",     "ml",  "kwh", "mph", "kmh", "hz",  "khz",
     "mhz", "ghz",  "gb",   "mb",   "kb",     "tb",  "fps", "rpm", "vs",  "etc", "eg",
     "ie",  "aka",  "tbsp", "tsp",  "lb",     "lbs", "oz",  "ft",  "yd",  "hr",  "hrs",
     "min", "mins", "sec",  "secs", "approx", "nd",  "rd",  "th",  "st"});

struct Misspellings {
  Bounds bounds;
  std::vector<std::string> known;  // folded
  std::vector<std::string> wrong;  // folded

  Finding operator()(const ResponseView& view) const {
    if (!has_english_dictionary()) return Finding::undecided("no dictionary of English");
    const std::string_view text = view.text();
    const auto starts = sentences(text);
    std::vector<std::string> found;
    std::size_t latin = 0;
    std::size_t other = 0;
    bool code = false;
    std::size_t looked_at = 0;
    for (const TextSpan& span : words(text)) {
      for (; looked_at < span.begin; ++looked_at) code = code != (text[looked_at] == '`');
      const std::string_view word = span.of(text);
      bool letters = true;
      bool digits = false;
      for (std::size_t at = 0; at < word.size();) {
        const char32_t c = next_code_point(word, at);
        letters = letters && (c == '\'' || c == 0x2019 || script_of(c) == Script::latin);
        digits = digits || (c < 0x80 && is_ascii_digit(static_cast<char>(c)));
      }
      if (digits) continue;
      if (!letters) {
        ++other;
        continue;
      }
      ++latin;
      const std::string form = normalize(word, Case::fold);
      if (std::ranges::find(wrong, form) != wrong.end()) {
        found.emplace_back(word);
        continue;
      }
      if (code || is_technical(text, span)) continue;
      if (std::ranges::find(known, form) != known.end()) continue;
      if (std::ranges::find(kUnits, form) != kUnits.end()) continue;
      if (is_english_word(word)) continue;
      const bool capitals = all_capitals(word);
      if (capitals && word.size() <= 5) continue;  // an abbreviation
      if (!capitals && has_inner_capital(word)) continue;
      // A name: nobody misspells an English word with an accent on it.
      if (starts_upper(word) &&
          std::ranges::any_of(form, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        continue;
      // A name, unless every sentence's first word is one.
      if (!capitals && starts_upper(word) && !starts_sentence(text, starts, span)) continue;
      found.emplace_back(word);
    }
    if (latin + other == 0) return Finding::undecided("no words");
    if (other > latin) return Finding::undecided("the text is not English");
    const auto n = static_cast<std::int64_t>(found.size());
    const std::string reason =
        fmt::format("{} misspelled word{}, wanted {}{}{}", n, n == 1 ? "" : "s", bounds.describe(),
                    n == 0 ? "" : ": ", list(found));
    return bounds.hold(n) ? Finding::met(reason) : Finding::broken(reason);
  }
};

std::vector<std::string> folded(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(normalize(trim(text), Case::fold));
  return out;
}

CompiledRule compile_misspellings(JsonFields& params) {
  Misspellings rule;
  rule.known = folded(read_texts(params, "known", false));
  rule.wrong = folded(read_texts(params, "wrong", false));
  rule.bounds = read_bounds(params, true);
  return rule;
}

// --- differs ---

struct Token {
  std::string form;     // as compared
  std::string written;  // as shown
};

// Comparing takes this many steps at most (words of both texts multiplied).
constexpr std::size_t kMaxCells = 16'000'000;

std::vector<Token> tokens(std::string_view text, bool characters, Case mode, bool punctuation) {
  std::vector<Token> out;
  if (!characters) {
    std::size_t last = 0;
    const auto add_marks = [&](std::size_t to) {
      for (std::size_t at = last; at < to;) {
        const std::size_t begin = at;
        if (is_white_space(next_code_point(text, at))) continue;
        const std::string_view mark = text.substr(begin, at - begin);
        out.push_back({normalize(mark, mode), std::string(mark)});
      }
    };
    for (const TextSpan& span : words(text)) {
      if (punctuation) add_marks(span.begin);
      out.push_back({normalize(span.of(text), mode), std::string(span.of(text))});
      last = span.end;
    }
    if (punctuation) add_marks(text.size());
    return out;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    if (is_white_space(c) || (!punctuation && !is_letter_or_digit(c))) continue;
    const std::string_view one = text.substr(begin, at - begin);
    out.push_back({normalize(one, mode), std::string(one)});
  }
  return out;
}

struct Differences {
  std::size_t replaced = 0;
  std::size_t added = 0;
  std::size_t missing = 0;
  std::vector<std::string> shown;

  std::size_t all() const { return replaced + added + missing; }
};

// The least differences between `wanted` and the stretch of `given` that resembles it most: what
// stands in front of that stretch and behind it does not count.
Differences align(const std::vector<Token>& wanted, const std::vector<Token>& given) {
  const std::size_t m = wanted.size();
  const std::size_t n = given.size();
  enum Step : std::uint8_t { same, replace, add, drop };
  std::vector<std::uint8_t> steps((m + 1) * (n + 1));
  std::vector<std::uint32_t> row(n + 1, 0);
  std::vector<std::uint32_t> above;
  for (std::size_t i = 1; i <= m; ++i) {
    above = row;
    row[0] = static_cast<std::uint32_t>(i);
    steps[i * (n + 1)] = drop;
    for (std::size_t j = 1; j <= n; ++j) {
      const bool equal = wanted[i - 1].form == given[j - 1].form;
      std::uint32_t best = above[j - 1] + (equal ? 0 : 1);
      Step step = equal ? same : replace;
      if (above[j] + 1 < best) {
        best = above[j] + 1;
        step = drop;
      }
      if (row[j - 1] + 1 < best) {
        best = row[j - 1] + 1;
        step = add;
      }
      row[j] = best;
      steps[i * (n + 1) + j] = step;
    }
  }
  // The last of the best places: a wrong last word is replaced rather than missing.
  std::size_t j = n;
  for (std::size_t at = n; at > 0; --at) {
    if (row[at - 1] < row[j]) j = at - 1;
  }
  Differences out;
  for (std::size_t i = m; i > 0;) {
    switch (steps[i * (n + 1) + j]) {
      case same:
        --i;
        --j;
        break;
      case replace:
        ++out.replaced;
        out.shown.push_back(fmt::format("{} for {}", given[j - 1].written, wanted[i - 1].written));
        --i;
        --j;
        break;
      case add:
        ++out.added;
        out.shown.push_back(fmt::format("added {}", given[j - 1].written));
        --j;
        break;
      default:
        ++out.missing;
        out.shown.push_back(fmt::format("missing {}", wanted[i - 1].written));
        --i;
    }
  }
  std::ranges::reverse(out.shown);
  return out;
}

struct Differs {
  std::vector<Token> wanted;
  bool characters = false;
  bool punctuation = false;
  bool replaced_only = false;
  Case mode = Case::fold;
  Bounds bounds;

  Finding operator()(const ResponseView& view) const {
    const auto given = tokens(view.text(), characters, mode, punctuation);
    if ((given.size() + 1) * (wanted.size() + 1) > kMaxCells) {
      return Finding::undecided("too long to compare with the text that it should be");
    }
    const Differences found = align(wanted, given);
    const std::string_view unit = characters ? "character" : "word";
    // A response about something else has no errors to count.
    if (found.missing + found.replaced > wanted.size() * 2 / 3) {
      return Finding::broken("holds nothing like the text that it should be");
    }
    const auto n = static_cast<std::int64_t>(found.all());
    const std::string reason =
        fmt::format("{} {}{} differ{}, wanted {}{}{}", n, unit, n == 1 ? "" : "s",
                    n == 1 ? "s" : "", bounds.describe(), n == 0 ? "" : ": ", list(found.shown));
    if (replaced_only && found.added + found.missing > 0) {
      return Finding::broken(
          fmt::format("{}s were added or left out, not only replaced: {}", unit, reason));
    }
    return bounds.hold(n) ? Finding::met(reason) : Finding::broken(reason);
  }
};

CompiledRule compile_differs(JsonFields& params) {
  Differs rule;
  const std::string wanted = params.required_string("from");
  rule.characters = read_choice(params, "unit", {"words", "characters"}) == "characters";
  rule.punctuation = params.bool_or("punctuation", false);
  rule.replaced_only = params.bool_or("replaced_only", false);
  rule.mode = read_case(params);
  rule.bounds = read_bounds(params, true);
  rule.wanted = tokens(wanted, rule.characters, rule.mode, rule.punctuation);
  if (params.ok() && rule.wanted.empty()) params.reject("from", "holds no words");
  return rule;
}

// --- repeated_words ---

// Chinese characters that no word doubles ("看看" and "天天" are words, "的的" is a slip).
bool never_doubled(std::string_view word) {
  static constexpr std::u32string_view kParticles =
      U"的了是在和有不我你他她它这那也都与及把被从到就";
  std::size_t at = 0;
  const char32_t c = next_code_point(word, at);
  return at == word.size() && kParticles.find(c) != std::u32string_view::npos;
}

// 我的 in 我的的书 is taken for one word; what is doubled is its 的.
bool ends_in_particle(std::string_view left, std::string_view right) {
  static constexpr auto kOwners = std::to_array<std::string_view>(
      {"我", "你", "您", "他", "她", "它", "这", "那", "我们", "你们", "他们", "她们", "大家"});
  if (right != "的" || !left.ends_with(right)) return false;
  return std::ranges::find(kOwners, left.substr(0, left.size() - right.size())) != kOwners.end();
}

// 的的 as one word, but for 的的确确.
bool is_doubled_particle(std::string_view text, TextSpan word) {
  return word.of(text) == "的的" && !text.substr(word.end).starts_with("确");
}

// Verbs that Chinese doubles for "a little": 研究研究, 商量商量.
bool doubles_for_a_little(std::string_view word) {
  static constexpr auto kVerbs = std::to_array<std::string_view>(
      {"研究", "商量", "讨论", "休息", "打扫", "了解", "考虑", "学习", "放松", "收拾", "介绍",
       "锻炼", "活动", "打听", "准备", "检查", "教育", "体验", "交流", "整理", "观察", "比较",
       "尝试", "琢磨", "照顾", "关心", "请教", "参观", "欣赏", "享受", "调查", "解释", "练习",
       "复习", "指导", "帮助", "表示", "庆祝", "热闹", "高兴", "轻松", "凉快", "暖和", "意思"});
  return std::ranges::find(kVerbs, word) != kVerbs.end();
}

CompiledRule compile_repeated_words(JsonFields& params) {
  const std::vector<std::string> only = folded(read_texts(params, "words", false));
  const Bounds bounds = read_bounds(params, true);
  return [only, bounds](const ResponseView& view) {
    const std::string_view text = view.text();
    std::vector<std::string> found;
    std::optional<TextSpan> last;
    std::string last_form;
    for (const TextSpan& span : words(text)) {
      std::string form = normalize(span.of(text), Case::fold);
      bool adjacent = last.has_value();
      for (std::size_t at = last ? last->end : 0; adjacent && at < span.begin;) {
        const char32_t c = next_code_point(text, at);
        adjacent = is_white_space(c) || c == '*' || c == '_';
      }
      const std::string_view word = span.of(text);
      std::size_t at = 0;
      const char32_t first = next_code_point(word, at);
      const bool chinese = is_unspaced_letter(first);
      // A word that is its own first half twice ("我们我们" taken for one) does not occur; single
      // characters do double in Chinese.
      const bool counts =
          !chinese || (at < word.size() ? !doubles_for_a_little(word) : never_doubled(word));
      const bool wanted = only.empty() || std::ranges::find(only, form) != only.end();
      // "Bora Bora", "Walla Walla": a name.
      const bool name =
          last && starts_upper(last->of(text)) && starts_upper(word) && !is_english_word(word);
      const bool same = form == last_form || (last && ends_in_particle(last_form, form));
      if (adjacent && wanted && same && !name && is_letter(first) && (counts || !only.empty())) {
        found.push_back(fmt::format("{} {}", last->of(text), word));
      } else if (is_doubled_particle(text, span) &&
                 (only.empty() || std::ranges::find(only, "的") != only.end())) {
        found.emplace_back(word);
      }
      last = span;
      last_form = std::move(form);
    }
    const auto n = static_cast<std::int64_t>(found.size());
    const std::string reason =
        fmt::format("{} word{} repeated at once, wanted {}{}{}", n, n == 1 ? "" : "s",
                    bounds.describe(), n == 0 ? "" : ": ", list(found));
    return bounds.hold(n) ? Finding::met(reason) : Finding::broken(reason);
  };
}

}  // namespace

RuleFamily spelling_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"differs",
        R"({"from": text, "unit": "words"|"characters", "min"?: n, "max"?: n, "exactly"?: n, "replaced_only"?: bool, "punctuation"?: bool, "case"?: bool})",
        "so many words or characters differ from the text that was to be written"},
       &compile_differs},
      {{"misspellings", R"({"min"?: n, "max"?: n, "exactly"?: n, "known"?: [..], "wrong"?: [..]})",
        "so many words of an English text are in no dictionary"},
       &compile_misspellings},
      {{"repeated_words", R"({"min"?: n, "max"?: n, "exactly"?: n, "words"?: [..]})",
        "so many words stand twice in a row"},
       &compile_repeated_words},
  });
  return kRules;
}

}  // namespace iie
