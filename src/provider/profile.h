// What an endpoint is like: its dialect, its base URL and key, and where it differs from others of
// the same dialect. Profiles are data: data/providers.yaml holds the program's own, and --providers
// adds the user's (doc/providers.md has the format; provider/profile_file.h reads it).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/run.h"

namespace iie {

enum class Dialect { openai_chat, openai_responses, anthropic, gemini };
std::string_view to_string(Dialect dialect);
std::optional<Dialect> dialect_from(std::string_view name);

// What a level of reasoning becomes: a JSON object that is merged into the request. In a budget's,
// the string "$budget" stands for the number. By level.
using ReasoningMap = std::map<Reasoning::Mode, std::string>;

struct BudgetRange {
  std::int64_t least = 1;
  std::int64_t most = 1'000'000'000;
  bool operator==(const BudgetRange&) const = default;
};

// What may differ from model to model. Absent: the layer below decides (a model's rule lies over
// its profile, which lies over the profile that it is like).
struct ModelSettings {
  std::optional<std::string> max_tokens;   // chat: the field that limits the answer's tokens
  std::optional<std::string> system_role;  // chat, responses: "system" or "developer"
  std::optional<bool> stream;              // unless --stream or --no-stream says
  std::optional<bool> stream_usage;        // chat: counts tokens in a stream where asked to
  std::optional<bool> structured_output;   // takes a JSON schema
  std::optional<std::int64_t> default_max_tokens;   // for dialects that insist on a limit
  std::optional<std::vector<std::string>> refuses;  // of "temperature", "top_p", "seed"
  // The same while the model reasons: asked to, "off" aside, or of itself.
  std::optional<std::vector<std::string>> refuses_while_reasoning;
  std::optional<bool> reasons_by_default;  // where nothing is said of reasoning
  std::optional<ReasoningMap> reasoning;
  std::optional<BudgetRange> reasoning_budget;
  std::optional<std::string> body;  // a JSON object that is merged into every request

  void lay_over(const ModelSettings& below);
  bool operator==(const ModelSettings&) const = default;
};

struct ModelRule {
  std::vector<std::string> match;  // names; '*' stands for any characters. Case does not count
  ModelSettings settings;
  bool operator==(const ModelRule&) const = default;
};

struct Profile {
  std::string name;
  std::string title;
  Dialect dialect = Dialect::openai_chat;
  std::string base_url;  // empty: --base-url or the environment must say
  std::string base_url_env;
  std::vector<std::string> key_env;
  bool key_required = false;
  std::string key_header;  // empty: the dialect's own
  std::map<std::string, std::string> headers;
  // The profile that describes the server where the base URL is not this one's own.
  std::string elsewhere;
  ModelSettings settings;
  std::vector<ModelRule> models;  // the first that matches counts
  // SHA-256 of what a user's file says of it, what it is like included; empty for the program's
  // own.
  std::string user_hash;

  bool operator==(const Profile&) const = default;
};

// A profile as it applies to one model at one endpoint: all that a codec needs.
struct ModelProfile {
  std::string name = "openai";
  Dialect dialect = Dialect::openai_chat;
  std::string key_header;
  std::map<std::string, std::string> headers;
  std::string max_tokens = "max_tokens";
  std::string system_role = "system";
  bool stream = false;
  bool stream_usage = true;
  bool structured_output = true;
  std::optional<std::int64_t> default_max_tokens;
  std::vector<std::string> refuses;
  std::vector<std::string> refuses_while_reasoning;
  bool reasons_by_default = false;
  ReasoningMap reasoning;
  BudgetRange reasoning_budget;
  std::string body;

  // Whether the model takes no "temperature", "top_p" or "seed", with that reasoning asked for.
  bool refuses_param(std::string_view param, const std::optional<Reasoning>& reasoning) const;
};

class Profiles {
 public:
  // The program's own (data/providers.yaml). They live as long as the process.
  static const Profiles& builtin();

  explicit Profiles(std::vector<Profile> profiles) : profiles_(std::move(profiles)) {}

  const std::vector<Profile>& all() const { return profiles_; }
  // Null where there is none of that name.
  const Profile* find(std::string_view name) const;
  std::vector<std::string> names() const;

  // `base_url` as request_url() and stores know it (see provider/base_url.h). not_found for a
  // profile that is not there.
  Result<ModelProfile> resolve(std::string_view name, std::string_view base_url,
                               std::string_view model) const;

 private:
  std::vector<Profile> profiles_;
};

// Whether `name` matches a rule's pattern.
bool matches_model(std::string_view pattern, std::string_view name);

// usage where `params` ask for what this model cannot be asked: a parameter that it refuses, or a
// reasoning that its profile does not map. The message names what it takes. Asked before a run, so
// that nothing is silently left out of a request.
Result<void> check_params(const ModelProfile& profile, const GenerationParams& params);

// The levels that a profile maps, for messages and lists: "off, low, budget:1024-32000".
std::string reasoning_choices(const ModelProfile& profile);

// The JSON object that the level of reasoning and the profile's body add to a request; "" for
// nothing. usage as check_params.
Result<std::string> reasoning_body(const ModelProfile& profile, const Reasoning& reasoning);

}  // namespace iie
