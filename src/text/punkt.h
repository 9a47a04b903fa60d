// Sentences as NLTK's Punkt tokenizer cuts English text (Kiss and Strunk 2006, "Unsupervised
// Multilingual Sentence Boundary Detection", Computational Linguistics 32(4)): the decisions that
// reference checkers rest on.
#pragma once

#include <string_view>
#include <vector>

namespace iie {

// The sentences of valid UTF-8 text, in order, as nltk.sent_tokenize returns them: without the
// white space between them. Views into `text`.
std::vector<std::string_view> punkt_sentences(std::string_view text);

}  // namespace iie
