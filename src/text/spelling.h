// English words: is this one spelled right?
//
// Hunspell with the distribution's en_US dictionary, which is part of the binary. British spellings
// ("colour", "organise", "travelling") are right too. Thread-safe; the first call loads the
// dictionary (some 0.1 s), answers are remembered.
#pragma once

#include <string_view>

namespace iie {

// Whether the dictionary could be loaded; without it nothing can be said about spelling.
bool has_english_dictionary();

// A single word of Latin letters and apostrophes, in any case. Case does not matter: "paris" is
// Paris written small, which is no misspelling. One letter is always a word. False also without a
// dictionary.
bool is_english_word(std::string_view word);

}  // namespace iie
