#include "authoring/near_duplicates.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.h"

namespace iie {
namespace {

TEST(NearDuplicates, SeeThroughCasePunctuationAndSpaces) {
  const std::vector<std::string> texts = {
      "How many legs do three spiders and two ants have together?",
      "how many legs do three SPIDERS, and two ants -- have together",
      "Which river flows through the old town of Bern, and in which direction?",
      "三只蜘蛛和两只蚂蚁一共有多少条腿？",
      "三只蜘蛛和两只蚂蚁，一共有多少条腿",
  };
  const auto found = near_duplicates(texts, texts.size(), 0.5);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].a, 0U);
  EXPECT_EQ(found[0].b, 1U);
  EXPECT_DOUBLE_EQ(found[0].similarity, 1);
  EXPECT_EQ(found[1].a, 3U);
  EXPECT_EQ(found[1].b, 4U);
  EXPECT_DOUBLE_EQ(found[1].similarity, 1);
}

TEST(NearDuplicates, CompareOnlyOwnTextsWithOthers) {
  const std::vector<std::string> texts = {"A question about the price of seven apples in March",
                                          "Something else entirely, on glaciers and their speed",
                                          "a question about the price of seven apples in march!",
                                          "a question about the price of seven apples in March"};
  const auto found = near_duplicates(texts, 2, 0.5);
  ASSERT_EQ(found.size(), 2U);  // 0-2 and 0-3, not 2-3
  EXPECT_EQ(found[0].a, 0U);
  EXPECT_EQ(found[1].a, 0U);
}

// Against the definition: all pairs compared exactly.
TEST(NearDuplicates, MissFewPairsOfChangedTexts) {
  Rng rng(7);
  const auto word = [&] {
    std::string out;
    for (int i = 0; i < 6; ++i) out += static_cast<char>('a' + rng.below(26));
    return out + ' ';
  };
  std::vector<std::string> texts;
  int planted = 0;
  for (int i = 0; i < 150; ++i) {
    std::vector<std::string> words;
    for (int w = 0; w < 40; ++w) words.push_back(word());
    std::string original;
    for (const auto& one : words) original += one;
    texts.push_back(original);
    for (int change = 0; change < 3; ++change) words[rng.below(words.size())] = word();
    std::string changed;
    for (const auto& one : words) changed += one;
    texts.push_back(changed);
    ++planted;
  }
  const auto found = near_duplicates(texts, texts.size(), 0.6);
  int right = 0;
  for (const TextMatch& match : found) {
    EXPECT_EQ(match.a % 2, 0U);
    EXPECT_EQ(match.b, match.a + 1);
    EXPECT_GT(match.similarity, 0.6);
    EXPECT_LT(match.similarity, 1);
    ++right;
  }
  EXPECT_GE(right, planted - 2);
}

TEST(NearDuplicates, TextsWithoutLettersAreNoDuplicates) {
  const std::vector<std::string> texts = {"", "...", "", "?!"};
  EXPECT_TRUE(near_duplicates(texts, texts.size(), 0.1).empty());
}

TEST(Containment, IsTheShareOfThePartThatOccurs) {
  EXPECT_DOUBLE_EQ(containment("the shortest river of Africa",
                               "They say it is The Shortest River of Africa, and cold."),
                   1);
  EXPECT_DOUBLE_EQ(containment("completely different words", "nothing of that is here"), 0);
  EXPECT_DOUBLE_EQ(containment("31", "31"), 0);  // too short to say
}

}  // namespace
}  // namespace iie
