#include "provider/profile_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/embedded.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"
#include "base/yaml.h"
#include "provider/base_url.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::string_view kFile = "providers.yaml";
// Aliases let a page of YAML stand for more than any memory holds.
constexpr int kMostNodes = 100'000;
constexpr std::size_t kDeepest = 16;

constexpr std::array<std::string_view, 3> kParams = {"temperature", "top_p", "seed"};

// What went wrong first; reading goes on with defaults, so that readers list their fields without
// an `if` between them.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void reject(const YamlNode& at, std::string_view key, std::string_view what) {
    if (error_) return;
    std::string where = file_;
    if (at.line() > 0) where += fmt::format(":{}:{}", at.line(), at.column());
    error_ = Error{ErrorKind::bad_input,
                   fmt::format("{}: {}{}{}", where, key, key.empty() ? "" : ": ", what)};
  }
  bool ok() const { return !error_; }
  Result<void> result() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }
  // Counts a node; false once there are too many.
  bool count(const YamlNode& at) {
    if (++nodes_ > kMostNodes) reject(at, "", "too much for a providers' file");
    return ok();
  }

 private:
  std::string file_;
  std::optional<Error> error_;
  int nodes_ = 0;
};

// The members of a mapping, each asked for by name; what was not asked for is an error.
class Fields {
 public:
  Fields(Reader& reader, const YamlNode& node, std::string where)
      : reader_(reader), where_(std::move(where)) {
    if (!node.is_map()) {
      reader.reject(node, where_, "expected a mapping");
      return;
    }
    for (const YamlMember& member : node.members()) {
      if (!reader.count(member.key)) return;
      if (!member.key.is_scalar()) {
        reader.reject(member.key, where_, "expected a name as key");
        return;
      }
      const std::string& key = member.key.text();
      if (std::ranges::find(members_, key, &Member::key) != members_.end()) {
        reader.reject(member.key, path(key), "is set twice");
        return;
      }
      members_.push_back({key, member.key, member.value});
    }
  }

  std::string path(std::string_view key) const {
    return where_.empty() ? one_line(key, 60) : where_ + "." + one_line(key, 60);
  }

  const YamlNode* find(std::string_view key) {
    known_.emplace_back(key);
    const auto found = std::ranges::find(members_, key, &Member::key);
    return found == members_.end() || found->value.is_null() ? nullptr : &found->value;
  }

  void reject(const YamlNode& at, std::string_view key, std::string_view what) {
    reader_.reject(at, path(key), what);
  }

  void text(std::string_view key, std::string& into) {
    if (const YamlNode* node = find(key)) into = scalar(*node, key);
  }
  void text(std::string_view key, std::optional<std::string>& into) {
    if (const YamlNode* node = find(key)) into = scalar(*node, key);
  }
  void flag(std::string_view key, std::optional<bool>& into) {
    const YamlNode* node = find(key);
    if (node == nullptr) return;
    const std::string value = scalar(*node, key);
    if (value != "true" && value != "false") return reject(*node, key, "expected true or false");
    into = value == "true";
  }
  void whole(std::string_view key, std::optional<std::int64_t>& into) {
    const YamlNode* node = find(key);
    if (node == nullptr) return;
    const std::string value = scalar(*node, key);
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc() || end != value.data() + value.size() || number < 1) {
      return reject(*node, key, "expected a whole number from 1");
    }
    into = number;
  }
  // A list, or one value.
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> values;
    const YamlNode* node = find(key);
    if (node == nullptr) return values;
    if (node->is_scalar()) return {scalar(*node, key)};
    if (!node->is_sequence()) {
      reject(*node, key, "expected a list");
      return values;
    }
    for (const YamlNode& element : node->elements()) {
      if (!reader_.count(element)) break;
      values.push_back(scalar(element, key));
    }
    return values;
  }

  void finish() {
    for (const Member& member : members_) {
      if (std::ranges::find(known_, member.key) == known_.end()) {
        reader_.reject(member.name, path(member.key),
                       "is no key that belongs here" + did_you_mean(member.key, known_));
        return;
      }
    }
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const Member& member : members_) keys.push_back(member.key);
    return keys;
  }

 private:
  struct Member {
    std::string key;
    YamlNode name;
    YamlNode value;
  };

  std::string scalar(const YamlNode& node, std::string_view key) {
    if (!node.is_scalar() || node.text().empty()) {
      reject(node, key, "expected a plain value");
      return {};
    }
    if (!is_valid_utf8(node.text())) {
      reject(node, key, "is not valid UTF-8");
      return {};
    }
    return node.text();
  }

  Reader& reader_;
  std::string where_;
  std::vector<Member> members_;
  std::vector<std::string> known_;
};

