// What a run's calls cost, candidate and judge apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/price.h"

namespace iie {

struct CallCost {
  // Of the calls that reported their tokens; absent where the price is unknown or none of them did.
  std::optional<double> amount;
  std::int64_t calls = 0;
  std::int64_t priced = 0;  // calls that `amount` covers
  // Absent where it is unknown, and of several models with prices of their own.
  std::optional<Price> price;
  std::string currency;  // of `amount`; empty without a price
};

struct RunCost {
  // Absent where no calls were made (recorded responses, no LLM judge).
  std::optional<CallCost> model;
  std::optional<CallCost> judge;
  // Calls of both that broke off after they were sent, and the most that they may cost; no part of
  // the above. Absent where there were none.
  std::optional<CallCost> may_be_billed;

  // Of both. Absent where either is unknown or covers only some of its calls, or where their
  // currencies differ: a part is no total.
  std::optional<double> total() const;
  // Of the total, or else of whatever is known; empty where no price is.
  std::string currency() const;
};

// Adds up calls of one model, each at what it cost by itself: prices depend on a prompt's length
// and on the hour, so that sums of tokens have none.
class CostTally {
 public:
  // Absent: unknown.
  explicit CostTally(std::optional<Price> price = std::nullopt) : price_(std::move(price)) {}

  void add(const Usage& usage, const std::optional<CallTime>& time = std::nullopt);
  CallCost cost() const;

 private:
  std::optional<Price> price_;
  std::int64_t calls_ = 0;
  std::int64_t priced_ = 0;
  double amount_ = 0;
};

// Of several judges together. No amount where one of them has none, or where their currencies
// differ.
CallCost sum_cost(const std::vector<CallCost>& costs);

// "3 calls broke off and may have been billed: up to 0.36 USD"; without an amount where it is
// unknown.
std::string may_be_billed_text(const CallCost& cost);

// "1.84 USD", "0.0031 USD"; of a part of the calls, "1.84 USD for 90 of 100 calls"; "unknown
// price", "unknown, no usage reported".
std::string cost_text(const CallCost& cost);

}  // namespace iie
