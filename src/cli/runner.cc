#include "cli/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <utility>
#include <vector>

#include "base/log.h"
#include "cli/backend.h"
#include "cli/event_log.h"
#include "cli/exit_code.h"
#include "cli/loop.h"
#include "cli/output.h"
#include "cli/paid_replies.h"
#include "cli/progress_line.h"
#include "cli/reports.h"
#include "cli/run_report.h"
#include "cli/spending.h"
#include "engine/pipeline.h"
#include "net/file_limit.h"
#include "report/plain_text.h"
#include "store/response_cache.h"

namespace iie {
namespace {

namespace asio = boost::asio;

// Who sends SIGTERM does not send it twice: it kills next.
constexpr std::chrono::seconds kTermGrace{10};

// A disk that hangs holds nobody who wants to leave.
constexpr std::chrono::seconds kLastWrites{1};

[[noreturn]] void leave(ProgressLine& line, const OutputOptions& output) {
  line.clear();
  note(output, "Stopped at once; `inverse-ifeval resume latest` goes on");
  std::fflush(nullptr);
  std::_Exit(kExitIncomplete);
}

// Only what the calls under way may cost is kept, for they are given up.
Async<void> stop_at_once(asio::steady_timer& timer, Pipeline& pipeline, Store& store,
                         ProgressLine& line, const OutputOptions& output) {
  timer.expires_after(kLastWrites);
  timer.async_wait([&](const boost::system::error_code&) { leave(line, output); });
  pipeline.abandon();
  (void)co_await store.flushed();
  leave(line, output);
}

// The first signal stops gently, the second (or ten seconds after SIGTERM) at once: what the store
// holds is durable either way.
Async<void> obey_signals(asio::signal_set& signals, asio::steady_timer& grace, Pipeline& pipeline,
                         Store& store, ProgressLine& line, const OutputOptions& output) {
  boost::system::error_code cancelled;
  bool out_of_time = false;
  const int number =
      co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (cancelled) co_return;
  pipeline.stop();
  line.clear();
  const Progress now = pipeline.progress();
  const std::size_t calls = now.candidate.in_flight + (now.judge ? now.judge->in_flight : 0);
  note(output, fmt::format("Stopping: {} call{} under way finish first; again to stop at once",
                           calls, calls == 1 ? "" : "s"));
  if (number == SIGTERM) {
    grace.expires_after(kTermGrace);
    grace.async_wait([&](const boost::system::error_code& ended) {
      if (ended) return;
      out_of_time = true;
      signals.cancel();
    });
  }
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (!cancelled || out_of_time) co_await stop_at_once(grace, pipeline, store, line, output);
}

Async<void> show_progress(asio::steady_timer& timer, const Pipeline& pipeline, ProgressLine& line) {
  boost::system::error_code cancelled;
  while (true) {
    timer.expires_after(line.interval());
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    line.show(pipeline.progress());
  }
}

// Beside the rollouts that are being answered, some that wait for a place: enough to fill it at
// once.
std::size_t generating_bound(const CallOptions& calls) {
  return static_cast<std::size_t>(calls.max_connections + calls.max_connections / 4 + 16);
}

// Beside those that a judge is asked about, those that the rules look at: what comes at once, and
// some. One more has to be read back from the store, which costs more than it saves.
std::size_t judging_bound(const CallOptions& calls, const Calls* judge) {
  const std::int64_t checked = 256 + calls.max_connections;
  const std::int64_t asked =
      judge != nullptr ? calls.judge_connections + calls.judge_connections / 4 : 0;
  return static_cast<std::size_t>(asked + checked);
}

// What is said while the disk syncs once or twice, more where more can answer at once.
std::size_t unsaved_bound(const CallOptions& calls) {
  return (1u << 20) + (1u << 10) * static_cast<std::size_t>(calls.max_connections);
}

// How to finish the run; nothing where its store is gone with the process.
std::string go_on_hint(const RunInfo& run, const RunnerOptions& options, const Budget* budget) {
  if (options.store == "memory") return "";
  return fmt::format("; go on with: inverse-ifeval resume {}{}", run.id,
                     budget != nullptr && budget->exhausted() ? " --max-cost MORE" : "");
}

// Calls that nobody answered may still be on the bill: said where there is a price to speak of.
void note_maybe_billed(const Progress& progress, const RunSpec& spec,
                       const RunnerOptions& options) {
  const std::uint64_t calls =
      progress.candidate.maybe_billed + (progress.judge ? progress.judge->maybe_billed : 0);
  if (calls == 0 || !has_price(spec, options.prices)) return;
  note(
      options.output,
      fmt::format("{} call{} broke off or {} called off after {} sent, and may be billed: "
                  "--max-cost counts the most that was expected of them, and reports give it apart",
                  calls, calls == 1 ? "" : "s", calls == 1 ? "was" : "were",
                  calls == 1 ? "it was" : "they were"));
}

// A replay breaks nothing off, and its report is that of the run which was recorded.
Result<void> replay_broken_off(const Recording& recording, const RunInfo& run, Store& store) {
  IIE_TRY(const std::vector<BrokenOff> known, store.broken_off(run));
  if (!known.empty()) return {};  // it goes on
  for (const BrokenOff& calls : recording.broken_off(run.key)) store.append(run, calls);
  return {};
}

// The report's place must be good before anything is paid for.
Result<void> make_writable_folder(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!std::filesystem::is_directory(folder, code) || ::access(folder.c_str(), W_OK) != 0) {
    return fail(ErrorKind::bad_input, fmt::format("{}: is no folder that can be written", folder));
  }
  return {};
}

// The response cache of a run, as --cache wants it.
struct Cache {
  std::unique_ptr<ResponseCache> file;
  CacheUse use;
  bool candidate = false;
  bool of_this_run = false;  // its entries go when the run is complete
};

Result<Cache> open_cache(const RunnerOptions& options, const RunInfo& run, bool has_llm_judge) {
  Cache cache;
  const std::string& mode = options.control.cache;
  if (mode == "off" || options.replay) return cache;
  const std::string path = reply_cache_path(options.control, options.store);
  if (mode == "resume") {
    // The store has the responses; what it lacks is the replies of a judgement under way.
    if (!has_llm_judge || path.empty()) return cache;
    cache.use.scope = reply_cache_scope(run);
    cache.of_this_run = true;
    auto file = ResponseCache::open(path);
    if (file) {
      cache.file = *std::move(file);
    } else {
      log(LogLevel::warn, file.error().message + "; the run goes on without it");
    }
    return cache;
  }
  if (path.empty()) {
    return fail(ErrorKind::usage, "--cache with --store memory needs --cache-file FILE");
  }
  // Opening it would make it, and every call would be asked and paid for.
  if (mode == "read" && !std::filesystem::exists(path)) {
    return fail(ErrorKind::bad_input,
                fmt::format("no response cache at '{}': --cache read needs one that an earlier run "
                            "wrote (--cache on)",
                            path));
  }
  IIE_TRY(cache.file, ResponseCache::open(path));
  cache.use.read = mode != "write";
  cache.use.write = mode != "read";
  cache.candidate = true;
  return cache;
}

// Runs the pipeline under progress and signals.
Result<void> drive(asio::io_context& loop, Pipeline& pipeline, Store& store, const RunInfo& run,
                   const std::vector<Sample>& samples, const OutputOptions& output) {
  // Programs that read events want no progress among them.
  ProgressLine line(ProgressLine::detect(output.quiet || json_diagnostics()), system_clock());
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  asio::steady_timer timer(loop);
  asio::steady_timer grace(loop);
  asio::co_spawn(loop, obey_signals(signals, grace, pipeline, store, line, output), asio::detached);
  asio::co_spawn(loop, show_progress(timer, pipeline, line), asio::detached);
  Result<void> result = run_to_end(loop, pipeline.run(run, samples));
  signals.cancel();
  timer.cancel();
  grace.cancel();
  loop.restart();
  loop.poll();  // lets them see that they are cancelled
  return result;
}

}  // namespace

