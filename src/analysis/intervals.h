// Confidence intervals for a share of passes, and the quantiles under them. Values in, values out:
// no state, any thread.
//
// Two intervals are here. `wilson` is for independent verdicts. `clustered_wilson` is for several
// rollouts of each sample: rollouts of one sample resemble each other, so six of them say less than
// six samples would, and an interval that takes them for independent is too narrow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace iie {

inline constexpr double kDefaultLevel = 0.95;

// Of a proportion: 0 <= low <= high <= 1.
struct Interval {
  double low = 0;
  double high = 1;
  double level = kDefaultLevel;
  // "wilson" or "clustered_wilson"; stored in reports: append only.
  std::string method;
  // How many independent verdicts would have been as informative.
  double n_effective = 0;
};

// The p-quantile of the standard normal distribution, 0 < p < 1.
double normal_quantile(double p);
// The p-quantile of Student's t with `df` > 0 degrees of freedom, 0 < p < 1.
double student_t_quantile(double p, double df);

// Wilson's score interval: the p for which the share seen lies within z standard errors of p,
//   (ph + z^2/2n +- z sqrt(ph(1 - ph)/n + z^2/4n^2)) / (1 + z^2/n),   z = Phi^-1((1 + level)/2).
// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
// (1927) 209-212. Chosen over the textbook interval because it holds its level in small cells and
// near 0 and 1, where it never degenerates to a point.
// Needs 0 <= passed <= n and 0 < level < 1; nullopt for n = 0, when nothing is known.
std::optional<Interval> wilson(std::int64_t passed, std::int64_t n, double level = kDefaultLevel);

// Wilson's interval for the mean m of n independent values in [0, 1] whose squared distances from m
// add up to s, at the number of independent verdicts of the same variance: n_eff = n^2 m(1 - m) /
// s, and not less than n, for values between 0 and 1 tell at least as much as verdicts (for
// verdicts alone it is n, and this is plain Wilson). Where s shows no variance, n. Method "wilson".
// n >= 1.
Interval wilson_for_mean(double mean, double squared_offsets, double n,
                         double level = kDefaultLevel);

// One sample's rollouts.
struct ClusterCount {
  std::int64_t passed = 0;
  std::int64_t n = 0;
};

// Wilson's interval for the pooled share ph = X / N of passes in G clusters (those with n > 0), at
// the number of independent verdicts that would have had the same variance. With x_g of n_g passed
// in cluster g:
//
//   v     = G/(G - 1) * sum_g (x_g - n_g ph)^2 / N^2      cluster-robust variance of ph
//   v_0   = ph(1 - ph) / (N - 1)                          the same estimator, every rollout alone
//   n_eff = N * v_0 / v * (t_{N-1} / t_{G-1})^2           held to G <= n_eff <= N
//
// v is the variance of a share estimated from clusters, W. G. Cochran, Sampling Techniques, 3rd ed.
// (1977), chapter 3; v / v_0 is the design effect of L. Kish, Survey Sampling (1965), section 8.2;
// the ratio of t quantiles, at (1 + level)/2, pays for estimating v from G clusters only: E. L.
// Korn and B. I. Graubard, Survey Methodology 24 (1998) 193-201.
//
// The lower limit is what fully alike rollouts leave (one verdict per sample), the upper what
// independent ones give. Where the clusters show no variance to estimate from (G = 1, all passed,
// none passed, the same share everywhere), n_eff is G: the cautious end. With one rollout in each
// cluster it is plain Wilson on N, exactly.
// nullopt when every cluster is empty.
std::optional<Interval> clustered_wilson(std::span<const ClusterCount> clusters,
                                         double level = kDefaultLevel);

}  // namespace iie
