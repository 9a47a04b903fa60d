// What Python's json.loads accepts, where reference checkers rest on it. More than RFC 8259: NaN
// and Infinity are values, and keys may repeat.
#pragma once

#include <string_view>

namespace iie {

// Does json.loads(text) return, instead of raising ValueError? Linear; any depth of nesting (the
// interpreter gives up at about 1000 levels with another exception). Integers of more than 4300
// digits are refused, as by CPython since 3.11.
bool is_python_json(std::string_view text);

}  // namespace iie
