// Finding terms in text the way a reader would: 15 is in "15 g" and not in 150 or 3.15, "1,500" is
// 1500, "July 14" is in "**July** 14", 北京 is in 在北京市.
//
// Both the text and the term are brought into one form (normalize(), then: thousands separators
// dropped, white space collapsed and dropped beside Chinese characters, emphasis marks dropped).
// A term then matches at word borders where its script has words, and anywhere in Chinese. A number
// matches only as the whole number, sign and decimals included: -15, 15.5, 十五 in 二十五 and five
// in twenty-five are others. Units may follow a number directly ("15g"); ordinal endings may not
// ("15th").
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/unicode.h"

namespace iie {

// The form in which terms and texts are compared. `drop_markup` removes the emphasis and code marks
// of Markdown (* and `) where they mark something.
std::string search_form(std::string_view text, Case mode, bool drop_markup);

// A term to look for.
class Term {
 public:
  Term(std::string_view term, Case mode);

  // As its author wrote it.
  const std::string& written() const { return written_; }
  // Nothing is left of it in the form that is compared: it would match everywhere or nowhere.
  bool empty() const { return form_.empty(); }

 private:
  friend class SearchText;
  std::string written_;
  std::string form_;
  bool has_markup_ = false;  // contains * or `: looked for in the text with its marks
};

class SearchText {
 public:
  SearchText(std::string_view text, Case mode);

  // Where the term occurs first at or behind `from` in form().
  std::optional<TextSpan> find(const Term& term, std::size_t from = 0) const;
  bool mentions(const Term& term) const { return find(term).has_value(); }
  // The text in which a span of find() for this term stands.
  const std::string& form(const Term& term) const {
    return term.has_markup_ && !marked_.empty() ? marked_ : plain_;
  }
  // The span with a little of what stands around it, for reasons.
  std::string excerpt(const Term& term, TextSpan span) const;

 private:
  std::string plain_;
  std::string marked_;  // with its marks; empty where there are none
};

// Whether the text around a span denies it: "not the Sun", "rather than 45", "不是太阳", "the Sun
// is wrong". Looks a few words back and ahead within the clause.
bool is_negated(std::string_view form, TextSpan span);

}  // namespace iie
