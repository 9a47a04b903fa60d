// The store in an SQLite file: WAL, so that others read while a run is written; synchronous=FULL,
// so that a commit survives the loss of power; append-only tables. doc/run-format.md has the
// schema.
//
// Two connections: the caller's, for reading and for starting runs, and the GroupWriter's.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/version.h"
#include "store/claim_file.h"
#include "store/derive.h"
#include "store/group_writer.h"
#include "store/open_file.h"
#include "store/rollout_cursor.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace iie {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;
using sqlite::Statement;

WallTime time_of(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

constexpr std::string_view kRunColumns =
    "SELECT name, key, spec, samples, planned, created, tool_version FROM run ";

class SqliteStore final : public Store {
 public:
  SqliteStore(Database database, StoreOptions options)
      : claims_(resolved(database.path())), database_(std::move(database)), options_(options) {}

  ~SqliteStore() override {
    const bool healthy = writer_ != nullptr && !writer_->error();
    writer_.reset();
    if (!healthy) return;
    for (const auto& [name, run] : claimed_) (void)add_event(run, "released");
    // Closing the last connection does this too, but another process may be reading.
    (void)database_.execute("PRAGMA wal_checkpoint(PASSIVE)");
  }

  Result<RunInfo> create_run(const RunSpec& spec, const std::vector<Sample>& samples) override {
    IIE_CHECK_OK(start_writer());
    RunInfo run;
    run.key = run_key(spec);
    run.spec = spec;
    run.created = system_clock().wall();
    run.tool_version = tool_version();
    run.samples = static_cast<std::int64_t>(samples.size());
    run.planned = run.samples * spec.rollouts;

    IIE_TRY(auto transaction, sqlite::Transaction::begin(database_));
    IIE_CHECK_OK(refuse_if_written_elsewhere(run.key));
    IIE_TRY(run.id, free_id(run.key));
    IIE_TRY(const std::int64_t dataset, keep_samples(samples));
    IIE_TRY(auto insert,
            database_.prepare("INSERT INTO run (name, key, spec, dataset, samples, planned, "
                              "created, tool_version) VALUES (?,?,?,?,?,?,?,?)"));
    const std::string spec_json = run_spec_to_json(spec);
    IIE_CHECK_OK(insert
                     .bind(run.id, run.key, spec_json, dataset, run.samples, run.planned,
                           run.created.time_since_epoch().count(), run.tool_version)
                     .run());
    const std::int64_t row = database_.last_insert_rowid();
    IIE_CHECK_OK(take_claim(run.id, row));
    const auto committed = [&]() -> Result<void> {
      IIE_CHECK_OK(add_event(row, "claimed"));
      return transaction.commit();
    }();
    if (!committed) {
      claims_.release(row);
      return std::unexpected(committed.error());
    }
    claimed_.emplace(run.id, row);
    return run;
  }

  Result<std::vector<RunInfo>> runs_with_key(std::string_view key) override {
    IIE_TRY(auto select,
            database_.prepare(fmt::format("{}WHERE key = ? ORDER BY id", kRunColumns)));
    return read_runs(select.bind(key));
  }

  Result<std::vector<RunInfo>> runs() override {
    IIE_TRY(auto select, database_.prepare(fmt::format("{}ORDER BY id", kRunColumns)));
    return read_runs(select);
  }

  Result<RunInfo> find_run(std::string_view id_or_prefix) override {
    IIE_TRY(const std::vector<RunInfo> all, runs());
    return pick_run(all, id_or_prefix);
  }

  Result<std::vector<Sample>> samples(const RunInfo& run) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_TRY(auto select,
            database_.prepare("SELECT sample.json FROM run "
                              "JOIN dataset_sample ON dataset_sample.dataset = run.dataset "
                              "JOIN sample ON sample.id = dataset_sample.sample "
                              "WHERE run.id = ? ORDER BY dataset_sample.position"));
    select.bind(row);
    std::vector<Sample> samples;
    samples.reserve(static_cast<std::size_t>(std::max<std::int64_t>(run.samples, 0)));
    while (true) {
      IIE_TRY(const bool more, select.step());
      if (!more) break;
      auto sample = sample_from_json(select.text(0));
      if (!sample) return std::unexpected(unreadable(run, "a sample", sample.error()));
      samples.push_back(*std::move(sample));
    }
    if (std::ssize(samples) != run.samples) {
      return fail(ErrorKind::corrupt,
                  fmt::format("{}: run {} has {} samples and should have {}; restore a copy of it",
                              database_.path(), run.id, samples.size(), run.samples));
    }
    return samples;
  }

  Result<RunState> state(const RunInfo& run) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    RunState state;
    RolloutEntry newest;
    IIE_CHECK_OK(scan(row, {.sorted = false}, [&](const RolloutEntry& entry) -> Result<bool> {
      count(state, entry.progress);
      newest.response = std::max(newest.response, entry.response);
      newest.judgement = std::max(newest.judgement, entry.judgement);
      return true;
    }));
    if (newest.response == 0) return state;
    IIE_TRY(auto select, database_.prepare("SELECT max(at) FROM ("
                                           "SELECT at FROM response WHERE id = ? UNION ALL "
                                           "SELECT at FROM judgement WHERE id = ?)"));
    IIE_TRY(const bool found, select.bind(newest.response, newest.judgement).step());
    if (found) state.last_write = time_of(select.integer(0));
    return state;
  }

  Result<void> for_each_rollout(const RunInfo& run,
                                const std::function<bool(const StoredRollout&)>& visit) override {
    IIE_CHECK_OK(map_if_small());
    return scan_records(run, {.sorted = true}, visit);
  }

  Result<void> for_each_rollout_unordered(
      const RunInfo& run, const std::function<bool(const StoredRollout&)>& visit) override {
    return scan_records(run, {.sorted = false}, visit);
  }

  Result<void> for_each_progress(
      const RunInfo& run, const std::function<bool(const RolloutProgress&)>& visit) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    return scan(row, {.sorted = false},
                [&](const RolloutEntry& entry) -> Result<bool> { return visit(entry.progress); });
  }

  Result<std::vector<StoredRollout>> rollouts(const RunInfo& run, std::int32_t sample) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_TRY(auto reader, RecordReader::open(database_));
    IIE_TRY(auto cursor, RolloutCursor::open(database_, row, {.sample = sample}));
    std::vector<StoredRollout> rollouts;
    RolloutEntry entry;
    while (true) {
      IIE_TRY(const bool more, cursor.next(entry));
      if (!more) return rollouts;
      IIE_TRY(rollouts.emplace_back(), reader.read(entry));
    }
  }

  Result<std::optional<StoredRollout>> rollout(const RunInfo& run, RolloutId id) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_TRY(auto reader, RecordReader::open(database_));
    IIE_TRY(auto cursor,
            RolloutCursor::open(database_, row, {.sample = id.sample, .rollout = id.rollout}));
    RolloutEntry entry;
    IIE_TRY(const bool found, cursor.next(entry));
    if (!found) return std::nullopt;
    return reader.read(entry);
  }

  Result<std::vector<BrokenOff>> broken_off(const RunInfo& run) override {
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_TRY(auto select, database_.prepare("SELECT caller, model, sum(calls), sum(input_tokens), "
                                           "sum(output_tokens) FROM broken_off WHERE run = ? "
                                           "GROUP BY caller, model ORDER BY caller, model"));
    select.bind(row);
    std::vector<BrokenOff> sums;
    while (true) {
      IIE_TRY(const bool more, select.step());
      if (!more) return sums;
      const BrokenOff& sum = sums.emplace_back(BrokenOff{.caller = std::string(select.text(0)),
                                                         .model = std::string(select.text(1)),
                                                         .calls = select.integer(2),
                                                         .input_tokens = select.integer(3),
                                                         .output_tokens = select.integer(4)});
      if (sum.calls < 0 || sum.input_tokens < 0 || sum.output_tokens < 0) {
        return fail(ErrorKind::corrupt,
                    fmt::format("{}: run {} counts calls that broke off below zero; restore a copy "
                                "of it",
                                database_.path(), run.id));
      }
    }
  }

  Result<void> claim(const RunInfo& run) override {
    if (claimed_.contains(run.id)) return {};
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_CHECK_OK(start_writer());
    IIE_CHECK_OK(take_claim(run.id, row));
    if (auto added = add_event(row, "claimed"); !added) {
      claims_.release(row);
      return added;
    }
    claimed_.emplace(run.id, row);
    return {};
  }

  void append(const RunInfo& run, ResponseRecord record) override {
    append_any(run, std::move(record));
  }
  void append(const RunInfo& run, JudgementRecord record) override {
    append_any(run, std::move(record));
  }

  void append(const RunInfo& run, BrokenOff calls) override { append_any(run, std::move(calls)); }

  Async<Result<void>> flushed() override {
    if (unclaimed_) co_return std::unexpected(*unclaimed_);
    if (writer_ == nullptr) co_return Result<void>{};
    co_return co_await writer_->flushed();
  }

 private:
  // Two names of one file must share their claims.
  static std::string resolved(const std::string& path) {
    std::error_code failed;
    const fs::path canonical = fs::canonical(path, failed);
    return failed ? path : canonical.string();
  }

  Result<void> start_writer() {
    if (writer_ != nullptr) return {};
    IIE_TRY(auto database, open_for_writing(database_, options_));
    IIE_TRY(writer_, GroupWriter::start(std::move(database), options_.group));
    return {};
  }

  template <typename Record>
  void append_any(const RunInfo& run, Record record) {
    if (unclaimed_) return;
    const auto claimed = claimed_.find(run.id);
    if (claimed == claimed_.end()) {
      unclaimed_ =
          Error{ErrorKind::bug, fmt::format("a record of run {}, which was not claimed", run.id)};
      return;
    }
    writer_->append({claimed->second, std::move(record)});
  }

  // Reading whole records by sample goes back and forth in the file, which was written rollout by
  // rollout: more pages than SQLite keeps, each copied again for every record. One that is mapped
  // is not copied (3 us less for each rollout), but counts as this process's memory, so a large
  // file is read as ever.
  Result<void> map_if_small() {
    constexpr std::int64_t kMapped = 64 << 20;
    IIE_TRY(const std::int64_t pages, database_.integer("PRAGMA page_count"));
    IIE_TRY(const std::int64_t page_size, database_.integer("PRAGMA page_size"));
    const std::int64_t limit = pages <= kMapped / page_size ? kMapped : 0;
    return database_.execute(fmt::format("PRAGMA mmap_size = {}", limit).c_str());
  }

  Result<std::int64_t> row_of(const RunInfo& run) {
    if (const auto known = claimed_.find(run.id); known != claimed_.end()) return known->second;
    IIE_TRY(auto select, database_.prepare("SELECT id FROM run WHERE name = ?"));
    IIE_TRY(const bool found, select.bind(run.id).step());
    if (!found) {
      return fail(ErrorKind::not_found,
                  fmt::format("{}: holds no run '{}'", database_.path(), run.id));
    }
    return select.integer(0);
  }

  Result<void> scan_records(const RunInfo& run, const RolloutPart& part,
                            const std::function<bool(const StoredRollout&)>& visit) {
    IIE_TRY(const std::int64_t row, row_of(run));
    IIE_TRY(auto reader, RecordReader::open(database_));
    return scan(row, part, [&](const RolloutEntry& entry) -> Result<bool> {
      IIE_TRY(const StoredRollout stored, reader.read(entry));
      return visit(stored);
    });
  }

  Result<void> scan(std::int64_t run, const RolloutPart& part,
                    const std::function<Result<bool>(const RolloutEntry&)>& visit) {
    IIE_TRY(auto cursor, RolloutCursor::open(database_, run, part));
    RolloutEntry entry;
    while (true) {
      IIE_TRY(const bool more, cursor.next(entry));
      if (!more) return {};
      IIE_TRY(const bool go_on, visit(entry));
      if (!go_on) return {};
    }
  }

  Result<std::vector<RunInfo>> read_runs(Statement& select) {
    std::vector<RunInfo> runs;
    while (true) {
      IIE_TRY(const bool more, select.step());
      if (!more) return runs;
      RunInfo& run = runs.emplace_back();
      run.id = select.text(0);
      run.key = select.text(1);
      run.samples = select.integer(3);
      run.planned = select.integer(4);
      run.created = time_of(select.integer(5));
      run.tool_version = select.text(6);
      auto spec = run_spec_from_json(select.text(2));
      if (!spec) return std::unexpected(unreadable(run, "its specification", spec.error()));
      run.spec = *std::move(spec);
    }
  }

  Error unreadable(const RunInfo& run, std::string_view what, const Error& why) const {
    return Error{ErrorKind::corrupt,
                 fmt::format("{}: run {}, made by version {}: cannot read {} ({})",
                             database_.path(), run.id, run.tool_version, what, why.message)};
  }

  Error written_elsewhere(std::string_view id, std::int64_t row) {
    const auto pid = claims_.holder(row);
    return Error{ErrorKind::busy,
                 fmt::format("{}: run {} is being written by {}; wait until it ends, or stop it "
                             "and resume the run",
                             database_.path(), id,
                             pid ? fmt::format("process {}", *pid) : "another process")};
  }

  Result<void> take_claim(std::string_view id, std::int64_t row) {
    IIE_TRY(const bool taken, claims_.take(row));
    if (!taken) return std::unexpected(written_elsewhere(id, row));
    return {};
  }

  Result<void> refuse_if_written_elsewhere(std::string_view key) {
    IIE_TRY(auto select, database_.prepare("SELECT id, name FROM run WHERE key = ?"));
    select.bind(key);
    while (true) {
      IIE_TRY(const bool more, select.step());
      if (!more) return {};
      const std::int64_t row = select.integer(0);
      IIE_TRY(const bool held, claims_.held_by_other(row));
      if (held) return std::unexpected(written_elsewhere(select.text(1), row));
    }
  }

  Result<std::string> free_id(std::string_view key) {
    IIE_TRY(auto select, database_.prepare("SELECT 1 FROM run WHERE name = ?"));
    Result<void> status;
    std::string id = new_run_id(key, [&](const std::string& candidate) {
      const auto taken = select.bind(candidate).step();
      if (!taken) status = std::unexpected(taken.error());
      select.reset();
      return taken.value_or(false);
    });
    IIE_CHECK_OK(status);
    return id;
  }

  // The dataset's row; its samples are added unless an earlier run brought them.
  Result<std::int64_t> keep_samples(const std::vector<Sample>& samples) {
    const std::string hash = dataset_hash(samples);
    IIE_TRY(auto known, database_.prepare("SELECT id FROM dataset WHERE hash = ?"));
    IIE_TRY(const bool found, known.bind(hash).step());
    if (found) return known.integer(0);
    IIE_TRY(auto add_dataset, database_.prepare("INSERT INTO dataset (hash) VALUES (?)"));
    IIE_CHECK_OK(add_dataset.bind(hash).run());
    const std::int64_t dataset = database_.last_insert_rowid();

    IIE_TRY(auto add_sample, database_.prepare("INSERT INTO sample (hash, json) VALUES (?,?) "
                                               "ON CONFLICT (hash) DO NOTHING"));
    IIE_TRY(auto add_position,
            database_.prepare("INSERT INTO dataset_sample (dataset, position, sample) "
                              "VALUES (?,?,(SELECT id FROM sample WHERE hash = ?))"));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::string json = sample_to_json(samples[i]);
      const std::string sample_hash = sha256_hex(json);
      IIE_CHECK_OK(add_sample.bind(sample_hash, json).run());
      IIE_CHECK_OK(add_position.bind(dataset, static_cast<std::int64_t>(i), sample_hash).run());
    }
    return dataset;
  }

  Result<void> add_event(std::int64_t run, std::string_view kind) {
    IIE_TRY(auto insert, database_.prepare("INSERT INTO event (run, at, kind, pid, tool_version) "
                                           "VALUES (?,?,?,?,?)"));
    return insert
        .bind(run, system_clock().wall().time_since_epoch().count(), kind,
              static_cast<std::int64_t>(::getpid()), tool_version())
        .run();
  }

  ClaimFile claims_;  // released last, when nothing can be written any more
  Database database_;
  StoreOptions options_;
  std::unordered_map<std::string, std::int64_t> claimed_;  // id to run.id of the schema
  std::unique_ptr<GroupWriter> writer_;
  std::optional<Error> unclaimed_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                 const StoreOptions& options) {
  IIE_TRY(auto database, open_store_file(path, options));
  return std::make_unique<SqliteStore>(std::move(database), options);
}

}  // namespace iie
