// What reference checkers hand to Python's re module: a keyword, which they do not escape, so that
// one with special characters is a regular expression. Internal to rules/.
//
// Plain keywords are found as Python finds them, Unicode's case and word boundaries included. A
// keyword with special characters is compiled by RE2: the same syntax but for look-around and back
// references, which are rejected; \w, \d, \s and \b know ASCII only there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"

namespace re2 {
class RE2;
}

namespace iie {

// Characters that are more than themselves in a regular expression.
inline constexpr std::string_view kRegexCharacters = "\\.^$*+?{}[]|()";

// A text, ready for any number of patterns. `text` must outlive it.
class KeywordText {
 public:
  explicit KeywordText(std::string_view text);
  std::string_view original() const { return original_; }
  std::string_view folded() const { return folded_; }

 private:
  std::string_view original_;
  std::string folded_;  // each character as re.IGNORECASE compares it
};

class KeywordPattern {
 public:
  enum class Bounds { none, words };  // words: \b on both sides

  // `key` is where the keyword stood, for what is wrong with it: an invalid pattern.
  KeywordPattern(JsonFields& kwargs, std::string_view key, std::string_view keyword,
                 Bounds bounds = Bounds::none);

  bool found_in(const KeywordText& text) const;         // re.search(..., re.IGNORECASE)
  std::size_t count_in(const KeywordText& text) const;  // len(re.findall(..., re.IGNORECASE))

 private:
  std::size_t count(const KeywordText& text, std::size_t limit) const;

  std::string folded_;
  Bounds bounds_;
  std::shared_ptr<const re2::RE2> regex_;  // null for a plain keyword
};

}  // namespace iie
