#include "judge/word_verdicts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "base/string_util.h"
#include "judge/explanation.h"
#include "judge/keyed_object.h"
#include "judge/reply_reader.h"
#include "judge/verdict_text.h"

namespace iie {

ParsedVerdict read_pass_fail(std::string_view reply) {
  if (reply.empty()) return no_verdict("the reply is empty");
  const ReplyObjects found = find_objects(reply, "result");
  const KeyedObject last = last_object_with("result", found, reply);
  if (!last.refusal.empty()) return no_verdict(last.refusal);
  if (!last.object) return no_verdict("the reply holds no JSON object with a result");
  const ReplyMember& member = *last.object->find("result");
  const std::optional<bool> met = member.kind == ReplyMember::Kind::nested
                                      ? std::nullopt
                                      : word_verdict(member.text, "pass", "fail");
  if (!met) return no_verdict("result is " + quoted_value(member) + ", neither PASS nor FAIL");
  return {met, explanation_in(*last.object)};
}

ParsedVerdict read_yes_no(std::string_view reply) {
  if (reply.empty()) return no_verdict("the reply is empty");

  const ReplyObjects found = find_objects(reply, "answer");
  const KeyedObject last = last_object_with("answer", found, reply);
  if (!last.refusal.empty()) return no_verdict(last.refusal);
  std::optional<bool> stated;
  if (last.object) {
    const ReplyMember& member = *last.object->find("answer");
    if (member.kind != ReplyMember::Kind::nested) stated = word_verdict(member.text, "yes", "no");
    if (!stated) return no_verdict("answer is " + quoted_value(member) + ", neither YES nor NO");
  }

  const std::size_t line_break = reply.rfind('\n');
  std::string_view line = line_break == reply.npos ? reply : reply.substr(line_break + 1);
  constexpr std::array<std::string_view, 10> kDecoration = {"*", "_", "`", "\"", "'",
                                                            "“", "”", "#", "-",  ">"};
  line = skip_any(line, kDecoration);
  for (const std::string_view label :
       {"final answer", "answer", "verdict", "judgment", "judgement", "答案", "最终答案", "结论"}) {
    if (!starts_with_nocase(line, label)) continue;
    const std::string_view behind = skip_any(line.substr(label.size()), kDecoration);
    if (!behind.starts_with(":") && !behind.starts_with("：")) continue;
    line =
        skip_any(behind.substr(behind[0] == ':' ? 1 : std::string_view("：").size()), kDecoration);
    break;
  }
  const std::size_t letters =
      static_cast<std::size_t>(std::ranges::find_if_not(line, is_ascii_alpha) - line.begin());
  std::optional<bool> said = word_verdict(line.substr(0, letters), "yes", "no");
  if (!skip_any(line.substr(letters),
                std::array<std::string_view, 9>{"*", "_", "`", "\"", "'", "”", ".", "。", "!"})
           .empty()) {
    said.reset();
  }
  if (stated && said && *stated != *said) return no_verdict("the JSON and the last line disagree");
  if (!stated && !said) return no_verdict("the reply ends in neither YES nor NO");
  std::string reason = last.object ? explanation_in(*last.object) : std::string{};
  if (reason.empty() && line_break != reply.npos) {
    reason = explanation_before(reply.substr(0, last.object ? last.object->begin : line_break));
  }
  return {stated ? stated : said, std::move(reason)};
}

}  // namespace iie
