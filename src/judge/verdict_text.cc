#include "judge/verdict_text.h"

#include <string>

#include "base/string_util.h"

namespace iie {
namespace {

// One digit, ASCII or full-width; -1 where there is none. Advances `text`.
int take_digit(std::string_view& text) {
  if (text.empty()) return -1;
  if (is_ascii_digit(text[0])) {
    const int digit = text[0] - '0';
    text.remove_prefix(1);
    return digit;
  }
  // U+FF10..U+FF19: EF BC 90..99
  if (text.size() >= 3 && text.starts_with("\xEF\xBC")) {
    const int digit = static_cast<unsigned char>(text[2]) - 0x90;
    if (digit >= 0 && digit <= 9) {
      text.remove_prefix(3);
      return digit;
    }
  }
  return -1;
}

}  // namespace

std::string_view skip_space(std::string_view text) {
  const auto first = std::ranges::find_if_not(text, is_ascii_space);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

std::optional<bool> take_score(std::string_view& text) {
  const int digit = take_digit(text);
  if (digit != 0 && digit != 1) return std::nullopt;
  if (text.starts_with(".") || text.starts_with("．")) {
    std::string_view behind = text.substr(text[0] == '.' ? 1 : std::string_view("．").size());
    int decimals = 0;
    for (int next = take_digit(behind); next >= 0; next = take_digit(behind)) {
      if (next != 0) return std::nullopt;
      ++decimals;
    }
    if (decimals > 0) text = behind;
  } else if (take_digit(text) >= 0) {
    return std::nullopt;
  }
  const std::string_view behind = skip_space(text);
  if (behind.starts_with("分")) text = behind.substr(std::string_view("分").size());
  return digit == 1;
}

std::optional<bool> score_of(std::string_view text) {
  text = trim(text);
  const std::optional<bool> score = take_score(text);
  return trim(text).empty() ? score : std::nullopt;
}

std::optional<bool> score_of(const ReplyMember& member) {
  if (member.kind == ReplyMember::Kind::nested) return std::nullopt;
  return score_of(std::string_view(member.text));
}

std::optional<bool> word_verdict(std::string_view text, std::string_view yes, std::string_view no) {
  const std::string word = ascii_lower(trim(text));
  if (word == yes) return true;
  if (word == no) return false;
  return std::nullopt;
}

}  // namespace iie
