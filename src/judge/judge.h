// A judge turns a response into a verdict. Rules and LLM judges give the same kind of verdict, so
// either can check the other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/response.h"
#include "core/run.h"
#include "core/sample.h"
#include "core/verdict.h"

namespace iie {

struct Judgement {
  Verdict verdict;
  std::string judge;             // who decided: "rules", "openai:NAME", "blank"
  std::vector<JudgeCall> calls;  // every LLM call made, unreadable ones included
};

// Told of replies that were had, and paid for, for a judgement that is not made because another of
// its calls stopped the run: nobody else holds them. What an endpoint did not count is estimated.
using CallsDropped = std::function<void(const std::vector<JudgeCall>& calls)>;

class Judge {
 public:
  virtual ~Judge() = default;

  // "auto:openai:gpt-4.1": as the run's spec names it.
  virtual const std::string& name() const = 0;
  // Judges `response.text`, never its reasoning. `sample` must outlive the call; `rollout` says
  // which of its responses this is, for logs and caches. A reply that cannot be read is an unscored
  // verdict; an endpoint that cannot be reached (after the retries of the provider that the judge
  // was given) is unscored too (judge_failed), its message the verdict's reason; an Error is
  // something the whole run should stop for (auth, not_found).
  virtual Async<Result<Judgement>> judge(const Sample& sample, const Response& response,
                                         int rollout) = 0;
};

}  // namespace iie
