// Sums over a run's calls: tokens and time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/response.h"

namespace iie {

// A sum over the calls that reported the figure.
struct TokenSum {
  std::int64_t tokens = 0;
  std::int64_t calls = 0;
};

struct TokenUse {
  std::int64_t calls = 0;
  // Absent where no call reported it.
  std::optional<TokenSum> input;
  std::optional<TokenSum> output;
  std::optional<TokenSum> reasoning;  // part of the output
  std::optional<TokenSum> cached;     // part of the input

  // One more call.
  void add(const Usage& usage);
};

// Of the calls that were measured. Quantiles are nearest-rank: a latency that occurred.
struct LatencySummary {
  std::int64_t calls = 0;
  std::chrono::milliseconds sum{};
  std::chrono::milliseconds median{};
  std::chrono::milliseconds p95{};
};

}  // namespace iie
