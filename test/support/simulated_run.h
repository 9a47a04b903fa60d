// Calls through a governor to a simulated endpoint, or a run through the pipeline, and what came of
// it. For the tests' slice and for bench/limits.cc.
#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "engine/governor.h"
#include "engine/pipeline.h"
#include "judge/judge.h"
#include "store/store.h"
#include "support/simulation.h"

namespace iie {

struct SimulatedRun {
  double makespan = 0;       // seconds
  double lower_bound = 0;    // of any schedule
  double rejected = 0;       // of all requests
  double rejected_late = 0;  // of the requests after the first tenth of the time
  std::int64_t failed = 0;   // calls without an answer
  // Makespans of the same rollouts on the same places, all of them free from the start and no call
  // refused: by who knows every length, by who knows each sample's mean, and by who knows nothing.
  double clairvoyant = 0;
  double knows_samples = 0;
  double knows_nothing = 0;
  double ratio() const { return makespan / lower_bound; }
};

// The makespan of calls that take `seconds` and begin in that order, each as a place gets free.
inline double list_schedule(const std::vector<double>& seconds, std::size_t places) {
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (std::size_t i = 0; i < places; ++i) free.push(0);
  double end = 0;
  for (const double length : seconds) {
    const double done = free.top() + length;
    free.pop();
    free.push(done);
    end = std::max(end, done);
  }
  return end;
}

// A verdict at once.
class PassAll final : public Judge {
 public:
  const std::string& name() const override { return name_; }
  Async<Result<Judgement>> judge(const Sample&, const Response&, int) override {
    Judgement judgement;
    judgement.judge = name_;
    judgement.verdict = Verdict::pass("");
    co_return judgement;
  }

 private:
  std::string name_ = "pass";
};

// A run through the pipeline, whose order may learn from the answers.
inline SimulatedRun simulate_rollouts(const SimulatedLimits& limits, int samples, int rollouts,
                                      GovernorOptions options, std::uint64_t seed) {
  namespace asio = boost::asio;
  VirtualTime time;
  SimulatedEndpoint endpoint(time, limits, seed);
  const std::size_t places =
      limits.concurrency > 0 ? static_cast<std::size_t>(limits.concurrency) : options.concurrency;
  const PipelineOptions pipeline_options{.max_generating =
                                             options.concurrency + options.concurrency / 4 + 16};
  Governor governor(endpoint, std::move(options), time,
                    [&](std::chrono::milliseconds duration) { return time.sleep(duration); });
  std::vector<Sample> asked;
  for (int i = 0; i < samples; ++i) {
    Sample sample;
    sample.id = "s" + std::to_string(i);
    sample.question.messages = {{Role::user, "question " + std::to_string(i)}};
    asked.push_back(std::move(sample));
  }
  RunSpec spec;
  spec.model = "simulated:model";
  spec.rollouts = rollouts;
  const auto store = make_memory_store();
  const RunInfo run = store->create_run(spec, asked).value();
  PassAll judge;
  Pipeline pipeline(governor, judge, nullptr, *store, time, pipeline_options);
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [](Pipeline& p, const RunInfo& r, const std::vector<Sample>& s) -> Async<void> {
        (void)co_await p.run(r, s);
      }(pipeline, run, asked),
      asio::detached);
  const SteadyTime start = time.now();
  time.run(loop);

  SimulatedRun result;
  result.makespan = std::chrono::duration<double>(endpoint.last_answer - start).count();
  result.failed = std::int64_t{samples} * rollouts - endpoint.answered;
  result.rejected = static_cast<double>(endpoint.rejected) / static_cast<double>(endpoint.calls);
  const SteadyTime warm = start + (endpoint.last_answer - start) / 10;
  const auto late =
      std::ranges::count_if(endpoint.rejected_at, [&](SteadyTime at) { return at > warm; });
  result.rejected_late = static_cast<double>(late) / static_cast<double>(endpoint.calls);

  struct Length {
    double sample_mean;
    double seconds;
  };
  std::vector<Length> lengths;
  const auto schedule = [&] {
    std::vector<double> seconds;
    for (const Length& length : lengths) seconds.push_back(length.seconds);
    return list_schedule(seconds, places);
  };
  for (int rollout = 0; rollout < rollouts; ++rollout) {
    for (const Sample& sample : asked) {
      double mean = 0;
      for (int i = 0; i < rollouts; ++i) mean += endpoint.latency(sample.id, i) / rollouts;
      lengths.push_back({mean, endpoint.latency(sample.id, rollout)});
    }
  }
  result.knows_nothing = schedule();
  std::ranges::stable_sort(lengths, std::greater<>(), &Length::sample_mean);
  result.knows_samples = schedule();
  std::ranges::stable_sort(lengths, std::greater<>(), &Length::seconds);
  result.clairvoyant = schedule();
  result.lower_bound =
      std::max(endpoint.longest.count(), endpoint.busy_seconds / static_cast<double>(places));
  return result;
}

inline SimulatedRun simulate_calls(const SimulatedLimits& limits, int calls,
                                   GovernorOptions options, std::uint64_t seed) {
  namespace asio = boost::asio;
  VirtualTime time;
  SimulatedEndpoint endpoint(time, limits, seed);
  const auto places = static_cast<double>(options.concurrency);
  Governor governor(endpoint, std::move(options), time,
                    [&](std::chrono::milliseconds duration) { return time.sleep(duration); });
  asio::io_context loop;
  const SteadyTime start = time.now();
  SimulatedRun result;
  for (int i = 0; i < calls; ++i) {
    asio::co_spawn(
        loop,
        [](Governor& g, std::int64_t& failed) -> Async<void> {
          const GenerateRequest request;
          if (!(co_await g.generate(request))) ++failed;
        }(governor, result.failed),
        asio::detached);
  }
  time.run(loop);
  const auto seconds = [](auto duration) {
    return std::chrono::duration<double>(duration).count();
  };
  result.makespan = seconds(endpoint.last_answer - start);
  const auto done = static_cast<double>(calls);
  double bound = std::max(endpoint.longest.count(), endpoint.busy_seconds / places);
  // Of a bucket the first windowful goes at once.
  const double paced = limits.window == SimulatedLimits::Window::bucket
                           ? std::max(0.0, done - static_cast<double>(limits.requests_per_minute))
                           : done;
  const double window = seconds(limits.window_length);
  if (limits.requests_per_minute > 0) {
    bound = std::max(bound, window * (paced / static_cast<double>(limits.requests_per_minute)));
  }
  if (limits.tokens_per_minute > 0) {
    bound = std::max(bound, window * done * static_cast<double>(limits.tokens_per_call) /
                                static_cast<double>(limits.tokens_per_minute));
  }
  if (limits.concurrency > 0) bound = std::max(bound, endpoint.busy_seconds / limits.concurrency);
  result.lower_bound = bound;
  result.rejected = static_cast<double>(endpoint.rejected) / static_cast<double>(endpoint.calls);
  const SteadyTime warm = start + (endpoint.last_answer - start) / 10;
  const auto late =
      std::ranges::count_if(endpoint.rejected_at, [&](SteadyTime at) { return at > warm; });
  result.rejected_late = static_cast<double>(late) / static_cast<double>(endpoint.calls);
  return result;
}

}  // namespace iie
