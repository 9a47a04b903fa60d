#include "engine/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <utility>

#include "core/answer_length.h"
#include "engine/limiter.h"

namespace iie {

namespace asio = boost::asio;

// What is left to do: everything that is neither done nor only to be judged.
struct Pipeline::Plan {
  std::size_t samples = 0;
  // By rollout, then sample; empty where no rollout is.
  std::vector<bool> done = {};
  std::vector<bool> to_judge = {};

  std::size_t place(RolloutId id) const {
    return static_cast<std::size_t>(id.rollout) * samples + static_cast<std::size_t>(id.sample);
  }
  bool is_done(RolloutId id) const { return !done.empty() && done[place(id)]; }
  bool is_to_judge(RolloutId id) const { return !to_judge.empty() && to_judge[place(id)]; }
};

// What the coroutines of one run() share.
struct Pipeline::Session {
  const RunInfo& run;
  const std::vector<Sample>& samples;
  asio::any_io_executor executor;
  Limiter generating;
  Limiter judging;
  // Their responses are durable; a rollout that is judged takes the next when it is done.
  std::deque<RolloutId> waiting = {};

  // Judged, and on their way to the disk, in the order of their judgements.
  struct Judged {
    RolloutId id;
    Outcome outcome;
  };
  std::deque<Judged> unsaved = {};
  // Bytes given to the store, and those of them that are known to be durable.
  std::size_t given_bytes = 0;
  std::size_t saved_bytes = 0;
  Limiter saving{1};  // taken while a coroutine waits for the disk

