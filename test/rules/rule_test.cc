#include "rules/rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "support/shared_files.h"

namespace iie {
namespace {

Question with(std::vector<Check> checks) {
  Question question;
  question.checks = std::move(checks);
  return question;
}

std::string error_of(std::string rule, std::string params) {
  const auto checks =
      compile_checks(with({{std::move(rule), "c1", std::move(params)}}), "sample s1");
  return checks ? "no error" : checks.error().message;
}

TEST(CompileChecks, NamesSampleCheckAndField) {
  const auto result = compile_checks(
      with({{"code_only", "c1", "{}"}, {"count", "c2", R"({"unit":"words","min":"3"})"}}),
      "sample qc-1");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(result.error().message,
            "sample qc-1: checks[1] (count): params.min: expected a whole number, got a string");
}

TEST(CompileChecks, SuggestsTheNearestName) {
  EXPECT_EQ(error_of("no_coments", "{}"),
            "sample s1: checks[0]: unknown rule 'no_coments'; did you mean 'no_comments'?");
  EXPECT_NE(error_of("markdown", R"({"element":"lists","max":0})").find("did you mean 'list'"),
            std::string::npos);
  EXPECT_NE(error_of("count", R"({"unit":"words","maximum":3,"max":3})")
                .find("params.maximum: unknown field"),
            std::string::npos);
  EXPECT_NE(error_of("no_comments", R"({"language":"pyton"})").find("did you mean 'python'"),
            std::string::npos);
}

TEST(CompileChecks, RefusesWhatNoResponseOrEveryResponseMeets) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"count", R"({"unit":"words"})"},
      {"count", R"({"unit":"words","min":5,"max":3})"},
      {"count", R"({"unit":"words","exactly":5,"max":9})"},
      {"count", R"({"unit":"words","min":-1})"},
      {"count", R"({"unit":"word","min":1})"},
      {"count", R"({"min":1})"},
      {"markdown", R"({"element":"list"})"},
      {"markdown", R"({"max":0})"},
      {"mentions", "{}"},
      {"mentions", R"({"any":[]})"},
      {"mentions", R"({"any":["  "]})"},
      {"mentions", R"({"of":["a","b"]})"},
      {"mentions", R"({"of":["a","b"],"min":3})"},
      {"mentions", R"({"any":["a"],"min":1})"},
      {"mentions", R"({"any":[1]})"},
      {"not_mentions", "{}"},
      {"matches", R"({"pattern":"("})"},
      {"matches", R"({"pattern":""})"},
      {"matches", "{}"},
      {"starts_with", "{}"},
      {"ends_with", R"({"any":[" "]})"},
      {"k_of_n", R"({"answers":[["a"]],"correct":2})"},
      {"k_of_n", R"({"answers":[["a"]],"correct":-1})"},
      {"k_of_n", R"({"answers":[["a"]]})"},
      {"k_of_n", R"({"answers":[[]],"correct":0})"},
      {"k_of_n", R"({"answers":[["a",2]],"correct":0})"},
      {"k_of_n", R"({"answers":"a","correct":0})"},
      {"k_of_n", R"({"correct":0})"},
      {"final_answer", "{}"},
      {"final_answer", R"({"accept":["a"],"rejects":["b"]})"},
      {"casing", R"({"is":"tittle"})"},
      {"language", R"({"is":"french"})"},
      {"has_code", R"({"min_lines":0})"},
      {"has_code", R"({"language":"cobol"})"},
      {"no_comments", R"({"docstrings":"maybe"})"},
      {"code_only", R"({"language":"c"})"},
      {"code_only", "[]"},
      {"code_only", "{"},
  };
  for (const auto& [rule, params] : wrong) {
    const std::string message = error_of(rule, params);
    EXPECT_TRUE(message.starts_with("sample s1: checks[0] (" + rule + "): params"))
        << rule << params << ": " << message;
  }
}

