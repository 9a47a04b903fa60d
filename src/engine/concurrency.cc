#include "engine/concurrency.h"

#include <algorithm>

namespace iie {

namespace {

// Of slow start, for each answer: 2 makes it threefold each round. TCP doubles, but has no one to
// tell it before how much is too much; refused calls do, at once and without having been started.
constexpr double kSlowStartStep = 2;
// From this share of the ceiling on, the limit grows by one in `patience` rounds.
constexpr double kNear = 0.9;
constexpr double kFirstPatience = 16;
constexpr double kMostPatience = 256;
// Where so few are served, one more is worth trying soon.
constexpr double kFew = 4;

double first_patience(double served) { return served <= kFew ? 2 : kFirstPatience; }

}  // namespace

Concurrency::Concurrency(Options options)
    : options_(options),
      limit_(static_cast<double>(
          std::clamp<std::size_t>(options.initial, 1, std::max<std::size_t>(1, options.cap)))),
      threshold_(static_cast<double>(std::max<std::size_t>(1, options.cap))),
      patience_(kFirstPatience) {}

void Concurrency::answered(bool saturated) {
  if (!saturated) return;
  const auto cap = static_cast<double>(std::max<std::size_t>(1, options_.cap));
  ++answers_;
  if (limit_ >= threshold_) slow_start_ = false;
  double step = slow_start_ ? kSlowStartStep : 1 / limit_;
  const bool near = limit_ > kNear * ceiling_ && limit_ < ceiling_ + 1;
  if (!slow_start_ && near) step /= patience_;
  limit_ = std::min(cap, limit_ + step);
}

bool Concurrency::refused(SteadyTime sent, SteadyTime now, std::size_t serving) {
  const auto served = static_cast<double>(serving);
  if (sent <= last_cut_) {
    // One of those that seemed to be served when the episode began.
    if (before_ <= 0 || served >= limit_) return false;
    lower_to(served);
    return true;
  }
  // Less than a round after the last cut, and nothing more was tried: the endpoint is losing
  // ground, or its limit is not one of calls at once.
  const bool tried_more = limit_ >= ceiling_ + 1;
  if (ceiling_ > 0 && !tried_more && answers_ < limit_) {
    cut(now);
    return true;
  }
  patience_ = tries_one_more() ? std::min(kMostPatience, 2 * patience_)
                               : first_patience(std::min(limit_, served));
  last_cut_ = now;
  before_ = limit_;
  answers_ = 0;
  lower_to(std::min(limit_, served));
  return true;
}

// What is served is known. Where it is little beside what was believed, much of it may have been
// refused for something else than being too many, so half way back is tried soon.
void Concurrency::lower_to(double serving) {
  limit_ = std::max(1.0, serving);
  ceiling_ = limit_;
  threshold_ = before_ / 2;
  slow_start_ = limit_ < threshold_;
}

bool Concurrency::broke(SteadyTime sent, SteadyTime now) {
  if (sent <= last_cut_) return false;
  cut(now);
  return true;
}

void Concurrency::cut(SteadyTime now) {
  last_cut_ = now;
  before_ = 0;
  answers_ = 0;
  patience_ = first_patience(limit_);
  ceiling_ = limit_;
  limit_ = std::max(1.0, limit_ * options_.cut);
  slow_start_ = false;
  threshold_ = limit_;
}

void Concurrency::collapse(SteadyTime now) {
  last_cut_ = now;
  before_ = 0;
  answers_ = 0;
  threshold_ = std::max(1.0, std::max(limit_, threshold_) / 2);
  limit_ = 1;
  slow_start_ = true;
}

bool Concurrency::tries_one_more() const {
  return ceiling_ > 0 && limit_ >= ceiling_ + 1 && limit_ < ceiling_ + 2;
}

std::size_t Concurrency::limit() const { return static_cast<std::size_t>(limit_); }

}  // namespace iie
