#include "report/curves.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/fixture.h"

namespace iie {
namespace {

SampleResult result(std::string pair, std::string type, Language language, std::int64_t passed,
                    std::int64_t n) {
  SampleResult out;
  out.id = pair + (language == Language::english ? "-en" : "-zh");
  out.pair = std::move(pair);
  out.type = std::move(type);
  out.language = to_string(language);
  out.passed = passed;
  out.n = n;
  return out;
}

TEST(BestOf, DefaultsToPowersOfTwoAndAll) {
  EXPECT_TRUE(default_best_of(1).empty());
  EXPECT_EQ(default_best_of(2), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(default_best_of(6), (std::vector<std::int64_t>{1, 2, 4, 6}));
  EXPECT_EQ(default_best_of(32), (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32}));
}

TEST(BestOf, BeginsAtTheScoreAndEndsAtTheShareOfSamplesEverPassed) {
  const std::vector<SampleResult> samples = {result("a", "QC", Language::english, 1, 4),
                                             result("b", "QC", Language::english, 0, 4),
                                             result("c", "CA", Language::chinese, 4, 4)};
  const auto curves = best_of_report(samples, {1, 2, 4, 8}, 0.95);
  ASSERT_TRUE(curves);
  ASSERT_EQ(curves->overall.points.size(), 3u) << "nobody has eight rollouts";
  EXPECT_NEAR(curves->overall.points[0].share, 100 * 5.0 / 12, 1e-9);
  EXPECT_NEAR(curves->overall.points[1].share, 100 * (0.5 + 0 + 1) / 3, 1e-9);
  EXPECT_NEAR(curves->overall.points[2].share, 100 * 2.0 / 3, 1e-9);
  ASSERT_EQ(curves->by_type.size(), 2u);
  EXPECT_EQ(curves->by_type[0].key, "QC");
  EXPECT_NEAR(curves->by_type[0].points[2].share, 50, 1e-9);
  EXPECT_EQ(curves->by_language.size(), 2u);
  EXPECT_LT(curves->overall.points[0].interval.low, curves->overall.points[0].share);
  EXPECT_FALSE(best_of_report({}, {1}, 0.95));
}

TEST(BestOf, StandsInReportsOfSeveralRollouts) {
  EXPECT_TRUE(example_fixture().report().best_of);
  EXPECT_FALSE(empty_fixture(1).report().best_of);
  ReportOptions options;
  options.best_of = {2};
  const auto chosen = example_fixture().report(options).best_of;
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->overall.points.size(), 1u);
  EXPECT_EQ(chosen->overall.points[0].n, 2);
}

TEST(LanguageGap, IsPairedWhereSamplesNameTheirPair) {
  // Twenty pairs that pass together, and five that only pass in English.
  std::vector<SampleResult> samples;
  for (int i = 0; i < 25; ++i) {
    const std::string pair = "p" + std::to_string(i);
    samples.push_back(result(pair, "QC", Language::english, 1, 1));
    samples.push_back(result(pair, "QC", Language::chinese, i < 20 ? 1 : 0, 1));
  }
  const auto paired = language_gap(samples, 0.95);
  ASSERT_TRUE(paired);
  EXPECT_EQ(paired->overall.method, "paired_t");
  EXPECT_EQ(paired->overall.pairs, 25);
  EXPECT_NEAR(paired->overall.first, 100, 1e-9);
  EXPECT_NEAR(paired->overall.second, 80, 1e-9);
  EXPECT_NEAR(paired->overall.difference, 20, 1e-9);
  ASSERT_EQ(paired->by_type.size(), 1u);

  // What has no twin is in no figure.
  samples.push_back(result("alone", "QC", Language::chinese, 0, 1));
  EXPECT_NEAR(language_gap(samples, 0.95)->overall.second, 80, 1e-9);

  for (SampleResult& sample : samples) sample.pair.clear();
  const auto unpaired = language_gap(samples, 0.95);
  ASSERT_TRUE(unpaired);
  EXPECT_EQ(unpaired->overall.method, "mover");
  EXPECT_EQ(unpaired->overall.pairs, 0);
  EXPECT_LT(unpaired->overall.low, unpaired->overall.difference);
  EXPECT_GT(unpaired->overall.high, unpaired->overall.difference);
}

TEST(LanguageGap, FollowsNewcombesMethodForIndependentShares) {
  // R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: 56/70 less 48/80
  // is 0.2 with 0.0524 to 0.3339.
  std::vector<SampleResult> samples;
  for (int i = 0; i < 70; ++i) {
    samples.push_back(result("", "QC", Language::english, i < 56 ? 1 : 0, 1));
  }
  for (int i = 0; i < 80; ++i) {
    samples.push_back(result("", "QC", Language::chinese, i < 48 ? 1 : 0, 1));
  }
  const auto gap = language_gap(samples, 0.95);
  ASSERT_TRUE(gap);
  EXPECT_NEAR(gap->overall.difference, 20, 1e-9);
  EXPECT_NEAR(gap->overall.low, 5.24, 5e-3);
  EXPECT_NEAR(gap->overall.high, 33.39, 5e-3);
}

TEST(LanguageGap, NeedsBothLanguages) {
  EXPECT_FALSE(language_gap({}, 0.95));
  EXPECT_FALSE(language_gap({result("a", "QC", Language::english, 1, 1)}, 0.95));
  EXPECT_FALSE(language_gap(
      {result("a", "QC", Language::english, 1, 1), result("a", "QC", Language::chinese, 0, 0)},
      0.95));
}

const Signature* signature(const Report& report, std::string_view id) {
  const auto it = std::ranges::find(report.signatures, id, &Signature::id);
  return it == report.signatures.end() ? nullptr : &*it;
}

TEST(Signatures, AreFlaggedAtTheirThresholdsAndLeftOutWhereUnknown) {
  const auto report_with = [](int passed_of_ten_english, int passed_of_ten_chinese) {
    Fixture fixture = empty_fixture();
    for (int i = 0; i < 10; ++i) {
      for (const Language language : kLanguages) {
        const int passed =
            language == Language::english ? passed_of_ten_english : passed_of_ten_chinese;
        fixture.add_sample(fmt::format("q{}{}", i, to_string(language)), "QC", language, "?").pair =
            std::to_string(i);
        fixture.add_rollout(i < passed ? Verdict::pass("") : Verdict::fail(""));
      }
    }
    return fixture.report();
  };
  const Report weak = report_with(2, 2);
  EXPECT_TRUE(signature(weak, "question_correction")->present);
  EXPECT_FALSE(signature(weak, "language_gap")->present);
  EXPECT_EQ(signature(weak, "question_correction")->value, 20);
  const Report apart = report_with(9, 2);
  EXPECT_FALSE(signature(apart, "question_correction")->present);
  EXPECT_TRUE(signature(apart, "language_gap")->present);
  EXPECT_NEAR(signature(apart, "language_gap")->value, 70, 1e-9);
  Fixture other = empty_fixture();
  other.add_sample("a", "CA", Language::english, "?");
  other.add_rollout(Verdict::pass(""));
  EXPECT_TRUE(other.report().signatures.empty());
}

}  // namespace
}  // namespace iie
