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
      {"48 at once, heavy tail", {.concurrency = 48, .sigma = 1.2}, 6000},
      {"none, 256 connections", {}, 6072},
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
  return 0;
}
