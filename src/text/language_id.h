// Which language a text is in, as Python's langdetect (Nakatani Shuyo's language-detection) says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iie {

// An ISO 639-1 code as langdetect names it ("en", "zh-cn", "pt"); nullopt where it finds no
// features (digits and punctuation only). Deterministic.
std::optional<std::string> detect_language(std::string_view text);

}  // namespace iie
