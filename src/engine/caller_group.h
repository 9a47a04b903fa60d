// Several callers seen as one, for a run whose judges are several models: stopped together, counted
// together. One thread (the event loop's).
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/caller.h"

namespace iie {

class CallerGroup final : public Calls {
 public:
  // They must outlive it.
  explicit CallerGroup(std::vector<Calls*> members) : members_(std::move(members)) {}

  void stop() override;
  void abandon() override;
  // Counts are sums; the cost is absent where one member's is; an outage is that of the member
  // which is down the longest, and the answer the last that came to any.
  CallerGauge gauge() const override;
  // The first member's that has one: a run that cannot ask one of its judges cannot be finished.
  std::optional<Error> given_up() const override;

 private:
  std::vector<Calls*> members_;
};

}  // namespace iie
