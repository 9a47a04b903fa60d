// How often the intervals of src/analysis hold the truth, and how far the estimates are off, over a
// grid of true rates, judges and sizes. The tests run a slice of it.
//
//   ninja -C build benches && build/bench/bench_coverage [--rounds N] [--seed S]
//
// Prints a line per estimator and size: the least and the greatest coverage of its 95 % intervals
// over the grid, where they occur, and the largest bias, in points.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "analysis/best_of_n.h"
#include "analysis/intervals.h"
#include "analysis/judge_error.h"
#include "analysis/paired.h"
#include "base/rng.h"

namespace {

using iie::ClusterCount;
using iie::JudgeCounts;
using iie::Rng;

// One simulated run's estimate.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};
using Simulation = std::function<std::optional<Estimate>(Rng&)>;

struct Outcome {
  double coverage = 0;
  double bias = 0;
  double undefined = 0;  // share of runs without an estimate
};

Outcome simulate(Rng& rng, int rounds, double truth, const Simulation& once) {
  int known = 0;
  int covered = 0;
  double sum = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto estimate = once(rng);
    if (!estimate) continue;
    ++known;
    sum += estimate->value;
    covered += estimate->low <= truth && truth <= estimate->high;
  }
  if (known == 0) return {1, 0, 1};
  return {static_cast<double>(covered) / known, sum / known - truth,
          1 - static_cast<double>(known) / rounds};
}

struct Row {
  std::string least_at;
  std::string most_at;
  double least = 2;
  double most = -1;
  double bias = 0;
  double undefined = 0;

  void add(const Outcome& outcome, const std::string& where) {
    if (outcome.coverage < least) least = outcome.coverage, least_at = where;
    if (outcome.coverage > most) most = outcome.coverage, most_at = where;
    bias = std::max(bias, std::abs(outcome.bias));
    undefined = std::max(undefined, outcome.undefined);
  }
  void print(const std::string& estimator, const std::string& size) const {
    fmt::print("{:<22} {:<26} {:>6.1f} to {:>5.1f} %   bias {:.2f}   none {:>4.1f} %   {} / {}\n",
               estimator, size, 100 * least, 100 * most, 100 * bias, 100 * undefined, least_at,
               most_at);
    std::fflush(stdout);
  }
};

std::int64_t draw(Rng& rng, std::int64_t n, double p) {
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < n; ++i) hits += rng.uniform() < p;
  return hits;
}

constexpr double kTruths[] = {0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9};
struct Judge {
  double sensitivity;
  double specificity;
};
constexpr Judge kJudges[] = {{0.8, 0.8}, {0.9, 0.9}, {0.95, 0.85}, {0.85, 0.95}, {0.98, 0.98}};
constexpr std::int64_t kSizes[] = {41, 100, 400, 1012};

void plain(Rng& rng, int rounds) {
  for (const std::int64_t n : kSizes) {
    Row row;
    for (const double truth : kTruths) {
      row.add(simulate(rng, rounds, truth,
                       [&](Rng& r) -> std::optional<Estimate> {
                         const std::int64_t x = draw(r, n, truth);
                         const auto interval = iie::wilson(x, n);
                         return Estimate{static_cast<double>(x) / static_cast<double>(n),
                                         interval->low, interval->high};
                       }),
              fmt::format("rate {}", truth));
    }
    row.print("plain", fmt::format("{} samples", n));
  }
}

void clustered(Rng& rng, int rounds) {
  for (const std::int64_t n : kSizes) {
    Row row;
    for (const double truth : kTruths) {
      for (const double correlation : {0.0, 0.2, 0.6, 1.0}) {
        const double s = std::sqrt(correlation);
        row.add(simulate(rng, rounds, truth,
                         [&](Rng& r) -> std::optional<Estimate> {
                           std::vector<ClusterCount> clusters(static_cast<std::size_t>(n), {0, 6});
                           std::int64_t passed = 0;
                           for (ClusterCount& cluster : clusters) {
                             const bool own = r.uniform() < truth;
                             cluster.passed = draw(r, 6, (own ? s : 0) + (1 - s) * truth);
                             passed += cluster.passed;
                           }
                           const auto interval = iie::clustered_wilson(clusters);
                           return Estimate{static_cast<double>(passed) / static_cast<double>(6 * n),
                                           interval->low, interval->high};
                         }),
                fmt::format("rate {} corr {}", truth, correlation));
      }
    }
    row.print("clustered", fmt::format("{} samples x 6", n));
  }
}

