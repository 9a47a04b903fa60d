// The deterministic checks and verifiable instructions that come with a sample, as a judge.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "judge/judge.h"
#include "rules/instructions.h"
#include "rules/rule.h"

namespace iie {

// decide() may be called by any number of threads, judge() by one event loop. A check usually takes
// microseconds, but hostile code can hold the syntax parser for seconds, so a run gives the judge a
// pool to work on and its event loop goes on meanwhile.
class RuleJudge final : public Judge {
 public:
  // judge() runs inline, on the caller's executor.
  RuleJudge();
  // judge() runs on `pool` and resumes on the caller's executor. What one turn of the loop asks for
  // goes there, and comes back, together: waking a thread costs as much as a check.
  explicit RuleJudge(const boost::asio::any_io_executor& pool);
  ~RuleJudge() override;

  const std::string& name() const override { return name_; }
  // Unscored (needs_judge, no_checker) where the checks do not decide: see check_verdict.h. Blank
  // responses fail and follow no instruction. bad_input where the sample's checks or instructions
  // cannot be compiled, which validate_checks (rules/rule.h) finds before a run.
  Async<Result<Judgement>> judge(const Sample& sample, const Response& response,
                                 int rollout) override;
  Result<Judgement> decide(const Sample& sample, const Response& response);

 private:
  struct Compiled {
    CompiledChecks checks;
    CompiledInstructions instructions;
  };
  // What was compiled for a sample's id, and from what: a twin has the id of its sample but other
  // checks.
  struct Entry {
    std::vector<Check> checks;
    std::vector<Instruction> instructions;
    std::shared_ptr<const Compiled> compiled;
  };

  struct Asked;

  Result<std::shared_ptr<const Compiled>> compiled(const Sample& sample);
  Async<Result<Judgement>> judge_inline(const Sample& sample, const Response& response);
  void hand_over(boost::asio::any_io_executor loop);

  std::string name_ = "rules";
  std::unique_ptr<const boost::asio::any_io_executor> pool_;  // null: inline
  std::vector<Asked> asked_;  // in this turn of the loop, which alone touches it
  std::mutex handoff_;        // held while the pool hands judgements to the loop
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> cache_;  // guarded by mutex_
};

}  // namespace iie
