// Several judges on the same responses, as people and programs read it: `rejudge`, and the panel of
// a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/judges.h"
#include "core/instruction_type.h"

namespace iie {

// A response on which judges differ, for people to read.
struct Disagreement {
  std::string run;
  std::string sample;
  std::int32_t rollout = 0;
  std::string type;
  std::optional<Language> language;
  std::string response;  // an excerpt
  // By judge: its vote and its reason, one line.
  std::vector<JudgeVote> votes;
  std::vector<std::string> reasons;
};

struct JudgesView {
  std::vector<std::string> judges;
  std::vector<std::string> models;  // "openai:gpt-4.1 (3f9a...)"
  std::vector<std::string> runs;    // by model: the run's id
  // By model, then by judge: the run that holds these judgements; empty where it is the same run.
  std::vector<std::vector<std::string>> judged_in;
  JudgeComparison comparison;
  std::vector<Disagreement> disagreements;  // the first ones
  std::int64_t all_disagreements = 0;
};

std::string judges_text(const JudgesView& view);
std::string judges_markdown(const JudgesView& view);
// One row for each cell (and for all) and each pair of judges.
std::string judges_csv(const JudgesView& view);
std::string judges_json(const JudgesView& view);

}  // namespace iie
