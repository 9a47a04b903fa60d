#include "analysis/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

namespace iie {
namespace {

TEST(ClopperPearson, ReproducesNewcombesExamples) {
  // R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 5 (exact).
  struct Case {
    int passed;
    int n;
    double low;
    double high;
  };
  for (const Case& c : {Case{81, 263, 0.2527, 0.3676}, Case{15, 148, 0.0578, 0.1617},
                        Case{0, 20, 0.0000, 0.1684}, Case{1, 29, 0.0009, 0.1776}}) {
    const auto interval = clopper_pearson(c.passed, c.n);
    ASSERT_TRUE(interval);
    EXPECT_NEAR(interval->low, c.low, 5e-5) << c.passed << "/" << c.n;
    EXPECT_NEAR(interval->high, c.high, 5e-5) << c.passed << "/" << c.n;
  }
  // At the ends the limits have a closed form.
  EXPECT_NEAR(clopper_pearson(0, 20)->high, 1 - std::pow(0.025, 1.0 / 20), 1e-12);
  EXPECT_NEAR(clopper_pearson(7, 7)->low, std::pow(0.025, 1.0 / 7), 1e-12);
  EXPECT_EQ(clopper_pearson(7, 7)->high, 1);
  EXPECT_FALSE(clopper_pearson(0, 0));
}

TEST(McnemarExact, SumsTheBinomialTail) {
  // By hand: 2 * (1 + 10 + 45) / 1024.
  EXPECT_NEAR(mcnemar_exact(2, 8), 112.0 / 1024, 1e-12);
  EXPECT_NEAR(mcnemar_exact(8, 2), 112.0 / 1024, 1e-12);
  EXPECT_NEAR(mcnemar_exact(0, 6), 2.0 / 64, 1e-12);
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(5, 5), 1);
  // A. Agresti, Categorical Data Analysis, 2nd ed. (2002), table 10.1: 150 changed one way and 86
  // the other; z^2 = 17.36, so the p value is of the order of 3e-5.
  EXPECT_NEAR(mcnemar_exact(150, 86), 3.7e-5, 1e-6);
}

TEST(Holm, StepsDownAndNeverFalls) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = holm(p);
  EXPECT_NEAR(adjusted[3], 0.020, 1e-12);
  EXPECT_NEAR(adjusted[0], 0.030, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.060, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.060, 1e-12) << "0.04 * 1 would fall below its predecessor";
  EXPECT_EQ(holm(std::vector<double>{0.7, 0.9}), (std::vector<double>{1.0, 1.0}));
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace iie
