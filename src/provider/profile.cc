#include "provider/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/string_util.h"
#include "provider/base_url.h"

namespace iie {
namespace {

constexpr std::array<std::pair<Dialect, std::string_view>, 4> kDialects = {
    {{Dialect::openai_chat, "openai_chat"},
     {Dialect::openai_responses, "openai_responses"},
     {Dialect::anthropic, "anthropic"},
     {Dialect::gemini, "gemini"}}};

constexpr std::string_view kBudget = R"("$budget")";

template <typename T>
void fill(std::optional<T>& field, const std::optional<T>& below) {
  if (!field) field = below;
}

template <typename T>
void take(T& field, const std::optional<T>& setting) {
  if (setting) field = *setting;
}

std::unexpected<Error> refused(const ModelProfile& profile, std::string_view what) {
  return fail(ErrorKind::usage, fmt::format("{}: {}", profile.name, what));
}

}  // namespace

std::string_view to_string(Dialect dialect) {
  for (const auto& [value, name] : kDialects) {
    if (value == dialect) return name;
  }
  return {};
}

std::optional<Dialect> dialect_from(std::string_view name) {
  for (const auto& [value, text] : kDialects) {
    if (text == name) return value;
  }
  return std::nullopt;
}

void ModelSettings::lay_over(const ModelSettings& below) {
  fill(max_tokens, below.max_tokens);
  fill(system_role, below.system_role);
  fill(stream, below.stream);
  fill(stream_usage, below.stream_usage);
  fill(structured_output, below.structured_output);
  fill(default_max_tokens, below.default_max_tokens);
  fill(refuses, below.refuses);
  fill(refuses_while_reasoning, below.refuses_while_reasoning);
  fill(reasons_by_default, below.reasons_by_default);
  fill(reasoning, below.reasoning);
  fill(reasoning_budget, below.reasoning_budget);
  fill(body, below.body);
}

bool ModelProfile::refuses_param(std::string_view param,
                                 const std::optional<Reasoning>& reasoning) const {
  const auto holds = [&](const std::vector<std::string>& params) {
    return std::ranges::find(params, param) != params.end();
  };
  const bool reasons = reasoning ? reasoning->mode != Reasoning::Mode::off : reasons_by_default;
  return holds(refuses) || (reasons && holds(refuses_while_reasoning));
}

bool matches_model(std::string_view pattern, std::string_view name) {
  // Greedy with one point of return: linear in the product at worst, which is small.
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && ascii_lower(pattern[p]) == ascii_lower(name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const Profile* Profiles::find(std::string_view name) const {
  const auto found = std::ranges::find(profiles_, name, &Profile::name);
  return found == profiles_.end() ? nullptr : &*found;
}

std::vector<std::string> Profiles::names() const {
  std::vector<std::string> names;
  names.reserve(profiles_.size());
  for (const Profile& profile : profiles_) names.push_back(profile.name);
  return names;
}

Result<ModelProfile> Profiles::resolve(std::string_view name, std::string_view base_url,
                                       std::string_view model) const {
  const Profile* profile = find(name);
  if (profile == nullptr) {
    return fail(ErrorKind::not_found,
                fmt::format("there is no provider profile '{}'{}; a profile of your own comes from "
                            "--providers FILE",
                            one_line(name, 40), did_you_mean(name, names())));
  }
  const Profile& named = *profile;
  if (!named.elsewhere.empty() && !base_url.empty()) {
    const auto own = canonical_base_url(named.dialect, named.base_url);
    if (!own || *own != base_url) profile = find(named.elsewhere);
    if (profile == nullptr) {
      return fail(ErrorKind::bug, fmt::format("profile '{}' names no '{}'", name, named.elsewhere));
    }
  }
  ModelSettings settings;
  for (const ModelRule& rule : profile->models) {
    if (std::ranges::any_of(rule.match, [&](const std::string& pattern) {
          return matches_model(pattern, model);
        })) {
      settings = rule.settings;
      break;
    }
  }
  settings.lay_over(profile->settings);

  ModelProfile resolved;
  resolved.name = fmt::format("{}:{}", named.name, one_line(model, 80));
  resolved.dialect = profile->dialect;
  resolved.key_header = profile->key_header;
  resolved.headers = profile->headers;
  take(resolved.max_tokens, settings.max_tokens);
  take(resolved.system_role, settings.system_role);
  take(resolved.stream, settings.stream);
  take(resolved.stream_usage, settings.stream_usage);
  take(resolved.structured_output, settings.structured_output);
  resolved.default_max_tokens = settings.default_max_tokens;
  take(resolved.refuses, settings.refuses);
  take(resolved.refuses_while_reasoning, settings.refuses_while_reasoning);
  take(resolved.reasons_by_default, settings.reasons_by_default);
  take(resolved.reasoning, settings.reasoning);
  take(resolved.reasoning_budget, settings.reasoning_budget);
  take(resolved.body, settings.body);
  return resolved;
}

std::string reasoning_choices(const ModelProfile& profile) {
  std::vector<std::string> choices;
  for (const auto& [mode, body] : profile.reasoning) {
    if (mode == Reasoning::Mode::budget) {
      const BudgetRange& range = profile.reasoning_budget;
      choices.push_back(range == BudgetRange()
                            ? "budget:TOKENS"
                            : fmt::format("budget:{}-{}", range.least, range.most));
    } else {
      choices.emplace_back(to_string(mode));
    }
  }
  return join(choices, ", ");
}

Result<void> check_params(const ModelProfile& profile, const GenerationParams& params) {
  const auto check = [&](bool given, std::string_view param) -> Result<void> {
    if (!given || !profile.refuses_param(param, params.reasoning)) return {};
    const bool always = profile.refuses_param(param, Reasoning{.mode = Reasoning::Mode::off});
    const bool can_stop =
        !always && !params.reasoning && profile.reasoning.contains(Reasoning::Mode::off);
    return refused(profile, fmt::format("this model takes no {}{}; leave it out{}", param,
                                        always ? "" : " while it reasons",
                                        can_stop ? ", or give --reasoning off" : ""));
  };
  IIE_CHECK_OK(check(params.temperature.has_value(), "temperature"));
  IIE_CHECK_OK(check(params.top_p.has_value(), "top_p"));
  IIE_CHECK_OK(check(params.seed.has_value(), "seed"));
  if (!params.reasoning) return {};
  IIE_TRY(const std::string body, reasoning_body(profile, *params.reasoning));
  const bool counted = profile.dialect == Dialect::anthropic;  // thinking is part of its limit
  if (counted && params.reasoning->mode == Reasoning::Mode::budget && params.max_tokens &&
      *params.max_tokens <= params.reasoning->budget) {
    return refused(profile, fmt::format("the reasoning budget {} is part of the token limit, which "
                                        "must be larger than it; it is {}",
                                        params.reasoning->budget, *params.max_tokens));
  }
  return {};
}

Result<std::string> reasoning_body(const ModelProfile& profile, const Reasoning& reasoning) {
  const auto found = profile.reasoning.find(reasoning.mode);
  if (found == profile.reasoning.end()) {
    const std::string choices = reasoning_choices(profile);
    return refused(
        profile,
        fmt::format("reasoning '{}' cannot be expressed for this model at this endpoint ({})",
                    to_string(reasoning),
                    choices.empty()
                        ? std::string("its profile maps none for it: where the server has a "
                                      "profile of its own, name that one; else write one for "
                                      "--providers")
                        : "it takes " + choices));
  }
  std::string body = found->second;
  if (reasoning.mode != Reasoning::Mode::budget) return body;
  const BudgetRange& range = profile.reasoning_budget;
  if (reasoning.budget < range.least || reasoning.budget > range.most) {
    return refused(profile, fmt::format("a reasoning budget of {} tokens is out of its range, {} "
                                        "to {}",
                                        reasoning.budget, range.least, range.most));
  }
  const std::string number = std::to_string(reasoning.budget);
  for (std::size_t at = body.find(kBudget); at != std::string::npos; at = body.find(kBudget, at)) {
    body.replace(at, kBudget.size(), number);
  }
  return body;
}

}  // namespace iie
