// What a model's tokens cost, and what a call cost. Money is a double: prices have two digits, and
// a sum over a million calls is good to far below a cent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/response.h"
#include "core/sample.h"

namespace iie {

inline constexpr std::string_view kDollars = "USD";

// Per million tokens.
struct Rates {
  double input = 0;
  // Of input that the endpoint had cached; absent: as `input`.
  std::optional<double> cached_input = std::nullopt;
  double output = 0;
  // Of input that it wrote to its cache; absent: as `input`. And of what it keeps for longer;
  // absent: as what it does not.
  std::optional<double> cache_write = std::nullopt;
  std::optional<double> cache_write_long = std::nullopt;

  bool operator==(const Rates&) const = default;
};

// What every token of a call costs whose prompt has more than `above` tokens, cached ones included.
struct PromptTier {
  std::int64_t above = 0;
  Rates rates;

  bool operator==(const PromptTier&) const = default;
};

// On some days of the week the minutes from `from` to before `to`, counted from midnight UTC.
struct Hours {
  std::uint8_t days = 0;  // bit 0: Monday
  int from = 0;
  int to = 0;  // at most 24 * 60

  bool operator==(const Hours&) const = default;
};

// What calls cost outside of the hours when the price itself holds.
struct OffPeak {
  Rates rates;
  std::vector<Hours> peak;

  bool operator==(const OffPeak&) const = default;
};

// Rates of short prompts at all hours, or at the dearest, and what differs from them.
struct Price {
  Rates rates;
  std::string currency{kDollars};
  // Where the price stands, and when it stood there ("2026-03-01").
  std::string source = {};
  std::string as_of = {};
  std::vector<PromptTier> tiers = {};  // by `above`, ascending; not where there is `off_peak`
  std::optional<OffPeak> off_peak = std::nullopt;

  bool operator==(const Price&) const = default;
};

// When a call was under way.
struct CallTime {
  WallTime ended;
  std::chrono::milliseconds latency{};
};
// As a response or a judge's call states it; absent where either is not known.
std::optional<CallTime> call_time(const std::optional<WallTime>& answered,
                                  const std::optional<std::chrono::milliseconds>& latency);

// Absent where the endpoint did not report both input and output tokens: unknown, not free.
// Off-peak rates hold for a call that is known to have been outside of all peak hours from its
// beginning to its end.
std::optional<double> cost_of(const Usage& usage, const Price& price,
                              const std::optional<CallTime>& time = std::nullopt);

// The most that a call can cost whose prompt has at most `input` tokens: at peak, in the dearest
// tier that it can reach, its input cached, written or neither, whichever costs more.
double most_cost(std::int64_t input, std::int64_t output, const Price& price);

// The dearest rates, figure by figure, of prompts of at most `input` tokens.
Rates dearest_rates(std::int64_t input, const Price& price);

// About how many tokens a text is, without the model's tokeniser: four ASCII bytes to a token, one
// token to every other character. Within a quarter for English and Chinese prose with the
// vocabularies of 2024 and later; too high for code, too low for rare scripts.
std::int64_t estimated_tokens(std::string_view text);
// Of a whole prompt, with the few tokens that chat templates put around each message.
std::int64_t estimated_tokens(const std::vector<Message>& messages);

}  // namespace iie
