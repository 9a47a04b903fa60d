// The questions that are part of the program, by the name of the set that they make.
//
// "open" is the benchmark: the eight headline types in the paper's mix. "further" is beside it: the
// types that no overall score counts. "open+further" asks both in one run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iie {

struct EmbeddedSet {
  std::string name;
  std::string title;
  std::vector<std::string> folders;  // under data/

  // The embedded files of its questions ("open/qc.jsonl"), folder by folder. Recorded responses
  // beside them are none.
  std::vector<std::string_view> files() const;
};

// The default set first.
const std::vector<EmbeddedSet>& embedded_sets();
// Null when there is none of that name.
const EmbeddedSet* find_embedded_set(std::string_view name);

}  // namespace iie
