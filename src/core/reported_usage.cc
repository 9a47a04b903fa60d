#include "core/reported_usage.h"

#include <limits>

namespace iie {
namespace {

// Endpoints are free to claim anything.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_add_overflow(a, b, &result) ? std::numeric_limits<std::int64_t>::max() : result;
}

}  // namespace

Usage usage_of(const OpenAiCounts& counts) {
  Usage usage{.input_tokens = counts.input,
              .output_tokens = counts.output,
              .reasoning_tokens = counts.reasoning,
              .cached_tokens = counts.cached,
              .cache_write_tokens = counts.cache_written};
  const std::int64_t beside = counts.reasoning.value_or(0);
  if (beside > 0 && counts.input && counts.output &&
      counts.total == sum(sum(*counts.input, *counts.output), beside)) {
    usage.output_tokens = sum(*counts.output, beside);
  }
  return usage;
}

void AnthropicCounts::update(const AnthropicCounts& later) {
  const auto take = [](std::optional<std::int64_t>& said, std::optional<std::int64_t> now) {
    if (now) said = now;
  };
  take(input, later.input);
  take(output, later.output);
  take(cache_read, later.cache_read);
  take(cache_written, later.cache_written);
  take(cache_written_1h, later.cache_written_1h);
  take(thinking, later.thinking);
}

Usage usage_of(const AnthropicCounts& counts) {
  Usage usage{.input_tokens = std::nullopt,
              .output_tokens = counts.output,
              .reasoning_tokens = counts.thinking,
              .cached_tokens = counts.cache_read,
              .cache_write_tokens = counts.cache_written,
              .cache_write_long_tokens = counts.cache_written_1h};
  if (counts.input) {
    usage.input_tokens =
        sum(*counts.input, sum(counts.cache_written.value_or(0), counts.cache_read.value_or(0)));
  }
  return usage;
}

}  // namespace iie
