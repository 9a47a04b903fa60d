#include "report/usage.h"

#include <algorithm>
#include <limits>

namespace iie {
namespace {

// Endpoints are free to claim anything: less than nothing is no figure, and sums saturate.
void add_tokens(std::optional<TokenSum>& sum, std::optional<std::int64_t> tokens) {
  if (!tokens || *tokens < 0) return;
  if (!sum) sum.emplace();
  sum->tokens += std::min(*tokens, std::numeric_limits<std::int64_t>::max() - sum->tokens);
  ++sum->calls;
}

}  // namespace

void TokenUse::add(const Usage& usage) {
  ++calls;
  add_tokens(input, usage.input_tokens);
  add_tokens(output, usage.output_tokens);
  add_tokens(reasoning, usage.reasoning_tokens);
  add_tokens(cached, usage.cached_tokens);
}

}  // namespace iie
