#include "engine/silent_limit.h"

#include <algorithm>
#include <utility>

namespace iie {

SilentLimit::Refusal SilentLimit::refused(SteadyTime sent, SteadyTime now, bool paced) {
  if (ongoing_ && sent <= paused_at_) return {};  // of the wave before the pause
  if (!since_) since_ = now;
  Refusal refusal;
  if (!ongoing_) {
    if (sent > *since_) ++row_;
    if (!paced && row_ < options_.refusals) return {};
    ongoing_ = true;
    refusal.began = true;
    pauses_ = 0;
  }
  paused_at_ = now;
  refusal.pause_until =
      now + std::min(options_.longest_pause, options_.first_pause * (1 << std::min(pauses_++, 16)));
  refusal.give_up = now - *since_ >= options_.patience;
  return refusal;
}

bool SilentLimit::taken(SteadyTime sent) {
  if (!since_ || sent <= (ongoing_ ? paused_at_ : *since_)) return false;
  since_.reset();
  row_ = 0;
  return std::exchange(ongoing_, false);
}

}  // namespace iie
