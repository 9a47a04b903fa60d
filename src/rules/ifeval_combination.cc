// IFEval's combination:*.
#include <array>
#include <string>
#include <utility>

#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/python_text.h"

namespace iie {
namespace {

// Only that the response begins with the request: not that an answer follows.
InstructionCheck repeat_prompt(JsonFields& kwargs) {
  const std::string prompt = required_text(kwargs, "prompt_to_repeat");
  return [prompt = python_lower(python_strip(prompt))](std::string_view response) {
    return python_lower(python_strip(response)).starts_with(prompt);
  };
}

// value.split("******"): a blank part is ignored at either end and fails elsewhere.
InstructionCheck two_responses(JsonFields&) {
  return [](std::string_view response) {
    constexpr std::string_view kDivider = "******";
    int found = 0;
    std::array<std::string_view, 2> answers;
    for (std::size_t begin = 0; begin != std::string_view::npos;) {
      const std::size_t divider = response.find(kDivider, begin);
      const bool last = divider == std::string_view::npos;
      const std::string_view answer =
          python_strip(response.substr(begin, last ? divider : divider - begin));
      if (!answer.empty()) {
        if (found == 2) return false;
        answers[static_cast<std::size_t>(found++)] = answer;
      } else if (begin != 0 && !last) {
        return false;
      }
      begin = last ? std::string_view::npos : divider + kDivider.size();
    }
    return found == 2 && answers[0] != answers[1];
  };
}

}  // namespace

InstructionFamily ifeval_combination_instructions() {
  static constexpr std::array<InstructionDefinition, 2> kFamily = {{
      {{"combination:repeat_prompt", InstructionSuite::ifeval, R"({"prompt_to_repeat": T})"},
       repeat_prompt},
      {{"combination:two_responses", InstructionSuite::ifeval, "{}"}, two_responses},
  }};
  return kFamily;
}

}  // namespace iie
