#include "engine/caller_group.h"

#include <algorithm>

namespace iie {
namespace {

// The earlier (or later) of two times of which either may be absent.
template <typename Choose>
std::optional<SteadyTime> either(std::optional<SteadyTime> a, std::optional<SteadyTime> b,
                                 const Choose& choose) {
  if (!a || !b) return a ? a : b;
  return choose(*a, *b);
}

}  // namespace

void CallerGroup::stop() {
  for (Calls* member : members_) member->stop();
}

void CallerGroup::abandon() {
  for (Calls* member : members_) member->abandon();
}

CallerGauge CallerGroup::gauge() const {
  CallerGauge sum;
  sum.cost = 0.0;
  const auto earlier = [](SteadyTime a, SteadyTime b) { return std::min(a, b); };
  const auto later = [](SteadyTime a, SteadyTime b) { return std::max(a, b); };
  for (const Calls* member : members_) {
    const CallerGauge one = member->gauge();
    sum.in_flight += one.in_flight;
    sum.waiting += one.waiting;
    sum.held_back += one.held_back;
    sum.backing_off += one.backing_off;
    sum.limit += one.limit;
    sum.attempts += one.attempts;
    sum.retries += one.retries;
    sum.throttled += one.throttled;
    sum.hedged += one.hedged;
    sum.cached += one.cached;
    sum.maybe_billed += one.maybe_billed;
    sum.cost = sum.cost && one.cost ? std::optional(*sum.cost + *one.cost) : std::nullopt;
    sum.outage_since = either(sum.outage_since, one.outage_since, earlier);
    sum.held_until = either(sum.held_until, one.held_until, earlier);
    sum.last_answer = either(sum.last_answer, one.last_answer, later);
  }
  return sum;
}

std::optional<Error> CallerGroup::given_up() const {
  for (const Calls* member : members_) {
    if (auto why = member->given_up()) return why;
  }
  return std::nullopt;
}

}  // namespace iie
