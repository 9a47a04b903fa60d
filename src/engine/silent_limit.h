// Tells a rate limit whose refusals do not say how long to wait from an endpoint that serves only
// so many calls at once: where call after call is refused and none that was sent meanwhile is
// taken, fewer at once would not help. Calls then pause and go one at a time until one is taken, as
// in an outage (engine/outage.h); when that one was sent there was room again.
//
// A pure value: no clock, no threads.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace iie {

class SilentLimit {
 public:
  struct Options {
    // Refusals in a row, each of a call that was sent after the first of them.
    int refusals = 16;
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause{4'000};
    // Windows of a minute end within it. Who refuses everything for longer is given up.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
  };

  SilentLimit() = default;
  explicit SilentLimit(Options options) : options_(options) {}

  struct Refusal {
    // All calls pause until then; absent: go on.
    std::optional<SteadyTime> pause_until;
    bool began = false;    // with this refusal
    bool give_up = false;  // the patience is at its end
  };
  // A call that was sent at `sent` was refused. `paced`: the endpoint's rate is known and fewer
  // calls were under way than it takes, so that it can be nothing else.
  Refusal refused(SteadyTime sent, SteadyTime now, bool paced);
  // A call that was sent at `sent` was taken. True where that ended the pauses.
  bool taken(SteadyTime sent);

  bool ongoing() const { return ongoing_; }

 private:
  Options options_;
  std::optional<SteadyTime> since_;  // the first refusal in the row
  int row_ = 0;
  int pauses_ = 0;
  bool ongoing_ = false;
  SteadyTime paused_at_{};
};

}  // namespace iie
