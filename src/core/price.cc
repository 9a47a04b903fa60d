#include "core/price.h"

#include <algorithm>

namespace iie {

std::optional<double> cost_of(const Usage& usage, const Price& price) {
  if (!usage.input_tokens || !usage.output_tokens) return std::nullopt;
  // Endpoints are free to claim anything: counts below nothing cost nothing.
  const auto input = static_cast<double>(std::max<std::int64_t>(*usage.input_tokens, 0));
  const auto output = static_cast<double>(std::max<std::int64_t>(*usage.output_tokens, 0));
  const double cached =
      std::clamp(static_cast<double>(usage.cached_tokens.value_or(0)), 0.0, input);
  return ((input - cached) * price.input + cached * price.cached_input.value_or(price.input) +
          output * price.output) /
         1e6;
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
