#include "cli/judging_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/string_util.h"
#include "cli/control.h"
#include "cli/dry_run.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/spending.h"

namespace iie {
namespace {

// What one recording of them all goes by.
std::string key_of(const std::vector<JudgingRun>& wanted) {
  if (wanted.size() == 1) return run_key(wanted.front().job->spec);
  Sha256 hash;
  for (const JudgingRun& each : wanted) hash.update(run_key(each.job->spec) + '\n');
  return hash.hex();
}

// The store's own run of the very same job.
Result<std::optional<RunInfo>> find_begun(Store& store, const std::string& key, bool fresh) {
  if (fresh) return std::nullopt;
  IIE_TRY(std::vector<RunInfo> earlier, store.runs_with_key(key));
  if (earlier.empty()) return std::nullopt;
  return std::move(earlier.back());
}

std::string go_on_hint(const RunnerOptions& options, const Budget* budget) {
  if (options.store == "memory") return "";
  return fmt::format("; the same command{} goes on where it stopped",
                     budget != nullptr && budget->exhausted() ? " with --max-cost MORE" : "");
}

}  // namespace

Result<void> check_max_cost(const std::vector<JudgingRun>& wanted, const RunnerOptions& options) {
  for (const JudgingRun& each : wanted) {
    IIE_CHECK_OK(check_max_cost(each.job->spec, options.prices, options.control.max_cost));
  }
  return {};
}

Result<JudgedRuns> judge_all(const std::vector<JudgingRun>& wanted, Store& store,
                             RunnerOptions options, bool fresh) {
  options.several_runs = wanted.size() > 1;
  IIE_CHECK_OK(check_max_cost(wanted, options));
  IIE_CHECK_OK(open_recording(options, key_of(wanted)));
  // A replay is a run of its own: there would be nothing left to do in the one that was recorded.
  fresh = fresh || options.replay != nullptr;
  std::map<std::string, RunInfo> runs;  // begun, by key
  std::vector<BegunRun> begun;
  for (const JudgingRun& each : wanted) {
    const Job& job = *each.job;
    const std::string key = run_key(job.spec);
    IIE_TRY(const auto earlier, find_begun(store, key, fresh));
    if (!earlier || !runs.emplace(key, *earlier).second) continue;
    IIE_CHECK_OK(store.claim(*earlier));
    IIE_TRY(const RunState state, store.state(*earlier));
    IIE_CHECK_OK(check_recorded_from_the_start(options, *earlier, state));
    begun.push_back({&job, *earlier});
  }
  IIE_TRY(const std::shared_ptr<Budget> budget,
          make_budget(store, begun, options.prices, options.control, options.store));

  JudgedRuns out;
  for (const JudgingRun& each : wanted) {
    const Job& job = *each.job;
    const std::string key = run_key(job.spec);
    auto found = runs.find(key);
    if (found == runs.end()) {
      IIE_TRY(RunInfo created, store.create_run(job.spec, job.samples));
      found = runs.emplace(key, std::move(created)).first;
    }
    const RunInfo& run = found->second;
    out.runs.push_back(run);
    if (!each.what.empty()) {
      note(options.output, fmt::format("Run {}: {}", run.id, each.what));
    }
    IIE_TRY(CarriedOut carried, carry_out(job, run, store, options, budget, each.missing));
    if (!carried.result) {
      Error error = std::move(carried.result).error();
      error.message += go_on_hint(options, budget.get());
      return std::unexpected(std::move(error));
    }
    out.complete &= carried.progress.done + each.missing >= carried.progress.planned;
    if (carried.progress.stopping) {
      out.complete = false;
      out.stopped = true;
      if (const std::string hint = go_on_hint(options, nullptr); !hint.empty()) {
        note(options.output, "Stopped" + hint);
      }
      break;
    }
  }
  return out;
}

Result<int> dry_run_all(const std::vector<JudgingRun>& wanted, Store* store,
                        const RunnerOptions& options, bool fresh) {
  IIE_CHECK_OK(check_max_cost(wanted, options));
  std::vector<PlannedCalls> planned;
  std::set<std::string> seen;
  for (const JudgingRun& each : wanted) {
    const Job& job = *each.job;
    const std::string key = run_key(job.spec);
    if (!seen.insert(key).second) continue;
    const auto all = static_cast<std::int64_t>(job.samples.size()) * job.spec.rollouts;
    CallsLeft left{0, all};
    std::optional<RunInfo> begun;
    if (store != nullptr) {
      IIE_TRY(begun, find_begun(*store, key, fresh));
    }
    if (begun) {
      IIE_TRY(const RunState state, store->state(*begun));
      left.judgements = calls_left(*begun, state).judgements;
      note(options.output, fmt::format("Of run {}, what is left of {} judgements (--new starts "
                                       "over)",
                                       begun->id, all - each.missing));
    }
    left.judgements = std::max<std::int64_t>(0, left.judgements - each.missing);
    planned.push_back({&job, left});
  }
  IIE_CHECK_OK(print_dry_run(planned, options.prices, options.control, options.output));
  return kExitOk;
}

}  // namespace iie
