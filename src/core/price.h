// What a model's tokens cost, and what a call cost. Money is a double: prices have two digits, and
// a sum over a million calls is good to far below a cent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/response.h"
#include "core/sample.h"

namespace iie {

inline constexpr std::string_view kDollars = "USD";

// Per million tokens.
struct Price {
  double input = 0;
  // Of input that the endpoint had cached; absent: as `input`, which is never less.
  std::optional<double> cached_input;
  double output = 0;
  std::string currency{kDollars};
  // Where the price stands, and when it stood there ("2026-03-01").
  std::string source;
  std::string as_of;

  bool operator==(const Price&) const = default;
};

// Absent where the endpoint did not report both input and output tokens: unknown, not free.
std::optional<double> cost_of(const Usage& usage, const Price& price);

// About how many tokens a text is, without the model's tokeniser: four ASCII bytes to a token, one
// token to every other character. Within a quarter for English and Chinese prose with the
// vocabularies of 2024 and later; too high for code, too low for rare scripts.
std::int64_t estimated_tokens(std::string_view text);
// Of a whole prompt, with the few tokens that chat templates put around each message.
std::int64_t estimated_tokens(const std::vector<Message>& messages);

}  // namespace iie
