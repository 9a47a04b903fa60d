// "part": any rule applied to a part of the response instead of all of it. Internal to rules/.
//
//   {"part": {"sentence": -1}}                  the last sentence
//   {"part": {"sentences": [3]}}                from the third sentence on
//   {"part": {"item": 2, "of": 4}}              the second of four numbered answers
//   {"part": {"each": "line", "from": 2}}       every line but the first
//   {"part": {"each": "sentence", "holding": {"exactly": 2}}}   exactly two sentences
//   {"part": {"in": "prose"}}                   all but the code blocks
//
// doc/data-format.md describes every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "rules/registry.h"

namespace iie {

struct Part {
  enum class Unit { whole, sentence, line, paragraph, item };

  std::string in;      // "prose" or "code"; empty: both
  std::string after;   // what stands behind the first occurrence of this text
  std::string before;  // what stands in front of the first occurrence of this text
  Unit unit = Unit::whole;
  bool each = false;               // each unit on its own, rather than the stretch
  std::int64_t from = 1;           // negative: from the end
  std::int64_t to = -1;            // included
  std::int64_t every = 1;          // of the range: the first and each `every`-th behind it
  std::optional<std::int64_t> of;  // how many items there have to be
  std::optional<Bounds> holding;   // how many units have to hold; absent: all
  bool absent_holds = false;       // a response without the part meets the rule
};

// Reads "part"; what is wrong with it goes into `fields`.
Part read_part(JsonFields& fields);

// The rule on that part. Says which part decided.
CompiledRule on_part(const Part& part, CompiledRule rule);

}  // namespace iie
