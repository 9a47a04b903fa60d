// Instruction types, domains and languages: the coordinates of every score.
//
// Types are data (data/instruction_types.json): code knows them by their code only, so that
// further types need no code.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace iie {

struct InstructionType {
  std::string code;        // "QC"; stored in runs and reports
  std::string name;        // "Question Correction"
  std::string name_zh;     // how Chinese reports call it
  std::string convention;  // the training convention that it inverts
  std::string passing;     // what a passing answer does
  int paper_samples = 0;   // per language in the paper's set; 0 for a further type
  bool headline = true;    // one of the benchmark's eight: counted in the overall score
};

// The types in reporting order: the paper's eight, then further ones.
const std::vector<InstructionType>& instruction_types();
// Only the eight: what published tables, mixes and whatever else means "the benchmark" go by.
const std::vector<InstructionType>& headline_types();
// Do samples of this type count in the overall score? Those of further types do not. What has no
// type, or one that is not in the list, does: a dataset of one's own has a score too.
bool is_headline(std::string_view code);
// Null when there is no such code.
const InstructionType* find_instruction_type(std::string_view code);
// The code for a code or a name in any case, spacing or hyphenation ("question correction", "qc").
// bad_input with the nearest match where there is none.
Result<std::string> parse_instruction_type(std::string_view text);

// The paper's 23 domains, largest first.
const std::vector<std::string>& domains();
// The domain's own spelling; bad_input with the nearest match where there is none.
Result<std::string> parse_domain(std::string_view text);

enum class Language { english, chinese };

inline constexpr Language kLanguages[] = {Language::english, Language::chinese};
std::string_view to_string(Language language);
// "english", "en", "chinese", "zh", in any case.
Result<Language> parse_language(std::string_view text);

}  // namespace iie
