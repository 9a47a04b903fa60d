// A provider as the pipeline uses it: with limits and retries behind it (engine/governor.h),
// perhaps with a cache in front.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"
#include "provider/provider.h"

namespace iie {

// What a caller is doing now, for the progress line.
struct CallerGauge {
  std::size_t in_flight = 0;    // calls sent and not answered
  std::size_t waiting = 0;      // for one of the places
  std::size_t held_back = 0;    // by the endpoint's rate limit
  std::size_t backing_off = 0;  // before another try
  std::size_t limit = 0;        // places now; 0: not limited
  std::uint64_t attempts = 0;   // calls sent in all
  std::uint64_t retries = 0;    // of them, second and later tries
  std::uint64_t throttled = 0;  // of them, refused by a rate limit
  std::uint64_t hedged = 0;     // of them, sent beside a slow one
  std::uint64_t cached = 0;     // answered without a call
  // Of those sent: broke off or were called off, and may be billed although no answer came.
  std::uint64_t maybe_billed = 0;
  // What the answers so far cost in US dollars; absent where the price, or the usage of one of
  // them, is not known.
  std::optional<double> cost;
  // Nothing but failures since then, and calls go one at a time.
  std::optional<SteadyTime> outage_since;
  // The next call may go then, where all are held back.
  std::optional<SteadyTime> held_until;
  // The last answer came then (before any: when the first call was sent).
  std::optional<SteadyTime> last_answer;
};

// The calls of one caller, or of several together (engine/caller_group.h).
class Calls {
 public:
  virtual ~Calls() = default;

  // No further call is sent: waiting and sleeping ones end as cancelled, those under way finish.
  virtual void stop() = 0;
  // The process ends before the calls that are under way do: they break off here and now.
  virtual void abandon() {}
  virtual CallerGauge gauge() const = 0;
  // Why the endpoint was given up, once it was: the run stops with this.
  virtual std::optional<Error> given_up() const = 0;
};

class Caller : public Provider, public Calls {
 public:
  struct Attempted {
    Result<Response> result;
    int attempts = 0;  // tries that were made; 0 where none was needed
  };
  // Tries until an answer, an error that no retry mends, or a bound. `cancelled` after stop().
  virtual Async<Attempted> attempt(const GenerateRequest& request) = 0;
};

}  // namespace iie
