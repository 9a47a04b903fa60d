// Texts that say nearly the same, found without comparing all with all.
//
// A text becomes the set of its character shingles (five letters in a row, three where it is mostly
// Chinese; case, punctuation and white space do not count). MinHash signatures (A. Z. Broder, "On
// the resemblance and containment of documents", 1997) put texts that may be alike into common
// buckets, and only those are compared exactly.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

struct TextMatch {
  std::size_t a = 0;  // a < b: indices of the texts
  std::size_t b = 0;
  double similarity = 0;  // Jaccard index of the shingles, 0 to 1
};

// Pairs whose similarity is at least `threshold`, by a and b. Only pairs with a < `own` are looked
// for: the texts behind are others' and may repeat each other. Pairs above a similarity of 0.6 are
// found with a probability of 98.8 %, above 0.7 of 99.98 %, equal ones always. The same input
// gives the same pairs everywhere.
std::vector<TextMatch> near_duplicates(std::span<const std::string> texts, std::size_t own,
                                       double threshold);

// How much of `part` (its shingles) occurs in `whole`, 0 to 1; 0 for a part of fewer than five
// shingles, of which nothing can be said.
double containment(std::string_view part, std::string_view whole);

}  // namespace iie
