#include "provider/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "base/file.h"
#include "base/json.h"
#include "provider/http_model.h"
#include "provider/profile_file.h"

namespace iie {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ModelProfile profile_of(const std::string& name, const std::string& model,
                        const std::string& base_url = "") {
  const auto profile = Profiles::builtin().resolve(name, base_url, model);
  if (!profile) {
    ADD_FAILURE() << profile.error().message;
    return {};
  }
  return *profile;
}

// The body that a level of reasoning adds, or the error's kind.
std::string reasoning_of(const std::string& name, const std::string& model, const char* reasoning) {
  const auto body = reasoning_body(profile_of(name, model), *reasoning_from(reasoning));
  return body ? *body : std::string(to_string(body.error().kind));
}

TEST(Profiles, EveryOneOfTheProgramsCanBeAskedForWhatItMaps) {
  const Profiles& profiles = Profiles::builtin();
  EXPECT_GE(profiles.all().size(), 18u);
  for (const Profile& profile : profiles.all()) {
    EXPECT_FALSE(profile.title.empty()) << profile.name;
    EXPECT_TRUE(profile.user_hash.empty());
    EXPECT_TRUE(!profile.key_required || !profile.key_env.empty()) << profile.name;
    std::vector<std::string> models = {"some-model"};
    for (const ModelRule& rule : profile.models) {
      models.insert(models.end(), rule.match.begin(), rule.match.end());
    }
    for (const std::string& model : models) {
      Endpoint endpoint{.name = "x", .base_url = "http://h/v1", .model = model};
      endpoint.profile = profile_of(profile.name, model, profile.base_url);
      for (const bool stream : {false, true}) {
        endpoint.stream = stream;
        for (const auto& [mode, body] : endpoint.profile.reasoning) {
          GenerateRequest request{.messages = {{Role::system, "s"}, {Role::user, "u"}}};
          request.params.max_tokens = 200'000;
          request.params.reasoning = Reasoning{mode, 8192};
          const auto http = encode_request(endpoint, request);
          ASSERT_TRUE(http) << profile.name << ' ' << model << ": " << http.error().message;
          const auto json = parse_json(http->body);
          ASSERT_TRUE(json) << http->body;
          EXPECT_EQ(http->body.find("$budget"), std::string::npos);
          EXPECT_EQ(mode == Reasoning::Mode::budget, http->body.find("8192") != std::string::npos);
        }
      }
    }
  }
}

std::string providers_doc() {
  return read_file(std::string(IIE_SOURCE_DIR) + "/doc/providers.md").value_or("");
}

TEST(Profiles, TheDocumentNamesEveryOneAsItIs) {
  const std::string doc = providers_doc();
  for (const Profile& profile : Profiles::builtin().all()) {
    const std::size_t at = doc.find("\n| `" + profile.name + "`");
    ASSERT_NE(at, std::string::npos) << profile.name;
    const std::string row = doc.substr(at + 1, doc.find('\n', at + 1) - at - 1);
    EXPECT_THAT(row, HasSubstr("`" + std::string(to_string(profile.dialect)) + "`"));
    EXPECT_THAT(row, HasSubstr(profile.base_url));
    EXPECT_THAT(row, HasSubstr("`" + profile.base_url_env + "`"));
    for (const std::string& name : profile.key_env) EXPECT_THAT(row, HasSubstr("`" + name + "`"));
    const bool stream = profile_of(profile.name, "some-model").stream;
    EXPECT_THAT(row, testing::EndsWith(stream ? "| yes |" : "| no |"));
  }
}

TEST(Profiles, TheDocumentsExampleIsOne) {
  const std::string doc = providers_doc();
  const std::size_t begin = doc.find("```yaml\n") + 8;
  const auto profiles = parse_profiles(doc.substr(begin, doc.find("```", begin) - begin), "doc",
                                       Profiles::builtin().all(), /*users=*/true);
  ASSERT_TRUE(profiles) << profiles.error().message;
  const auto model = profiles->resolve("house", "", "deepseek-v3.1");
  ASSERT_TRUE(model);
  EXPECT_THAT(model->reasoning.at(Reasoning::Mode::off), HasSubstr("thinking"));
}

TEST(Profiles, ReasoningByVendor) {
  EXPECT_EQ(reasoning_of("openai", "o3-mini", "high"), R"({"reasoning_effort":"high"})");
  EXPECT_EQ(reasoning_of("openai", "o3-mini", "off"), "usage");
  EXPECT_EQ(reasoning_of("openai", "gpt-5.4", "off"), R"({"reasoning_effort":"none"})");
  EXPECT_EQ(reasoning_of("openai", "gpt-4.1", "off"), "{}");
  EXPECT_EQ(reasoning_of("openai", "gpt-4.1", "low"), "usage");
  EXPECT_EQ(reasoning_of("openai", "gpt-5.4", "budget:100"), "usage");
  EXPECT_EQ(reasoning_of("openai-responses", "o3", "low"), R"({"reasoning":{"effort":"low"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-sonnet-4-5-20250929", "budget:2048"),
            R"({"thinking":{"type":"enabled","budget_tokens":2048}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-sonnet-4-5", "budget:1000"), "usage");
  EXPECT_EQ(reasoning_of("openai", "gpt-6.1-sol", "off"), "usage");
  EXPECT_EQ(reasoning_of("openai", "gpt-6-luna", "off"), R"({"reasoning_effort":"none"})");
  EXPECT_EQ(reasoning_of("openai-responses", "gpt-5.4-pro", "low"), "usage");
  EXPECT_EQ(reasoning_of("anthropic", "claude-opus-4-8", "low"),
            R"({"thinking":{"type":"adaptive","display":"summarized"},)"
            R"("output_config":{"effort":"low"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-opus-4-6", "auto"),
            R"({"thinking":{"type":"adaptive"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-sonnet-5-5", "off"),
            R"({"thinking":{"type":"between_tools"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-haiku-5-5", "off"),
            R"({"thinking":{"type":"disabled"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-mythos-5-2", "off"), "usage");
  EXPECT_EQ(reasoning_of("anthropic", "claude-opus-5", "off"),
            R"({"thinking":{"type":"disabled"}})");
  EXPECT_EQ(reasoning_of("anthropic", "claude-opus-5-5", "off"), "usage");
  EXPECT_EQ(reasoning_of("gemini", "gemini-2.5-flash", "off"),
            R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}})");
  EXPECT_EQ(reasoning_of("gemini", "gemini-2.5-pro", "off"), "usage");
  EXPECT_THAT(reasoning_of("gemini", "gemini-3-flash", "medium"), HasSubstr(R"("medium")"));
  EXPECT_EQ(reasoning_of("deepseek", "deepseek-chat", "medium"), "usage");
  EXPECT_EQ(reasoning_of("qwen", "qwen3-max", "budget:100"),
            R"({"enable_thinking":true,"thinking_budget":100})");
  EXPECT_EQ(reasoning_of("qwen", "qwen3.8-max", "medium"),
            R"({"enable_thinking":true,"reasoning_effort":"medium"})");
  EXPECT_EQ(reasoning_of("qwen", "qwen3.8-max", "high"), "usage");  // it is called xhigh there
  EXPECT_EQ(reasoning_of("glm", "glm-4.6", "off"), R"({"thinking":{"type":"disabled"}})");
  EXPECT_EQ(reasoning_of("zai", "glm-5.3-flash", "off"), "usage");
  EXPECT_EQ(reasoning_of("zai", "glm-5.3", "high"),
            R"({"thinking":{"type":"enabled"},"reasoning_effort":"high"})");
  EXPECT_EQ(reasoning_of("kimi", "kimi-k3.1-pro", "low"), R"({"reasoning_effort":"low"})");
  EXPECT_EQ(reasoning_of("mistral", "mistral-small-latest", "off"),
            R"({"reasoning_effort":"none"})");
  EXPECT_EQ(reasoning_of("xai", "grok-4.3", "off"), R"({"reasoning_effort":"none"})");
  EXPECT_EQ(reasoning_of("xai", "grok-4.7", "off"), "usage");
  EXPECT_EQ(reasoning_of("vllm", "Qwen/Qwen3-8B", "off"),
            R"({"chat_template_kwargs":{"enable_thinking":false,"thinking":false}})");
  EXPECT_EQ(reasoning_of("sglang", "openai/gpt-oss-20b", "low"), R"({"reasoning_effort":"low"})");
  EXPECT_EQ(reasoning_of("compatible", "m", "off"), "usage");
}

