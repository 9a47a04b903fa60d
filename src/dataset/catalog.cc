#include "dataset/catalog.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "base/embedded.h"
#include "base/hash.h"
#include "base/string_util.h"
#include "dataset/embedded_set.h"
#include "dataset/formats.h"
#include "dataset/hub_set.h"
#include "dataset/input.h"
#include "dataset/reader.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

// All files of the set as one: ids are unique across them.
Result<Dataset> open_embedded(const EmbeddedSet& set) {
  SampleList samples;
  RowFormat format = kNativeFormat;
  for (const std::string_view path : set.files()) {
    IIE_TRY(Input input, Input::over(*embedded_file(path), fmt::format("data/{}", path)));
    if (input.first() != '\0') IIE_CHECK_OK(append_rows(input, format, samples));
  }
  return samples.finish(set.name, format.name);
}

Result<Dataset> open_cached(const HubSet& set, const fs::path& cache) {
  IIE_TRY(const auto manifest, read_manifest(set, cache));
  const fs::path path = cached_file(set, cache);
  std::error_code ignored;
  if (!manifest || !fs::exists(path, ignored)) {
    return fail(ErrorKind::not_found,
                fmt::format("the dataset '{}' is not here yet; run `inverse-ifeval data fetch {}`",
                            set.name, set.name));
  }
  IIE_TRY(const std::string bytes, read_file(path));
  if (sha256_hex(bytes) != manifest->sha256) {
    return fail(ErrorKind::corrupt,
                fmt::format("{}: is not the file that was fetched on {}; remove its folder and run "
                            "`inverse-ifeval data fetch {}`",
                            path.string(), manifest->fetched_at, set.name));
  }
  IIE_TRY(Dataset dataset, parse_dataset(bytes, path.string()));
  dataset.name = set.name;
  return dataset;
}

}  // namespace

std::vector<CatalogEntry> catalog(const fs::path& cache) {
  std::vector<CatalogEntry> entries;
  for (const EmbeddedSet& set : embedded_sets()) {
    const auto open = open_embedded(set);
    if (!open) continue;
    entries.push_back({set.name, set.title, "CC-BY-4.0", "", open->samples.size(), true, {}});
  }
  for (const HubSet& set : hub_sets()) {
    const auto manifest = read_manifest(set, cache);
    const fs::path path = cached_file(set, cache);
    std::error_code ignored;
    CatalogEntry entry{set.name, set.title, set.license, set.revision, std::nullopt, false, {}};
    if (set.rows != 0) entry.rows = set.rows;
    if (manifest && *manifest && fs::exists(path, ignored)) {
      entry.present = true;
      entry.rows = (*manifest)->rows;
      entry.path = path;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Dataset> open_dataset(std::string_view name_or_path, const fs::path& cache) {
  if (const EmbeddedSet* set = find_embedded_set(name_or_path)) return open_embedded(*set);
  if (const HubSet* set = find_hub_set(name_or_path)) return open_cached(*set, cache);
  const fs::path path(name_or_path);
  std::error_code ignored;
  if (path != "-" && !fs::exists(path, ignored)) {
    std::vector<std::string> names;
    for (const EmbeddedSet& set : embedded_sets()) names.push_back(set.name);
    for (const HubSet& set : hub_sets()) names.push_back(set.name);
    return fail(ErrorKind::not_found,
                fmt::format("no file or dataset '{}'{} (datasets: {})", one_line(name_or_path),
                            did_you_mean(name_or_path, names), join(names, ", ")));
  }
  return load_dataset(path);
}

}  // namespace iie
