// What endpoints say of a call's tokens, and what they mean by it: vendors count differently, and
// Usage means the same for all. Whoever reads their figures (replies of an endpoint, responses that
// were recorded elsewhere) fills one of these in. Absent is not said; nothing is below zero.
#pragma once

#include <cstdint>
#include <optional>

#include "core/response.h"

namespace iie {

// OpenAI's names in both of its APIs, and those who follow them.
struct OpenAiCounts {
  std::optional<std::int64_t> input;   // prompt_tokens, input_tokens
  std::optional<std::int64_t> output;  // completion_tokens, output_tokens
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> reasoning;
  std::optional<std::int64_t> cached;
  std::optional<std::int64_t> cache_written;  // cache_write_tokens, from gpt-5.6 on
};
// xAI counts reasoning beside the completion, OpenAI and the others in it; the total tells which.
Usage usage_of(const OpenAiCounts& counts);

// Anthropic's: `input` is neither read from the cache nor written to it.
struct AnthropicCounts {
  std::optional<std::int64_t> input;          // input_tokens
  std::optional<std::int64_t> output;         // output_tokens
  std::optional<std::int64_t> cache_read;     // cache_read_input_tokens
  std::optional<std::int64_t> cache_written;  // cache_creation_input_tokens
  // cache_creation.ephemeral_1h_input_tokens: of those written, kept for an hour.
  std::optional<std::int64_t> cache_written_1h;
  std::optional<std::int64_t> thinking;  // output_tokens_details: of the output

  // Streams say their figures piece by piece: what `later` says goes before what was said.
  void update(const AnthropicCounts& later);
};
Usage usage_of(const AnthropicCounts& counts);

}  // namespace iie
