// IFEval's startend:*.
#include <array>
#include <string>
#include <utility>

#include "rules/ifeval_chinese.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/python_text.h"

namespace iie {
namespace {

// Quotes around the whole response do not count, nor does case.
InstructionCheck end_checker(JsonFields& kwargs) {
  const std::string phrase = required_text(kwargs, "end_phrase");
  return [phrase = python_lower(python_strip(phrase))](std::string_view response) {
    return python_lower(python_strip(python_strip(response), "\"")).ends_with(phrase);
  };
}

InstructionCheck quotation(JsonFields&) {
  return [](std::string_view response) {
    const std::string_view text = python_strip(response);
    return text.size() > 1 && text.starts_with('"') && text.ends_with('"');
  };
}

}  // namespace

InstructionFamily ifeval_edge_instructions() {
  static constexpr std::array<InstructionDefinition, 2> kFamily = {{
      {{"startend:end_checker", InstructionSuite::ifeval, R"({"end_phrase": T})"},
       end_checker,
       chinese::end_checker},
      {{"startend:quotation", InstructionSuite::ifeval, "{}"}, quotation, chinese::quotation},
  }};
  return kFamily;
}

}  // namespace iie
