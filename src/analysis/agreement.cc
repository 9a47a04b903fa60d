#include "analysis/agreement.h"

#include <numeric>

namespace iie {
namespace {

std::int64_t ratings_of(const CategoryCounts& item) {
  return std::accumulate(item.begin(), item.end(), std::int64_t{0});
}

// The share of an item's pairs of ratings that agree; it has at least two.
double agreeing_pairs(const CategoryCounts& item, std::int64_t ratings) {
  std::int64_t agreeing = 0;
  for (const std::int64_t count : item) agreeing += count * (count - 1);
  return static_cast<double>(agreeing) / static_cast<double>(ratings * (ratings - 1));
}

std::optional<double> beyond_chance(double observed, double chance) {
  if (!(chance < 1)) return std::nullopt;
  return (observed - chance) / (1 - chance);
}

}  // namespace

std::optional<double> raw_agreement(std::span<const CategoryCounts> items) {
  double sum = 0;
  std::int64_t used = 0;
  for (const CategoryCounts& item : items) {
    const std::int64_t ratings = ratings_of(item);
    if (ratings < 2) continue;
    sum += agreeing_pairs(item, ratings);
    ++used;
  }
  if (used == 0) return std::nullopt;
  return sum / static_cast<double>(used);
}

std::optional<double> cohen_kappa(const RatingTable& table) {
  const std::size_t categories = table.size();
  std::vector<std::int64_t> first(categories);
  std::vector<std::int64_t> second(categories);
  std::int64_t agreed = 0;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < categories; ++i) {
    if (table[i].size() != categories) return std::nullopt;
    for (std::size_t j = 0; j < categories; ++j) {
      first[i] += table[i][j];
      second[j] += table[i][j];
      total += table[i][j];
    }
    agreed += table[i][i];
  }
  if (total == 0) return std::nullopt;
  const auto n = static_cast<double>(total);
  double chance = 0;
  for (std::size_t i = 0; i < categories; ++i) {
    chance += static_cast<double>(first[i]) / n * (static_cast<double>(second[i]) / n);
  }
  return beyond_chance(static_cast<double>(agreed) / n, chance);
}

std::optional<double> fleiss_kappa(std::span<const CategoryCounts> items) {
  std::int64_t raters = 0;
  std::int64_t used = 0;
  double observed = 0;
  std::vector<double> totals;
  for (const CategoryCounts& item : items) {
    const std::int64_t ratings = ratings_of(item);
    if (ratings == 0) continue;
    if (raters == 0) raters = ratings;
    if (ratings != raters || raters < 2) return std::nullopt;
    totals.resize(item.size());
    for (std::size_t k = 0; k < item.size(); ++k) totals[k] += static_cast<double>(item[k]);
    observed += agreeing_pairs(item, ratings);
    ++used;
  }
  if (used == 0) return std::nullopt;
  const auto n = static_cast<double>(used);
  double chance = 0;
  for (const double total : totals) {
    const double share = total / (n * static_cast<double>(raters));
    chance += share * share;
  }
  return beyond_chance(observed / n, chance);
}

std::optional<double> krippendorff_alpha(std::span<const CategoryCounts> items) {
  std::vector<double> totals;
  double pairable = 0;
  double coincident = 0;  // the diagonal of the coincidence matrix
  for (const CategoryCounts& item : items) {
    const std::int64_t ratings = ratings_of(item);
    if (ratings < 2) continue;
    totals.resize(item.size());
    for (std::size_t k = 0; k < item.size(); ++k) totals[k] += static_cast<double>(item[k]);
    pairable += static_cast<double>(ratings);
    coincident += agreeing_pairs(item, ratings) * static_cast<double>(ratings);
  }
  if (pairable == 0) return std::nullopt;
  double same = 0;
  for (const double total : totals) same += total * (total - 1);
  const double expected = 1 - same / (pairable * (pairable - 1));
  if (!(expected > 0)) return std::nullopt;
  return 1 - (1 - coincident / pairable) / expected;
}

std::optional<double> gwet_ac1(std::span<const CategoryCounts> items) {
  const std::optional<double> observed = raw_agreement(items);
  if (!observed) return std::nullopt;
  std::vector<double> shares;
  std::int64_t rated = 0;
  for (const CategoryCounts& item : items) {
    const std::int64_t ratings = ratings_of(item);
    if (ratings == 0) continue;
    ++rated;
    shares.resize(item.size());
    for (std::size_t k = 0; k < item.size(); ++k) {
      shares[k] += static_cast<double>(item[k]) / static_cast<double>(ratings);
    }
  }
  if (shares.size() < 2) return std::nullopt;
  double chance = 0;
  for (const double sum : shares) {
    const double share = sum / static_cast<double>(rated);
    chance += share * (1 - share);
  }
  return beyond_chance(*observed, chance / static_cast<double>(shares.size() - 1));
}

}  // namespace iie
