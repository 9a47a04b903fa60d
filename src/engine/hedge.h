// When a slow call gets a second one beside it: the tail at scale (J. Dean and L. A. Barroso, CACM
// 56(2), 2013), as hedged requests. A call that has taken longer than most is sent once more, and
// the first answer wins. A bounded share of calls is doubled, so that an endpoint that has become
// slow as a whole is not asked twice for everything.
//
// Hedge is a pure value: no clock, no threads. race() belongs to the event loop's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/response.h"

namespace iie {

class Hedge {
 public:
  struct Options {
    // A second call is sent after this quantile of the latencies seen.
    double quantile = 0.95;
    // Of all calls, at most so many are doubled.
    double share = 0.05;
    // Latencies seen before the first: fewer say little about a tail.
    std::size_t warm_up = 20;
  };

  Hedge() = default;
  explicit Hedge(Options options) : options_(options) {}

  // A call took this long, or was given up after it.
  void observe(std::chrono::milliseconds latency);
  // A call is sent that may be doubled. After how long: absent before the warm-up.
  std::optional<std::chrono::milliseconds> begin();
  // Whether a call that has taken that long may be doubled; counts it where it may.
  bool take();

  std::uint64_t calls() const { return calls_; }
  std::uint64_t doubled() const { return doubled_; }

 private:
  Options options_;
  std::vector<std::chrono::milliseconds> latest_;  // a ring
  std::size_t next_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t doubled_ = 0;
};

// Runs `first`; unless it ends before `pause(0)` does, asks `second` for another call, which may
// give none: then again after `pause(1)`, and so on. The first answer wins and the other call is
// cancelled (its cancellation slot); an error counts only where no answer comes any more, and then
// it is the first call's. Returns when both calls and the pause have ended.
Async<Result<Response>> race(std::function<Async<Result<Response>>()> first,
                             std::function<Async<void>(int round)> pause,
                             std::function<std::optional<Async<Result<Response>>>()> second);

}  // namespace iie
