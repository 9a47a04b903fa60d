// Two runs on the same questions, or a run and a published row: how much better is B, and could it
// be chance? Differences are B less A in points, -100 to 100; shares are percentages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "report/report.h"

namespace iie {

struct ComparedSide {
  std::string model;
  std::string run;        // empty for a published row
  std::string judge;      // "paper" for a published row
  std::string reasoning;  // what was asked for ("high", "off"); empty where nothing was
  std::int64_t rollouts = 0;
  // Of the responses in the whole run; absent where the endpoint did not say.
  std::optional<double> output_tokens_per_response;
  std::optional<double> reasoning_tokens_per_response;
};

// The comparison of one group of samples.
struct Effect {
  std::string key;  // "overall", a type code or a language
  std::string name;
  bool headline = true;
  std::int64_t samples = 0;  // common to both
  // What varies together and is resampled together: a sample's rollouts, and the English and
  // Chinese forms of one question. 0 where nothing is paired (a published row).
  std::int64_t clusters = 0;
  double share_a = 0;
  double share_b = 0;
  double difference = 0;
  double low = 0;
  double high = 0;
  std::string method;  // "paired_t", or "mover" against a published row
  struct Ends {
    double low = 0;
    double high = 0;
  };
  std::optional<Ends> bootstrap;
  struct McNemar {
    std::int64_t only_a = 0;
    std::int64_t only_b = 0;
    double p = 1;
  };
  std::optional<McNemar> mcnemar;  // where every sample has one rollout in each run, and no twin
  // The permutation test's; of the score test of two shares against a published row.
  double p = 1;
  std::optional<double> p_holm;  // among the types
  // What this many clusters would have shown as significant 80 % of the time.
  double smallest_detectable = 0;
};

struct Comparison {
  ComparedSide a;
  ComparedSide b;
  double level = 0;
  std::int64_t rounds = 0;  // of the bootstrap, and of the permutation test
  std::uint64_t seed = 0;
  // Of headline types. Runs that share none have no overall score; then it is of all their further
  // types together, `headline` is false and the key "further".
  Effect overall;
  std::vector<Effect> by_type;      // with samples in common
  std::vector<Effect> by_language;  // of the types that `overall` is of
  // One model asked to think more in one run than in the other.
  bool thinking_pair = false;
  // Samples that only one of the runs has, where that was allowed.
  std::int64_t only_a = 0;
  std::int64_t only_b = 0;
  std::vector<std::string> cautions;  // sentences
};

struct ComparisonOptions {
  double level = kDefaultLevel;
  int rounds = 10'000;
  std::uint64_t seed = 1;
  // Compare on the samples that both runs have, where they do not have the same.
  bool common_samples = false;
  // Compare although the runs were judged differently.
  bool any_judge = false;
};

// bad_input where the runs have no sample in common, or not the same ones (without common_samples);
// where they were judged differently (without any_judge); and where fewer than two questions are
// decided in both.
// Samples are the same where their content is, whatever file they came from.
Result<Comparison> compare_reports(const Report& a, const Report& b,
                                   const ComparisonOptions& options = {});

// A is the published row `name` of the paper's table, in each language that the run has. Rows carry
// no verdict on single questions, so nothing is paired: the interval is that of independent shares
// (MOVER of Wilson intervals; R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890), the row's
// share taken at one verdict per question, the cautious end. not_found with the nearest name;
// bad_input unless the run asks exactly the official questions of its languages.
Result<Comparison> compare_with_published_row(const Report& b, std::string_view name,
                                              const ComparisonOptions& options = {});

// One sentence: which is better, by how much, and whether this could be chance.
std::string conclusion(const Comparison& comparison);

// In any of the formats that report has for tables: terminal, json, md, csv; latex and html are
// usage errors.
enum class ReportFormat;
struct RenderOptions;
Result<std::string> render_comparison(const Comparison& comparison, ReportFormat format,
                                      const RenderOptions& options);

}  // namespace iie
