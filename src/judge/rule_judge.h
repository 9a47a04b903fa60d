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

// decide() may be called by any number of threads. A check usually takes microseconds, but hostile
// code can hold the syntax parser for seconds, so a run gives the judge a pool to work on and its
// event loop goes on meanwhile.
class RuleJudge final : public Judge {
 public:
  // judge() runs inline, on the caller's executor.
  RuleJudge();
  // judge() runs on `pool`, any number at once, and resumes on the caller's executor.
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

  Result<std::shared_ptr<const Compiled>> compiled(const Sample& sample);

  std::string name_ = "rules";
  std::unique_ptr<const boost::asio::any_io_executor> pool_;  // null: inline
  std::mutex handoff_;  // held while the pool hands a judgement to the caller's loop
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> cache_;  // guarded by mutex_
};

}  // namespace iie
