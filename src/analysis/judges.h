// The same responses under several judges: how far the judges agree, which verdicts flip from one
// to another, what that does to scores, and whether it changes the models' ranking. Values in,
// values out (with a seed); any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/intervals.h"
#include "analysis/rank.h"
#include "core/instruction_type.h"

namespace iie {

// One judge's word on one response; nullopt: no verdict.
using JudgeVote = std::optional<bool>;

// What a pair of judges makes of the responses.
struct FlipCounts {
  std::int64_t both_pass = 0;
  std::int64_t first_only = 0;   // the first passes what the second fails
  std::int64_t second_only = 0;  // and the other way round
  std::int64_t both_fail = 0;
  std::int64_t incomplete = 0;  // one of them, or both, gave no verdict

  std::int64_t n() const { return both_pass + first_only + second_only + both_fail; }
  std::int64_t flips() const { return first_only + second_only; }
  bool operator==(const FlipCounts&) const = default;
};

struct JudgePair {
  std::size_t first = 0;  // positions among the judges
  std::size_t second = 0;
  FlipCounts counts;
  std::optional<double> agreement;  // share of n() without a flip
  std::optional<double> kappa;      // Cohen's
};

// All coefficients of analysis/agreement.h over responses with verdicts of two judges at least
// (Fleiss' kappa: of all). nullopt where one is not defined.
struct JudgeAgreement {
  std::int64_t responses = 0;
  std::int64_t unanimous = 0;  // of them, those on which no two verdicts differ
  std::optional<double> raw;
  std::optional<double> fleiss_kappa;
  std::optional<double> krippendorff_alpha;
  std::optional<double> gwet_ac1;
  std::vector<JudgePair> pairs;  // each two judges once
};

// Each row is one response, its votes in the order of the judges.
JudgeAgreement judge_agreement(std::span<const std::vector<JudgeVote>> responses,
                               std::size_t judges);

struct JudgedResponse {
  std::size_t model = 0;  // position among the models
  std::string type;
  std::optional<Language> language;
  std::string sample;
  std::vector<JudgeVote> votes;
};

// A score of passes among responses: without a verdict is no pass, as in reports.
struct JudgeScore {
  std::int64_t passed = 0;
  std::int64_t unscored = 0;
  std::int64_t n = 0;
  std::optional<Interval> interval;  // rollouts of one sample belong together

  // nullopt where there is no response.
  std::optional<double> share() const {
    if (n == 0) return std::nullopt;
    return static_cast<double>(passed) / static_cast<double>(n);
  }
};

struct JudgedCell {
  std::string type;
  std::optional<Language> language;
  std::int64_t responses = 0;
  std::vector<JudgeScore> scores;  // by judge
  JudgeAgreement agreement;
};

// The ranking of the models under two judges.
struct RankingChange {
  std::size_t first = 0;
  std::size_t second = 0;
  std::optional<double> tau;  // Kendall's tau-b
  std::optional<CorrelationInterval> interval;
  bool changed = false;  // two models stand in the opposite order
};

// Scores, agreement and rankings are over the headline types, as every overall is; cells are of all
// types.
struct JudgeComparison {
  std::vector<std::vector<JudgeScore>> scores;  // by model, then by judge
  JudgeAgreement agreement;
  std::vector<JudgedCell> cells;        // in the order of types and languages
  std::vector<RankingChange> rankings;  // empty with fewer than two models
};

// Scores are of all responses given, so the same ones should be there for every model. The interval
// of a ranking resamples samples, each with all its rollouts and models.
JudgeComparison compare_judges(std::span<const JudgedResponse> responses, std::size_t models,
                               std::size_t judges, const RankOptions& options = {});

}  // namespace iie
