#include <gtest/gtest.h>

#include "cli/config.h"
#include "cli/endpoints.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "cli/progress_line.h"
#include "support/process.h"

namespace iie {
namespace {

using std::chrono::milliseconds;

TEST(Environment, ReadsDotEnvAsShellsDo) {
  const auto environment = Environment::parse(
      "\xEF\xBB\xBF# keys\nexport IIE_T_A=\"quoted # not a comment\"\r\nIIE_T_B = plain # comment\n"
      "IIE_T_C='single'\nIIE_T_D=\n\nIIE_T_E=a=b\n",
      ".env");
  ASSERT_TRUE(environment.has_value());
  EXPECT_EQ(environment->get("IIE_T_A"), "quoted # not a comment");
  EXPECT_EQ(environment->get("IIE_T_B"), "plain");
  EXPECT_EQ(environment->get("IIE_T_C"), "single");
  EXPECT_EQ(environment->get("IIE_T_D"), std::nullopt);
  EXPECT_EQ(environment->get("IIE_T_E"), "a=b");
}

TEST(Environment, NamesTheLineAndNotItsContent) {
  const auto environment = Environment::parse("A=1\nsk-secret-without-a-name\n", ".env");
  ASSERT_FALSE(environment.has_value());
  EXPECT_EQ(environment.error().message, ".env:2: expected NAME=VALUE");
}

TEST(Environment, TheProcessWinsOverTheFile) {
  ::setenv("IIE_T_WINS", "process", 1);
  const auto environment = Environment::parse("IIE_T_WINS=file\n", ".env");
  EXPECT_EQ(environment->get("IIE_T_WINS"), "process");
  ::unsetenv("IIE_T_WINS");
}

TEST(Config, ReadsScalarsAndListsUnderFlagNames) {
  const auto entries = parse_config("max_tokens: 5\ntypes: [CC, 'DIA']\nseed:\n", "c.yaml");
  ASSERT_TRUE(entries.has_value()) << entries.error().message;
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].key, "max-tokens");
  EXPECT_EQ((*entries)[1].values, (std::vector<std::string>{"CC", "DIA"}));
  EXPECT_EQ((*entries)[1].line, 2u);
}

TEST(Config, RefusesNestingAndNamesThePlace) {
  EXPECT_EQ(parse_config("model:\n  name: x\n", "c.yaml").error().message.substr(0, 9),
            "c.yaml:2:");
  EXPECT_TRUE(parse_config("", "c.yaml")->empty());
}

Result<Target> target_of(const std::string& profile, const std::string& base_url,
                         const Environment& environment, KeyUse use = KeyUse::model) {
  return find_target(Profiles::builtin(), profile, "m", base_url, use, environment);
}

std::string base_url_of(const std::string& profile, const std::string& base_url,
                        const Environment& environment) {
  const auto target = target_of(profile, base_url, environment);
  return target ? target->base_url : std::string(to_string(target.error().kind));
}

TEST(Endpoints, AreNormalisedAndHoldNoCredentials) {
  const auto environment = Environment::parse("", ".env").value();
  for (const char* url : {"http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/chat/completions"}) {
    EXPECT_EQ(base_url_of("openai", url, environment), "http://h:1/v1") << url;
  }
  EXPECT_EQ(base_url_of("openai", "https://u:p@h/v1", environment), "usage");
  EXPECT_EQ(base_url_of("openai", "http://h/v1?api-key=x", environment), "usage");
  EXPECT_EQ(base_url_of("openai", "ftp://h/v1", environment), "usage");
  EXPECT_EQ(base_url_of("compatible", "", environment), "usage");  // nobody says where it is
  EXPECT_EQ(base_url_of("nowhere", "http://h", environment), "usage");
}