Result<CarriedOut> carry_out(const Job& job, const RunInfo& run, Store& store,
                             const RunnerOptions& options, const std::shared_ptr<Budget>& budget,
                             std::int64_t further_failures,
                             decltype(PipelineOptions::judged) judged) {
  if (const auto raised = raise_file_limit(); !raised) log(LogLevel::warn, raised.error().message);
  IIE_TRY(const Cache cache, open_cache(options, run, job.judges.has_value()));
  std::unique_ptr<EventLog> events;
  if (options.control.log_format == "json" || !options.control.log_file.empty()) {
    IIE_TRY(events, EventLog::open(options.control.log_file, system_clock()));
    events->run_started(run);
  }
  if (options.replay) IIE_CHECK_OK(replay_broken_off(*options.replay, run, store));
  CarriedOut out;
  {
    asio::io_context loop(1);
    IIE_TRY(const std::unique_ptr<Backend> backend,
            Backend::make(loop.get_executor(), job,
                          {.calls = options.calls,
                           .prices = options.prices,
                           .budget = budget,
                           .observer = events.get(),
                           .broke_off =
                               [&](const BrokenOff& calls) {
                                 store.append(run, calls);
                                 // A file that cannot be written stops the run at its next call.
                                 if (options.record) (void)options.record->add(run.key, calls);
                               },
                           .cache = cache.file.get(),
                           .cache_use = cache.use,
                           .cache_candidate = cache.candidate,
                           .record = options.record.get(),
                           .replay = options.replay.get(),
                           .recorded_run = options.several_runs ? run_key(job.spec) : ""}));
    PipelineOptions pipeline_options;
    pipeline_options.observer = events.get();
    pipeline_options.judged = std::move(judged);
    pipeline_options.give_up_after += static_cast<int>(further_failures);
    // What failed here and there failed then; it does not fail in a row because nobody waits.
    if (options.replay) pipeline_options.give_up_after = std::numeric_limits<int>::max();
    pipeline_options.max_generating = generating_bound(options.calls);
    pipeline_options.max_unsaved_bytes = unsaved_bound(options.calls);
    pipeline_options.max_judging = judging_bound(options.calls, backend->judge_calls());
    Pipeline pipeline(backend->candidate(), backend->judge(), backend->judge_calls(), store,
                      system_clock(), pipeline_options);
    out.result = drive(loop, pipeline, store, run, job.samples, options.output);
    out.progress = pipeline.progress();
  }
  note_maybe_billed(out.progress, job.spec, options);
  if (events) events->run_ended(out.progress, out.result ? nullptr : &out.result.error());
  if (cache.of_this_run && cache.file && out.progress.done == out.progress.planned) {
    cache.file->drop(cache.use.scope);
  }
  return out;
}