  const Sample& sample(RolloutId id) const { return samples[static_cast<std::size_t>(id.sample)]; }
};

namespace {

// Errors that hold for every request to the endpoint: the run stops at the first.
bool holds_for_all(const Error& error) {
  return error.kind == ErrorKind::auth || error.kind == ErrorKind::not_found;
}

// So many rollouts for each that can be under way are ordered by length alone at the end.
constexpr std::size_t kLastPerPlace = 8;

// A guess at the length of a sample's answer before any was seen, in bytes: references are written
// like answers, and long prompts ask for more.
float guessed_length(const Sample& sample) {
  std::size_t prompt = 0;
  for (const Message& message : sample.question.messages) prompt += message.content.size();
  return static_cast<float>(sample.question.reference.size()) + static_cast<float>(prompt) / 4;
}

std::size_t bytes_of(const Response& response) {
  return response.text.size() + response.reasoning.size();
}

std::size_t bytes_of(const Verdict& verdict) {
  std::size_t bytes = verdict.reason.size();
  for (const CriterionVerdict& criterion : verdict.criteria) bytes += criterion.reason.size();
  return bytes;
}

std::size_t bytes_of(const JudgementRecord& judgement) {
  std::size_t bytes = bytes_of(judgement.verdict);
  for (const JudgeCall& call : judgement.calls) bytes += call.reply.size() + call.reasoning.size();
  return bytes;
}

// What a record takes beside its texts, in memory and in the file.
constexpr std::size_t kRecordBytes = 256;

GenerateRequest request_for(const RunInfo& run, const Sample& sample, RolloutId id) {
  GenerateRequest request;
  request.params = run.spec.params;
  request.sample_id = sample.id;
  request.rollout = id.rollout;
  if (request.params.system_prompt) {
    request.messages.push_back({Role::system, *request.params.system_prompt});
  }
  request.messages.insert(request.messages.end(), sample.question.messages.begin(),
                          sample.question.messages.end());
  return request;
}

}  // namespace

Pipeline::Pipeline(Caller& candidate, Judge& judge, Calls* judge_calls, Store& store,
                   const Clock& clock, PipelineOptions options)
    : candidate_(candidate),
      judge_(judge),
      judge_calls_(judge_calls),
      store_(store),
      clock_(clock),
      options_(options) {}

Pipeline::~Pipeline() = default;

Async<Result<void>> Pipeline::run(const RunInfo& run, const std::vector<Sample>& samples) {
  progress_ = Progress{.planned = run.planned};
  error_.reset();
  failures_in_a_row_ = 0;
  last_failure_.reset();
  std::vector<float> guesses;
  guesses.reserve(samples.size());
  for (const Sample& sample : samples) guesses.push_back(guessed_length(sample));
  order_.emplace(std::move(guesses), static_cast<std::size_t>(run.spec.rollouts),
                 kLastPerPlace * options_.max_generating);
  const auto todo = plan(run, samples.size());
  if (!todo) co_return std::unexpected(todo.error());

  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Session session{run, samples, executor, Limiter(options_.max_generating),
                  Limiter(options_.max_judging)};
  while (!progress_.stopping) {
    const std::optional<RolloutId> next = order_->next();
    if (!next) break;
    const RolloutId id = *next;
    if (todo->is_done(id)) continue;
    if (todo->is_to_judge(id)) {
      session.waiting.push_back(id);
      if (auto slot = session.judging.try_acquire()) {
        asio::co_spawn(session.executor, judge_waiting(session, *std::move(slot)), asio::detached);
      }
      continue;
    }
    if (session.given_bytes - session.saved_bytes > options_.max_unsaved_bytes &&
        !co_await store_.flushed()) {
      break;  // whoever counts what is saved says why
    }
    auto slot = co_await session.generating.acquire();
    if (progress_.stopping) break;
    asio::co_spawn(session.executor, rollout(session, id, *std::move(slot)), asio::detached);
  }
  // The session outlives its rollouts: taking every slot waits for the last of them.
  std::vector<Limiter::Permit> all;
  for (Limiter* limiter : {&session.generating, &session.judging, &session.saving}) {
    for (std::size_t i = 0; i < limiter->capacity(); ++i) {
      all.push_back(*co_await limiter->acquire());
    }
  }
  if (const auto flushed = co_await store_.flushed(); !flushed && !error_) {
    error_ = flushed.error();
  }
  // A small run never fails often enough in a row to be stopped; its end says the same.
  if (!error_ && last_failure_ && progress_.done == progress_.already_done && !progress_.stopping) {
    error_ = std::move(last_failure_);
  }
  if (error_) co_return std::unexpected(*error_);
  co_return Result<void>{};
}

Result<Pipeline::Plan> Pipeline::plan(const RunInfo& run, std::size_t samples) {
  Plan todo{.samples = samples};
  const std::size_t planned = samples * static_cast<std::size_t>(run.spec.rollouts);
  bool inside = true;
  IIE_CHECK_OK(store_.for_each_progress(run, [&](const RolloutProgress& stored) {
    const RolloutId id = stored.id;
    inside = id.sample >= 0 && id.rollout >= 0 && id.rollout < run.spec.rollouts &&
             static_cast<std::size_t>(id.sample) < samples;
    if (!inside) return false;
    if (stored.failed) return true;  // tried again
    if (stored.length) {
      order_->observe(static_cast<std::size_t>(id.sample), static_cast<float>(*stored.length));
    }
    const bool to_judge = !stored.outcome || stored.unscored == UnscoredReason::judge_failed;
    std::vector<bool>& marks = to_judge ? todo.to_judge : todo.done;
    marks.resize(planned);
    marks[todo.place(id)] = true;
    if (!to_judge) {
      ++progress_.already_done;
      count(*stored.outcome);
    }
    return true;
  }));
  if (!inside) {
    return fail(
        ErrorKind::corrupt,
        fmt::format("run {}: the store holds a rollout that the run never planned", run.id));
  }
  return todo;
}

Async<void> Pipeline::rollout(Session& session, RolloutId id, Limiter::Permit generating) {
  ++progress_.in_flight;
  Result<void> result;
  std::optional<Limiter::Permit> judging;
  try {
    auto response = co_await generate(session, id);
    if (!response) {
      result = std::unexpected(std::move(response).error());
    } else if (*response) {
      judging = session.judging.try_acquire();
      if (!judging) {
        // It is judged from the store, so it must be there.
        result = co_await store_.flushed();
        judging = session.judging.try_acquire();
        if (result && !judging) {
          session.waiting.push_back(id);
          progress_.to_judge = session.waiting.size();
        }
      }
      {
        const Limiter::Permit done = std::move(generating);
      }
      if (result && judging) result = co_await judge(session, **std::move(response));
    }
  } catch (const std::exception& e) {
    result = fail(ErrorKind::bug, fmt::format("sample {}: {}", session.sample(id).id, e.what()));
  }
  --progress_.in_flight;
  if (!result) abort(std::move(result).error());
  if (judging && !session.waiting.empty()) co_await judge_waiting(session, *std::move(judging));
}

// Judges what waits for it, one after another, until nothing does.
Async<void> Pipeline::judge_waiting(Session& session, Limiter::Permit) {
  while (!session.waiting.empty() && !progress_.stopping) {
    const RolloutId id = session.waiting.front();
    session.waiting.pop_front();
    ++progress_.in_flight;
    Result<void> result;
    try {
      auto response = stored_response(session, id);
      if (response) {
        result = co_await judge(session, *std::move(response));
      } else {
        result = std::unexpected(std::move(response).error());
      }
    } catch (const std::exception& e) {
      result = fail(ErrorKind::bug, fmt::format("sample {}: {}", session.sample(id).id, e.what()));
    }
    --progress_.in_flight;
    progress_.to_judge = session.waiting.size();
    if (!result) abort(std::move(result).error());
  }
}

Result<ResponseRecord> Pipeline::stored_response(const Session& session, RolloutId id) {
  IIE_TRY(auto stored, store_.rollout(session.run, id));
  if (!stored || !stored->response.response) {
    return fail(ErrorKind::corrupt,
                fmt::format("sample {}, rollout {}: its stored response is gone",
                            session.sample(id).id, id.rollout + 1));
  }
  return std::move(stored->response);
}

// Gives a record to the store. A coroutine waits for the disk as long as anything is on its way.
template <typename Record>
void Pipeline::save(Session& session, Record record, std::size_t bytes) {
  session.given_bytes += kRecordBytes + bytes;
  store_.append(session.run, std::move(record));
  if (auto slot = session.saving.try_acquire()) {
    asio::co_spawn(session.executor, count_saved(session, *std::move(slot)), asio::detached);
  }
}

// Counts what has become durable, until all has.
Async<void> Pipeline::count_saved(Session& session, Limiter::Permit) try {
  while (session.saved_bytes != session.given_bytes) {
    const std::size_t bytes = session.given_bytes;
    const std::size_t judged = session.unsaved.size();
    if (auto flushed = co_await store_.flushed(); !flushed) {
      abort(std::move(flushed).error());
      co_return;
    }
    session.saved_bytes = bytes;
    for (std::size_t i = 0; i < judged; ++i) {
      const auto [id, outcome] = session.unsaved.front();
      session.unsaved.pop_front();
      count(outcome);
      if (options_.observer == nullptr) continue;
      Event event;
      event.kind = Event::Kind::rollout_done;
      event.sample = session.sample(id).id;
      event.rollout = id.rollout;
      event.outcome = outcome;
      options_.observer->on(event);
    }
  }
} catch (const std::exception& e) {
  abort(Error{ErrorKind::bug, e.what()});
}

// The response, on its way to the disk; nothing where there is none to judge: the call failed, or
// was called off.
Async<Result<std::optional<ResponseRecord>>> Pipeline::generate(Session& session, RolloutId id) {
  const Sample& sample = session.sample(id);
  Caller::Attempted attempted = co_await candidate_.attempt(request_for(session.run, sample, id));
  ResponseRecord record{.id = id,
                        .response = std::nullopt,
                        .error = std::nullopt,
                        .attempts = attempted.attempts,
                        .at = clock_.wall()};
  if (!attempted.result) {
    Error& error = attempted.result.error();
    if (error.kind == ErrorKind::cancelled) {
      if (auto why = candidate_.given_up()) co_return std::unexpected(*std::move(why));
      co_return std::optional<ResponseRecord>();
    }
    // People count from 1, here as in reports; JSON from 0.
    error.message =
        fmt::format("sample {}, rollout {}: {}", sample.id, id.rollout + 1, error.message);
    if (holds_for_all(error)) co_return std::unexpected(std::move(error));
    record.error = error;
    save(session, std::move(record), error.message.size());
    if (auto stop = count_failure(error); !stop) co_return std::unexpected(std::move(stop).error());
    co_return std::optional<ResponseRecord>();
  }
  const Response& response = record.response.emplace(*std::move(attempted.result));
  order_->observe(static_cast<std::size_t>(id.sample), static_cast<float>(answer_length(response)));
  count(response.usage);
  save(session, record, bytes_of(response));
  co_return std::optional<ResponseRecord>(std::move(record));
}

// Judges a response. Its rollout has ended then, but for the disk.
Async<Result<void>> Pipeline::judge(Session& session, ResponseRecord response) {
  const RolloutId id = response.id;
  const Sample& sample = session.sample(id);
  auto judgement = co_await judge_.judge(sample, *response.response, id.rollout);
  if (!judgement) {
    Error& error = judgement.error();
    // Its response is stored; resume judges it.
    if (error.kind == ErrorKind::cancelled) {
      if (judge_calls_ != nullptr) {
        if (auto why = judge_calls_->given_up()) co_return std::unexpected(*std::move(why));
      }
      co_return Result<void>{};
    }
    error.message = fmt::format("judging sample {}: {}", sample.id, error.message);
    co_return std::unexpected(std::move(error));
  }
  for (const JudgeCall& call : judgement->calls) count(call.usage);
  JudgementRecord record{.id = id,
                         .verdict = std::move(judgement->verdict),
                         .judge = std::move(judgement->judge),
                         .calls = std::move(judgement->calls),
                         .at = clock_.wall()};
  std::optional<Error> failure;
  if (record.verdict.unscored == UnscoredReason::judge_failed) {
    failure = Error{ErrorKind::transient, "judge: " + record.verdict.reason};
  }
  if (options_.judged) options_.judged(response, record);
  const std::size_t bytes = bytes_of(record);
  if (!failure) {
    failures_in_a_row_ = 0;
    // With nothing between it and save(): what stands here is counted once the disk has it.
    session.unsaved.push_back({id, record.verdict.outcome});
  }
  save(session, std::move(record), bytes);
  if (failure) co_return count_failure(*failure);
  co_return Result<void>{};
}

void Pipeline::stop() {
  progress_.stopping = true;
  candidate_.stop();
  if (judge_calls_ != nullptr) judge_calls_->stop();
}

void Pipeline::abandon() {
  candidate_.abandon();
  if (judge_calls_ != nullptr) judge_calls_->abandon();
}

void Pipeline::abort(Error error) {
  if (!error_) error_ = std::move(error);
  stop();
}

Progress Pipeline::progress() const {
  Progress now = progress_;
  now.candidate = candidate_.gauge();
  if (judge_calls_ != nullptr) now.judge = judge_calls_->gauge();
  return now;
}

void Pipeline::count(Outcome outcome) {
  ++progress_.done;
  switch (outcome) {
    case Outcome::pass:
      ++progress_.passed;
      break;
    case Outcome::fail:
      ++progress_.failed;
      break;
    case Outcome::unscored:
      ++progress_.unscored;
      break;
  }
}

void Pipeline::count(const Usage& usage) {
  progress_.input_tokens += usage.input_tokens.value_or(0);
  progress_.output_tokens += usage.output_tokens.value_or(0);
}

Result<void> Pipeline::count_failure(const Error& error) {
  ++progress_.errors;
  last_failure_ = error;
  if (++failures_in_a_row_ < options_.give_up_after) return {};
  return std::unexpected(Error{error.kind, fmt::format("{} calls failed in a row; the last: {}",
                                                       failures_in_a_row_, error.message)});
}

}  // namespace iie
