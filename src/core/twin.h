// Controls within a run (`run --twins`): the conventional twin of a sample, asked as a sample of
// its own, "cc-001-en/twin". Twins stand behind all the samples that are none, so that those keep
// their places; they are in no score but the inertia gap.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/sample.h"

namespace iie {

inline constexpr std::string_view kTwinSuffix = "/twin";

// Appends the twin of each sample that has one, in their order. Returns how many.
std::size_t append_twins(std::vector<Sample>& samples);

// How many samples stand in front of the twins: all where there are none. A sample is a twin where
// its id is an earlier one's with kTwinSuffix behind it, and nothing but twins follows.
std::size_t twins_begin(const std::vector<Sample>& samples);

}  // namespace iie
