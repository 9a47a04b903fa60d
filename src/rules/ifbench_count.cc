// IFBench's count: how many of something the response has.
#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "rules/ifbench_text.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/nltk_words.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

std::size_t required_size(JsonFields& kwargs, std::string_view key) {
  return static_cast<std::size_t>(std::max<std::int64_t>(required_count(kwargs, key), 0));
}

InstructionCheck word_count_range(JsonFields& kwargs) {
  const std::size_t min = required_size(kwargs, "min_words");
  const std::size_t max = required_size(kwargs, "max_words");
  return [min, max](std::string_view text) {
    const std::size_t words = count_nltk_word_runs(text);
    return min <= words && words <= max;
  };
}

InstructionCheck unique_word_count(JsonFields& kwargs) {
  const std::size_t least = required_size(kwargs, "N");
  return [least](std::string_view text) {
    const std::string lower = python_lower(text);
    std::unordered_set<std::string_view> unique;
    // What is punctuation only becomes the empty word, which counts as one, as in the reference.
    for (const std::string_view word : python_split(lower)) {
      unique.insert(python_strip(word, kPythonPunctuationAndSpace));
    }
    return unique.size() >= least;
  };
}

InstructionCheck conjunctions(JsonFields& kwargs) {
  const std::size_t least = required_size(kwargs, "small_n");
  return [least](std::string_view text) {
    static constexpr auto kConjunctions =
        std::to_array<std::string_view>({"and", "but", "for", "nor", "or", "so", "yet"});
    // "different" are the words as they stand in the text: the reference counts "and", "And" and
    // "and," as three.
    std::set<std::string_view> different;
    for (const std::string_view word : python_split(text)) {
      const std::string lower = python_lower(python_strip(word, kPythonPunctuationAndSpace));
      if (std::ranges::find(kConjunctions, lower) != kConjunctions.end()) different.insert(word);
    }
    return different.size() >= least;
  };
}

InstructionCheck person_names(JsonFields& kwargs) {
  const std::size_t least = required_size(kwargs, "N");
  return [least](std::string_view text) {
    static constexpr auto kNames = std::to_array<std::string_view>(
        {"Emma",     "Liam",     "Sophia",   "Jackson", "Olivia",      "Noah",      "Ava",
         "Lucas",    "Isabella", "Mason",    "Mia",     "Ethan",       "Charlotte", "Alexander",
         "Amelia",   "Benjamin", "Harper",   "Leo",     "Zoe",         "Daniel",    "Chloe",
         "Samuel",   "Lily",     "Matthew",  "Grace",   "Owen",        "Abigail",   "Gabriel",
         "Ella",     "Jacob",    "Scarlett", "Nathan",  "Victoria",    "Elijah",    "Layla",
         "Nicholas", "Audrey",   "David",    "Hannah",  "Christopher", "Penelope",  "Thomas",
         "Nora",     "Andrew",   "Aria",     "Joseph",  "Claire",      "Ryan",      "Stella",
         "Jonathan"});
    // Anywhere in the text, as in the reference: "Gracefully" mentions Grace.
    const auto found = std::ranges::count_if(
        kNames, [text](std::string_view name) { return text.find(name) != text.npos; });
    return static_cast<std::size_t>(found) >= least;
  };
}

InstructionCheck numbers(JsonFields& kwargs) {
  const std::size_t exactly = required_size(kwargs, "N");
  return [exactly](std::string_view text) {
    // Punctuation goes first, so that "1,234.5" is one number; "3-4" becomes one as well.
    return decimal_runs(without_punctuation(text)).size() == exactly;
  };
}

