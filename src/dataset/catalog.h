// Datasets by name: the embedded sets (dataset/embedded_set.h), the hub's as fetched, or a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "core/sample.h"

namespace iie {

// One line of `data list`.
struct CatalogEntry {
  std::string name;
  std::string title;
  std::string license;
  std::string revision;             // empty for an embedded set
  std::optional<std::size_t> rows;  // as present here; as promised where it is not
  bool present = false;             // can be opened without fetching
  std::filesystem::path path;       // of the copy in the cache; empty for an embedded set
};

// The embedded sets first. A cache that cannot be read counts as absent.
std::vector<CatalogEntry> catalog(const std::filesystem::path& cache = user_cache_dir());

// An embedded set's name ("open"), a hub set's name, or a file ("./open" for a file of that name;
// "-" is standard input). not_found for a hub set that was not fetched yet (the message says how),
// for a name that is neither; corrupt when the cached copy is not what was fetched; otherwise as
// load_dataset. Dataset::name is the name asked for, or the file's.
Result<Dataset> open_dataset(std::string_view name_or_path,
                             const std::filesystem::path& cache = user_cache_dir());

}  // namespace iie
