// Judges' replies that are paid for although no judgement holds them: the process ended before all
// that a judgement needs was there. The response cache has them, and judging goes on with them; so
// until then they are part of what a run has cost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/run.h"
#include "judge/matrix.h"

namespace iie {

// The file of --cache, which may not be there; empty where the command has none. `store` is the
// store's path.
std::string reply_cache_path(const ControlOptions& control, const std::string& store);
// Of a run's own replies in that file.
std::string reply_cache_scope(const RunInfo& run);

struct PaidReply {
  const JudgeModel* judge = nullptr;
  Response reply;
  std::int64_t prompt_tokens = 0;  // an estimate
};

class PaidReplies {
 public:
  // Null where there are none. `job` is the run's, and must outlive it.
  static Result<std::unique_ptr<PaidReplies>> open(const Job& job, const RunInfo& run,
                                                   const ControlOptions& control,
                                                   const std::string& store);
  ~PaidReplies();

  // What is there for the judgement of a response. The judge itself says what it would ask.
  Result<std::vector<PaidReply>> of(const Sample& sample, const Response& response, int rollout);

 private:
  struct Parts;
  explicit PaidReplies(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace iie
