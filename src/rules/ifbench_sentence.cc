// IFBench's sentence: what each sentence, or one of them, is like.
#include <array>

#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/pattern_sentences.h"
#include "text/python_text.h"

namespace iie {
namespace {

InstructionCheck keyword(JsonFields& kwargs) {
  const std::string word = python_lower(required_text(kwargs, "word"));
  const std::int64_t n = required_count(kwargs, "N");
  if (n == 0) kwargs.reject("N", "must be positive");
  return [word, n](std::string_view text) {
    const auto sentences = pattern_sentences(text);
    const auto place = static_cast<std::size_t>(n);
    // Inside longer words too, as in the reference.
    return sentences.size() >= place &&
           python_lower(sentences[place - 1]).find(word) != std::string::npos;
  };
}

// How many words stand in runs of words with the same first character.
std::size_t alliterative_words(std::string_view sentence) {
  const std::string lower = python_lower(sentence);
  std::size_t count = 0;
  bool in_run = false;
  char32_t previous = 0;
  bool first = true;
  for (const std::string_view word : python_split(lower)) {
    const std::string_view bare = python_lstrip(word, kPythonPunctuationAndSpace);
    if (bare.empty()) continue;
    const char32_t initial = first_character(bare);
    const bool same = !first && initial == previous;
    if (same) count += in_run ? 1 : 2;
    in_run = same;
    previous = initial;
    first = false;
  }
  return count;
}

InstructionCheck alliteration_increment(JsonFields&) {
  return [](std::string_view text) {
    bool first = true;
    std::size_t previous = 0;
    for (const std::string& sentence : pattern_sentences(text)) {
      const std::size_t words = alliterative_words(sentence);
      if (!first && words <= previous) return false;
      previous = words;
      first = false;
    }
    return true;
  };
}

InstructionCheck increment(JsonFields& kwargs) {
  const auto step = static_cast<std::size_t>(required_count(kwargs, "small_n"));
  return [step](std::string_view text) {
    bool first = true;
    std::size_t previous = 0;
    for (const std::string& sentence : pattern_sentences(text)) {
      const std::size_t words = python_split(without_punctuation(sentence)).size();
      if (!first && words != previous + step) return false;
      previous = words;
      first = false;
    }
    return true;
  };
}

}  // namespace

InstructionFamily ifbench_sentence_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"sentence:alliteration_increment", kSuite, "{}"}, &alliteration_increment},
      {{"sentence:increment", kSuite, R"({"small_n": n})"}, &increment},
      {{"sentence:keyword", kSuite, R"({"word": s, "N": n})"}, &keyword},
  });
  return kInstructions;
}

}  // namespace iie
