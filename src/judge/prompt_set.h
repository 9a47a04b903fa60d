// Judge prompts as data: which system prompt, template and verdict format judge which instruction
// type in which language. The program carries a set of its own (data/judges/); a user may give a
// file in the same form (doc/judging.md). Values; any thread may read them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"
#include "core/sample.h"
#include "judge/prompt.h"

namespace iie {

// pass_fail and yes_no ask once for each criterion, answer_score and criteria_list once for the
// whole response.
bool asks_per_criterion(VerdictFormat format);

class PromptSet {
 public:
  struct Entry {
    std::string type;                  // InstructionType::code; empty: any type
    std::optional<Language> language;  // nullopt: any language
    JudgePrompt prompt;
    Template user;  // prompt.user_template, parsed
  };

  // The entry that fits best: of this type and language, of this type, of this language, any; null
  // where there is none. A sample without a language is taken for English.
  const Entry* find(std::string_view type, std::optional<Language> language,
                    bool per_criterion) const;
  // Adds the entries of `other` that this set lacks, so that a user's file need only hold what it
  // changes.
  void add_missing(const PromptSet& other);
  const std::vector<Entry>& entries() const { return entries_; }
  // SHA-256 over every entry's type, language, system prompt, template and format.
  std::string hash() const;

 private:
  friend Result<PromptSet> load_prompt_set(std::string_view yaml, std::string_view name);
  friend Result<PromptSet> prompt_set_of(const JudgePrompt& prompt);
  std::vector<Entry> entries_;
};

// Reads the YAML form. bad_input names `name`, the line, and what is wrong: unknown keys, types,
// languages, formats and slots, missing slots, two entries for the same case.
Result<PromptSet> load_prompt_set(std::string_view yaml, std::string_view name);

// The embedded set: every instruction type in English and Chinese.
const PromptSet& default_prompt_set();
// The embedded set that asks about all criteria in one call, each with its evidence; for samples
// with criteria.
const PromptSet& criteria_prompt_set();
// One prompt for every sample. bad_input for unknown or missing slots.
Result<PromptSet> prompt_set_of(const JudgePrompt& prompt);

// The prompt that judges `sample`: its own where the dataset brings one, else the set's. Criteria
// that must not hold, and rubrics of which not all must hold, are asked one by one (or as a
// criteria_list, where that is the set's format for the sample).
struct PromptInForce {
  const JudgePrompt* prompt = nullptr;
  const Template* user = nullptr;  // null for a dataset's own prompt, whose template is not parsed
};
// Without `dataset_prompts`, the sample's own prompt is passed over.
Result<PromptInForce> prompt_in_force(const PromptSet& set, const Sample& sample,
                                      bool dataset_prompts = true);

// Whether every sample has a prompt that can be filled; the first error names the sample. To be
// asked before anything is sent.
Result<void> check_judge_prompts(const PromptSet& set, std::span<const Sample> samples,
                                 bool dataset_prompts = true);

// SHA-256 over the distinct prompts that judge these samples (RunSpec::judge_prompts): a prompt
// that is not used does not make another run of it.
Result<std::string> judge_prompts_hash(const PromptSet& set, std::span<const Sample> samples);
// SHA-256 over the prompts that judge the samples of one type and language: all that the set would
// use for any of them, and those that the samples bring. So it is the same for other samples of the
// cell, which judge_prompts_hash need not be.
std::string cell_prompts_hash(const PromptSet& set, bool dataset_prompts,
                              std::span<const Sample* const> cell);

}  // namespace iie
