// How a family of rules is written. Internal to rules/.
//
// A family is one file that defines one of the functions below; registry.cc calls them all. A rule
// is compiled from its parameters into a function over a ResponseView.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "rules/response_view.h"
#include "rules/rule.h"

namespace iie {

struct Finding {
  Decision decision = Decision::undecided;
  std::string reason;

  static Finding met(std::string reason) { return {Decision::met, std::move(reason)}; }
  static Finding broken(std::string reason) { return {Decision::broken, std::move(reason)}; }
  static Finding undecided(std::string reason) { return {Decision::undecided, std::move(reason)}; }
};

// Called from several threads at once, each with a view of its own.
using CompiledRule = std::function<Finding(const ResponseView&)>;

// All the code of one response may take this long to parse before the rest of it is left undecided:
// a response can hold hundreds of blocks made to be slow.
inline constexpr std::chrono::seconds kCodeTimeLimit{5};

// Reads the parameters; what is wrong with them goes into `params` (JsonFields::reject), and then
// the returned function is not used.
using RuleCompiler = CompiledRule (*)(JsonFields& params);

struct RuleDefinition {
  RuleInfo info;
  RuleCompiler compile;
};
using RuleFamily = std::span<const RuleDefinition>;

RuleFamily casing_rules();        // casing, language
RuleFamily choice_rules();        // choice
RuleFamily code_rules();          // code_only, has_code
RuleFamily comment_rules();       // no_comments
RuleFamily count_rules();         // count
RuleFamily edge_rules();          // starts_with, ends_with
RuleFamily final_answer_rules();  // final_answer
RuleFamily identifier_rules();    // identifiers
RuleFamily k_of_n_rules();        // gives, k_of_n
RuleFamily markdown_rules();      // markdown
RuleFamily mention_rules();       // mentions, not_mentions
RuleFamily option_rules();        // rejects_options
RuleFamily pattern_rules();       // matches
RuleFamily punctuation_rules();   // punctuation
RuleFamily remark_rules();        // no_corrections
RuleFamily same_rules();          // same
RuleFamily spelling_rules();      // differs, misspellings, repeated_words
RuleFamily unmarked_rules();      // unmarked

// Bounds on a number: "min", "max" and, where allowed, "exactly".
struct Bounds {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;

  bool hold(std::int64_t n) const { return (!min || n >= *min) && (!max || n <= *max); }
  std::string describe() const;  // "at least 2", "exactly 3", "2 to 5"
};
// Rejects negative bounds, min > max, and bounds that bound nothing unless `optional`.
Bounds read_bounds(JsonFields& params, bool allow_exactly, bool optional = false);

// The value of `key`, which must be one of `choices`; the first of them after an error.
std::string read_choice(JsonFields& params, std::string_view key,
                        const std::vector<std::string>& choices);

// A non-empty list of non-blank strings; a lone string is a list of one.
std::vector<std::string> read_texts(JsonFields& params, std::string_view key, bool required);

// {"case": true} compares letters as they are.
Case read_case(JsonFields& params);

}  // namespace iie
