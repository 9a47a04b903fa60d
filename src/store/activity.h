// What goes on in a run, read from its store from outside: who writes it, how fast, and what
// failed. For `status`; nothing is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/run.h"

namespace iie {

struct FailureCount {
  std::string kind;  // ErrorKind's name; "judge_failed" for judgements
  std::int64_t count = 0;
  std::string message;  // the newest one's
};

struct RunActivity {
  // A live process holds the run's claim, and its id where it can be told.
  bool claimed = false;
  std::optional<std::int64_t> holder;
  // The last process to write the run said so when it began, and when it ended in order: without
  // the latter, and nobody holding the claim, it was killed.
  std::optional<WallTime> last_claim;
  bool released = false;
  // Rollouts whose newest record is an error, and those whose judge failed; most first.
  std::vector<FailureCount> failures;
  // Judgements a second over the newest ones (at most 500 of them, and none older than five minutes
  // before the newest). Absent for fewer than two.
  std::optional<double> per_second;
};

// not_found where the store has no such run.
Result<RunActivity> run_activity(const std::string& store_path, const RunInfo& run);

}  // namespace iie
