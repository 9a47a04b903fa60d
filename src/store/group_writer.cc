#include "store/group_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "core/answer_length.h"

namespace iie {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostRemembered = 4096;

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }

std::optional<std::int64_t> count_of(const std::optional<std::chrono::milliseconds>& duration) {
  if (!duration) return std::nullopt;
  return duration->count();
}

}  // namespace

struct GroupWriter::Statements {
  sqlite::Statement answer;
  sqlite::Statement failure;
  sqlite::Statement latest;
  sqlite::Statement judgement;
  sqlite::Statement broken_off;
  // The rows of responses whose judgement has not come, each rollout's latest. A judge that is slow
  // leaves many: beyond kMostRemembered they are looked up instead.
  std::map<std::pair<std::int64_t, RolloutId>, std::int64_t> unjudged = {};

  static Result<Statements> prepare(sqlite::Database& database) {
    IIE_TRY(auto answer,
            database.prepare("INSERT INTO response (run, sample, rollout, at, attempts, text, "
                             "reasoning, finish, model, latency_ms, mended_utf8, input_tokens, "
                             "output_tokens, reasoning_tokens, cached_tokens, "
                             "cache_write_tokens, cache_write_long_tokens, answered_at, "
                             "estimated_tokens) "
                             "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    IIE_TRY(
        auto failure,
        database.prepare("INSERT INTO response (run, sample, rollout, at, attempts, error_kind, "
                         "error_message, error_status, error_retry_after_ms) "
                         "VALUES (?,?,?,?,?,?,?,?,?)"));
    IIE_TRY(auto latest, database.prepare("SELECT max(id) FROM response "
                                          "WHERE run = ? AND sample = ? AND rollout = ?"));
    IIE_TRY(auto judgement,
            database.prepare("INSERT INTO judgement (run, sample, rollout, response, at, judge, "
                             "outcome, unscored, reason, criteria, calls, members) "
                             "VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"));
    IIE_TRY(auto broken_off,
            database.prepare("INSERT INTO broken_off (run, at, caller, model, calls, "
                             "input_tokens, output_tokens) VALUES (?,?,?,?,?,?,?)"));
    return Statements{std::move(answer), std::move(failure), std::move(latest),
                      std::move(judgement), std::move(broken_off)};
  }

  Result<void> insert(sqlite::Database& database, std::int64_t run, const ResponseRecord& record) {
    IIE_CHECK_OK(insert_response(run, record));
    if (unjudged.size() >= kMostRemembered) unjudged.clear();
    unjudged[{run, record.id}] = database.last_insert_rowid();
    return {};
  }

  Result<void> insert_response(std::int64_t run, const ResponseRecord& record) {
    if (record.response) {
      const Response& response = *record.response;
      const Usage& usage = response.usage;
      std::optional<std::int64_t> answered;
      if (response.answered) answered = milliseconds(*response.answered);
      std::optional<std::int64_t> estimated;
      if (!usage.output_tokens) estimated = answer_length(response);
      return answer
          .bind(run, record.id.sample, record.id.rollout, milliseconds(record.at), record.attempts,
                response.text, response.reasoning, to_string(response.finish), response.model,
                count_of(response.latency), response.mended_utf8, usage.input_tokens,
                usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens,
                usage.cache_write_tokens, usage.cache_write_long_tokens, answered, estimated)
          .run();
    }
    if (!record.error) return fail(ErrorKind::bug, "a response record without response or error");
    const Error& error = *record.error;
    const std::optional<int> status =
        error.http_status == 0 ? std::nullopt : std::optional(error.http_status);
    return failure
        .bind(run, record.id.sample, record.id.rollout, milliseconds(record.at), record.attempts,
              to_string(error.kind), error.message, status, count_of(error.retry_after))
        .run();
  }

  Result<std::int64_t> judged_response(std::int64_t run, const RolloutId& id) {
    if (const auto known = unjudged.extract({run, id})) return known.mapped();
    latest.bind(run, id.sample, id.rollout);
    IIE_TRY(const bool row, latest.step());
    const auto response = row ? latest.optional_integer(0) : std::nullopt;
    latest.reset();
    if (response) return *response;
    return fail(ErrorKind::bug, fmt::format("sample {}, rollout {}: judged without a response",
                                            id.sample, id.rollout));
  }

  Result<void> insert(sqlite::Database&, std::int64_t run, const JudgementRecord& record) {
    IIE_TRY(const std::int64_t response, judged_response(run, record.id));
    const Verdict& verdict = record.verdict;
    std::optional<std::string_view> unscored;
    if (verdict.unscored != UnscoredReason::none) unscored = to_string(verdict.unscored);
    std::optional<std::string> criteria;
    if (!verdict.criteria.empty()) criteria = criteria_to_json(verdict.criteria);
    std::optional<std::string> calls;
    if (!record.calls.empty()) calls = judge_calls_to_json(record.calls);
    std::optional<std::string> members;
    if (!verdict.members.empty()) members = members_to_json(verdict.members);
    return judgement
        .bind(run, record.id.sample, record.id.rollout, response, milliseconds(record.at),
              record.judge, to_string(verdict.outcome), unscored, verdict.reason, criteria, calls,
              members)
        .run();
  }

  Result<void> insert(sqlite::Database&, std::int64_t run, const BrokenOff& record) {
    return broken_off
        .bind(run, milliseconds(system_clock().wall()), record.caller, record.model, record.calls,
              record.input_tokens, record.output_tokens)
        .run();
  }
};

struct GroupWriter::Waiter {
  std::uint64_t until = 0;
  asio::any_io_executor executor;  // counts as work: the loop runs on while somebody waits
  // Asio's own any_completion_handler wraps itself once more at each move in Boost 1.81.
  std::move_only_function<void(Result<void>)> handler;
};

GroupWriter::GroupWriter(sqlite::Database database, std::size_t group)
    : database_(std::move(database)), group_(std::max<std::size_t>(group, 1)) {}

Result<std::unique_ptr<GroupWriter>> GroupWriter::start(sqlite::Database database,
                                                        std::size_t group) {
  std::unique_ptr<GroupWriter> writer(new GroupWriter(std::move(database), group));
  IIE_TRY(auto statements, Statements::prepare(writer->database_));
  writer->statements_ = std::make_unique<Statements>(std::move(statements));
  writer->thread_ = std::thread([raw = writer.get()] { raw->work(); });
  return writer;
}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void GroupWriter::append(Item item) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    was_empty = queue_.empty();
    queue_.push_back(std::move(item));
    ++appended_;
  }
  if (was_empty) work_.notify_one();
}

