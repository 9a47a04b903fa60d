// A judge's measured error: how its verdicts on labelled responses compare with people's labels,
// counted for each cell. `calibrate` writes it, reports read it to correct scores
// (analysis/judge_error.h).
//
// A cell is one instruction type in one language judged in one way. Cells are never pooled here:
// what has no cell has no estimate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"

namespace iie {

struct CalibrationCell {
  std::string type;                  // InstructionType::code; may be empty
  std::optional<Language> language;  // nullopt: labelled samples that state none
  std::string judge;                 // for people: "openai:gpt-4.1"
  // JudgeCell::fingerprint (core/run.h) of the judge that was measured: it holds for cells of runs
  // that have the same.
  std::string fingerprint;

  // Of labelled responses with a verdict, by people's label and the judge's verdict.
  std::int64_t true_pass = 0;   // both pass
  std::int64_t false_fail = 0;  // people pass, the judge fails
  std::int64_t true_fail = 0;   // both fail
  std::int64_t false_pass = 0;  // people fail, the judge passes
  // And of those without: the judge's reply could not be read, say.
  std::int64_t unscored_pass = 0;  // people pass
  std::int64_t unscored_fail = 0;  // people fail
  // Distinct samples among all of them; responses of one sample resemble each other.
  std::int64_t samples = 0;

  bool operator==(const CalibrationCell&) const = default;
};

struct Calibration {
  std::string tool_version;
  std::string labels;           // the labels file's name
  std::string labels_hash;      // SHA-256 of its content
  std::int64_t annotators = 0;  // distinct people; 0: not said
  std::vector<CalibrationCell> cells;

  // Null where this very judge was not measured on this cell.
  const CalibrationCell* find(std::string_view type, std::optional<Language> language,
                              std::string_view fingerprint) const;

  bool operator==(const Calibration&) const = default;
};

// Pretty JSON with `"calibration": 1` at its head.
std::string calibration_to_json(const Calibration& calibration);
// Strict: another version, unknown fields, types, negative counts and two cells of the same type,
// language and fingerprint are bad_input, the message naming `name` and the cell.
Result<Calibration> calibration_from_json(std::string_view json, std::string_view name);

}  // namespace iie