TEST(ValidateChecks, CoversTwins) {
  Sample sample;
  sample.id = "s7";
  sample.question = with({{"code_only", "c1", "{}"}});
  sample.twin = with({{"code_onlyy", "c1", "{}"}});
  EXPECT_TRUE(validate_checks({}));
  const auto result = validate_checks({sample});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "sample s7: twin: checks[0]: unknown rule 'code_onlyy'; did you mean 'code_only'?");
}

TEST(Rules, AreListedInOrderWithHelp) {
  ASSERT_FALSE(rules().empty());
  EXPECT_TRUE(std::ranges::is_sorted(rules(), {}, &RuleInfo::name));
  for (const RuleInfo& rule : rules()) {
    EXPECT_FALSE(rule.help.empty()) << rule.name;
    EXPECT_TRUE(rule.params.starts_with("{")) << rule.name;
  }
}

TEST(CompiledChecks, KeepOrderAndNameCriteria) {
  const auto checks =
      compile_checks(with({{"mentions", "c2", R"({"any":["a"]})"}, {"code_only", "c1", "{}"}}));
  ASSERT_TRUE(checks);
  EXPECT_EQ(checks->size(), 2U);
  const auto results = checks->run("a");
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].criterion, "c2");
  EXPECT_EQ(results[0].decision, Decision::met);
  EXPECT_EQ(results[1].rule, "code_only");
  EXPECT_EQ(results[1].decision, Decision::broken);
}

// One check of every rule.
std::vector<Check> all_rules() {
  return {{"casing", "c", R"({"is":"lower"})"},
          {"code_only", "c", "{}"},
          {"count", "c", R"({"unit":"words","max":10})"},
          {"count", "c", R"({"unit":"characters","max":10})"},
          {"count", "c", R"({"unit":"sentences","max":10})"},
          {"count", "c", R"({"unit":"paragraphs","max":10})"},
          {"ends_with", "c", R"({"any":["end"]})"},
          {"final_answer", "c", R"({"accept":["75"],"reject":["45"]})"},
          {"has_code", "c", "{}"},
          {"k_of_n", "c", R"({"answers":[["1"],["2"],["3"]],"correct":1})"},
          {"language", "c", R"({"is":"chinese"})"},
          {"markdown", "c", R"({"element":"list","max":0})"},
          {"matches", "c", R"({"pattern":"a.*b","max":3})"},
          {"mentions", "c", R"({"any":["15","abc","北京"]})"},
          {"no_comments", "c", "{}"},
          {"no_comments", "c", R"({"language":"javascript"})"},
          {"not_mentions", "c", R"({"any":["15","(("]})"},
          {"starts_with", "c", R"({"any":["start"]})"},
          {"unmarked", "c", R"({"answers":3})"}};
}

TEST(CompiledChecks, SurviveHostileResponses) {
  const auto checks = compile_checks(with(all_rules()));
  ASSERT_TRUE(checks);
  std::vector<std::string> hostile = {
      "",   std::string(100'000, '\0'), std::string(1000, '\xFF'), "\xE4\xBD",
      "\n", std::string("a\0b", 3)};
  for (const std::string_view part :
       {"(",          "\"",       "1. ", "- ", "1,000,", "not ", "```\n", "```python\n(",
        "answer is ", "\\boxed{", "?",   ". ", "北",     "15.",  "1.1.1", "\u0301",
        "<",          "*",        "a*",  "|",  "Q1: ",   "一、", "①\n",   "question "}) {
    std::string text;
    while (text.size() < 100'000) text += part;
    hostile.push_back(std::move(text));
  }
  for (const std::string& text : hostile) {
    const auto start = std::chrono::steady_clock::now();
    const auto results = checks->run(text);
    EXPECT_EQ(results.size(), checks->size());
    for (const CheckResult& result : results) {
      EXPECT_TRUE(is_valid_utf8(result.reason));
      EXPECT_LT(result.reason.size(), 600U);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30))
        << one_line(text.substr(0, 20));
  }
}

TEST(CompiledChecks, TakeLongResponsesInNearLinearTime) {
  const auto checks = compile_checks(with(all_rules()));
  ASSERT_TRUE(checks);
  std::string text;
  while (text.size() < 10'000'000) {
    text +=
        "An *ordinary* paragraph of text, with 3.14 and e.g. Dr. Smith in it. "
        "还有一些中文的句子。\n\n";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(checks->run(text).size(), checks->size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(120));
}

TEST(CompiledChecks, RunOnSeveralThreadsAtOnce) {
  const auto checks = compile_checks(with(all_rules()));
  ASSERT_TRUE(checks);
  const std::string text = "```python\nx = 1  # 一\n```\n1. 答案是 15. The end";
  const auto expected = checks->run(text);
  std::vector<std::vector<CheckResult>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) mine = checks->run(text);
      });
    }
  }
  for (const auto& mine : seen) {
    ASSERT_EQ(mine.size(), expected.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      EXPECT_EQ(mine[i].decision, expected[i].decision);
      EXPECT_EQ(mine[i].reason, expected[i].reason);
    }
  }
}

