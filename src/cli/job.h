// What a run needs, made from options or from a stored run: the one place where names become
// datasets, recorded responses, endpoints and keys. Everything that can be wrong with the input is
// found here, before anything is sent or written.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "core/run.h"
#include "core/sample.h"
#include "dataset/responses.h"
#include "judge/prompt_set.h"
#include "provider/profile.h"

namespace iie {

struct Job {
  RunSpec spec;
  std::vector<Sample> samples;
  // For replay: the recorded responses of those samples.
  std::optional<RecordedResponses> recorded;
  std::optional<PromptSet> prompts;  // where an LLM judge may be asked
  Secret model_key;
  Secret judge_key;
  // What the names before the colons of spec.model and spec.judge mean.
  std::shared_ptr<const Profiles> profiles;
  ModelProfile model_profile;  // of a live model
  ModelProfile judge_profile;  // of an LLM judge
};

Result<Job> job_from(const RunOptions& options, const Environment& environment);
Result<Job> job_from(const ScoreOptions& options, const Environment& environment);
// Of a stored run. bad_input where the responses or prompts are not those that it began with.
Result<Job> job_from(const ResumeOptions& options, const RunInfo& run, std::vector<Sample> samples,
                     const Environment& environment);

}  // namespace iie
