// What ControlOptions ask of every command that makes calls: whether anything is sent at all, and
// the recording that is written or answered from.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "core/run.h"
#include "store/store.h"

namespace iie {

// Before anything else is looked at, and before anything is said. Where nothing is sent (a dry run,
// a replay) no key is needed. usage for options that exclude each other.
Result<Environment> load_environment(const ControlOptions& control);

// --record or --replay of `runner.control`, for the run with that key, or the runs that
// `runner.several_runs` says share it. bad_input where the file is another's.
Result<void> open_recording(RunnerOptions& runner, const std::string& key);

// usage where the run has responses that the recording lacks: without its beginning it could not be
// replayed.
Result<void> check_recorded_from_the_start(const RunnerOptions& options, const RunInfo& run,
                                           const RunState& state);

}  // namespace iie
