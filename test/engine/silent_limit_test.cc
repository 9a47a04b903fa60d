#include "engine/silent_limit.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using namespace std::chrono_literals;

SteadyTime at(std::chrono::milliseconds since) { return SteadyTime{} + 1h + since; }

TEST(SilentLimit, IsManyRefusalsOfCallsThatWereSentAfterTheFirst) {
  SilentLimit limit({.refusals = 3});
  for (int i = 0; i < 50; ++i) {  // one wave
    EXPECT_FALSE(limit.refused(at(0ms), at(30ms), false).pause_until);
  }
  EXPECT_FALSE(limit.refused(at(40ms), at(70ms), false).pause_until);
  EXPECT_FALSE(limit.refused(at(40ms), at(71ms), false).pause_until);
  const auto third = limit.refused(at(50ms), at(80ms), false);
  EXPECT_TRUE(third.began);
  EXPECT_EQ(third.pause_until, at(330ms));
  EXPECT_FALSE(limit.refused(at(60ms), at(90ms), false).pause_until) << "of the wave before";
}

TEST(SilentLimit, ACallThatWasTakenMeanwhileMeansItIsNone) {
  SilentLimit limit({.refusals = 2});
  limit.refused(at(0ms), at(30ms), false);
  limit.refused(at(40ms), at(70ms), false);
  EXPECT_FALSE(limit.taken(at(20ms))) << "sent before the first refusal";
  EXPECT_FALSE(limit.taken(at(50ms))) << "no pause was made";
  EXPECT_FALSE(limit.refused(at(80ms), at(90ms), false).pause_until) << "the row begins anew";
}

TEST(SilentLimit, PausesGrowUntilACallIsTaken) {
  SilentLimit limit;
  SteadyTime now = at(0ms);
  EXPECT_EQ(limit.refused(now, now, true).pause_until, now + 250ms);
  for (const auto pause : {500ms, 1000ms, 2000ms, 4000ms, 4000ms}) {
    now += 5s;
    const auto refusal = limit.refused(now - 1ms, now, false);
    EXPECT_EQ(refusal.pause_until, now + pause);
    EXPECT_FALSE(refusal.began);
  }
  EXPECT_TRUE(limit.taken(now + 1s));
  EXPECT_FALSE(limit.ongoing());
  EXPECT_EQ(limit.refused(now + 2s, now + 2s, true).pause_until, now + 2s + 250ms);
}

TEST(SilentLimit, WhoRefusesEverythingForMinutesIsGivenUp) {
  SilentLimit limit;
  SteadyTime now = at(0ms);
  int asked = 0;
  while (!limit.refused(now, now + 1ms, true).give_up) {
    now += 5s;
    ++asked;
  }
  EXPECT_NEAR(asked, 60, 1);
}

}  // namespace
}  // namespace iie
