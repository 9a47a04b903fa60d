#include "judge/auto_judge.h"

#include <boost/asio/awaitable.hpp>
#include <utility>
#include <vector>

namespace iie {

AutoJudge::AutoJudge(Judge& rules, ModelJudge* llm)
    : rules_(rules), llm_(llm), name_(llm ? "auto:" + llm->name() : "auto") {}

Async<Result<Judgement>> AutoJudge::judge(const Sample& sample, const Response& response,
                                          int rollout) {
  Result<Judgement> by_rules = co_await rules_.judge(sample, response, rollout);
  if (!by_rules || by_rules->verdict.outcome != Outcome::unscored || !llm_) co_return by_rules;
  std::vector<CriterionVerdict> known;
  for (CriterionVerdict& criterion : by_rules->verdict.criteria) {
    if (criterion.outcome != Outcome::unscored) known.push_back(std::move(criterion));
  }
  co_return co_await llm_->judge_rest(sample, response, rollout, std::move(known));
}

}  // namespace iie
