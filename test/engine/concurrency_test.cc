#include "engine/concurrency.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using namespace std::chrono_literals;

SteadyTime at(std::chrono::milliseconds since) { return SteadyTime{} + since; }

TEST(Concurrency, GrowsThreefoldPerRoundOfAnswersUntilItsCap) {
  Concurrency control({.initial = 4, .cap = 60});
  for (int i = 0; i < 4; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 12u);
  for (int i = 0; i < 12; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 36u);
  for (int i = 0; i < 1000; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 60u);
}

TEST(Concurrency, GrowsOnlyWhileItHoldsCallsBack) {
  Concurrency control({.initial = 4, .cap = 100});
  for (int i = 0; i < 1000; ++i) control.answered(false);
  EXPECT_EQ(control.limit(), 4u);
}

TEST(Concurrency, CutsOncePerEpisodeAndThenGrowsByOnePerRound) {
  Concurrency control({.initial = 100, .cap = 1000});
  EXPECT_TRUE(control.broke(at(1s), at(2s)));
  EXPECT_EQ(control.limit(), 80u);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(control.broke(at(1500ms), at(2100ms)));
  EXPECT_EQ(control.limit(), 80u) << "the same episode";
  for (int i = 0; i < 81; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 81u);
  EXPECT_TRUE(control.broke(at(2500ms), at(3s)));
  EXPECT_EQ(control.limit(), 64u);
}

TEST(Concurrency, ARefusalSaysHowManyAreServed) {
  // 64 are sent, and 16 of them refused one after another.
  Concurrency control({.initial = 64, .cap = 256});
  for (std::size_t serving = 63; serving >= 48; --serving) {
    EXPECT_TRUE(control.refused(at(1s), at(2s), serving));
  }
  EXPECT_EQ(control.limit(), 48u);
  EXPECT_FALSE(control.refused(at(1s), at(2s), 60)) << "the least was served all the time";
  EXPECT_EQ(control.limit(), 48u);
}

TEST(Concurrency, TriesOneMoreHalfAsOftenEachTimeItIsRefused) {
  Concurrency control({.initial = 49, .cap = 256});
  control.refused(at(1s), at(2s), 48);
  int before = 0;
  for (int probe = 0; probe < 4; ++probe) {
    int answers = 0;
    while (control.limit() < 49) {
      control.answered(true);
      ++answers;
    }
    EXPECT_GT(answers, 15 * 48);
    if (before > 0) {
      EXPECT_NEAR(answers, 2 * before, 2);
    }
    before = answers;
    control.refused(at((10 + probe) * 1s), at((10 + probe) * 1s + 1ms), 48);
    EXPECT_EQ(control.limit(), 48u);
  }
}

TEST(Concurrency, GrowsFasterOnceTheEndpointTakesMoreThanItDid) {
  Concurrency control({.initial = 49, .cap = 1000});
  control.refused(at(1s), at(2s), 48);
  int answers = 0;
  const auto until = [&](std::size_t limit) {
    for (answers = 0; control.limit() < limit; ++answers) control.answered(true);
    return answers;
  };
  until(50);
  EXPECT_LT(until(54), 5 * 54) << "one step per round";
}

TEST(Concurrency, CutsWhatIsRefusedAgainAtOnceThoughNothingMoreWasTried) {
  Concurrency control({.initial = 50, .cap = 1000});
  control.refused(at(1s), at(2s), 49);
  EXPECT_EQ(control.limit(), 49u);
  for (int i = 0; i < 20; ++i) control.answered(true);
  EXPECT_TRUE(control.refused(at(3s), at(4s), 48));
  EXPECT_EQ(control.limit(), 39u);
}

TEST(Concurrency, ComesBackFastWhereNearlyEverythingWasRefusedAtOnce) {
  Concurrency control({.initial = 32, .cap = 64});
  for (std::size_t serving = 31; serving > 0; --serving) control.refused(at(1s), at(2s), serving);
  control.refused(at(1s), at(2s), 0);
  EXPECT_EQ(control.limit(), 1u);
  for (int i = 0; i < 8; ++i) control.answered(true);
  EXPECT_GE(control.limit(), 16u);
}

TEST(Concurrency, NeverFallsBelowOne) {
  Concurrency control({.initial = 3, .cap = 10});
  for (int i = 1; i < 50; ++i) control.refused(at(i * 2s), at(i * 2s + 1s), 0);
  EXPECT_EQ(control.limit(), 1u);
  for (int i = 0; i < 4; ++i) control.answered(true);
  EXPECT_GE(control.limit(), 2u);
}

TEST(Concurrency, CollapsesToOneAndComesBackFast) {
  Concurrency control({.initial = 64, .cap = 64});
  control.collapse(at(1s));
  EXPECT_EQ(control.limit(), 1u);
  int answers = 0;
  while (control.limit() < 32) {
    control.answered(true);
    ++answers;
  }
  EXPECT_LE(answers, 32) << "slow start up to half of what it was";
}

TEST(Concurrency, TakesOddBounds) {
  EXPECT_EQ(Concurrency({.initial = 0, .cap = 0}).limit(), 1u);
  EXPECT_EQ(Concurrency({.initial = 500, .cap = 7}).limit(), 7u);
}

}  // namespace
}  // namespace iie
