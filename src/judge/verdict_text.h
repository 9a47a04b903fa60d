// The small print of verdicts: scores, and the decoration that judges put around them. Private to
// the readers behind judge/verdict_parser.h. Pure functions; any bytes, linear time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "judge/reply_reader.h"

namespace iie {

// Without white space in front.
std::string_view skip_space(std::string_view text);

// Drops any of `tokens` (and white space) from the front.
template <std::size_t N>
std::string_view skip_any(std::string_view text, const std::array<std::string_view, N>& tokens) {
  while (true) {
    text = skip_space(text);
    const auto token =
        std::ranges::find_if(tokens, [&](std::string_view each) { return text.starts_with(each); });
    if (token == tokens.end()) return text;
    text.remove_prefix(token->size());
  }
}

// 0 or 1 at the front of `text`: "1", "1.0", "１", "1分". nullopt for any other number and for
// anything else; `text` is advanced over what was read.
std::optional<bool> take_score(std::string_view& text);
// The whole of `text` as a score, and a member that is one, quoted or not.
std::optional<bool> score_of(std::string_view text);
std::optional<bool> score_of(const ReplyMember& member);

// The whole of `text` as one of two words, which are in lower case: true for `yes`.
std::optional<bool> word_verdict(std::string_view text, std::string_view yes, std::string_view no);

}  // namespace iie
