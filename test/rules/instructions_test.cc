#include "rules/instructions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace iie {
namespace {

std::string error_of(std::string id, std::string kwargs) {
  const auto compiled = compile_instructions(
      {{"punctuation:no_comma", "{}"}, {std::move(id), std::move(kwargs)}}, "sample 1000");
  return compiled ? "no error" : compiled.error().message;
}

InstructionResult run(std::string id, std::string kwargs, std::string_view response) {
  const auto compiled = compile_instructions({{std::move(id), std::move(kwargs)}});
  if (!compiled) {
    ADD_FAILURE() << compiled.error().message;
    return {};
  }
  return compiled->run(response).at(0);
}

constexpr InstructionResult kFollowed{true, true};
constexpr InstructionResult kLoosely{false, true};
constexpr InstructionResult kNot{false, false};

TEST(CompileInstructions, NamesSampleInstructionAndKey) {
  EXPECT_EQ(error_of("length_constraints:number_words", R"({"relation":"at least"})"),
            "sample 1000: instructions[1] (length_constraints:number_words): num_words: missing");
  EXPECT_EQ(
      error_of("length_constraints:number_words", R"({"num_words":"300","relation":"at least"})"),
      "sample 1000: instructions[1] (length_constraints:number_words): num_words: expected a "
      "whole number, got a string");
  EXPECT_EQ(error_of("punctuation:no_coma", "{}"),
            "sample 1000: instructions[1]: unknown instruction 'punctuation:no_coma'; did you mean "
            "'punctuation:no_comma'?");
  EXPECT_EQ(error_of("punctuation:no_comma", R"({"num_words":3})"),
            "sample 1000: instructions[1] (punctuation:no_comma): num_words: unknown field");
}

TEST(CompileInstructions, RefusesWhatTheReferenceWouldReplaceByChance) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"length_constraints:number_words", R"({"num_words":-1,"relation":"at least"})"},
      {"length_constraints:number_words", R"({"num_words":3.5,"relation":"at least"})"},
      {"length_constraints:number_words", R"({"num_words":3,"relation":"at most"})"},
      {"length_constraints:number_words", R"({"num_words":3,"relation":null})"},
      {"length_constraints:nth_paragraph_first_word",
       R"({"num_paragraphs":2,"nth_paragraph":3,"first_word":"a"})"},
      {"keywords:existence", R"({"keywords":[]})"},
      {"keywords:existence", R"({"keywords":["a",""]})"},
      {"keywords:existence", R"({"keywords":["a",1]})"},
      {"keywords:existence", R"({"keywords":["(a"]})"},
      {"keywords:letter_frequency",
       R"({"letter":"ab","let_frequency":1,"let_relation":"at least"})"},
      {"combination:repeat_prompt", R"({"prompt_to_repeat":""})"},
      {"detectable_content:postscript", R"({"postscript_marker":" "})"},
      {"punctuation:no_comma", "[]"},
      {"punctuation:no_comma", "{"},
  };
  for (const auto& [id, kwargs] : wrong)
    EXPECT_NE(error_of(id, kwargs), "no error") << id << kwargs;
}

TEST(CompileInstructions, WholeNumbersMayBeWrittenWithAFraction) {
  EXPECT_EQ(run("length_constraints:number_words", R"({"num_words":2.0,"relation":"at least"})",
                "two words"),
            kFollowed);
}

TEST(Instructions, AreListedBySuiteAndId) {
  const auto& all = instructions();
  EXPECT_TRUE(std::ranges::is_sorted(
      all, {}, [](const InstructionInfo& info) { return std::pair(info.suite, info.id); }));
  EXPECT_EQ(std::ranges::adjacent_find(all, {}, &InstructionInfo::id), all.end());
}

TEST(RunInstructions, LooselyWithoutFirstOrLastLineOrStars) {
  const auto no_comma = [](std::string_view response) {
    return run("punctuation:no_comma", "{}", response);
  };
  EXPECT_EQ(no_comma("none here"), kFollowed);
  EXPECT_EQ(no_comma("Sure, here:\nnone"), kLoosely);
  EXPECT_EQ(no_comma("none\nHope that helps, bye"), kLoosely);
  EXPECT_EQ(no_comma("Sure, here:\nnone\nwell, bye"), kLoosely);
  EXPECT_EQ(no_comma("Sure, here:\nwell, bye"), kNot);  // what remains is blank
  EXPECT_EQ(no_comma("a\nb, c\nd"), kNot);
  EXPECT_EQ(run("startend:end_checker", R"({"end_phrase":"the end"})", "*The end*"), kLoosely);
  EXPECT_EQ(run("startend:end_checker", R"({"end_phrase":"the end"})", "hm\n*The end*\nbye"),
            kLoosely);
}

TEST(RunInstructions, ABlankResponseFollowsNothing) {
  EXPECT_EQ(run("punctuation:no_comma", "{}", ""), kNot);
  EXPECT_EQ(run("punctuation:no_comma", "{}", " \n\xE3\x80\x80"), kNot);
}

TEST(RunInstructions, TakesAnyBytes) {
  EXPECT_EQ(run("punctuation:no_comma", "{}", std::string_view("\xFF\0a", 3)), kFollowed);
}

}  // namespace
}  // namespace iie
