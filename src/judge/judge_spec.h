// "--judge SPEC" as a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "judge/panel.h"

namespace iie {

struct JudgeSpec {
  enum class Kind {
    rules,      // deterministic checks alone
    automatic,  // the checks where they decide, else the LLM judge, if there is one
    llm,        // the LLM judge alone
  };

  Kind kind = Kind::rules;
  // The LLM judge is one model, a matrix or a panel; all empty without one.
  std::string dialect;             // "openai"
  std::string model;               // "gpt-4.1"
  std::string matrix;              // a preset's name or a file
  std::string matrix_model;        // "openai:gpt-4.1": judges where the matrix names no model
  std::vector<std::string> panel;  // "openai:gpt-4.1" ...
  PanelRule rule = PanelRule::majority;
  std::string tie_breaker;  // of the panel; "openai:gpt-4.1" or empty

  bool has_llm() const { return one_model() || several(); }
  bool one_model() const { return !dialect.empty(); }
  // A matrix or a panel.
  bool several() const { return !matrix.empty() || !panel.empty(); }
  // The spelling that parse_judge_spec reads: "rules", "auto:openai:gpt-4.1", "openai:gpt-4.1".
  std::string to_string() const;
  // The LLM judge alone: "openai:gpt-4.1", "matrix:open=openai:gpt-4.1".
  std::string llm() const;

  bool operator==(const JudgeSpec&) const = default;
};

// "rules"; "auto"; "auto:LLM", rules where they decide, else LLM; or LLM alone, which is
//   DIALECT:MODEL                       one model; its name is everything behind the first colon
//   matrix:PRESET|FILE[=DIALECT:MODEL]  a judge matrix, and the model where it names none
//   panel:[RULE:]LLM,LLM,...[,tie:LLM]  models that vote: majority (the default), unanimous or any
// usage with the nearest match for anything else.
Result<JudgeSpec> parse_judge_spec(std::string_view text,
                                   const std::vector<std::string>& dialects = {"openai"});

}  // namespace iie
