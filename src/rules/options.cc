// choice, rejects_options: what a response does with the options of a question.
//
// A question whose options are all wrong is answered by saying so. Naming a letter on the way is
// fine ("A is too small"), settling on one is not ("the closest is B, so the answer is B").
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

std::shared_ptr<const RE2> pattern(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  return std::make_shared<const RE2>(text, options);
}

// --- rejects_options ---

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
    R"(都不(?:对|是|正确|符合|成立|在|等于|合适|能|属于|满足)|均不|皆不|都(?:错|有误|是错)|均(?:错|有误|为错)|全(?:部|都)?(?:错|不对|不正确|有误))"
    R"(|没有(?:一个|任何|正确|对的|合适|符合|相符|可选|哪)|没有[^。\n，,]{0,12}(?:选项|答案|一项|一个|一件))"
    R"(|无正确|无一(?:正确|符合|是|对)|没一个|无(?:正确)?(?:选项|答案)可选)"
    R"(|不在[^。\n]{0,12}(?:选项|其中|之中|之列|里|内|当中))"
    R"(|选项[^。\n]{0,20}(?:有误|有错|错了|不对|没有|不含|不包含|不包括|缺|漏|都不|均不|里没))"
    R"(|(?:题目|这道题|此题|本题|出题|四个|四项)[^。\n]{0,20}(?:有误|有错|出错|错了|不对|有问题|漏))"
    R"(|无法(?:选|作答)|不能选|选不出|未(?:列出|给出|包含|出现))";

CompiledRule compile_rejects_options(JsonFields& params) {
  static const auto english = pattern(std::string(kRejectsEnglish));
  static const auto chinese = pattern(std::string(kRejectsChinese));
  std::shared_ptr<const RE2> also;
  if (params.has("also")) {
    std::string joined;
    for (const std::string& text : read_texts(params, "also", true)) {
      joined += (joined.empty() ? "(?i)" : "|") + RE2::QuoteMeta(text);
    }
    also = pattern(joined);
  }
  return [also](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("the response is blank");
    std::string kept(view.text());
    RE2::GlobalReplace(&kept, "(?i)none the less", "");
    const re2::StringPiece text(kept);
    for (const RE2* one : {english.get(), chinese.get(), also.get()}) {
      re2::StringPiece match;
      if (one == nullptr || !one->Match(text, 0, text.size(), RE2::UNANCHORED, &match, 1)) continue;
      return Finding::met(fmt::format("says that no option is right: \"{}\"",
                                      one_line({match.data(), match.size()}, 80)));
    }
    return Finding::broken("does not say that no option is right");
  };
}

// --- choice ---