TEST(Profiles, TheErrorNamesWhatCanBeExpressed) {
  const auto error = [](const char* name, const char* model, const char* reasoning) {
    const auto body = reasoning_body(profile_of(name, model), *reasoning_from(reasoning));
    return body ? std::string() : body.error().message;
  };
  EXPECT_THAT(error("anthropic", "claude-haiku-4-5", "high"),
              AllOf(HasSubstr("anthropic:claude-haiku-4-5"), HasSubstr("'high'"),
                    HasSubstr("off, budget:1024-63999")));
  EXPECT_THAT(error("xai", "grok", "high"), HasSubstr("--providers"));
  EXPECT_THAT(error("gemini", "gemini-2.5-pro", "budget:1"), HasSubstr("128 to 32768"));
}

TEST(Profiles, ParametersThatAModelRefusesAreErrors) {
  const auto kind = [](const char* name, const char* model, const GenerationParams& params) {
    const auto checked = check_params(profile_of(name, model), params);
    return checked ? std::string("ok") : checked.error().message;
  };
  EXPECT_EQ(kind("openai", "gpt-4.1", {.temperature = 0}), "ok");
  EXPECT_THAT(kind("openai", "o3", {.temperature = 0}), HasSubstr("takes no temperature;"));
  EXPECT_THAT(kind("anthropic", "claude-sonnet-5", {.top_p = 1}), HasSubstr("top_p"));
  EXPECT_THAT(kind("anthropic", "claude-3-5-haiku", {.seed = 1}), HasSubstr("seed"));
  EXPECT_THAT(kind("gemini", "gemini-3.8-flash", {.temperature = 0}), HasSubstr("temperature"));
  EXPECT_EQ(kind("gemini", "gemini-3.1-pro-preview", {.temperature = 0}), "ok");
  GenerationParams thinking{.temperature = 0};
  EXPECT_EQ(kind("anthropic", "claude-sonnet-4-5", thinking), "ok");
  thinking.reasoning = reasoning_from("budget:2048");
  EXPECT_THAT(kind("anthropic", "claude-sonnet-4-5", thinking), HasSubstr("while it reasons"));
  thinking.reasoning = reasoning_from("off");
  EXPECT_EQ(kind("anthropic", "claude-sonnet-4-5", thinking), "ok");
}

