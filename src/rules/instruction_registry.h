// How a family of IFEval's or IFBench's instructions is written. Internal to rules/.
//
// A family is one file that defines one of the functions below; instructions.cc calls them all. An
// instruction is compiled from its kwargs into a function over one variant of a response.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/json.h"
#include "rules/instructions.h"

namespace iie {

// Was it followed? Called from several threads at once. The text is valid UTF-8 and not blank.
using InstructionCheck = std::function<bool(std::string_view text)>;

// Reads the kwargs; what is wrong with them goes into `kwargs` (JsonFields::reject), and then the
// returned function is not used.
using InstructionCompiler = InstructionCheck (*)(JsonFields& kwargs);

struct InstructionDefinition {
  InstructionInfo info;
  InstructionCompiler compile;
  // Used where the prompt is Chinese, if there is one.
  InstructionCompiler compile_chinese = nullptr;
};
using InstructionFamily = std::span<const InstructionDefinition>;

InstructionFamily ifeval_case_instructions();         // change_case:*
InstructionFamily ifeval_combination_instructions();  // combination:*
InstructionFamily ifeval_content_instructions();      // detectable_content:*
InstructionFamily ifeval_edge_instructions();         // startend:*
InstructionFamily ifeval_format_instructions();       // detectable_format:*
InstructionFamily ifeval_keyword_instructions();      // keywords:*
InstructionFamily ifeval_language_instructions();     // language:*
InstructionFamily ifeval_length_instructions();       // length_constraints:*
InstructionFamily ifeval_punctuation_instructions();  // punctuation:*

InstructionFamily ifbench_count_instructions();     // count:*
InstructionFamily ifbench_custom_instructions();    // custom:*
InstructionFamily ifbench_format_instructions();    // format:*
InstructionFamily ifbench_ratio_instructions();     // ratio:*
InstructionFamily ifbench_repeat_instructions();    // repeat:*
InstructionFamily ifbench_sentence_instructions();  // sentence:*
InstructionFamily ifbench_words_instructions();     // words:*

}  // namespace iie
