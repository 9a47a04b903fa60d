// Verbatim copies of one text in another: where a judge's reply quotes the response that it judges,
// or echoes its own prompt. What stands in such a copy is not the judge's word.
//
// Pure; any thread. Time is linear in the sizes of both texts, whatever they hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace iie {

// `reply` with every run of at least `min_bytes` bytes that `source` holds as well replaced by
// spaces (line breaks stay). `min_bytes` >= 16. Where a text repeats itself so much that a copy has
// thousands of candidates, some copies may be missed.
std::string blank_copies(std::string_view reply, std::string_view source, std::size_t min_bytes);

}  // namespace iie
