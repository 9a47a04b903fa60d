// What a judge says itself, apart from what it copies. Private to verdict_parser.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "judge/verdict_parser.h"

namespace iie {

// The reply with its long copies of the response and of the prompt blanked out; nullopt where there
// are none. `mock`: the response itself reads as a verdict, so that a copy of it counts however
// short it is.
std::optional<std::string> own_words(std::string_view reply, const JudgedText& judged, bool mock);

}  // namespace iie
