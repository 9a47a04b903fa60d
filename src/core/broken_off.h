// Calls that no record of a run holds and that may be on the bill all the same: they were sent, and
// broke off, timed out or were called off before an answer was read whole.
#pragma once

#include <cstdint>
#include <string>

namespace iie {

struct BrokenOff {
  std::string caller;  // "candidate" or "judge"
  std::string model;   // as the run's specification names it
  std::int64_t calls = 1;
  // Of all of them, the most that was expected: what --max-cost reserves. Never negative.
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;

  bool operator==(const BrokenOff&) const = default;
};

}  // namespace iie
