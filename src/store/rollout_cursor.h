// Reading a run back from the SQLite tables: where each rollout stands, and its whole records.
// Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace iie {

// One rollout: what it comes to, and the rows that hold it.
struct RolloutEntry {
  RolloutProgress progress;
  std::int64_t response = 0;
  std::int64_t judgement = 0;  // 0: none
};

// Which of a run's rollouts, and how they follow on each other.
struct RolloutPart {
  std::optional<std::int32_t> sample = {};   // absent: of all
  std::optional<std::int32_t> rollout = {};  // of that sample; absent: all
  bool sorted = true;  // by (sample, rollout); else as the indexes and mostly the file have them
};

// Walks a run's rollouts by (sample, rollout), or unsorted by (rollout, sample). It merges the two
// indexes and reads no table, so that a million rollouts take a second or two; SQLite sorts them in
// bounded memory. While it lives, all reading on its connection sees the moment at which it was
// opened.
class RolloutCursor {
 public:
  static Result<RolloutCursor> open(sqlite::Database& database, std::int64_t run,
                                    const RolloutPart& part = {});

  // False at the end.
  Result<bool> next(RolloutEntry& entry);

  // What it asks SQLite, with the run and what is set of `part` as parameters. Public for the test
  // that holds the plans to indexes only.
  static std::string responses_query(const RolloutPart& part);
  static std::string judgements_query(const RolloutPart& part);

 private:
  struct Side {
    sqlite::Statement statement;
    bool row = false;
    RolloutId at;
  };

  RolloutCursor(const sqlite::Database& database, bool sorted, sqlite::Statement responses,
                sqlite::Statement judgements);
  // Whether the judgement's rollout comes no later than `id`.
  bool judgement_up_to(const RolloutId& id) const;
  static Result<void> advance(Side& side);
  Result<void> take_judgement(std::int64_t row, RolloutEntry& entry) const;

  const sqlite::Database* database_;
  bool sorted_;
  Side responses_;
  Side judgements_;
};

// Reads the whole records that an entry names.
class RecordReader {
 public:
  static Result<RecordReader> open(sqlite::Database& database);

  Result<StoredRollout> read(const RolloutEntry& entry);

 private:
  RecordReader(const sqlite::Database& database, sqlite::Statement response,
               sqlite::Statement judgement);
  Result<void> find(sqlite::Statement& statement, std::int64_t row) const;
  Result<ResponseRecord> read_response(const RolloutEntry& entry);
  Result<JudgementRecord> read_judgement(const RolloutEntry& entry);

  const sqlite::Database* database_;
  sqlite::Statement response_;
  sqlite::Statement judgement_;
};

}  // namespace iie
