// casing, language: which letters a response is written in.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "core/instruction_type.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// The word around `at`, for reasons.
std::string word_at(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  for (std::size_t i = begin; i > 0 && at - i < 40;) {
    if (is_white_space(previous_code_point(text, i))) break;
    begin = i;
  }
  std::size_t end = at;
  while (end < text.size() && end - at < 40) {
    std::size_t i = end;
    if (is_white_space(next_code_point(text, i))) break;
    end = i;
  }
  return one_line(text.substr(begin, end - begin), 80);
}

// The first letter of the span that has a case, if any.
std::optional<std::size_t> first_cased(std::string_view text, TextSpan span) {
  for (std::size_t at = span.begin; at < span.end;) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    if (is_upper_case(c) || is_lower_case(c)) return begin;
  }
  return std::nullopt;
}

bool upper_at(std::string_view text, std::size_t at) {
  return is_upper_case(next_code_point(text, at));
}

// Every sentence starts with a small letter, or every one with a capital.
Finding sentence_starts(const ResponseView& view, bool upper) {
  const std::string_view text = view.text();
  std::size_t n = 0;
  for (const TextSpan& sentence : sentences(text)) {
    const auto first = first_cased(text, sentence);
    if (!first) continue;
    ++n;
    if (upper_at(text, *first) != upper) {
      return Finding::broken(fmt::format("a sentence starts with {} letter: \"{}\"",
                                         upper ? "a lower-case" : "an upper-case",
                                         one_line(sentence.of(text), 60)));
    }
  }
  if (n == 0) return Finding::undecided("no letter that has a case");
  return Finding::met(fmt::format("{} sentences start with {} letter", n,
                                  upper ? "an upper-case" : "a lower-case"));
}

// Words Like This; short function words may be small.
Finding title_case(const ResponseView& view) {
  static constexpr auto kSmall = std::to_array<std::string_view>(
      {"a",  "an", "the",  "and", "or",  "of", "in", "to", "on",  "for", "with",
       "by", "at", "from", "but", "nor", "as", "is", "vs", "via", "up",  "per"});
  const std::string_view text = view.text();
  std::size_t n = 0;
  for (const TextSpan& word : words(text)) {
    const auto first = first_cased(text, word);
    if (!first || *first != word.begin) continue;
    ++n;
    if (upper_at(text, *first)) continue;
    if (n > 1 && std::ranges::find(kSmall, word.of(text)) != kSmall.end()) continue;
    return Finding::broken(
        fmt::format("\"{}\" starts with a lower-case letter", one_line(word.of(text), 40)));
  }
  if (n == 0) return Finding::undecided("no letter that has a case");
  return Finding::met("every word starts with an upper-case letter");
}

// lIkE tHiS, each word for itself or throughout.
Finding alternating_case(const ResponseView& view) {
  const std::string_view text = view.text();
  std::size_t pairs = 0;
  for (const TextSpan& word : words(text)) {
    std::optional<bool> last;
    for (std::size_t at = word.begin; at < word.end;) {
      const char32_t c = next_code_point(text, at);
      if (!is_upper_case(c) && !is_lower_case(c)) continue;
      const bool upper = is_upper_case(c);
      if (last) {
        ++pairs;
        if (*last == upper) {
          return Finding::broken(fmt::format("two {}-case letters in a row in \"{}\"",
                                             upper ? "upper" : "lower",
                                             one_line(word.of(text), 40)));
        }
      }
      last = upper;
    }
  }
  if (pairs == 0) return Finding::undecided("no letters that have a case");
  return Finding::met("the case alternates in every word");
}

CompiledRule compile_casing(JsonFields& params) {
  const std::string is = read_choice(
      params, "is",
      {"lower", "upper", "none_upper", "sentence_lower", "sentence_upper", "title", "alternating"});
  if (is == "sentence_lower" || is == "sentence_upper") {
    return [upper = is == "sentence_upper"](const ResponseView& view) {
      return sentence_starts(view, upper);
    };
  }
  if (is == "title") return &title_case;
  if (is == "alternating") return &alternating_case;
  return [is](const ResponseView& view) {
    const std::string_view text = view.text();
    std::optional<std::size_t> first_upper;
    std::optional<std::size_t> first_lower;
    for (std::size_t at = 0; at < text.size() && !(first_upper && first_lower);) {
      const std::size_t begin = at;
      const char32_t c = next_code_point(text, at);
      if (!first_upper && is_upper_case(c)) first_upper = begin;
      if (!first_lower && is_lower_case(c)) first_lower = begin;
    }
    const auto& unwanted = is == "upper" ? first_lower : first_upper;
    if (unwanted) {
      return Finding::broken(fmt::format("{} letter in \"{}\"",
                                         is == "upper" ? "a lower-case" : "an upper-case",
                                         word_at(text, *unwanted)));
    }
    if (!first_upper && !first_lower && is != "none_upper") {
      return Finding::undecided("no letter that has a case");
    }
    return Finding::met(is == "upper" ? "no lower-case letter" : "no upper-case letter");
  };
}

CompiledRule compile_language(JsonFields& params) {
  const std::string is = read_choice(params, "is", {"english", "chinese"});
  return [is](const ResponseView& view) {
    const std::string_view text = view.text();
    std::size_t wanted = 0;
    std::size_t letters = 0;
    std::optional<std::size_t> first_other;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      const char32_t c = next_code_point(text, at);
      if (!is_letter(c)) continue;
      const Script script = script_of(c);
      if (script == Script::none) continue;
      ++letters;
      if (script == (is == "english" ? Script::latin : Script::han)) {
        ++wanted;
      } else if (!first_other) {
        first_other = begin;
      }
    }
    if (letters == 0) return Finding::undecided("no letters");
    std::string reason =
        fmt::format("{:.0f} % of {} letters are {}",
                    100.0 * static_cast<double>(wanted) / static_cast<double>(letters), letters,
                    is == "english" ? "Latin" : "Chinese");
    if (wanted * 10 >= letters * 9) return Finding::met(std::move(reason));
    return Finding::broken(
        fmt::format("{}; others start at \"{}\"", reason, word_at(text, *first_other)));
  };
}

}  // namespace

RuleFamily casing_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"casing",
        R"({"is": "lower"|"upper"|"none_upper"|"sentence_lower"|"sentence_upper"|"title"|"alternating"})",
        "all letters are lower case, all are upper case, none is upper case (also true of text "
        "without cased letters), every sentence starts small or with a capital, every word starts "
        "with a capital, or the case alternates within words"},
       &compile_casing},
      {{"language", R"({"is": "english"|"chinese"})",
        "at least 90 % of the letters are of the language's script"},
       &compile_language},
  });
  return kRules;
}

}  // namespace iie
