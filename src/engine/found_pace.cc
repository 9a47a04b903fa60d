#include "engine/found_pace.h"

#include <algorithm>
#include <cmath>

namespace iie {
namespace {

using Seconds = std::chrono::duration<double>;

// Of the rate that was measured: no window then holds more than the limit.
constexpr double kPace = 0.985;
// Most rates are counted in windows of a minute, so one that is refused now may have been too fast
// for so long.
constexpr Seconds kWindow{60};
// A rate is measured over at least this long and this many calls; over less at first, when all
// calls are sent at once.
constexpr Seconds kFirstMeasurable{1};
constexpr Seconds kMeasurable{3};
constexpr std::int64_t kMeasurableCalls = 4;
// A first pace that is refused before it can be measured again is cut to this.
constexpr double kTooFast = 0.8;
// Who asks to wait longer speaks of a quota of hours or days.
constexpr std::chrono::minutes kLongestWait{2};
// Steps up: the first after so long, each twice the one before.
constexpr Seconds kFirstPatience{20};
constexpr Seconds kMostPatience{960};
constexpr double kFirstStep = 0.01;
constexpr double kLargestStep = 0.16;
// After more than so many steps little is known of the pace any more.
constexpr int kManySteps = 2;
// A limit that is known is refused at its window's edge now and then. Refusals after fewer calls,
// so many times in a row, have another reason.
constexpr std::int64_t kSeldom = 100;
constexpr int kTooOften = 3;

SteadyTime after(SteadyTime from, Seconds duration) {
  return from + std::chrono::duration_cast<SteadyTime::duration>(duration);
}

}  // namespace

SteadyTime FoundPace::book(SteadyTime now) {
  if (pace_ <= 0) return now;
  const SteadyTime due = std::max(next_, now);
  if (due > now && now >= next_step_) {
    step_ = std::min(kLargestStep, step_ > 0 ? 2 * step_ : kFirstStep);
    before_step_ = pace_;
    pace_ *= 1 + step_;
    next_step_ = after(now, kWindow);
    ++steps_;
  }
  next_ = after(due, Seconds(1 / pace_));
  return due;
}

void FoundPace::give_back() {
  if (pace_ > 0) next_ = after(next_, -Seconds(1 / pace_));
}

void FoundPace::hold(SteadyTime until) { next_ = std::max(next_, until); }

void FoundPace::sent(SteadyTime now) {
  if (since_ == SteadyTime{}) since_ = now;
  ++taken_;
}

bool FoundPace::refused(SteadyTime sent_at, SteadyTime now, std::chrono::milliseconds retry_after,
                        bool another_known) {
  not_taken(sent_at);
  if (retry_after > kLongestWait) return false;
  if (sent_at <= refused_at_) {  // the same episode: fewer were taken than it seemed
    if (measured_ > kMeasurableCalls && sent_at >= measured_since_) {
      --measured_;
      if (first_) pace_ = measured_pace();
    }
    return pace_ > 0 || another_known;
  }
  refused_at_ = now;
  free_at_ = now + retry_after;
  if (another_known && pace_ <= 0) {
    too_often_ = taken_ < kSeldom ? too_often_ + 1 : 0;
    if (too_often_ < kTooOften) {
      measure_again();
      return true;
    }
  }
  return measure();
}

void FoundPace::not_taken(SteadyTime sent_at) {
  if (sent_at >= since_) --taken_;
}

void FoundPace::room_since(SteadyTime sent_at) {
  // What was sent from then on belongs to the time after.
  --taken_;
  refused_at_ = sent_at;
  free_at_ = sent_at;
  (void)measure();
  ++taken_;
}

bool FoundPace::measure() {
  measured_since_ = since_;
  measured_ = taken_;
  const Seconds span = free_at_ - since_;
  Seconds patience = kFirstPatience;
  if (taken_ < kMeasurableCalls || span < (pace_ > 0 ? kMeasurable : kFirstMeasurable)) {
    if (pace_ <= 0) return false;
    if (measurements_ == 1) {
      pace_ = std::min(pace_, std::max(pace_ * kTooFast, measured_ > 0 ? measured_pace() : 0));
    }
    first_ = false;
  } else {
    first_ = measurements_ == 0;
    measured_for_ = measurements_ == 1 ? span : measured_for_ + span;
    if (steps_ > 0) {
      if (steps_ == 1) patience = std::min(kMostPatience, 2 * patience_);
      pace_ = before_step_;
      // A bucket that had been filling up takes many calls too fast before it refuses one.
      if (steps_ > kManySteps) measured_for_ = Seconds(0);
    } else if (measurements_ < 2) {
      pace_ = measured_pace();
    } else {
      // What is measured over less than a window shows how calls were spread a window ago, so it
      // counts for its share of one.
      pace_ *= std::pow(std::min(kPace, measured_pace() / pace_),
                        std::min(1.0, span / std::min(kWindow, measured_for_)));
    }
    ++measurements_;
    measure_again();
  }
  patience_ = patience;
  steps_ = 0;
  step_ = 0;
  next_step_ = after(free_at_, patience_);
  // One call's time to spare: what has room for exactly one refuses the next that is a little
  // early.
  next_ = std::max(next_, after(free_at_, Seconds(1 / pace_)));
  return true;
}

// From when the endpoint has room again.
void FoundPace::measure_again() {
  since_ = free_at_;
  taken_ = 0;
}

double FoundPace::measured_pace() const {
  return static_cast<double>(measured_) * kPace / Seconds(free_at_ - measured_since_).count();
}

}  // namespace iie
