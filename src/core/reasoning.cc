#include "core/reasoning.h"

#include <charconv>

#include "core/names.h"

namespace iie {
namespace {

constexpr NameTable<Reasoning::Mode, 6> kModes = {{{Reasoning::Mode::off, "off"},
                                                   {Reasoning::Mode::low, "low"},
                                                   {Reasoning::Mode::medium, "medium"},
                                                   {Reasoning::Mode::high, "high"},
                                                   {Reasoning::Mode::automatic, "auto"},
                                                   {Reasoning::Mode::budget, "budget"}}};

constexpr std::string_view kBudgetPrefix = "budget:";
// A billion tokens is more than any model thinks.
constexpr std::size_t kMostDigits = 9;

}  // namespace

std::string_view to_string(Reasoning::Mode mode) { return name_of(kModes, mode); }

std::string to_string(const Reasoning& reasoning) {
  std::string text(to_string(reasoning.mode));
  if (reasoning.mode == Reasoning::Mode::budget) text += ':' + std::to_string(reasoning.budget);
  return text;
}

std::optional<Reasoning> reasoning_from(std::string_view text) {
  if (text.starts_with(kBudgetPrefix)) {
    text.remove_prefix(kBudgetPrefix.size());
    std::int64_t budget = 0;
    if (text.size() > kMostDigits || text.starts_with('0')) return std::nullopt;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), budget);
    if (code != std::errc() || end != text.data() + text.size() || budget < 1) return std::nullopt;
    return Reasoning{Reasoning::Mode::budget, budget};
  }
  const auto mode = value_of(kModes, text);
  if (!mode || *mode == Reasoning::Mode::budget) return std::nullopt;
  return Reasoning{*mode, 0};
}

}  // namespace iie