TEST(Profiles, AModelThatReasonsOfItselfTakesNoTemperatureUnlessToldNotTo) {
  const auto kind = [](const char* name, const char* model, const char* reasoning) {
    GenerationParams params{.temperature = 0};
    if (*reasoning != '\0') params.reasoning = reasoning_from(reasoning);
    const auto checked = check_params(profile_of(name, model), params);
    return checked ? std::string("ok") : checked.error().message;
  };
  for (const char* model : {"gpt-5.6-sol", "gpt-6-luna"}) {
    EXPECT_THAT(kind("openai", model, ""),
                HasSubstr("while it reasons; leave it out, or give --reasoning off"));
    EXPECT_EQ(kind("openai", model, "off"), "ok");
    EXPECT_THAT(kind("openai", model, "low"), HasSubstr("while it reasons; leave it out"));
  }
  EXPECT_THAT(kind("openai", "gpt-6-astra", ""), Not(HasSubstr("--reasoning off")));
  for (const char* model : {"gpt-5.1", "gpt-5.4-mini", "gpt-4o"}) {
    EXPECT_EQ(kind("openai", model, ""), "ok") << model;
  }
  EXPECT_THAT(kind("openai", "gpt-5.4-mini", "low"), HasSubstr("while it reasons"));
  EXPECT_THAT(kind("deepseek", "deepseek-v4-pro", ""), HasSubstr("while it reasons"));
  EXPECT_EQ(kind("deepseek", "deepseek-v4-pro", "off"), "ok");
}

TEST(Profiles, OpenAisNameElsewhereIsAServerOfItsOwnKind) {
  EXPECT_EQ(profile_of("openai", "m", "https://api.openai.com/v1").max_tokens,
            "max_completion_tokens");
  const ModelProfile elsewhere = profile_of("openai", "o3", "http://localhost:8000/v1");
  EXPECT_EQ(elsewhere.max_tokens, "max_tokens");
  EXPECT_FALSE(elsewhere.structured_output);
  EXPECT_FALSE(elsewhere.refuses_param("temperature", std::nullopt));
  EXPECT_EQ(elsewhere.name, "openai:o3");
  EXPECT_FALSE(Profiles::builtin().resolve("nowhere", "", "m"));
}

