// Requests and tokens per minute that an endpoint allows one credential: given by the user, learnt
// from what the endpoint says with each answer, or found out by being refused
// (engine/found_pace.h). Candidate and judge share one where they
// share endpoint and credential.
//
// Calls are spaced evenly (a virtual scheduling algorithm, ITU-T I.371, also known as GCRA) with a
// small burst: an endpoint that counts in windows is never met by a whole minute's calls in its
// first second. The pace is a little below the limit, so that a window never holds more than the
// limit even with a burst at its edge.
//
// A pure value of one thread (the event loop's).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "core/response.h"
#include "engine/found_pace.h"

namespace iie {

class RateLimit {
 public:
  struct Options {
    // Absent: learnt, or none. What the user gives is never overruled by headers.
    std::optional<std::int64_t> requests_per_minute;
    std::optional<std::int64_t> tokens_per_minute;
  };

  RateLimit() = default;
  explicit RateLimit(Options options);

  // Books one request of about `tokens` tokens and says when it may be sent: now or later.
  SteadyTime book(SteadyTime now, std::int64_t tokens);
  // The booked request took `actual` tokens instead.
  void settle(std::int64_t booked, std::int64_t actual);
  // The request that was booked for `due` was never sent.
  void give_back(SteadyTime due, std::int64_t tokens);
  // A booked request is sent.
  void sent(SteadyTime now);
  // One that was sent at `sent_at` was refused, and may be sent again after `retry_after`. True
  // where that is because requests came too fast; false where it must have another reason.
  bool refused(SteadyTime sent_at, SteadyTime now, std::chrono::milliseconds retry_after);

  // What an endpoint said with an answer.
  void learn(const RateLimits& said, SteadyTime now);
  // The same where the refusal does not say how long; and once there is room again, which a call
  // that was sent at `sent_at` found.
  void refused(SteadyTime sent_at) { found_.not_taken(sent_at); }
  void room_since(SteadyTime sent_at) { found_.room_since(sent_at); }
  // Whether a pace was found out by being refused.
  bool paced() const { return found_.pace() > 0; }
  // Nothing is sent before `until`: Retry-After, or a window that is used up. What was booked for
  // before then is booked again, one after another: nothing gathers behind a pause to go at once.
  void hold(SteadyTime until);
  // The time before which nothing is sent.
  SteadyTime held_until() const { return held_until_; }

  std::optional<std::int64_t> requests_per_minute() const { return per_minute(requests_); }
  std::optional<std::int64_t> tokens_per_minute() const { return per_minute(tokens_); }

 private:
  struct Bucket {
    bool fixed = false;     // the user's
    double per_second = 0;  // 0: no limit
    SteadyTime next{};      // when the next unit is due, were the burst used up
    // What was booked while no limit was known: it counts once one is.
    double unlimited = 0;
    SteadyTime unlimited_since{};
  };

  static std::optional<std::int64_t> per_minute(const Bucket& bucket);
  static void set(Bucket& bucket, double units_per_minute);
  static SteadyTime book(Bucket& bucket, SteadyTime now, double units);
  static void move(Bucket& bucket, double units);
  void learn(Bucket& bucket, const RateLimits::Window& said, SteadyTime now);

  Bucket requests_;
  Bucket tokens_;
  FoundPace found_;
  SteadyTime held_until_{};
};

}  // namespace iie
