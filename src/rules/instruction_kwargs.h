// Reading the kwargs of verifiable instructions. Internal to rules/. What is missing or mistyped is
// rejected (JsonFields::reject), and then the value returned means nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace iie {

// Whole numbers, which tables of mixed columns write as 3.0.
std::int64_t required_int(JsonFields& kwargs, std::string_view key);
std::int64_t required_count(JsonFields& kwargs, std::string_view key);  // not negative
std::string required_text(JsonFields& kwargs, std::string_view key);    // not empty
// At least one string, none of them empty.
std::vector<std::string> required_texts(JsonFields& kwargs, std::string_view key);

enum class Relation { less_than, at_least };
// "less than" or "at least".
Relation required_relation(JsonFields& kwargs, std::string_view key);

inline bool holds(Relation relation, std::int64_t actual, std::int64_t threshold) {
  return relation == Relation::less_than ? actual < threshold : actual >= threshold;
}

}  // namespace iie
