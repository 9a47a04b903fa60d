// The LLM judges of a run: from --judge (or a stored run's) to models, endpoints, keys and prompts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/endpoints.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "core/run.h"
#include "core/sample.h"
#include "judge/judge_spec.h"
#include "judge/matrix.h"
#include "provider/profile.h"

namespace iie {

struct JudgeSetup {
  JudgeMatrix matrix;                     // settled: every judge has its endpoint and parameters
  std::map<std::string, Target> targets;  // by the judge's name in the matrix
};

// Whose base URL a judge without one of its own may share: --base-url, and the profile of the model
// that it is for; "replay" where no model is asked.
struct SharedEndpoint {
  std::string base_url;
  std::string profile;
};

// What --judge and its options come to, for these samples; fills in the judge's part of `spec`.
// usage for options that do not fit together, bad_input for matrices and prompts that are wrong,
// the cells that a matrix misses named; auth for missing keys.
Result<JudgeSetup> settle_judges(const JudgeSpec& judge, const JudgeOptions& options,
                                 const SharedEndpoint& shared, const std::vector<Sample>& samples,
                                 const Profiles& profiles, const Environment& environment,
                                 RunSpec& spec);
// The same with a matrix that was made otherwise.
Result<JudgeSetup> settle_matrix(JudgeMatrix matrix, const JudgeSpec& judge,
                                 const JudgeOptions& options, const SharedEndpoint& shared,
                                 const std::vector<Sample>& samples, const Profiles& profiles,
                                 const Environment& environment, RunSpec& spec);
// Those of a stored run. `prompts_file` as --judge-prompts. bad_input where prompts or profiles are
// not those that it began with.
Result<JudgeSetup> stored_judges(const JudgeSpec& judge, const std::string& prompts_file,
                                 const std::vector<Sample>& samples, const Profiles& profiles,
                                 const Environment& environment, const RunSpec& spec);

// The models that may be asked as judges, each with its endpoint; empty without an LLM judge.
struct JudgeEndpoint {
  std::string model;
  std::string base_url;
};
Result<std::vector<JudgeEndpoint>> judge_endpoints(const RunSpec& spec);

}  // namespace iie
