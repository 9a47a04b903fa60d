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

constexpr std::string_view kOpen = "<think>";
constexpr std::string_view kClose = "</think>";

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
    const std::size_t lead = text.find_first_not_of(" \t\r\n");
    if (lead == std::string_view::npos || !text.substr(lead).starts_with(kOpen)) break;
    changed = true;
    const std::size_t from = lead + kOpen.size();
    const std::size_t close = text.find(kClose, from);
    append_reasoning(reasoning, text.substr(from, close - from));
    if (close == std::string_view::npos) {  // cut off while thinking: there is no answer
      text = {};
      break;
    }
    text = text.substr(close + kClose.size());
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
  if (!changed) return;
  append_reasoning(response.reasoning, reasoning);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  response.text =
      std::string(start == std::string_view::npos ? std::string_view() : text.substr(start));
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
