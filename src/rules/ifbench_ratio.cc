// IFBench's ratio: shares and balances.
#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

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

// Sorted, each once. Of characters, not words: the reference passes its text to nltk.ngrams as it
// is.
std::vector<Trigram> trigrams(std::string_view text) {
  const std::u32string characters = python_characters(text);
  std::vector<Trigram> all;
  for (std::size_t i = 2; i < characters.size(); ++i) {
    all.push_back(Trigram{characters[i - 2]} << 42 | Trigram{characters[i - 1]} << 21 |
                  Trigram{characters[i]});
  }
  std::ranges::sort(all);
  const auto [begin, end] = std::ranges::unique(all);
  all.erase(begin, end);
  return all;
}

struct Counter {
  using value_type = Trigram;
  std::size_t count = 0;
  void push_back(Trigram) { ++count; }
};

InstructionCheck overlap(JsonFields& kwargs) {
  const double wanted = required_percentage(kwargs);
  const std::vector<Trigram> reference = trigrams(required_text(kwargs, "reference_text"));
  return [wanted, reference](std::string_view text) {
    const std::vector<Trigram> own = trigrams(text);
    if (own.empty()) return false;
    Counter shared;
    std::ranges::set_intersection(own, reference, std::back_inserter(shared));
    const double percentage =
        static_cast<double>(shared.count) / static_cast<double>(own.size()) * 100;
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
