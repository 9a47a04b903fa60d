// Scores corrected for a judge whose error was measured against people's labels. Values in, values
// out; any thread. Shares are 0 to 1.
//
// What can be said depends on where the labels are:
//   - on other responses than the run's (a calibration set): the judge's sensitivity and
//   specificity
//     carry over, and corrected_share turns the share that the judge passed into the share that
//     people would have passed;
//   - on some of the run's own responses: prediction_powered_share needs no such assumption.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/intervals.h"

namespace iie {

// People's labels against a judge's verdicts on the same responses.
struct JudgeCounts {
  std::int64_t true_pass = 0;   // both pass
  std::int64_t false_fail = 0;  // people pass, the judge fails
  std::int64_t true_fail = 0;   // both fail
  std::int64_t false_pass = 0;  // people fail, the judge passes

  std::int64_t passes() const { return true_pass + false_fail; }  // by people's labels
  std::int64_t fails() const { return true_fail + false_pass; }
  std::int64_t n() const { return passes() + fails(); }
  JudgeCounts& operator+=(const JudgeCounts& other);
  bool operator==(const JudgeCounts&) const = default;
};

// Shares of n(), passes() and fails(), each nullopt where its denominator is 0.
std::optional<double> accuracy(const JudgeCounts& counts);
std::optional<double> sensitivity(const JudgeCounts& counts);  // judge passes what people pass
std::optional<double> specificity(const JudgeCounts& counts);  // judge fails what people fail

// Why there is no corrected share.
enum class Uncorrected {
  none,
  no_verdicts,     // the judged share itself is of nothing
  one_class,       // the labels hold no pass, or no fail: one of the two rates is unknown
  judge_too_weak,  // sensitivity + specificity is not distinguishable from 1: a coin would do
};
std::string_view to_string(Uncorrected why);

struct CorrectedShare {
  double share = 0;
  Interval interval;
};
struct Correction {
  std::optional<CorrectedShare> corrected;  // absent exactly where `why` is not none
  Uncorrected why = Uncorrected::none;
};

// The share that people would have passed,
//   theta = (p + q0 - 1) / (q0 + q1 - 1), held to [0, 1],
// with p the share that the judge passed, q1 its sensitivity and q0 its specificity: W. J. Rogan
// and B. Gladen, American Journal of Epidemiology 107 (1978) 71-76; for LLM judges C. Lee et al.,
// "How to Correctly Report LLM-as-a-Judge Evaluations", arXiv 2511.21140.
//
// The interval carries both samplings, the run's (p of `n_effective` independent verdicts: see
// clustered_wilson) and the labels'. It holds every theta that the data do not reject,
//   (p - theta q1 - (1 - theta)(1 - q0))^2
//     <= z^2 (p_theta (1 - p_theta)/n + theta^2 q1'(1 - q1')/m1 + (1 - theta)^2 q0'(1 - q0')/m0),
// with p_theta = theta q1' + (1 - theta)(1 - q0'), q' = (hits + 1)/(m + 2) as in Lee et al., m1 and
// m0 the numbers of labelled passes and fails. It is Fieller's construction (E. C. Fieller, JRSS B
// 16 (1954) 175-185) with the variance under theta, as in Wilson's: unlike an interval of estimate
// and standard error it keeps its level in cells of 41 and near 0 and 1, and where it has no end
// the judge is too weak to correct for.
Correction corrected_share(double p, double n_effective, const JudgeCounts& labels,
                           double level = kDefaultLevel);

// A part of a whole (an instruction type, say) with its weight in it.
struct WeightedShare {
  double weight = 0;  // the weights of one call need not add up to 1
  CorrectedShare share;
};
// The weighted mean of parts estimated independently. Its interval adds the squared distances to
// the parts' ends (MOVER): G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702.
// nullopt for no parts or no weight.
std::optional<CorrectedShare> combine(std::span<const WeightedShare> parts);

// One sample's rollouts in a run of which people labelled a part.
struct PartlyLabelled {
  JudgeCounts labelled;
  std::int64_t other_passed = 0;  // by the judge; not labelled
  std::int64_t other_failed = 0;
};

// The share that people would have passed, from their labels on a part of the run (chosen at
// random) and the judge's verdicts on all of it:
//   theta = lambda f_other + (y_labelled - lambda f_labelled)
// with y the labels, f the judge's verdicts, and lambda = cov(y, f) / ((1 + n/N) var(f)), held to
// [0, 1], the weight that the judge deserves: A. N. Angelopoulos et al., "Prediction-powered
// inference", Science 382 (2023) 669-674; lambda from PPI++, arXiv 2311.01453. It is right however
// wrong the judge is; a good judge makes it narrow.
//
// The interval takes t quantiles at variances counted with half an observation more in each cell of
// the labelled two by two table (and one in each of the others), without which it covers too little
// near 0 and 1; and multiplies them by the design effect of rollouts clustered in samples.
// nullopt with fewer than two labelled rollouts.
std::optional<CorrectedShare> prediction_powered_share(std::span<const PartlyLabelled> samples,
                                                       double level = kDefaultLevel);

}  // namespace iie
