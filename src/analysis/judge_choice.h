// Choosing judges by people's labels without scoring the choice on the labels that made it. Values
// in, values out (with a seed); any thread.
//
// A candidate is one way of judging (a model with prompts and system prompt). The best candidate on
// a set of labels looks better there than it is, the more so the more candidates there are; so each
// choice is made without a part of the labels and scored on that part (cross-validation; M. Stone,
// Journal of the Royal Statistical Society B 36 (1974) 111-147).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace iie {

struct LabelledItem {
  std::string type;
  // What belongs together and varies together: a sample with all its responses and languages.
  // Never split between choosing and scoring.
  std::string cluster;
  bool label = false;
  // By candidate; nullopt: no verdict, which is right about nothing.
  std::vector<std::optional<bool>> verdicts;
};

struct ChoiceOptions {
  int folds = 5;
  std::uint64_t seed = 1;
};

struct JudgeChoice {
  // On all labels: by type, or under "" the one for everything. Ties go to the earlier candidate.
  std::map<std::string, std::size_t> chosen;
  // For each item, whether the candidate chosen without its part of the labels agrees with it.
  std::vector<bool> right;
  // Types with fewer than two clusters: nothing is left to choose from without their own, so the
  // best of the other types stood in when they were scored.
  std::vector<std::string> thin;

  double accuracy() const;
};

// Chooses among `candidates` (positions in LabelledItem::verdicts, at least one), for each type or
// one for all.
JudgeChoice choose_judge(std::span<const LabelledItem> items,
                         std::span<const std::size_t> candidates, bool per_type,
                         const ChoiceOptions& options = {});

}  // namespace iie