// Where an option is announced; a letter follows, perhaps in marks. The last announcement counts.
constexpr std::string_view kAnnounced =
    R"((?:(?i:\b(?:final |correct |right |best |my |closest |nearest )*(?:answer|choice|option|pick|guess)(?: here)?(?: is| would be| must be| should be|:|：|=)*)"
    R"(|\b(?:i(?:'d|'ll| would| will)? (?:choose|select|pick|go with|say)|go(?:ing)? with|choose|select|settle (?:for|on)|closest(?: one)?(?: is)?|nearest(?: one)?(?: is)?|so it(?:'s| is)|it is|it's|therefore|thus)\b)|(?:答案|最接近的?|应该?选|故选|所以选|因此选|我选择?|本题选|选择?|只能选|姑且选|正确选项)(?:是|为|应为|应是|应该是|选|[:：])*))"
    R"([\s*_:：=]*(?i:option |choice |letter |选项 ?)?[\s*_(（\[【「"“$]*(?:\\boxed\{|\\text\{|\\mathrm\{)*([LETTERS])(?:选项|项|[^\p{L}\p{N}'’]|$))";
// A line that is an option and nothing in front of it: "B", "B. 45", "(B) 45", "**B**".
constexpr std::string_view kBareLine =
    R"((?m)^[\s*_>#(（\[【"“$]*(?:\\boxed\{|\\text\{|\\mathrm\{)*([LETTERS])(?:[)）\]】*_"”$}]*[.．、:：]?[)）\]】*_"”$}]*\s*$|选项|[.．、:：)）\]】][*_]*\s*\S))";

struct Choice {
  std::shared_ptr<const RE2> announced;
  std::shared_ptr<const RE2> bare;
  std::vector<std::string> wanted;  // letters; empty: none may be chosen

  struct Settled {
    std::string letter;
    std::string shown;
  };

  // The announcement denies itself: "the answer is not B".
  static bool denied(std::string_view text, std::size_t begin, std::size_t end) {
    constexpr std::size_t kReach = 200;
    std::string_view line = text.substr(0, end);
    if (line.size() > kReach) line.remove_prefix(line.size() - kReach);
    line.remove_prefix(line.rfind('\n', line.size() - std::min(line.size(), end - begin)) + 1);
    const std::string form = normalize(line, Case::fold);
    std::string_view near = form;
    for (const std::string_view turn : {",", ";", ". ", "，", "。", "；"}) {
      const std::size_t at = near.rfind(turn);
      if (at != std::string_view::npos) near.remove_prefix(at + turn.size());
    }
    for (const std::string_view no :
         {" not ", "n't ", "cannot", "neither", " nor ", "不选", "不能选", "不应选", "不是", "并非",
          "无法选", "不该选", "没法选", "不会选", "别选"}) {
      if (near.find(no) != std::string_view::npos) return true;
    }
    // What follows takes it back: "B is wrong", "B 也不对".
    std::string_view rest = text.substr(end, 60);
    rest = rest.substr(0, rest.find('\n'));
    const std::string after = normalize(rest, Case::fold);
    for (const std::string_view no :
         {"is not", "isn't", "is wrong", "is incorrect", "is too", "is also wrong", ", but that",
          ", but it", ", which is wrong", ",但", "不对", "也不对", "不正确", "是错", "错误"}) {
      if (std::string_view(after).starts_with(no) || trim(after).starts_with(no)) return true;
    }
    return false;
  }

  std::optional<Settled> settled(std::string_view all) const {
    std::optional<Settled> last;
    const re2::StringPiece text(all.data(), all.size());
    std::size_t at = 0;
    re2::StringPiece match[2];
    while (at < text.size() && announced->Match(text, at, text.size(), RE2::UNANCHORED, match, 2)) {
      const auto begin = static_cast<std::size_t>(match[0].data() - text.data());
      const auto end = static_cast<std::size_t>(match[1].data() - text.data()) + match[1].size();
      if (!denied(all, begin, end)) {
        last = Settled{std::string(match[1].data(), match[1].size()),
                       one_line(all.substr(begin, end - begin), 60)};
      }
      at = end;
    }
    if (last) return last;
    // No announcement: a response of one letter, or whose first or last line is an option, and no
    // other line is (a list of all options settles on none).
    int options = 0;
    std::optional<Settled> bare_line;
    const auto rows = lines(all);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view row = rows[i].of(all);
      re2::StringPiece piece(row.data(), row.size());
      if (!bare->Match(piece, 0, piece.size(), RE2::UNANCHORED, match, 2)) continue;
      ++options;
      if (i == 0 || i + 1 == rows.size()) {
        bare_line = Settled{std::string(match[1].data(), match[1].size()), one_line(row, 60)};
      }
    }
    return options == 1 ? bare_line : std::nullopt;
  }

  Finding operator()(const ResponseView& view) const {
    if (trim(view.text()).empty()) return Finding::broken("the response is blank");
    const auto found = settled(view.text());
    if (wanted.empty()) {
      if (!found) return Finding::met("settles on no option");
      return Finding::broken(fmt::format("settles on {}: \"{}\"", found->letter, found->shown));
    }
    if (!found) return Finding::broken("settles on no option");
    const std::string reason = fmt::format("settles on {}: \"{}\"", found->letter, found->shown);
    return std::ranges::find(wanted, found->letter) != wanted.end() ? Finding::met(reason)
                                                                    : Finding::broken(reason);
  }
};

CompiledRule compile_choice(JsonFields& params) {
  Choice rule;
  const std::string letters = params.has("of") ? params.required_string("of") : "ABCD";
  const bool sound = letters.size() >= 2 && std::ranges::all_of(letters, [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_ascii_digit(c);
                     });
  if (!sound) params.reject("of", "expected two or more letters or digits, such as \"ABCD\"");
  rule.wanted = read_texts(params, "is", true);
  if (rule.wanted == std::vector<std::string>{"none"}) {
    rule.wanted.clear();
  } else {
    for (const std::string& letter : rule.wanted) {
      if (letter.size() != 1 || letters.find(letter) == std::string::npos) {
        params.reject("is", fmt::format("'{}' is neither \"none\" nor one of {}",
                                        one_line(letter, 20), one_line(letters, 40)));
      }
    }
  }
  const auto with_letters = [&](std::string_view text) {
    std::string out(text);
    const std::string_view slot = "LETTERS";
    out.replace(out.find(slot), slot.size(), sound ? letters : "A");
    return pattern(out);
  };
  rule.announced = with_letters(kAnnounced);
  rule.bare = with_letters(kBareLine);
  return rule;
}

}  // namespace

RuleFamily option_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"choice", R"({"of"?: "ABCD", "is": "none"|letter|[letters]})",
        "the response settles on one of the options `is`, or on none"},
       &compile_choice},
      {{"rejects_options", R"({"also"?: [..]})",
        "the response says that none of the options is right"},
       &compile_rejects_options},
  });
  return kRules;
}

}  // namespace iie
