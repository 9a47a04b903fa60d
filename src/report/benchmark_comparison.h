// Models that ran on a conventional benchmark of instruction following (IFEval, IFBench) and on
// Inverse IFEval: is a model's place the same on both? Scores and gaps are percentages and points.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/benchmark_ranks.h"
#include "base/error.h"
#include "report/report.h"

namespace iie {

// One run as it is compared: its report and, where its samples have verifiable instructions, what
// each of them adds to the accuracy asked for (ReportBuilder::clusters(metric)).
struct BenchmarkRun {
  Report report;
  std::vector<ClusterCount> instruction_clusters;
};

// One benchmark in a comparison.
struct BenchmarkSide {
  std::string dataset;
  std::int64_t samples = 0;   // that all models answered
  std::int64_t clusters = 0;  // prompts, or questions with their twin in the other language
  std::string judge;          // empty for a conventional benchmark
};

struct ComparedModel {
  std::string model;
  std::string run_conventional;
  std::string run_inverse;
  double conventional = 0;
  double inverse = 0;
  Interval conventional_interval;
  Interval inverse_interval;
  // As in ModelPlace.
  double rank_conventional = 0;
  double rank_inverse = 0;
  double change = 0;
  RankRange conventional_range;
  RankRange inverse_range;
  RankRange change_range;
};

struct ComparedInversion {
  std::string ahead_conventional;  // models
  std::string ahead_inverse;
  double gap_conventional = 0;
  double gap_inverse = 0;
  // Percentages of the resamples.
  double held_conventional = 0;
  double held_inverse = 0;
  double held = 0;
};

// One conventional benchmark against one inverse benchmark.
struct BenchmarkPair {
  BenchmarkSide conventional;
  BenchmarkSide inverse;
  std::vector<ComparedModel> models;  // the best on the inverse benchmark first
  std::optional<double> tau;
  std::optional<double> rho;
  std::optional<CorrelationInterval> tau_interval;
  std::optional<CorrelationInterval> rho_interval;
  std::vector<ComparedInversion> inversions;  // the surest first
  std::int64_t rounds = 0;
};

struct BenchmarkComparison {
  InstructionMetric metric = InstructionMetric::prompt_strict;
  double level = 0;
  std::uint64_t seed = 0;
  std::vector<BenchmarkPair> pairs;
  std::vector<std::string> cautions;  // sentences
};

struct BenchmarkOptions {
  InstructionMetric metric = InstructionMetric::prompt_strict;
  RankOptions rank;
  // Rank on the samples that all models of a benchmark have, where they have not the same ones.
  bool common_samples = false;
  // Compare although runs on the inverse benchmark were judged differently.
  bool any_judge = false;
};

// A run whose samples have verifiable instructions is on a conventional benchmark, one whose
// samples have types on the inverse one; the dataset's name says which. Models are the same where
// their spec (of recorded responses, the model that they name) and the reasoning asked for are.
// Every conventional benchmark is compared with every inverse one where at least two models ran on
// both.
//
// bad_input where no two models did, saying which run is missing; where two runs are of one model
// on one benchmark; where a run is of neither kind, or nothing of it is decided; where models
// answered different samples (without common_samples) or were judged differently (without
// any_judge).
Result<BenchmarkComparison> compare_benchmarks(const std::vector<BenchmarkRun>& runs,
                                               const BenchmarkOptions& options = {});

// One sentence: how alike the orders are and which model moves most.
std::string conclusion(const BenchmarkPair& pair);

// "prompt_strict", ... as flags and JSON name it; usage with the nearest match.
Result<InstructionMetric> parse_instruction_metric(std::string_view name);
std::string_view to_string(InstructionMetric metric);

// terminal, json, md or csv; another format is a usage error.
enum class ReportFormat;
struct RenderOptions;
Result<std::string> render_benchmarks(const BenchmarkComparison& comparison, ReportFormat format,
                                      const RenderOptions& options);

}  // namespace iie
