#include "engine/pipeline.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "engine/fakes.h"
#include "engine/governor.h"
#include "store/store.h"
#include "support/failing_store.h"

namespace iie {
namespace {

namespace asio = boost::asio;

class PipelineTest : public testing::Test {
 protected:
  PipelineTest() : store_(make_memory_store()) {
    for (int i = 0; i < 10; ++i) {
      Sample sample;
      sample.id = "s" + std::to_string(i);
      sample.question.messages = {{Role::user, "question " + std::to_string(i)}};
      samples_.push_back(std::move(sample));
    }
    RunSpec spec;
    spec.model = "fake:model";
    spec.rollouts = 3;
    auto made = store_->create_run(spec, samples_);
    EXPECT_TRUE(made.has_value());
    run_ = *made;
  }

  // One process's go at the run.
  Result<void> go(PipelineOptions options = {}, std::size_t concurrency = 4) {
    asio::io_context loop;
    Governor governor(provider_, {.concurrency = concurrency, .max_attempts = 1}, clock_);
    Pipeline pipeline(governor, judge_, nullptr, *store_, clock_, options);
    Result<void> result = fail(ErrorKind::bug, "did not end");
    asio::co_spawn(
        loop,
        [](Pipeline& p, const RunInfo& run, const std::vector<Sample>& samples,
           Result<void>& out) -> Async<void> {
          out = co_await p.run(run, samples);
        }(pipeline, run_, samples_, result),
        asio::detached);
    if (stop_after_ >= 0) {
      while (provider_.calls < stop_after_) loop.run_one();
      pipeline.stop();
    }
    loop.run();
    progress_ = pipeline.progress();
    return result;
  }

  RunState state() { return store_->state(run_).value(); }

  FakeClock clock_;
  ScriptedProvider provider_;
  WordJudge judge_;
  std::unique_ptr<Store> store_;
  std::vector<Sample> samples_;
  RunInfo run_;
  Progress progress_;
  int stop_after_ = -1;
};

TEST_F(PipelineTest, DoesEveryRolloutOnce) {
  provider_.answer = [](const GenerateRequest& request) {
    return request.rollout == 0 ? "good" : request.rollout == 1 ? "bad" : "unclear";
  };
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(provider_.calls, 30);
  EXPECT_EQ(provider_.asked.size(), 30u);
  EXPECT_EQ(progress_.done, 30);
  EXPECT_EQ(progress_.passed, 10);
  EXPECT_EQ(progress_.failed, 10);
  EXPECT_EQ(progress_.unscored, 10);
  EXPECT_EQ(state().passed, 10);
  EXPECT_EQ(state().unscored, 10);
}

TEST_F(PipelineTest, RunningACompleteRunAgainSendsNothing) {
  ASSERT_TRUE(go().has_value());
  provider_.calls = 0;
  judge_.calls = 0;
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(provider_.calls, 0);
  EXPECT_EQ(judge_.calls, 0);
  EXPECT_EQ(progress_.already_done, 30);
  EXPECT_EQ(progress_.done, 30);
}

TEST_F(PipelineTest, StopFinishesWhatIsUnderWayAndTheNextGoDoesTheRest) {
  stop_after_ = 7;
  ASSERT_TRUE(go({}, 2).has_value());
  const std::int64_t first = progress_.done;
  EXPECT_GE(first, 6);
  EXPECT_LT(first, 30);
  EXPECT_EQ(state().judged, first);
  stop_after_ = -1;
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(progress_.done, 30);
  EXPECT_EQ(provider_.calls, 30);
  for (const auto& [unit, times] : provider_.asked) EXPECT_EQ(times, 1) << unit.first;
}

// What the store has of an earlier process tells which answers are long.
TEST_F(PipelineTest, TheNextGoKnowsHowLongAnswersAre) {
  std::vector<std::string> asked;
  provider_.answer = [&](const GenerateRequest& request) {
    asked.push_back(request.sample_id);
    return std::string(request.sample_id == "s7"   ? 4000
                       : request.sample_id == "s4" ? 400
                                                   : 40,
                       'a');
  };
  stop_after_ = 10;
  ASSERT_TRUE(go({}, 1).has_value());
  ASSERT_EQ(asked.size(), 10u);
  asked.clear();
  stop_after_ = -1;
  ASSERT_TRUE(go({}, 1).has_value());
  ASSERT_EQ(asked.size(), 20u);
  EXPECT_EQ(asked[0], "s7");
  EXPECT_EQ(asked[1], "s4");
}

TEST_F(PipelineTest, AFailedCallIsDataAndIsTriedAgainByTheNextGo) {
  provider_.script = {Error{ErrorKind::bad_request, "too long"},
                      Error{ErrorKind::transient, "timed out"}};
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(progress_.errors, 2);
  EXPECT_EQ(progress_.done, 28);
  EXPECT_EQ(state().failed, 2);
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(state().failed, 0);
  EXPECT_EQ(state().judged, 30);
  EXPECT_EQ(provider_.calls, 32);
}

TEST_F(PipelineTest, ARefusedKeyStopsTheRunAtOnce) {
  provider_.fallback = Error{ErrorKind::auth, "401"};
  const auto result = go();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::auth);
  EXPECT_LE(provider_.calls, 4);
  EXPECT_EQ(state().failed, 0);  // nothing to remember: no call could have succeeded
}

TEST_F(PipelineTest, GivesUpWhenEverythingFails) {
  provider_.fallback = Error{ErrorKind::transient, "connection refused"};
  const auto result = go({.give_up_after = 6}, 2);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::transient);
  EXPECT_NE(result.error().message.find("6 calls failed in a row"), std::string::npos);
  EXPECT_LE(provider_.calls, 8);
}

