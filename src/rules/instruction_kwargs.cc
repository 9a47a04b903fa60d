#include "rules/instruction_kwargs.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/string_util.h"

namespace iie {

std::int64_t required_int(JsonFields& kwargs, std::string_view key) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: every whole double below is exact
  const boost::json::value* value = kwargs.optional_value(key);
  if (value == nullptr || value->is_null()) {
    kwargs.reject(key, "missing");
  } else if (value->is_int64()) {
    return value->get_int64();
  } else if (value->is_double() && std::trunc(value->get_double()) == value->get_double() &&
             std::abs(value->get_double()) < kExact) {
    return static_cast<std::int64_t>(value->get_double());
  } else {
    kwargs.reject(key, fmt::format("expected a whole number, got {}",
                                   value->is_number() ? to_json(*value) : json_type_name(*value)));
  }
  return 0;
}

std::int64_t required_count(JsonFields& kwargs, std::string_view key) {
  const std::int64_t count = required_int(kwargs, key);
  if (count < 0) kwargs.reject(key, "must not be negative");
  return count;
}

std::string required_text(JsonFields& kwargs, std::string_view key) {
  const boost::json::value* value = kwargs.optional_value(key);
  if (value != nullptr && value->is_null()) {
    kwargs.reject(key, "missing");
    return {};
  }
  std::string text = kwargs.required_string(key);
  if (text.empty()) kwargs.reject(key, "must not be empty");
  return text;
}

std::vector<std::string> required_texts(JsonFields& kwargs, std::string_view key) {
  std::vector<std::string> texts = kwargs.strings_or_empty(key);
  if (texts.empty()) {
    kwargs.reject(key, kwargs.has(key) ? "expected at least one string" : "missing");
  }
  if (std::ranges::any_of(texts, &std::string::empty)) kwargs.reject(key, "holds an empty string");
  return texts;
}

Relation required_relation(JsonFields& kwargs, std::string_view key) {
  const std::string name = required_text(kwargs, key);
  if (name == "at least") return Relation::at_least;
  if (name != "less than") {
    kwargs.reject(key,
                  fmt::format("expected 'less than' or 'at least', got '{}'", one_line(name, 40)));
  }
  return Relation::less_than;
}

}  // namespace iie
