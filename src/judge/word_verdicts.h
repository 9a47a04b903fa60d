// PASS or FAIL in an object, YES or NO on a line: parse_pass_fail and parse_yes_no of
// judge/verdict_parser.h say what is read. Private to verdict_parser.cc.
#pragma once

#include <string_view>

#include "judge/verdict_parser.h"

namespace iie {

// `reply` without the judge's reasoning.
ParsedVerdict read_pass_fail(std::string_view reply);
ParsedVerdict read_yes_no(std::string_view reply);

}  // namespace iie
