// A rate limit that is neither given nor said, found out from refusals that say how long to wait
// (Retry-After): between two moments at which the endpoint had room again it took so many calls,
// and that many in that time is its rate, whatever its window and however it counts.
//
// Calls go at the pace found, evenly. It is raised in small steps while it is what holds calls
// back, and after a refusal it falls to the pace before the last step, which stood; each time that
// a first step is refused the next one waits twice as long. So a limit that changed is found again,
// and one that did not costs a refusal in several minutes.
//
// A pure value of one thread (the event loop's). Part of RateLimit.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace iie {

class FoundPace {
 public:
  // Books a call and says when it may be sent: now, or later.
  SteadyTime book(SteadyTime now);
  // A booked call was never sent.
  void give_back();
  // Nothing is sent before `until`; what was booked for before is booked again.
  void hold(SteadyTime until);

  // A call is sent.
  void sent(SteadyTime now);
  // A call that was sent at `sent_at` was refused for `retry_after`. True where a rate explains it;
  // false where none could be measured, or the wait is for something longer than a rate.
  // `another_known`: there is a rate limit that was given or said, which explains the odd refusal.
  bool refused(SteadyTime sent_at, SteadyTime now, std::chrono::milliseconds retry_after,
               bool another_known);

  // The same where it is not said how long to wait: a call was refused, and later one that was sent
  // at `sent_at` was taken, the first one again.
  void not_taken(SteadyTime sent_at);
  void room_since(SteadyTime sent_at);

  // Calls per second; 0: none found.
  double pace() const { return pace_; }

 private:
  using Seconds = std::chrono::duration<double>;

  bool measure();
  void measure_again();
  double measured_pace() const;

  double pace_ = 0;
  SteadyTime next_{};  // when the next call is due
  // Since when is counted, and how many calls were sent since and not refused, or not yet.
  SteadyTime since_{};
  std::int64_t taken_ = 0;
  int measurements_ = 0;
  bool first_ = false;      // the pace is what the first refusal's episode measured
  Seconds measured_for_{};  // by all but the first
  // The steps up since the last refusal.
  int steps_ = 0;
  double step_ = 0;
  double before_step_ = 0;
  SteadyTime next_step_{};
  Seconds patience_{};
  // The last refusal, and what was counted then.
  SteadyTime refused_at_ = SteadyTime::min();
  SteadyTime free_at_{};
  SteadyTime measured_since_{};
  std::int64_t measured_ = 0;
  // Refusals in a row that came too soon for the limit that is known.
  int too_often_ = 0;
};

}  // namespace iie