namespace {

Result<std::unique_ptr<RunReport>> begin_report(const Job& job, const RunInfo& run,
                                                const RunnerOptions& options) {
  return RunReport::begin(run, job.samples, options.prices, options.report, /*comparable=*/false);
}

// The report: on standard output, and as files in the folder. `fed` has all of the run's rollouts;
// null: they are read from the store.
Result<void> report_on(const Job& job, const RunInfo& run, Store& store,
                       const RunnerOptions& options, const std::string& folder,
                       std::unique_ptr<RunReport> fed) {
  Result<Report> made;
  if (fed) {
    IIE_TRY(const std::vector<BrokenOff> broken_off, store.broken_off(run));
    made = fed->finish(broken_off);
  } else {
    IIE_TRY(const std::unique_ptr<RunReport> empty, begin_report(job, run, options));
    made = stored_report(store, run, *empty);
  }
  IIE_TRY(const Report report, std::move(made));
  IIE_CHECK_OK(print_reports({report}, options.report, options.output));
  IIE_TRY(const std::vector<std::string> files, write_report_files(report, options.report, folder));
  if (!options.report.verdicts.empty()) {
    IIE_TRY(const std::int64_t without, write_verdicts(store, run, options.report.verdicts));
    note_verdicts(options.output, options.report.verdicts, without);
  }
  const std::string place = fmt::format("Report  {} (.json and .csv beside it)\n", files.front());
  if (options.output.format == "terminal") {
    print('\n' + place);
  } else {
    note(options.output, place.substr(0, place.size() - 1));
  }
  return {};
}

}  // namespace

Result<int> run_job(const Job& job, const RunInfo& run, Store& store,
                    const RunnerOptions& options) {
  IIE_TRY(const std::string folder, report_folder(options.out, options.store, run));
  IIE_CHECK_OK(make_writable_folder(folder));
  IIE_TRY(const std::shared_ptr<Budget> budget,
          make_budget(store, {{&job, run}}, options.prices, options.control, options.store));
  IIE_TRY(std::unique_ptr<RunReport> of_this_process, begin_report(job, run, options));
  Result<void> fed;
  IIE_TRY(CarriedOut carried,
          carry_out(job, run, store, options, budget, 0,
                    [&](const ResponseRecord& response, const JudgementRecord& judgement) {
                      if (fed) fed = of_this_process->add(response, &judgement);
                    }));
  Result<void>& result = carried.result;
  const Progress& progress = carried.progress;
  // A run that could do nothing has no report: the error is the answer.
  if (!result && progress.done == 0) {
    if (progress.errors > 0 || (budget && budget->exhausted())) {
      result.error().message += go_on_hint(run, options, budget.get());
    }
    return std::unexpected(std::move(result).error());
  }

  // What this process did from the first rollout to the last need not be read back.
  if (!fed || !carried.complete() || progress.already_done > 0) of_this_process.reset();
  Result<void> reported = report_on(job, run, store, options, folder, std::move(of_this_process));
  // What ended the run comes first: a disk that it filled also keeps its report from being written.
  if (!result) {
    result.error().message += go_on_hint(run, options, budget.get());
    return std::unexpected(std::move(result).error());
  }
  if (!reported) return std::unexpected(std::move(reported).error());
  if (progress.done == progress.planned) return kExitOk;
  note(options.output,
       fmt::format("The run is incomplete: {} of {} rollouts done{}{}", progress.done,
                   progress.planned,
                   progress.errors > 0 ? fmt::format(", {} calls failed", progress.errors) : "",
                   go_on_hint(run, options, budget.get())));
  return kExitIncomplete;
}

}  // namespace iie
