// The models that judged one run, where several did (a matrix, a panel): what each of them was
// asked and cost, and how far the members of a panel agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/intervals.h"
#include "analysis/judges.h"
#include "core/run.h"
#include "core/verdict.h"
#include "report/cost.h"
#include "report/usage.h"

namespace iie {

// A panel member's own verdicts; without a verdict is no pass, as in the run's score.
struct MemberFigure {
  std::int64_t n = 0;
  std::int64_t passed = 0;
  std::int64_t unscored = 0;
  std::optional<double> score;       // 100 * passed / n
  std::optional<Interval> interval;  // rollouts clustered by sample; 0 to 100
};

struct OneOfTheJudges {
  std::string judge;  // "openai:gpt-4.1"
  std::int64_t calls = 0;
  std::int64_t unreadable = 0;  // of them: replies that held no verdict
  TokenUse tokens;
  std::optional<LatencySummary> time;
  // Set by who knows prices; absent where the judge made no call.
  std::optional<CallCost> cost;
  std::optional<MemberFigure> member;  // of a panel
};

struct SeveralJudges {
  std::vector<OneOfTheJudges> judges;  // a panel's members in its order, then the others by name
  // Between the panel's members, by position among `judges`; absent without a panel.
  std::optional<JudgeAgreement> agreement;
};

// Votes of panels on the responses of one run, in the order in which they are added. Memory grows
// with them: some 60 bytes for a response that three members judged.
class PanelVotes {
 public:
  // `sample`: its place in the run. Without members there is nothing to add.
  void add(std::int32_t sample, const std::vector<MemberVerdict>& members);

  // In the order of their first word: a panel's own, with a tie-breaker last.
  const std::vector<std::string>& judges() const { return judges_; }
  // By response, then by judge: one that was not asked (a tie-breaker, another cell's) has no vote.
  std::vector<std::vector<JudgeVote>> votes() const;
  const std::vector<std::int32_t>& samples() const { return samples_; }
  // How a judge of judges() would have scored the responses that it was asked about.
  MemberFigure figure(std::size_t judge, double level) const;

 private:
  struct Asked {
    bool asked = false;
    JudgeVote vote;
  };

  std::vector<std::string> judges_;
  std::vector<std::int32_t> samples_;
  std::vector<std::vector<Asked>> said_;  // as long as there were judges then
};

// Adds them up, judgement by judgement: each rollout's once, in any order. Memory grows with what
// panels judge, by some 120 bytes for each.
class SeveralJudgesTally {
 public:
  SeveralJudgesTally();
  ~SeveralJudgesTally();
  SeveralJudgesTally(const SeveralJudgesTally&) = delete;
  SeveralJudgesTally& operator=(const SeveralJudgesTally&) = delete;

  // `headline`: the response counts in the run's overall score, and so in the members' figures and
  // in their agreement. Calls and what they cost are of all responses.
  void add(const JudgementRecord& judgement, bool headline = true);
  // Absent where one judge, or none, was asked.
  std::optional<SeveralJudges> finish(double level) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iie