std::optional<Error> GroupWriter::error() {
  const std::lock_guard lock(mutex_);
  return error_;
}

Async<Result<void>> GroupWriter::flushed() {
  {
    const std::lock_guard lock(mutex_);
    if (error_) co_return std::unexpected(*error_);
    if (durable_ == appended_) co_return Result<void>{};
  }
  auto wait = [this](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    Waiter waiter{0, asio::prefer(std::move(executor), asio::execution::outstanding_work.tracked),
                  std::move(handler)};
    bool ready = false;
    {
      const std::lock_guard lock(mutex_);
      waiter.until = appended_;
      waiters_.push_back(std::move(waiter));
      ready = error_.has_value() || durable_ == appended_;
    }
    // The commit came between the look above and now, and woke without us.
    if (ready) wake();
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
      std::move(wait), asio::use_awaitable);
}

void GroupWriter::wake() {
  // post() touches its executor until it returns, and the loop behind it may be destroyed as soon
  // as its last waiter has resumed: nobody resumes before this thread has let go of every executor.
  const std::lock_guard handing_over(*handoff_);
  std::vector<Waiter> woken;
  Result<void> outcome;
  {
    const std::lock_guard lock(mutex_);
    auto end = waiters_.end();
    if (error_) {
      outcome = std::unexpected(*error_);
    } else {
      end = std::ranges::partition_point(
          waiters_, [this](const Waiter& waiter) { return waiter.until <= durable_; });
    }
    woken.assign(std::make_move_iterator(waiters_.begin()), std::make_move_iterator(end));
    waiters_.erase(waiters_.begin(), end);
  }
  // One post for all who wait on one event loop.
  for (auto begin = woken.begin(); begin != woken.end();) {
    const asio::any_io_executor executor = begin->executor;
    const auto end = std::find_if(
        begin, woken.end(), [&](const Waiter& waiter) { return waiter.executor != executor; });
    std::vector<Waiter> batch(std::make_move_iterator(begin), std::make_move_iterator(end));
    asio::post(executor, [batch = std::move(batch), outcome, handoff = handoff_]() mutable {
      {
        const std::lock_guard handed_over(*handoff);
      }
      for (Waiter& waiter : batch) waiter.handler(outcome);
    });
    begin = end;
  }
}

void GroupWriter::work() {
  std::vector<Item> batch;
  while (true) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return !queue_.empty() || closing_; });
      if (queue_.empty()) return;
      batch.swap(queue_);
    }
    for (auto begin = batch.begin(); begin != batch.end();) {
      const auto size =
          std::min<std::size_t>(group_, static_cast<std::size_t>(batch.end() - begin));
      const auto end = begin + static_cast<std::ptrdiff_t>(size);
      const Result<void> written = write(begin, end);
      {
        const std::lock_guard lock(mutex_);
        if (written) {
          durable_ += size;
        } else {
          error_ = written.error();  // append() drops from here on
          queue_.clear();
        }
      }
      wake();
      if (!written) break;
      begin = end;
    }
  }
}

Result<void> GroupWriter::write(std::vector<Item>::iterator begin,
                                std::vector<Item>::iterator end) {
  IIE_TRY(auto transaction, sqlite::Transaction::begin(database_));
  for (auto item = begin; item != end; ++item) {
    IIE_CHECK_OK(std::visit(
        [&](const auto& record) { return statements_->insert(database_, item->run, record); },
        item->record));
  }
  return transaction.commit();
}

}  // namespace iie
