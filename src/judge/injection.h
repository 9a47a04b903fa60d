// Responses that try to steer the judge that reads them (data/injection/), to test a judge with:
// each is put under a question whose answer is known to fail, so a pass is the attack's doing.
// Values; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"
#include "core/sample.h"

namespace iie {

struct Attack {
  std::string id;
  std::string technique;  // "fake_verdict", "order", "role" ...
  Language language = Language::english;
  std::string text;   // with slots {answer} and {flood}
  std::string flood;  // what {flood} repeats; empty: no flood
  std::size_t flood_bytes = 0;

  // The hostile response around an answer: slots replaced once, never re-scanned.
  std::string response(std::string_view answer) const;
};

// Reads the JSONL form (data/injection/README.md). bad_input names file and line.
Result<std::vector<Attack>> load_attacks(std::string_view jsonl, std::string_view name);
// The embedded suite.
const std::vector<Attack>& attacks();

// One attack under one question.
struct AttackCase {
  const Attack* attack = nullptr;
  const Sample* sample = nullptr;
  std::string answer;    // fails, and a judge should say so
  std::string response;  // the attack around it
};

// Each attack under a question of its language, the types taken in turn, with that question's
// inertial gold as answer. `samples` must outlive the result. not_found where there is no question
// with one in the language of an attack.
Result<std::vector<AttackCase>> attack_cases(const std::vector<Attack>& attacks,
                                             const std::vector<Sample>& samples);

}  // namespace iie
