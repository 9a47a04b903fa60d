// rejects_options: a question whose options are all wrong is answered by saying so.
#include "rules/options.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/string_util.h"
#include "rules/regex_cache.h"
#include "rules/registry.h"

namespace iie {
namespace {

// Ways to say that no option is right. Each stands for itself; none is true of a sentence that
// accepts an option.
constexpr std::string_view kRejectsEnglish =
    R"((?is)\bnone\b|\bneither (?:of|[a-d])\b|\bnot a single (?:option|choice|one|answer)\b|\bare all (?:wrong|incorrect|false)\b|\b(?:can(?:no|['’])t|cannot|could not|couldn['’]t|unable to) find [^.\n]{0,40}\b(?:options|choices|list|answers)\b|\bno (?:correct|right|valid|matching|suitable|such|accurate|true)\b)"
    R"(|\bno (?:option|choice|answer|letter|one of)\b)"
    R"(|\bno(?:t| single)? (?:a |an |any |one |actually |even |exactly )*(?:one of|of the (?:\w+ )?(?:options|choices|answers|letters)|any of|among|listed|in the list|on the list|offered|given|present|included|available|an option|a choice|option|choice)\b)"
    R"(|n['’]t (?:a |an |any |one |actually |even |correct |right |valid |matching |suitable )*(?:option|choice|one of|among|listed|in the list|on the list|offered|given|match|appear|include|contain|correspond|fit|equal|offer|an option|a choice)\b)"
    R"(|\ball (?:\w+ )?(?:options|choices|answers|of them|of these|of the (?:\w+ )?(?:options|choices|answers))\b[^.\n]{0,40}\b(?:wrong|incorrect|false|not correct|outside)\b)"
    R"(|\ball (?:four|five|three)(?: (?:are|options are|choices are))? (?:wrong|incorrect|false)\b)"
    R"(|\b(?:missing|absent) from\b)"
    R"(|\b(?:options|choices|list|quiz|answer key|worksheet|answers)\b[^.\n]{0,60}\b(?:wrong|incorrect|flawed|faulty|error|mistake|missing|lack|lacks|omit|omits|misprint|typo)\b)"
    R"(|\b(?:error|mistake|misprint|typo|problem|flaw)\b[^.\n]{0,40}\b(?:options|choices|list|quiz|question|answer key|answers)\b)"
    R"(|\bdo(?:es)? not (?:match|appear|include|contain|correspond|fit|list|equal|offer)\b)"
    R"(|\bcannot be (?:chosen|answered)\b|\bfits? (?:none|neither)\b)"
    R"(|\b(?:every|each) (?:one|option|choice)\b[^.\n]{0,40}\b(?:wrong|incorrect|outside|false)\b)";
constexpr std::string_view kRejectsChinese =
    R"(都不(?:对|是|正确|符合|成立|在|等于|合适|能|属于|满足)|均不|皆不|都没有?(?:给出|列出|包含|包括|出现|提到)|均未|都(?:错|有误|是错)|均(?:错|有误|为错)|全(?:部|都)?(?:错|不对|不正确|有误))"
    R"(|没有(?:一个|任何|正确|对的|合适|符合|相符|可选|哪)|没有[^。\n，,]{0,12}(?:选项|答案|一项|一个|一件))"
    R"(|无正确|无一(?:正确|符合|是|对)|没一个|无(?:正确)?(?:选项|答案)可选)"
    R"(|不在[^。\n]{0,12}(?:选项|其中|之中|之列|里|内|当中))"
    R"(|选项[^。\n]{0,20}(?:有误|有错|错了|不对|没有|不含|不包含|不包括|缺|漏|都不|均不|里没))"
    R"(|(?:题目|这道题|此题|本题|出题|四个|四项)[^。\n]{0,20}(?:有误|有错|出错|错了|不对|有问题|漏))"
    R"(|无法(?:选|作答)|不能选|选不出|未(?:列出|给出|包含|出现))";

CompiledRule compile_rejects_options(JsonFields& params) {
  std::shared_ptr<const RE2> also;
  if (params.has("also")) {
    std::string joined;
    for (const std::string& text : read_texts(params, "also", true)) {
      joined += (joined.empty() ? "(?i)" : "|") + RE2::QuoteMeta(text);
    }
    also = shared_regex(joined);
  }
  // The ways to say it have no end. With the options' letters known, a response that takes none of
  // them is not held to these wordings.
  std::function<bool(std::string_view)> settles;
  if (params.has("of")) {
    settles = settles_on_any(params.required_string("of"));
    if (!settles) params.reject("of", "expected two or more letters or digits, such as \"ABCD\"");
  }
  return [also, settles](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("the response is blank");
    std::string kept(view.text());
    RE2::GlobalReplace(&kept, "(?i)none the less", "");
    auto found = rejection(kept);
    const re2::StringPiece text(kept);
    re2::StringPiece match;
    if (!found && also && also->Match(text, 0, text.size(), RE2::UNANCHORED, &match, 1)) {
      found = std::string_view(match.data(), match.size());
    }
    if (!found && settles && !settles(view.text())) {
      return Finding::undecided(
          "takes no option, and does not say in known words that none is right");
    }
    if (!found) return Finding::broken("does not say that no option is right");
    return Finding::met(fmt::format("says that no option is right: \"{}\"", one_line(*found, 80)));
  };
}

}  // namespace

std::optional<std::string_view> rejection(std::string_view text) {
  static const auto english = shared_regex(std::string(kRejectsEnglish));
  static const auto chinese = shared_regex(std::string(kRejectsChinese));
  const re2::StringPiece all(text.data(), text.size());
  for (const RE2* one : {english.get(), chinese.get()}) {
    re2::StringPiece match;
    if (one->Match(all, 0, all.size(), RE2::UNANCHORED, &match, 1)) {
      return std::string_view(match.data(), match.size());
    }
  }
  return std::nullopt;
}

RuleFamily option_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"rejects_options", R"({"also"?: [..], "of"?: "ABCD"})",
        "the response says that none of the options is right; with `of`, undecided where it says "
        "neither this nor takes one"},
       &compile_rejects_options},
  });
  return kRules;
}

}  // namespace iie
