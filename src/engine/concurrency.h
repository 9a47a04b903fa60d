// How many calls an endpoint takes at once, found out by trying: the control loop of TCP (V.
// Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988) for calls instead of packets.
//
// The limit starts small and doubles with every round of answers (slow start) until the endpoint
// first refuses; from then on it grows by one per round, and more slowly where it was last refused,
// as CUBIC does (RFC 9438): an endpoint that takes 48 calls is used at 47 most of the time, and
// asked for a 49th now and then. It grows only while it is what holds calls back: an idle limit
// proves nothing. A refusal cuts it once, however many calls were refused together: refusals of
// calls that were sent before the cut belong to the same episode.
//
// A pure value: no clock, no threads.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace iie {

class Concurrency {
 public:
  struct Options {
    std::size_t initial = 32;
    std::size_t cap = 256;  // at least 1; the limit never exceeds it
    // What a cut leaves. 0.8 rather than TCP's 0.5: a refused call costs little more than time.
    double cut = 0.8;
  };

  explicit Concurrency(Options options);

  // An answer came; `saturated` if every place was taken when it did.
  void answered(bool saturated);
  // A call that was sent at `sent` was refused or broke under load. True where that cut the limit.
  bool refused(SteadyTime sent, SteadyTime now);
  // The endpoint does nothing but fail: one call at a time, and slow start once it answers.
  void collapse(SteadyTime now);

  // Calls at once, at least 1.
  std::size_t limit() const;

 private:
  Options options_;
  double limit_;
  bool slow_start_ = true;
  // Slow start ends here: half way back to where the last trouble began.
  double threshold_;
  // Where it was last refused; 0 before. Growth is slow near it.
  double refused_at_ = 0;
  SteadyTime last_cut_ = SteadyTime::min();
};

}  // namespace iie
