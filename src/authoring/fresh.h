// Procedural questions: as many as are asked for, from a seed, each decided by rules alone.
//
// The banks are data/fresh/*.yaml: facts with right and wrong answers, word problems, famous
// problems with a changed condition, advice, sentences with flaws, small functions, and ways to
// begin and end a question. They were written for this project. An item is a choice from them, with
// its rubric, checks, twin and gold responses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"
#include "core/sample.h"

namespace iie {

struct FreshOptions {
  std::uint64_t seed = 0;
  std::int64_t count = 100;          // items; even unless one language is asked for
  std::vector<std::string> types;    // codes; empty: all eight in the paper's mix
  std::optional<Language> language;  // absent: pairs of both
};

// Sample::source of every such item begins with it.
inline constexpr std::string_view kFreshSource = "inverse-ifeval data fresh";

inline constexpr std::int64_t kMaxFresh = 20'000;

// The same options give the same samples on every machine and in every version that says the same
// kFreshVersion; another seed gives others (two sets of a thousand share less than 1 %). A larger
// count begins with a smaller one's items, type by type. usage for a count or type that cannot be
// had.
inline constexpr int kFreshVersion = 3;
Result<std::vector<Sample>> fresh_samples(const FreshOptions& options);

}  // namespace iie