TEST(Profiles, PatternsMatchWholeNamesWithoutCase) {
  EXPECT_TRUE(matches_model("gpt-4*", "GPT-4.1"));
  EXPECT_TRUE(matches_model("*gpt-oss*", "openai/gpt-oss-20b"));
  EXPECT_TRUE(matches_model("*", ""));
  EXPECT_TRUE(matches_model("a*b*c", "aXbbYc"));
  EXPECT_FALSE(matches_model("gpt-5", "gpt-5.1"));
  EXPECT_FALSE(matches_model("a*b", "ab_"));
  EXPECT_FALSE(matches_model("", "x"));
  // No pattern takes more than the product of the lengths.
  EXPECT_FALSE(matches_model("*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

// ---- Files ----

constexpr const char* kHouse = R"(
house:
  like: vllm
  base_url: http://gpu1:8000/v1/
  key_env: HOUSE_KEY
  key_header: api-key
  headers: {x-team: eval}
  body: {top_k: 20, mode: "7", nested: {list: [1, 2.5, true, null, x]}}
  stream: true
  models:
    - match: glm-*
      reasoning: {off: {thinking: {type: disabled}}}
)";

Result<Profiles> parse(std::string_view yaml) {
  return parse_profiles(yaml, "p.yaml", Profiles::builtin().all(), /*users=*/true);
}

TEST(ProfileFile, AUsersProfileStartsFromAnother) {
  const auto profiles = parse(kHouse);
  ASSERT_TRUE(profiles) << profiles.error().message;
  const Profile* house = profiles->find("house");
  ASSERT_TRUE(house);
  EXPECT_EQ(house->base_url, "http://gpu1:8000/v1");
  EXPECT_EQ(house->key_env, std::vector<std::string>{"HOUSE_KEY"});
  EXPECT_EQ(house->user_hash.size(), 64u);
  const auto model = profiles->resolve("house", house->base_url, "m");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->body, R"({"top_k":20,"mode":"7","nested":{"list":[1,2.5,true,null,"x"]}})");
  EXPECT_TRUE(model->stream);
  EXPECT_TRUE(model->reasoning.contains(Reasoning::Mode::automatic));  // vllm's
  const auto glm = profiles->resolve("house", house->base_url, "glm-5");
  EXPECT_EQ(glm->reasoning.size(), 1u);
  EXPECT_EQ(glm->body, model->body);
  const auto oss = profiles->resolve("house", house->base_url, "gpt-oss-20b");
  EXPECT_TRUE(oss->reasoning.contains(Reasoning::Mode::low));  // vllm's rule
  EXPECT_EQ(oss->body, model->body);
}

TEST(ProfileFile, TheHashIsOfWhatDeterminesResults) {
  const auto hash = [](std::string yaml, std::string_view from = "", std::string_view to = "") {
    if (!from.empty()) yaml.replace(yaml.find(from), from.size(), to);
    const auto profiles = parse(yaml);
    if (!profiles) return profiles.error().message;
    return profiles->find("house")->user_hash;
  };
  EXPECT_EQ(hash(kHouse), hash(kHouse, "HOUSE_KEY", "OTHER_KEY"));
  EXPECT_EQ(hash(kHouse), hash(kHouse, "gpu1", "gpu2"));  // the endpoint is in the spec itself
  EXPECT_NE(hash(kHouse), hash(kHouse, "top_k: 20", "top_k: 21"));
  EXPECT_NE(hash(kHouse), hash(kHouse, "disabled", "enabled"));
  EXPECT_NE(hash(kHouse), hash(kHouse, "like: vllm", "like: ollama"));
}

TEST(ProfileFile, AProfileMayReplaceTheOneThatItIsLike) {
  const auto profiles = parse("openai: {like: openai, body: {service_tier: flex}}\n");
  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(profiles->all().size(), Profiles::builtin().all().size());
  const auto model = profiles->resolve("openai", "https://api.openai.com/v1", "o3");
  EXPECT_EQ(model->body, R"({"service_tier":"flex"})");
  EXPECT_EQ(model->system_role, "developer");
}

TEST(ProfileFile, ErrorsNameFileLineAndKey) {
  const auto message = [](std::string_view yaml) {
    const auto profiles = parse(yaml);
    if (profiles) return std::string("read");
    EXPECT_EQ(profiles.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(profiles.error().message.find('\n'), std::string::npos);
    return profiles.error().message;
  };
  EXPECT_EQ(message(""), "read");
  EXPECT_THAT(message("- a\n"), HasSubstr("p.yaml:1:1: "));
  EXPECT_THAT(message("x: {}\n"), HasSubstr("x.dialect: is missing"));
  EXPECT_THAT(message("x: y\n"), HasSubstr("p.yaml:1:4: x: expected a mapping"));
  EXPECT_THAT(message("x:\n  like: vllmm\n"),
              HasSubstr("p.yaml:2:9: x.like: there is no profile 'vllmm' before this one; did you "
                        "mean 'vllm'?"));
  EXPECT_THAT(message("x:\n  like: vllm\n  baseurl: u\n"),
              HasSubstr("p.yaml:3:3: x.baseurl: is no key that belongs here; did you mean "
                        "'base_url'?"));
  EXPECT_THAT(message("x:\n  like: vllm\n  stream: yes\n"),
              HasSubstr("p.yaml:3:11: x.stream: expected true or false"));
  EXPECT_THAT(message("x: {like: vllm, like: ollama}\n"), HasSubstr("x.like: is set twice"));
  EXPECT_THAT(message("x: {like: vllm}\nx: {like: vllm}\n"), HasSubstr("p.yaml:2:1: x: is set"));
  EXPECT_THAT(message("X: {like: vllm}\n"), HasSubstr("lower-case"));
  EXPECT_THAT(message("replay: {like: vllm}\n"), HasSubstr("not free"));
  EXPECT_THAT(message("x: {dialect: soap}\n"), HasSubstr("x.dialect: expected openai_chat"));
  EXPECT_THAT(message("x: {like: vllm, base_url: 'h:1/v1'}\n"), HasSubstr("x.base_url: "));
  EXPECT_THAT(message("x: {like: vllm, base_url: 'http://u:p@h'}\n"), HasSubstr("x.base_url: "));
  EXPECT_THAT(message("x: {like: vllm, refuses: [top_k]}\n"), HasSubstr("'top_k'"));
  EXPECT_THAT(message("x: {like: vllm, reasoning: {loud: {}}}\n"),
              HasSubstr("x.reasoning.loud: is no key"));
  EXPECT_THAT(message("x: {like: vllm, reasoning: {budget: {a: 1}}}\n"), HasSubstr("$budget"));
  EXPECT_THAT(message("x: {like: vllm, reasoning_budget: {min: 9, max: 1}}\n"),
              HasSubstr("x.reasoning_budget.min"));
  EXPECT_THAT(message("x: {like: vllm, default_max_tokens: 0}\n"), HasSubstr("whole number"));
  EXPECT_THAT(message("x: {like: vllm, models: [{stream: true}]}\n"),
              HasSubstr("x.models[1].match: says which models"));
  EXPECT_THAT(message("x: {like: vllm, body: [1]}\n"), HasSubstr("x.body: expected a mapping"));
  EXPECT_THAT(message("x: {like: vllm, body: {a: 1, a: 2}}\n"), HasSubstr("x.body.a: is set"));
  EXPECT_THAT(message("x: [\n"), HasSubstr("p.yaml:"));
  EXPECT_THAT(message(std::string(2u << 20, ' ')), HasSubstr("too large"));
}

TEST(ProfileFile, KeysComeFromTheEnvironmentOnly) {
  const auto message = [](std::string_view yaml) {
    const auto profiles = parse(yaml);
    return profiles ? std::string("read") : profiles.error().message;
  };
  for (const char* header : {"Authorization", "x-api-key", "Cookie", "x-auth-token"}) {
    EXPECT_THAT(
        message("x: {like: vllm, headers: {" + std::string(header) + ": sk-canary-1}}\n"),
        AllOf(HasSubstr("keys come from the environment"), testing::Not(HasSubstr("canary"))));
  }
  EXPECT_THAT(message("x: {like: vllm, key: sk-canary-1}\n"), testing::Not(HasSubstr("canary")));
  EXPECT_THAT(message("x: {like: vllm, key_env: sk-canary-1}\n"),
              testing::Not(HasSubstr("canary")));
  EXPECT_THAT(message("x: {like: vllm, headers: {x-a: \"b\\r\\nc: d\"}}\n"),
              HasSubstr("character that no header may"));
}

TEST(ProfileFile, AliasesThatGrowWithoutBoundAreRefused) {
  std::string yaml = "x:\n  like: vllm\n  body:\n    a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "    a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) yaml += ", " + before;
    yaml += "]\n";
  }
  const auto profiles = parse(yaml);
  ASSERT_FALSE(profiles);
  EXPECT_THAT(profiles.error().message, HasSubstr("too much"));
}

}  // namespace
}  // namespace iie
