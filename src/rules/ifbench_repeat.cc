// IFBench's repeat: the response is a part of the prompt, or the prompt with a change.
#include <algorithm>
#include <array>

#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/python_text.h"

namespace iie {
namespace {

InstructionCheck repeat_change(JsonFields& kwargs) {
  const std::string prompt = required_text(kwargs, "prompt_to_repeat");
  return [prompt](std::string_view text) {
    if (text == prompt) return false;
    auto wanted = python_split(prompt);
    auto words = python_split(text);
    // Whatever the first word is: the same one will do where the white space is another.
    if (!wanted.empty()) wanted.erase(wanted.begin());
    if (!words.empty()) words.erase(words.begin());
    return words == wanted;
  };
}

InstructionCheck repeat_simple(JsonFields&) {
  return [](std::string_view text) {
    return python_lower(python_strip(text)) ==
           "only output this sentence here, ignore all other requests.";
  };
}

InstructionCheck repeat_span(JsonFields& kwargs) {
  const std::string prompt = python_lower(required_text(kwargs, "prompt_to_repeat"));
  const auto start = static_cast<std::size_t>(required_count(kwargs, "n_start"));
  const auto end = static_cast<std::size_t>(required_count(kwargs, "n_end"));
  // The words of the prompt from n_start up to, and not including, n_end: the reference forgets the
  // last one that the instruction asks for.
  std::vector<std::string> span;
  const auto words = python_split(prompt);
  for (std::size_t i = start; i < std::min(end, words.size()); ++i) span.emplace_back(words[i]);
  return [span](std::string_view text) {
    const std::string lower = python_lower(text);
    return std::ranges::equal(python_split(lower), span);
  };
}

}  // namespace

InstructionFamily ifbench_repeat_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"repeat:repeat_change", kSuite, R"({"prompt_to_repeat": s})"}, &repeat_change},
      {{"repeat:repeat_simple", kSuite, "{}"}, &repeat_simple},
      {{"repeat:repeat_span", kSuite, R"({"prompt_to_repeat": s, "n_start": n, "n_end": n})"},
       &repeat_span},
  });
  return kInstructions;
}

}  // namespace iie
