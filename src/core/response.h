// What a model answered, and what it cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace iie {

// Tokens as the endpoint counted them. Absent is unknown, not zero.
struct Usage {
  std::optional<std::int64_t> input_tokens;
  std::optional<std::int64_t> output_tokens;  // reasoning included
  std::optional<std::int64_t> reasoning_tokens;
  std::optional<std::int64_t> cached_tokens;  // of the input: read from the endpoint's cache
  // Of the input, none of them cached: written to the endpoint's cache, which some vendors bill
  // higher; and of those, what is kept for longer at a price of its own (Anthropic's hour).
  std::optional<std::int64_t> cache_write_tokens = std::nullopt;
  std::optional<std::int64_t> cache_write_long_tokens = std::nullopt;

  // Sums what is known of both; a figure stays absent only while neither side has it.
  Usage& operator+=(const Usage& other);
  bool operator==(const Usage&) const = default;
};

// Why generation ended. Names are stored: append only.
enum class FinishReason { stop, length, content_filter, refusal, other, unknown };
std::string_view to_string(FinishReason reason);
FinishReason finish_reason_from(std::string_view name);  // unknown names are `other`

// What the endpoint said of its limits (x-ratelimit-*, anthropic-ratelimit-*). Absent: not said.
struct RateLimits {
  struct Window {
    std::optional<std::int64_t> limit;               // in one window, usually a minute
    std::optional<std::int64_t> remaining;           // of it
    std::optional<std::chrono::milliseconds> reset;  // until `remaining` is `limit` again
    bool operator==(const Window&) const = default;
  };
  Window requests;
  Window tokens;

  bool operator==(const RateLimits&) const = default;
};

struct Response {
  std::string text;       // the answer: what is judged. Valid UTF-8
  std::string reasoning;  // thinking, whatever carried it: stored, never judged
  FinishReason finish = FinishReason::unknown;
  Usage usage;
  std::string model;                                 // as the endpoint names itself; may be empty
  std::optional<std::chrono::milliseconds> latency;  // from sending to the last byte; measured only
  // When the call that brought it ended, which may be long ago where it comes from a cache or a
  // recording; some vendors' prices depend on the hour. Absent: not known.
  std::optional<WallTime> answered = std::nullopt;
  // The reply held invalid UTF-8, replaced by U+FFFD.
  bool mended_utf8 = false;
  // The reasoning is what stood before an unpaired "</think>" in the text (see split_reasoning).
  // Known where the response was read; not stored.
  bool unpaired_reasoning = false;
  // Of the call that brought it; null where the endpoint said nothing. Not stored.
  std::shared_ptr<const RateLimits> limits = nullptr;

  bool operator==(const Response&) const = default;
};

// Moves `<think>...</think>` blocks at the start of `response.text` to its reasoning: paired,
// unclosed ("<think>..." cut off, which leaves a blank answer) and, where no reasoning came
// otherwise, unpaired closing ("...</think>answer"). So are [THINK], <seed:think> and ◁think▷,
// paired or unclosed. A closing tag that nothing precedes is dropped. Any other tag is part of what
// was answered.
void split_reasoning(Response& response);

// No answer at all: empty or white space (Unicode's) only.
bool is_blank(std::string_view text);

}  // namespace iie
