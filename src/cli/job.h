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
#include "cli/judges.h"
#include "cli/options.h"
#include "core/run.h"
#include "core/sample.h"
#include "dataset/responses.h"
#include "provider/profile.h"
#include "provider/provider.h"
#include "store/store.h"

namespace iie {

struct Job {
  RunSpec spec;
  std::vector<Sample> samples;
  // For replay: the recorded responses of those samples.
  std::optional<RecordedResponses> recorded;
  // In place of a model: answers with the responses that a stored run holds.
  std::shared_ptr<Provider> stored;
  std::optional<JudgeSetup> judges;  // where an LLM judge may be asked
  Secret model_key;
  // What the names before the colons of spec.model and of judges mean.
  std::shared_ptr<const Profiles> profiles;
  ModelProfile model_profile;  // of a live model

  // A model is asked for responses.
  bool live() const { return !recorded && !stored; }
};

// The judge of a job whose samples are there: its part of the spec, and job.judges. `shared` as
// settle_judges (cli/judges.h) takes it.
Result<void> settle_judge(Job& job, const JudgeOptions& options, const SharedEndpoint& shared,
                          const Environment& environment);

Result<Job> job_from(const RunOptions& options, const Environment& environment);
Result<Job> job_from(const ScoreOptions& options, const Environment& environment);
// Of a stored run. bad_input where the responses or prompts are not those that it began with.
// `store` holds it, and must outlive the job: the responses of a run that was rejudged are there.
Result<Job> job_from(const ResumeOptions& options, const RunInfo& run, std::vector<Sample> samples,
                     Store& store, const Environment& environment);

}  // namespace iie
