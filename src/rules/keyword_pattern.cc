#include "rules/keyword_pattern.h"

#include <re2/re2.h>

#include <limits>

#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

bool is_word_before(std::string_view text, std::size_t at) {
  return at > 0 && is_python_word(previous_code_point(text, at));
}
bool is_word_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_python_word(next_code_point(text, at));
}
bool is_boundary(std::string_view text, std::size_t at) {
  return is_word_before(text, at) != is_word_at(text, at);
}

}  // namespace

KeywordText::KeywordText(std::string_view text)
    : original_(text), folded_(python_ignore_case(text)) {}

KeywordPattern::KeywordPattern(JsonFields& kwargs, std::string_view key, std::string_view keyword,
                               Bounds bounds)
    : folded_(python_ignore_case(keyword)), bounds_(bounds) {
  if (keyword.find_first_of(kRegexCharacters) == std::string_view::npos) return;
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  std::string pattern(keyword);
  if (bounds == Bounds::words) pattern = "\\b" + pattern + "\\b";
  auto regex = std::make_shared<const RE2>(pattern, options);
  if (!regex->ok()) {
    kwargs.reject(
        key, "keywords are regular expressions, and this is not a valid one: " + regex->error());
  }
  regex_ = std::move(regex);
}

bool KeywordPattern::found_in(const KeywordText& text) const { return count(text, 1) > 0; }

std::size_t KeywordPattern::count_in(const KeywordText& text) const {
  return count(text, std::numeric_limits<std::size_t>::max());
}

std::size_t KeywordPattern::count(const KeywordText& text, std::size_t limit) const {
  std::size_t found = 0;
  if (regex_) {
    const std::string_view original = text.original();
    const re2::StringPiece whole(original.data(), original.size());
    re2::StringPiece match;
    for (std::size_t at = 0; found < limit && at <= original.size();) {
      if (!regex_->Match(whole, at, whole.size(), RE2::UNANCHORED, &match, 1)) break;
      ++found;
      at = static_cast<std::size_t>(match.data() - original.data()) + match.size();
      if (!match.empty()) continue;
      if (at == original.size()) break;
      next_code_point(original, at);
    }
    return found;
  }
  const std::string_view folded = text.folded();
  for (std::size_t at = folded.find(folded_); at != std::string_view::npos && found < limit;) {
    const std::size_t end = at + folded_.size();
    const bool whole =
        bounds_ == Bounds::none || (is_boundary(folded, at) && is_boundary(folded, end));
    if (whole) ++found;
    at = folded.find(folded_, whole ? end : at + 1);
  }
  return found;
}

}  // namespace iie
