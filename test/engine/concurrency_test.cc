#include "engine/concurrency.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using namespace std::chrono_literals;

SteadyTime at(std::chrono::milliseconds since) { return SteadyTime{} + since; }

TEST(Concurrency, DoublesPerRoundOfAnswersUntilItsCap) {
  Concurrency control({.initial = 4, .cap = 60});
  for (int i = 0; i < 4; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 8u);
  for (int i = 0; i < 8; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 16u);
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
  EXPECT_TRUE(control.refused(at(1s), at(2s)));
  EXPECT_EQ(control.limit(), 80u);
  for (int i = 0; i < 50; ++i)
    EXPECT_FALSE(control.refused(at(1500ms), at(2100ms))) << "same episode";
  EXPECT_EQ(control.limit(), 80u);
  for (int i = 0; i < 81; ++i) control.answered(true);
  EXPECT_EQ(control.limit(), 81u);
  EXPECT_TRUE(control.refused(at(2500ms), at(3s)));
  EXPECT_EQ(control.limit(), 64u);
}

TEST(Concurrency, GrowsSlowlyWhereItWasRefusedAndFasterBeyond) {
  Concurrency control({.initial = 50, .cap = 1000});
  control.refused(at(1s), at(2s));
  int answers = 0;
  const auto until = [&](std::size_t limit) {
    for (answers = 0; control.limit() < limit; ++answers) control.answered(true);
    return answers;
  };
  until(46);
  EXPECT_GT(until(48), 2 * 10 * 46) << "two steps take many rounds";
  until(52);
  EXPECT_LT(until(56), 5 * 56) << "the endpoint takes more than it did: one step per round";
}

TEST(Concurrency, NeverFallsBelowOne) {
  Concurrency control({.initial = 3, .cap = 10});
  for (int i = 1; i < 50; ++i) control.refused(at(i * 2s), at(i * 2s + 1s));
  EXPECT_EQ(control.limit(), 1u);
  for (int i = 0; i < 2; ++i) control.answered(true);
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
