// Deterministic checks: what a dataset's `checks` say, compiled once and run on any number of
// responses.
//
// A check names a rule, its parameters and the criterion that it decides. Run on a response it
// says that the criterion is met, that it is broken (which fails the response whatever a judge
// thinks), or that the rule cannot tell: the code is in a language without a grammar, the parser
// gave up, the answers cannot be told apart. Undecided is an answer of its own, never a guess.
//
// doc/data-format.md is the vocabulary for people; rules() lists it for programs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/sample.h"

namespace iie {

enum class Decision { met, broken, undecided };
std::string_view to_string(Decision decision);

struct CheckResult {
  std::string criterion;  // a Criterion's id
  std::string rule;
  Decision decision = Decision::undecided;
  // One line for people: what was found, with the offending span quoted; also where it is met.
  std::string reason;
};

// The checks of one question. Immutable: any number of threads may run it at once.
class CompiledChecks {
 public:
  CompiledChecks();
  CompiledChecks(CompiledChecks&&) noexcept;
  CompiledChecks& operator=(CompiledChecks&&) noexcept;
  ~CompiledChecks();

  // One result for each check, in the question's order. The response may be any bytes; the time
  // is close to linear in its length.
  std::vector<CheckResult> run(std::string_view response) const;
  std::size_t size() const;

 private:
  friend Result<CompiledChecks> compile_checks(const Question& question, std::string_view where);
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// bad_input for an unknown rule (with the nearest name), an unknown, missing or mistyped
// parameter, or a combination that no response could meet. `where` starts the message, which goes
// on with the check's index: "sample qc-001-en: checks[2] (count): params.min: ...".
Result<CompiledChecks> compile_checks(const Question& question, std::string_view where = {});

// What to call a sample in messages: where it stands and its id.
using SampleNamer = std::function<std::string(const Sample&)>;

// Compiles the checks of all samples and their twins, and their instructions (instructions.h); the
// first error. Run before anything is sent. Without a namer a sample is called "sample ID".
Result<void> validate_checks(const std::vector<Sample>& samples, const SampleNamer& name = {});

struct RuleInfo {
  std::string_view name;
  std::string_view params;  // a sketch: R"({"element": E, "min"?: n, "max"?: n})"
  std::string_view help;    // one line
};

// Every rule, in alphabetical order.
const std::vector<RuleInfo>& rules();

}  // namespace iie
