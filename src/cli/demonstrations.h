// Recorded responses that come with the program: what --model replay:demonstrations answers, so
// that a first run needs neither network nor key.
#pragma once

#include <string_view>

#include "base/error.h"
#include "dataset/responses.h"

namespace iie {

inline constexpr std::string_view kDemonstrations = "demonstrations";

// Two rollouts for each sample of an embedded set: those of data/open/demonstrations.jsonl, and
// for samples without any the two golds, the compliant one first. Written for the project, no
// model's output. bad_input for another dataset.
Result<RecordedResponses> demonstrations(const Dataset& dataset, const ResponsesOptions& options);

}  // namespace iie
