// What a run's calls cost, candidate and judge apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/price.h"

namespace iie {

struct TokenUse;

struct CallCost {
  // Of the calls that reported their tokens; absent where the price is unknown or none of them did.
  std::optional<double> amount;
  std::int64_t calls = 0;
  std::int64_t priced = 0;     // calls that `amount` covers
  std::optional<Price> price;  // absent: unknown
};

struct RunCost {
  // Absent where no calls were made (recorded responses, no LLM judge).
  std::optional<CallCost> model;
  std::optional<CallCost> judge;

  // Of both. Absent where either is unknown or covers only some of its calls, or where their
  // currencies differ: a part is no total.
  std::optional<double> total() const;
  // Of the total.
  std::string currency() const;
};

// From sums over calls: exact, as prices are linear. `amount` is absent where input and output were
// reported by different numbers of calls.
CallCost call_cost(const TokenUse& use, const std::optional<Price>& price);

// "1.84 USD", "0.0031 USD"; of a part of the calls, "1.84 USD for 90 of 100 calls"; "unknown
// price", "unknown, no usage reported".
std::string cost_text(const CallCost& cost);

}  // namespace iie
