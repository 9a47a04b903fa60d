// Tells an endpoint that is down from one that fails now and then, and says when to stop believing
// in it: a circuit breaker (M. Nygard, Release It!, 2nd ed. (2018), chapter 5) that probes.
//
// Many failures in a row, without an answer between them, are an outage: all calls pause, then go
// one at a time, with growing pauses, until one is answered. So an endpoint that restarts costs a
// few calls, not every call's last try. An outage that outlasts the patience ends the run.
//
// A pure value: no clock, no threads.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace iie {

class Outage {
 public:
  struct Options {
    // Failures in a row that make an outage.
    int failures = 16;
    // How long one may last, and how long one may where nothing was ever answered: a mistyped port
    // should not cost minutes.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
    std::chrono::milliseconds patience_unanswered = std::chrono::seconds(30);
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{30'000};
  };

  Outage() = default;
  explicit Outage(Options options) : options_(options) {}

  // The endpoint answered, be it with a refusal. True where that ended an outage.
  bool answered();

  struct Failure {
    // All calls pause until then; absent: go on.
    std::optional<SteadyTime> pause_until;
    bool began = false;    // with this failure
    bool give_up = false;  // the patience is at its end
  };
  // A call that was sent at `sent` brought no answer. Failures of calls that were sent before the
  // current pause began add nothing.
  Failure failed(SteadyTime sent, SteadyTime now);

  bool ongoing() const { return ongoing_; }
  // Of the first failure in the row.
  std::optional<SteadyTime> since() const { return since_; }
  int failures_in_a_row() const { return row_; }

 private:
  Options options_;
  int row_ = 0;
  int pauses_ = 0;
  bool ongoing_ = false;
  bool ever_answered_ = false;
  std::optional<SteadyTime> since_;
  SteadyTime paused_at_{};
};

}  // namespace iie