// Plain scalars by YAML's core schema: true, false, null and numbers as JSON writes them; quoted
// ones and all others are strings.
bj::value json_scalar(const YamlNode& node) {
  const std::string& text = node.text();
  if (node.is_quoted()) return bj::value(bj::string(text));
  if (text == "true" || text == "false") return bj::value(text == "true");
  if (text == "null" || text == "~") return bj::value(nullptr);
  if (!text.empty() && (is_ascii_digit(text.front()) || text.front() == '-')) {
    if (auto number = parse_json(text)) return *std::move(number);
  }
  return bj::value(bj::string(text));
}

bj::value json_of(Reader& reader, const YamlNode& node, const std::string& where,
                  std::size_t depth = 0) {
  if (!reader.count(node)) return nullptr;
  if (depth > kDeepest) {
    reader.reject(node, where, "is nested too deeply");
    return nullptr;
  }
  if (node.is_null()) return nullptr;
  if (node.is_scalar()) {
    if (!is_valid_utf8(node.text())) reader.reject(node, where, "is not valid UTF-8");
    return json_scalar(node);
  }
  if (node.is_sequence()) {
    bj::array array;
    for (const YamlNode& element : node.elements()) {
      array.push_back(json_of(reader, element, where, depth + 1));
      if (!reader.ok()) return nullptr;
    }
    return array;
  }
  bj::object object;
  for (const YamlMember& member : node.members()) {
    if (!member.key.is_scalar() || !is_valid_utf8(member.key.text())) {
      reader.reject(member.key, where, "expected a name as key");
      return nullptr;
    }
    const std::string& key = member.key.text();
    if (object.contains(key)) {
      reader.reject(member.key, where + "." + one_line(key, 60), "is set twice");
      return nullptr;
    }
    object.emplace(key, json_of(reader, member.value, where + "." + one_line(key, 60), depth + 1));
    if (!reader.ok()) return nullptr;
  }
  return object;
}

// A JSON object as text.
std::string read_object(Reader& reader, const YamlNode& node, const std::string& where) {
  if (!node.is_map()) {
    reader.reject(node, where, "expected a mapping");
    return "{}";
  }
  const bj::value value = json_of(reader, node, where);
  return value.is_object() ? to_json(value) : "{}";
}

bool is_identifier(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [&](char c) {
    return is_ascii_alnum(c) || more.find(c) != std::string_view::npos;
  });
}

void read_reasoning(Reader& reader, Fields& fields, ModelSettings& settings) {
  if (const YamlNode* node = fields.find("reasoning")) {
    Fields modes(reader, *node, fields.path("reasoning"));
    ReasoningMap map;
    for (const Reasoning::Mode mode :
         {Reasoning::Mode::off, Reasoning::Mode::low, Reasoning::Mode::medium,
          Reasoning::Mode::high, Reasoning::Mode::automatic, Reasoning::Mode::budget}) {
      const std::string_view name = to_string(mode);
      const YamlNode* body = modes.find(name);
      if (body == nullptr) continue;
      map[mode] = read_object(reader, *body, modes.path(name));
      if (mode == Reasoning::Mode::budget && map[mode].find("\"$budget\"") == std::string::npos) {
        modes.reject(*body, name, "holds no $budget, which stands for the number");
      }
    }
    modes.finish();
    settings.reasoning = std::move(map);
  }
  if (const YamlNode* node = fields.find("reasoning_budget")) {
    Fields range(reader, *node, fields.path("reasoning_budget"));
    std::optional<std::int64_t> least;
    std::optional<std::int64_t> most;
    range.whole("min", least);
    range.whole("max", most);
    range.finish();
    BudgetRange read;
    read.least = least.value_or(read.least);
    read.most = most.value_or(read.most);
    if (read.least > read.most) range.reject(*node, "min", "is larger than max");
    settings.reasoning_budget = read;
  }
}

