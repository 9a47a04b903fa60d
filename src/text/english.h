// English as IFBench's reference checkers know it: which words are stop words, how many syllables a
// word has, which part of speech a text begins with. Data under data/english, whose README has its
// sources; decisions are those of NLTK and syllapy. Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace iie {

// NLTK's list. `word` in lower case.
bool is_stop_word(std::string_view word);

// syllapy's count for one word without white space: 6,392 words by heart, the rest by groups of
// vowels; 0 for what contains a digit and for nothing. `word` in lower case, without punctuation.
std::size_t count_syllables(std::string_view word);

// The Penn Treebank tag ("VB", "NNP") of the first of a sentence's words, as NLTK's averaged
// perceptron tagger gives it (M. Honnibal, "A Good Part-of-Speech Tagger in about 200 Lines of
// Python", 2013). It looks at the first three words; `words` must not be empty, nor may they be.
// Stays valid.
std::string_view first_word_tag(std::span<const std::string> words);

}  // namespace iie
