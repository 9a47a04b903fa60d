// Words as NLTK cuts them: the decisions that reference checkers rest on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

// nltk.word_tokenize: Punkt's sentences cut by the improved Penn Treebank tokenizer
// (NLTKWordTokenizer). Quotes become `` and '', as there; so tokens are copies.
std::vector<std::string> nltk_word_tokenize(std::string_view text);

// RegexpTokenizer(r"\w+"): runs of Unicode letters, digits and '_'. Views into `text`.
std::vector<std::string_view> nltk_word_runs(std::string_view text);
std::size_t count_nltk_word_runs(std::string_view text);

}  // namespace iie
