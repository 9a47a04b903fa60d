// Builds a Report from a run's records, one at a time, in memory that grows with the samples and
// not with the rollouts: whoever walks the store feeds it.
//
//   ReportBuilder builder(run, samples);
//   store.for_each_rollout_unordered(run, [&](const StoredRollout& r) {
//     status = builder.add(r.response.id, &r.response, r.judgement ? &*r.judgement : nullptr);
//     return status.has_value();
//   });
//   Report report = builder.finish();
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "core/run.h"
#include "core/sample.h"
#include "report/report.h"

namespace iie {

struct ReportOptions {
  // Failing examples kept for each type: the first failing rollout of the first samples that have
  // one. Rendering may show fewer.
  int examples_per_type = 10;
  double level = kDefaultLevel;
  // The N of the Best-of-N curves; empty: default_best_of(rollouts).
  std::vector<std::int64_t> best_of;
  // What the score is corrected by; null: not corrected. Both must outlive the builder.
  const Calibration* calibration = nullptr;
  const RunLabels* labels = nullptr;
  // The report may be compared with others, which pair samples by their content's hash: at the end
  // of a run nobody does, and hashing the samples is a tenth of its report.
  bool comparable = true;
};

class ReportBuilder {
 public:
  // `samples` are the run's, in its order; they must outlive the builder.
  ReportBuilder(const RunInfo& run, const std::vector<Sample>& samples,
                const ReportOptions& options = {});
  ~ReportBuilder();
  ReportBuilder(const ReportBuilder&) = delete;
  ReportBuilder& operator=(const ReportBuilder&) = delete;

  // One rollout's latest records, null where there is none; each rollout once, in any order: the
  // report is the same. A response that is an error counts as unscored (no_response) unless a
  // judgement says more. One with a response and no judgement is pending, like one that is never
  // added. Errors are corrupt: an id outside the run, or one that was
  // decided before.
  Result<void> add(const RolloutId& id, const ResponseRecord* response,
                   const JudgementRecord* judgement);

  // What each sample of the headline adds to the overall score: decided rollouts, and those that
  // passed. What a resampling of the score starts from.
  std::vector<ClusterCount> clusters() const;
  // The same of an accuracy over instructions, for the samples that have any.
  std::vector<ClusterCount> clusters(InstructionMetric metric) const;

  // Ends the report; call once.
  Report finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iie
