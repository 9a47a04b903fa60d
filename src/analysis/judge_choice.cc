#include "analysis/judge_choice.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <set>
#include <utility>

#include "base/rng.h"

namespace iie {
namespace {

bool is_right(const LabelledItem& item, std::size_t candidate) {
  return item.verdicts[candidate] == item.label;
}

// Which fold a cluster is in: dealt out type by type after shuffling, so that every fold has its
// share of each.
std::map<std::string, int> fold_of(std::span<const LabelledItem> items,
                                   const ChoiceOptions& options) {
  std::map<std::string, std::string> type_of;  // of a cluster: that of its first item
  for (const LabelledItem& item : items) type_of.emplace(item.cluster, item.type);
  std::map<std::string, std::vector<std::string>> clusters;
  for (const auto& [cluster, type] : type_of) clusters[type].push_back(cluster);
  Rng rng(options.seed);
  std::map<std::string, int> folds;
  int next = 0;
  for (auto& [type, list] : clusters) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[rng.below(i)]);
    for (const std::string& cluster : list) folds[cluster] = next++ % options.folds;
  }
  return folds;
}

// The candidate that is right most often on the items that `take` admits; nullopt where it admits
// none.
template <typename Take>
std::optional<std::size_t> best(std::span<const LabelledItem> items,
                                std::span<const std::size_t> candidates, const Take& take) {
  std::vector<std::int64_t> right(candidates.size(), 0);
  bool any = false;
  for (const LabelledItem& item : items) {
    if (!take(item)) continue;
    any = true;
    for (std::size_t i = 0; i < candidates.size(); ++i) right[i] += is_right(item, candidates[i]);
  }
  if (!any) return std::nullopt;
  return candidates[static_cast<std::size_t>(std::ranges::max_element(right) - right.begin())];
}

}  // namespace

double JudgeChoice::accuracy() const {
  if (right.empty()) return 0;
  return static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
}

JudgeChoice choose_judge(std::span<const LabelledItem> items,
                         std::span<const std::size_t> candidates, bool per_type,
                         const ChoiceOptions& options) {
  assert(!candidates.empty() && options.folds >= 2);
  JudgeChoice choice;
  std::map<std::string, std::set<std::string>> clusters;
  for (const LabelledItem& item : items) clusters[item.type].insert(item.cluster);
  if (per_type) {
    for (const auto& [type, own] : clusters) {
      choice.chosen[type] =
          *best(items, candidates, [&](const LabelledItem& item) { return item.type == type; });
      if (own.size() < 2) choice.thin.push_back(type);
    }
  } else if (const auto all = best(items, candidates, [](const LabelledItem&) { return true; })) {
    choice.chosen[""] = *all;
  }

  const std::map<std::string, int> folds = fold_of(items, options);
  // Of each fold: the candidate chosen without it, by type and for everything.
  std::vector<std::map<std::string, std::size_t>> without(static_cast<std::size_t>(options.folds));
  for (int fold = 0; fold < options.folds; ++fold) {
    auto& chosen = without[static_cast<std::size_t>(fold)];
    const auto outside = [&](const LabelledItem& item) { return folds.at(item.cluster) != fold; };
    chosen[""] = best(items, candidates, outside).value_or(candidates.front());
    if (!per_type) continue;
    for (const auto& [type, own] : clusters) {
      const auto of_type = best(items, candidates, [&](const LabelledItem& item) {
        return item.type == type && outside(item);
      });
      if (of_type && !type.empty()) chosen[type] = *of_type;
    }
  }
  for (const LabelledItem& item : items) {
    const auto& chosen = without[static_cast<std::size_t>(folds.at(item.cluster))];
    const auto own = per_type ? chosen.find(item.type) : chosen.end();
    choice.right.push_back(is_right(item, own != chosen.end() ? own->second : chosen.at("")));
  }
  return choice;
}

}  // namespace iie
