#include "analysis/judge_error.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace iie {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> share_of(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return ratio(part, whole);
}

// Coefficients of a0 + a1 x + a2 x^2.
struct Quadratic {
  double a0 = 0;
  double a1 = 0;
  double a2 = 0;
};

// (b + m x)^2
Quadratic square(double b, double m) { return {b * b, 2 * b * m, m * m}; }

}  // namespace

JudgeCounts& JudgeCounts::operator+=(const JudgeCounts& other) {
  true_pass += other.true_pass;
  false_fail += other.false_fail;
  true_fail += other.true_fail;
  false_pass += other.false_pass;
  return *this;
}

std::optional<double> accuracy(const JudgeCounts& counts) {
  return share_of(counts.true_pass + counts.true_fail, counts.n());
}
std::optional<double> sensitivity(const JudgeCounts& counts) {
  return share_of(counts.true_pass, counts.passes());
}
std::optional<double> specificity(const JudgeCounts& counts) {
  return share_of(counts.true_fail, counts.fails());
}

std::string_view to_string(Uncorrected why) {
  switch (why) {
    case Uncorrected::none:
      return "none";
    case Uncorrected::no_verdicts:
      return "no_verdicts";
    case Uncorrected::one_class:
      return "one_class";
    case Uncorrected::judge_too_weak:
      return "judge_too_weak";
  }
  return "none";
}

Correction corrected_share(double p, double n_effective, const JudgeCounts& labels, double level) {
  assert(p >= 0 && p <= 1 && n_effective >= 0);
  if (!(n_effective > 0)) return {std::nullopt, Uncorrected::no_verdicts};
  if (labels.passes() == 0 || labels.fails() == 0) return {std::nullopt, Uncorrected::one_class};
  const auto m1 = static_cast<double>(labels.passes());
  const auto m0 = static_cast<double>(labels.fails());
  const double q1 = ratio(labels.true_pass, labels.passes());
  const double q0 = ratio(labels.true_fail, labels.fails());
  const double q1_mild = (static_cast<double>(labels.true_pass) + 1) / (m1 + 2);
  const double q0_mild = (static_cast<double>(labels.true_fail) + 1) / (m0 + 2);
  const double z = normal_quantile((1 + level) / 2);

  // (p - (1 - q0) - theta (q0 + q1 - 1))^2 - z^2 variance(theta) as a quadratic in theta.
  Quadratic test = square(p + q0 - 1, -(q0 + q1 - 1));
  const double base = 1 - q0_mild;
  const double slope = q0_mild + q1_mild - 1;
  const Quadratic expected_squared = square(base, slope);
  const double false_part = q0_mild * (1 - q0_mild) / m0;
  const double true_part = q1_mild * (1 - q1_mild) / m1;
  test.a0 -= z * z * ((base - expected_squared.a0) / n_effective + false_part);
  test.a1 -= z * z * ((slope - expected_squared.a1) / n_effective - 2 * false_part);
  test.a2 -= z * z * (-expected_squared.a2 / n_effective + false_part + true_part);

  // Weak is also a judge whose J = q0 + q1 - 1 could be zero or less by its labels alone.
  const double j = q0 + q1 - 1;
  const bool weak = j <= z * std::sqrt(false_part + true_part);
  const double inside = test.a1 * test.a1 - 4 * test.a2 * test.a0;
  if (weak || !(test.a2 > 0) || inside < 0) return {std::nullopt, Uncorrected::judge_too_weak};

  CorrectedShare corrected;
  corrected.share = std::clamp((p + q0 - 1) / j, 0.0, 1.0);
  const double root = std::sqrt(inside);
  corrected.interval.low = std::clamp((-test.a1 - root) / (2 * test.a2), 0.0, 1.0);
  corrected.interval.high = std::clamp((-test.a1 + root) / (2 * test.a2), 0.0, 1.0);
  // An estimate that had to be held to an end of [0, 1] stays inside its interval.
  corrected.interval.low = std::min(corrected.interval.low, corrected.share);
  corrected.interval.high = std::max(corrected.interval.high, corrected.share);
  corrected.interval.level = level;
  corrected.interval.method = "corrected_score";
  corrected.interval.n_effective = n_effective;
  return {corrected, Uncorrected::none};
}

std::optional<CorrectedShare> combine(std::span<const WeightedShare> parts) {
  double weights = 0;
  for (const WeightedShare& part : parts) weights += part.weight;
  if (!(weights > 0)) return std::nullopt;
  CorrectedShare whole;
  double below = 0;
  double above = 0;
  for (const WeightedShare& part : parts) {
    const double weight = part.weight / weights;
    const double down = weight * (part.share.share - part.share.interval.low);
    const double up = weight * (part.share.interval.high - part.share.share);
    whole.share += weight * part.share.share;
    below += down * down;
    above += up * up;
    whole.interval.n_effective += part.share.interval.n_effective;
  }
  whole.interval.low = std::max(0.0, whole.share - std::sqrt(below));
  whole.interval.high = std::min(1.0, whole.share + std::sqrt(above));
  whole.interval.level = parts.front().share.interval.level;
  whole.interval.method = "mover";
  return whole;
}