void read_params(Fields& fields, std::string_view key,
                 std::optional<std::vector<std::string>>& into) {
  const YamlNode* node = fields.find(key);
  if (node == nullptr) return;
  into = fields.texts(key);
  for (const std::string& param : *into) {
    if (std::ranges::find(kParams, param) != kParams.end()) continue;
    fields.reject(
        *node, key,
        fmt::format("expected temperature, top_p or seed, got '{}'", one_line(param, 40)));
  }
}

ModelSettings read_settings(Reader& reader, Fields& fields) {
  ModelSettings settings;
  fields.text("max_tokens", settings.max_tokens);
  fields.text("system_role", settings.system_role);
  fields.flag("stream", settings.stream);
  fields.flag("stream_usage", settings.stream_usage);
  fields.flag("structured_output", settings.structured_output);
  fields.whole("default_max_tokens", settings.default_max_tokens);
  read_params(fields, "refuses", settings.refuses);
  read_params(fields, "refuses_while_reasoning", settings.refuses_while_reasoning);
  fields.flag("reasons_by_default", settings.reasons_by_default);
  if (settings.system_role && !is_identifier(*settings.system_role, "_-")) {
    fields.reject(*fields.find("system_role"), "system_role", "expected a role's name");
  }
  if (settings.max_tokens && !is_identifier(*settings.max_tokens, "_-")) {
    fields.reject(*fields.find("max_tokens"), "max_tokens", "expected a field's name");
  }
  read_reasoning(reader, fields, settings);
  if (const YamlNode* node = fields.find("body")) {
    settings.body = read_object(reader, *node, fields.path("body"));
  }
  return settings;
}

