#include "text/language_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <string>

#include "base/embedded.h"
#include "base/json.h"
#include "text/python_random.h"

namespace iie {
namespace {

// Expected values are langdetect 1.0.9's with DetectorFactory.seed = 0, and CPython 3.11's.

TEST(LanguageId, NamesTheLanguage) {
  EXPECT_EQ(detect_language("The quick brown fox jumps over the lazy dog."), "en");
  EXPECT_EQ(detect_language("Der schnelle braune Fuchs springt über den faulen Hund."), "de");
  EXPECT_EQ(detect_language("这是一个中文句子，用来测试语言识别。"), "zh-cn");
  EXPECT_EQ(detect_language("這是一個中文句子，用來測試語言識別。"), "zh-tw");
  EXPECT_EQ(detect_language("これは日本語の文です。"), "ja");
  EXPECT_EQ(detect_language("한국어 문장입니다."), "ko");
  EXPECT_EQ(detect_language("यह हिंदी में एक वाक्य है।"), "hi");
}

TEST(LanguageId, FindsNoFeaturesInMarksAndDigits) {
  EXPECT_EQ(detect_language(""), std::nullopt);
  EXPECT_EQ(detect_language("12345 !?"), std::nullopt);
  EXPECT_EQ(detect_language("https://example.com/a"), std::nullopt);
  EXPECT_EQ(detect_language("someone@example.com"), std::nullopt);
}

TEST(LanguageId, LooksAtTheFirstTenThousandCharacters) {
  std::string text;
  while (text.size() < 10'000) text += "This is plain English text of some length. ";
  for (int i = 0; i < 2000; ++i) text += "Und hier geht es auf Deutsch weiter, immer weiter. ";
  EXPECT_EQ(detect_language(text), "en");
}

TEST(LanguageId, ReadsAllItsProfiles) {
  const auto& languages = detectable_languages();
  EXPECT_EQ(languages.size(), 55U);
  EXPECT_TRUE(std::ranges::is_sorted(languages));
  for (const std::string_view language : languages) {
    const auto profile =
        parse_json(embedded_file("langdetect/profiles/" + std::string(language)).value_or(""));
    ASSERT_TRUE(profile) << language << ": " << profile.error().message;
    EXPECT_EQ(profile->at("name").as_string(), std::string(language));
    EXPECT_EQ(profile->at("n_words").as_array().size(), 3U);
    EXPECT_GT(profile->at("freq").as_object().size(), 100U) << language;
  }
}

TEST(PythonRandom, DrawsAsPythonDoes) {
  PythonRandom random(0);
  EXPECT_DOUBLE_EQ(random.random(), 0.8444218515250481);
  EXPECT_DOUBLE_EQ(random.random(), 0.7579544029403025);
  PythonRandom gauss(0);
  EXPECT_DOUBLE_EQ(gauss.gauss(), 0.9417154046806644);
  EXPECT_DOUBLE_EQ(gauss.gauss(), -1.3965781047011498);
  PythonRandom choice(0);
  EXPECT_EQ(choice.below(1000), 864U);
  EXPECT_EQ(choice.below(1000), 394U);
  EXPECT_EQ(choice.below(1), 0U);
}

}  // namespace
}  // namespace iie
