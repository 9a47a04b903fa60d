// How close the scheduler comes to what an endpoint's limits allow, in simulated time: makespan
// against the lower bound max(work / limit, longest request), and how many requests were refused.
//
//   ninja -C build benches && build/bench/bench_limits
//
// Everything is seeded: the table is the same on every machine.
#include <fmt/format.h>

#include "support/simulated_run.h"

using iie::GovernorOptions;
using iie::RateLimit;
using iie::SimulatedLimits;
using iie::SimulatedRun;

namespace {

struct Case {
  const char* name;
  SimulatedLimits limits;
  int calls;
  std::int64_t rpm = 0;  // given by the user
  std::int64_t tpm = 0;
};

}  // namespace

int main() {
  const Case cases[] = {
      {"500 RPM, in headers", {.requests_per_minute = 500}, 6000},
      {"500 RPM, given", {.requests_per_minute = 500, .says_limits = false}, 6000, 500},
      {"500 RPM, hidden, Retry-After", {.requests_per_minute = 500, .says_limits = false}, 6000},
      {"the same, Retry-After in seconds",
       {.requests_per_minute = 500, .whole_seconds = true, .says_limits = false},
       6000},
      {"500 a clock's minute, hidden",
       {.requests_per_minute = 500,
        .window = SimulatedLimits::Window::fixed,
        .whole_seconds = true,
        .says_limits = false},
       6000},
      {"500 RPM, a bucket, hidden",
       {.requests_per_minute = 500,
        .window = SimulatedLimits::Window::bucket,
        .whole_seconds = true,
        .says_limits = false},
       6000},
      {"the same, Retry-After in ms",
       {.requests_per_minute = 500,
        .window = SimulatedLimits::Window::bucket,
        .says_limits = false},
       6000},
      {"10 a second, hidden",
       {.requests_per_minute = 10,
        .window_length = std::chrono::seconds(1),
        .whole_seconds = true,
        .says_limits = false},
       6000},
      {"500 RPM, hidden, no Retry-After",
       {.requests_per_minute = 500, .says_retry_after = false, .says_limits = false},
       6000},
      {"60 RPM, in headers", {.requests_per_minute = 60}, 1012},
      {"200k TPM, in headers", {.tokens_per_minute = 200'000}, 4000},
      {"200k TPM, given", {.tokens_per_minute = 200'000, .says_limits = false}, 4000, 0, 200'000},
      {"500 RPM + 200k TPM, in headers",
       {.requests_per_minute = 500, .tokens_per_minute = 200'000},
       4000},
      {"48 at once, hidden", {.concurrency = 48}, 6000},
      {"48 at once, hidden, Retry-After: 1", {.concurrency = 48, .whole_seconds = true}, 6000},
      {"8 at once, hidden", {.concurrency = 8}, 2000},
  };
  fmt::print("{:<36} {:>10} {:>10} {:>7} {:>10} {:>12} {:>7}\n", "limit", "makespan", "bound",
             "ratio", "refused", "after warm-up", "failed");
  for (const Case& c : cases) {
    GovernorOptions options;
    RateLimit::Options rate;
    if (c.rpm > 0) rate.requests_per_minute = c.rpm;
    if (c.tpm > 0) rate.tokens_per_minute = c.tpm;
    options.rate = std::make_shared<RateLimit>(rate);
    const auto run = iie::simulate_calls(c.limits, c.calls, options, 1);
    fmt::print("{:<36} {:>8.1f} s {:>8.1f} s {:>7.3f} {:>8.2f} % {:>10.2f} % {:>7}\n", c.name,
               run.makespan, run.lower_bound, run.ratio(), 100 * run.rejected,
               100 * run.rejected_late, run.failed);
  }

  // The end of a run waits for what began late and takes long: beside the bound, what schedulers
  // reach that know the lengths, the samples' means, or nothing.
  fmt::print("\n{:<52} {:>10} {:>7} {:>12} {:>14} {:>14}\n", "1,012 samples x 6 in the pipeline",
             "makespan", "ratio", "clairvoyant", "knows samples", "knows nothing");
  for (const double sigma : {0.6, 1.2}) {
    for (const double share : {0.0, 0.5, 0.8}) {
      for (const int concurrency : {48, 0}) {
        const SimulatedLimits limits{
            .concurrency = concurrency, .sigma = sigma, .sample_share = share};
        SimulatedRun sum;
        constexpr int kSeeds = 5;
        for (int seed = 1; seed <= kSeeds; ++seed) {
          const auto run =
              iie::simulate_rollouts(limits, 1012, 6, {}, static_cast<std::uint64_t>(seed));
          sum.makespan += run.makespan / kSeeds;
          sum.lower_bound += run.lower_bound / kSeeds;
          sum.clairvoyant += run.clairvoyant / kSeeds;
          sum.knows_samples += run.knows_samples / kSeeds;
          sum.knows_nothing += run.knows_nothing / kSeeds;
        }
        const auto ratio = [&](double makespan) { return makespan / sum.lower_bound; };
        fmt::print("{:<52} {:>8.1f} s {:>7.3f} {:>12.3f} {:>14.3f} {:>14.3f}\n",
                   fmt::format("{}, sigma {}, {:.0f} % the sample's",
                               concurrency > 0 ? "48 at once, hidden" : "256 connections", sigma,
                               100 * share),
                   sum.makespan, sum.ratio(), ratio(sum.clairvoyant), ratio(sum.knows_samples),
                   ratio(sum.knows_nothing));
      }
    }
  }
  return 0;
}
