#include "report/several_judges.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "report/latencies.h"

namespace iie {
void PanelVotes::add(std::int32_t sample, const std::vector<MemberVerdict>& members) {
  if (members.empty()) return;
  samples_.push_back(sample);
  std::vector<Asked>& row = said_.emplace_back(judges_.size());
  for (const MemberVerdict& member : members) {
    const auto found = std::ranges::find(judges_, member.judge);
    const auto place = static_cast<std::size_t>(found - judges_.begin());
    if (found == judges_.end()) {
      judges_.push_back(member.judge);
      row.emplace_back();
    }
    row[place].asked = true;
    if (member.outcome != Outcome::unscored) row[place].vote = member.outcome == Outcome::pass;
  }
}

std::vector<std::vector<JudgeVote>> PanelVotes::votes() const {
  std::vector<std::vector<JudgeVote>> out;
  out.reserve(said_.size());
  for (const std::vector<Asked>& row : said_) {
    std::vector<JudgeVote>& votes = out.emplace_back(judges_.size());
    for (std::size_t i = 0; i < row.size(); ++i) votes[i] = row[i].vote;
  }
  return out;
}

MemberFigure PanelVotes::figure(std::size_t judge, double level) const {
  MemberFigure out;
  std::map<std::int32_t, ClusterCount> clusters;
  for (std::size_t i = 0; i < said_.size(); ++i) {
    if (judge >= said_[i].size() || !said_[i][judge].asked) continue;
    const JudgeVote& vote = said_[i][judge].vote;
    ClusterCount& cluster = clusters[samples_[i]];
    ++out.n;
    ++cluster.n;
    out.unscored += vote ? 0 : 1;
    if (vote.value_or(false)) {
      ++out.passed;
      ++cluster.passed;
    }
  }
  if (out.n == 0) return out;
  out.score = 100.0 * static_cast<double>(out.passed) / static_cast<double>(out.n);
  std::vector<ClusterCount> list;
  for (const auto& [sample, cluster] : clusters) list.push_back(cluster);
  if (auto interval = clustered_wilson(list, level)) {
    interval->low *= 100;
    interval->high *= 100;
    out.interval = std::move(interval);
  }
  return out;
}

struct SeveralJudgesTally::State {
  struct Called {
    OneOfTheJudges sums;
    Latencies latencies;
  };
  // What a panel said of one response, in the order in which it was said.
  struct Said {
    std::size_t judge;  // place in `names`
    Outcome outcome;
  };
  struct Panel {
    RolloutId id;
    std::vector<Said> said;
  };

  std::map<std::string, Called> called;
  std::vector<std::string> names;
  std::vector<Panel> panels;

  void add(const RolloutId& id, const std::vector<MemberVerdict>& members);
  // The order in which rollouts were added shows neither in whom it names first nor in how its sums
  // are rounded.
  PanelVotes votes() const;
};

void SeveralJudgesTally::State::add(const RolloutId& id,
                                    const std::vector<MemberVerdict>& members) {
  if (members.empty()) return;
  Panel& panel = panels.emplace_back(Panel{id, {}});
  panel.said.reserve(members.size());
  for (const MemberVerdict& member : members) {
    const auto found = std::ranges::find(names, member.judge);
    panel.said.push_back({static_cast<std::size_t>(found - names.begin()), member.outcome});
    if (found == names.end()) names.push_back(member.judge);
  }
}

PanelVotes SeveralJudgesTally::State::votes() const {
  std::vector<const Panel*> sorted;
  sorted.reserve(panels.size());
  for (const Panel& panel : panels) sorted.push_back(&panel);
  std::ranges::sort(sorted, {}, [](const Panel* panel) {
    return std::pair(panel->id.rollout, panel->id.sample);
  });
  PanelVotes votes;
  std::vector<MemberVerdict> members;
  for (const Panel* panel : sorted) {
    members.clear();
    for (const auto& [judge, outcome] : panel->said) {
      members.push_back({.judge = names[judge], .outcome = outcome});
    }
    votes.add(panel->id.sample, members);
  }
  return votes;
}

SeveralJudgesTally::SeveralJudgesTally() : state_(std::make_unique<State>()) {}
SeveralJudgesTally::~SeveralJudgesTally() = default;

void SeveralJudgesTally::add(const JudgementRecord& judgement, bool headline) {
  if (headline) state_->add(judgement.id, judgement.verdict.members);
  for (const JudgeCall& call : judgement.calls) {
    if (call.judge.empty()) continue;  // the run has but one
    State::Called& called = state_->called[call.judge];
    ++called.sums.calls;
    called.sums.unreadable += call.readable ? 0 : 1;
    called.sums.tokens.add(call.usage);
    if (call.latency) called.latencies.add(*call.latency);
  }
}

std::optional<SeveralJudges> SeveralJudgesTally::finish(double level) const {
  const PanelVotes panel = state_->votes();
  SeveralJudges out;
  auto rest = state_->called;
  const auto take = [&](const std::string& name) {
    OneOfTheJudges one;
    if (const auto found = rest.find(name); found != rest.end()) {
      one = found->second.sums;
      one.time = found->second.latencies.summary();
      rest.erase(found);
    }
    one.judge = name;
    return one;
  };
  for (std::size_t i = 0; i < panel.judges().size(); ++i) {
    out.judges.push_back(take(panel.judges()[i]));
    out.judges.back().member = panel.figure(i, level);
  }
  if (!panel.judges().empty()) {
    out.agreement = judge_agreement(panel.votes(), panel.judges().size());
  }
  while (!rest.empty()) out.judges.push_back(take(std::string(rest.begin()->first)));
  if (out.judges.empty()) return std::nullopt;
  return out;
}

}  // namespace iie
