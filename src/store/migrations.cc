#include "store/migrations.h"

#include <fmt/format.h>

#include <string>

#include "base/version.h"

namespace iie {
namespace {

// Times are milliseconds since 1970 UTC. Names of enumerators (finish, outcome, error_kind ...) are
// the ones that core declares as stored. NULL is unknown or does not apply; never zero.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE dataset_sample (
  dataset INTEGER NOT NULL REFERENCES dataset(id),
  position INTEGER NOT NULL,
  sample INTEGER NOT NULL REFERENCES sample(id),
  PRIMARY KEY (dataset, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL,
  spec TEXT NOT NULL,
  dataset INTEGER NOT NULL REFERENCES dataset(id),
  samples INTEGER NOT NULL,
  planned INTEGER NOT NULL,
  created INTEGER NOT NULL,
  tool_version TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_key ON run(key);

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  pid INTEGER,
  tool_version TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_run ON event(run);

CREATE TABLE response (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id),
  sample INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  text TEXT,
  reasoning TEXT,
  finish TEXT,
  model TEXT,
  latency_ms INTEGER,
  mended_utf8 INTEGER,
  input_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  cached_tokens INTEGER,
  error_kind TEXT,
  error_message TEXT,
  error_status INTEGER,
  error_retry_after_ms INTEGER,
  CHECK ((text IS NULL) <> (error_kind IS NULL))
) STRICT;
CREATE INDEX response_by_rollout ON response(run, sample, rollout, error_kind);

CREATE TABLE judgement (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id),
  sample INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  response INTEGER NOT NULL REFERENCES response(id),
  at INTEGER NOT NULL,
  judge TEXT NOT NULL,
  outcome TEXT NOT NULL,
  unscored TEXT,
  reason TEXT NOT NULL,
  criteria TEXT,
  calls TEXT
) STRICT;
CREATE INDEX judgement_by_rollout ON judgement(run, sample, rollout, response, outcome, unscored);

CREATE TRIGGER sample_keeps BEFORE UPDATE ON sample
  BEGIN SELECT RAISE(ABORT, 'samples are never changed'); END;
CREATE TRIGGER sample_stays BEFORE DELETE ON sample
  BEGIN SELECT RAISE(ABORT, 'samples are never deleted'); END;
CREATE TRIGGER dataset_keeps BEFORE UPDATE ON dataset
  BEGIN SELECT RAISE(ABORT, 'datasets are never changed'); END;
CREATE TRIGGER dataset_stays BEFORE DELETE ON dataset
  BEGIN SELECT RAISE(ABORT, 'datasets are never deleted'); END;
CREATE TRIGGER dataset_sample_keeps BEFORE UPDATE ON dataset_sample
  BEGIN SELECT RAISE(ABORT, 'datasets are never changed'); END;
CREATE TRIGGER dataset_sample_stays BEFORE DELETE ON dataset_sample
  BEGIN SELECT RAISE(ABORT, 'datasets are never deleted'); END;
CREATE TRIGGER run_keeps BEFORE UPDATE ON run
  BEGIN SELECT RAISE(ABORT, 'runs are never changed'); END;
CREATE TRIGGER run_stays BEFORE DELETE ON run
  BEGIN SELECT RAISE(ABORT, 'runs are never deleted'); END;
CREATE TRIGGER event_keeps BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER response_keeps BEFORE UPDATE ON response
  BEGIN SELECT RAISE(ABORT, 'responses are never changed'); END;
CREATE TRIGGER response_stays BEFORE DELETE ON response
  BEGIN SELECT RAISE(ABORT, 'responses are never deleted'); END;
CREATE TRIGGER judgement_keeps BEFORE UPDATE ON judgement
  BEGIN SELECT RAISE(ABORT, 'judgements are never changed'); END;
CREATE TRIGGER judgement_stays BEFORE DELETE ON judgement
  BEGIN SELECT RAISE(ABORT, 'judgements are never deleted'); END;
)sql";