TEST_F(PipelineTest, AJudgeThatFailedIsAskedAgainWithoutGenerating) {
  judge_.broken_endpoint = true;
  const auto result = go({.give_up_after = 100});
  ASSERT_FALSE(result.has_value());  // nothing but failures
  EXPECT_NE(result.error().message.find("timed out"), std::string::npos);
  EXPECT_EQ(progress_.errors, 30);
  EXPECT_EQ(state().judge_failed, 30);
  judge_.broken_endpoint = false;
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(provider_.calls, 30);
  EXPECT_EQ(state().judged, 30);
  EXPECT_EQ(progress_.done, 30);
}

TEST_F(PipelineTest, AJudgeErrorStopsTheRunAndKeepsTheResponses) {
  judge_.fail_with = Error{ErrorKind::auth, "judge's key refused"};
  const auto result = go();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::auth);
  const int generated = provider_.calls;
  EXPECT_EQ(state().responded, generated);
  judge_.fail_with.reset();
  ASSERT_TRUE(go().has_value());
  EXPECT_EQ(provider_.calls, 30);
}

TEST_F(PipelineTest, AStoreThatFailsStopsTheRunAndNothingMoreIsSent) {
  auto full = std::make_unique<testing_support::FailingStore>(
      10, Error{ErrorKind::bad_input, "the disk is full"});
  run_ = full->create_run(run_.spec, samples_).value();
  store_ = std::move(full);
  const auto result = go();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "the disk is full");
  EXPECT_LT(provider_.calls, 30);
  EXPECT_LE(progress_.done, 5);  // ten records are five rollouts
}

TEST_F(PipelineTest, KeepsWithinItsBoundInFlight) {
  provider_.hold = true;
  asio::io_context loop;
  Governor governor(provider_, {.concurrency = 100}, clock_);
  Pipeline pipeline(governor, judge_, nullptr, *store_, clock_,
                    {.max_generating = 5, .max_judging = 3});
  bool ended = false;
  asio::co_spawn(
      loop,
      [](Pipeline& p, const RunInfo& run, const std::vector<Sample>& samples,
         bool& out) -> Async<void> {
        out = (co_await p.run(run, samples)).has_value();
      }(pipeline, run_, samples_, ended),
      asio::detached);
  while (!ended) {
    loop.restart();
    loop.poll();
    ASSERT_LE(pipeline.progress().in_flight, 8u);
    if (!provider_.held.empty()) provider_.release_one();
  }
  EXPECT_EQ(provider_.peak, 5);
  EXPECT_EQ(pipeline.progress().done, 30);
}

}  // namespace
}  // namespace iie
