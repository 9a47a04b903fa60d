#include "store/response_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite.h"

namespace iie {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::int64_t kCacheId = 0x49494563;  // "IIEc"
constexpr std::int64_t kVersion = 2;
constexpr std::chrono::milliseconds kBusyTimeout{5'000};
constexpr std::size_t kGroup = 256;
// A year, in milliseconds: sums of latencies must not overflow, whoever wrote the file.
constexpr std::int64_t kLongest = std::int64_t{366} * 24 * 3600 * 1000;
// What may be queued while the disk is slow; beyond it replies are not kept.
constexpr std::size_t kMostQueued = 4096;

// Columns as in the store's `response` (doc/run-format.md).
constexpr const char* kSchema = R"sql(
CREATE TABLE reply (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  reasoning TEXT NOT NULL,
  finish TEXT NOT NULL,
  model TEXT NOT NULL,
  latency_ms INTEGER,
  mended_utf8 INTEGER NOT NULL,
  unpaired_reasoning INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  cached_tokens INTEGER
) STRICT;
CREATE UNIQUE INDEX reply_by_key ON reply(scope, key);
)sql";
// From version 1 on.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE reply ADD COLUMN cache_write_tokens INTEGER;
ALTER TABLE reply ADD COLUMN cache_write_long_tokens INTEGER;
)sql";

// A killed process loses nothing that was written; a lost machine loses the newest, and asks again.
constexpr const char* kSettings =
    "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864";

std::string reason(const Error& error) {
  switch (error.kind) {
    case ErrorKind::corrupt:
      return "it is damaged";
    case ErrorKind::busy:
      return "another process keeps it locked";
    default:
      return error.message;
  }
}

Error unusable(const std::string& path, const std::string& why) {
  return Error{ErrorKind::bad_input,
               fmt::format("the response cache {} cannot be used: {}; delete it, or name another "
                           "with --cache-file",
                           path, why)};
}

// Ours, made where there was none, in the current version.
Result<void> prepare(Database& database) {
  auto transaction = sqlite::Transaction::begin(database);
  if (!transaction) return std::unexpected(std::move(transaction).error());
  IIE_TRY(const std::int64_t owner, database.integer("PRAGMA application_id"));
  IIE_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
  IIE_TRY(const std::int64_t objects, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (owner == 0 && version == 0 && objects == 0) {
    IIE_CHECK_OK(database.execute(kSchema));
    IIE_CHECK_OK(database.execute(kVersion2));
    IIE_CHECK_OK(database.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kCacheId, kVersion)
            .c_str()));
    return transaction->commit();
  }
  if (owner != kCacheId) return fail(ErrorKind::bad_input, "it is a file of something else");
  if (version == 1) {
    IIE_CHECK_OK(database.execute(kVersion2));
    IIE_CHECK_OK(database.execute(fmt::format("PRAGMA user_version = {}", kVersion).c_str()));
    return transaction->commit();
  }
  if (version != kVersion) {
    return fail(ErrorKind::bad_input, "it was written by another version of this tool");
  }
  return {};
}