TEST(Endpoints, TheFlagGoesBeforeTheEnvironmentBeforeTheProfile) {
  const auto none = Environment::parse("", ".env").value();
  const auto set =
      Environment::parse("VLLM_BASE_URL=http://gpu:1/v1\nANTHROPIC_BASE_URL=http://a:2\n", ".env")
          .value();
  EXPECT_EQ(base_url_of("vllm", "", none), "http://localhost:8000/v1");
  EXPECT_EQ(base_url_of("vllm", "", set), "http://gpu:1/v1");
  EXPECT_EQ(base_url_of("vllm", "http://h:3/v1", set), "http://h:3/v1");
  EXPECT_EQ(base_url_of("anthropic", "", set),
            "http://a:2/v1");  // the vendor's form has no version
}

TEST(Endpoints, OnlyAVendorsOwnAddressNeedsItsKey) {
  const auto with =
      Environment::parse("OPENAI_API_KEY=sk-0123456789\nANTHROPIC_API_KEY=ak-0123456789\n", ".env")
          .value();
  const auto without = Environment::parse("", ".env").value();
  const auto key = [](const Result<Target>& target) {
    return target ? target->key.reveal() : std::string(to_string(target.error().kind));
  };
  EXPECT_EQ(key(target_of("openai", "https://api.openai.com/v1", without)), "auth");
  EXPECT_EQ(key(target_of("openai", "http://localhost:8000/v1", without)), "");
  EXPECT_EQ(key(target_of("openai", "https://api.openai.com/v1", with)), "sk-0123456789");
  EXPECT_EQ(key(target_of("anthropic", "", without)), "auth");
  EXPECT_EQ(key(target_of("anthropic", "", with)), "ak-0123456789");
  EXPECT_EQ(key(target_of("vllm", "", with)), "");  // no other vendor's key goes there
}

TEST(Endpoints, AJudgeMayHaveAKeyOfItsOwn) {
  const auto both =
      Environment::parse("OPENAI_API_KEY=sk-0123456789\nJUDGE_API_KEY=jk-0123456789\n", ".env")
          .value();
  EXPECT_EQ(target_of("openai", "", both, KeyUse::judge)->key.reveal(), "jk-0123456789");
  EXPECT_EQ(target_of("openai", "", both, KeyUse::model)->key.reveal(), "sk-0123456789");
}

