// A run's money: no call is sent that could take it over its limit.
//
// Before a call is sent, the most that it is expected to cost is reserved; when it ends, what it
// did cost takes the reservation's place. A call that finds no room waits for those under way to
// end, which usually cost less than was reserved; where none is under way and there is still no
// room, the money is used up and the run stops.
//
// What a call did cost is not always said: one that broke off after it was sent, or that was called
// off, may be billed all the same, and some answers report no usage. Those count as all that was
// reserved for them, and are told apart as estimated.
//
// Shared by the governors of one run. One thread (the event loop's). Amounts are in the one
// currency of the limit.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "base/async.h"
#include "base/error.h"

namespace iie {

class Budget {
 public:
  // `spent` is what earlier processes spent on the same run, and `estimated` how much of it is an
  // estimate.
  explicit Budget(double limit, double spent = 0, double estimated = 0)
      : limit_(limit), spent_(spent), estimated_(estimated) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // True: the amount is reserved, and settle() must follow. False: it never will be, because the
  // money is used up or the budget was closed.
  Async<bool> reserve(double amount);
  // The same at once or not at all.
  bool try_reserve(double amount);
  // The call that reserved `reserved` cost `actual`.
  void settle(double reserved, double actual);
  // What it cost is not known: it counts as what was reserved.
  void settle_unknown(double reserved);
  // Turns away everyone who waits and everyone who comes.
  void close();

  double limit() const { return limit_; }
  double spent() const { return spent_; }
  // Of it: what nobody said.
  double estimated() const { return estimated_; }
  double reserved() const { return reserved_; }
  // Once the money is used up: cancelled, saying what was spent and what the next call could cost.
  const std::optional<Error>& exhausted() const { return exhausted_; }

 private:
  struct Waiter {
    double amount = 0;
    std::move_only_function<void(bool)> resume;
  };

  bool fits(double amount) const { return spent_ + reserved_ + amount <= limit_; }
  void exhaust(double next);
  void wake();

  double limit_;
  double spent_;
  double estimated_;
  double reserved_ = 0;
  std::size_t under_way_ = 0;
  bool closed_ = false;
  std::optional<Error> exhausted_;
  std::deque<Waiter> waiters_;
};

}  // namespace iie
