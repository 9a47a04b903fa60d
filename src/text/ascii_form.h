// The letters of a name without their accents, as reference checkers take them away.
#pragma once

#include <string>
#include <string_view>

namespace iie {

// unicodedata.normalize("NFKD", text).encode("ascii", "ignore"): "São Tomé" is "Sao Tome"; what has
// no ASCII letters to decompose into is dropped ("ł", "北").
std::string ascii_form(std::string_view text);

}  // namespace iie
