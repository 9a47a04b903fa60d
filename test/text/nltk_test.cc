#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/nltk_words.h"
#include "text/punkt.h"

namespace iie {
namespace {

// Expected values are NLTK 3.9.1's.

using Parts = std::vector<std::string_view>;
using Tokens = std::vector<std::string>;

TEST(Punkt, EndsSentencesAtMarksBeforeWhiteSpace) {
  EXPECT_EQ(punkt_sentences("One. Two! Three?\nFour"), (Parts{"One.", "Two!", "Three?", "Four"}));
  EXPECT_EQ(punkt_sentences("one.two.three"), (Parts{"one.two.three"}));
  EXPECT_EQ(punkt_sentences("Very bad acting!!! I promise."),
            (Parts{"Very bad acting!!!", "I promise."}));
  EXPECT_EQ(punkt_sentences(""), Parts());
  EXPECT_EQ(punkt_sentences("  \n "), Parts());
  EXPECT_EQ(punkt_sentences("  a.  "), (Parts{"  a."}));
}

TEST(Punkt, KnowsAbbreviationsInitialsAndNumbers) {
  EXPECT_EQ(punkt_sentences("Dr. Smith met J. K. Rowling. They talked."),
            (Parts{"Dr. Smith met J. K. Rowling.", "They talked."}));
  EXPECT_EQ(punkt_sentences("He lives in the U.S. The weather is fine."),
            (Parts{"He lives in the U.S.", "The weather is fine."}));
  EXPECT_EQ(punkt_sentences("1. First\n2. Second"), (Parts{"1.", "First\n2.", "Second"}));
  EXPECT_EQ(punkt_sentences("It grew by 5. percent"), (Parts{"It grew by 5. percent"}));
  EXPECT_EQ(punkt_sentences("Well... he left. So... They stayed."),
            (Parts{"Well... he left.", "So...", "They stayed."}));
}

TEST(Punkt, ClosingMarksStayWithTheirSentence) {
  EXPECT_EQ(punkt_sentences("(One.) Two. \"Three.\" Four."),
            (Parts{"(One.)", "Two.", "\"Three.\"", "Four."}));
  EXPECT_EQ(punkt_sentences("Stop!) -- he said."), (Parts{"Stop!)", "-- he said."}));
}

TEST(NltkWords, SplitsAsThePennTreebank) {
  EXPECT_EQ(
      nltk_word_tokenize("They can't say \"hi\", cannot we'll."),
      (Tokens{"They", "ca", "n't", "say", "``", "hi", "''", ",", "can", "not", "we", "'ll", "."}));
  EXPECT_EQ(nltk_word_tokenize("'Tis $3.88 (roughly 3,36)--gonna: 5:30."),
            (Tokens{"'T", "is", "$", "3.88", "(", "roughly", "3,36", ")", "--", "gon", "na", ":",
                    "5:30", "."}));
  EXPECT_EQ(nltk_word_tokenize("Wait... «well» it's U.S. style."),
            (Tokens{"Wait", "...", "«", "well", "»", "it", "'s", "U.S.", "style", "."}));
}

TEST(NltkWords, RunsAreLettersDigitsAndUnderscores) {
  EXPECT_EQ(nltk_word_runs("it's 3.14_x naïve 漢字。"),
            (Parts{"it", "s", "3", "14_x", "naïve", "漢字"}));
  EXPECT_EQ(count_nltk_word_runs("it's 3.14"), 4U);
}

}  // namespace
}  // namespace iie
