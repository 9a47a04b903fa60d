// Counts verdicts on verifiable instructions, rollout by rollout, for a report and for what is
// computed over samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/sample.h"
#include "core/verdict.h"
#include "report/gathered.h"
#include "report/report.h"

namespace iie {

// One instruction's verdict in one rollout.
struct InstructionOutcome {
  bool strict = false;
  bool loose = false;
};

// The verdicts on the sample's instructions, in their order; nullopt where `verdict` does not have
// all of them (the rollout is unscored, or was judged by a version without checkers).
std::optional<std::vector<InstructionOutcome>> instruction_outcomes(const Sample& sample,
                                                                    const Verdict& verdict);

class InstructionTally {
 public:
  // `samples` must outlive it.
  explicit InstructionTally(const std::vector<Sample>& samples);

  // A decided rollout; null where it ended without a response or a judgement. Verdicts that do not
  // have the instructions count as unscored, like null.
  void add(std::size_t sample, const Verdict* verdict);

  // nullopt where no sample has instructions.
  std::optional<InstructionReport> finish(int rollouts, double level) const;
  // Of each sample with instructions, in order.
  std::vector<ClusterCount> clusters(InstructionMetric metric) const;

 private:
  struct Pair {
    SampleTally strict;
    SampleTally loose;
  };
  struct PerSample {
    Pair prompt;
    std::vector<Pair> instructions;
  };

  const std::vector<Sample>& samples_;
  std::vector<PerSample> tallies_;
};

}  // namespace iie
