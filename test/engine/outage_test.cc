#include "engine/outage.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using namespace std::chrono_literals;

SteadyTime at(std::chrono::milliseconds since) { return SteadyTime{} + 1h + since; }

TEST(Outage, IsManyFailuresWithoutAnAnswerBetweenThem) {
  Outage outage({.failures = 3});
  EXPECT_FALSE(outage.failed(at(0s), at(1s)).pause_until);
  EXPECT_FALSE(outage.failed(at(0s), at(1s)).pause_until);
  outage.answered();
  EXPECT_FALSE(outage.failed(at(1s), at(2s)).pause_until);
  EXPECT_FALSE(outage.failed(at(1s), at(2s)).pause_until);
  const auto third = outage.failed(at(1s), at(2s));
  EXPECT_TRUE(third.began);
  EXPECT_EQ(third.pause_until, at(3s));
  EXPECT_TRUE(outage.ongoing());
  EXPECT_EQ(outage.since(), at(2s));
}

TEST(Outage, FailuresOfTheSameWaveAddNoPause) {
  Outage outage({.failures = 3});
  for (int i = 0; i < 3; ++i) outage.failed(at(0s), at(1s));
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(outage.failed(at(500ms), at(1100ms)).pause_until);
  const auto probe = outage.failed(at(2s), at(2s));
  EXPECT_FALSE(probe.began);
  EXPECT_EQ(probe.pause_until, at(4s)) << "the second pause is twice the first";
}

TEST(Outage, PausesGrowToTheirCap) {
  Outage outage({.failures = 1, .patience_unanswered = 1h});
  SteadyTime now = at(0s);
  std::chrono::seconds longest{};
  for (int i = 0; i < 12; ++i) {
    const auto failure = outage.failed(now, now);
    ASSERT_TRUE(failure.pause_until);
    EXPECT_FALSE(failure.give_up);
    longest = std::max(
        longest, std::chrono::duration_cast<std::chrono::seconds>(*failure.pause_until - now));
    now = *failure.pause_until;
  }
  EXPECT_EQ(longest, 30s);
}

TEST(Outage, IsGivenUpWhenItOutlastsThePatience) {
  Outage outage({.failures = 2, .patience = 5min, .patience_unanswered = 30s});
  outage.failed(at(0s), at(0s));
  EXPECT_FALSE(outage.failed(at(0s), at(29s)).give_up);
  EXPECT_TRUE(outage.failed(at(29s), at(30s)).give_up) << "nothing was ever answered";

  Outage known({.failures = 2, .patience = 5min, .patience_unanswered = 30s});
  known.answered();
  known.failed(at(0s), at(0s));
  EXPECT_FALSE(known.failed(at(31s), at(31s)).give_up);
  EXPECT_TRUE(known.failed(at(300s), at(300s)).give_up);
}

TEST(Outage, EndsWithTheFirstAnswer) {
  Outage outage({.failures = 1});
  outage.failed(at(0s), at(0s));
  EXPECT_TRUE(outage.answered());
  EXPECT_FALSE(outage.answered());
  EXPECT_FALSE(outage.ongoing());
  EXPECT_FALSE(outage.since());
}

}  // namespace
}  // namespace iie
