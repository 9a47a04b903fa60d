#include "cli/endpoints.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/string_util.h"
#include "provider/base_url.h"
#include "provider/profile_file.h"

namespace iie {
namespace {

constexpr const char* kProvidersVariable = "INVERSE_IFEVAL_PROVIDERS";

bool is_loopback(std::string_view base_url) {
  const std::string_view host = base_url.substr(base_url.find("://") + 3);
  for (const std::string_view name : {"localhost", "127.", "[::1]"}) {
    if (host.starts_with(name)) return true;
  }
  return false;
}

Result<std::string> base_url_of(const Profile& profile, const std::string& flag,
                                const Environment& environment) {
  std::string given = flag;
  if (given.empty() && !profile.base_url_env.empty()) {
    given = environment.get(profile.base_url_env).value_or("");
  }
  if (given.empty()) given = profile.base_url;
  if (given.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("{}: give its address with --base-url{}", profile.name,
                            profile.base_url_env.empty() ? "" : " or " + profile.base_url_env));
  }
  const std::size_t authority = given.find("://");
  if (authority != std::string::npos) {
    const std::size_t end = given.find('/', authority + 3);
    if (given.substr(authority, end - authority).find('@') != std::string::npos) {
      return fail(
          ErrorKind::usage,
          fmt::format("a base URL with a user or password in it would end up in stores and "
                      "reports: put the key into {}",
                      profile.key_env.empty() ? "the environment" : profile.key_env.front()));
    }
  }
  if (given.find_first_of("?#") != std::string::npos) {
    return fail(ErrorKind::usage,
                "a base URL ends with its path: what stands behind '?' may be a key, and would end "
                "up in stores and reports");
  }
  return canonical_base_url(profile.dialect, given);
}

Result<Secret> key_for(const Profile& profile, const std::string& base_url, KeyUse use,
                       const Environment& environment) {
  std::vector<std::string> names = profile.key_env;
  if (use == KeyUse::judge) names.insert(names.begin(), "JUDGE_API_KEY");
  for (const std::string& name : names) {
    IIE_TRY(Secret key, environment.secret(name));
    if (key.empty()) continue;
    if (base_url.starts_with("http://") && !is_loopback(base_url)) {
      log(LogLevel::warn,
          fmt::format("{} goes to {} over cleartext HTTP: anyone on the way can read it", name,
                      base_url));
    }
    return key;
  }
  if (profile.key_required && base_url == profile.base_url && !environment.offline()) {
    return fail(ErrorKind::auth, fmt::format("no key for {}: set {} or put it into .env", base_url,
                                             join(names, " or ")));
  }
  return Secret();
}

}  // namespace

Result<std::shared_ptr<const Profiles>> profiles_in_force(const std::string& flag,
                                                          const Environment& environment) {
  const std::string file = flag.empty() ? environment.get(kProvidersVariable).value_or("") : flag;
  IIE_TRY(Profiles profiles, load_profiles(file));
  return std::make_shared<const Profiles>(std::move(profiles));
}

Result<Target> find_target(const Profiles& profiles, const std::string& profile,
                           const std::string& model, const std::string& base_url_flag, KeyUse use,
                           const Environment& environment) {
  const Profile* found = profiles.find(profile);
  if (found == nullptr) {
    return fail(ErrorKind::usage,
                fmt::format("there is no provider profile '{}'{}; --providers FILE gives profiles "
                            "of your own",
                            one_line(profile, 40), did_you_mean(profile, profiles.names())));
  }
  Target target;
  IIE_TRY(target.base_url, base_url_of(*found, base_url_flag, environment));
  IIE_TRY(target.profile, profiles.resolve(profile, target.base_url, model));
  target.user_hash = found->user_hash;
  IIE_TRY(target.key, key_for(*found, target.base_url, use, environment));
  return target;
}

Result<void> settle_params(const ModelProfile& profile, GenerationParams& params) {
  if (!params.max_tokens && profile.default_max_tokens) {
    // Room for an answer behind the thinking, where thinking counts towards the limit.
    constexpr std::int64_t kAnswer = 8192;
    params.max_tokens = profile.default_max_tokens;
    if (params.reasoning && params.reasoning->mode == Reasoning::Mode::budget &&
        params.reasoning->budget >= *params.max_tokens) {
      params.max_tokens = params.reasoning->budget + kAnswer;
    }
  }
  return check_params(profile, params);
}

Result<std::optional<Reasoning>> reasoning_option(const std::string& text, std::string_view flag) {
  if (text.empty()) return std::optional<Reasoning>();
  const auto reasoning = reasoning_from(ascii_lower(trim(text)));
  if (!reasoning) {
    return fail(ErrorKind::usage,
                fmt::format("{}: expected off, low, medium, high, auto or budget:TOKENS, got '{}'",
                            flag, one_line(text, 40)));
  }
  return reasoning;
}

Result<void> check_same_profile(const std::string& now, const std::string& then,
                                const std::string& name) {
  if (now == then) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("provider profile '{}' is not the one that the run began with; {}", name,
                          then.empty() ? "leave the file that changes it out (--providers)"
                                       : "give its file with --providers, or start a new run"));
}

}  // namespace iie
