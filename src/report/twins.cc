#include "report/twins.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "analysis/paired.h"
#include "core/instruction_type.h"
#include "core/twin.h"
#include "report/report.h"

namespace iie {
namespace {

std::optional<InertiaGap> gap_of(std::string key, bool headline,
                                 const std::map<std::string, PairedCluster>& clusters,
                                 std::int64_t samples, double level) {
  std::vector<PairedCluster> list;
  for (const auto& [name, cluster] : clusters) list.push_back(cluster);
  PairedOptions options;
  options.level = level;
  options.bootstrap_rounds = 0;
  options.permutation_rounds = 0;
  const auto found = compare_paired(list, options);  // b less a: twin less item
  if (!found) return std::nullopt;
  return InertiaGap{std::move(key),
                    headline,
                    100 * found->share_a,
                    100 * found->share_b,
                    100 * found->difference,
                    100 * found->interval.low,
                    100 * found->interval.high,
                    samples};
}

}  // namespace

TwinTally::TwinTally(const std::vector<Sample>& samples, std::size_t items, int rollouts)
    : samples_(samples), items_(items), rollouts_(rollouts), counts_(samples.size()) {}

void TwinTally::add(const RolloutId& id, const ResponseRecord* response,
                    const JudgementRecord* judgement) {
  const auto index = static_cast<std::size_t>(id.sample);
  if (id.sample < 0 || index >= counts_.size()) return;
  const bool failed_call = response != nullptr && response->error.has_value();
  const bool is_twin = index >= items_;
  if (judgement == nullptr && !failed_call) return;
  decided_ += is_twin ? 1 : 0;
  const Outcome outcome = judgement == nullptr ? Outcome::unscored : judgement->verdict.outcome;
  if (outcome == Outcome::unscored) {
    unscored_ += is_twin ? 1 : 0;
    left_open_ = left_open_ || (judgement != nullptr &&
                                judgement->verdict.unscored == UnscoredReason::needs_judge);
    const bool judge_failed =
        judgement != nullptr && judgement->verdict.unscored == UnscoredReason::judge_failed;
    failed_calls_ += is_twin && (failed_call || judge_failed) ? 1 : 0;
    return;
  }
  ++counts_[index].n;
  counts_[index].passed += outcome == Outcome::pass ? 1 : 0;
}

bool TwinTally::complete() const {
  const auto planned = static_cast<std::int64_t>(samples_.size() - items_) * rollouts_;
  return decided_ == planned && failed_calls_ == 0;
}

TwinReport TwinTally::finish(double level) const {
  TwinReport out;
  out.level = level;
  out.twins = static_cast<std::int64_t>(samples_.size() - items_);
  out.pending = out.twins * rollouts_ - decided_;
  out.unscored = unscored_;
  std::unordered_map<std::string_view, std::size_t> item_of;
  for (std::size_t i = 0; i < items_; ++i) item_of.emplace(samples_[i].id, i);

  struct Collected {
    std::map<std::string, PairedCluster> clusters;
    std::int64_t samples = 0;
  };
  Collected headline;
  std::map<std::string, Collected> types;
  for (std::size_t i = items_; i < samples_.size(); ++i) {
    const Sample& twin = samples_[i];
    const auto item =
        item_of.find(std::string_view(twin.id).substr(0, twin.id.size() - kTwinSuffix.size()));
    const bool open = left_open_ && (item == item_of.end() || !twin.question.complete ||
                                     !samples_[item->second].question.complete);
    if (open || item == item_of.end() || counts_[item->second].n == 0 || counts_[i].n == 0) {
      ++out.left_out;
      continue;
    }
    const std::string type = twin.type.empty() ? std::string(kNoKey) : twin.type;
    // A pair's name and an id cannot be taken for each other.
    const std::string cluster = twin.pair.empty() ? "id " + twin.id : "pair " + twin.pair;
    const auto add_to = [&](Collected& into) {
      PairedCluster& both = into.clusters[cluster];
      both.a.passed += counts_[item->second].passed;
      both.a.n += counts_[item->second].n;
      both.b.passed += counts_[i].passed;
      both.b.n += counts_[i].n;
      ++into.samples;
    };
    if (is_headline(twin.type)) add_to(headline);
    add_to(types[type]);
  }
  out.overall = gap_of("overall", true, headline.clusters, headline.samples, level);
  const auto add_type = [&](const std::string& key, bool in_headline) {
    const auto found = types.find(key);
    if (found == types.end()) return;
    if (auto gap = gap_of(key, in_headline, found->second.clusters, found->second.samples, level)) {
      out.by_type.push_back(*std::move(gap));
    }
  };
  for (const InstructionType& type : instruction_types()) add_type(type.code, type.headline);
  add_type(std::string(kNoKey), true);
  return out;
}

}  // namespace iie
