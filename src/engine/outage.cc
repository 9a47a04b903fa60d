#include "engine/outage.h"

#include <algorithm>

namespace iie {

bool Outage::answered() {
  const bool ended = ongoing_;
  row_ = 0;
  pauses_ = 0;
  ongoing_ = false;
  ever_answered_ = true;
  since_.reset();
  return ended;
}

Outage::Failure Outage::failed(SteadyTime sent, SteadyTime now) {
  ++row_;
  if (!since_) since_ = now;
  if (row_ < options_.failures) return {};
  Failure failure;
  failure.began = !ongoing_;
  if (ongoing_ && sent < paused_at_) return {};
  ongoing_ = true;
  const auto patience = ever_answered_ ? options_.patience : options_.patience_unanswered;
  failure.give_up = now - *since_ >= patience;
  const auto pause =
      std::min(options_.longest_pause, options_.first_pause * (1 << std::min(pauses_, 16)));
  ++pauses_;
  paused_at_ = now;
  failure.pause_until = now + pause;
  return failure;
}

}  // namespace iie
