#include "judge/explanation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/string_util.h"
#include "judge/verdict_text.h"

namespace iie {

ParsedVerdict no_verdict(std::string reason) { return {std::nullopt, std::move(reason)}; }

std::string explanation_in(const ReplyObject& object) {
  for (const std::string_view key : {"explanation", "reasons", "reason", "reasoning", "analysis"}) {
    const ReplyMember* member = object.find(key);
    if (member && member->kind == ReplyMember::Kind::string) {
      return one_line(trim(to_valid_utf8(member->text)), kReasonBytes);
    }
  }
  return {};
}

std::string explanation_before(std::string_view text) {
  if (const std::size_t at = text.rfind(kReasonsMarker); at != text.npos) {
    text.remove_prefix(at + kReasonsMarker.size());
    for (const std::string_view next : {std::string_view("【JSON"), kScoreMarker}) {
      text = text.substr(0, std::min(text.rfind(next), text.size()));
    }
    text = skip_any(text, std::array<std::string_view, 3>{"*", ":", "："});
    text = text.substr(0, 4 * kReasonBytes);
    return one_line(trim(to_valid_utf8(text)), kReasonBytes);
  }
  for (int lines = 0; lines < 8 && !text.empty(); ++lines) {
    const std::size_t at = text.rfind('\n');
    const std::string_view line = trim(at == text.npos ? text : text.substr(at + 1));
    text = at == text.npos ? std::string_view{} : text.substr(0, at);
    if (line.empty() || line.starts_with("```") || line.starts_with("~~~") ||
        line.starts_with("{") || line.ends_with(":") || line.ends_with("：") ||
        line.starts_with("【")) {
      continue;
    }
    return one_line(to_valid_utf8(line.substr(0, 4 * kReasonBytes)), kReasonBytes);
  }
  return {};
}

std::string quoted_value(const ReplyMember& member) {
  if (member.kind == ReplyMember::Kind::nested) return "a nested value";
  return "'" + one_line(to_valid_utf8(member.text), 40) + "'";
}

}  // namespace iie
