// IFEval's keywords:*. The reference does not escape its keywords: keyword_pattern.h.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rules/ifeval_chinese.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "rules/keyword_pattern.h"
#include "text/python_text.h"

namespace iie {
namespace {

std::vector<KeywordPattern> read_patterns(JsonFields& kwargs, std::string_view key,
                                          KeywordPattern::Bounds bounds) {
  std::vector<KeywordPattern> patterns;
  for (const std::string& keyword : required_texts(kwargs, key)) {
    patterns.emplace_back(kwargs, key, keyword, bounds);
  }
  return patterns;
}

// Inside other words too: "ink" is in "thinking".
InstructionCheck existence(JsonFields& kwargs) {
  return [patterns = read_patterns(kwargs, "keywords", KeywordPattern::Bounds::none)](
             std::string_view response) {
    const KeywordText text(response);
    return std::ranges::all_of(
        patterns, [&](const KeywordPattern& pattern) { return pattern.found_in(text); });
  };
}

// As whole words.
InstructionCheck forbidden_words(JsonFields& kwargs) {
  return [patterns = read_patterns(kwargs, "forbidden_words", KeywordPattern::Bounds::words)](
             std::string_view response) {
    const KeywordText text(response);
    return std::ranges::none_of(
        patterns, [&](const KeywordPattern& pattern) { return pattern.found_in(text); });
  };
}

// Inside other words too, without overlap.
InstructionCheck frequency(JsonFields& kwargs) {
  const std::string keyword = required_text(kwargs, "keyword");
  const std::string_view stripped = python_strip(keyword);
  if (stripped.empty()) kwargs.reject("keyword", "must not be blank");
  return [pattern = KeywordPattern(kwargs, "keyword", stripped),
          threshold = required_count(kwargs, "frequency"),
          relation = required_relation(kwargs, "relation")](std::string_view response) {
    const auto found = static_cast<std::int64_t>(pattern.count_in(KeywordText(response)));
    return holds(relation, found, threshold);
  };
}

// The letter in either case. Any character counts as a letter: the data asks for '#' and '!'.
InstructionCheck letter_frequency(JsonFields& kwargs) {
  const std::string given = required_text(kwargs, "letter");
  if (python_length(given) != 1 || python_strip(given).empty()) {
    kwargs.reject("letter", "expected one character that is not blank");
  }
  return [letter = python_lower(given), threshold = required_count(kwargs, "let_frequency"),
          relation = required_relation(kwargs, "let_relation")](std::string_view response) {
    std::int64_t found = 0;
    if (letter.size() == 1) {
      const std::string lower = python_lower(response);
      found = std::ranges::count(lower, letter[0]);
    } else if (python_length(letter) == 1) {  // İ is two characters in lower case: never found
      const std::string lower = python_lower(response);
      for (std::size_t at = lower.find(letter); at != std::string::npos;
           at = lower.find(letter, at + letter.size())) {
        ++found;
      }
    }
    return holds(relation, found, threshold);
  };
}

}  // namespace

InstructionFamily ifeval_keyword_instructions() {
  static constexpr std::array<InstructionDefinition, 4> kFamily = {{
      {{"keywords:existence", InstructionSuite::ifeval, R"({"keywords": [K...]})"}, existence},
      {{"keywords:forbidden_words", InstructionSuite::ifeval, R"({"forbidden_words": [W...]})"},
       forbidden_words,
       chinese::forbidden_words},
      {{"keywords:frequency", InstructionSuite::ifeval,
        R"({"keyword": K, "frequency": n, "relation": "at least"|"less than"})"},
       frequency},
      {{"keywords:letter_frequency", InstructionSuite::ifeval,
        R"({"letter": C, "let_frequency": n, "let_relation": "at least"|"less than"})"},
       letter_frequency},
  }};
  return kFamily;
}

}  // namespace iie
