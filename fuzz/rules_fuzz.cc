// Every rule on arbitrary bytes: no crash, no hang, one valid reason each.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/string_util.h"
#include "rules/rule.h"

namespace {

iie::CompiledChecks compile() {
  iie::Question question;
  question.checks = {
      {"casing", "c", R"({"is":"lower"})"},
      {"code_only", "c", "{}"},
      {"count", "c", R"({"unit":"words","max":10})"},
      {"count", "c", R"({"unit":"characters","max":10})"},
      {"count", "c", R"({"unit":"cjk_characters","max":10})"},
      {"count", "c", R"({"unit":"sentences","max":1})"},
      {"count", "c", R"({"unit":"lines","max":10})"},
      {"count", "c", R"({"unit":"paragraphs","max":10})"},
      {"ends_with", "c", R"({"any":["end","。"]})"},
      {"gives", "c", R"({"number":27,"unit":["km"],"date":"1789-07-14","yes":true})"},
      {"identifiers", "c", R"({"style":"snake_case"})"},
      {"final_answer", "c", R"({"accept":["75"],"reject":["45","太阳"]})"},
      {"has_code", "c", "{}"},
      {"k_of_n", "c", R"({"answers":[["1","太阳"],["2"]],"correct":1})"},
      {"language", "c", R"({"is":"chinese"})"},
      {"markdown", "c", R"({"element":"list","max":0})"},
      {"markdown", "c", R"({"element":"table","max":0})"},
      {"matches", "c", R"({"pattern":"\\w*","max":3})"},
      {"mentions", "c", R"({"any":["15","十五","a*"]})"},
      {"no_comments", "c", "{}"},
      {"no_comments", "c", R"({"language":"html"})"},
      {"not_mentions", "c", R"({"any":["1500","can"]})"},
      {"starts_with", "c", R"({"any":["start"]})"},
      {"casing", "c", R"({"is":"title","part":{"each":"line","from":2}})"},
      {"casing", "c", R"({"is":"alternating","part":{"sentences":[2,-2]}})"},
      {"choice", "c", R"({"is":"none"})"},
      {"differs", "c", R"({"from":"The sun rises.","unit":"words","max":2})"},
      {"differs", "c", R"({"from":"太阳升起","unit":"characters","max":2})"},
      {"misspellings", "c", R"({"max":2,"part":{"in":"prose"}})"},
      {"mentions", "c", R"({"any":["2"],"part":{"item":2,"of":3}})"},
      {"mentions", "c", R"({"any":["2"],"part":{"each":"item"}})"},
      {"no_corrections", "c", "{}"},
      {"punctuation", "c", R"({"marks":"all","max":3})"},
      {"punctuation", "c", R"({"marks":"end","where":"line_end","max":3})"},
      {"rejects_options", "c", "{}"},
      {"repeated_words", "c", R"({"max":0,"part":{"after":":"}})"}};
  auto checks = iie::compile_checks(question);
  if (!checks) std::abort();
  return *std::move(checks);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const iie::CompiledChecks checks = compile();
  const auto results = checks.run({reinterpret_cast<const char*>(data), size});
  if (results.size() != checks.size()) std::abort();
  for (const iie::CheckResult& result : results) {
    if (result.reason.empty() || !iie::is_valid_utf8(result.reason)) std::abort();
  }
  return 0;
}
