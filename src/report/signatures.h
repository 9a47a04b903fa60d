// The patterns by which the benchmark's authors and users recognise over-fitted habits, checked and
// reported whether they show or not. A signature is a hint where to look, not a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace iie {

struct Report;

struct Signature {
  // "question_correction", "language_gap", "thinking_gap", "rank_inversion"; append only.
  std::string id;
  bool present = false;
  double value = 0;      // in points; what it is, `text` says
  double threshold = 0;  // what makes it present
  std::string text;      // one sentence with its figures; no text from outside
  // Of several runs: which (their letters as run_letter() gives them); empty for one run alone.
  std::string runs;
};

// Question Correction below 30; the languages 8 points or more apart, the interval without 0. What
// cannot be told (no such type, one language only) is left out.
std::vector<Signature> signatures_of(const Report& report);

inline constexpr double kWeakQuestionCorrection = 30;
inline constexpr double kWideLanguageGap = 8;
inline constexpr double kWideThinkingGap = 15;

}  // namespace iie
