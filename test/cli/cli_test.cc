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

TEST(Endpoints, AreNormalisedAndHoldNoCredentials) {
  const auto environment = Environment::parse("", ".env").value();
  for (const char* url : {"http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/chat/completions"}) {
    EXPECT_EQ(endpoint_url(url, environment).value_or("?"), "http://h:1/v1") << url;
  }
  EXPECT_EQ(endpoint_url("https://u:p@h/v1", environment).error().kind, ErrorKind::usage);
  EXPECT_EQ(endpoint_url("http://h/v1?api-key=x", environment).error().kind, ErrorKind::usage);
  EXPECT_EQ(endpoint_url("ftp://h/v1", environment).error().kind, ErrorKind::usage);
}

TEST(Endpoints, OnlyOpenAiItselfNeedsAKey) {
  const auto with = Environment::parse("OPENAI_API_KEY=sk-0123456789\n", ".env").value();
  const auto without = Environment::parse("", ".env").value();
  EXPECT_EQ(model_key("https://api.openai.com/v1", without).error().kind, ErrorKind::auth);
  EXPECT_TRUE(model_key("http://localhost:8000/v1", without).has_value());
  EXPECT_EQ(model_key("https://api.openai.com/v1", with).value().reveal(), "sk-0123456789");
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
