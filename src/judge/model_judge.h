// A judge that asks models: one LLM, a matrix of them, or a panel.
#pragma once

#include <vector>

#include "base/async.h"
#include "judge/judge.h"

namespace iie {

class ModelJudge : public Judge {
 public:
  // Judges where some criteria are known already (decided by rules): they are not asked about, or
  // where the response is judged as a whole, the judge is told.
  virtual Async<Result<Judgement>> judge_rest(const Sample& sample, const Response& response,
                                              int rollout, std::vector<CriterionVerdict> known) = 0;

  Async<Result<Judgement>> judge(const Sample& sample, const Response& response,
                                 int rollout) override;
};

}  // namespace iie
