#include "provider/prices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/file.h"
#include "support/process.h"

namespace iie {
namespace {

constexpr const char* kOpenAi = "https://api.openai.com/v1";

TEST(Prices, TheEmbeddedListReadsAndIsOfNamedEndpointsOnly) {
  const auto list = PriceList::embedded();
  ASSERT_TRUE(list.has_value()) << list.error().message;
  const auto price = list->find("openai:gpt-4.1-mini", kOpenAi);
  ASSERT_TRUE(price.has_value());
  EXPECT_DOUBLE_EQ(price->rates.input, 0.40);
  EXPECT_DOUBLE_EQ(price->rates.cached_input.value_or(-1), 0.10);
  EXPECT_DOUBLE_EQ(price->rates.output, 1.60);
  EXPECT_EQ(price->currency, "USD");
  EXPECT_EQ(price->as_of, "2026-11");
  EXPECT_TRUE(price->source.starts_with("https://developers.openai.com/")) << price->source;
  // A model of that name on one's desk costs what it costs: nobody knows.
  EXPECT_FALSE(list->find("openai:gpt-4.1-mini", "http://localhost:8000/v1").has_value());
  EXPECT_FALSE(list->find("openai:nobody-9", kOpenAi).has_value());
}

TEST(Prices, EveryEmbeddedOneSaysWhoAsksItAndWhereAndWhenItStood) {
  const std::string yaml =
      read_file(std::string(IIE_SOURCE_DIR) + "/data/prices.yaml").value_or("");
  std::map<std::string_view, int> fields;
  std::string_view rest = yaml;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    for (const std::string_view field : {"  - models: [", "    endpoint: ", "    as_of: 202"}) {
      if (line.starts_with(field)) ++fields[field];
    }
    if (!line.starts_with("    source: ")) continue;
    ++fields["source"];
    EXPECT_NE(line.find("https://"), std::string_view::npos) << line;
    EXPECT_LE(line.size(), 200u) << line;  // reports cut longer ones
  }
  EXPECT_EQ(fields.size(), 4u);
  EXPECT_GE(fields["source"], 80);
  for (const auto& [field, count] : fields) EXPECT_EQ(count, fields["source"]) << field;
}

TEST(Prices, AUsersListComesFirstAndAddsToIt) {
  test::TempDir dir;
  const std::string file = dir.write("own.yaml", R"(
prices:
  - models: gpt-4.1
    input: 1
    output: 2.5
    currency: cny
  - {models: [qwen3:8b, qwen3:4b], endpoint: LOCALHOST:8000, input: 0, output: 0}
)");
  const auto list = PriceList::load(file);
  ASSERT_TRUE(list.has_value()) << list.error().message;
  EXPECT_EQ(list->find("openai:gpt-4.1", kOpenAi)->currency, "CNY");
  EXPECT_FALSE(list->find("openai:gpt-4.1", "http://elsewhere/v1")->rates.cached_input.has_value());
  EXPECT_DOUBLE_EQ(list->find("openai:qwen3:4b", "http://localhost:8000/v1")->rates.output, 0);
  EXPECT_TRUE(list->find("openai:gpt-4o", kOpenAi).has_value());
}

TEST(Prices, WhatIsNoPriceIsRefusedWithItsLine) {
  const auto rejects = [](const char* yaml, const char* said) {
    const auto list = PriceList::parse(yaml, "p.yaml");
    ASSERT_FALSE(list.has_value()) << yaml;
    EXPECT_EQ(list.error().kind, ErrorKind::bad_input);
    EXPECT_NE(list.error().message.find(said), std::string::npos) << list.error().message;
    EXPECT_TRUE(list.error().message.starts_with("p.yaml")) << list.error().message;
    EXPECT_EQ(list.error().message.find('\n'), std::string::npos) << list.error().message;
  };
  rejects("", "expected 'prices:'");
  rejects("- 1", "expected 'prices:'");
  rejects("prices: 3", "expected a list");
  rejects("prices:\n  - models: m\n    input: 1\n", "p.yaml:2: 'output' is missing");
  rejects("prices:\n  - models: m\n    input: -1\n    output: 1\n", "p.yaml:3: input: expected");
  rejects("prices:\n  - models: m\n    input: .nan\n    output: 1\n", "expected a price");
  rejects("prices:\n  - models: m\n    input: nan\n    output: 1\n", "expected a price");
  rejects("prices:\n  - models: m\n    input: 1e9\n    output: 1\n", "expected a price");
  rejects("prices:\n  - models: m\n    inptu: 1\n    output: 1\n", "did you mean 'input'");
  rejects("prices:\n  - models: []\n    input: 1\n    output: 1\n", "names no model");
  rejects("prices:\n  - models: m\n    input: 1\n    input: 1\n    output: 1\n", "twice");
  rejects("prices:\n  - models: m\n    input: 1\n    output: 1\n    currency: dollars\n", "USD");
  rejects("prices: [", "p.yaml:1");
  rejects("version: 3\nprices: []\n", "p.yaml:1: version 3: this program knows lists up to");
  rejects("version: 0\nprices: []\n", "p.yaml:1: version: expected a whole number");
  rejects("version: 2\nprice: []\n", "expected 'prices:'");
  rejects("prices: []\nnotes: x\n", "p.yaml:2: the list: unknown field 'notes'");
  const auto rejects_in_entry = [&](const std::string& fields, const char* said) {
    rejects(("version: 2\nprices:\n  - models: m\n    input: 1\n    output: 1\n" + fields).c_str(),
            said);
  };
  rejects("prices:\n  - models: m\n    input: 1\n    output: 1\n    tiers: []\n",
          "p.yaml:5: 'tiers' needs 'version: 2'");
  rejects_in_entry("    tiers: 3\n", "p.yaml:6: tiers: expected a list");
  rejects_in_entry("    tiers: [3]\n", "tiers: expected entries");
  rejects_in_entry("    tiers: [{input: 1, output: 1}]\n", "'above' is missing");
  rejects_in_entry("    tiers:\n      - {above: 0, input: 1, output: 1}\n", "p.yaml:7: above:");
  rejects_in_entry("    tiers: [{above: 1.5, input: 1, output: 1}]\n", "above: expected a whole");
  rejects_in_entry("    tiers: [{above: 9, output: 1}]\n", "'input' is missing");
  rejects_in_entry("    tiers: [{above: 9, input: 1, outptu: 1}]\n",
                   "tiers: unknown field 'outptu'; did you mean 'output'");
  rejects_in_entry(
      "    tiers: [{above: 9, input: 1, output: 1}, {above: 9, input: 1, output: 1}]\n",
      "in the order of their prompts' lengths");
  rejects_in_entry("    cache_write: x\n", "p.yaml:6: cache_write: expected a price");
  rejects_in_entry("    off_peak: {input: 1, output: 1}\n", "'peak_utc' is missing");
  rejects_in_entry("    off_peak: {input: 1, output: 1, peak_utc: []}\n", "peak_utc: expected");
  for (const char* hours :
       {"25:00-26:00", "04:00-01:00", "1:00-2:00", "Fri-Mon 01:00-02:00", "Mon,Tue 01:00-02:00",
        "Mon-Fri", "", "01:00-24:01", "Mo 01:00-02:00"}) {
    rejects_in_entry(
        "    off_peak: {input: 1, output: 1, peak_utc: [\"" + std::string(hours) + "\"]}\n",
        "peak_utc: expected hours such as 'Mon-Fri 01:00-04:00'");
  }
  rejects_in_entry(
      "    tiers: [{above: 9, input: 1, output: 1}]\n"
      "    off_peak: {input: 1, output: 1, peak_utc: [\"01:00-02:00\"]}\n",
      "either tiers or off_peak");
  rejects("prices: \"\\\n\\\\n\\\r\"", "p.yaml");
  rejects("prices:\n  - \"a\\nb\": 1\n    \"a\\nb\": 2\n", "unknown field");
  rejects("prices: &a [*a]", "p.yaml");
}

TEST(Prices, CostCountsCachedInputApartAndNothingThatIsUnknown) {
  const Price price{.rates = {.input = 2, .cached_input = 0.5, .output = 8}};
  EXPECT_DOUBLE_EQ(*cost_of({.input_tokens = 1'000'000, .output_tokens = 500'000}, price), 6);
  EXPECT_DOUBLE_EQ(
      *cost_of({.input_tokens = 1'000'000, .output_tokens = 0, .cached_tokens = 400'000}, price),
      1.4);
  EXPECT_FALSE(cost_of({.input_tokens = 10}, price).has_value());
  EXPECT_FALSE(cost_of({.output_tokens = 10}, price).has_value());
  // More cached than sent, or less than nothing: an endpoint's mistake, not our credit.
  EXPECT_DOUBLE_EQ(
      *cost_of({.input_tokens = 1'000'000, .output_tokens = -5, .cached_tokens = 2'000'000}, price),
      0.5);
}

TEST(Prices, WrittenInputAndLongPromptsHaveTheirOwnRates) {
  const Price price{
      .rates =
          {.input = 2, .cached_input = 0.5, .output = 8, .cache_write = 2.5, .cache_write_long = 4},
      .tiers = {{200'000, {.input = 4, .output = 12}}, {500'000, {.input = 6, .output = 12}}}};
  const Usage usage{.input_tokens = 100'000,
                    .output_tokens = 0,
                    .reasoning_tokens = {},
                    .cached_tokens = 20'000,
                    .cache_write_tokens = 50'000,
                    .cache_write_long_tokens = 10'000};
  EXPECT_DOUBLE_EQ(*cost_of(usage, price), (30 * 2 + 20 * 0.5 + 40 * 2.5 + 10 * 4) / 1000.0);
  // The whole call is of its prompt's tier, which begins behind its bound.
  const auto of = [&](std::int64_t input) {
    return *cost_of({.input_tokens = input, .output_tokens = 1'000'000}, price);
  };
  EXPECT_DOUBLE_EQ(of(200'000), 0.4 + 8);
  EXPECT_DOUBLE_EQ(of(200'001), 200'001 * 4 / 1e6 + 12);
  EXPECT_DOUBLE_EQ(of(1'000'000), 6 + 12);
  // More written than sent: an endpoint's mistake.
  EXPECT_DOUBLE_EQ(*cost_of({.input_tokens = 1000,
                             .output_tokens = 0,
                             .reasoning_tokens = {},
                             .cached_tokens = 600,
                             .cache_write_tokens = 9000,
                             .cache_write_long_tokens = 9000},
                            price),
                   (600 * 0.5 + 400 * 4) / 1e6);
}

TEST(Prices, TheMostIsOfTheDearestTierThatAPromptCanReach) {
  const Price price{.rates = {.input = 2, .cached_input = 0.5, .output = 8, .cache_write = 2.5},
                    .tiers = {{200'000, {.input = 4, .output = 6}}}};
  EXPECT_DOUBLE_EQ(most_cost(100'000, 1'000'000, price), 0.25 + 8);
  // A higher tier need not be dearer in everything: the dearer of both counts.
  EXPECT_DOUBLE_EQ(most_cost(300'000, 1'000'000, price), 1.2 + 8);
}

TEST(Prices, OffPeakRatesAreForCallsThatSeeNoPeakHour) {
  const auto list = PriceList::parse(R"(
version: 2
prices:
  - models: m
    input: 2
    output: 8
    off_peak: {input: 1, output: 4, peak_utc: ["Mon-Fri 01:00-04:00", "06:00-06:30"]}
)",
                                     "p.yaml");
  ASSERT_TRUE(list.has_value()) << list.error().message;
  const Price price = *list->find("openai:m", kOpenAi);
  using namespace std::chrono_literals;
  // 2026-11-23 is a Monday.
  const WallTime monday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  const auto at = [&](std::chrono::milliseconds ended, std::chrono::milliseconds latency) {
    return *cost_of({.input_tokens = 0, .output_tokens = 1'000'000}, price,
                    CallTime{monday + ended, latency});
  };
  EXPECT_DOUBLE_EQ(at(30min, 10s), 4);
  EXPECT_DOUBLE_EQ(at(2h, 10s), 8);
  EXPECT_DOUBLE_EQ(at(1h + 5s, 10s), 8) << "it ended at peak";
  EXPECT_DOUBLE_EQ(at(4h + 5s, 10s), 8) << "it began at peak";
  EXPECT_DOUBLE_EQ(at(4h + 5s, 5s), 4) << "peak ends before its last minute";
  EXPECT_DOUBLE_EQ(at(6h + 40min, 50min), 8) << "peak lies within";
  EXPECT_DOUBLE_EQ(at(-22h, 10s), 4) << "Sunday";
  EXPECT_DOUBLE_EQ(at(-18h + 10min, 10s), 8) << "every day";
  EXPECT_DOUBLE_EQ(at(20h, 3h), 8) << "no call takes as long: a clock is wrong";
  EXPECT_DOUBLE_EQ(at(std::chrono::milliseconds::min() / 2, 0s), 8) << "no such time";
  // Nobody knows when: the dearer one.
  EXPECT_DOUBLE_EQ(*cost_of({.input_tokens = 0, .output_tokens = 1'000'000}, price), 8);
  EXPECT_FALSE(call_time(monday, std::nullopt));
  EXPECT_FALSE(call_time(std::nullopt, 10s));
}

TEST(Prices, EmbeddedOnesHaveTiersWritesAndHours) {
  const auto list = PriceList::embedded();
  ASSERT_TRUE(list.has_value()) << list.error().message;
  const auto gemini =
      list->find("gemini:gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta");
  ASSERT_EQ(gemini->tiers.size(), 1u);
  EXPECT_EQ(gemini->tiers[0].above, 200'000);
  EXPECT_DOUBLE_EQ(gemini->tiers[0].rates.output, 15);
  const auto claude = list->find("anthropic:claude-opus-5-5", "https://api.anthropic.com/v1");
  EXPECT_DOUBLE_EQ(claude->rates.cache_write.value_or(0), 5);
  EXPECT_DOUBLE_EQ(claude->rates.cache_write_long.value_or(0), 8);
  const auto gpt = list->find("openai:gpt-5.6", kOpenAi);
  EXPECT_DOUBLE_EQ(gpt->rates.cache_write.value_or(0), 5);
  EXPECT_EQ(list->find("qwen:qwen3-max", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1")
                ->tiers.size(),
            2u);
  const auto deepseek = list->find("deepseek:deepseek-flash", "https://api.deepseek.com");
  ASSERT_TRUE(deepseek->off_peak);
  EXPECT_DOUBLE_EQ(deepseek->off_peak->rates.output, deepseek->rates.output / 2);
  EXPECT_EQ(deepseek->off_peak->peak,
            (std::vector<Hours>{{0b0011111, 60, 4 * 60}, {0b0011111, 6 * 60, 10 * 60}}));
}

TEST(Prices, TokensAreEstimatedByCharacters) {
  EXPECT_EQ(estimated_tokens("abcd efgh"), 3);
  EXPECT_EQ(estimated_tokens("汉字"), 2);
  EXPECT_EQ(estimated_tokens(""), 0);
  EXPECT_EQ(estimated_tokens({{Role::system, "abcd"}, {Role::user, "abcdefgh"}}), 4 + 1 + 4 + 2);
}

}  // namespace
}  // namespace iie