TEST(Endpoints, ALimitThatAnEndpointInsistsOnIsPartOfTheRun) {
  const auto profile = Profiles::builtin().resolve("anthropic", "", "claude-sonnet-4-5");
  ASSERT_TRUE(profile);
  GenerationParams params;
  ASSERT_TRUE(settle_params(*profile, params));
  EXPECT_EQ(params.max_tokens, 32'000);
  params = {.reasoning = reasoning_from("budget:50000")};
  ASSERT_TRUE(settle_params(*profile, params));
  EXPECT_GT(*params.max_tokens, 50'000);
  params = {.max_tokens = 2000, .reasoning = reasoning_from("budget:4096")};
  const auto refused = settle_params(*profile, params);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
}

constexpr SteadyTime kNow{std::chrono::hours(1)};

TEST(ProgressLine, SaysMostImportantFirstAndFits) {
  Progress progress{.planned = 1000, .done = 250, .already_done = 50, .passed = 120, .unscored = 7};
  progress.candidate.in_flight = 64;
  progress.candidate.backing_off = 3;
  progress.input_tokens = 12'345;
  EXPECT_EQ(format_progress(progress, milliseconds(10'000), kNow, 0),
            "250/1000  20/s  ETA 38s  120 passed  7 unscored  64 in flight  3 waiting to retry  "
            "12.3k tokens");
  EXPECT_EQ(format_progress(progress, milliseconds(10'000), kNow, 40),
            "250/1000  20/s  ETA 38s  120 passed");
}

TEST(ProgressLine, GivesNoRateBeforeItKnowsOne) {
  const Progress progress{.planned = 10, .done = 0};
  EXPECT_EQ(format_progress(progress, milliseconds(100), kNow, 0), "0/10  0 passed  0 in flight");
}

// Working, waiting for the rate limit, retrying, down and silent are five things, and look it.
TEST(ProgressLine, TellsWhyLessIsGoingOn) {
  using namespace std::chrono_literals;
  CallerGauge working;
  working.in_flight = 60;
  working.held_back = 4;
  working.backing_off = 1;
  working.last_answer = kNow - 2s;
  EXPECT_EQ(format_state("model", working, kNow), "");
  CallerGauge held = working;
  held.in_flight = 0;
  held.backing_off = 0;
  held.held_until = kNow + 12s;
  EXPECT_EQ(format_state("model", held, kNow), "model rate limit, on in 12s");
  const WallTime noon{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) +
                      std::chrono::hours(12)};
  EXPECT_EQ(format_state("model", held, kNow, noon), "model rate limit, on in 12s");
  held.held_until = kNow + std::chrono::minutes(185);
  EXPECT_EQ(format_state("model", held, kNow, noon),
            "model rate limit, on in 3h 05m, at 15:05 UTC");
  held.held_until = kNow + std::chrono::seconds(12);
  CallerGauge retrying;
  retrying.in_flight = 2;
  retrying.backing_off = 7;
  EXPECT_EQ(format_state("judge", retrying, kNow), "judge retries 7 calls");
  CallerGauge down = retrying;
  down.outage_since = kNow - 45s;
  EXPECT_EQ(format_state("model", down, kNow), "model is down for 45s, probing");
  CallerGauge silent = working;
  silent.last_answer = kNow - 125s;
  EXPECT_EQ(format_state("judge", silent, kNow), "judge silent for 2m 05s");

  Progress progress{.planned = 10, .done = 1};
  progress.candidate = held;
  progress.candidate.cost = 0.125;
  progress.judge = working;
  progress.judge->cost = 0.5;
  const std::string line = format_progress(progress, milliseconds(100), kNow, 0);
  EXPECT_TRUE(line.starts_with("1/10  [model rate limit, on in 12s]  ")) << line;
  EXPECT_TRUE(line.ends_with("  $0.62")) << line;
  // What one of them cost is not known: then nothing is said.
  progress.judge->cost.reset();
  EXPECT_EQ(format_progress(progress, milliseconds(100), kNow, 0).find('$'), std::string::npos);
}

TEST(ProgressLine, WhatWaitsForAnEndpointThatIsDownIsNotHeldByALimit) {
  Progress progress{.planned = 10, .errors = 1};
  progress.candidate.outage_since = kNow - std::chrono::seconds(20);
  progress.candidate.held_back = 4;
  progress.judge.emplace();
  progress.judge->held_back = 3;
  EXPECT_EQ(
      format_progress(progress, milliseconds(100), kNow, 0),
      "0/10  [model is down for 20s, probing]  [judge rate limit, calls spaced out]  0 passed  "
      "1 failed call  0 generating, 0 judging  3 held by the rate limit  4 held until it "
      "answers");
}

TEST(Environment, AKeyMayStandInAFileOfItsOwn) {
  test::TempDir dir;
  const std::string path = dir.write("key", "\n  sk-from-a-file-1  \n");
  const auto named = Environment::parse("JUDGE_API_KEY_FILE=" + path + "\n", ".env").value();
  EXPECT_EQ(named.secret("JUDGE_API_KEY").value().reveal(), "sk-from-a-file-1");
  EXPECT_TRUE(named.secret("OPENAI_API_KEY").value().empty());
  const auto both = Environment::parse("K=sk-value-itself\nK_FILE=" + path + "\n", ".env").value();
  EXPECT_EQ(both.secret("K").value().reveal(), "sk-value-itself");
  for (const char* line : {"K_FILE=/nonexistent/key", "K_FILE=/dev/null", "K_FILE=/"}) {
    const auto broken = Environment::parse(line, ".env").value().secret("K");
    ASSERT_FALSE(broken.has_value()) << line;
    EXPECT_EQ(broken.error().kind, ErrorKind::bad_input);
    EXPECT_TRUE(broken.error().message.starts_with("K_FILE: ")) << broken.error().message;
  }
}

TEST(Listing, AlignsWideCharacters) {
  Listing table({"NAME", ">N"});
  table.add({"汉字", "1"});
  table.add({"ab", "12"});
  EXPECT_EQ(table.text(), "NAME   N\n汉字   1\nab    12\n");
}

}  // namespace
}  // namespace iie
