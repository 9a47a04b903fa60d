// What happens in a run, as it happens: for logs (cli/event_log.h). Events are values that hold
// views: they are good only during the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "core/response.h"
#include "core/verdict.h"

namespace iie {

struct Event {
  // Names are logged: append only.
  enum class Kind {
    call_started,  // an attempt was sent
    call_ended,    // with an answer, or with `error`
    retry,         // it will be tried again after `delay`
    limit,         // calls at once are now at most `limit`
    wait,          // the endpoint's rate limit holds calls back for `delay`
    outage,        // nothing but failures: one call at a time, after `delay`
    recovered,     // the endpoint answers again
    gave_up,       // the endpoint is given up: the run stops with `error`
    rollout_done,  // durable, with `outcome`
    hedge,         // a second call is sent beside one that is slow
    cached,        // answered from the response cache: no call is sent
  };

  Kind kind = Kind::call_started;
  std::string_view caller = {};  // "candidate" or "judge"; empty for rollouts
  std::string_view model = {};   // Provider::name()
  std::string_view sample = {};
  int rollout = 0;
  int attempt = 0;  // from 1; 0 where it does not apply
  std::optional<std::chrono::milliseconds> delay = {};
  std::optional<std::chrono::milliseconds> latency = {};
  const Usage* usage = nullptr;
  const Error* error = nullptr;
  std::optional<std::size_t> limit = {};
  std::optional<Outcome> outcome = {};
};
std::string_view to_string(Event::Kind kind);

// One thread (the event loop's).
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Event& event) = 0;
};

}  // namespace iie
