// Carries out a job: event loop, providers, judge, progress, signals; then the report.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/run.h"
#include "engine/recording.h"
#include "provider/prices.h"
#include "store/store.h"

namespace iie {

struct RunnerOptions {
  CallOptions calls;
  ControlOptions control;
  PriceList prices;
  // --record and --replay; at most one of them.
  std::shared_ptr<RecordingFile> record;
  std::shared_ptr<Recording> replay;
  std::string store;  // its path, for messages
  std::string out;
  ReportView report;
  OutputOptions output;
};

// Does what the store does not hold of the (claimed) run, prints the report, writes its files.
// Returns the exit code: ok when complete, incomplete when stopped or when calls failed for good.
Result<int> run_job(const Job& job, const RunInfo& run, Store& store, const RunnerOptions& options);

}  // namespace iie
