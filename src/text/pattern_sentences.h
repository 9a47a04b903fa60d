// Sentences as the regular expressions of IFBench's reference checkers cut them (its
// split_into_sentences): at every full stop, question and exclamation mark, but for a short list of
// abbreviations, websites, decimals and initials. Where text/punkt.h knows a language, this knows
// nothing: "U.K. Then" is one sentence, and "?!" ends two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iie {

// The sentences of valid UTF-8 text, in order, without white space around them. Copies: line breaks
// became spaces, and a quotation mark changed places with the full stop before it. Some may be
// empty; there is none only where the text is blank. Linear.
std::vector<std::string> pattern_sentences(std::string_view text);

}  // namespace iie
