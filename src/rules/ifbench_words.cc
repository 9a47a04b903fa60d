// IFBench's words: what every word, or one in a certain place, is like.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/string_util.h"
#include "rules/ifbench_text.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/english.h"
#include "text/nltk_words.h"
#include "text/pattern_sentences.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

using ifbench::PlainWords;

InstructionCheck alphabet(JsonFields&) {
  return [](std::string_view text) {
    const std::string plain = without_punctuation(text);
    char previous = 0;
    for (const std::string_view word : python_split(plain)) {
      std::size_t end = 0;
      next_code_point(word, end);
      const std::string lower = python_lower(word.substr(0, end));
      const char initial = lower[0];
      if (previous == 0) {
        // "İ" is two characters in lower case: no letter in the first word, an i later.
        if (lower.size() != 1 || !is_ascii_alpha(initial)) return false;
      } else if (initial != (previous == 'z' ? 'a' : previous + 1)) {
        return false;
      }
      previous = initial;
    }
    return previous != 0;
  };
}

InstructionCheck vowel(JsonFields&) {
  return [](std::string_view text) {
    // One paragraph is one line; "types of vowels" are counted over the whole of it.
    const std::string_view paragraph = python_strip(text);
    if (paragraph.find('\n') != paragraph.npos) return false;
    const std::string lower = python_lower(paragraph);
    return std::ranges::count_if(std::string_view("aeiou"),
                                 [&](char c) { return lower.find(c) != std::string::npos; }) <= 3;
  };
}

bool is_consonant(char c) {
  return std::string_view("bcdfghjklmnpqrstvwxyz").find(c) != std::string_view::npos;
}

InstructionCheck consonants(JsonFields&) {
  return [](std::string_view text) {
    const std::string lower = python_lower(text);
    const auto words = python_split(lower);
    return std::ranges::all_of(words, [](std::string_view word) {
      return std::ranges::adjacent_find(word, [](char a, char b) {
               return is_consonant(a) && is_consonant(b);
             }) != word.end();
    });
  };
}

InstructionCheck palindrome(JsonFields&) {
  return [](std::string_view text) {
    const std::string plain = python_lower(without_punctuation(text));
    return std::ranges::count_if(python_split(plain), [](std::string_view word) {
             const std::u32string characters = python_characters(word);
             return characters.size() >= 5 &&
                    std::equal(characters.begin(), characters.end(), characters.rbegin());
           }) >= 10;  // the same one may come ten times
  };
}

InstructionCheck prime_lengths(JsonFields&) {
  return [](std::string_view text) {
    // The reference's list ends at 97: a word of 101 characters is not of prime length.
    static constexpr auto kPrimes =
        std::to_array<std::size_t>({2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37, 41,
                                    43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97});
    const std::string plain = without_punctuation(text);
    return std::ranges::all_of(python_split(plain), [](std::string_view word) {
      return std::ranges::binary_search(kPrimes, python_length(word));
    });
  };
}

InstructionCheck start_verb(JsonFields&) {
  return [](std::string_view text) {
    const auto words = nltk_word_tokenize(text);
    return !words.empty() && first_word_tag(words).find("VB") != std::string_view::npos;
  };
}

InstructionCheck repeats(JsonFields& kwargs) {
  const std::int64_t most = required_count(kwargs, "small_n");
  return [most](std::string_view text) {
    std::unordered_map<std::string_view, std::int64_t> times;
    const PlainWords words(text);
    return std::ranges::all_of(words, [&](std::string_view word) { return ++times[word] <= most; });
  };
}

InstructionCheck odd_even_syllables(JsonFields&) {
  return [](std::string_view text) {
    const PlainWords words(text);
    return std::ranges::adjacent_find(words, [](std::string_view a, std::string_view b) {
             return count_syllables(a) % 2 == count_syllables(b) % 2;
           }) == words.end();
  };
}

InstructionCheck last_first(JsonFields&) {
  return [](std::string_view text) {
    const auto sentences = pattern_sentences(text);
    for (std::size_t i = 1; i < sentences.size(); ++i) {
      const auto before = python_split(python_rstrip(sentences[i - 1], kPythonPunctuationAndSpace));
      const auto after = python_split(python_lstrip(sentences[i], kPythonPunctuationAndSpace));
      // A sentence without words follows nothing ("Wow!!" has one).
      if (before.empty() || after.empty()) return false;
      // Punctuation goes at one end of the sentence only: "word," does not match "word.".
      if (python_lower(before.back()) != python_lower(after.front())) return false;
    }
    return true;
  };
}

InstructionCheck paragraph_last_first(JsonFields&) {
  return [](std::string_view text) {
    for (const std::string_view paragraph : ifbench::lines(text)) {
      const std::string lower = python_lower(python_strip(paragraph));
      const auto words = python_split(python_strip(lower, kPythonPunctuationAndSpace));
      if (!words.empty() && words.front() != words.back()) return false;
    }
    return true;
  };
}

InstructionCheck no_consecutive(JsonFields&) {
  return [](std::string_view text) {
    const PlainWords words(text);
    return std::ranges::adjacent_find(words, [](std::string_view a, std::string_view b) {
             return first_character(a) == first_character(b);
           }) == words.end();
  };
}

InstructionCheck keywords_specific_position(JsonFields& kwargs) {
  const std::string keyword(python_strip(required_text(kwargs, "keyword")));
  const std::int64_t n = required_count(kwargs, "n");
  const std::int64_t m = required_count(kwargs, "m");
  if (n == 0) kwargs.reject("n", "must be positive");
  if (m == 0) kwargs.reject("m", "must be positive");
  return [keyword, sentence = static_cast<std::size_t>(n),
          place = static_cast<std::size_t>(m)](std::string_view text) {
    const auto sentences = pattern_sentences(text);
    if (sentences.size() < sentence) return false;
    // Punctuation marks are words here, and case counts.
    const auto words = nltk_word_tokenize(sentences[sentence - 1]);
    return words.size() >= place && words[place - 1] == keyword;
  };
}

InstructionCheck words_position(JsonFields& kwargs) {
  const std::string keyword(python_strip(required_text(kwargs, "keyword")));
  return [keyword](std::string_view text) {
    // The full stop at the end is a word: the second to last one is what stands before it.
    const auto words = nltk_word_tokenize(text);
    return words.size() >= 2 && words[1] == keyword && words[words.size() - 2] == keyword;
  };
}

}  // namespace

InstructionFamily ifbench_words_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"words:alphabet", kSuite, "{}"}, &alphabet},
      {{"words:consonants", kSuite, "{}"}, &consonants},
      {{"words:keywords_specific_position", kSuite, R"({"keyword": s, "n": n, "m": n})"},
       &keywords_specific_position},
      {{"words:last_first", kSuite, "{}"}, &last_first},
      {{"words:no_consecutive", kSuite, "{}"}, &no_consecutive},
      {{"words:odd_even_syllables", kSuite, "{}"}, &odd_even_syllables},
      {{"words:palindrome", kSuite, "{}"}, &palindrome},
      {{"words:paragraph_last_first", kSuite, "{}"}, &paragraph_last_first},
      {{"words:prime_lengths", kSuite, "{}"}, &prime_lengths},
      {{"words:repeats", kSuite, R"({"small_n": n})"}, &repeats},
      {{"words:start_verb", kSuite, "{}"}, &start_verb},
      {{"words:vowel", kSuite, "{}"}, &vowel},
      {{"words:words_position", kSuite, R"({"keyword": s})"}, &words_position},
  });
  return kInstructions;
}

}  // namespace iie
