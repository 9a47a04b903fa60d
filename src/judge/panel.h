// Several judges on each response.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "core/verdict.h"
#include "judge/model_judge.h"

namespace iie {

// How the members' verdicts become one. A member without a verdict counts as a member that neither
// passes nor fails the response:
//   majority   what more than half of all members say
//   unanimous  pass where all pass, fail where one fails
//   any        pass where one passes, fail where all fail
// Whatever these leave open is undecided: a tie, or too many members without a verdict.
enum class PanelRule { majority, unanimous, any };
std::string_view to_string(PanelRule rule);
std::optional<PanelRule> panel_rule_from(std::string_view name);

// nullopt: undecided.
std::optional<Outcome> panel_outcome(PanelRule rule, std::span<const Outcome> members);

struct PanelOptions {
  PanelRule rule = PanelRule::majority;
  // Whose verdict counts where the panel is undecided: the position of a member, or a further
  // judge, asked only then. Neither: the response stays without a verdict (panel_undecided).
  std::optional<std::size_t> tie_member;
  ModelJudge* tie_breaker = nullptr;
  CallsDropped dropped = nullptr;  // may be empty
};

// One thread (the event loop's).
class PanelJudge final : public ModelJudge {
 public:
  // The members, at least two, and the tie-breaker must outlive it.
  PanelJudge(std::string name, std::vector<ModelJudge*> members, PanelOptions options);

  const std::string& name() const override { return name_; }
  // Asks all members at once. The verdict carries what each said (Verdict::members), the criteria
  // of the first member that said the same, and every member's calls. A member whose endpoint
  // failed leaves an undecided panel at judge_failed, so that the run asks again; an Error of any
  // member is the panel's.
  Async<Result<Judgement>> judge_rest(const Sample& sample, const Response& response, int rollout,
                                      std::vector<CriterionVerdict> known) override;

 private:
  // The first error, once it was told what the others said for nothing.
  Error stopped(std::vector<Result<Judgement>>& said) const;

  std::string name_;
  std::vector<ModelJudge*> members_;
  PanelOptions options_;
};

}  // namespace iie
