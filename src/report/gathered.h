// Figures gathered sample by sample, with the clusters under their intervals.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/intervals.h"
#include "report/report.h"

namespace iie {

// How one sample's rollouts ended, or what became of one of its instructions in them.
struct SampleTally {
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t unscored = 0;

  std::int64_t n() const { return passed + failed + unscored; }
  SampleTally& operator+=(const SampleTally& other) {
    passed += other.passed;
    failed += other.failed;
    unscored += other.unscored;
    return *this;
  }
};

class Gathered {
 public:
  // Of one sample: `planned` is what n() will be once all its rollouts are decided.
  void add(const SampleTally& tally, std::int64_t planned) {
    const std::int64_t n = tally.n();
    figure_.n += n;
    figure_.passed += tally.passed;
    figure_.failed += tally.failed;
    figure_.unscored += tally.unscored;
    figure_.pending += planned - n;
    if (n > 0) clusters_.push_back({tally.passed, n});
  }

  const Figure& counts() const { return figure_; }
  // With score, interval and bounds; counts alone where nothing is decided.
  Figure finish(double level) const {
    Figure out = figure_;
    if (out.n == 0) return out;
    const auto percent = [&](std::int64_t count) {
      return 100 * static_cast<double>(count) / static_cast<double>(out.n);
    };
    out.score = percent(out.passed);
    out.bounds = ScoreBounds{percent(out.passed), percent(out.passed + out.unscored)};
    out.interval = clustered_wilson(clusters_, level);
    out.interval->low *= 100;
    out.interval->high *= 100;
    return out;
  }

 private:
  Figure figure_;
  std::vector<ClusterCount> clusters_;
};

}  // namespace iie