// Two processes may turn it on at once, and SQLite then gives up at once instead of waiting.
Result<void> use_wal(Database& database) {
  const auto deadline = std::chrono::steady_clock::now() + kBusyTimeout;
  while (true) {
    const auto mode = database.text("PRAGMA journal_mode = WAL");
    if (mode) return {};
    if (mode.error().kind != ErrorKind::busy || std::chrono::steady_clock::now() >= deadline) {
      return std::unexpected(mode.error());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Result<Database> open_database(const std::string& path) {
  IIE_TRY(Database database, Database::open(path, Database::Mode::create, kBusyTimeout));
  if (database.read_only()) return fail(ErrorKind::bad_input, "it cannot be written");
  IIE_CHECK_OK(prepare(database));
  IIE_CHECK_OK(use_wal(database));
  IIE_CHECK_OK(database.execute(kSettings));
  return database;
}

struct Entry {
  std::string scope;
  std::string key;
  std::int64_t at = 0;
  Response response;
};

}  // namespace

struct ResponseCache::State {
  State(Database reading, Database writing)
      : reader(std::move(reading)), writer(std::move(writing)) {}

  std::string path;
  Database reader;  // the caller's thread
  Database writer;  // the writing thread's
  std::optional<Statement> select;
  std::optional<Statement> insert;
  std::thread thread;

  std::mutex mutex;  // guards what follows
  std::condition_variable work;
  std::condition_variable idle;
  std::vector<Entry> queue;
  bool writing = false;
  bool closing = false;
  bool broken = false;

  void write_all();
  Result<void> write(const std::vector<Entry>& batch);
  void wait_until_written();
  void give_up(const Error& error);
};

Result<std::unique_ptr<ResponseCache>> ResponseCache::open(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (std::filesystem::is_directory(path, failed)) {
    return std::unexpected(unusable(path, "it is a folder"));
  }
  auto writer = open_database(path);
  if (!writer) return std::unexpected(unusable(path, reason(writer.error())));
  auto reader = open_database(path);
  if (!reader) return std::unexpected(unusable(path, reason(reader.error())));
  auto state = std::make_unique<State>(*std::move(reader), *std::move(writer));
  state->path = path;
  auto select = state->reader.prepare(
      "SELECT text, reasoning, finish, model, latency_ms, mended_utf8, unpaired_reasoning, "
      "input_tokens, output_tokens, reasoning_tokens, cached_tokens, cache_write_tokens, "
      "cache_write_long_tokens, at FROM reply "
      "WHERE scope = ? AND key = ?");
  if (!select) return std::unexpected(unusable(path, reason(select.error())));
  state->select = *std::move(select);
  auto insert = state->writer.prepare(
      "INSERT OR IGNORE INTO reply (scope, key, at, text, reasoning, finish, model, latency_ms, "
      "mended_utf8, unpaired_reasoning, input_tokens, output_tokens, reasoning_tokens, "
      "cached_tokens, cache_write_tokens, cache_write_long_tokens) "
      "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(unusable(path, reason(insert.error())));
  state->insert = *std::move(insert);
  state->thread = std::thread([raw = state.get()] { raw->write_all(); });
  return std::unique_ptr<ResponseCache>(new ResponseCache(std::move(state)));
}

ResponseCache::ResponseCache(std::unique_ptr<State> state) : state_(std::move(state)) {}

ResponseCache::~ResponseCache() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->work.notify_one();
  state_->thread.join();
}

std::optional<Response> ResponseCache::get(std::string_view scope, std::string_view key) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->broken) return std::nullopt;
  }
  Statement& select = *state_->select;
  select.bind(scope, key);
  const auto row = select.step();
  if (!row) {
    select.reset();
    state_->give_up(row.error());
    return std::nullopt;
  }
  if (!*row) return std::nullopt;
  Response response;
  response.text = select.text(0);
  response.reasoning = select.text(1);
  response.finish = finish_reason_from(select.text(2));
  response.model = select.text(3);
  if (const auto latency = select.optional_integer(4); latency && *latency >= 0) {
    response.latency = std::chrono::milliseconds(std::min(*latency, kLongest));
  }
  response.mended_utf8 = select.integer(5) != 0;
  response.unpaired_reasoning = select.integer(6) != 0;
  response.usage = {.input_tokens = select.optional_integer(7),
                    .output_tokens = select.optional_integer(8),
                    .reasoning_tokens = select.optional_integer(9),
                    .cached_tokens = select.optional_integer(10),
                    .cache_write_tokens = select.optional_integer(11),
                    .cache_write_long_tokens = select.optional_integer(12)};
  response.answered = WallTime(std::chrono::milliseconds(select.integer(13)));
  select.reset();
  return response;
}

bool ResponseCache::holds(std::string_view scope) {
  auto any = state_->reader.prepare("SELECT 1 FROM reply WHERE scope = ? LIMIT 1");
  if (!any) {
    state_->give_up(any.error());
    return false;
  }
  const auto row = any->bind(scope).step();
  if (!row) state_->give_up(row.error());
  return row.value_or(false);
}

void ResponseCache::put(std::string_view scope, std::string_view key, const Response& response) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->broken || state_->queue.size() >= kMostQueued) return;
    const WallTime at = response.answered.value_or(system_clock().wall());
    state_->queue.push_back(
        {std::string(scope), std::string(key), at.time_since_epoch().count(), response});
  }
  state_->work.notify_one();
}

void ResponseCache::drop(std::string_view scope) {
  state_->wait_until_written();
  auto remove = state_->reader.prepare("DELETE FROM reply WHERE scope = ?");
  if (!remove) return state_->give_up(remove.error());
  if (const auto removed = remove->bind(scope).run(); !removed) state_->give_up(removed.error());
}

void ResponseCache::State::wait_until_written() {
  std::unique_lock lock(mutex);
  idle.wait(lock, [this] { return (queue.empty() && !writing) || broken; });
}

void ResponseCache::State::give_up(const Error& error) {
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(broken, true)) return;
    queue.clear();
  }
  idle.notify_all();
  log(LogLevel::warn, unusable(path, reason(error)).message + "; the run goes on without it");
}

void ResponseCache::State::write_all() {
  std::vector<Entry> batch;
  while (true) {
    batch.clear();
    {
      std::unique_lock lock(mutex);
      writing = false;
      if (queue.empty()) idle.notify_all();
      work.wait(lock, [this] { return !queue.empty() || closing; });
      if (queue.empty()) return;
      batch.swap(queue);
      writing = true;
    }
    if (const auto written = write(batch); !written) give_up(written.error());
  }
}

Result<void> ResponseCache::State::write(const std::vector<Entry>& batch) {
  for (std::size_t begin = 0; begin < batch.size(); begin += kGroup) {
    IIE_TRY(auto transaction, sqlite::Transaction::begin(writer));
    for (std::size_t i = begin; i < std::min(batch.size(), begin + kGroup); ++i) {
      const Entry& entry = batch[i];
      const Response& response = entry.response;
      std::optional<std::int64_t> latency;
      if (response.latency) latency = response.latency->count();
      const Usage& usage = response.usage;
      IIE_CHECK_OK(insert
                       ->bind(entry.scope, entry.key, entry.at, response.text, response.reasoning,
                              to_string(response.finish), response.model, latency,
                              response.mended_utf8, response.unpaired_reasoning, usage.input_tokens,
                              usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens,
                              usage.cache_write_tokens, usage.cache_write_long_tokens)
                       .run());
    }
    IIE_CHECK_OK(transaction.commit());
  }
  return {};
}

}  // namespace iie
