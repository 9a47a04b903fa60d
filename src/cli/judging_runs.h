// Runs that only judge: responses that are there already, put to one judge after the other, as
// `rejudge`, `calibrate` and `judge-test` do. They share one limit of money and one recording, and
// each goes on where the store has its beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/job.h"
#include "cli/runner.h"
#include "core/run.h"
#include "store/store.h"

namespace iie {

struct JudgingRun {
  const Job* job = nullptr;
  std::string what;          // said when it begins, behind its id; empty: nothing is said
  std::int64_t missing = 0;  // responses that are not there, and that nobody judges
};

struct JudgedRuns {
  std::vector<RunInfo> runs;  // in the order of the jobs; the same job twice is one run
  bool complete = true;       // every response that is there has been judged
  bool stopped = false;       // by the user: the last of `runs` and those behind it are not done
};

// usage where --max-cost cannot be kept: before a store is made.
Result<void> check_max_cost(const std::vector<JudgingRun>& wanted, const RunnerOptions& options);

// Everything that can be wrong is found before the first call: prices, recordings, runs that
// another process writes. `fresh`: as --new. The error that stopped a run stops those behind it,
// and says how to go on.
Result<JudgedRuns> judge_all(const std::vector<JudgingRun>& wanted, Store& store,
                             RunnerOptions options, bool fresh);

// --dry-run of the same: what is left of it, which is everything where `store` is null.
Result<int> dry_run_all(const std::vector<JudgingRun>& wanted, Store* store,
                        const RunnerOptions& options, bool fresh);

}  // namespace iie
