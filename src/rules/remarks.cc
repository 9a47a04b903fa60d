// no_corrections: a response that takes what it was given as it is.
//
// Whoever answers from a false text, or answers wrongly on purpose, is tempted to add how things
// really are ("in reality ...", "(the correct answer is ...)", "需要说明的是……"). Such remarks use
// few phrases, in both languages.
//
// Few, but not only these: "(in any other book it is the whale)" uses none of them. Where bare
// answers were asked for, `bare` therefore takes a response without such a phrase for clean only
// when it has no room for a remark: one short answer a line. One that says more is left undecided.
#include "rules/remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/unicode.h"

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

// How much a line says: words of Latin and like scripts that begin with a letter, and characters of
// scripts without spaces.
struct Length {
  std::size_t words = 0;
  std::size_t characters = 0;

  bool within(std::size_t max_words, std::size_t max_characters) const {
    return words <= max_words && characters <= max_characters;
  }
};

Length length_of(std::string_view text) {
  Length out;
  bool inside = false;  // a word or a number
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    if (is_unspaced_letter(c)) {
      ++out.characters;
      inside = false;
    } else if (is_letter_or_digit(c)) {
      if (!inside && is_letter(c)) ++out.words;
      inside = true;
    } else if (text[begin] != '\'' && text[begin] != '-') {
      inside = false;  // "caretaker's" and "hot-air" are words
    }
  }
  return out;
}

// What stands behind the first mark that may open a second clause: comma, bracket, dash, colon,
// full stop. Marks inside numbers (1,800 and 12:15) open none.
std::string_view second_clause(std::string_view text) {
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    const std::string_view rest = text.substr(at);
    const bool in_number =
        before >= '0' && before <= '9' && !rest.empty() && is_ascii_digit(rest[0]);
    const bool mark =
        c < 0x80
            ? std::string_view(",;:.!?([").find(text[begin]) != std::string_view::npos ||
                  (c == '-' && text.substr(0, begin).ends_with(' ') && rest.starts_with(' '))
            : std::u32string_view(U"，；：。！？（［【—–").find(c) != std::u32string_view::npos;
    if (mark && !in_number) return rest;
    before = c;
  }
  return {};
}

// The line without list mark, emphasis and number; whether it had a number.
std::string_view answer_of(std::string_view line, bool& numbered) {
  constexpr std::string_view kMarks = " \t*_>#|(-";
  const auto skip_marks = [&] {
    while (!line.empty() && kMarks.find(line.front()) != std::string_view::npos) {
      line.remove_prefix(1);
    }
  };
  skip_marks();
  std::size_t digits = 0;
  while (digits < line.size() && is_ascii_digit(line[digits])) ++digits;
  numbered = false;
  if (digits == 0 || digits > 2) return line;
  std::string_view rest = line.substr(digits);
  while (rest.starts_with('*') || rest.starts_with('_') || rest.starts_with(' ')) {
    rest.remove_prefix(1);
  }
  for (const std::string_view mark : {".", ")", ":", "|", "、", "．", "：", "）"}) {
    if (!rest.starts_with(mark)) continue;
    line = rest.substr(mark.size());
    numbered = true;
    skip_marks();
    break;
  }
  return line;
}

// The first line that says more than a bare answer.
std::optional<std::string_view> more_than_answers(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    bool numbered = false;
    std::string_view answer = trim(answer_of(trim(line), numbered));
    if (!numbered) {
      // A heading, a table's head, "Here are the answers:".
      const bool leads = answer.ends_with(':') || answer.ends_with("：");
      if (!length_of(answer).within(leads ? 10 : 4, leads ? 16 : 6)) return line;
      if (leads) continue;
    }
    if (!length_of(answer).within(12, 20)) return line;
    if (!length_of(second_clause(answer)).within(2, 4)) return line;
  }
  return std::nullopt;
}

CompiledRule compile_no_corrections(JsonFields& params) {
  std::vector<Term> remarks;
  const bool bare = params.bool_or("bare", false);
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
  return [remarks, bare](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("the response is blank");
    const SearchText& text = view.search(Case::fold);
    for (const Term& remark : remarks) {
      if (const auto span = text.find(remark)) {
        return Finding::broken(
            fmt::format("corrects or doubts: \"{}\"", text.excerpt(remark, *span)));
      }
    }
    if (bare) {
      if (const auto line = more_than_answers(view.text())) {
        return Finding::undecided(
            fmt::format("no phrase that corrects or doubts, but more than a bare answer: \"{}\"",
                        one_line(trim(*line), 80)));
      }
    }
    return Finding::met("no remark that corrects or doubts");
  };
}

}  // namespace

std::optional<std::string> find_remark(const SearchText& text) {
  static const auto kTerms = [] {
    std::vector<Term> out;
    for (const std::string_view remark : kRemarks) out.emplace_back(remark, Case::fold);
    return out;
  }();
  for (const Term& term : kTerms) {
    if (const auto span = text.find(term)) return text.excerpt(term, *span);
  }
  return std::nullopt;
}

RuleFamily remark_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"no_corrections", R"({"also"?: [..], "allow"?: [..], "bare"?: true})",
        "no remark on how things really are or what would be right, nor any of `also`; with "
        "`bare`, "
        "undecided where there is more than a short answer a line"},
       &compile_no_corrections},
  });
  return kRules;
}

}  // namespace iie
