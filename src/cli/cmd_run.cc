// `run`, `score` and `resume`: one way to carry a job out, three ways to name it.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/control.h"
#include "cli/dry_run.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "cli/runner.h"
#include "cli/spending.h"
#include "cli/stores.h"
#include "store/store.h"

namespace iie {
namespace {

// What `run` and `resume` have in common.
template <typename Options>
Result<RunnerOptions> runner_options(const Options& options, const RunSpec& spec,
                                     std::string store) {
  IIE_TRY(PriceList prices, PriceList::load(options.control.prices));
  ReportView view = options.report;
  view.prices = options.control.prices;
  RunnerOptions runner{.calls = options.calls,
                       .control = options.control,
                       .prices = std::move(prices),
                       .store = std::move(store),
                       .out = options.out,
                       .report = std::move(view),
                       .output = options.output};
  if (!options.control.dry_run) IIE_CHECK_OK(open_recording(runner, run_key(spec)));
  return runner;
}

// Of a run that the store, if it is there, may have begun.
Result<int> dry_run(const Job& job, const RunOptions& options, const std::string& path) {
  IIE_TRY(const PriceList prices, PriceList::load(options.control.prices));
  IIE_CHECK_OK(check_max_cost(job.spec, prices, options.control.max_cost));
  const auto planned = static_cast<std::int64_t>(job.samples.size()) * job.spec.rollouts;
  CallsLeft left{planned, planned};
  IIE_TRY(const std::unique_ptr<Store> store, open_store_if_there(path));
  if (store && !options.fresh) {
    IIE_TRY(const std::vector<RunInfo> earlier, store->runs_with_key(run_key(job.spec)));
    if (!earlier.empty()) {
      IIE_TRY(const RunState state, store->state(earlier.back()));
      left = calls_left(earlier.back(), state);
      note(options.output, fmt::format("Of run {}, what is left of {} rollouts (--new starts over)",
                                       earlier.back().id, planned));
    }
  }
  IIE_CHECK_OK(print_dry_run({{&job, left}}, prices, options.control, options.output));
  return kExitOk;
}

// The store's own run of this very spec goes on, unless a new one is asked for.
Result<int> run_or_go_on(const Job& job, const RunOptions& options,
                         const Environment& environment) {
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  const std::string path = store_path(options.store, environment);
  if (options.control.dry_run) return dry_run(job, options, path);
  IIE_TRY(const RunnerOptions runner, runner_options(options, job.spec, path));
  IIE_CHECK_OK(check_max_cost(job.spec, runner.prices, options.control.max_cost));
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_write(path));
  IIE_TRY(const std::vector<RunInfo> earlier, store->runs_with_key(run_key(job.spec)));
  RunInfo run;
  // A replay is a run of its own: there would be nothing left to do in the one that was recorded.
  if (!earlier.empty() && !options.fresh && !runner.replay) {
    run = earlier.back();
    IIE_CHECK_OK(store->claim(run));
    IIE_TRY(const RunState state, store->state(run));
    IIE_CHECK_OK(check_recorded_from_the_start(runner, run, state));
    note(options.output,
         is_complete(run, state)
             ? fmt::format("Run {} is complete: nothing to do (--new starts over)", run.id)
             : fmt::format("Run {} goes on: {} of {} rollouts are done (--new starts over)", run.id,
                           state.judged, run.planned));
  } else {
    IIE_TRY(run, store->create_run(job.spec, job.samples));
  }
  return run_job(job, run, *store, runner);
}

}  // namespace

Result<int> cmd_run(const RunOptions& options) {
  IIE_TRY(const Environment environment, load_environment(options.control));
  IIE_TRY(const Job job, job_from(options, environment));
  return run_or_go_on(job, options, environment);
}

Result<int> cmd_score(const ScoreOptions& options) {
  IIE_TRY(const Environment environment, load_environment(options.run.control));
  IIE_TRY(const Job job, job_from(options, environment));
  return run_or_go_on(job, options.run, environment);
}

Result<int> cmd_resume(const ResumeOptions& options) {
  IIE_TRY(const Environment environment, load_environment(options.control));
  const std::string path = store_path(options.store, environment);
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_read(path));
  IIE_TRY(const RunInfo run, store->find_run(options.run));
  IIE_TRY(std::vector<Sample> samples, store->samples(run));
  IIE_TRY(const Job job, job_from(options, run, std::move(samples), *store, environment));
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  IIE_TRY(const RunnerOptions runner, runner_options(options, job.spec, path));
  if (options.control.dry_run) {
    IIE_CHECK_OK(check_max_cost(job.spec, runner.prices, options.control.max_cost));
    IIE_TRY(const RunState state, store->state(run));
    IIE_CHECK_OK(print_dry_run({{&job, calls_left(run, state)}}, runner.prices, options.control,
                               options.output));
    return kExitOk;
  }
  IIE_CHECK_OK(store->claim(run));
  IIE_TRY(const RunState state, store->state(run));
  IIE_CHECK_OK(check_recorded_from_the_start(runner, run, state));
  return run_job(job, run, *store, runner);
}

}  // namespace iie
