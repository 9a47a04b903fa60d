// `run`, `score` and `resume`: one way to carry a job out, three ways to name it.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.h"
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

Result<Environment> load_environment(const ControlOptions& control) {
  IIE_TRY(Environment environment, Environment::load());
  if (control.dry_run || !control.replay.empty()) environment.set_offline();
  return environment;
}

// What `run` and `resume` have in common.
template <typename Options>
Result<RunnerOptions> runner_options(const Options& options, std::string store) {
  IIE_TRY(PriceList prices, PriceList::load(options.control.prices));
  ReportView view = options.report;
  view.prices = options.control.prices;
  return RunnerOptions{options.calls, options.control, std::move(prices), std::move(store),
                       options.out,   std::move(view), options.output};
}

CallsLeft left_of(const RunInfo& run, const RunState& state) {
  return {run.planned - state.responded, run.planned - state.judged};
}

// Of a run that the store, if it is there, may have begun.
Result<int> dry_run(const Job& job, const RunOptions& options, const std::string& path) {
  IIE_TRY(const PriceList prices, PriceList::load(options.control.prices));
  IIE_CHECK_OK(check_max_cost(job.spec, prices, options.control.max_cost));
  const auto planned = static_cast<std::int64_t>(job.samples.size()) * job.spec.rollouts;
  CallsLeft left{planned, planned};
  std::error_code ignored;
  if (!options.fresh && path != "memory" && std::filesystem::exists(path, ignored)) {
    IIE_TRY(const std::unique_ptr<Store> store, open_store_to_read(path));
    IIE_TRY(const std::vector<RunInfo> earlier, store->runs_with_key(run_key(job.spec)));
    if (!earlier.empty()) {
      IIE_TRY(const RunState state, store->state(earlier.back()));
      left = left_of(earlier.back(), state);
      note(options.output, fmt::format("Of run {}, what is left of {} rollouts (--new starts over)",
                                       earlier.back().id, planned));
    }
  }
  IIE_CHECK_OK(print_dry_run(job, prices, left, options.control, options.output));
  return kExitOk;
}

// The store's own run of this very spec goes on, unless a new one is asked for.
Result<int> run_or_go_on(const Job& job, const RunOptions& options,
                         const Environment& environment) {
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  const std::string path = store_path(options.store, environment);
  if (options.control.dry_run) return dry_run(job, options, path);
  IIE_TRY(const RunnerOptions runner, runner_options(options, path));
  IIE_CHECK_OK(check_max_cost(job.spec, runner.prices, options.control.max_cost));
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
  IIE_TRY(const Job job, job_from(options, run, std::move(samples), environment));
  IIE_CHECK_OK(check_verdicts_file(options.report.verdicts, job.samples));
  IIE_TRY(const RunnerOptions runner, runner_options(options, path));
  if (options.control.dry_run) {
    IIE_CHECK_OK(check_max_cost(job.spec, runner.prices, options.control.max_cost));
    IIE_TRY(const RunState state, store->state(run));
    IIE_CHECK_OK(
        print_dry_run(job, runner.prices, left_of(run, state), options.control, options.output));
    return kExitOk;
  }
  IIE_CHECK_OK(store->claim(run));
  return run_job(job, run, *store, runner);
}

}  // namespace iie
