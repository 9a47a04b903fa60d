#include "core/price.h"

#include <algorithm>

namespace iie {
namespace {

constexpr double kMillion = 1e6;
// Endpoints answer within the hour, or their clock and ours differ.
constexpr std::chrono::hours kLongestCall{1};

double write_rate(const Rates& rates) { return rates.cache_write.value_or(rates.input); }
double long_write_rate(const Rates& rates) {
  return rates.cache_write_long.value_or(write_rate(rates));
}

bool overlaps(const Hours& hours, WallTime began, WallTime ended) {
  using std::chrono::days;
  for (auto day = std::chrono::floor<days>(began); day <= ended; day += days(1)) {
    const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
    if ((hours.days >> weekday & 1) == 0) continue;
    const WallTime from = day + std::chrono::minutes(hours.from);
    const WallTime to = day + std::chrono::minutes(hours.to);
    if (from <= ended && began < to) return true;
  }
  return false;
}

bool is_off_peak(const OffPeak& off_peak, const CallTime& time) {
  // Times come from stores and files, too: what is none of this age says nothing.
  constexpr WallTime kEarliest = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  constexpr WallTime kLatest = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
  if (time.ended < kEarliest || time.ended > kLatest) return false;
  if (time.latency < std::chrono::milliseconds(0) || time.latency > kLongestCall) return false;
  return std::ranges::none_of(off_peak.peak, [&](const Hours& hours) {
    return overlaps(hours, time.ended - time.latency, time.ended);
  });
}

Rates rates_of(const Price& price, double input, const std::optional<CallTime>& time) {
  if (price.off_peak && time && is_off_peak(*price.off_peak, *time)) return price.off_peak->rates;
  Rates rates = price.rates;
  for (const PromptTier& tier : price.tiers) {
    if (input > static_cast<double>(tier.above)) rates = tier.rates;
  }
  return rates;
}

}  // namespace

std::optional<CallTime> call_time(const std::optional<WallTime>& answered,
                                  const std::optional<std::chrono::milliseconds>& latency) {
  if (!answered || !latency) return std::nullopt;
  return CallTime{*answered, *latency};
}

std::optional<double> cost_of(const Usage& usage, const Price& price,
                              const std::optional<CallTime>& time) {
  if (!usage.input_tokens || !usage.output_tokens) return std::nullopt;
  // Endpoints are free to claim anything: counts below nothing cost nothing.
  const auto input = static_cast<double>(std::max<std::int64_t>(*usage.input_tokens, 0));
  const auto output = static_cast<double>(std::max<std::int64_t>(*usage.output_tokens, 0));
  const auto part = [](const std::optional<std::int64_t>& tokens, double whole) {
    return std::clamp(static_cast<double>(tokens.value_or(0)), 0.0, whole);
  };
  const double cached = part(usage.cached_tokens, input);
  const double written = part(usage.cache_write_tokens, input - cached);
  const double longer = part(usage.cache_write_long_tokens, written);
  const Rates rates = rates_of(price, input, time);
  return ((input - cached - written) * rates.input +
          cached * rates.cached_input.value_or(rates.input) +
          (written - longer) * write_rate(rates) + longer * long_write_rate(rates) +
          output * rates.output) /
         kMillion;
}

Rates dearest_rates(std::int64_t input, const Price& price) {
  Rates dearest = price.rates;
  const auto raise = [](double& rate, double other) { rate = std::max(rate, other); };
  dearest.cached_input = price.rates.cached_input.value_or(price.rates.input);
  dearest.cache_write = write_rate(price.rates);
  dearest.cache_write_long = long_write_rate(price.rates);
  for (const PromptTier& tier : price.tiers) {
    if (input <= tier.above) break;
    raise(dearest.input, tier.rates.input);
    raise(*dearest.cached_input, tier.rates.cached_input.value_or(tier.rates.input));
    raise(dearest.output, tier.rates.output);
    raise(*dearest.cache_write, write_rate(tier.rates));
    raise(*dearest.cache_write_long, long_write_rate(tier.rates));
  }
  return dearest;
}

double most_cost(std::int64_t input, std::int64_t output, const Price& price) {
  const Rates rates = dearest_rates(input, price);
  const double of_input =
      std::max({rates.input, *rates.cached_input, *rates.cache_write, *rates.cache_write_long});
  return (static_cast<double>(input) * of_input + static_cast<double>(output) * rates.output) /
         kMillion;
}

std::int64_t estimated_tokens(std::string_view text) {
  constexpr std::int64_t kAsciiPerToken = 4;
  std::int64_t ascii = 0;
  std::int64_t others = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ascii += byte < 0x80 ? 1 : 0;
    others += byte >= 0xC0 ? 1 : 0;  // the first byte of a character
  }
  return (ascii + kAsciiPerToken - 1) / kAsciiPerToken + others;
}

std::int64_t estimated_tokens(const std::vector<Message>& messages) {
  constexpr std::int64_t kPerMessage = 4;
  std::int64_t tokens = 0;
  for (const Message& message : messages) {
    tokens += kPerMessage + estimated_tokens(message.content);
  }
  return tokens;
}

}  // namespace iie
