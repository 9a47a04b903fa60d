// Exact tests and intervals of the binomial distribution, and corrections for testing often.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/intervals.h"

namespace iie {

// The exact interval: no share within it is rejected by either one-sided binomial test at
// (1 - level)/2. Never covers less than `level`, usually more.
// C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413.
// Needs 0 <= passed <= n and 0 < level < 1; nullopt for n = 0.
std::optional<Interval> clopper_pearson(std::int64_t passed, std::int64_t n,
                                        double level = kDefaultLevel);

// Two-sided exact McNemar test: of the pairs in which exactly one side passed, are `only_a` and
// `only_b` as unequal as chance would hardly make them? 2 P(X <= min) for X ~ Bin(a + b, 1/2), at
// most 1; 1 where there is no such pair.
// Q. McNemar, Psychometrika 12 (1947) 153-157; exact form: A. Agresti, Categorical Data Analysis,
// 2nd ed. (2002), section 10.1.
double mcnemar_exact(std::int64_t only_a, std::int64_t only_b);

// p values adjusted so that comparing each with alpha keeps the chance of any false rejection below
// alpha, in the order given. S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace iie
