#include "text/python_text.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

// Expected values are CPython 3.11's.

TEST(PythonText, SplitsAtWhatPythonCallsWhiteSpace) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(python_split(" a\tb\u00a0c\u3000d\u2003e\n"), (Words{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(python_split("a\x1c"
                         "b\x1f"
                         "c\u0085"
                         "d"),
            (Words{"a", "b", "c", "d"}));
  EXPECT_EQ(python_split("a\u200b"
                         "b"),
            (Words{"a\u200b"
                   "b"}));
  EXPECT_EQ(python_split(" \u2028 "), Words());
  EXPECT_EQ(python_split(std::string_view("a\0b", 3)), (Words{std::string_view("a\0b", 3)}));
}

TEST(PythonText, StripsWhiteSpaceOrTheGivenCharacters) {
  EXPECT_EQ(python_strip("\u3000 a b \x1d\n"), "a b");
  EXPECT_EQ(python_strip(" \u00a0"), "");
  EXPECT_EQ(python_lstrip("\t a "), "a ");
  EXPECT_EQ(python_strip("\"(a-b)\" .", kPythonPunctuationAndSpace), "a-b");
  EXPECT_EQ(python_strip("\na.", kPythonPunctuationAndSpace), "\na");
  EXPECT_EQ(python_strip("--", kPythonPunctuationAndSpace), "");
  EXPECT_EQ(python_lstrip("*a*", kPythonPunctuation), "a*");
  EXPECT_EQ(python_rstrip("*a*", kPythonPunctuation), "*a");
}

TEST(PythonText, LowersWithTheFullMapping) {
  EXPECT_EQ(python_lower("ABC Def"), "abc def");
  EXPECT_EQ(python_lower("ÀÉ"), "àé");
  EXPECT_EQ(python_lower("İ"), "i\u0307");
  EXPECT_EQ(python_lower("ΟΔΟΣ Σ"), "οδος σ");
  EXPECT_EQ(python_lower("\u212a"), "k");  // KELVIN SIGN
}

TEST(PythonText, KnowsTheClassesOfCharacters) {
  EXPECT_TRUE(is_python_word(U'é'));
  EXPECT_TRUE(is_python_word(U'_'));
  EXPECT_TRUE(is_python_word(U'½'));
  EXPECT_TRUE(is_python_word(U'Ⅷ'));
  EXPECT_TRUE(is_python_word(U'漢'));
  EXPECT_FALSE(is_python_word(U'\u0301'));
  EXPECT_FALSE(is_python_word(U'’'));
  EXPECT_TRUE(is_python_digit(U'²'));
  EXPECT_FALSE(is_python_digit(U'½'));
  EXPECT_FALSE(is_decimal_digit(U'²'));
  EXPECT_TRUE(is_decimal_digit(U'٣'));
  EXPECT_TRUE(is_python_lower(U'ª'));
  EXPECT_TRUE(is_python_upper(U'Ⓐ'));
  EXPECT_FALSE(is_python_upper(U'ǅ'));
}

TEST(PythonText, CaseOfATextNeedsACasedCharacter) {
  EXPECT_TRUE(all_python_lower("it's 5"));
  EXPECT_FALSE(all_python_lower("55"));
  EXPECT_FALSE(all_python_lower("iT"));
  EXPECT_FALSE(all_python_lower("aǅ"));
  EXPECT_TRUE(all_python_upper("A-1"));
  EXPECT_FALSE(all_python_upper("漢字"));
}

TEST(PythonText, CountsAndFinds) {
  EXPECT_EQ(python_length("aé漢😀"), 4U);
  EXPECT_EQ(python_characters("é😀"), U"é😀");
  EXPECT_EQ(first_character("漢a"), U'漢');
  EXPECT_EQ(last_character("a漢"), U'漢');
  EXPECT_EQ(without_punctuation("a-b, “c”!"), "ab “c”");
  EXPECT_EQ(decimal_runs("1.5 x٣٤ ²"), (std::vector<std::string_view>{"1", "5", "٣٤"}));
}

}  // namespace
}  // namespace iie
