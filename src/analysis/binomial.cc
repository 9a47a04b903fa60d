#include "analysis/binomial.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cassert>
#include <numeric>

namespace iie {

std::optional<Interval> clopper_pearson(std::int64_t passed, std::int64_t n, double level) {
  assert(passed >= 0 && passed <= n);
  if (n == 0) return std::nullopt;
  const auto x = static_cast<double>(passed);
  const auto count = static_cast<double>(n);
  const double tail = (1 - level) / 2;
  Interval interval;
  interval.low = passed == 0 ? 0 : boost::math::ibeta_inv(x, count - x + 1, tail);
  interval.high = passed == n ? 1 : boost::math::ibetac_inv(x + 1, count - x, tail);
  interval.level = level;
  interval.method = "clopper_pearson";
  interval.n_effective = count;
  return interval;
}

double mcnemar_exact(std::int64_t only_a, std::int64_t only_b) {
  assert(only_a >= 0 && only_b >= 0);
  if (only_a == only_b) return 1;
  const auto fewer = static_cast<double>(std::min(only_a, only_b));
  const auto more = static_cast<double>(std::max(only_a, only_b));
  // P(X <= k) = I_{1/2}(n - k, k + 1).
  return std::min(1.0, 2 * boost::math::ibeta(more, fewer + 1, 0.5));
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double p = p_values[order[rank]] * static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, p));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace iie
