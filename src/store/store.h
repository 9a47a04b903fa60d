// Where runs are kept. Append-only: a run's state is derived from its records, and resuming is
// "plan minus what the store holds".
//
// Threads: every call comes from one thread (the event loop's, or the only one); the SQLite store
// writes on a thread of its own. Reads see what is durable: records still queued may be missing.
// Closing (the destructor) writes what is queued and wakes who waits in flushed(), so an event loop
// with such coroutines must outlive the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/broken_off.h"
#include "core/run.h"
#include "core/sample.h"

namespace iie {

// A rollout as stored: its latest response record, and the latest judgement of that very record. A
// judgement of an earlier record (a failure, mended since) counts no more.
struct StoredRollout {
  ResponseRecord response;
  std::optional<JudgementRecord> judgement;
};

// How far one rollout came, without its texts: all that resuming and counting need.
struct RolloutProgress {
  RolloutId id;
  bool failed = false;             // its latest response record is an error
  std::optional<Outcome> outcome;  // of the latest judgement of that record; absent: not judged
  UnscoredReason unscored = UnscoredReason::none;
  // Of its response, in tokens (core/answer_length.h); absent for a failure.
  std::optional<std::int64_t> length = std::nullopt;

  bool operator==(const RolloutProgress&) const = default;
};

// What a run's records add up to.
struct RunState {
  std::int64_t responded = 0;  // rollouts with a response
  std::int64_t failed = 0;     // rollouts whose latest record is an error
  std::int64_t judged = 0;     // rollouts with a judgement (judge_failed not counted)
  std::int64_t judge_failed = 0;
  std::int64_t passed = 0;
  std::int64_t unscored = 0;           // judged, but without a verdict (judge_failed not counted)
  std::optional<WallTime> last_write;  // of the newest response or judgement

  bool operator==(const RunState&) const = default;
};

class Store {
 public:
  virtual ~Store() = default;

  // Starts a run, keeps its samples and claims it, durable on return. busy where a run with that
  // key is being written by another process.
  virtual Result<RunInfo> create_run(const RunSpec& spec, const std::vector<Sample>& samples) = 0;
  // Runs with this key, oldest first.
  virtual Result<std::vector<RunInfo>> runs_with_key(std::string_view key) = 0;
  // All runs, oldest first.
  virtual Result<std::vector<RunInfo>> runs() = 0;
  // By id or an unambiguous prefix of one; "latest" is the newest. not_found, or bad_input listing
  // the candidates where the prefix is ambiguous.
  virtual Result<RunInfo> find_run(std::string_view id_or_prefix) = 0;

  virtual Result<std::vector<Sample>> samples(const RunInfo& run) = 0;
  virtual Result<RunState> state(const RunInfo& run) = 0;
  // Every rollout that has a record, ordered by (sample, rollout); stops at the first false that
  // `visit` returns. Memory stays O(1 rollout).
  virtual Result<void> for_each_rollout(const RunInfo& run,
                                        const std::function<bool(const StoredRollout&)>& visit) = 0;
  // The same rollouts in no order that may be counted on, which saves sorting them and going back
  // and forth in the file: for what adds them up.
  virtual Result<void> for_each_rollout_unordered(
      const RunInfo& run, const std::function<bool(const StoredRollout&)>& visit) = 0;
  // The same in no order either, read from the indexes alone: seconds for millions.
  virtual Result<void> for_each_progress(
      const RunInfo& run, const std::function<bool(const RolloutProgress&)>& visit) = 0;
  // One sample's rollouts.
  virtual Result<std::vector<StoredRollout>> rollouts(const RunInfo& run, std::int32_t sample) = 0;
  // One rollout; nullopt where it has no record.
  virtual Result<std::optional<StoredRollout>> rollout(const RunInfo& run, RolloutId id) = 0;
  // The calls that broke off in all processes that wrote the run: one sum for each caller and
  // model, in their order.
  virtual Result<std::vector<BrokenOff>> broken_off(const RunInfo& run) = 0;

  // Takes the run for writing until the store closes: busy, naming the holder, where another live
  // process has it. A dead holder's claim is void.
  virtual Result<void> claim(const RunInfo& run) = 0;

  // Queues a record of a claimed run and returns at once. Records become durable in the order
  // queued. A judgement is of the latest response record queued before it; there must be one. After
  // an error the rest are dropped and flushed() reports the error.
  virtual void append(const RunInfo& run, ResponseRecord record) = 0;
  virtual void append(const RunInfo& run, JudgementRecord record) = 0;
  // Queued with the records, one by one as the calls break off. What a process that is killed can
  // lose of them: those that are queued (what it wrote in the last moment), and the calls that are
  // under way at that moment, which nobody sees the end of.
  virtual void append(const RunInfo& run, BrokenOff calls) = 0;
  // Completes when everything appended before the call is durable. Errors: corrupt, busy, or
  // bad_input for a full disk; the run cannot go on.
  virtual Async<Result<void>> flushed() = 0;
};

struct StoreOptions {
  // Refuse to create the file: for commands that only read.
  bool must_exist = false;
  // Records per transaction at most: more amortises the sync, fewer shortens the wait of the first.
  // Fewer are taken when fewer are queued. bench/store.cc: 256 writes 1.3 to 3 times what 64 does,
  // the more the slower the disk syncs, and 1024 no more than that.
  std::size_t group = 256;
  // How long to wait while another process holds the file locked before it is `busy`.
  std::chrono::milliseconds busy_timeout{10'000};
};

// Opens or creates `path`. Errors say what the file is where it is not ours: not a database, an
// SQLite file of another program, a store of a newer version of this tool, a locked or read-only
// file. Old versions are migrated in place.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                 const StoreOptions& options = {});
// Forgets everything when it closes; for tests and --store memory.
std::unique_ptr<Store> make_memory_store();

}  // namespace iie
