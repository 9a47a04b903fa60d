#include "report/instruction_tally.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "report/plain_text.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 120;

std::string group_of(std::string_view id) { return std::string(id.substr(0, id.find(':'))); }

struct GatheredPair {
  Gathered strict;
  Gathered loose;

  InstructionFigure finish(double level) const {
    return {strict.finish(level), loose.finish(level)};
  }
};

// What one sample adds to a group: an instruction may stand twice in it.
struct Share {
  SampleTally strict;
  SampleTally loose;
  std::int64_t planned = 0;
};

}  // namespace

std::optional<std::vector<InstructionOutcome>> instruction_outcomes(const Sample& sample,
                                                                    const Verdict& verdict) {
  std::vector<InstructionOutcome> out;
  // They are the last criteria, so that looking for them from where they begin finds them at once.
  const std::size_t count = sample.instructions.size();
  if (verdict.criteria.size() < count) return std::nullopt;
  auto at = verdict.criteria.end() - static_cast<std::ptrdiff_t>(count);
  for (std::size_t i = 0; i < count; ++i, ++at) {
    if (at->id != instruction_criterion(i, sample.instructions[i]) ||
        at->outcome == Outcome::unscored || !at->loose) {
      return std::nullopt;
    }
    out.push_back({at->outcome == Outcome::pass, *at->loose});
  }
  return out;
}

InstructionTally::InstructionTally(const std::vector<Sample>& samples)
    : samples_(samples), tallies_(samples.size()) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    tallies_[i].instructions.resize(samples[i].instructions.size());
  }
}

void InstructionTally::add(std::size_t sample, const Verdict* verdict) {
  PerSample& tally = tallies_[sample];
  if (tally.instructions.empty()) return;
  const auto outcomes =
      verdict == nullptr ? std::nullopt : instruction_outcomes(samples_[sample], *verdict);
  const auto count = [](Pair& pair, const InstructionOutcome* outcome) {
    if (outcome == nullptr) {
      ++pair.strict.unscored;
      ++pair.loose.unscored;
      return;
    }
    ++(outcome->strict ? pair.strict.passed : pair.strict.failed);
    ++(outcome->loose ? pair.loose.passed : pair.loose.failed);
  };
  InstructionOutcome all{true, true};
  for (std::size_t i = 0; i < tally.instructions.size(); ++i) {
    const InstructionOutcome* one = outcomes ? &(*outcomes)[i] : nullptr;
    count(tally.instructions[i], one);
    all.strict = all.strict && one != nullptr && one->strict;
    all.loose = all.loose && one != nullptr && one->loose;
  }
  count(tally.prompt, outcomes ? &all : nullptr);
}

std::optional<InstructionReport> InstructionTally::finish(int rollouts, double level) const {
  GatheredPair prompts;
  GatheredPair all;
  std::map<std::string, GatheredPair> groups;
  std::map<std::string, GatheredPair> ids;
  bool any = false;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const PerSample& tally = tallies_[i];
    if (tally.instructions.empty()) continue;
    any = true;
    prompts.strict.add(tally.prompt.strict, rollouts);
    prompts.loose.add(tally.prompt.loose, rollouts);
    Share whole;
    std::map<std::string, Share> by_group;
    std::map<std::string, Share> by_id;
    for (std::size_t k = 0; k < tally.instructions.size(); ++k) {
      const std::string id = safe_excerpt(samples_[i].instructions[k].id, kNameBytes);
      for (Share* share : {&whole, &by_group[group_of(id)], &by_id[id]}) {
        share->strict += tally.instructions[k].strict;
        share->loose += tally.instructions[k].loose;
        share->planned += rollouts;
      }
    }
    const auto add = [](GatheredPair& to, const Share& share) {
      to.strict.add(share.strict, share.planned);
      to.loose.add(share.loose, share.planned);
    };
    add(all, whole);
    for (const auto& [key, share] : by_group) add(groups[key], share);
    for (const auto& [key, share] : by_id) add(ids[key], share);
  }
  if (!any) return std::nullopt;
  InstructionReport report;
  report.prompts = prompts.finish(level);
  report.instructions = all.finish(level);
  for (const auto& [key, pair] : groups) report.by_group.push_back({key, pair.finish(level)});
  for (const auto& [key, pair] : ids) report.by_id.push_back({key, pair.finish(level)});
  return report;
}

std::vector<ClusterCount> InstructionTally::clusters(InstructionMetric metric) const {
  std::vector<ClusterCount> out;
  const bool strict =
      metric == InstructionMetric::prompt_strict || metric == InstructionMetric::instruction_strict;
  const bool prompts =
      metric == InstructionMetric::prompt_strict || metric == InstructionMetric::prompt_loose;
  for (const PerSample& tally : tallies_) {
    if (tally.instructions.empty()) continue;
    SampleTally sum;
    if (prompts) {
      sum = strict ? tally.prompt.strict : tally.prompt.loose;
    } else {
      for (const Pair& pair : tally.instructions) sum += strict ? pair.strict : pair.loose;
    }
    out.push_back({sum.passed, sum.n()});
  }
  return out;
}

}  // namespace iie
