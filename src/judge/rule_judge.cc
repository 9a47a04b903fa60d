#include "judge/rule_judge.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "base/string_util.h"
#include "judge/check_verdict.h"
#include "judge/llm_judge.h"

namespace iie {

namespace asio = boost::asio;

Result<std::shared_ptr<const RuleJudge::Compiled>> RuleJudge::compiled(const Sample& sample) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = cache_.find(sample.id);
    if (found != cache_.end() && found->second.checks == sample.question.checks &&
        found->second.instructions == sample.instructions) {
      return found->second.compiled;
    }
  }
  // Compiled outside the lock: two threads may do it twice, none waits.
  const std::string where = "sample " + one_line(sample.id, 80);
  IIE_TRY(CompiledChecks checks, compile_checks(sample.question, where));
  IIE_TRY(CompiledInstructions instructions,
          compile_instructions(sample.instructions, where,
                               sample.language.value_or(Language::english)));
  auto shared =
      std::make_shared<const Compiled>(Compiled{std::move(checks), std::move(instructions)});
  const std::scoped_lock lock(mutex_);
  cache_.insert_or_assign(sample.id, Entry{sample.question.checks, sample.instructions, shared});
  return shared;
}

Result<Judgement> RuleJudge::decide(const Sample& sample, const Response& response) try {
  if (std::optional<Judgement> judgement = judged_without_call(response)) {
    const std::vector<InstructionResult> none(sample.instructions.size());
    judgement->verdict.criteria = verdict_of_checks(sample, {}, none).criteria;
    return *std::move(judgement);
  }
  if (sample.question.checks.empty() && sample.instructions.empty()) {
    return Judgement{verdict_of_checks(sample, {}), name_, {}};
  }
  IIE_TRY(const std::shared_ptr<const Compiled> rules, compiled(sample));
  const std::vector<CheckResult> results = rules->checks.run(response.text);
  const std::vector<InstructionResult> followed = rules->instructions.run(response.text);
  return Judgement{verdict_of_checks(sample, results, followed), name_, {}};
} catch (const std::exception& e) {  // memory, at most: nobody above could catch it on a pool
  return fail(ErrorKind::bug, std::string("rules: ") + e.what());
}

struct RuleJudge::Asked {
  const Sample* sample;
  const Response* response;
  std::move_only_function<void(Result<Judgement>)> resume;
};

RuleJudge::RuleJudge() = default;
RuleJudge::RuleJudge(const asio::any_io_executor& pool)
    : pool_(std::make_unique<const asio::any_io_executor>(pool)) {}
RuleJudge::~RuleJudge() = default;

Async<Result<Judgement>> RuleJudge::judge(const Sample& sample, const Response& response, int) {
  if (!pool_) return judge_inline(sample, response);
  auto start = [this, &sample, &response](auto handler) {
    const asio::any_io_executor loop = asio::get_associated_executor(handler);
    asked_.push_back({&sample, &response, std::move(handler)});
    // Behind what the loop does now, which may ask for more.
    if (asked_.size() == 1) asio::post(loop, [this, loop] { hand_over(loop); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Judgement>)>(
      std::move(start), asio::use_awaitable);
}

Async<Result<Judgement>> RuleJudge::judge_inline(const Sample& sample, const Response& response) {
  co_return decide(sample, response);
}

void RuleJudge::hand_over(asio::any_io_executor loop) {
  // Counts as work: the loop waits for the pool.
  loop = asio::prefer(loop, asio::execution::outstanding_work.tracked);
  asio::post(*pool_, [this, asked = std::exchange(asked_, {}), loop = std::move(loop)]() mutable {
    std::vector<Result<Judgement>> judged;
    judged.reserve(asked.size());
    for (const Asked& one : asked) judged.push_back(decide(*one.sample, *one.response));
    // The callers may end their loop as soon as they resume, so none does before this thread has
    // let go of the loop.
    const std::lock_guard handing_over(handoff_);
    asio::post(loop, [this, asked = std::move(asked), judged = std::move(judged)]() mutable {
      {
        const std::lock_guard handed_over(handoff_);
      }
      for (std::size_t i = 0; i < asked.size(); ++i) asked[i].resume(std::move(judged[i]));
    });
    loop = {};
  });
}

}  // namespace iie
