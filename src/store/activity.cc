#include "store/activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "store/claim_file.h"
#include "store/open_file.h"
#include "store/sqlite.h"

namespace iie {
namespace {

using sqlite::Database;

WallTime time_of(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

Result<void> read_claim(const std::string& store_path, std::int64_t run, RunActivity& activity) {
  std::error_code ignored;
  const auto resolved = std::filesystem::canonical(store_path, ignored);
  const std::string path = resolved.empty() ? store_path : resolved.string();
  // Asking would make the file.
  if (!std::filesystem::exists(path + "-claims", ignored)) return {};
  ClaimFile claims(path);
  IIE_TRY(activity.claimed, claims.held_by_other(run));
  if (activity.claimed) activity.holder = claims.holder(run);
  return {};
}

Result<void> read_events(Database& database, std::int64_t run, RunActivity& activity) {
  IIE_TRY(auto events, database.prepare("SELECT kind, at FROM event WHERE run = ? "
                                        "ORDER BY id DESC LIMIT 1"));
  events.bind(run);
  IIE_TRY(const bool row, events.step());
  if (!row) return {};
  activity.released = events.text(0) == "released";
  events.reset();
  IIE_TRY(auto claims, database.prepare("SELECT max(at) FROM event WHERE run = ? "
                                        "AND kind = 'claimed'"));
  claims.bind(run);
  IIE_TRY(const bool claim, claims.step());
  if (claim && !claims.is_null(0)) activity.last_claim = time_of(claims.integer(0));
  return {};
}

Result<void> read_failures(Database& database, std::int64_t run, RunActivity& activity) {
  // The newest response of each rollout; SQLite takes bare columns from the row of the max().
  IIE_TRY(auto responses,
          database.prepare("SELECT error_kind, count(*), max(id), error_message FROM response "
                           "WHERE id IN (SELECT max(id) FROM response WHERE run = ? "
                           "GROUP BY sample, rollout) AND error_kind IS NOT NULL "
                           "GROUP BY error_kind"));
  responses.bind(run);
  while (true) {
    IIE_TRY(const bool row, responses.step());
    if (!row) break;
    activity.failures.push_back(
        {std::string(responses.text(0)), responses.integer(1), std::string(responses.text(3))});
  }
  IIE_TRY(auto judgements,
          database.prepare("SELECT count(*), max(id), reason FROM judgement "
                           "WHERE unscored = 'judge_failed' AND id IN "
                           "(SELECT max(id) FROM judgement WHERE run = ? GROUP BY sample, rollout) "
                           "HAVING count(*) > 0"));
  judgements.bind(run);
  IIE_TRY(const bool row, judgements.step());
  if (row) {
    activity.failures.push_back(
        {"judge_failed", judgements.integer(0), std::string(judgements.text(2))});
  }
  std::ranges::stable_sort(activity.failures, std::greater<>(), &FailureCount::count);
  return {};
}

Result<void> read_rate(Database& database, std::int64_t run, RunActivity& activity) {
  constexpr std::int64_t kWindow = 5 * 60 * 1000;
  IIE_TRY(auto newest, database.prepare("SELECT at FROM judgement WHERE run = ? "
                                        "ORDER BY id DESC LIMIT 500"));
  newest.bind(run);
  std::int64_t last = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  while (true) {
    IIE_TRY(const bool row, newest.step());
    if (!row) break;
    const std::int64_t at = newest.integer(0);
    if (count == 0) last = at;
    if (last - at > kWindow) break;
    first = at;
    ++count;
  }
  if (count >= 2 && last > first) {
    activity.per_second = static_cast<double>(count - 1) * 1000 / static_cast<double>(last - first);
  }
  return {};
}

}  // namespace

Result<RunActivity> run_activity(const std::string& store_path, const RunInfo& run) {
  IIE_TRY(Database database, open_store_file(store_path, {.must_exist = true}));
  IIE_TRY(auto find, database.prepare("SELECT id FROM run WHERE name = ?"));
  find.bind(run.id);
  IIE_TRY(const bool found, find.step());
  if (!found) return fail(ErrorKind::not_found, fmt::format("no run '{}'", run.id));
  const std::int64_t row = find.integer(0);
  find.reset();
  RunActivity activity;
  IIE_CHECK_OK(read_claim(store_path, row, activity));
  IIE_CHECK_OK(read_events(database, row, activity));
  IIE_CHECK_OK(read_failures(database, row, activity));
  IIE_CHECK_OK(read_rate(database, row, activity));
  return activity;
}

}  // namespace iie
