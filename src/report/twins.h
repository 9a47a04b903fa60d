// Will not, or cannot? The inertia gap: how much better a model does on the conventional twins of
// the questions than on the questions.
//
// A twin asks for the same work without the inversion (core/twin.h). What fails the item and passes
// its twin was not beyond the model; the gap, twin score less item score, is what the habit costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/intervals.h"
#include "core/run.h"
#include "core/sample.h"
#include "core/verdict.h"

namespace iie {

// Scores and differences in points, 0 to 100 and -100 to 100.
struct InertiaGap {
  std::string key;  // type code, kNoKey or "overall"
  bool headline = true;
  double item = 0;
  double twin = 0;
  double gap = 0;  // twin - item
  // Student's t over questions, the two languages of one as one cluster (analysis/paired.h).
  double low = -100;
  double high = 100;
  std::int64_t samples = 0;  // with verdicts on both sides
};

struct TwinReport {
  // Over the headline types; absent where fewer than two questions have verdicts on both sides.
  std::optional<InertiaGap> overall;
  std::vector<InertiaGap> by_type;  // in the order of instruction_types(); only those with a gap
  std::int64_t twins = 0;           // in the run
  // Samples without a verdict on one side or the other, so in no gap: left to a judge, failed, or
  // not done yet.
  std::int64_t left_out = 0;
  // Rollouts of twins that are not decided yet, and those that ended without a verdict.
  std::int64_t pending = 0;
  std::int64_t unscored = 0;
  double level = kDefaultLevel;
};

// Collects the verdicts of a run with twins. Only passes and failures count: what has no verdict is
// in no gap. In a run whose judge leaves questions open, rules alone can fail a question that they
// cannot pass; such questions are left out whole, or the gap would be made of failures.
class TwinTally {
 public:
  // `samples` are the run's, the first `items` of them no twins; they must outlive it.
  TwinTally(const std::vector<Sample>& samples, std::size_t items, int rollouts);

  void add(const RolloutId& id, const ResponseRecord* response, const JudgementRecord* judgement);
  TwinReport finish(double level = kDefaultLevel) const;

  // Every rollout of a twin is decided, and none ended with a failure of an endpoint.
  bool complete() const;

 private:
  const std::vector<Sample>& samples_;
  std::size_t items_;
  int rollouts_;
  std::vector<ClusterCount> counts_;  // by sample
  std::int64_t decided_ = 0;          // rollouts of twins
  std::int64_t unscored_ = 0;
  std::int64_t failed_calls_ = 0;
  bool left_open_ = false;  // some verdict needs a judge that the run does not have
};

}  // namespace iie