InstructionCheck pronouns(JsonFields& kwargs) {
  const std::size_t least = required_size(kwargs, "N");
  return [least](std::string_view text) {
    static const std::unordered_set<std::string_view> kPronouns = {
        "i",    "me",        "my",      "mine", "myself", "we",       "us",         "our",
        "ours", "ourselves", "you",     "your", "yours",  "yourself", "yourselves", "he",
        "him",  "his",       "himself", "she",  "her",    "hers",     "herself",    "it",
        "its",  "itself",    "they",    "them", "their",  "theirs",   "themselves"};
    std::string spaced(text);
    std::ranges::replace(spaced, '/', ' ');  // she/her/hers
    // Punctuation goes without leaving a space: "I'm" is the word "im", which is no pronoun.
    const ifbench::PlainWords words(spaced);
    const auto found = std::ranges::count_if(
        words, [](std::string_view word) { return kPronouns.contains(word); });
    return static_cast<std::size_t>(found) >= least;
  };
}

InstructionCheck punctuation(JsonFields&) {
  return [](std::string_view text) {
    // An interrobang, and every mark once more outside the first "?!" (or, where there is none, the
    // first "!?").
    std::size_t interrobang = text.find("?!");
    if (interrobang == text.npos) interrobang = text.find("!?");
    const bool single = text.find("\u203D") != text.npos;
    if (interrobang == text.npos && !single) return false;
    const std::string_view before = text.substr(0, interrobang);
    const std::string_view after =
        interrobang == text.npos ? std::string_view() : text.substr(interrobang + 2);
    return std::ranges::all_of(std::string_view(".,!?;:"), [before, after](char mark) {
      return before.find(mark) != before.npos || after.find(mark) != after.npos;
    });
  };
}

bool is_japanese(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x4E00 && c <= 0x9FFF);
}

InstructionCheck words_japanese(JsonFields& kwargs) {
  const std::size_t every = required_size(kwargs, "N");
  if (every == 0) kwargs.reject("N", "must be positive");
  return [every](std::string_view text) {
    const auto words = python_split(text);
    for (std::size_t i = every - 1; i < words.size(); i += every) {
      const std::u32string word =
          python_characters(python_strip(words[i], kPythonPunctuationAndSpace));
      // Numbers and bare punctuation pass.
      if (std::ranges::all_of(word, is_python_digit)) continue;
      if (std::ranges::none_of(word, is_japanese)) return false;
    }
    return true;
  };
}

InstructionCheck keywords_multiple(JsonFields& kwargs) {
  static constexpr auto kKeys =
      std::to_array<std::string_view>({"keyword1", "keyword2", "keyword3", "keyword4", "keyword5"});
  static constexpr std::array<std::size_t, kKeys.size()> kTimes = {1, 2, 3, 5, 7};
  std::array<std::string, kKeys.size()> keywords;
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    keywords[i] = python_lower(python_strip(required_text(kwargs, kKeys[i])));
    if (keywords[i].empty()) kwargs.reject(kKeys[i], "must not be blank");
  }
  return [keywords](std::string_view text) {
    const std::string lower = python_lower(text);
    for (std::size_t i = 0; i < keywords.size(); ++i) {
      // str.count: anywhere, inside longer words too, without overlaps.
      if (ifbench::count_substrings(lower, keywords[i]) != kTimes[i]) return false;
    }
    return true;
  };
}

}  // namespace

InstructionFamily ifbench_count_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"count:conjunctions", kSuite, R"({"small_n": n})"}, &conjunctions},
      {{"count:keywords_multiple", kSuite,
        R"({"keyword1": s, "keyword2": s, "keyword3": s, "keyword4": s, "keyword5": s})"},
       &keywords_multiple},
      {{"count:numbers", kSuite, R"({"N": n})"}, &numbers},
      {{"count:person_names", kSuite, R"({"N": n})"}, &person_names},
      {{"count:pronouns", kSuite, R"({"N": n})"}, &pronouns},
      {{"count:punctuation", kSuite, "{}"}, &punctuation},
      {{"count:unique_word_count", kSuite, R"({"N": n})"}, &unique_word_count},
      {{"count:word_count_range", kSuite, R"({"min_words": n, "max_words": n})"},
       &word_count_range},
      {{"count:words_japanese", kSuite, R"({"N": n})"}, &words_japanese},
  });
  return kInstructions;
}

}  // namespace iie
