#include "dataset/embedded_set.h"

#include <algorithm>

#include "base/embedded.h"

namespace iie {
namespace {

// Recorded responses to the open set, which lie beside it.
constexpr std::string_view kDemonstrations = "open/demonstrations.jsonl";

}  // namespace

std::vector<std::string_view> EmbeddedSet::files() const {
  std::vector<std::string_view> out;
  for (const std::string& folder : folders) {
    for (const std::string_view path : embedded_files(folder + '/')) {
      if (path.ends_with(".jsonl") && path != kDemonstrations) out.push_back(path);
    }
  }
  return out;
}

const std::vector<EmbeddedSet>& embedded_sets() {
  static const auto& sets = *new std::vector<EmbeddedSet>{
      {"open", "the open questions, part of this program", {"open"}},
      {"further", "three further types, part of this program, in no overall score", {"further"}},
      {"open+further",
       "both in one run: the same overall, further types beside it",
       {"open", "further"}},
  };
  return sets;
}

const EmbeddedSet* find_embedded_set(std::string_view name) {
  const auto found = std::ranges::find(embedded_sets(), name, &EmbeddedSet::name);
  return found == embedded_sets().end() ? nullptr : &*found;
}

}  // namespace iie
