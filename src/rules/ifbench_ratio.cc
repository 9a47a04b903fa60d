// IFBench's ratio: shares and balances.
#include <algorithm>
#include <array>
#include <cstdint>

#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/english.h"
#include "text/nltk_words.h"
#include "text/pattern_sentences.h"
#include "text/python_text.h"

namespace iie {
namespace {

double required_percentage(JsonFields& kwargs) {
  const auto percentage = kwargs.optional_number("percentage");
  if (!percentage) kwargs.reject("percentage", "missing");
  if (percentage && !(*percentage >= 0)) kwargs.reject("percentage", "must not be negative");
  return percentage.value_or(0);
}

InstructionCheck stop_words(JsonFields& kwargs) {
  const double most = required_percentage(kwargs);
  return [most](std::string_view text) {
    const auto words = nltk_word_runs(text);
    if (words.empty()) return false;
    const auto found = std::ranges::count_if(
        words, [](std::string_view word) { return is_stop_word(python_lower(word)); });
    return static_cast<double>(found) / static_cast<double>(words.size()) * 100 <= most;
  };
}

// Sentences by the mark that ends them. One that ends otherwise, in a quotation mark for example,
// counts as none of them.
struct SentenceTypes {
  std::size_t declarative = 0;
  std::size_t interrogative = 0;
  std::size_t exclamatory = 0;
};

SentenceTypes sentence_types(std::string_view text) {
  SentenceTypes types;
  for (const std::string& sentence : pattern_sentences(text)) {
    if (sentence.ends_with('.')) ++types.declarative;
    if (sentence.ends_with('?')) ++types.interrogative;
    if (sentence.ends_with('!')) ++types.exclamatory;
  }
  return types;
}

InstructionCheck sentence_type(JsonFields&) {
  return [](std::string_view text) {
    const SentenceTypes types = sentence_types(text);
    return types.declarative == 2 * types.interrogative;  // nothing of either is a ratio of 2:1
  };
}

InstructionCheck sentence_balance(JsonFields&) {
  return [](std::string_view text) {
    const SentenceTypes types = sentence_types(text);
    return types.declarative == types.interrogative && types.interrogative == types.exclamatory;
  };
}

InstructionCheck sentence_words(JsonFields&) {
  return [](std::string_view text) {
    // "all different words" is asked for and, as in the reference, not looked at.
    const auto sentences = pattern_sentences(text);
    return sentences.size() == 3 && std::ranges::all_of(sentences, [&](std::string_view sentence) {
             return python_length(sentence) == python_length(sentences[0]);
           });
  };
}

// Three characters in one number: code points have 21 bits.
using Trigram = std::uint64_t;

// Calls `visit` once for each distinct sequence of three characters. Characters, not words: the
// reference passes its text to nltk.ngrams as it is.
template <typename Visit>
void each_trigram(std::string_view text, const Visit& visit) {
  constexpr std::size_t kAsciiTrigrams = std::size_t{1} << 21;
  const std::u32string characters = python_characters(text);
  std::vector<std::uint64_t> seen(kAsciiTrigrams / 64);  // of ASCII: most of any text
  std::vector<Trigram> others;
  for (std::size_t i = 2; i < characters.size(); ++i) {
    const Trigram a = characters[i - 2];
    const Trigram b = characters[i - 1];
    const Trigram c = characters[i];
    const Trigram trigram = a << 42 | b << 21 | c;
    if ((a | b | c) >= 0x80) {
      others.push_back(trigram);
      continue;
    }
    const std::size_t place = a << 14 | b << 7 | c;
    const std::uint64_t bit = std::uint64_t{1} << (place % 64);
    if ((seen[place / 64] & bit) != 0) continue;
    seen[place / 64] |= bit;
    visit(trigram);
  }
  std::ranges::sort(others);
  const auto rest = std::ranges::unique(others);
  std::for_each(others.begin(), rest.begin(), visit);
}

InstructionCheck overlap(JsonFields& kwargs) {
  const double wanted = required_percentage(kwargs);
  std::vector<Trigram> reference;
  each_trigram(required_text(kwargs, "reference_text"),
               [&](Trigram trigram) { reference.push_back(trigram); });
  std::ranges::sort(reference);
  return [wanted, reference](std::string_view text) {
    std::size_t own = 0;
    std::size_t shared = 0;
    each_trigram(text, [&](Trigram trigram) {
      ++own;
      shared += std::ranges::binary_search(reference, trigram) ? 1 : 0;
    });
    if (own == 0) return false;
    const double percentage = static_cast<double>(shared) / static_cast<double>(own) * 100;
    return wanted - 2 <= percentage && percentage <= wanted + 2;
  };
}

}  // namespace

InstructionFamily ifbench_ratio_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"ratio:overlap", kSuite, R"({"reference_text": s, "percentage": x})"}, &overlap},
      {{"ratio:sentence_balance", kSuite, "{}"}, &sentence_balance},
      {{"ratio:sentence_type", kSuite, "{}"}, &sentence_type},
      {{"ratio:sentence_words", kSuite, "{}"}, &sentence_words},
      {{"ratio:stop_words", kSuite, R"({"percentage": x})"}, &stop_words},
  });
  return kInstructions;
}

}  // namespace iie