// Labelled responses to questions in the official format. The checks state the questions' demands
// that rules can decide; a response passes when all are met.
TEST(OfficialStyle, LabelledResponsesGetTheirLabels) {
  const auto path = test::shared_file("official_style/labelled_responses.jsonl");
  IIE_NEEDS_SHARED(path);
  const std::vector<std::pair<std::int64_t, std::vector<Check>>> rows = {
      {0, {{"final_answer", "c1", R"({"accept":["75"],"reject":["25","35","45","55"]})"}}},
      {1, {{"count", "c1", R"({"unit":"sentences","exactly":3})"}}},
      {2, {{"no_comments", "c1", "{}"}, {"code_only", "c2", "{}"}}},
      {3, {{"markdown", "c1", R"({"element":"list","max":0})"}}},
      {4,
       {{"k_of_n", "c1",
         R"({"answers":[["the Sun","Sun"],["27"],["Tokyo"],["Russia"],["July 14"]],"correct":1})"}}},
      {5, {{"final_answer", "c1", R"({"accept":["1500"]})"}}},
      {6,
       {{"not_mentions", "c1", R"({"any":["gold","gemstone","gemstones"]})"},
        {"mentions", "c2", R"({"any":["three","3"]})"}}},
      {7,
       {{"mentions", "c1", R"({"any":["Wells"]})"},
        {"not_mentions", "c2", R"({"any":["mistaken","in fact"]})"}}},
  };
  auto reader = LineReader::open(path);
  ASSERT_TRUE(reader);
  int checked = 0;
  while (true) {
    const auto line = reader->next();
    ASSERT_TRUE(line);
    if (!*line) break;
    const auto json = parse_json(**line);
    ASSERT_TRUE(json);
    const auto row = json->at("row").as_int64();
    const auto label = json->at("label").as_int64();
    const auto found =
        std::ranges::find(rows, row, &std::pair<std::int64_t, std::vector<Check>>::first);
    ASSERT_NE(found, rows.end());
    const auto checks = compile_checks(with(found->second));
    ASSERT_TRUE(checks) << checks.error().message;
    bool pass = true;
    std::string reasons;
    for (const CheckResult& result :
         checks->run(std::string_view(json->at("response").as_string()))) {
      EXPECT_NE(result.decision, Decision::undecided) << row << ": " << result.reason;
      pass = pass && result.decision == Decision::met;
      reasons += result.reason + "; ";
    }
    if (row == 1) {  // its spelling is not these rules' to judge: both have three sentences
      EXPECT_TRUE(pass) << reasons;
    } else {
      EXPECT_EQ(pass, label == 1) << "row " << row << ": " << reasons;
    }
    ++checked;
  }
  EXPECT_EQ(checked, 16);
}

}  // namespace
}  // namespace iie
