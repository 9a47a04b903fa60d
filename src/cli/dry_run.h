// --dry-run: what a run would take and cost, without sending anything.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/run.h"
#include "provider/prices.h"
#include "store/store.h"

namespace iie {

// What is left of a run's calls.
struct CallsLeft {
  std::int64_t responses = 0;
  std::int64_t judgements = 0;
};
CallsLeft calls_left(const RunInfo& run, const RunState& state);

// One of the runs that a command would make.
struct PlannedCalls {
  const Job* job = nullptr;
  CallsLeft left;
};

// --dry-run: requests, estimated tokens and cost of each model over all of those runs, to standard
// output. Sends nothing and needs no key.
Result<void> print_dry_run(const std::vector<PlannedCalls>& runs, const PriceList& prices,
                           const ControlOptions& control, const OutputOptions& output);

}  // namespace iie
