#include "analysis/agreement.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

// Counts per item from raters' columns; 0 is "not rated", categories count from 1.
std::vector<CategoryCounts> items_of(const std::vector<std::vector<int>>& raters, int categories) {
  std::vector<CategoryCounts> items(raters.front().size(),
                                    CategoryCounts(static_cast<std::size_t>(categories)));
  for (const auto& rater : raters) {
    for (std::size_t i = 0; i < rater.size(); ++i) {
      if (rater[i] > 0) ++items[i][static_cast<std::size_t>(rater[i] - 1)];
    }
  }
  return items;
}

TEST(CohenKappa, ReproducesPublishedTables) {
  // A. R. Feinstein and D. V. Cicchetti, Journal of Clinical Epidemiology 43 (1990) 543-549: the
  // same raw agreement of 0.85, kappas of 0.70 and 0.32.
  const RatingTable balanced = {{40, 9}, {6, 45}};
  const RatingTable skewed = {{80, 10}, {5, 5}};
  EXPECT_NEAR(*cohen_kappa(balanced), (0.85 - 0.5008) / (1 - 0.5008), 1e-9);
  EXPECT_NEAR(*cohen_kappa(balanced), 0.70, 5e-3);
  EXPECT_NEAR(*cohen_kappa(skewed), (0.85 - 0.78) / (1 - 0.78), 1e-9);
  EXPECT_NEAR(*cohen_kappa(skewed), 0.32, 5e-3);
  // J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and Proportions, 3rd ed.
  // (2003), table 18.1: kappa 0.68 from three categories.
  const RatingTable diagnoses = {{75, 1, 4}, {5, 4, 1}, {0, 0, 10}};
  EXPECT_NEAR(*cohen_kappa(diagnoses), (0.89 - 0.66) / (1 - 0.66), 5e-3);
}

TEST(FleissKappa, ReproducesThePublishedExample) {
  // Ten subjects, fourteen raters, five categories: the worked example of Fleiss' kappa that
  // statsmodels' documentation and others use; 0.20993070442195522 there.
  const std::vector<CategoryCounts> items = {
      {0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
      {7, 7, 0, 0, 0},  {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7}};
  EXPECT_NEAR(*fleiss_kappa(items), 0.20993070442195522, 1e-9);
  EXPECT_NEAR(*raw_agreement(items), 0.378, 5e-4);
}

TEST(KrippendorffAlpha, ReproducesThePublishedExamples) {
  // K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): A. binary data, two
  // observers, alpha = 0.095; C. nominal data, four observers, missing data, alpha = 0.743.
  const auto binary = items_of({{1, 2, 1, 1, 1, 1, 1, 1, 2, 1}, {2, 2, 2, 1, 1, 2, 1, 1, 1, 1}}, 2);
  EXPECT_NEAR(*krippendorff_alpha(binary), 2.0 / 21.0, 1e-9);
  const auto nominal = items_of({{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
                                 {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
                                 {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
                                 {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}},
                                5);
  EXPECT_NEAR(*krippendorff_alpha(nominal), 113.0 / 152.0, 1e-9);
}

TEST(GwetAc1, ReproducesThePublishedExample) {
  // K. L. Gwet, "Kappa statistic is not satisfactory for assessing the extent of agreement between
  // raters", Statistical Methods for Inter-Rater Reliability Assessment 1 (2002), the table with
  // 118, 5, 2 and 0 of 125 subjects: raw agreement 0.944, kappa below 0, AC1 0.9408.
  std::vector<CategoryCounts> items(118, CategoryCounts{2, 0});
  items.insert(items.end(), 7, CategoryCounts{1, 1});
  const double chance = 2 * 0.972 * 0.028;
  EXPECT_NEAR(*gwet_ac1(items), (0.944 - chance) / (1 - chance), 1e-9);
  EXPECT_NEAR(*gwet_ac1(items), 0.9408, 5e-5);
  EXPECT_NEAR(*cohen_kappa({{118, 5}, {2, 0}}), -0.0234, 5e-5);
}

TEST(Agreement, IsOneForOneMindAndAbsentWhereItIsNotDefined) {
  const std::vector<CategoryCounts> agreed = {{3, 0}, {0, 3}, {3, 0}};
  EXPECT_EQ(raw_agreement(agreed), 1);
  EXPECT_EQ(fleiss_kappa(agreed), 1);
  EXPECT_EQ(krippendorff_alpha(agreed), 1);
  EXPECT_EQ(gwet_ac1(agreed), 1);

  const std::vector<CategoryCounts> one_category = {{3, 0}, {3, 0}};
  EXPECT_EQ(raw_agreement(one_category), 1);
  EXPECT_FALSE(fleiss_kappa(one_category));
  EXPECT_FALSE(krippendorff_alpha(one_category));
  EXPECT_EQ(gwet_ac1(one_category), 1);
  EXPECT_FALSE(cohen_kappa({{7, 0}, {0, 0}}));

  const std::vector<CategoryCounts> rated_once = {{1, 0}, {0, 1}, {0, 0}};
  EXPECT_FALSE(raw_agreement(rated_once));
  EXPECT_FALSE(fleiss_kappa(rated_once));
  EXPECT_FALSE(krippendorff_alpha(rated_once));
  EXPECT_FALSE(gwet_ac1(rated_once));
  EXPECT_FALSE(cohen_kappa({}));
  EXPECT_FALSE(fleiss_kappa(std::vector<CategoryCounts>{{2, 0}, {2, 1}})) << "unequal raters";
}

TEST(Agreement, IgnoresItemsThatNobodyRated) {
  const std::vector<CategoryCounts> some = {{2, 0}, {1, 1}, {0, 2}, {2, 0}};
  std::vector<CategoryCounts> more = some;
  more.push_back({0, 0});
  EXPECT_EQ(raw_agreement(more), raw_agreement(some));
  EXPECT_EQ(fleiss_kappa(more), fleiss_kappa(some));
  EXPECT_EQ(krippendorff_alpha(more), krippendorff_alpha(some));
  EXPECT_EQ(gwet_ac1(more), gwet_ac1(some));
}

}  // namespace
}  // namespace iie
