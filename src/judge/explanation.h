// A verdict's reason: the judge's own words, on one line for people. Private to the readers behind
// judge/verdict_parser.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "judge/reply_reader.h"
#include "judge/verdict_parser.h"

namespace iie {

// Sections of the official form.
inline constexpr std::string_view kReasonsMarker = "【评分依据】";
inline constexpr std::string_view kScoreMarker = "【评分】";
inline constexpr std::size_t kReasonBytes = 400;

// None, and why.
ParsedVerdict no_verdict(std::string reason);

// What the verdict's own object gives as its explanation; may be empty.
std::string explanation_in(const ReplyObject& object);

// The judge's own words in front of its verdict: what follows 【评分依据】, else the last line that
// says something.
std::string explanation_before(std::string_view text);

// A value that cannot be read, as a reason names it.
std::string quoted_value(const ReplyMember& member);

}  // namespace iie
