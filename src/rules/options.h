// Saying that none of a question's options is right. Internal to rules/.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace iie {

// The first stretch of the text that says so, in English or Chinese.
std::optional<std::string_view> rejection(std::string_view text);

// Whether a text settles on one or several of these options ("ABCD"), as the rule `choice` sees it.
// Empty where these are not two or more letters or digits.
std::function<bool(std::string_view)> settles_on_any(std::string_view letters);

}  // namespace iie
