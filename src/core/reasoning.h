// How much a model is asked to think before it answers: one option for every endpoint. What it
// becomes on the wire is the provider's profile's (data/providers.yaml).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iie {

struct Reasoning {
  // `automatic` lets the model decide; `budget` is a number of tokens.
  enum class Mode { off, low, medium, high, automatic, budget };

  Mode mode = Mode::automatic;
  std::int64_t budget = 0;  // with Mode::budget only; at least 1

  bool operator==(const Reasoning&) const = default;
};

// "off", "low", "medium", "high", "auto", "budget". Stored in runs: append only.
std::string_view to_string(Reasoning::Mode mode);
// The same with the number: "budget:4096".
std::string to_string(const Reasoning& reasoning);
// Reads exactly what to_string writes; nullopt for anything else.
std::optional<Reasoning> reasoning_from(std::string_view text);

}  // namespace iie
