// Rules where they decide, LLM judges for the rest.
#pragma once

#include <string>

#include "base/async.h"
#include "judge/judge.h"
#include "judge/model_judge.h"

namespace iie {

// One thread (the event loop's).
class AutoJudge final : public Judge {
 public:
  // Both must outlive it. `llm` may be null: then what rules do not decide stays unscored.
  AutoJudge(Judge& rules, ModelJudge* llm);

  // "auto" or "auto:openai:NAME".
  const std::string& name() const override { return name_; }
  // The rules' verdict where it is a pass or a fail, without any call. Else the LLM judge's, who is
  // told which criteria the rules decided; their verdicts stand beside its own. The judgement names
  // the one of the two that decided.
  Async<Result<Judgement>> judge(const Sample& sample, const Response& response,
                                 int rollout) override;

 private:
  Judge& rules_;
  ModelJudge* llm_;
  std::string name_;
};

}  // namespace iie
