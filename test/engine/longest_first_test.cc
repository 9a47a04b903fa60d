#include "engine/longest_first.h"

#include <gtest/gtest.h>

#include <set>

namespace iie {
namespace {

std::vector<RolloutId> rest(LongestFirst& order) {
  std::vector<RolloutId> all;
  while (const auto id = order.next()) all.push_back(*id);
  return all;
}

TEST(LongestFirst, GivesEveryRolloutOnce) {
  for (const std::size_t samples : {0, 1, 2, 7}) {
    for (const std::size_t rollouts : {0, 1, 2, 3, 10}) {
      LongestFirst order(std::vector<float>(samples, 1), rollouts, 5);
      std::set<RolloutId> seen;
      std::size_t count = 0;
      while (const auto id = order.next()) {
        ++count;
        seen.insert(*id);
        EXPECT_LT(static_cast<std::size_t>(id->sample), samples);
        EXPECT_LT(static_cast<std::size_t>(id->rollout), rollouts);
        if (count % 3 == 0) order.observe(static_cast<std::size_t>(id->sample), 5.0F * count);
        if (count % 5 == 0) order.observe(0, 1);
      }
      EXPECT_EQ(count, samples * rollouts);
      EXPECT_EQ(seen.size(), count);
      EXPECT_FALSE(order.next());
    }
  }
}

TEST(LongestFirst, FirstEachSampleOnceByItsGuess) {
  LongestFirst order({2, 3, 1}, 2, 0);
  EXPECT_EQ(order.next(), (RolloutId{1, 0}));
  EXPECT_EQ(order.next(), (RolloutId{0, 0}));
  EXPECT_EQ(order.next(), (RolloutId{2, 0}));
}

TEST(LongestFirst, ThePassesButTheLastAreEven) {
  LongestFirst order(std::vector<float>(4, 1), 8, 0);
  order.observe(2, 100);
  std::vector<int> asked(4);
  for (int i = 0; i < 4 * 5; ++i) ++asked[static_cast<std::size_t>(order.next()->sample)];
  EXPECT_EQ(asked, std::vector<int>(4, 5)) << "a run cut short has asked all of them equally often";
}

TEST(LongestFirst, AtTheEndTheLongestSamplesGoFirstWithAllTheirRollouts) {
  LongestFirst order({1, 1, 1}, 6, 0);
  for (int i = 0; i < 3 * 3; ++i) order.next();
  order.observe(0, 10);
  order.observe(1, 1000);
  order.observe(2, 100);
  EXPECT_EQ(rest(order),
            (std::vector<RolloutId>{
                {1, 3}, {1, 4}, {1, 5}, {2, 3}, {2, 4}, {2, 5}, {0, 3}, {0, 4}, {0, 5}}));
}

TEST(LongestFirst, LearnsWhileItIsAtIt) {
  LongestFirst order({1, 1, 1}, 6, 0);
  for (int i = 0; i < 3 * 3; ++i) order.next();
  order.observe(0, 10);
  order.observe(1, 20);
  order.observe(2, 5);
  EXPECT_EQ(order.next(), (RolloutId{1, 3}));
  order.observe(2, 500);
  EXPECT_EQ(order.next(), (RolloutId{2, 3}));
  // One short answer says less than the long one before it: half way.
  order.observe(2, 5);
  EXPECT_EQ(order.next(), (RolloutId{2, 4}));
}

TEST(LongestFirst, WhatIsStillUnansweredAfterTwoPassesIsLonger) {
  LongestFirst order({1, 1, 1}, 6, 0);
  for (int i = 0; i < 3 * 2; ++i) order.next();
  order.observe(0, 10);
  order.observe(2, 1000);
  EXPECT_EQ(order.next(), (RolloutId{1, 2}));
  EXPECT_EQ(order.next(), (RolloutId{2, 2}));
}

TEST(LongestFirst, AGuessIsComparedWithAnswersInTheirUnit) {
  // Guesses of 100 mean answers of 10, so the sample without an answer, guessed at 300, means 30.
  LongestFirst order({100, 100, 300}, 2, 0);
  for (int i = 0; i < 3; ++i) order.next();
  order.observe(0, 8);
  order.observe(1, 12);
  EXPECT_EQ(rest(order), (std::vector<RolloutId>{{2, 1}, {1, 1}, {0, 1}}));
}

}  // namespace
}  // namespace iie
