#include "core/response.h"

#include <algorithm>
#include <array>

#include "base/string_util.h"
#include "core/names.h"

namespace iie {
namespace {

constexpr NameTable<FinishReason, 6> kReasons = {{{FinishReason::stop, "stop"},
                                                  {FinishReason::length, "length"},
                                                  {FinishReason::content_filter, "content_filter"},
                                                  {FinishReason::refusal, "refusal"},
                                                  {FinishReason::other, "other"},
                                                  {FinishReason::unknown, "unknown"}}};

struct Tags {
  std::string_view open;
  std::string_view close;
};

// What servers leave in the text where nobody told them how the model marks its thinking. Only the
// first is written by many models, and only its closing tag is taken alone.
constexpr std::array<Tags, 4> kThinking = {{
    {"<think>", "</think>"},
    {"[THINK]", "[/THINK]"},                      // Mistral's Magistral
    {"<seed:think>", "</seed:think>"},            // ByteDance's Seed-OSS
    {"\u25C1think\u25B7", "\u25C1/think\u25B7"},  // Moonshot's Kimi-VL
}};
constexpr std::string_view kOpen = kThinking[0].open;
constexpr std::string_view kClose = kThinking[0].close;

constexpr std::string_view kSpace = " \t\r\n";

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

void append_reasoning(std::string& reasoning, std::string_view more) {
  more = trim(more);
  if (more.empty()) return;
  if (!reasoning.empty()) reasoning += "\n\n";
  reasoning += more;
}

// Unicode white space and invisible characters that leave a response blank, as UTF-8: NBSP,
// Ogham space, U+2000-200D, line and paragraph separators, narrow and mathematical spaces, word
// joiner, ideographic space, byte order mark.
constexpr std::array<std::string_view, 24> kBlanks = {
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
    "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u200B", "\u200C",
    "\u200D", "\u2028", "\u2029", "\u202F", "\u205F", "\u2060", "\u3000", "\uFEFF"};

}  // namespace

Usage& Usage::operator+=(const Usage& other) {
  add(input_tokens, other.input_tokens);
  add(output_tokens, other.output_tokens);
  add(reasoning_tokens, other.reasoning_tokens);
  add(cached_tokens, other.cached_tokens);
  add(cache_write_tokens, other.cache_write_tokens);
  add(cache_write_long_tokens, other.cache_write_long_tokens);
  return *this;
}

std::string_view to_string(FinishReason reason) { return name_of(kReasons, reason); }

FinishReason finish_reason_from(std::string_view name) {
  return value_of(kReasons, name).value_or(FinishReason::other);
}

void split_reasoning(Response& response) {
  std::string_view text = response.text;
  std::string reasoning;
  bool changed = false;
  while (true) {
    const std::string_view rest =
        text.substr(std::min(text.find_first_not_of(kSpace), text.size()));
    const auto tags =
        std::ranges::find_if(kThinking, [&](const Tags& t) { return rest.starts_with(t.open); });
    if (tags == kThinking.end()) break;
    changed = true;
    const std::size_t from = tags->open.size();
    const std::size_t close = rest.find(tags->close, from);
    append_reasoning(reasoning, rest.substr(from, close - from));
    if (close == std::string_view::npos) {  // cut off while thinking: there is no answer
      text = {};
      break;
    }
    text = rest.substr(close + tags->close.size());
  }
  // Chat templates that open the block in the prompt leave an unpaired closing tag. Where reasoning
  // came in a field or a block of its own, a later tag is the answer's.
  if (!changed && response.reasoning.empty()) {
    const std::size_t close = text.find(kClose);
    if (close != std::string_view::npos && text.find(kOpen) > close) {
      append_reasoning(reasoning, text.substr(0, close));
      text = text.substr(close + kClose.size());
      changed = true;
      response.unpaired_reasoning = true;
    }
  }
  // Servers that take the thinking out may leave its closing tag. No answer begins with one.
  if (const std::size_t lead = std::min(text.find_first_not_of(kSpace), text.size());
      text.substr(lead).starts_with(kClose)) {
    text = text.substr(lead + kClose.size());
    changed = true;
  }
  if (!changed) return;
  append_reasoning(response.reasoning, reasoning);
  response.text = std::string(text.substr(std::min(text.find_first_not_of(kSpace), text.size())));
}

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    if (is_ascii_space(text.front()) || text.front() == '\0') {
      text.remove_prefix(1);
      continue;
    }
    const auto blank = std::ranges::find_if(
        kBlanks, [&](std::string_view candidate) { return text.starts_with(candidate); });
    if (blank == kBlanks.end()) return false;
    text.remove_prefix(blank->size());
  }
  return true;
}

}  // namespace iie
