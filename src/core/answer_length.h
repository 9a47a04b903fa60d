// How long an answer was: what foretells how long the next to the same question takes.
#pragma once

#include <cstdint>

#include "core/response.h"

namespace iie {

// In tokens, reasoning included: as the endpoint counted them, else a quarter of the bytes.
std::int64_t answer_length(const Response& response);

}  // namespace iie