// What each member of a panel said; judgements of one judge have none.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE judgement ADD COLUMN members TEXT;
)sql";

// A run goes rollout by rollout over its samples. Indexes in that order grow at their end, where
// those that began with the sample were written all over: two thirds of what a commit wrote.
constexpr const char* kVersion3 = R"sql(
DROP INDEX response_by_rollout;
CREATE INDEX response_by_rollout ON response(run, rollout, sample, error_kind);
DROP INDEX judgement_by_rollout;
CREATE INDEX judgement_by_rollout ON judgement(run, rollout, sample, response, outcome, unscored);
)sql";

// Calls that may be billed and that no response or judgement holds: a run that goes on must know
// what they may have cost. In tokens, as everywhere: prices are applied when they are asked for.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE broken_off (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id),
  at INTEGER NOT NULL,
  caller TEXT NOT NULL,
  model TEXT NOT NULL,
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL
) STRICT;
CREATE INDEX broken_off_by_run ON broken_off(run);
CREATE TRIGGER broken_off_keeps BEFORE UPDATE ON broken_off
  BEGIN SELECT RAISE(ABORT, 'calls that broke off are never changed'); END;
CREATE TRIGGER broken_off_stays BEFORE DELETE ON broken_off
  BEGIN SELECT RAISE(ABORT, 'calls that broke off are never deleted'); END;
)sql";

// Written to the endpoint's cache, and when the call ended: prices depend on both. And how long an
// answer was, in the index that `resume` reads: what is left is generated longest first.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE response ADD COLUMN cache_write_tokens INTEGER;
ALTER TABLE response ADD COLUMN cache_write_long_tokens INTEGER;
ALTER TABLE response ADD COLUMN answered_at INTEGER;
ALTER TABLE response ADD COLUMN estimated_tokens INTEGER;
DROP INDEX response_by_rollout;
CREATE INDEX response_by_rollout
  ON response(run, rollout, sample, error_kind, output_tokens, estimated_tokens);
)sql";

constexpr Migration kMigrations[] = {
    {kVersion1}, {kVersion2}, {kVersion3}, {kVersion4}, {kVersion5}};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<FileState> inspect(sqlite::Database& database, std::span<const Migration> steps) {
  // One statement sees one moment: another process may be migrating.
  IIE_TRY(auto header, database.prepare("SELECT application_id, user_version, "
                                        "(SELECT count(*) FROM sqlite_schema) "
                                        "FROM pragma_application_id, pragma_user_version"));
  IIE_TRY(const bool row, header.step());
  if (!row) return fail(ErrorKind::bug, fmt::format("{}: no header", database.path()));
  const std::int64_t owner = header.integer(0);
  const std::int64_t version = header.integer(1);
  const std::int64_t objects = header.integer(2);
  if (owner == 0 && version == 0 && objects == 0) return FileState::empty;
  if (owner != kApplicationId) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: a database of another program; name another file with --store",
                            database.path()));
  }
  const auto current = static_cast<std::int64_t>(steps.size());
  if (version > current) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: written by a newer version of this tool (store version {}, this "
                            "is inverse-ifeval {}, which knows {}); use that version or newer",
                            database.path(), version, tool_version(), current));
  }
  if (version < 1) {
    return fail(ErrorKind::corrupt,
                fmt::format("{}: the store's version is {}, which never was; restore a copy of it",
                            database.path(), version));
  }
  return version == current ? FileState::current : FileState::old;
}

Result<void> migrate(sqlite::Database& database, std::span<const Migration> steps) {
  IIE_TRY(auto transaction, sqlite::Transaction::begin(database));
  // Again, now that nobody else can be at it.
  IIE_TRY(const FileState state, inspect(database, steps));
  if (state == FileState::current) return {};
  IIE_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
  for (const Migration& step : steps.subspan(static_cast<std::size_t>(version))) {
    IIE_CHECK_OK(database.execute(step.sql));
  }
  IIE_CHECK_OK(database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                            kApplicationId, steps.size())
                                    .c_str()));
  return transaction.commit();
}

}  // namespace iie
