// How many calls an endpoint takes at once, found out by trying: the control loop of TCP (V.
// Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988) for calls instead of packets.
//
// The limit starts small and grows threefold with every round of answers (slow start) until the
// endpoint first refuses. Unlike a lost packet, a refused call says what the limit is: the endpoint
// was serving all the others that were under way, and not one more. So the limit becomes just
// that, and is asked for one more now and then, half as often each time the same answer comes: an
// endpoint that takes 48 calls is used at 48. Where the limit turns out too high although nothing
// more was asked for, or calls break instead of being refused, it is cut by a factor, once however
// many calls fail together: calls that were sent before the cut belong to the same episode. Above
// where it was last refused it grows by one per round.
//
// It grows only while it is what holds calls back: an idle limit proves nothing.
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
  // A call that was sent at `sent` was refused while `serving` others were under way. True where
  // that lowered the limit.
  bool refused(SteadyTime sent, SteadyTime now, std::size_t serving);
  // A call that was sent at `sent` broke under load. True where that cut the limit.
  bool broke(SteadyTime sent, SteadyTime now);
  // The endpoint does nothing but fail: one call at a time, and slow start once it answers.
  void collapse(SteadyTime now);

  // Whether the limit is one more than what was served when that was refused.
  bool tries_one_more() const;
  // Calls at once, at least 1.
  std::size_t limit() const;

 private:
  void cut(SteadyTime now);
  void lower_to(double serving);

  Options options_;
  double limit_;
  bool slow_start_ = true;
  // Slow start ends here: half way back to where the last trouble began.
  double threshold_;
  // So many were served when one more was refused; 0 before.
  double ceiling_ = 0;
  // Rounds of answers until one more than the ceiling is tried.
  double patience_;
  SteadyTime last_cut_ = SteadyTime::min();
  // The limit before the current episode, while its refusals still tell how many were served; else
  // 0.
  double before_ = 0;
  // Saturated answers since the last cut.
  double answers_ = 0;
};

}  // namespace iie
