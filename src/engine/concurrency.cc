#include "engine/concurrency.h"

#include <algorithm>

namespace iie {

namespace {

// Above this share of where it was last refused, the limit grows by one in 1 / kCare rounds.
constexpr double kNear = 0.9;
constexpr double kCare = 1.0 / 16;
// Where so few calls were refused, one more is worth trying soon.
constexpr double kFew = 4;

}  // namespace

Concurrency::Concurrency(Options options)
    : options_(options),
      limit_(static_cast<double>(
          std::clamp<std::size_t>(options.initial, 1, std::max<std::size_t>(1, options.cap)))),
      threshold_(static_cast<double>(std::max<std::size_t>(1, options.cap))) {}

void Concurrency::answered(bool saturated) {
  if (!saturated) return;
  const auto cap = static_cast<double>(std::max<std::size_t>(1, options_.cap));
  if (limit_ >= threshold_) slow_start_ = false;
  double step = slow_start_ ? 1 : 1 / limit_;
  const bool near = limit_ > kNear * refused_at_ && limit_ < refused_at_ + 1;
  if (!slow_start_ && near && refused_at_ > kFew) step *= kCare;
  limit_ = std::min(cap, limit_ + step);
}

bool Concurrency::refused(SteadyTime sent, SteadyTime now) {
  if (sent <= last_cut_) return false;
  last_cut_ = now;
  refused_at_ = limit_;
  limit_ = std::max(1.0, limit_ * options_.cut);
  slow_start_ = false;
  threshold_ = limit_;
  return true;
}

void Concurrency::collapse(SteadyTime now) {
  last_cut_ = now;
  threshold_ = std::max(1.0, std::max(limit_, threshold_) / 2);
  limit_ = 1;
  slow_start_ = true;
}

std::size_t Concurrency::limit() const { return static_cast<std::size_t>(limit_); }

}  // namespace iie
