#include "judge/rule_judge.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>
#include <thread>
#include <vector>

#include "test/judge/fakes.h"

namespace iie {
namespace {

Sample checked_sample() {
  Sample sample = native_sample();
  sample.question.checks = {{"mentions", "c1", R"({"any":["none"]})"},
                            {"not_mentions", "c2", R"({"any":["option A"]})"}};
  sample.question.complete = true;
  return sample;
}

TEST(RuleJudge, DecidesByTheSamplesChecks) {
  RuleJudge judge;
  EXPECT_EQ(judge.name(), "rules");
  const Sample sample = checked_sample();
  auto judged = run_judge(judge, sample, reply_of("None of them is even."));
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->verdict.outcome, Outcome::pass) << judged->verdict.reason;
  EXPECT_EQ(judged->judge, "rules");
  EXPECT_TRUE(judged->calls.empty());
  judged = run_judge(judge, sample, reply_of("None is even, so take option A."));
  EXPECT_EQ(judged->verdict.outcome, Outcome::fail);
  EXPECT_NE(judged->verdict.reason.find("not_mentions: "), std::string::npos);
}

TEST(RuleJudge, FailsABlankResponse) {
  RuleJudge judge;
  const auto judged = run_judge(judge, checked_sample(), reply_of(" \n"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict, Verdict::fail("blank response"));
  EXPECT_EQ(judged->judge, "blank");
}

TEST(RuleJudge, ChecksInstructions) {
  RuleJudge judge;
  Sample sample;
  sample.id = "1000";
  sample.instructions = {{"punctuation:no_comma", "{}"}};
  auto judged = run_judge(judge, sample, reply_of("None."));
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->verdict.outcome, Outcome::pass);
  judged = run_judge(judge, sample, reply_of("Well, one."));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.outcome, Outcome::fail);
  sample.instructions = {{"startend:quotation", "{}"}};  // the same id, compiled anew
  judged = run_judge(judge, sample, reply_of("\"Well, one.\""));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.outcome, Outcome::pass);
}

TEST(RuleJudge, ABlankResponseFollowsNoInstruction) {
  RuleJudge judge;
  Sample sample;
  sample.id = "1000";
  sample.instructions = {{"punctuation:no_comma", "{}"}};
  const auto judged = run_judge(judge, sample, reply_of(" \n"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->judge, "blank");
  ASSERT_EQ(judged->verdict.criteria.size(), 1u);
  EXPECT_EQ(judged->verdict.criteria[0].outcome, Outcome::fail);
  EXPECT_EQ(judged->verdict.criteria[0].loose, false);
}

TEST(RuleJudge, NamesTheSampleWhoseChecksAreWrong) {
  RuleJudge judge;
  Sample sample = checked_sample();
  sample.question.checks[0].rule = "mention";
  const auto judged = run_judge(judge, sample, reply_of("x"));
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().kind, ErrorKind::bad_input);
  EXPECT_NE(judged.error().message.find("qc-001-en"), std::string::npos);
}

TEST(RuleJudge, TellsATwinFromItsSample) {
  RuleJudge judge;
  const Sample sample = checked_sample();
  Sample twin = sample;
  twin.question.checks = {{"mentions", "c1", R"({"any":["B"]})"},
                          {"mentions", "c2", R"({"any":["B"]})"}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(judge.decide(sample, reply_of("none"))->verdict.outcome, Outcome::pass);
    EXPECT_EQ(judge.decide(twin, reply_of("none"))->verdict.outcome, Outcome::fail);
  }
}

TEST(RuleJudge, DecidesOnAPoolAndResumesOnItsCaller) {
  boost::asio::thread_pool pool(2);
  RuleJudge judge(pool.get_executor());
  const Sample sample = checked_sample();
  for (int i = 0; i < 200; ++i) {
    const auto judged = run_judge(judge, sample, reply_of("None of them is even."));
    ASSERT_TRUE(judged) << judged.error().message;
    ASSERT_EQ(judged->verdict.outcome, Outcome::pass);
  }
}

// What one turn of a loop asks for is decided together; each gets its own verdict back.
TEST(RuleJudge, DecidesWhatIsAskedTogetherOneByOne) {
  boost::asio::thread_pool pool(2);
  RuleJudge judge(pool.get_executor());
  const Sample sample = checked_sample();
  boost::asio::io_context loop(1);
  int right = 0;
  const auto one = [&](int i) -> Async<void> {
    const Response response = reply_of(i % 3 == 0 ? "None of them is even." : "All of them.");
    const auto judged = co_await judge.judge(sample, response, i);
    if (judged && (judged->verdict.outcome == Outcome::pass) == (i % 3 == 0)) ++right;
  };
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) boost::asio::co_spawn(loop, one(i), boost::asio::detached);
    loop.run();
    loop.restart();
  }
  EXPECT_EQ(right, 20 * 50);
}

TEST(RuleJudge, MayDecideOnManyThreads) {
  RuleJudge judge;
  const Sample sample = checked_sample();
  std::vector<int> passes(8);
  {
    std::vector<std::jthread> threads;
    for (int& count : passes) {
      threads.emplace_back([&judge, &sample, &count] {
        for (int i = 0; i < 200; ++i) {
          const auto judged = judge.decide(sample, reply_of(i % 2 ? "none" : "one"));
          if (judged && judged->verdict.outcome == Outcome::pass) ++count;
        }
      });
    }
  }
  for (const int count : passes) EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace iie
