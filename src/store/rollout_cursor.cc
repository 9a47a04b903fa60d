#include "store/rollout_cursor.h"

#include <fmt/format.h>

#include <utility>

namespace iie {
namespace {

using sqlite::Database;
using sqlite::Statement;

WallTime wall_time(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

std::optional<std::chrono::milliseconds> duration(std::optional<std::int64_t> milliseconds) {
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(*milliseconds);
}

// The indexes go by (run, rollout, sample): one sample is looked up in each turn that the run has.
constexpr std::string_view kTurns =
    "WITH RECURSIVE turn(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM turn "
    "WHERE number < (SELECT max(rollout) FROM {0} INDEXED BY {0}_by_rollout WHERE run = ?1)) ";

std::string query(std::string_view table, std::string_view columns, const RolloutPart& part) {
  if (!part.sample) {
    return fmt::format(
        "SELECT sample, rollout, {1} FROM {0} INDEXED BY {0}_by_rollout WHERE run = ?1 "
        "ORDER BY {2}",
        table, columns, part.sorted ? "sample, rollout" : "rollout, sample");
  }
  if (part.rollout) {
    return fmt::format(
        "SELECT sample, rollout, {1} FROM {0} INDEXED BY {0}_by_rollout "
        "WHERE run = ?1 AND rollout = ?3 AND sample = ?2",
        table, columns);
  }
  return fmt::format(fmt::runtime(std::string(kTurns) +
                                  "SELECT sample, rollout, {1} FROM turn CROSS JOIN {0} "
                                  "INDEXED BY {0}_by_rollout ON run = ?1 AND rollout = number "
                                  "WHERE sample = ?2 ORDER BY rollout"),
                     table, columns);
}

}  // namespace

RolloutCursor::RolloutCursor(const Database& database, bool sorted, Statement responses,
                             Statement judgements)
    : database_(&database),
      sorted_(sorted),
      responses_{std::move(responses)},
      judgements_{std::move(judgements)} {}

bool RolloutCursor::judgement_up_to(const RolloutId& id) const {
  const RolloutId& at = judgements_.at;
  if (sorted_) return at <= id;
  return std::pair(at.rollout, at.sample) <= std::pair(id.rollout, id.sample);
}

std::string RolloutCursor::responses_query(const RolloutPart& part) {
  return query("response", "id, error_kind IS NOT NULL, coalesce(output_tokens, estimated_tokens)",
               part);
}

std::string RolloutCursor::judgements_query(const RolloutPart& part) {
  return query("judgement", "id, response, outcome, unscored", part);
}

Result<RolloutCursor> RolloutCursor::open(Database& database, std::int64_t run,
                                          const RolloutPart& part) {
  IIE_TRY(auto responses, database.prepare(responses_query(part)));
  IIE_TRY(auto judgements, database.prepare(judgements_query(part)));
  for (Statement* statement : {&responses, &judgements}) {
    if (part.sample && part.rollout) {
      statement->bind(run, *part.sample, *part.rollout);
    } else if (part.sample) {
      statement->bind(run, *part.sample);
    } else {
      statement->bind(run);
    }
  }
  RolloutCursor cursor(database, part.sorted, std::move(responses), std::move(judgements));
  IIE_CHECK_OK(advance(cursor.responses_));
  IIE_CHECK_OK(advance(cursor.judgements_));
  return cursor;
}

Result<bool> RolloutCursor::next(RolloutEntry& entry) {
  if (!responses_.row) return false;
  entry = RolloutEntry{};
  const RolloutId id = responses_.at;
  entry.progress.id = id;
  // The newest record of each kind counts; the indexes do not order them by age.
  while (responses_.row && responses_.at == id) {
    const std::int64_t row = responses_.statement.integer(2);
    if (row > entry.response) {
      entry.response = row;
      entry.progress.failed = responses_.statement.integer(3) != 0;
      entry.progress.length = responses_.statement.optional_integer(4);
    }
    IIE_CHECK_OK(advance(responses_));
  }
  while (judgements_.row && judgement_up_to(id)) {
    const std::int64_t row = judgements_.statement.integer(2);
    if (judgements_.at == id && row > entry.judgement &&
        judgements_.statement.integer(3) == entry.response) {
      IIE_CHECK_OK(take_judgement(row, entry));
    }
    IIE_CHECK_OK(advance(judgements_));
  }
  return true;
}

Result<void> RolloutCursor::advance(Side& side) {
  IIE_TRY(side.row, side.statement.step());
  if (side.row) {
    side.at = RolloutId{static_cast<std::int32_t>(side.statement.integer(0)),
                        static_cast<std::int32_t>(side.statement.integer(1))};
  }
  return {};
}

Result<void> RolloutCursor::take_judgement(std::int64_t row, RolloutEntry& entry) const {
  const Statement& judgement = judgements_.statement;
  const auto outcome = outcome_from(judgement.text(4));
  const auto unscored =
      judgement.is_null(5) ? UnscoredReason::none : unscored_reason_from(judgement.text(5));
  if (!outcome || !unscored) {
    return fail(ErrorKind::corrupt, fmt::format("{}: judgement {} has an outcome that this version "
                                                "does not know",
                                                database_->path(), row));
  }
  entry.judgement = row;
  entry.progress.outcome = outcome;
  entry.progress.unscored = *unscored;
  return {};
}

RecordReader::RecordReader(const Database& database, Statement response, Statement judgement)
    : database_(&database), response_(std::move(response)), judgement_(std::move(judgement)) {}

Result<RecordReader> RecordReader::open(Database& database) {
  IIE_TRY(auto response,
          database.prepare("SELECT at, attempts, text, reasoning, finish, model, latency_ms, "
                           "mended_utf8, input_tokens, output_tokens, reasoning_tokens, "
                           "cached_tokens, error_kind, error_message, error_status, "
                           "error_retry_after_ms, cache_write_tokens, cache_write_long_tokens, "
                           "answered_at FROM response WHERE id = ?"));
  IIE_TRY(auto judgement, database.prepare("SELECT at, judge, reason, criteria, calls, members "
                                           "FROM judgement WHERE id = ?"));
  return RecordReader(database, std::move(response), std::move(judgement));
}

Result<StoredRollout> RecordReader::read(const RolloutEntry& entry) {
  StoredRollout stored;
  IIE_TRY(stored.response, read_response(entry));
  if (entry.judgement != 0) {
    IIE_TRY(stored.judgement, read_judgement(entry));
  }
  return stored;
}

Result<void> RecordReader::find(Statement& statement, std::int64_t row) const {
  IIE_TRY(const bool found, statement.bind(row).step());
  if (found) return {};
  return fail(ErrorKind::corrupt,
              fmt::format("{}: the store is damaged (an index names a row that is not there); "
                          "restore a copy of it",
                          database_->path()));
}

Result<ResponseRecord> RecordReader::read_response(const RolloutEntry& entry) {
  IIE_CHECK_OK(find(response_, entry.response));
  ResponseRecord record;
  record.id = entry.progress.id;
  record.at = wall_time(response_.integer(0));
  record.attempts = static_cast<std::int32_t>(response_.integer(1));
  if (response_.is_null(12)) {
    Response& response = record.response.emplace();
    response.text = response_.text(2);
    response.reasoning = response_.text(3);
    response.finish = finish_reason_from(response_.text(4));
    response.model = response_.text(5);
    response.latency = duration(response_.optional_integer(6));
    response.mended_utf8 = response_.integer(7) != 0;
    response.usage = Usage{response_.optional_integer(8),  response_.optional_integer(9),
                           response_.optional_integer(10), response_.optional_integer(11),
                           response_.optional_integer(16), response_.optional_integer(17)};
    if (const auto at = response_.optional_integer(18)) response.answered = wall_time(*at);
  } else {
    const auto kind = error_kind_from(response_.text(12));
    if (!kind) {
      return fail(ErrorKind::corrupt, fmt::format("{}: response {} has a kind of error that this "
                                                  "version does not know",
                                                  database_->path(), entry.response));
    }
    record.error =
        Error{*kind, std::string(response_.text(13)), duration(response_.optional_integer(15)),
              static_cast<int>(response_.integer(14))};
  }
  response_.reset();
  return record;
}

Result<JudgementRecord> RecordReader::read_judgement(const RolloutEntry& entry) {
  IIE_CHECK_OK(find(judgement_, entry.judgement));
  JudgementRecord record;
  record.id = entry.progress.id;
  record.at = wall_time(judgement_.integer(0));
  record.judge = judgement_.text(1);
  record.verdict.outcome = *entry.progress.outcome;
  record.verdict.unscored = entry.progress.unscored;
  record.verdict.reason = judgement_.text(2);
  if (!judgement_.is_null(3)) record.verdict.criteria = criteria_from_json(judgement_.text(3));
  if (!judgement_.is_null(4)) record.calls = judge_calls_from_json(judgement_.text(4));
  if (!judgement_.is_null(5)) record.verdict.members = members_from_json(judgement_.text(5));
  judgement_.reset();
  return record;
}

}  // namespace iie
