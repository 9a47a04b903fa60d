// IFEval's checkers on responses that are made to break them.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "rules/instructions.h"

namespace iie {
namespace {

CompiledInstructions all_of_ifeval(Language language = Language::english) {
  const std::vector<Instruction> all = {
      {"change_case:capital_word_frequency",
       R"({"capital_frequency":3,"capital_relation":"at least"})"},
      {"change_case:english_capital", "{}"},
      {"change_case:english_lowercase", "{}"},
      {"combination:repeat_prompt", R"({"prompt_to_repeat":"Ab"})"},
      {"combination:two_responses", "{}"},
      {"detectable_content:number_placeholders", R"({"num_placeholders":3})"},
      {"detectable_content:postscript", R"({"postscript_marker":"P.P.S"})"},
      {"detectable_format:constrained_response", "{}"},
      {"detectable_format:json_format", "{}"},
      {"detectable_format:multiple_sections", R"({"section_spliter":"Section","num_sections":3})"},
      {"detectable_format:number_bullet_lists", R"({"num_bullets":3})"},
      {"detectable_format:number_highlighted_sections", R"({"num_highlights":3})"},
      {"detectable_format:title", "{}"},
      {"keywords:existence", R"({"keywords":["zebra"]})"},
      {"keywords:forbidden_words", R"({"forbidden_words":["a"]})"},
      {"keywords:frequency", R"({"keyword":"aa","frequency":3,"relation":"at least"})"},
      {"keywords:letter_frequency",
       R"({"letter":"q","let_frequency":9,"let_relation":"at least"})"},
      {"language:response_language", R"({"language":"ta"})"},
      {"length_constraints:nth_paragraph_first_word",
       R"({"num_paragraphs":2,"nth_paragraph":2,"first_word":"a"})"},
      {"length_constraints:number_paragraphs", R"({"num_paragraphs":2})"},
      {"length_constraints:number_sentences", R"({"num_sentences":3,"relation":"at least"})"},
      {"length_constraints:number_words", R"({"num_words":3,"relation":"at least"})"},
      {"punctuation:no_comma", "{}"},
      {"startend:end_checker", R"({"end_phrase":"The end"})"},
      {"startend:quotation", "{}"},
  };
  auto compiled = compile_instructions(all, {}, language);
  if (!compiled) {
    ADD_FAILURE() << compiled.error().message;
    return {};
  }
  EXPECT_EQ(compiled->size(), 25U);
  return *std::move(compiled);
}

std::string repeated(std::string_view unit, std::size_t size) {
  std::string text;
  text.reserve(size + unit.size());
  while (text.size() < size) text += unit;
  text.resize(size);
  return text;
}

// A checker that is quadratic takes minutes for these.
TEST(HostileResponses, OfManyKindsTakeLinearTime) {
  const CompiledInstructions english = all_of_ifeval();
  const CompiledInstructions chinese = all_of_ifeval(Language::chinese);
  const auto start = std::chrono::steady_clock::now();
  for (const std::string_view unit : {"a",
                                      " ",
                                      "\n",
                                      ".",
                                      ". ",
                                      ". . ",
                                      "! ",
                                      "'",
                                      "' ",
                                      "\"",
                                      "* ",
                                      "*",
                                      "***\n",
                                      "<<",
                                      "[",
                                      "(",
                                      "{\"a\":",
                                      "[1,",
                                      "1",
                                      "- a\n",
                                      "-\n",
                                      "a@",
                                      "http://",
                                      "A",
                                      "A. ",
                                      "cannot ",
                                      "\xC2\xA0",
                                      "\xE3\x80\x82",
                                      "\xE6\xBC\xA2",
                                      "\xE4\xB8\x80",
                                      "e\xCC\x81",
                                      "\xCC\x81",
                                      "\xF0\x9F\x98\x80",
                                      "\xFF",
                                      "Section 1 ",
                                      "\xE3\x80\x90",
                                      "P. "}) {
    const std::string text = repeated(unit, 60'000);
    EXPECT_EQ(english.run(text).size(), 25U);
    EXPECT_EQ(chinese.run(text).size(), 25U);
  }
  const std::string nuls(60'000, '\0');
  EXPECT_EQ(english.run(nuls).size(), 25U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(HostileResponses, OfTenMegabytesAreJudged) {
  const std::string text = repeated(
      "It's \xE2\x80\x9Cone\xE2\x80\x9D of *many*; see [x] <<y>> at 3.5, e.g. here: Mr. B. "
      "cannot... \xE6\xBC\xA2\xFF ",
      10'000'000);
  const auto results = all_of_ifeval().run(text);
  EXPECT_EQ(results.size(), 25U);
}

}  // namespace
}  // namespace iie
