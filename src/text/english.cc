#include "text/english.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/embedded.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

std::string_view english_file(std::string_view path) {
  const auto file = embedded_file(path);
  assert(file.has_value());
  return file.value_or(std::string_view());
}

// Lines of "key TAB value" in byte order of the keys, searched as they are embedded: nothing to
// load, nothing to keep.
class SortedLines {
 public:
  explicit SortedLines(std::string_view text) : text_(text) {}

  std::optional<std::string_view> find(std::string_view key) const {
    std::size_t low = 0;  // always the start of a line
    std::size_t high = text_.size();
    while (low < high) {
      std::size_t begin = low + (high - low) / 2;
      const std::size_t before = begin == 0 ? std::string_view::npos : text_.rfind('\n', begin - 1);
      begin = before == std::string_view::npos ? 0 : before + 1;
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      const std::string_view line = text_.substr(begin, end - begin);
      const std::size_t tab = line.find('\t');
      const std::string_view here = line.substr(0, tab);
      if (here == key) return line.substr(tab + 1);
      if (here < key) {
        low = std::min(end + 1, text_.size());
      } else {
        high = begin;
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
};

bool is_vowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

bool has_digit(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    if (is_decimal_digit(next_code_point(word, at))) return true;
  }
  return false;
}

// Penn Treebank's tags, as NLTK's model has them, in byte order.
constexpr auto kTags = std::to_array<std::string_view>(
    {"#",   "$",   "''",   "(",   ")",   ",",   ".",   ":",   "CC",  "CD",   "DT",  "EX",
     "FW",  "IN",  "JJ",   "JJR", "JJS", "LS",  "MD",  "NN",  "NNP", "NNPS", "NNS", "PDT",
     "POS", "PRP", "PRP$", "RB",  "RBR", "RBS", "RP",  "SYM", "TO",  "UH",   "VB",  "VBD",
     "VBG", "VBN", "VBP",  "VBZ", "WDT", "WP",  "WP$", "WRB", "``"});
static_assert(std::ranges::is_sorted(kTags));

using Scores = std::array<double, kTags.size()>;

// Adds "NN -1234 VB 2345": weights in thousandths, each of which is the nearest double to what it
// says, so that sums are those of the reference to the last bit.
void add_weights(Scores& scores, std::string_view weights) {
  while (!weights.empty()) {
    const std::size_t space = weights.find(' ');
    const std::string_view tag = weights.substr(0, space);
    weights.remove_prefix(space + 1);
    int thousandths = 0;
    const auto [end, error] =
        std::from_chars(weights.data(), weights.data() + weights.size(), thousandths);
    assert(error == std::errc());
    weights.remove_prefix(static_cast<std::size_t>(end - weights.data()));
    if (!weights.empty()) weights.remove_prefix(1);
    const auto known = std::ranges::lower_bound(kTags, tag);
    assert(known != kTags.end() && *known == tag);
    scores[static_cast<std::size_t>(known - kTags.begin())] += thousandths / 1000.0;
  }
}

// What the tagger makes of a word that is not the one it tags.
std::string normalized(std::string_view word) {
  if (word.find('-') != std::string_view::npos && word[0] != '-') return "!HYPHEN";
  std::size_t characters = 0;
  bool digits = true;
  for (std::size_t at = 0; at < word.size(); ++characters) {
    digits = is_python_digit(next_code_point(word, at)) && digits;
  }
  if (digits && characters == 4) return "!YEAR";
  if (is_python_digit(first_character(word))) return "!DIGITS";
  return python_lower(word);
}

std::string_view last_three(std::string_view word) {
  std::size_t at = word.size();
  for (int n = 0; n < 3 && at > 0; ++n) previous_code_point(word, at);
  return word.substr(at);
}

std::string_view first_one(std::string_view word) {
  std::size_t at = 0;
  next_code_point(word, at);
  return word.substr(0, at);
}

}  // namespace

bool is_stop_word(std::string_view word) {
  static const auto* const kWords = [] {
    auto* words = new std::unordered_set<std::string_view>;
    for (const std::string_view word : python_split(english_file("english/stop_words.txt"))) {
      words->insert(word);
    }
    return words;
  }();
  return kWords->contains(word);
}

std::size_t count_syllables(std::string_view word) {
  if (word.empty() || has_digit(word)) return 0;
  static const SortedLines kCounts(english_file("english/syllables.tsv"));
  if (const auto known = kCounts.find(word)) {
    std::size_t count = 0;
    std::from_chars(known->data(), known->data() + known->size(), count);
    return count;
  }
  std::ptrdiff_t count = is_vowel(word[0]) ? 1 : 0;
  for (std::size_t at = 1; at < word.size(); ++at) {
    if (is_vowel(word[at]) && !is_vowel(word[at - 1])) ++count;
  }
  if (word.ends_with('e')) --count;  // a silent one ...
  if (word.ends_with("le") && word.size() > 2 && !is_vowel(word[word.size() - 3])) ++count;
  return count == 0 ? 1 : static_cast<std::size_t>(std::max<std::ptrdiff_t>(count, 0));
}

std::string_view first_word_tag(std::span<const std::string> words) {
  assert(!words.empty());
  static const SortedLines kModel(english_file("english/first_word_tags.tsv"));
  const std::string_view word = words[0];
  // Words that nearly always have the same tag are not scored.
  if (const auto tag = kModel.find("d " + words[0])) return *tag;

  const std::string plain = normalized(word);
  const std::string next = words.size() > 1 ? normalized(words[1]) : "-END-";
  std::string second_next = words.size() > 1 ? "-END-" : "-END2-";
  if (words.size() > 2) second_next = normalized(words[2]);

  Scores scores{};
  const auto add = [&](std::string_view feature, std::string_view value) {
    std::string key(feature);
    key += value;
    if (const auto weights = kModel.find(key)) add_weights(scores, *weights);
  };
  // The order of the reference's features: floating-point sums depend on it.
  add("c bias", "");
  add("s ", last_three(word));
  add("p ", first_one(word));
  add("c i-1 tag -START-", "");
  add("c i-2 tag -START2-", "");
  add("c i tag+i-2 tag -START- -START2-", "");
  add("w ", plain);
  add("t ", plain);
  add("c i-1 word -START2-", "");
  add("c i-1 suffix T2-", "");
  add("c i-2 word -START-", "");
  add("1 ", next);
  add("n ", last_three(next));
  add("2 ", second_next);

  // Of equals, the last in byte order.
  std::size_t best = 0;
  for (std::size_t tag = 1; tag < scores.size(); ++tag) {
    if (scores[tag] >= scores[best]) best = tag;
  }
  return kTags[best];
}

}  // namespace iie
