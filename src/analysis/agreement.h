// How far raters agree, beyond what chance would give: people among themselves, judges among
// themselves, judges with people. Values in, values out; any thread.
//
// Every coefficient is 1 for perfect agreement and about 0 for what chance gives; each has its own
// idea of chance, which is why a report shows several. nullopt where a coefficient is not defined
// (no item rated twice; everybody uses one category, so chance agreement is certain).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace iie {

// One item's ratings: how many raters chose each category. All items of one call have the same
// number of categories; an item may have any number of ratings, none included.
using CategoryCounts = std::vector<std::int64_t>;

// Two raters: table[i][j] is the number of items that the first put into category i and the second
// into j. Square.
using RatingTable = std::vector<std::vector<std::int64_t>>;

// The share of pairs of ratings of the same item that agree, averaged over items that have at least
// two ratings.
std::optional<double> raw_agreement(std::span<const CategoryCounts> items);

// Two raters, chance from each rater's own marginals:
//   (p_o - p_e) / (1 - p_e),  p_o = sum_i p_ii,  p_e = sum_i p_i. p_.i
// J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
// Measurement 20 (1960) 37-46.
std::optional<double> cohen_kappa(const RatingTable& table);

// Any number of raters, the same for each item (else nullopt), chance from pooled shares:
//   P_i = sum_j n_ij (n_ij - 1) / (n (n - 1)),  P_e = sum_j p_j^2,  (mean P_i - P_e) / (1 - P_e)
// J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76
// (1971) 378-382. Items without any rating are left out.
std::optional<double> fleiss_kappa(std::span<const CategoryCounts> items);

// Any number of raters, ratings may be missing; nominal categories:
//   1 - D_o / D_e over coincidences, items with one rating left out
// K. Krippendorff, Content Analysis, 3rd ed. (2013), chapter 12; "Computing Krippendorff's
// Alpha-Reliability" (2011).
std::optional<double> krippendorff_alpha(std::span<const CategoryCounts> items);

// Any number of raters, ratings may be missing; keeps its meaning where one category is rare, when
// kappa and alpha fall towards 0 although raters agree:
//   p_e = sum_k pi_k (1 - pi_k) / (q - 1),  pi_k the mean over items of the share that chose k
// K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high
// agreement", British Journal of Mathematical and Statistical Psychology 61 (2008) 29-48.
std::optional<double> gwet_ac1(std::span<const CategoryCounts> items);

}  // namespace iie
