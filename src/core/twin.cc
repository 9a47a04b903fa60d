#include "core/twin.h"

#include <unordered_set>
#include <utility>

namespace iie {

std::size_t append_twins(std::vector<Sample>& samples) {
  const std::size_t n = samples.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (!samples[i].twin) continue;
    Sample twin = samples[i];
    twin.id += kTwinSuffix;
    twin.numeric_id = false;
    twin.question = *std::move(twin.twin);
    twin.twin.reset();
    // Judge prompt and instructions are about the item.
    twin.judge_prompt.reset();
    twin.instructions.clear();
    samples.push_back(std::move(twin));
  }
  return samples.size() - n;
}

std::size_t twins_begin(const std::vector<Sample>& samples) {
  std::unordered_set<std::string_view> ids;
  for (const Sample& sample : samples) ids.insert(sample.id);
  std::size_t begin = samples.size();
  while (begin > 0) {
    const std::string_view id = samples[begin - 1].id;
    if (!id.ends_with(kTwinSuffix)) break;
    if (!ids.contains(id.substr(0, id.size() - kTwinSuffix.size()))) break;
    --begin;
  }
  return begin;
}

}  // namespace iie
