// IFEval's punctuation:*.
#include <array>

#include "rules/ifeval_chinese.h"
#include "rules/instruction_registry.h"

namespace iie {
namespace {

InstructionCheck no_comma(JsonFields&) {
  return [](std::string_view response) { return response.find(',') == std::string_view::npos; };
}

}  // namespace

InstructionFamily ifeval_punctuation_instructions() {
  static constexpr std::array<InstructionDefinition, 1> kFamily = {{
      {{"punctuation:no_comma", InstructionSuite::ifeval, "{}"}, no_comma, chinese::no_comma},
  }};
  return kFamily;
}

}  // namespace iie
