// Saying that none of a question's options is right. Internal to rules/.
#pragma once

#include <optional>
#include <string_view>

namespace iie {

// The first stretch of the text that says so, in English or Chinese.
std::optional<std::string_view> rejection(std::string_view text);

}  // namespace iie
