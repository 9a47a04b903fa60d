// `providers`: the profiles that --model PROFILE:NAME may name, and what one of them takes.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "cli/commands.h"
#include "cli/endpoints.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace iie {
namespace {

namespace bj = boost::json;

bj::object profile_json(const Profile& profile, const ModelProfile& model) {
  bj::array keys;
  for (const std::string& name : profile.key_env) keys.push_back(bj::string(name));
  const auto list = [](const std::vector<std::string>& params) {
    bj::array out;
    for (const std::string& param : params) out.push_back(bj::string(param));
    return out;
  };
  bj::object reasoning;
  for (const auto& [mode, body] : model.reasoning) {
    if (auto parsed = parse_json(body)) reasoning.emplace(to_string(mode), *std::move(parsed));
  }
  bj::object out{{"name", profile.name},
                 {"title", profile.title},
                 {"dialect", to_string(profile.dialect)},
                 {"base_url", profile.base_url},
                 {"base_url_env", profile.base_url_env},
                 {"key_env", std::move(keys)},
                 {"key_required", profile.key_required},
                 {"stream", model.stream},
                 {"structured_output", model.structured_output},
                 {"refuses", list(model.refuses)},
                 {"refuses_while_reasoning", list(model.refuses_while_reasoning)},
                 {"reasons_by_default", model.reasons_by_default},
                 {"reasoning", std::move(reasoning)}};
  if (model.reasoning.contains(Reasoning::Mode::budget)) {
    out["reasoning_budget"] =
        bj::object{{"min", model.reasoning_budget.least}, {"max", model.reasoning_budget.most}};
  }
  return out;
}

}  // namespace

Result<int> cmd_providers(const ProvidersOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const auto profiles, profiles_in_force(options.providers, environment));
  // One model of one profile, or every profile as it is for a model without a rule of its own.
  const std::size_t colon = std::min(options.name.find(':'), options.name.size());
  const std::string only = options.name.substr(0, colon);
  const std::string model = options.name.substr(std::min(colon + 1, options.name.size()));
  if (!only.empty() && profiles->find(only) == nullptr) {
    return fail(ErrorKind::usage,
                fmt::format("there is no provider profile '{}'{}", one_line(only, 40),
                            did_you_mean(only, profiles->names())));
  }
  Listing listing({"Profile", "Base URL", "Key from", "Streams", "--reasoning"});
  bj::array array;
  for (const Profile& profile : profiles->all()) {
    if (!only.empty() && profile.name != only) continue;
    IIE_TRY(const ModelProfile resolved, profiles->resolve(profile.name, profile.base_url, model));
    array.push_back(profile_json(profile, resolved));
    const std::string choices = reasoning_choices(resolved);
    listing.add({profile.name, profile.base_url.empty() ? "(--base-url)" : profile.base_url,
                 join(profile.key_env, ", "), resolved.stream ? "yes" : "no",
                 choices.empty() ? "-" : choices});
  }
  if (options.output.format == "json") {
    print(to_pretty_json(array));
    return kExitOk;
  }
  print(listing.text());
  if (options.name.empty()) {
    note(options.output,
         "What a model takes may differ: `inverse-ifeval providers PROFILE:MODEL` says it");
  }
  return kExitOk;
}

}  // namespace iie
