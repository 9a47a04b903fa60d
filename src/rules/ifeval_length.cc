// IFEval's length_constraints:*.
#include <array>
#include <string>
#include <utility>

#include "base/string_util.h"
#include "rules/ifeval_chinese.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/nltk_words.h"
#include "text/punkt.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

bool is_blank(std::string_view text) { return python_strip(text).empty(); }

InstructionCheck number_words(JsonFields& kwargs) {
  return [threshold = required_count(kwargs, "num_words"),
          relation = required_relation(kwargs, "relation")](std::string_view response) {
    // "it's" is two words, "3.14" too, and a line of Chinese is one.
    return holds(relation, static_cast<std::int64_t>(count_nltk_word_runs(response)), threshold);
  };
}

InstructionCheck number_sentences(JsonFields& kwargs) {
  return [threshold = required_count(kwargs, "num_sentences"),
          relation = required_relation(kwargs, "relation")](std::string_view response) {
    return holds(relation, static_cast<std::int64_t>(punkt_sentences(response).size()), threshold);
  };
}

// re.split(r"\s?\*\*\*\s?"). A blank paragraph does not count at either end and fails elsewhere.
InstructionCheck number_paragraphs(JsonFields& kwargs) {
  return [wanted = required_count(kwargs, "num_paragraphs")](std::string_view response) {
    constexpr std::string_view kDivider = "***";
    std::int64_t count = 0;
    for (std::size_t begin = 0; begin != std::string_view::npos;) {
      const std::size_t divider = response.find(kDivider, begin);
      const bool first = begin == 0;
      const bool last = divider == std::string_view::npos;
      // One white space on either side belongs to the divider, which makes no paragraph blank.
      if (!is_blank(response.substr(begin, last ? divider : divider - begin))) {
        ++count;
      } else if (!first && !last) {
        return false;
      }
      begin = last ? std::string_view::npos : divider + kDivider.size();
    }
    return count == wanted;
  };
}

std::string first_word_of(std::string_view paragraph) {
  std::string_view word = paragraph;  // begins with something that is not white space
  for (std::size_t at = 0; at < paragraph.size();) {
    const std::size_t begin = at;
    if (is_python_space(next_code_point(paragraph, at))) {
      word = paragraph.substr(0, begin);
      break;
    }
  }
  word = python_lstrip(python_lstrip(word, "'"), "\"");
  word = word.substr(0, word.find_first_of(".,?!'\""));
  std::string lower;
  for (std::size_t at = 0; at < word.size();) {  // character by character, as the reference
    const std::size_t begin = at;
    next_code_point(word, at);
    lower += python_lower(word.substr(begin, at - begin));
  }
  return lower;
}

// Blank paragraphs are not counted, and yet they are numbered: the nth of "a\n\n\n\nb" is blank for
// n = 2, which fails.
InstructionCheck nth_paragraph_first_word(JsonFields& kwargs) {
  const std::int64_t wanted = required_count(kwargs, "num_paragraphs");
  const std::int64_t nth = required_int(kwargs, "nth_paragraph");
  if (nth < 1 || nth > wanted) {
    kwargs.reject("nth_paragraph", "must be between 1 and num_paragraphs");
  }
  return [wanted, nth, first_word = python_lower(required_text(kwargs, "first_word"))](
             std::string_view response) {
    std::int64_t index = 0;
    std::int64_t count = 0;
    std::string_view chosen;
    for (std::size_t begin = 0; begin != std::string_view::npos;) {
      const std::size_t end = response.find("\n\n", begin);
      const std::string_view paragraph =
          python_strip(response.substr(begin, end == std::string_view::npos ? end : end - begin));
      if (!paragraph.empty()) ++count;
      if (++index == nth) chosen = paragraph;
      begin = end == std::string_view::npos ? end : end + 2;
    }
    return count == wanted && !chosen.empty() && first_word_of(chosen) == first_word;
  };
}

}  // namespace

InstructionFamily ifeval_length_instructions() {
  static constexpr std::array<InstructionDefinition, 4> kFamily = {{
      {{"length_constraints:nth_paragraph_first_word", InstructionSuite::ifeval,
        R"({"num_paragraphs": n, "nth_paragraph": n, "first_word": W})"},
       nth_paragraph_first_word,
       chinese::nth_paragraph_first_word},
      {{"length_constraints:number_paragraphs", InstructionSuite::ifeval,
        R"({"num_paragraphs": n})"},
       number_paragraphs},
      {{"length_constraints:number_sentences", InstructionSuite::ifeval,
        R"({"num_sentences": n, "relation": "at least"|"less than"})"},
       number_sentences,
       chinese::number_sentences},
      {{"length_constraints:number_words", InstructionSuite::ifeval,
        R"({"num_words": n, "relation": "at least"|"less than"})"},
       number_words,
       chinese::number_words},
  }};
  return kFamily;
}

}  // namespace iie