namespace {

// The labelled two by two table and the judge's other verdicts, as weights.
struct Table {
  double true_pass = 0;
  double false_fail = 0;
  double false_pass = 0;
  double true_fail = 0;
  double other_passed = 0;
  double other_failed = 0;

  double labelled() const { return true_pass + false_fail + false_pass + true_fail; }
  double other() const { return other_passed + other_failed; }
  double y() const { return (true_pass + false_fail) / labelled(); }
  double f() const { return (true_pass + false_pass) / labelled(); }
  double covariance() const { return true_pass / labelled() - y() * f(); }
};

struct Powered {
  double share = 0;
  double variance = 0;
};

Powered powered(const Table& table, double lambda) {
  const double y = table.y();
  const double f = table.f();
  Powered result;
  result.share = y - lambda * f;
  result.variance =
      (y * (1 - y) + lambda * lambda * f * (1 - f) - 2 * lambda * table.covariance()) /
      table.labelled();
  if (table.other() > 0) {
    const double other = table.other_passed / table.other();
    result.share += lambda * other;
    result.variance += lambda * lambda * other * (1 - other) / table.other();
  }
  return result;
}

double weight_of_judge(const Table& table) {
  if (!(table.other() > 0)) return 0;
  const double spread = table.f() * (1 - table.f());
  if (!(spread > 0)) return 0;
  const double share = 1 + table.labelled() / table.other();
  return std::clamp(table.covariance() / (share * spread), 0.0, 1.0);
}

// The variance of the estimate with rollouts clustered in samples over that with independent ones.
double design_effect(std::span<const PartlyLabelled> samples, const Table& table, double lambda) {
  const double independent = powered(table, lambda).variance;
  if (!(independent > 0)) return 1;
  const double residual = table.y() - lambda * table.f();
  const double other = table.other() > 0 ? table.other_passed / table.other() : 0;
  double squares = 0;
  double clusters = 0;
  for (const PartlyLabelled& sample : samples) {
    const JudgeCounts& own = sample.labelled;
    const auto labelled = static_cast<double>(own.n());
    const auto others = static_cast<double>(sample.other_passed + sample.other_failed);
    if (labelled + others == 0) continue;
    clusters += 1;
    const auto passed = static_cast<double>(own.passes());
    const auto judged = static_cast<double>(own.true_pass + own.false_pass);
    double off = (passed - lambda * judged - labelled * residual) / table.labelled();
    if (table.other() > 0) {
      off += lambda * (static_cast<double>(sample.other_passed) - others * other) / table.other();
    }
    squares += off * off;
  }
  if (clusters < 2) return 1;
  return std::max(1.0, clusters / (clusters - 1) * squares / independent);
}

}  // namespace

std::optional<CorrectedShare> prediction_powered_share(std::span<const PartlyLabelled> samples,
                                                       double level) {
  JudgeCounts labels;
  std::int64_t other_passed = 0;
  std::int64_t other_failed = 0;
  bool clustered = false;
  for (const PartlyLabelled& sample : samples) {
    labels += sample.labelled;
    other_passed += sample.other_passed;
    other_failed += sample.other_failed;
    clustered = clustered || sample.labelled.n() + sample.other_passed + sample.other_failed > 1;
  }
  if (labels.n() < 2) return std::nullopt;
  const auto table_with = [&](double more) {
    return Table{
        static_cast<double>(labels.true_pass) + more,
        static_cast<double>(labels.false_fail) + more,
        static_cast<double>(labels.false_pass) + more,
        static_cast<double>(labels.true_fail) + more,
        static_cast<double>(other_passed) + (other_passed + other_failed > 0 ? 2 * more : 0),
        static_cast<double>(other_failed) + (other_passed + other_failed > 0 ? 2 * more : 0)};
  };
  const Table seen = table_with(0);
  const Table mild = table_with(0.5);
  const double lambda = weight_of_judge(seen);
  const double mild_lambda = weight_of_judge(mild);
  const Powered centre = powered(mild, mild_lambda);
  const double effect = clustered ? design_effect(samples, seen, lambda) : 1;
  const double half = student_t_quantile((1 + level) / 2, mild.labelled() - 1) *
                      std::sqrt(centre.variance * effect);

  CorrectedShare result;
  result.share = std::clamp(powered(seen, lambda).share, 0.0, 1.0);
  result.interval.low = std::min(result.share, std::clamp(centre.share - half, 0.0, 1.0));
  result.interval.high = std::max(result.share, std::clamp(centre.share + half, 0.0, 1.0));
  result.interval.level = level;
  result.interval.method = "prediction_powered";
  result.interval.n_effective =
      centre.variance > 0 ? centre.share * (1 - centre.share) / (centre.variance * effect) : 0;
  return result;
}

}  // namespace iie
