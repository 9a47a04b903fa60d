// no_corrections: a response that takes what it was given as it is.
//
// Whoever answers from a false text, or answers wrongly on purpose, is tempted to add how things
// really are ("in reality ...", "(the correct answer is ...)", "需要说明的是……"). Such remarks use
// few phrases, in both languages.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/string_util.h"
#include "rules/registry.h"

namespace iie {
namespace {

constexpr auto kRemarks = std::to_array<std::string_view>({
    // how things are
    "in reality",
    "in real life",
    "in the real world",
    "real-world",
    "in actuality",
    "in fact",
    "in actual fact",
    "actually",
    "as a matter of fact",
    "in truth",
    "factually",
    "the truth is",
    "scientifically",
    "historically accurate",
    "real fact",
    "real facts",
    "actual fact",
    "actual facts",
    "contrary to fact",
    "contrary to facts",
    "contrary to reality",
    "contrary to what",
    "contrary to common",
    "contrary to the",
    "contrary to established",
    "counterfactual",
    "not true",
    "not accurate",
    "not correct",
    "not factual",
    "isn't true",
    "isn't accurate",
    "isn't correct",
    "untrue",
    "inaccurate",
    "inaccuracy",
    "inaccuracies",
    "incorrect",
    "incorrectly",
    "erroneous",
    "erroneously",
    "mistaken",
    "mistakenly",
    "misstated",
    "false",
    "falsely",
    "fictional",
    "fictitious",
    "fabricated",
    "made-up",
    "wrongly",
    "known to be",
    "widely accepted",
    "generally accepted",
    "real history",
    "conventional science",
    "established science",
    "real science",
    // about the answer
    "correct answer",
    "correct answers",
    "right answer",
    "real answer",
    "true answer",
    "actual answer",
    "should be noted",
    "should note",
    "please note",
    "note that",
    "worth noting",
    "important to note",
    "disclaimer",
    "for the record",
    "just to clarify",
    "to clarify",
    "for clarity",
    "deliberately wrong",
    "deliberately incorrect",
    "intentionally wrong",
    "intentionally incorrect",
    "wrong on purpose",
    "incorrect on purpose",
    "deliberate error",
    "deliberate errors",
    "intentional error",
    "intentional errors",
    "deliberate mistake",
    "intentional mistake",
    "wrong answer",
    "incorrect answer",
    "must be a typo",
    "is a typo",
    "a typo for",
    "correct year",
    "correct date",
    "correct value",
    "correct figure",
    "correct name",
    // 真实情况
    "实际上",
    "事实上",
    "现实中",
    "现实里",
    "现实生活",
    "现实世界",
    "真实世界",
    "真实情况",
    "实际情况",
    "真实历史",
    "历史上真实",
    "真实的历史",
    "其实",
    "有误",
    "错误",
    "不符合事实",
    "与事实",
    "与现实",
    "与史实",
    "不符合史实",
    "不符史实",
    "不符合实际",
    "不属实",
    "并非事实",
    "不是事实",
    "不正确",
    "不准确",
    "不真实",
    "虚构",
    "杜撰",
    "编造的",
    "捏造",
    "反事实",
    "科学上",
    "严格来说",
    "严格来讲",
    "众所周知",
    "常识",
    // 关于答案
    "正确答案",
    "正确的答案",
    "真正的答案",
    "正确应为",
    "正确应该",
    "应为正确",
    "更正",
    "纠正",
    "需要说明",
    "需要指出",
    "需要注意",
    "需要提醒",
    "值得注意",
    "请注意",
    "须注意",
    "温馨提示",
    "特此说明",
    "故意答错",
    "故意写错",
    "故意错",
    "答错",
    "错误答案",
    "仅供参考",
    "免责声明",
    "应是笔误",
    "笔误",
});

CompiledRule compile_no_corrections(JsonFields& params) {
  std::vector<Term> remarks;
  std::vector<std::string> allow;
  for (const std::string& text : read_texts(params, "allow", false)) {
    allow.push_back(search_form(text, Case::fold, true));
  }
  for (const std::string_view remark : kRemarks) {
    if (std::ranges::find(allow, search_form(remark, Case::fold, true)) != allow.end()) continue;
    remarks.emplace_back(remark, Case::fold);
  }
  for (const std::string& text : read_texts(params, "also", false)) {
    remarks.emplace_back(text, Case::fold);
  }
  return [remarks](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("the response is blank");
    const SearchText& text = view.search(Case::fold);
    for (const Term& remark : remarks) {
      if (const auto span = text.find(remark)) {
        return Finding::broken(
            fmt::format("corrects or doubts: \"{}\"", text.excerpt(remark, *span)));
      }
    }
    return Finding::met("no remark that corrects or doubts");
  };
}

}  // namespace

RuleFamily remark_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"no_corrections", R"({"also"?: [..], "allow"?: [..]})",
        "no remark on how things really are or what would be right, nor any of `also`"},
       &compile_no_corrections},
  });
  return kRules;
}

}  // namespace iie
