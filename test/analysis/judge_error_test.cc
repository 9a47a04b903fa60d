#include "analysis/judge_error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace iie {
namespace {

std::int64_t draw(Rng& rng, std::int64_t n, double p) {
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < n; ++i) hits += rng.uniform() < p;
  return hits;
}

// Labels of `passes` passes and as many fails by a judge of that sensitivity and specificity.
JudgeCounts draw_labels(Rng& rng, std::int64_t of_each, double sensitivity, double specificity) {
  JudgeCounts counts;
  counts.true_pass = draw(rng, of_each, sensitivity);
  counts.false_fail = of_each - counts.true_pass;
  counts.true_fail = draw(rng, of_each, specificity);
  counts.false_pass = of_each - counts.true_fail;
  return counts;
}

struct Judge {
  double sensitivity;
  double specificity;
};

TEST(JudgeCounts, KnowWhatTheyDoNotKnow) {
  const JudgeCounts counts{.true_pass = 8, .false_fail = 2, .true_fail = 27, .false_pass = 3};
  EXPECT_NEAR(*accuracy(counts), 35.0 / 40, 1e-12);
  EXPECT_NEAR(*sensitivity(counts), 0.8, 1e-12);
  EXPECT_NEAR(*specificity(counts), 0.9, 1e-12);
  EXPECT_FALSE(accuracy({}));
  EXPECT_FALSE(sensitivity({.true_fail = 3, .false_pass = 1}));
  EXPECT_FALSE(specificity({.true_pass = 3}));
}

TEST(CorrectedShare, IsRoganAndGladensEstimator) {
  // p = 0.5, q1 = 0.8, q0 = 0.9: (0.5 + 0.9 - 1)/(0.8 + 0.9 - 1).
  const JudgeCounts labels{.true_pass = 80, .false_fail = 20, .true_fail = 90, .false_pass = 10};
  const Correction correction = corrected_share(0.5, 400, labels);
  ASSERT_TRUE(correction.corrected);
  EXPECT_NEAR(correction.corrected->share, 0.4 / 0.7, 1e-12);
  EXPECT_EQ(correction.why, Uncorrected::none);
  EXPECT_LT(correction.corrected->interval.low, 0.4 / 0.7);
  EXPECT_GT(correction.corrected->interval.high, 0.4 / 0.7);
  EXPECT_EQ(correction.corrected->interval.method, "corrected_score");
}

TEST(CorrectedShare, ApproachesWilsonForAPerfectJudge) {
  const JudgeCounts labels{.true_pass = 1'000'000, .true_fail = 1'000'000};
  const Correction correction = corrected_share(0.3, 200, labels);
  const auto plain = wilson(60, 200);
  ASSERT_TRUE(correction.corrected);
  EXPECT_NEAR(correction.corrected->share, 0.3, 1e-9);
  EXPECT_NEAR(correction.corrected->interval.low, plain->low, 1e-4);
  EXPECT_NEAR(correction.corrected->interval.high, plain->high, 1e-4);
}

TEST(CorrectedShare, IsWiderTheFewerLabelsThereAre) {
  double wider = 0;
  for (const std::int64_t scale : {1000, 100, 10, 2}) {
    const JudgeCounts labels{
        .true_pass = 9 * scale, .false_fail = scale, .true_fail = 9 * scale, .false_pass = scale};
    const Correction correction = corrected_share(0.6, 500, labels);
    ASSERT_TRUE(correction.corrected) << scale;
    const double width = correction.corrected->interval.high - correction.corrected->interval.low;
    EXPECT_GT(width, wider) << scale;
    wider = width;
  }
}

TEST(CorrectedShare, SaysWhyThereIsNone) {
  const JudgeCounts good{.true_pass = 90, .false_fail = 10, .true_fail = 90, .false_pass = 10};
  EXPECT_EQ(corrected_share(0, 0, good).why, Uncorrected::no_verdicts);
  EXPECT_EQ(corrected_share(0.5, 100, {.true_pass = 50, .false_fail = 3}).why,
            Uncorrected::one_class);
  EXPECT_EQ(corrected_share(0.5, 100, {.true_fail = 50}).why, Uncorrected::one_class);
  // A coin, a judge that is usually wrong, and a good judge seen on three labels.
  const JudgeCounts coin{.true_pass = 50, .false_fail = 50, .true_fail = 50, .false_pass = 50};
  const JudgeCounts wrong{.true_pass = 10, .false_fail = 90, .true_fail = 10, .false_pass = 90};
  const JudgeCounts unknown{.true_pass = 2, .true_fail = 1, .false_pass = 0};
  for (const JudgeCounts& labels : {coin, wrong, unknown}) {
    const Correction correction = corrected_share(0.5, 100, labels);
    EXPECT_FALSE(correction.corrected);
    EXPECT_EQ(correction.why, Uncorrected::judge_too_weak);
  }
}

