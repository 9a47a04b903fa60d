// Carries out a job: event loop, providers, judge, progress, signals; then the report.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/run.h"
#include "engine/budget.h"
#include "engine/pipeline.h"
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
  bool several_runs = false;  // in that recording
  std::string store;          // its path, for messages
  std::string out;
  ReportView report;
  OutputOptions output;
};

// How far a run came, and what stopped it, if anything did.
struct CarriedOut {
  Progress progress;
  Result<void> result;

  // Every planned rollout has its verdict.
  bool complete() const { return result && progress.done == progress.planned; }
};

// Does what the store does not hold of the (claimed) run. `further_failures` are of responses that
// a stored run lacks: known beforehand, they do not stop this one. `judged` is told of rollouts as
// PipelineOptions::judged is.
Result<CarriedOut> carry_out(const Job& job, const RunInfo& run, Store& store,
                             const RunnerOptions& options, const std::shared_ptr<Budget>& budget,
                             std::int64_t further_failures = 0,
                             decltype(PipelineOptions::judged) judged = {});

// Does what the store does not hold of the (claimed) run, prints the report, writes its files.
// Returns the exit code: ok when complete, incomplete when stopped or when calls failed for good.
Result<int> run_job(const Job& job, const RunInfo& run, Store& store, const RunnerOptions& options);

}  // namespace iie
