// {"answer_score": 0|1}, the official form: parse_answer_score of judge/verdict_parser.h says what
// is read. Private to verdict_parser.cc.
#pragma once

#include <string_view>

#include "judge/verdict_parser.h"

namespace iie {

// `reply` without the judge's reasoning.
ParsedVerdict read_answer_score(std::string_view reply);

}  // namespace iie
