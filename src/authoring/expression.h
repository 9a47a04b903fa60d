// Whole-number arithmetic for the banks of word problems: + - * / % and parentheses over named
// values. Internal to authoring/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace iie {

using Values = std::map<std::string, std::int64_t, std::less<>>;

// nullopt for what cannot be computed: a syntax error, an unknown name, a division by zero.
std::optional<std::int64_t> evaluate(std::string_view expression, const Values& values);

}  // namespace iie
