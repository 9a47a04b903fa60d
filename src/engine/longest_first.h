// In which order a run's rollouts are generated, so that it does not end by waiting for a few long
// answers: longest expected first (R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM
// J. Appl. Math. 17 (1969): at most 4/3 of the shortest makespan where lengths are known).
//
// How long an answer will be is foretold by the answers to the same sample, and before there is one
// by a guess; a sample that has none after two passes takes longer than those that have. First come
// passes over all samples, one rollout of each, so that a run cut short has asked them equally
// often; the last passes are made as one, ordered by the samples' lengths so far: what is left at
// the end is many short answers instead of the last pass's mixture.
//
// Which rollouts there are does not depend on the order, nor does any result. Memory: at most 32
// bytes per sample. A pure value of one thread (the event loop's).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/run.h"

namespace iie {

class LongestFirst {
 public:
  // `guesses`: of each sample, in any unit. `together`: so many rollouts at least are ordered by
  // length alone at the end, if more than one pass is left for them.
  LongestFirst(std::vector<float> guesses, std::size_t rollouts, std::size_t together);

  // Every rollout once; nullopt after the last.
  std::optional<RolloutId> next();
  // A response to `sample` was so long, in a unit of its own: now, or in an earlier process, which
  // is told before the first next().
  void observe(std::size_t sample, float length);

 private:
  struct Entry {
    float length;
    std::uint32_t sample;
    // A heap's greatest is the longest; of equals the first sample.
    bool operator<(const Entry& other) const {
      return length != other.length ? length < other.length : sample > other.sample;
    }
  };

  void begin_pass();
  void begin_last_passes();
  float expected(std::size_t sample) const;

  std::vector<float> lengths_;  // observed where positive, else guessed, negated
  std::size_t rollouts_;
  std::size_t passes_;   // made one by one
  double observed_ = 0;  // sums over the samples with a response, to scale guesses by
  double guessed_ = 0;
  float longest_ = 0;
  std::vector<std::uint32_t> order_;  // of the current pass
  std::size_t pass_ = 0;
  std::size_t place_ = 0;
  // Of the last passes. An entry whose length is no longer its sample's is skipped.
  std::vector<Entry> heap_;
  std::vector<std::uint32_t> done_;
};

}  // namespace iie
