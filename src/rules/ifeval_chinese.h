// What IFEval's instructions mean where the prompt is Chinese. Internal to rules/.
//
// The reference was written for English: \w+ takes a line of Chinese for one word, Punkt does not
// know the full-width stop, "\b" finds no word between characters. A Chinese prompt that states
// such an instruction means something else by it, which these decide. What is the same in both
// languages has no entry here. doc/ifeval.md lists the differences.
#pragma once

#include "rules/instruction_registry.h"

namespace iie::chinese {

InstructionCheck end_checker(JsonFields& kwargs);
InstructionCheck forbidden_words(JsonFields& kwargs);
InstructionCheck multiple_sections(JsonFields& kwargs);
InstructionCheck no_comma(JsonFields& kwargs);
InstructionCheck nth_paragraph_first_word(JsonFields& kwargs);
InstructionCheck number_placeholders(JsonFields& kwargs);
InstructionCheck number_sentences(JsonFields& kwargs);
InstructionCheck number_words(JsonFields& kwargs);
InstructionCheck quotation(JsonFields& kwargs);
InstructionCheck title(JsonFields& kwargs);

}  // namespace iie::chinese
