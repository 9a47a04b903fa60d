// Which language a text is in, as Python's langdetect (Nakatani Shuyo's language-detection) says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

// langdetect.detect with DetectorFactory.seed = 0: an ISO 639-1 code as langdetect names it ("en",
// "zh-cn", "pt"), or "unknown" where no language is plausible; nullopt where the text has no
// features (digits and punctuation only). Looks at the first 10,000 characters. `text` is valid
// UTF-8.
std::optional<std::string> detect_language(std::string_view text);

// The codes that detect_language answers with, "unknown" aside, in alphabetical order.
const std::vector<std::string_view>& detectable_languages();

}  // namespace iie
