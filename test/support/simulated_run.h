// Calls through a governor to a simulated endpoint, and what came of it. For the tests' slice and
// for bench/limits.cc.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "engine/governor.h"
#include "support/simulation.h"

namespace iie {

struct SimulatedRun {
  double makespan = 0;       // seconds
  double lower_bound = 0;    // of any schedule
  double rejected = 0;       // of all requests
  double rejected_late = 0;  // of the requests after the first tenth of the time
  std::int64_t failed = 0;   // calls without an answer
  double ratio() const { return makespan / lower_bound; }
};

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
