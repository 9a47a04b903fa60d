// IFEval's (Zhou et al. 2023, arXiv 2311.07911) and IFBench's (Pyatkin et al. 2025, arXiv
// 2507.02833) verifiable instructions, verdict for verdict as their reference checkers decide.
//
// doc/ifeval.md lists every instruction, the quirks that are imitated on purpose and what remains
// different.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/sample.h"

namespace iie {

// Was one instruction followed? strict: the response as it is. loose: by any of eight variants of
// it (the first line, the last line, both removed or not, each with or without every '*').
struct InstructionResult {
  bool strict = false;
  bool loose = false;

  bool operator==(const InstructionResult&) const = default;
};

// The instructions of one prompt. Immutable: any number of threads may run it at once.
class CompiledInstructions {
 public:
  CompiledInstructions();
  CompiledInstructions(CompiledInstructions&&) noexcept;
  CompiledInstructions& operator=(CompiledInstructions&&) noexcept;
  ~CompiledInstructions();

  // One result for each instruction, in the sample's order. A blank response follows nothing. Any
  // bytes; O(n log n) in their number.
  std::vector<InstructionResult> run(std::string_view response) const;
  std::size_t size() const;

 private:
  friend Result<CompiledInstructions> compile_instructions(const std::vector<Instruction>&,
                                                           std::string_view, Language);
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// bad_input for an unknown instruction id (with the nearest) and for an unknown, missing or
// mistyped argument. `where` starts the message, which goes on with the index and id:
// "sample 1000: instructions[2] (length_constraints:number_words): num_words: missing".
//
// The references know English only. Where the prompt is Chinese, the instructions that they would
// decide by accident there (lengths, keywords, formats) are decided by what the words mean in
// Chinese: doc/ifeval.md says how.
Result<CompiledInstructions> compile_instructions(const std::vector<Instruction>& instructions,
                                                  std::string_view where = {},
                                                  Language prompt_language = Language::english);

enum class InstructionSuite { ifeval, ifbench };

struct InstructionInfo {
  std::string_view id;      // "length_constraints:number_words"
  InstructionSuite suite;   // where it comes from; IFBench's files use some of IFEval's too
  std::string_view kwargs;  // a sketch: R"({"num_words": n, "relation": "at least"|"less than"})"
};

// Every instruction, by suite and then id.
const std::vector<InstructionInfo>& instructions();

}  // namespace iie
