// What each sample of a run adds up to: what comparisons of runs pair, and curves average.
#pragma once

#include <cstdint>
#include <string>

namespace iie {

struct SampleResult {
  std::string id;
  // Of its content (sample_hash): equal ids need not be the same question. Empty in a report that
  // was not built to be compared.
  std::string hash;
  std::string pair;  // shared by the English and Chinese forms of one question; may be empty
  std::string type;  // as in Group::key
  std::string language;
  bool headline = true;
  std::int64_t passed = 0;
  std::int64_t n = 0;  // decided rollouts
  // Each rollout's end, from the first: 'p' passed, 'f' failed, 'u' without a verdict, '-' not
  // decided.
  std::string outcomes;
};

}  // namespace iie
