// "--judge SPEC" as a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace iie {

struct JudgeSpec {
  enum class Kind {
    rules,      // deterministic checks alone
    automatic,  // the checks where they decide, else the LLM judge, if there is one
    llm,        // the LLM judge alone
  };

  Kind kind = Kind::rules;
  std::string dialect;  // "openai"; empty without an LLM judge
  std::string model;    // "gpt-4.1"

  bool has_llm() const { return !dialect.empty(); }
  // The spelling that parse_judge_spec reads: "rules", "auto:openai:gpt-4.1", "openai:gpt-4.1".
  std::string to_string() const;
  // The LLM judge alone, as a provider names it: "openai:gpt-4.1".
  std::string llm() const;

  bool operator==(const JudgeSpec&) const = default;
};

// "rules"; "auto"; "auto:DIALECT:MODEL", rules where they decide, else the model; "DIALECT:MODEL",
// the model alone. The model's name is everything behind the dialect's colon, further colons
// included. usage with the nearest match for anything else.
Result<JudgeSpec> parse_judge_spec(std::string_view text,
                                   const std::vector<std::string>& dialects = {"openai"});

}  // namespace iie
