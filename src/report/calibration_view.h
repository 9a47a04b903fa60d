// How good judges are, measured against people's labels, as people and programs read it
// (`calibrate`).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/judge_error.h"
#include "analysis/judges.h"
#include "analysis/paired.h"
#include "core/instruction_type.h"

namespace iie {

// One judge on one cell; type and language are empty for all cells together.
struct MeasuredCell {
  std::string type;
  std::optional<Language> language;
  bool all = false;
  JudgeCounts counts;
  std::int64_t unscored = 0;  // labelled responses without a verdict
  std::optional<double> kappa;
  std::optional<CorrelationInterval> kappa_interval;
  // Why there is no estimate, or a poor one: "no response that people pass", "7 labels".
  std::vector<std::string> warnings;
};

struct MeasuredJudge {
  std::string name;
  std::string run;                  // that holds its verdicts
  std::vector<MeasuredCell> cells;  // the first is of all
  std::optional<double> cost;       // in US dollars; absent where a price or usage is unknown
  std::optional<std::int64_t> median_latency_ms;
  std::int64_t calls = 0;
};

// One more lever: choosing more finely.
struct AblationStep {
  std::string name;
  double accuracy = 0;                        // of choices scored on labels that did not make them
  std::optional<PairedDifference> gain;       // over the step before
  std::map<std::string, std::string> chosen;  // by type ("": all): the judge's name
};

struct CalibrationView {
  std::string labels;
  std::int64_t responses = 0;
  std::int64_t ties = 0;          // labelled as often 0 as 1: left out
  std::vector<std::string> tied;  // the first of them
  std::vector<MeasuredJudge> judges;
  std::vector<AblationStep> steps;
  std::vector<std::string> thin;  // types that could not be cross-validated
  std::vector<std::string> annotators;
  std::optional<JudgeAgreement> annotator_agreement;  // with two annotators or more
};

std::string calibration_text(const CalibrationView& view);
std::string calibration_markdown(const CalibrationView& view);
// One row for each judge and cell.
std::string calibration_csv(const CalibrationView& view);
std::string calibration_view_json(const CalibrationView& view);

}  // namespace iie
