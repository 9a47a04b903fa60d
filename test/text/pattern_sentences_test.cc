#include "text/pattern_sentences.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using Parts = std::vector<std::string>;

// Expected values are those of the reference's split_into_sentences.

TEST(PatternSentences, EndAtEveryMark) {
  EXPECT_EQ(pattern_sentences("Tea warms. Why? Yes!"), (Parts{"Tea warms.", "Why?", "Yes!"}));
  EXPECT_EQ(pattern_sentences("What?!"), (Parts{"What?", "!"}));
  EXPECT_EQ(pattern_sentences("no mark"), (Parts{"no mark"}));
  EXPECT_EQ(pattern_sentences("Tea\nwarms. So"), (Parts{"Tea warms.", "So"}));
  EXPECT_EQ(pattern_sentences("tea.milk"), (Parts{"tea.", "milk"}));
  EXPECT_EQ(pattern_sentences(" "), Parts());
}

TEST(PatternSentences, DoNotEndAtAbbreviations) {
  EXPECT_EQ(pattern_sentences("Dr. Who met Mrs. Peel at 3.14 p.m. on bbc.com."),
            (Parts{"Dr. Who met Mrs. Peel at 3.14 p.m. on bbc.com."}));
  EXPECT_EQ(pattern_sentences("She has a Ph.D. in tea."), (Parts{"She has a Ph.D. in tea."}));
  EXPECT_EQ(pattern_sentences("He left the U.S. He flew."),
            (Parts{"He left the U.S.", "He flew."}));
  EXPECT_EQ(pattern_sentences("He left the U.S. Then"), (Parts{"He left the U.S. Then"}));
  EXPECT_EQ(pattern_sentences("Tea Inc. But why"), (Parts{"Tea Inc", "But why"}));
  EXPECT_EQ(pattern_sentences("Tea Inc. sells"), (Parts{"Tea Inc. sells"}));
}

TEST(PatternSentences, WhatAMatchConsumedBeginsNoOther) {
  EXPECT_EQ(pattern_sentences("v1.2.3 is"), (Parts{"v1.2.", "3 is"}));
  EXPECT_EQ(pattern_sentences("vitamins A. B. C. D."), (Parts{"vitamins A. B. C. D."}));
  EXPECT_EQ(pattern_sentences("a.b.c.d."), (Parts{"a.b.c.d."}));
  EXPECT_EQ(pattern_sentences("tea\nx. y"), (Parts{"tea x. y"}));
}

TEST(PatternSentences, EllipsesEndOneAndQuotationMarksChangePlaces) {
  EXPECT_EQ(pattern_sentences("Well... so"), (Parts{"Well...", "so"}));
  EXPECT_EQ(pattern_sentences("He said \"go.\" I went."), (Parts{"He said \"go\".", "I went."}));
  EXPECT_EQ(pattern_sentences("“Go.” “No!”"), (Parts{"“Go”.", "“No!", "”"}));
}

TEST(PatternSentences, TheMarkersOfTheReferenceActInAResponseToo) {
  EXPECT_EQ(pattern_sentences("a<stop>b<prd>c"), (Parts{"a", "b.c"}));
}

}  // namespace
}  // namespace iie
