// Verdict = pass | fail | unscored{reason}. An unscored rollout never averages into a score
// silently: reports count it in the denominator, show the count, and give the bounds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

enum class Outcome { pass, fail, unscored };
std::string_view to_string(Outcome outcome);
std::optional<Outcome> outcome_from(std::string_view name);

// Why there is no verdict. Names are stored: append only.
enum class UnscoredReason {
  none,
  needs_judge,       // rules do not decide it and no LLM judge was given
  unreadable_reply,  // the judge answered, but not with a verdict (within the retry limit)
  judge_failed,      // the judge's endpoint failed
  no_response,       // the candidate's endpoint failed: there is nothing to judge
  no_checker,        // its instructions were not checked: an LLM judge was alone
  panel_undecided,   // a panel's members do not settle it, and nobody breaks the tie
};
std::string_view to_string(UnscoredReason reason);
std::optional<UnscoredReason> unscored_reason_from(std::string_view name);

struct CriterionVerdict {
  std::string id;
  Outcome outcome = Outcome::unscored;
  std::string reason;  // one line
  // Of a verifiable instruction (IFEval, IFBench): whether one of the loose variants of the
  // response follows it. `outcome` is about the response as it is. Absent for other criteria.
  std::optional<bool> loose = std::nullopt;

  bool operator==(const CriterionVerdict&) const = default;
};

// What one member of a panel of judges said.
struct MemberVerdict {
  std::string judge;  // as the run's spec names it
  Outcome outcome = Outcome::unscored;
  UnscoredReason unscored = UnscoredReason::none;
  std::string reason;  // one line

  bool operator==(const MemberVerdict&) const = default;
};

struct Verdict {
  Outcome outcome = Outcome::unscored;
  UnscoredReason unscored = UnscoredReason::none;  // none unless outcome is unscored
  std::string reason;                              // one line, for people
  std::vector<CriterionVerdict> criteria;          // empty where it was judged as a whole
  // Of a panel, in its order, a tie-breaker that was asked last; empty otherwise.
  std::vector<MemberVerdict> members = {};

  static Verdict pass(std::string reason) {
    return {Outcome::pass, UnscoredReason::none, std::move(reason), {}, {}};
  }
  static Verdict fail(std::string reason) {
    return {Outcome::fail, UnscoredReason::none, std::move(reason), {}, {}};
  }
  static Verdict none(UnscoredReason why, std::string reason) {
    return {Outcome::unscored, why, std::move(reason), {}, {}};
  }
  bool operator==(const Verdict&) const = default;
};

std::string criteria_to_json(const std::vector<CriterionVerdict>& criteria);
std::vector<CriterionVerdict> criteria_from_json(std::string_view json);  // unreadable: empty
std::string members_to_json(const std::vector<MemberVerdict>& members);
std::vector<MemberVerdict> members_from_json(std::string_view json);  // unreadable: empty

}  // namespace iie
