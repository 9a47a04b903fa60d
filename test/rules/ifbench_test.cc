// IFBench's instructions: plain-text cases, kwargs and hostile input. recorded_verdicts_test.cc has
// the recorded ones.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/string_util.h"
#include "case_file.h"
#include "rules/instructions.h"

namespace iie {
namespace {

const char* const kCases = IIE_SOURCE_DIR "/test/cases/instructions/ifbench.txt";

CompiledInstructions compiled(const std::string& id, const std::string& kwargs) {
  auto instructions = compile_instructions({{id, kwargs}});
  if (instructions) return *std::move(instructions);
  ADD_FAILURE() << instructions.error().message;
  return {};
}

TEST(IfbenchCases, AreDecidedAsTheReferenceDecides) {
  std::map<std::string, std::set<std::string>> outcomes;
  for (const RuleCase& one : read_rule_cases(kCases)) {
    const auto results = compiled(one.rule, one.params).run(one.response);
    ASSERT_EQ(results.size(), 1U) << one.where;
    EXPECT_EQ(results[0].strict ? "met" : "broken", one.decision) << one.where << ": " << one.title;
    outcomes[one.rule].insert(one.decision);
  }
  std::size_t count = 0;
  for (const InstructionInfo& info : instructions()) {
    if (info.suite != InstructionSuite::ifbench) continue;
    ++count;
    EXPECT_EQ(outcomes[std::string(info.id)].size(), 2U) << info.id;
  }
  EXPECT_EQ(count, 58U);
}

TEST(IfbenchKwargs, RefuseWhatTheReferenceWouldDrawAtRandom) {
  const auto error = [](std::string id, std::string kwargs) {
    const auto instructions = compile_instructions({{std::move(id), std::move(kwargs)}});
    return instructions ? std::string("no error") : instructions.error().message;
  };
  EXPECT_EQ(error("count:numbers", "{}"), "instructions[0] (count:numbers): N: missing");
  EXPECT_EQ(error("count:numbers", R"({"N":-1})"),
            "instructions[0] (count:numbers): N: must not be negative");
  EXPECT_EQ(error("count:numbers", R"({"N":2.0})"), "no error");
  EXPECT_EQ(error("count:numbers", R"({"N":2.5})"),
            "instructions[0] (count:numbers): N: expected a whole number, got 2.5");
  EXPECT_EQ(error("count:words_japanese", R"({"N":0})"),
            "instructions[0] (count:words_japanese): N: must be positive");
  EXPECT_EQ(error("ratio:overlap", R"({"reference_text":"a"})"),
            "instructions[0] (ratio:overlap): percentage: missing");
  EXPECT_EQ(error("ratio:stop_words", R"({"percentage":"5"})"),
            "instructions[0] (ratio:stop_words): percentage: expected a number, got a string");
  EXPECT_EQ(error("ratio:stop_words", R"({"percentage":5,"word":"a"})"),
            "instructions[0] (ratio:stop_words): word: unknown field");
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"ratio:stop_words", R"({"percentage":-5})"},
      {"format:list", R"({"sep":""})"},
      {"format:options", "{}"},
      {"sentence:keyword", R"({"word":"a","N":0})"},
      {"sentence:keyword", R"({"N":1})"},
      {"count:keywords_multiple",
       R"({"keyword1":" ","keyword2":"b","keyword3":"c","keyword4":"d","keyword5":"e"})"},
      {"words:keywords_specific_position", R"({"keyword":"a","n":0,"m":1})"},
      {"words:keywords_specific_position", R"({"keyword":"a","n":1})"},
      {"repeat:repeat_span", R"({"prompt_to_repeat":"a b","n_start":0})"},
      {"repeat:repeat_change", R"({"prompt_to_repeat":""})"},
      {"custom:multiples", R"({"N":1})"},
  };
  for (const auto& [id, kwargs] : wrong) EXPECT_NE(error(id, kwargs), "no error") << id << kwargs;
}

// Kwargs under which each instruction does its work.
std::map<std::string, std::string> working_kwargs() {
  std::map<std::string, std::string> kwargs;
  for (const RuleCase& one : read_rule_cases(kCases)) kwargs[one.rule] = one.params;
  return kwargs;
}

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += part;
  return out;
}

TEST(IfbenchHostile, AnyBytesAndLongRunsOfOneThingAreDecided) {
  // Two sizes: what is worse than n log n shows in their ratio long before it hurts.
  constexpr std::size_t kSmall = 4'000;
  constexpr std::size_t kFactor = 8;
  using namespace std::string_view_literals;
  const std::vector<std::string_view> parts = {"."sv,
                                               "A. B. C. "sv,
                                               "a.b."sv,
                                               "\n"sv,
                                               " \n"sv,
                                               "\""sv,
                                               "'\""sv,
                                               "([{"sv,
                                               "*-"sv,
                                               "<i>"sv,
                                               "Question 1\n"sv,
                                               "\n\n\nQ"sv,
                                               "Mr. Inc. He "sv,
                                               "...."sv,
                                               "\xF0\x9F\x98\x80 "sv,
                                               "e\xCC\x81"sv,
                                               "\xFF\0\x80"sv,
                                               "aaaaa "sv,
                                               "Zimbabwe\n"sv,
                                               "\xE3\x80\x80"sv,
                                               ","sv,
                                               "\"\",\r"sv,
                                               "1-"sv,
                                               "<prd><stop>"sv,
                                               "tea "sv};
  const auto kwargs = working_kwargs();
  ASSERT_EQ(kwargs.size(), 58U);
  const auto seconds = [](const CompiledInstructions& checks, const std::string& text) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(checks.run(text).size(), 1U);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  for (const auto& [id, given] : kwargs) {
    const CompiledInstructions checks = compiled(id, given);
    for (const std::string_view part : parts) {
      const double small = seconds(checks, repeated(part, kSmall));
      const double large = seconds(checks, repeated(part, kSmall * kFactor));
      // Quadratic would be 64 times; a floor keeps the clock and a busy machine out of it.
      EXPECT_LT(large, 0.25 + small * kFactor * 4) << id << " on " << one_line(part);
    }
  }
}

}  // namespace
}  // namespace iie
