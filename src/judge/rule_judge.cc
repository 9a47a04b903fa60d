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

Result<std::shared_ptr<const CompiledChecks>> RuleJudge::compiled(const Sample& sample) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = cache_.find(sample.id);
    if (found != cache_.end() && found->second.source == sample.question.checks) {
      return found->second.checks;
    }
  }
  // Compiled outside the lock: two threads may do it twice, none waits.
  IIE_TRY(CompiledChecks checks,
          compile_checks(sample.question, "sample " + one_line(sample.id, 80)));
  auto shared = std::make_shared<const CompiledChecks>(std::move(checks));
  const std::scoped_lock lock(mutex_);
  cache_.insert_or_assign(sample.id, Compiled{sample.question.checks, shared});
  return shared;
}

Result<Judgement> RuleJudge::decide(const Sample& sample, const Response& response) try {
  if (std::optional<Judgement> judgement = judged_without_call(response)) {
    return *std::move(judgement);
  }
  std::vector<CheckResult> results;
  if (!sample.question.checks.empty()) {
    IIE_TRY(const std::shared_ptr<const CompiledChecks> checks, compiled(sample));
    results = checks->run(response.text);
  }
  return Judgement{verdict_of_checks(sample, results), name_, {}};
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
