#include "engine/observer.h"

namespace iie {

std::string_view to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::call_started:
      return "call_started";
    case Event::Kind::call_ended:
      return "call_ended";
    case Event::Kind::retry:
      return "retry";
    case Event::Kind::limit:
      return "limit";
    case Event::Kind::wait:
      return "wait";
    case Event::Kind::outage:
      return "outage";
    case Event::Kind::recovered:
      return "recovered";
    case Event::Kind::gave_up:
      return "gave_up";
    case Event::Kind::rollout_done:
      return "rollout_done";
    case Event::Kind::hedge:
      return "hedge";
    case Event::Kind::cached:
      return "cached";
  }
  return "unknown";
}

}  // namespace iie
