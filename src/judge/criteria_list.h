// All criteria in one object: parse_criteria_list of judge/verdict_parser.h says what is read.
// Private to verdict_parser.cc.
#pragma once

#include <cstddef>
#include <string_view>

#include "judge/verdict_parser.h"

namespace iie {

// `answer` is the reply without the judge's reasoning.
ParsedCriteria read_criteria_list(std::string_view answer, std::size_t n);

}  // namespace iie