void paired(Rng& rng, int rounds) {
  iie::PairedOptions options;
  options.bootstrap_rounds = 0;
  options.permutation_rounds = 0;
  for (const std::int64_t n : kSizes) {
    for (const std::int64_t rollouts : {1, 6}) {
      Row row;
      for (const double gain : {0.0, 0.05, 0.15, 0.3}) {
        row.add(simulate(rng, rounds, gain,
                         [&](Rng& r) -> std::optional<Estimate> {
                           std::vector<iie::PairedCluster> clusters(static_cast<std::size_t>(n),
                                                                    {{0, rollouts}, {0, rollouts}});
                           for (iie::PairedCluster& cluster : clusters) {
                             const double easy = 0.05 + 0.65 * r.uniform();
                             cluster.a.passed = draw(r, rollouts, easy);
                             cluster.b.passed = draw(r, rollouts, easy + gain);
                           }
                           const auto result = iie::compare_paired(clusters, options);
                           return Estimate{result->difference, result->interval.low,
                                           result->interval.high};
                         }),
                fmt::format("gain {}", gain));
      }
      row.print("paired", fmt::format("{} samples x {}", n, rollouts));
    }
  }
}

void corrected(Rng& rng, int rounds) {
  for (const std::int64_t n : kSizes) {
    for (const std::int64_t labels : {100, 400}) {
      Row row;
      for (const double truth : kTruths) {
        for (const Judge& judge : kJudges) {
          const double seen = truth * judge.sensitivity + (1 - truth) * (1 - judge.specificity);
          row.add(simulate(rng, rounds, truth,
                           [&](Rng& r) -> std::optional<Estimate> {
                             JudgeCounts counts;
                             counts.true_pass = draw(r, labels / 2, judge.sensitivity);
                             counts.false_fail = labels / 2 - counts.true_pass;
                             counts.true_fail = draw(r, labels / 2, judge.specificity);
                             counts.false_pass = labels / 2 - counts.true_fail;
                             const auto p =
                                 static_cast<double>(draw(r, n, seen)) / static_cast<double>(n);
                             const auto c =
                                 iie::corrected_share(p, static_cast<double>(n), counts).corrected;
                             if (!c) return std::nullopt;
                             return Estimate{c->share, c->interval.low, c->interval.high};
                           }),
                  fmt::format("rate {} judge {}/{}", truth, judge.sensitivity, judge.specificity));
        }
      }
      row.print("corrected", fmt::format("{} verdicts, {} labels", n, labels));
    }
  }
}

void powered(Rng& rng, int rounds) {
  for (const std::int64_t labelled : kSizes) {
    const std::int64_t others = 3 * labelled / 2;
    Row row;
    for (const double truth : kTruths) {
      for (const Judge& judge : kJudges) {
        row.add(
            simulate(rng, rounds, truth,
                     [&](Rng& r) -> std::optional<Estimate> {
                       std::vector<iie::PartlyLabelled> samples;
                       samples.reserve(static_cast<std::size_t>(labelled + others));
                       for (std::int64_t i = 0; i < labelled + others; ++i) {
                         const bool pass = r.uniform() < truth;
                         const bool judged =
                             r.uniform() < (pass ? judge.sensitivity : 1 - judge.specificity);
                         iie::PartlyLabelled sample;
                         if (i >= labelled) {
                           (judged ? sample.other_passed : sample.other_failed) = 1;
                         } else if (pass) {
                           (judged ? sample.labelled.true_pass : sample.labelled.false_fail) = 1;
                         } else {
                           (judged ? sample.labelled.false_pass : sample.labelled.true_fail) = 1;
                         }
                         samples.push_back(sample);
                       }
                       const auto estimate = iie::prediction_powered_share(samples);
                       return Estimate{estimate->share, estimate->interval.low,
                                       estimate->interval.high};
                     }),
            fmt::format("rate {} judge {}/{}", truth, judge.sensitivity, judge.specificity));
      }
    }
    row.print("prediction-powered", fmt::format("{} of {} labelled", labelled, labelled + others));
  }
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 2000;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  Rng rng(seed);
  fmt::print("coverage of 95 % intervals, {} runs in each cell of the grid, seed {}\n", rounds,
             seed);
  plain(rng, rounds);
  clustered(rng, rounds);
  paired(rng, rounds);
  corrected(rng, rounds);
  powered(rng, rounds);
  return 0;
}
