// A dataset read for inspection: what cannot be read becomes a problem, and reading goes on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/problem.h"
#include "base/error.h"
#include "core/sample.h"

namespace iie {

// A sample and where it stands.
struct Item {
  Sample sample;
  std::string file;
  std::size_t line = 0;  // 0 where the format has no lines
};

struct ItemSet {
  std::string name;                // as asked for; a folder's own name
  std::vector<std::string> files;  // that were read
  std::vector<Item> items;         // in the files' order
  // A dataset of its own (the embedded set, a folder) rather than a part of one: its mix means
  // something.
  bool whole = false;
};

// `name` is a dataset's name, a file in any format, or a folder, of which every .jsonl file of
// native samples is read (recorded responses are skipped). Native lines are read one by one, and
// each that fails adds a problem; a file in a foreign format is read whole or adds one problem. An
// error is only what leaves nothing to look at: no such file, an empty folder.
Result<ItemSet> read_items(std::string_view name, Problems& problems);

}  // namespace iie
