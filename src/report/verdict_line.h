// Verdicts on verifiable instructions as JSON lines, in the shape that IFEval's tools exchange:
//
//   {"key": 1000, "instruction_id_list": ["punctuation:no_comma"], "strict": [true], "loose":
//   [true]}
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/sample.h"
#include "core/verdict.h"

namespace iie {

// Without line break. The key is a number where the dataset's is; spaces stand where Python's json
// module writes them, so that files can be compared byte by byte. `rollout` (from 0) adds a field
// of that name, for runs with several of each prompt. nullopt where the verdict does not have every
// instruction: the rollout is unscored.
std::optional<std::string> verdict_line(const Sample& sample, const Verdict& verdict,
                                        std::optional<std::int32_t> rollout = std::nullopt);

}  // namespace iie
