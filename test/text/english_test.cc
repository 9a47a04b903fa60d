#include "text/english.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "text/ascii_form.h"
#include "text/emoji_table.h"
#include "text/nltk_words.h"

namespace iie {
namespace {

TEST(StopWords, AreNltks) {
  for (const char* word : {"a", "the", "yourselves", "don't", "don", "won", "s"}) {
    EXPECT_TRUE(is_stop_word(word)) << word;
  }
  for (const char* word : {"", "tea", "The", "would", "one"}) {
    EXPECT_FALSE(is_stop_word(word)) << word;
  }
}

// syllapy.count's answers.
TEST(Syllables, ByHeartOrByVowels) {
  const std::vector<std::pair<const char*, std::size_t>> words = {
      {"cat", 1},  {"water", 2}, {"people", 2}, {"created", 3}, {"queue", 1},   {"rhythm", 1},
      {"zzle", 1}, {"brzle", 1}, {"xyzzy", 2},  {"e", 1},       {"2nd", 0},     {"", 0},
      {"0", 0},    {"école", 1}, {"日本", 1},   {"aeiou", 1},   {"\u0663a", 0}, {"le", 1}};
  for (const auto& [word, count] : words) EXPECT_EQ(count_syllables(word), count) << word;
}

std::string_view tag_of(std::string_view text) {
  const auto words = nltk_word_tokenize(text);
  return first_word_tag(words);
}

// nltk.pos_tag's answers.
TEST(FirstWordTag, IsThatOfNltksTagger) {
  const std::vector<std::pair<const char*, const char*>> texts = {
      {"Write a poem.", "VB"},
      {"Say hello.", "NNP"},
      {"Running is fun.", "VBG"},
      {"Whirring and pulsing with neon", "VBG"},
      {"Understand the Basics", "IN"},
      {"The tea", "DT"},
      {"Tea", "NN"},
      {"Is it?", "VBZ"},
      {"1999 was", "CD"},
      {"12 monkeys", "CD"},
      {"self-made men", "JJ"},
      {"\"Go\"", "``"},
      {"茶は", "NN"},
  };
  for (const auto& [text, tag] : texts) EXPECT_EQ(tag_of(text), tag) << text;
}

TEST(AsciiForm, DropsAccentsAndWhatHasNoAsciiLetters) {
  EXPECT_EQ(ascii_form("São Tomé"), "Sao Tome");
  EXPECT_EQ(ascii_form("Łódź"), "odz");
  EXPECT_EQ(ascii_form("ﬁ ½ ² 北"), "fi 12 2 ");
  EXPECT_EQ(ascii_form("a\u00a0b"), "a b");
}

TEST(EmojiTable, HasSingleEmojiOnly) {
  for (const char32_t c : {U'😀', U'❤', U'™', U'©', U'🏽', U'🦰', U'🫩'}) {
    EXPECT_TRUE(is_single_emoji(c)) << static_cast<unsigned>(c);
  }
  for (const char32_t c : {U'1', U'#', U'a', U'\uFE0F', U'\u200D', U'🇩', U'→', U'\0'}) {
    EXPECT_FALSE(is_single_emoji(c)) << static_cast<unsigned>(c);
  }
}

}  // namespace
}  // namespace iie
