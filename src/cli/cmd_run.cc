// `run`, `score` and `resume`: one way to carry a job out, three ways to name it.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "cli/runner.h"
#include "cli/stores.h"
#include "store/store.h"

namespace iie {
namespace {

RunnerOptions runner_options(const CallOptions& calls, std::string store, std::string out,
                             const ReportView& report, const OutputOptions& output) {
  return {calls, std::move(store), std::move(out), report, output};
}

// The store's own run of this very spec goes on, unless a new one is asked for.
Result<int> run_or_go_on(const Job& job, const RunOptions& options,
                         const Environment& environment) {
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  const std::string path = store_path(options.store, environment);
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_write(path));
  IIE_TRY(const std::vector<RunInfo> earlier, store->runs_with_key(run_key(job.spec)));
  RunInfo run;
  if (!earlier.empty() && !options.fresh) {
    run = earlier.back();
    IIE_CHECK_OK(store->claim(run));
    IIE_TRY(const RunState state, store->state(run));
    note(options.output,
         is_complete(run, state)
             ? fmt::format("Run {} is complete: nothing to do (--new starts over)", run.id)
             : fmt::format("Run {} goes on: {} of {} rollouts are done (--new starts over)", run.id,
                           state.judged, run.planned));
  } else {
    IIE_TRY(run, store->create_run(job.spec, job.samples));
  }
  return run_job(job, run, *store,
                 runner_options(options.calls, path, options.out, options.report, options.output));
}

}  // namespace

Result<int> cmd_run(const RunOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const Job job, job_from(options, environment));
  return run_or_go_on(job, options, environment);
}

Result<int> cmd_score(const ScoreOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const Job job, job_from(options, environment));
  return run_or_go_on(job, options.run, environment);
}

Result<int> cmd_resume(const ResumeOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  const std::string path = store_path(options.store, environment);
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_read(path));
  IIE_TRY(const RunInfo run, store->find_run(options.run));
  IIE_TRY(std::vector<Sample> samples, store->samples(run));
  IIE_TRY(const Job job, job_from(options, run, std::move(samples), environment));
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  IIE_CHECK_OK(store->claim(run));
  return run_job(job, run, *store,
                 runner_options(options.calls, path, options.out, options.report, options.output));
}

}  // namespace iie
