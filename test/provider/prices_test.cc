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
  EXPECT_DOUBLE_EQ(price->input, 0.40);
  EXPECT_DOUBLE_EQ(price->cached_input.value_or(-1), 0.10);
  EXPECT_DOUBLE_EQ(price->output, 1.60);
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
  EXPECT_FALSE(list->find("openai:gpt-4.1", "http://elsewhere/v1")->cached_input.has_value());
  EXPECT_DOUBLE_EQ(list->find("openai:qwen3:4b", "http://localhost:8000/v1")->output, 0);
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
  rejects("prices: \"\\\n\\\\n\\\r\"", "p.yaml");
  rejects("prices:\n  - \"a\\nb\": 1\n    \"a\\nb\": 2\n", "unknown field");
  rejects("prices: &a [*a]", "p.yaml");
}

TEST(Prices, CostCountsCachedInputApartAndNothingThatIsUnknown) {
  const Price price{.input = 2, .cached_input = 0.5, .output = 8};
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

TEST(Prices, TokensAreEstimatedByCharacters) {
  EXPECT_EQ(estimated_tokens("abcd efgh"), 3);
  EXPECT_EQ(estimated_tokens("汉字"), 2);
  EXPECT_EQ(estimated_tokens(""), 0);
  EXPECT_EQ(estimated_tokens({{Role::system, "abcd"}, {Role::user, "abcdefgh"}}), 4 + 1 + 4 + 2);
}

}  // namespace
}  // namespace iie
