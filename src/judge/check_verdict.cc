#include "judge/check_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::size_t kReasonBytes = 400;

std::string reason_of(const CheckResult& result) {
  return one_line(result.rule + ": " + result.reason, kReasonBytes);
}

CriterionVerdict verdict_of_criterion(const std::string& id,
                                      const std::vector<CheckResult>& results) {
  const CheckResult* broken = nullptr;
  const CheckResult* undecided = nullptr;
  const CheckResult* met = nullptr;
  for (const CheckResult& result : results) {
    if (result.criterion != id) continue;
    const CheckResult*& first = result.decision == Decision::broken ? broken
                                : result.decision == Decision::met  ? met
                                                                    : undecided;
    if (!first) first = &result;
  }
  if (broken) return {id, Outcome::fail, reason_of(*broken)};
  if (undecided) return {id, Outcome::unscored, reason_of(*undecided)};
  if (met) return {id, Outcome::pass, reason_of(*met)};
  return {id, Outcome::unscored, "no check decides it"};
}

Verdict with_criteria(Verdict verdict, std::vector<CriterionVerdict> criteria) {
  verdict.criteria = std::move(criteria);
  return verdict;
}

std::vector<CriterionVerdict> verdicts_of_instructions(
    const Sample& sample, const std::vector<InstructionResult>& followed) {
  std::vector<CriterionVerdict> verdicts;
  for (std::size_t i = 0; i < std::min(sample.instructions.size(), followed.size()); ++i) {
    const auto [strict, loose] = followed[i];
    verdicts.push_back({instruction_criterion(i, sample.instructions[i]),
                        strict ? Outcome::pass : Outcome::fail,
                        strict  ? "followed"
                        : loose ? "followed by a loose variant of the response only"
                                : "not followed",
                        loose});
  }
  return verdicts;
}

// Nothing but its instructions says what a response must do.
bool has_only_instructions(const Sample& sample) {
  return sample.question.rubric.empty() && sample.question.checks.empty() &&
         sample.question.reference.empty() && !sample.judge_prompt;
}

// By the checks alone.
Verdict verdict_on_question(const Sample& sample, const std::vector<CheckResult>& results) {
  std::vector<CriterionVerdict> criteria;
  if (!results.empty()) {
    for (const Criterion& criterion : sample.question.rubric) {
      criteria.push_back(verdict_of_criterion(criterion.id, results));
    }
  }
  const bool one_is_enough =
      sample.aggregation == Aggregation::any || sample.aggregation == Aggregation::max;
  const auto first = [&](Decision decision) {
    return std::ranges::find(results, decision, &CheckResult::decision);
  };
  const auto all_criteria = [&](Outcome outcome) {
    return !criteria.empty() &&
           std::ranges::all_of(criteria, [&](const CriterionVerdict& criterion) {
             return criterion.outcome == outcome;
           });
  };
  const auto broken = first(Decision::broken);
  const auto undecided = first(Decision::undecided);

  std::optional<Verdict> verdict;
  if (one_is_enough) {
    const auto met = std::ranges::find(criteria, Outcome::pass, &CriterionVerdict::outcome);
    if (met != criteria.end()) {
      verdict = Verdict::pass(met->reason);
    } else if (all_criteria(Outcome::fail) && sample.question.complete) {
      verdict = Verdict::fail(reason_of(*broken));
    }
  } else if (broken != results.end()) {
    verdict = Verdict::fail(reason_of(*broken));
  } else if (!results.empty() && undecided == results.end() && sample.question.complete) {
    verdict = Verdict::pass(results.size() == 1 ? reason_of(results.front())
                                                : fmt::format("all {} checks met", results.size()));
  }
  if (verdict) return with_criteria(*std::move(verdict), std::move(criteria));

  std::string reason;
  if (results.empty()) {
    reason = "it has no checks, so only a judge can decide";
  } else if (undecided != results.end()) {
    reason = reason_of(*undecided);
  } else {
    std::vector<std::string> open;
    for (const CriterionVerdict& criterion : criteria) {
      if (criterion.outcome == Outcome::unscored) open.push_back(criterion.id);
    }
    const std::string_view what = open.size() == 1 ? "criterion " : "criteria ";
    reason = open.empty() ? "its checks do not decide everything"
                          : fmt::format("no check decides {}{}", what, join(open, ", "));
  }
  return with_criteria(Verdict::none(UnscoredReason::needs_judge, one_line(reason, kReasonBytes)),
                       std::move(criteria));
}

}  // namespace

Verdict verdict_of_checks(const Sample& sample, const std::vector<CheckResult>& results,
                          const std::vector<InstructionResult>& followed) {
  Verdict verdict = verdict_on_question(sample, results);
  if (sample.instructions.empty()) return verdict;
  std::vector<CriterionVerdict> criteria = std::move(verdict.criteria);
  const std::vector<CriterionVerdict> instructions = verdicts_of_instructions(sample, followed);
  const auto missed = std::ranges::find(instructions, Outcome::fail, &CriterionVerdict::outcome);
  if (verdict.outcome == Outcome::fail) {
    // Failed already.
  } else if (instructions.empty()) {
    verdict = Verdict::none(UnscoredReason::no_checker,
                            fmt::format("instruction '{}' was not checked",
                                        one_line(sample.instructions.front().id, 60)));
  } else if (missed != instructions.end()) {
    verdict = Verdict::fail(one_line(missed->id + ": " + missed->reason, kReasonBytes));
  } else if (has_only_instructions(sample)) {
    verdict = Verdict::pass(instructions.size() == 1
                                ? one_line(instructions[0].id + ": followed", kReasonBytes)
                                : fmt::format("all {} instructions followed", instructions.size()));
  }
  criteria.insert(criteria.end(), instructions.begin(), instructions.end());
  return with_criteria(std::move(verdict), std::move(criteria));
}

}  // namespace iie
