#include "engine/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace iie {
namespace {

using Seconds = std::chrono::duration<double>;

// Of the limit. With the burst, a window holds at most the whole of it.
constexpr double kPace = 0.985;
// What may be sent at once, as time at the pace.
constexpr Seconds kBurst{0.6};
// Limits are stated per minute, with few exceptions that are found out below.
constexpr Seconds kWindow{60};
// A window that the endpoint says is used up ends within this; who says more is not believed.
constexpr std::chrono::minutes kLongestHold{10};

SteadyTime after(SteadyTime from, Seconds duration) {
  return from + std::chrono::duration_cast<SteadyTime::duration>(duration);
}

}  // namespace

RateLimit::RateLimit(Options options) {
  if (options.requests_per_minute) {
    requests_.fixed = true;
    set(requests_, static_cast<double>(*options.requests_per_minute));
  }
  if (options.tokens_per_minute) {
    tokens_.fixed = true;
    set(tokens_, static_cast<double>(*options.tokens_per_minute));
  }
}

void RateLimit::set(Bucket& bucket, double units_per_minute) {
  bucket.per_second = std::max(units_per_minute, 1e-3) * kPace / kWindow.count();
}

std::optional<std::int64_t> RateLimit::per_minute(const Bucket& bucket) {
  if (bucket.per_second <= 0) return std::nullopt;
  return std::llround(bucket.per_second / kPace * kWindow.count());
}

SteadyTime RateLimit::book(Bucket& bucket, SteadyTime now, double units) {
  if (bucket.per_second <= 0) {
    if (now - bucket.unlimited_since > kWindow) {
      bucket.unlimited_since = now;
      bucket.unlimited = 0;
    }
    bucket.unlimited += units;
    return now;
  }
  // A bucket that was idle has its burst and no more.
  bucket.next = std::max(bucket.next, after(now, -kBurst));
  const SteadyTime due = bucket.next;
  move(bucket, units);
  return std::max(due, now);
}

void RateLimit::move(Bucket& bucket, double units) {
  if (bucket.per_second <= 0) return;
  bucket.next = after(bucket.next, Seconds(units / bucket.per_second));
}

SteadyTime RateLimit::book(SteadyTime now, std::int64_t tokens) {
  const SteadyTime start = std::max(now, held_until_);
  return std::max({book(requests_, start, 1), book(tokens_, start, static_cast<double>(tokens)),
                   found_.book(start)});
}

void RateLimit::settle(std::int64_t booked, std::int64_t actual) {
  move(tokens_, static_cast<double>(actual - booked));
}

void RateLimit::give_back(SteadyTime due, std::int64_t tokens) {
  if (due < held_until_) return;  // a pause began meanwhile, and made it void
  move(requests_, -1);
  move(tokens_, -static_cast<double>(tokens));
  found_.give_back();
}

void RateLimit::sent(SteadyTime now) { found_.sent(now); }

bool RateLimit::refused(SteadyTime sent_at, SteadyTime now, std::chrono::milliseconds retry_after) {
  return found_.refused(sent_at, now, retry_after,
                        requests_.per_second > 0 || tokens_.per_second > 0);
}

void RateLimit::learn(const RateLimits& said, SteadyTime now) {
  learn(requests_, said.requests, now);
  learn(tokens_, said.tokens, now);
}

void RateLimit::learn(Bucket& bucket, const RateLimits::Window& said, SteadyTime now) {
  if (said.remaining && *said.remaining == 0 && said.reset) {
    hold(now + std::min<std::chrono::milliseconds>(*said.reset, kLongestHold));
  }
  if (bucket.fixed || !said.limit || *said.limit <= 0) return;
  // The reset says how long the used part takes to come back. Where that is a good part of the
  // limit, it tells a window of a minute from one of a day (some tiers count requests per day).
  Seconds window = kWindow;
  if (said.remaining && said.reset) {
    const auto used = static_cast<double>(*said.limit - *said.remaining);
    const auto limit = static_cast<double>(*said.limit);
    if (used >= 0.05 * limit && used > 1) {
      const Seconds whole = Seconds(*said.reset) * (limit / used);
      if (whole > 2 * kWindow) window = whole;
    }
  }
  if (window == kWindow || bucket.per_second <= 0) {
    set(bucket, static_cast<double>(*said.limit) * (kWindow / window));
  } else {
    bucket.per_second =
        std::min(bucket.per_second, static_cast<double>(*said.limit) * kPace / window.count());
  }
  if (bucket.unlimited > 0) {
    bucket.next = std::max(
        bucket.next, after(bucket.unlimited_since, Seconds(bucket.unlimited / bucket.per_second)));
    bucket.unlimited = 0;
  }
}

void RateLimit::hold(SteadyTime until) {
  if (until <= held_until_) return;
  held_until_ = until;
  requests_.next = std::max(requests_.next, until);
  tokens_.next = std::max(tokens_.next, until);
  found_.hold(until);
}

}  // namespace iie
