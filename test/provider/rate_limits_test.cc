#include "provider/rate_limits.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using namespace std::chrono_literals;
using Window = RateLimits::Window;

std::shared_ptr<const RateLimits> read(Headers headers) {
  return read_rate_limits({.status = 200, .headers = std::move(headers)},
                          WallTime{} + std::chrono::hours(24));
}

TEST(RateLimitHeaders, OpenAis) {
  const auto limits = read({{"x-ratelimit-limit-requests", "500"},
                            {"x-ratelimit-remaining-requests", "499"},
                            {"x-ratelimit-reset-requests", "120ms"},
                            {"x-ratelimit-limit-tokens", "30000"},
                            {"x-ratelimit-remaining-tokens", "29,000"},
                            {"x-ratelimit-reset-tokens", "1m0.5s"}});
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->requests, (Window{500, 499, 120ms}));
  EXPECT_EQ(limits->tokens, (Window{30'000, std::nullopt, 60'500ms}));  // what cannot be read
}

TEST(RateLimitHeaders, Anthropics) {
  const auto limits = read({{"anthropic-ratelimit-requests-limit", "50"},
                            {"anthropic-ratelimit-requests-reset", "1970-01-02T00:00:10Z"},
                            {"anthropic-ratelimit-input-tokens-limit", "1"},
                            {"anthropic-ratelimit-tokens-remaining", "9"},
                            {"anthropic-ratelimit-tokens-reset", "1970-01-02T02:00:00.9+02:00"}});
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->requests, (Window{50, std::nullopt, 10s}));
  EXPECT_EQ(limits->tokens, (Window{std::nullopt, 9, 0ms}));
}

// As the vendors write them: minutes without a fraction, three kinds of Anthropic's tokens.
TEST(RateLimitHeaders, AsTheVendorsWriteThem) {
  const auto openai = read({{"x-ratelimit-limit-requests", "60"},
                            {"x-ratelimit-remaining-requests", "59"},
                            {"x-ratelimit-reset-requests", "1s"},
                            {"x-ratelimit-limit-tokens", "150000"},
                            {"x-ratelimit-remaining-tokens", "149984"},
                            {"x-ratelimit-reset-tokens", "6m0s"}});
  ASSERT_TRUE(openai);
  EXPECT_EQ(openai->requests, (Window{60, 59, 1s}));
  EXPECT_EQ(openai->tokens, (Window{150'000, 149'984, 6min}));
  const auto anthropic = read({{"anthropic-ratelimit-requests-limit", "4000"},
                               {"anthropic-ratelimit-requests-remaining", "3999"},
                               {"anthropic-ratelimit-requests-reset", "1970-01-02T00:00:01Z"},
                               {"anthropic-ratelimit-input-tokens-limit", "2000000"},
                               {"anthropic-ratelimit-input-tokens-remaining", "1999000"},
                               {"anthropic-ratelimit-input-tokens-reset", "1970-01-02T00:00:02Z"},
                               {"anthropic-ratelimit-output-tokens-limit", "400000"},
                               {"anthropic-ratelimit-output-tokens-remaining", "400000"},
                               {"anthropic-ratelimit-output-tokens-reset", "1970-01-02T00:00:03Z"},
                               {"anthropic-ratelimit-tokens-limit", "2400000"},
                               {"anthropic-ratelimit-tokens-remaining", "2399000"},
                               {"anthropic-ratelimit-tokens-reset", "1970-01-02T00:00:04Z"}});
  ASSERT_TRUE(anthropic);
  EXPECT_EQ(anthropic->requests, (Window{4000, 3999, 1s}));
  EXPECT_EQ(anthropic->tokens, (Window{2'400'000, 2'399'000, 4s}));  // of all, where it is there
}

TEST(RateLimitHeaders, NothingSaidIsNull) {
  EXPECT_EQ(read({}), nullptr);
  EXPECT_EQ(read({{"x-ratelimit-limit", "5"}, {"x-ratelimit-limit-images", "5"}}), nullptr);
  EXPECT_EQ(read({{"x-ratelimit-limit-requests", "many"}}), nullptr);
}

TEST(RateLimitHeaders, HostileValuesAreUnknown) {
  for (const char* value :
       {"", "-1", "nan", "inf", "1e999s", "99999999999999999999", "1x", "s", "1m1", "0x10", "1 s",
        "400h", "1970-13-01T00:00:00Z", "1970-01-02T00:00:00", "1970-01-02T00:00:00.Zx"}) {
    EXPECT_EQ(read({{"x-ratelimit-reset-tokens", value}}), nullptr) << value;
    EXPECT_EQ(read({{"anthropic-ratelimit-tokens-reset", value}}), nullptr) << value;
    EXPECT_EQ(read({{"x-ratelimit-limit-requests", value}}), nullptr) << value;
  }
}

}  // namespace
}  // namespace iie
