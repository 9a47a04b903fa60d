// The run itself: one coroutine per rollout that generates, stores, judges and stores.
//
// A rollout that waits for its judge holds no place among those that generate; where more wait than
// judging has places, their responses stay in the store until one is free, so that a slow judge
// neither idles the candidate nor fills the memory. A rollout that is judged has ended but for the
// disk: it is counted as done once the store has it, and nothing but its records waits. Where too
// many do, the disk is what the candidate waits for.
//
// Memory is O(rollouts in flight) plus what waits for the disk, a quarter of a byte per planned
// rollout where the store holds any, eight bytes per rollout that waits for its judge and 32 per
// sample (engine/longest_first.h). What a run did not finish is in its store as missing records:
// running the pipeline again on the same run does the rest and nothing twice.
//
// One thread (the event loop's): every method, and the counters that snapshot() reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"
#include "core/run.h"
#include "core/sample.h"
#include "engine/caller.h"
#include "engine/limiter.h"
#include "engine/longest_first.h"
#include "engine/observer.h"
#include "judge/judge.h"
#include "store/store.h"

namespace iie {

struct PipelineOptions {
  // Rollouts that generate at once, those that wait for a place at the endpoint included: enough
  // that the candidate never waits for them, few enough that memory stays flat.
  std::size_t max_generating = 1024;
  // Rollouts that are judged at once.
  std::size_t max_judging = 1024;
  // No rollout begins while so many bytes of responses and verdicts are on their way to the disk:
  // what the fastest endpoint says during some commits, few enough that memory stays flat.
  std::size_t max_unsaved_bytes = 2u << 20;
  // That many rollouts failing in a row, none succeeding between them, stop the run: the endpoint
  // is down or refuses everything, and going on would only make more failures.
  int give_up_after = 16;
  Observer* observer = nullptr;  // may be null
  // Told of each rollout that this process judged, when its records are on their way to the store:
  // they are all there if run() gives no error. May be empty.
  std::function<void(const ResponseRecord&, const JudgementRecord&)> judged = {};
};

// A run's progress at one moment.
struct Progress {
  std::int64_t planned = 0;
  std::int64_t done = 0;          // durable, of them:
  std::int64_t already_done = 0;  //   before this process started
  std::int64_t passed = 0;        //   verdict pass
  std::int64_t failed = 0;        //   verdict fail
  std::int64_t unscored = 0;      //   no verdict
  std::int64_t errors = 0;        // candidate or judge call failed for good; resume tries again
  std::size_t in_flight = 0;      // rollouts under way
  std::size_t to_judge = 0;       // generated, and waiting in the store for a judge
  CallerGauge candidate;
  std::optional<CallerGauge> judge;
  std::int64_t input_tokens = 0;  // known ones, candidate and judge, by this process
  std::int64_t output_tokens = 0;
  bool stopping = false;
};

class Pipeline {
 public:
  // `judge_calls` may be null (no LLM judge). Everything must outlive the pipeline.
  Pipeline(Caller& candidate, Judge& judge, Calls* judge_calls, Store& store, const Clock& clock,
           PipelineOptions options = {});
  ~Pipeline();

  // Does what the store does not hold of the (claimed) run. Returns when everything is durable,
  // when stop() has been obeyed (no error: look at progress), or with the error that stopped the
  // run: auth or not_found from an endpoint, too many failures in a row (or nothing but failures),
  // or the store's.
  Async<Result<void>> run(const RunInfo& run, const std::vector<Sample>& samples);

  // Sends nothing new; calls under way finish and are stored.
  void stop();
  // Nobody waits for the calls that are under way: what they may cost is queued for the store.
  void abandon();
  Progress progress() const;

 private:
  struct Plan;
  struct Session;

  Result<Plan> plan(const RunInfo& run, std::size_t samples);
  Async<void> rollout(Session& session, RolloutId id, Limiter::Permit generating);
  Async<void> judge_waiting(Session& session, Limiter::Permit judging);
  Async<Result<std::optional<ResponseRecord>>> generate(Session& session, RolloutId id);
  Async<Result<void>> judge(Session& session, ResponseRecord response);
  Result<ResponseRecord> stored_response(const Session& session, RolloutId id);
  template <typename Record>
  void save(Session& session, Record record, std::size_t bytes);
  Async<void> count_saved(Session& session, Limiter::Permit saving);
  void abort(Error error);
  void count(Outcome outcome);
  void count(const Usage& usage);
  // Feeds the row of failures; the error to stop for once it is too long.
  Result<void> count_failure(const Error& error);

  Caller& candidate_;
  Judge& judge_;
  Calls* judge_calls_;
  Store& store_;
  const Clock& clock_;
  PipelineOptions options_;
  Progress progress_;
  int failures_in_a_row_ = 0;
  std::optional<Error> last_failure_;
  std::optional<Error> error_;
  std::optional<LongestFirst> order_;  // of the run under way
};

}  // namespace iie
