// IFEval's change_case:*.
#include <algorithm>
#include <array>
#include <string>

#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/language_id.h"
#include "text/nltk_words.h"
#include "text/python_text.h"

namespace iie {
namespace {

// Words as word_tokenize cuts them: "I", "A" and "U.S." are in capitals, and so is "B-2".
InstructionCheck capital_word_frequency(JsonFields& kwargs) {
  return [threshold = required_count(kwargs, "capital_frequency"),
          relation = required_relation(kwargs, "capital_relation")](std::string_view response) {
    const std::int64_t found =
        std::ranges::count_if(nltk_word_tokenize(response),
                              [](const std::string& word) { return all_python_upper(word); });
    return holds(relation, found, threshold);
  };
}

// langdetect raises where a text has no features (in a script that no profile knows); the reference
// takes that for following.
bool is_english(std::string_view response) {
  return detect_language(response).value_or("en") == "en";
}

InstructionCheck english_capital(JsonFields&) {
  return
      [](std::string_view response) { return all_python_upper(response) && is_english(response); };
}

InstructionCheck english_lowercase(JsonFields&) {
  return
      [](std::string_view response) { return all_python_lower(response) && is_english(response); };
}

}  // namespace

InstructionFamily ifeval_case_instructions() {
  static constexpr std::array<InstructionDefinition, 3> kFamily = {{
      {{"change_case:capital_word_frequency", InstructionSuite::ifeval,
        R"({"capital_frequency": n, "capital_relation": "at least"|"less than"})"},
       capital_word_frequency},
      {{"change_case:english_capital", InstructionSuite::ifeval, "{}"}, english_capital},
      {{"change_case:english_lowercase", InstructionSuite::ifeval, "{}"}, english_lowercase},
  }};
  return kFamily;
}

}  // namespace iie
