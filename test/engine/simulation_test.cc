// The scheduler against a simulated endpoint; bench/limits.cc prints the whole table.
#include <gtest/gtest.h>

#include "engine/fakes.h"
#include "engine/pipeline.h"
#include "judge/llm_judge.h"
#include "store/store.h"
#include "support/simulated_run.h"

namespace iie {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(Simulation, UsesALimitThatIsSaidInHeaders) {
  const SimulatedRun run = simulate_calls({.requests_per_minute = 500}, 3000, {}, 1);
  EXPECT_LE(run.ratio(), 1.05);
  EXPECT_LE(run.rejected, 0.01);
  EXPECT_EQ(run.failed, 0);
}

TEST(Simulation, UsesALimitThatTheUserGave) {
  GovernorOptions options;
  options.rate = std::make_shared<RateLimit>(RateLimit::Options{.tokens_per_minute = 200'000});
  const SimulatedRun run =
      simulate_calls({.tokens_per_minute = 200'000, .says_limits = false}, 2000, options, 2);
  EXPECT_LE(run.ratio(), 1.05);
  EXPECT_LE(run.rejected, 0.01);
  EXPECT_EQ(run.failed, 0);
}

TEST(Simulation, FindsOutARateThatIsHidden) {
  using Window = SimulatedLimits::Window;
  for (const Window window : {Window::sliding, Window::fixed, Window::bucket}) {
    for (const bool whole_seconds : {false, true}) {
      const SimulatedRun run = simulate_calls({.requests_per_minute = 500,
                                               .window = window,
                                               .whole_seconds = whole_seconds,
                                               .says_limits = false},
                                              6000, {}, 3);
      EXPECT_LE(run.ratio(), 1.04) << static_cast<int>(window) << whole_seconds;
      EXPECT_LE(run.rejected_late, 0.01) << static_cast<int>(window) << whole_seconds;
      EXPECT_EQ(run.failed, 0);
    }
  }
}

TEST(Simulation, FindsOutARateOfWhichRefusalsSayNothing) {
  using Window = SimulatedLimits::Window;
  for (const Window window : {Window::sliding, Window::fixed, Window::bucket}) {
    const SimulatedRun run = simulate_calls({.requests_per_minute = 500,
                                             .window = window,
                                             .says_retry_after = false,
                                             .says_limits = false},
                                            6000, {}, 3);
    EXPECT_LE(run.ratio(), 1.10) << static_cast<int>(window);
    EXPECT_LE(run.rejected_late, 0.01) << static_cast<int>(window);
    EXPECT_EQ(run.failed, 0);
  }
}

TEST(Simulation, FindsOutARateOfAnotherWindow) {
  const SimulatedRun run = simulate_calls(
      {.requests_per_minute = 10, .window_length = 1s, .whole_seconds = true, .says_limits = false},
      6000, {}, 3);
  EXPECT_LE(run.ratio(), 1.10);
  EXPECT_LE(run.rejected_late, 0.01);
  EXPECT_EQ(run.failed, 0);
}

TEST(Simulation, FindsAHiddenConcurrencyLimit) {
  for (const bool says_retry_after : {false, true}) {
    const SimulatedRun run =
        simulate_calls({.concurrency = 48, .whole_seconds = says_retry_after}, 6000, {}, 4);
    EXPECT_LE(run.ratio(), says_retry_after ? 1.08 : 1.04);
    EXPECT_LE(run.rejected_late, 0.002);
    EXPECT_EQ(run.failed, 0);
  }
}

TEST(Simulation, SamplesWithLongAnswersDoNotEndTheRun) {
  // Heavy tails of which four fifths are the sample's: what was seen of it foretells the rest.
  SimulatedRun sum;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const SimulatedRun run =
        simulate_rollouts({.concurrency = 48, .sigma = 1.2, .sample_share = 0.8}, 500, 6, {}, seed);
    EXPECT_EQ(run.failed, 0);
    sum.makespan += run.makespan;
    sum.lower_bound += run.lower_bound;
    sum.knows_nothing += run.knows_nothing;
  }
  EXPECT_LE(sum.ratio(), 1.06);
  EXPECT_GE(sum.knows_nothing / sum.lower_bound, 1.15) << "without foresight";
}

TEST(Simulation, ASlowJudgeDoesNotIdleTheCandidate) {
  // The judge takes five times as long and has as many places: most responses wait for it in the
  // store, and the candidate's places stay taken to its last call.
  VirtualTime time;
  SimulatedEndpoint candidate(time, {.median_seconds = 2}, 5);
  SimulatedEndpoint judge_model(time, {.median_seconds = 10}, 6, "simulated:judge");
  const auto sleep = [&](std::chrono::milliseconds duration) { return time.sleep(duration); };
  Governor candidate_governor(candidate, {.concurrency = 32}, time, sleep);
  Governor judge_governor(judge_model, {.concurrency = 32}, time, sleep);
  LlmJudgeOptions judge_options;
  judge_options.max_reads = 1;
  LlmJudge judge(judge_governor, judge_options);

  std::vector<Sample> samples;
  for (int i = 0; i < 100; ++i) {
    Sample sample;
    sample.id = "s" + std::to_string(i);
    sample.type = "QC";
    sample.language = Language::english;
    sample.question.messages = {{Role::user, "question " + std::to_string(i)}};
    sample.question.reference = "An answer.";
    sample.question.rubric = {{.id = "c1", .text = "It answers."}};
    samples.push_back(std::move(sample));
  }
  RunSpec spec;
  spec.model = "simulated:model";
  spec.rollouts = 20;
  const auto store = make_memory_store();
  const RunInfo run = store->create_run(spec, samples).value();
  Pipeline pipeline(candidate_governor, judge, &judge_governor, *store, time,
                    {.max_generating = 48, .max_judging = 64});
  asio::io_context loop;
  bool ended = false;
  asio::co_spawn(
      loop,
      [](Pipeline& p, const RunInfo& r, const std::vector<Sample>& s, bool& done) -> Async<void> {
        done = (co_await p.run(r, s)).has_value();
      }(pipeline, run, samples, ended),
      asio::detached);
  const SteadyTime start = time.now();
  time.run(loop);
  EXPECT_TRUE(ended);
  EXPECT_EQ(candidate.answered, 2000);
  EXPECT_EQ(judge_model.answered, 2000);
  // Up to its last call: after that there is nothing to be busy with.
  const double span = std::chrono::duration<double>(candidate.last_call - start).count();
  EXPECT_GT(candidate.call_seconds_at_last_call / (32 * span), 0.95);
}

}  // namespace
}  // namespace iie
