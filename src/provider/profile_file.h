// Reading profiles from YAML: data/providers.yaml, and what users give with --providers. The format
// is described in doc/providers.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "provider/profile.h"

namespace iie {

// A providers' file is pages; anything larger is the wrong file.
inline constexpr std::size_t kLargestProfiles = 1u << 20;

// The profiles of `yaml`, behind `base`'s: one of the same name replaces it. "like" names one that
// comes before, in the file or in `base`; a profile may be like the one that it replaces.
// `users`: gives each profile of the file its user_hash.
//
// Strict: bad_input as "FILE:LINE:COLUMN: KEY: what is wrong" for what is no mapping, unknown or
// repeated keys, values of another type, a dialect, mode or parameter that is none, a base URL that
// is none, and headers that hold what belongs into the environment (keys).
Result<Profiles> parse_profiles(std::string_view yaml, const std::string& name,
                                const std::vector<Profile>& base, bool users);

// The program's own and those of `file` (a path; empty: none).
Result<Profiles> load_profiles(const std::string& file);

}  // namespace iie
