// IFEval's instructions in Chinese prompts.
#include <gtest/gtest.h>

#include <string>

#include "rules/instructions.h"

namespace iie {
namespace {

bool follows(const std::string& id, const std::string& kwargs, std::string_view response,
             Language language = Language::chinese) {
  const auto compiled = compile_instructions({{id, kwargs}}, {}, language);
  if (!compiled) {
    ADD_FAILURE() << compiled.error().message;
    return false;
  }
  return compiled->run(response).at(0).strict;
}

TEST(ChineseInstructions, WordsAreCharactersAndForeignWords) {
  const std::string id = "length_constraints:number_words";
  const std::string response =
      "我在2024年用Python写了3.5万行代码。";  // 12 characters, 2024, Python, 3, 5
  EXPECT_TRUE(follows(id, R"({"num_words":14,"relation":"at least"})", response));
  EXPECT_FALSE(follows(id, R"({"num_words":15,"relation":"at least"})", response));
  EXPECT_TRUE(follows(id, R"({"num_words":15,"relation":"less than"})", response));
  // In an English prompt the reference's words count: runs of letters and digits.
  EXPECT_FALSE(
      follows(id, R"({"num_words":3,"relation":"at least"})", response, Language::english));
}

TEST(ChineseInstructions, SentencesEndAtFullWidthMarks) {
  const std::string id = "length_constraints:number_sentences";
  const std::string response = "今天天气很好。我们去公园吧！你来吗？";
  EXPECT_TRUE(follows(id, R"({"num_sentences":3,"relation":"at least"})", response));
  EXPECT_FALSE(follows(id, R"({"num_sentences":4,"relation":"at least"})", response));
  EXPECT_FALSE(
      follows(id, R"({"num_sentences":2,"relation":"at least"})", response, Language::english));
}

TEST(ChineseInstructions, AParagraphBeginsWithAWholeWord) {
  const std::string id = "length_constraints:nth_paragraph_first_word";
  const std::string kwargs = R"({"num_paragraphs":2,"nth_paragraph":2,"first_word":"中国"})";
  EXPECT_TRUE(follows(id, kwargs, "第一段。\n\n中国历史悠久。"));
  EXPECT_TRUE(follows(id, kwargs, "第一段。\n\n“中国，历史悠久。”"));
  EXPECT_FALSE(follows(id, kwargs, "中国历史悠久。\n\n第一段。"));
  EXPECT_FALSE(follows(id, kwargs, "第一段。\n\n中国历史悠久。\n\n第三段。"));
}

TEST(ChineseInstructions, ForbiddenWordsAreFoundInsideChineseWordsOnly) {
  const std::string id = "keywords:forbidden_words";
  EXPECT_FALSE(follows(id, R"({"forbidden_words":["的"]})", "我的书在桌上。"));
  EXPECT_TRUE(follows(id, R"({"forbidden_words":["税"]})", "没有提到那个字。"));
  EXPECT_FALSE(follows(id, R"({"forbidden_words":["App"]})", "请下载app再试。"));
  EXPECT_TRUE(follows(id, R"({"forbidden_words":["App"]})", "请下载apps再试。"));
}

TEST(ChineseInstructions, KeywordsAreFoundAnywhere) {
  EXPECT_TRUE(follows("keywords:existence", R"({"keywords":["长城","故宫"]})", "故宫和万里长城"));
  EXPECT_FALSE(follows("keywords:existence", R"({"keywords":["长城","天坛"]})", "故宫和万里长城"));
  EXPECT_TRUE(follows("keywords:frequency",
                      R"({"keyword":"长城","frequency":2,"relation":"at least"})",
                      "长城很长，长城很老"));
  EXPECT_TRUE(follows("keywords:letter_frequency",
                      R"({"letter":"长","let_frequency":3,"let_relation":"at least"})",
                      "长城很长，长城很老"));
}

TEST(ChineseInstructions, FullWidthMarksCount) {
  EXPECT_FALSE(follows("punctuation:no_comma", "{}", "你好，世界。"));
  EXPECT_FALSE(follows("punctuation:no_comma", "{}", "你好,世界。"));
  EXPECT_TRUE(follows("punctuation:no_comma", "{}", "苹果、梨。"));
  EXPECT_TRUE(follows("startend:quotation", "{}", "“你好，世界。”"));
  EXPECT_TRUE(follows("startend:quotation", "{}", "「你好」\n"));
  EXPECT_TRUE(follows("startend:quotation", "{}", "\"你好\""));
  EXPECT_FALSE(follows("startend:quotation", "{}", "“你好”世界"));
  EXPECT_FALSE(follows("startend:quotation", "{}", "\""));
  EXPECT_TRUE(
      follows("startend:end_checker", R"({"end_phrase":"就是这样。"})", "“好，就是这样。”"));
  EXPECT_FALSE(follows("startend:end_checker", R"({"end_phrase":"就是这样。"})", "就是这样。好"));
  EXPECT_TRUE(follows("detectable_format:title", "{}", "《《春天》》\n正文"));
  EXPECT_TRUE(follows("detectable_format:title", "{}", "<<春天>>\n正文"));
  EXPECT_FALSE(follows("detectable_format:title", "{}", "《春天》\n<< >>"));
  EXPECT_TRUE(follows("detectable_content:number_placeholders", R"({"num_placeholders":3})",
                      "【姓名】住在[地址]，电话［电话］"));
  EXPECT_FALSE(follows("detectable_content:number_placeholders", R"({"num_placeholders":1})",
                       "【姓名\n】[地址］"));
}

TEST(ChineseInstructions, SectionsAreNumberedBehindOrInFront) {
  const std::string id = "detectable_format:multiple_sections";
  const std::string kwargs = R"({"section_spliter":"部分","num_sections":2})";
  EXPECT_TRUE(follows(id, kwargs, "部分 1\n甲\n部分 2\n乙"));
  EXPECT_TRUE(follows(id, kwargs, "部分一\n甲\n部分二\n乙"));
  EXPECT_TRUE(follows(id, kwargs, "第一部分\n甲\n第二部分\n乙"));
  EXPECT_FALSE(follows(id, kwargs, "第一部分\n甲\n大部分\n乙"));
}

}  // namespace
}  // namespace iie
