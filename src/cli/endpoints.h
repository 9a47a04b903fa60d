// Which endpoint a model's name means: its profile, base URL and key.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "cli/environment.h"
#include "core/run.h"
#include "provider/profile.h"

namespace iie {

// The program's provider profiles and those of `flag`, else of INVERSE_IFEVAL_PROVIDERS (a file).
Result<std::shared_ptr<const Profiles>> profiles_in_force(const std::string& flag,
                                                          const Environment& environment);

struct Target {
  std::string base_url;  // canonical, as it is stored in the run
  ModelProfile profile;
  std::string user_hash;  // RunSpec::model_profile
  Secret key;
};

enum class KeyUse { model, judge };

// "PROFILE:MODEL" at the base URL in force: the flag, else the profile's environment variable, else
// the profile's own. The key is the first of the profile's environment variables that is set; a
// judge's JUDGE_API_KEY goes before them.
//
// usage for a base URL that is none or carries credentials, and where there is none; auth where the
// profile's own endpoint would be asked without the key that it requires.
Result<Target> find_target(const Profiles& profiles, const std::string& profile,
                           const std::string& model, const std::string& base_url_flag, KeyUse use,
                           const Environment& environment);

// Settles what the profile decides where the user did not say: a token limit for an endpoint that
// insists on one. Then check_params(): what cannot be asked is an error before the run.
Result<void> settle_params(const ModelProfile& profile, GenerationParams& params);

// --reasoning's value; empty: nothing is asked for. usage, naming the flag.
Result<std::optional<Reasoning>> reasoning_option(const std::string& text, std::string_view flag);

// bad_input where profile `name` is not the one (by RunSpec's hashes) that a stored run began with.
Result<void> check_same_profile(const std::string& now, const std::string& then,
                                const std::string& name);

}  // namespace iie
