// What several reports show together: thinking against non-thinking runs of one model, and whether
// the order of models on IFEval is the order here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/rank.h"
#include "report/comparison.h"
#include "report/report.h"

namespace iie {

// Indexes into the reports: `plain` was asked for less reasoning than `thinking`.
struct ThinkingPair {
  std::size_t plain = 0;
  std::size_t thinking = 0;
  Comparison comparison;  // A is plain, B thinking
};
// Runs of one model, judged alike, on the same samples, that differ in the reasoning asked for:
// each against the one that was asked for least. Reasoning that nobody asked for has no place in an
// order, so such runs make no pair.
std::vector<ThinkingPair> thinking_pairs(const std::vector<Report>& reports);

struct IfevalRanks {
  struct Row {
    std::string model;
    double inverse = 0;       // overall score here
    double ifeval = 0;        // prompt-level strict accuracy there
    double rank_inverse = 0;  // from 1, the best first; ties share the mean
    double rank_ifeval = 0;
  };
  std::vector<Row> rows;  // best here first
  std::optional<double> tau;
  // Over resampled samples, all models of a benchmark on the same drawing. Absent where runs of a
  // benchmark have not the same samples.
  std::optional<CorrelationInterval> interval;
};
// Models that have a run with verifiable instructions and a run with types among the reports; with
// several of a kind the first counts. nullopt for fewer than two such models.
std::optional<IfevalRanks> ifeval_ranks(const std::vector<Report>& reports);

// Judges on the same responses: how often their verdicts differ.
struct JudgeFlips {
  std::vector<std::size_t> reports;  // one per judge
  struct Pair {
    std::int64_t n = 0;           // headline rollouts that both judges decided
    std::int64_t only_first = 0;  // passed by the first only
    std::int64_t only_second = 0;

    std::int64_t differ() const { return only_first + only_second; }
  };
  // pairs[i][j]: reports[i] first, reports[j] second.
  std::vector<std::vector<Pair>> pairs;
};
// Of the largest set of reports on the same responses: recorded ones with the same content, or a
// run and what judged it again. nullopt for fewer than two.
std::optional<JudgeFlips> judge_flips(const std::vector<Report>& reports);

// "thinking_gap" of each thinking pair: above 15 points, the interval without 0; "rank_inversion":
// IFEval's best model is not the best here, or tau is below 0.
std::vector<Signature> signatures_of(const std::vector<Report>& reports);

}  // namespace iie