std::vector<ModelRule> read_rules(Reader& reader, const YamlNode& node, const std::string& where) {
  std::vector<ModelRule> rules;
  if (!node.is_sequence()) {
    reader.reject(node, where, "expected a list");
    return rules;
  }
  for (const YamlNode& element : node.elements()) {
    Fields fields(reader, element, fmt::format("{}[{}]", where, rules.size() + 1));
    ModelRule rule;
    rule.match = fields.texts("match");
    rule.settings = read_settings(reader, fields);
    fields.finish();
    if (rule.match.empty()) fields.reject(element, "match", "says which models");
    if (!reader.ok()) break;
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool is_env_name(std::string_view text) {
  return is_identifier(text, "_") && !is_ascii_digit(text.front());
}

// Names that carry keys: they come from the environment.
bool carries_key(std::string_view header) {
  const std::string name = ascii_lower(header);
  for (const std::string_view word : {"authorization", "key", "token", "cookie", "secret"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

void read_headers(Reader& reader, Fields& fields, Profile& profile) {
  const YamlNode* node = fields.find("headers");
  if (node == nullptr) return;
  Fields headers(reader, *node, fields.path("headers"));
  for (const std::string& name : headers.keys()) {
    const YamlNode* value = headers.find(name);
    if (value == nullptr) continue;
    if (!is_identifier(name, "-_")) {
      headers.reject(*value, name, "is no header's name");
    } else if (carries_key(name)) {
      headers.reject(*value, name,
                     "may carry a key: keys come from the environment (key_env, key_header)");
    }
    std::string text;
    headers.text(name, text);
    if (std::ranges::any_of(text, [](char c) {
          return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F;
        })) {
      headers.reject(*value, name, "holds a character that no header may");
    }
    profile.headers[name] = text;
  }
  headers.finish();
}

void read_identity(Fields& fields, Profile& profile) {
  fields.text("title", profile.title);
  if (const YamlNode* node = fields.find("dialect")) {
    const auto dialect = dialect_from(node->is_scalar() ? node->text() : "");
    if (dialect) {
      profile.dialect = *dialect;
    } else {
      fields.reject(*node, "dialect",
                    "expected openai_chat, openai_responses, anthropic or gemini");
    }
  }
  if (const YamlNode* node = fields.find("base_url")) {
    fields.text("base_url", profile.base_url);
    const auto url = canonical_base_url(profile.dialect, profile.base_url);
    if (!url) {
      fields.reject(*node, "base_url", url.error().message);
    } else if (profile.base_url.find_first_of("?#@") != std::string::npos) {
      fields.reject(*node, "base_url", "ends with its path, and holds no key, user or password");
    } else {
      profile.base_url = *url;
    }
  }
  if (const YamlNode* node = fields.find("base_url_env")) {
    fields.text("base_url_env", profile.base_url_env);
    if (!is_env_name(profile.base_url_env)) {
      fields.reject(*node, "base_url_env", "expected an environment variable's name");
    }
  }
  if (const YamlNode* node = fields.find("key_env")) {
    profile.key_env = fields.texts("key_env");
    for (const std::string& name : profile.key_env) {
      // The value may be a key by mistake: it is not repeated.
      if (!is_env_name(name)) {
        fields.reject(*node, "key_env", "expected environment variables' names");
      }
    }
  }
  if (const YamlNode* node = fields.find("key")) {
    const std::string value = node->is_scalar() ? node->text() : "";
    if (value != "required" && value != "optional") {
      fields.reject(*node, "key",
                    "expected required or optional; the key itself comes from the environment");
    }
    profile.key_required = value == "required";
  }
  if (const YamlNode* node = fields.find("key_header")) {
    fields.text("key_header", profile.key_header);
    if (!is_identifier(profile.key_header, "-_")) {
      fields.reject(*node, "key_header", "is no header's name");
    }
  }
}

Profile read_profile(Reader& reader, const YamlNode& node, const std::string& name,
                     const std::vector<Profile>& earlier) {
  Fields fields(reader, node, name);
  Profile profile;
  std::string like;
  fields.text("like", like);
  if (!like.empty()) {
    const auto found = std::ranges::find(earlier, like, &Profile::name);
    if (found == earlier.end()) {
      std::vector<std::string> names;
      for (const Profile& one : earlier) names.push_back(one.name);
      fields.reject(*fields.find("like"), "like",
                    fmt::format("there is no profile '{}' before this one{}", one_line(like, 40),
                                did_you_mean(like, names)));
    } else {
      profile = *found;
      // What describes that server's own address does not describe this one's.
      profile.elsewhere.clear();
      profile.user_hash.clear();
    }
  }
  profile.name = name;
  read_identity(fields, profile);
  if (const YamlNode* elsewhere = fields.find("elsewhere")) {
    fields.text("elsewhere", profile.elsewhere);
    if (std::ranges::find(earlier, profile.elsewhere, &Profile::name) == earlier.end()) {
      fields.reject(*elsewhere, "elsewhere", "names no profile before this one");
    }
  }
  read_headers(reader, fields, profile);
  ModelSettings settings = read_settings(reader, fields);
  settings.lay_over(profile.settings);
  profile.settings = std::move(settings);
  if (const YamlNode* models = fields.find("models")) {
    std::vector<ModelRule> rules = read_rules(reader, *models, fields.path("models"));
    profile.models.insert(profile.models.begin(), std::make_move_iterator(rules.begin()),
                          std::make_move_iterator(rules.end()));
  }
  fields.finish();
  if (like.empty() && fields.find("dialect") == nullptr && reader.ok()) {
    fields.reject(node, "dialect", "is missing (or 'like', which names a profile to start from)");
  }
  return profile;
}

bj::value write_settings(const ModelSettings& settings) {
  bj::object out;
  const auto put = [&](const char* key, const auto& value) {
    if (value) out.emplace(key, *value);
  };
  put("max_tokens", settings.max_tokens);
  put("system_role", settings.system_role);
  put("structured_output", settings.structured_output);
  put("default_max_tokens", settings.default_max_tokens);
  put("body", settings.body);
  if (settings.reasoning) {
    bj::object modes;
    for (const auto& [mode, body] : *settings.reasoning) modes.emplace(to_string(mode), body);
    out.emplace("reasoning", std::move(modes));
  }
  return out;
}

// What of a profile determines results: not where its keys come from, nor whether it streams.
std::string hash_of(const Profile& profile) {
  bj::array models;
  for (const ModelRule& rule : profile.models) {
    bj::array match;
    for (const std::string& pattern : rule.match) match.push_back(bj::string(pattern));
    models.push_back(
        bj::object{{"match", std::move(match)}, {"settings", write_settings(rule.settings)}});
  }
  bj::object headers;
  for (const auto& [name, value] : profile.headers) headers.emplace(name, value);
  const bj::object all{{"dialect", to_string(profile.dialect)},
                       {"headers", std::move(headers)},
                       {"settings", write_settings(profile.settings)},
                       {"models", std::move(models)}};
  return sha256_hex(to_canonical_json(all));
}

Result<Profiles> read_file_node(const YamlNode& root, const std::string& name,
                                const std::vector<Profile>& base, bool users) {
  Reader reader(name);
  std::vector<Profile> profiles = base;
  if (root.is_null()) return Profiles(std::move(profiles));
  if (!root.is_map()) {
    reader.reject(root, "", "expected a mapping from profiles' names to what they are");
    IIE_CHECK_OK(reader.result());
  }
  std::set<std::string> seen;
  for (const YamlMember& member : root.members()) {
    if (!member.key.is_scalar() || !is_identifier(member.key.text(), "-_.") ||
        ascii_lower(member.key.text()) != member.key.text()) {
      reader.reject(member.key, "",
                    "expected a profile's name: lower-case letters, digits, '-', '_' and '.'");
      break;
    }
    const std::string& key = member.key.text();
    if (key == "replay" || key == "rules" || key == "auto") {
      reader.reject(member.key, key, "is not free as a profile's name");
    }
    if (!seen.insert(key).second) reader.reject(member.key, key, "is set twice");
    if (!reader.ok()) break;
    Profile profile = read_profile(reader, member.value, key, profiles);
    if (!reader.ok()) break;
    if (users) profile.user_hash = hash_of(profile);
    std::erase_if(profiles, [&](const Profile& one) { return one.name == key; });
    profiles.push_back(std::move(profile));
  }
  IIE_CHECK_OK(reader.result());
  return Profiles(std::move(profiles));
}

}  // namespace

Result<Profiles> parse_profiles(std::string_view yaml, const std::string& name,
                                const std::vector<Profile>& base, bool users) {
  if (yaml.size() > kLargestProfiles) {
    return fail(ErrorKind::bad_input, name + ": too large for a providers' file");
  }
  const auto root = parse_yaml(yaml);
  if (!root) {
    const auto& [line, column, message] = root.error();
    std::string where = name;
    if (line > 0) where += fmt::format(":{}:{}", line, column);
    return fail(ErrorKind::bad_input, fmt::format("{}: {}", where, one_line(message, 200)));
  }
  return read_file_node(*root, name, base, users);
}

Result<Profiles> load_profiles(const std::string& file) {
  const Profiles& builtin = Profiles::builtin();
  if (file.empty()) return builtin;
  IIE_TRY(const std::string text, read_file(file));
  return parse_profiles(text, file, builtin.all(), /*users=*/true);
}

const Profiles& Profiles::builtin() {
  static const Profiles kProfiles = [] {
    auto parsed = parse_profiles(embedded_file(kFile).value_or(""), std::string(kFile), {},
                                 /*users=*/false);
    if (!parsed) {  // a fault of the build, which the tests find
      std::fprintf(stderr, "%s\n", parsed.error().message.c_str());
      std::abort();
    }
    return *std::move(parsed);
  }();
  return kProfiles;
}

}  // namespace iie
