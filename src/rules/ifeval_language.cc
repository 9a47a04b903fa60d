// IFEval's language:*.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/language_id.h"

namespace iie {
namespace {

// Follows too where the text has no features: langdetect raises, and the reference takes that for
// following. "zh" is our addition: either of langdetect's two kinds of Chinese.
InstructionCheck response_language(JsonFields& kwargs) {
  const std::string language = required_text(kwargs, "language");
  std::vector<std::string> known{"zh"};
  known.insert(known.end(), detectable_languages().begin(), detectable_languages().end());
  if (std::ranges::find(known, language) == known.end()) {
    kwargs.reject("language", "unknown language '" + one_line(language, 40) + "'" +
                                  did_you_mean(language, known));
  }
  return [language](std::string_view response) {
    const std::string found = detect_language(response).value_or(language);
    return found == language || (language == "zh" && found.starts_with("zh-"));
  };
}

}  // namespace

InstructionFamily ifeval_language_instructions() {
  static constexpr std::array<InstructionDefinition, 1> kFamily = {{
      {{"language:response_language", InstructionSuite::ifeval, R"({"language": CODE})"},
       response_language},
  }};
  return kFamily;
}

}  // namespace iie
