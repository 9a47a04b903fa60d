#include "judge/rule_judge.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/string_util.h"
#include "judge/check_verdict.h"
#include "judge/llm_judge.h"

namespace iie {

namespace asio = boost::asio;

RuleJudge::RuleJudge() = default;
RuleJudge::RuleJudge(const asio::any_io_executor& pool)
    : pool_(std::make_unique<const asio::any_io_executor>(pool)) {}
RuleJudge::~RuleJudge() = default;

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

Async<Result<Judgement>> RuleJudge::judge(const Sample& sample, const Response& response, int) {
  if (!pool_) co_return decide(sample, response);
  // Counts as work: the loop waits for the pool.
  asio::any_io_executor loop =
      asio::prefer(co_await asio::this_coro::executor, asio::execution::outstanding_work.tracked);
  auto start = [this, &sample, &response, loop = std::move(loop)](auto handler) mutable {
    asio::post(*pool_, [this, &sample, &response, loop = std::move(loop),
                        handler = std::move(handler)]() mutable {
      Result<Judgement> judged = decide(sample, response);
      // The caller may end its loop as soon as it resumes, so it does not resume before this thread
      // has let go of the loop.
      const std::lock_guard handing_over(handoff_);
      asio::post(loop, [this, handler = std::move(handler), judged = std::move(judged)]() mutable {
        {
          const std::lock_guard handed_over(handoff_);
        }
        std::move(handler)(std::move(judged));
      });
      loop = {};
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Judgement>)>(
      std::move(start), asio::use_awaitable);
}

}  // namespace iie