TEST(CorrectedShare, StaysInRangeForEveryTable) {
  Rng rng(3);
  for (int round = 0; round < 20'000; ++round) {
    const JudgeCounts labels{.true_pass = static_cast<std::int64_t>(rng.below(60)),
                             .false_fail = static_cast<std::int64_t>(rng.below(20)),
                             .true_fail = static_cast<std::int64_t>(rng.below(60)),
                             .false_pass = static_cast<std::int64_t>(rng.below(20))};
    const double p = rng.below(5) == 0 ? (rng.below(2) == 0 ? 0 : 1) : rng.uniform();
    const Correction correction =
        corrected_share(p, 1 + static_cast<double>(rng.below(500)), labels);
    ASSERT_EQ(correction.corrected.has_value(), correction.why == Uncorrected::none);
    if (!correction.corrected) continue;
    const CorrectedShare& c = *correction.corrected;
    ASSERT_LE(0, c.interval.low);
    ASSERT_LE(c.interval.low, c.share);
    ASSERT_LE(c.share, c.interval.high);
    ASSERT_LE(c.interval.high, 1);
  }
}

// How often the interval holds the true share, and how far the estimate is off on average.
struct Simulated {
  double coverage = 0;
  double bias = 0;
};

Simulated simulate_corrected(Rng& rng, int rounds, std::int64_t n, std::int64_t labels_of_each,
                             double truth, Judge judge) {
  int covered = 0;
  int known = 0;
  double sum = 0;
  const double judged = truth * judge.sensitivity + (1 - truth) * (1 - judge.specificity);
  for (int round = 0; round < rounds; ++round) {
    const double p = static_cast<double>(draw(rng, n, judged)) / static_cast<double>(n);
    const JudgeCounts labels =
        draw_labels(rng, labels_of_each, judge.sensitivity, judge.specificity);
    const Correction c = corrected_share(p, static_cast<double>(n), labels);
    if (!c.corrected) continue;
    ++known;
    sum += c.corrected->share;
    covered += c.corrected->interval.low <= truth && truth <= c.corrected->interval.high;
  }
  return {static_cast<double>(covered) / known, sum / known - truth};
}

TEST(CorrectedShare, CoversTheTruthAsOftenAsItSays) {
  // The slice that CI runs; bench/coverage.cc has the whole grid.
  Rng rng(20260301);
  for (const double truth : {0.2, 0.5, 0.8}) {
    for (const Judge judge : {Judge{0.8, 0.8}, Judge{0.9, 0.9}, Judge{0.95, 0.85}}) {
      const Simulated large = simulate_corrected(rng, 2000, 400, 200, truth, judge);
      EXPECT_GE(large.coverage, 0.935) << truth << ' ' << judge.sensitivity;
      EXPECT_LE(large.coverage, 0.965) << truth << ' ' << judge.sensitivity;
      EXPECT_LT(std::abs(large.bias), 0.005) << truth << ' ' << judge.sensitivity;
      const Simulated small = simulate_corrected(rng, 2000, 41, 50, truth, judge);
      EXPECT_GE(small.coverage, 0.93) << truth << ' ' << judge.sensitivity;
      EXPECT_LE(small.coverage, 0.99) << truth << ' ' << judge.sensitivity;
    }
  }
}

TEST(Combine, AddsSquaredDistancesAndWeights) {
  const auto part = [](double share, double low, double high) {
    CorrectedShare c;
    c.share = share;
    c.interval.low = low;
    c.interval.high = high;
    return c;
  };
  const std::vector<WeightedShare> parts = {{30, part(0.4, 0.3, 0.6)}, {10, part(0.8, 0.7, 0.9)}};
  const auto whole = combine(parts);
  ASSERT_TRUE(whole);
  EXPECT_NEAR(whole->share, 0.5, 1e-12);
  EXPECT_NEAR(whole->interval.low, 0.5 - std::hypot(0.75 * 0.1, 0.25 * 0.1), 1e-12);
  EXPECT_NEAR(whole->interval.high, 0.5 + std::hypot(0.75 * 0.2, 0.25 * 0.1), 1e-12);
  EXPECT_EQ(whole->interval.method, "mover");
  const std::vector<WeightedShare> one = {{3, part(0.4, 0.3, 0.6)}};
  EXPECT_NEAR(combine(one)->interval.low, 0.3, 1e-12);
  EXPECT_FALSE(combine({}));
}

TEST(PredictionPowered, UsesTheJudgeAsMuchAsItDeserves) {
  // A judge that is always right: the estimate is the judge's share of everything.
  std::vector<PartlyLabelled> right(1000);
  for (std::size_t i = 0; i < right.size(); ++i) {
    const bool pass = i % 4 == 0;
    if (i < 200) {
      (pass ? right[i].labelled.true_pass : right[i].labelled.true_fail) = 1;
    } else {
      (pass ? right[i].other_passed : right[i].other_failed) = 1;
    }
  }
  const auto powered = prediction_powered_share(right);
  ASSERT_TRUE(powered);
  EXPECT_NEAR(powered->share, 0.25, 1e-9);
  EXPECT_EQ(powered->interval.method, "prediction_powered");
  const double width = powered->interval.high - powered->interval.low;
  const auto labels_alone = wilson(50, 200);
  EXPECT_LT(width, 0.65 * (labels_alone->high - labels_alone->low));

  // A judge that tosses a coin: the estimate is people's share, the interval theirs.
  std::vector<PartlyLabelled> coin(1000);
  for (std::size_t i = 0; i < coin.size(); ++i) {
    const bool pass = i % 4 == 0;
    const bool judged = i / 4 % 2 == 0;
    if (i < 200) {
      JudgeCounts& own = coin[i].labelled;
      (pass ? (judged ? own.true_pass : own.false_fail)
            : (judged ? own.false_pass : own.true_fail)) = 1;
    } else {
      (judged ? coin[i].other_passed : coin[i].other_failed) = 1;
    }
  }
  const auto coined = prediction_powered_share(coin);
  EXPECT_NEAR(coined->share, 0.25, 1e-9);
  EXPECT_NEAR(coined->interval.high - coined->interval.low, labels_alone->high - labels_alone->low,
              0.01);
}

