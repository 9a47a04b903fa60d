// From the results of deterministic checks and instructions to a verdict. Pure.
#pragma once

#include <vector>

#include "core/sample.h"
#include "core/verdict.h"
#include "rules/instructions.h"
#include "rules/rule.h"

namespace iie {

// A check decides its criterion; several checks of one criterion must all be met. A criterion is
// unscored where a check could not tell, or where it has none.
//
// - A broken check fails the sample on its own; the reason is the first broken one's. (Where one
//   criterion is enough, `any` and `max`: a met one passes it, and it fails once all are broken.)
// - It passes where all checks are met and the question says that they decide all (`complete`).
// - Otherwise it is unscored: needs_judge, the reason naming what the checks leave open.
//
// Verifiable instructions are criteria too, behind those of the rubric (instruction_criterion). One
// that is not followed strictly fails the sample; a sample that has nothing else passes where all
// are followed. A sample whose instructions were not checked (`followed` is empty) is no_checker
// instead of passing or needing a judge.
Verdict verdict_of_checks(const Sample& sample, const std::vector<CheckResult>& results,
                          const std::vector<InstructionResult>& followed = {});

}  // namespace iie
