// What a run's rollouts and pairs show beyond its score: Best-of-N curves and the gap between its
// languages. Percentages, 0 to 100.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/best_of_n.h"
#include "report/sample_result.h"

namespace iie {

struct BestOfCurve {
  std::string key;              // "overall", a type code or a language
  std::vector<BestOfN> points;  // rising N; shares and intervals as percentages
};

struct BestOfReport {
  BestOfCurve overall;  // headline types
  std::vector<BestOfCurve> by_type;
  std::vector<BestOfCurve> by_language;  // headline types
};

// Powers of two up to n, and n: {1, 2, 4, 6} for 6. Empty for n < 2, when there is no curve.
std::vector<std::int64_t> default_best_of(std::int64_t n);

// At each N of `at`, over the samples with at least N decided rollouts; an N that no sample has is
// left out. nullopt where nothing is left.
std::optional<BestOfReport> best_of_report(const std::vector<SampleResult>& samples,
                                           const std::vector<std::int64_t>& at, double level);

// How much better one language did than the other, first less second. Headline types only.
struct LanguageGap {
  struct Difference {
    std::string key;  // "overall" or a type code
    double first = 0;
    double second = 0;
    double difference = 0;  // -100 to 100
    double low = 0;
    double high = 0;
    std::int64_t pairs = 0;  // 0 where not paired
    std::string
        method;  // "paired_t", or "mover" where the samples do not say what belongs together
  };
  std::string first_language;
  std::string second_language;
  Difference overall;
  std::vector<Difference> by_type;
  double level = 0;
};

// English less Chinese. By pairs where the samples name them (compare_paired; samples without their
// twin are in no figure), else of the two languages taken as independent, its interval from those
// of the two scores (MOVER: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702).
// nullopt where one of the languages has no verdicts.
std::optional<LanguageGap> language_gap(const std::vector<SampleResult>& samples, double level);

}  // namespace iie