TEST(PredictionPowered, NeedsLabels) {
  EXPECT_FALSE(prediction_powered_share({}));
  const std::vector<PartlyLabelled> one = {{{.true_pass = 1}, 0, 0}, {{}, 5, 5}};
  EXPECT_FALSE(prediction_powered_share(one));
}

TEST(PredictionPowered, CountsAlikeRolloutsOnce) {
  // Sixty samples whose six rollouts all agree say what sixty rollouts say.
  std::vector<PartlyLabelled> alike(60);
  std::vector<PartlyLabelled> single(60);
  for (std::size_t i = 0; i < 60; ++i) {
    const bool pass = i % 3 == 0;
    if (i % 2 == 0) {
      (pass ? alike[i].labelled.true_pass : alike[i].labelled.true_fail) = 6;
      (pass ? single[i].labelled.true_pass : single[i].labelled.true_fail) = 1;
    } else {
      (pass ? alike[i].other_passed : alike[i].other_failed) = 6;
      (pass ? single[i].other_passed : single[i].other_failed) = 1;
    }
  }
  const auto wide = prediction_powered_share(alike);
  const auto same = prediction_powered_share(single);
  EXPECT_NEAR(wide->share, same->share, 1e-9);
  const double width = wide->interval.high - wide->interval.low;
  const double expected = same->interval.high - same->interval.low;
  EXPECT_NEAR(width / expected, 1, 0.1);
}

Simulated simulate_powered(Rng& rng, int rounds, std::int64_t labelled, std::int64_t others,
                           double truth, Judge judge) {
  int covered = 0;
  double sum = 0;
  for (int round = 0; round < rounds; ++round) {
    PartlyLabelled all;
    for (std::int64_t i = 0; i < labelled + others; ++i) {
      const bool pass = rng.uniform() < truth;
      const bool judged = rng.uniform() < (pass ? judge.sensitivity : 1 - judge.specificity);
      if (i >= labelled) {
        ++(judged ? all.other_passed : all.other_failed);
      } else if (pass) {
        ++(judged ? all.labelled.true_pass : all.labelled.false_fail);
      } else {
        ++(judged ? all.labelled.false_pass : all.labelled.true_fail);
      }
    }
    // Every rollout is a sample of its own; the sums are all that the estimate needs of them.
    std::vector<PartlyLabelled> samples;
    const auto add = [&](std::int64_t count, PartlyLabelled one) {
      samples.insert(samples.end(), static_cast<std::size_t>(count), one);
    };
    add(all.labelled.true_pass, {.labelled = {.true_pass = 1}});
    add(all.labelled.false_fail, {.labelled = {.false_fail = 1}});
    add(all.labelled.true_fail, {.labelled = {.true_fail = 1}});
    add(all.labelled.false_pass, {.labelled = {.false_pass = 1}});
    add(all.other_passed, {.other_passed = 1});
    add(all.other_failed, {.other_failed = 1});
    const auto estimate = prediction_powered_share(samples);
    sum += estimate->share;
    covered += estimate->interval.low <= truth && truth <= estimate->interval.high;
  }
  return {static_cast<double>(covered) / rounds, sum / rounds - truth};
}

TEST(PredictionPowered, CoversTheTruthAsOftenAsItSays) {
  Rng rng(20260302);
  for (const double truth : {0.2, 0.5, 0.8}) {
    for (const Judge judge : {Judge{0.8, 0.8}, Judge{0.95, 0.85}}) {
      const Simulated large = simulate_powered(rng, 2000, 400, 600, truth, judge);
      EXPECT_GE(large.coverage, 0.935) << truth << ' ' << judge.sensitivity;
      EXPECT_LE(large.coverage, 0.965) << truth << ' ' << judge.sensitivity;
      EXPECT_LT(std::abs(large.bias), 0.005) << truth << ' ' << judge.sensitivity;
      const Simulated small = simulate_powered(rng, 2000, 41, 60, truth, judge);
      EXPECT_GE(small.coverage, 0.93) << truth << ' ' << judge.sensitivity;
      EXPECT_LE(small.coverage, 0.99) << truth << ' ' << judge.sensitivity;
    }
  }
}

}  // namespace
}  // namespace iie
