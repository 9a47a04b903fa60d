#include "cli/stores.h"

#include <fmt/format.h>

#include <filesystem>

namespace iie {

std::string store_path(const std::string& flag, const Environment& environment) {
  if (!flag.empty()) return flag;
  return environment.get("INVERSE_IFEVAL_STORE").value_or("results/runs.db");
}

Result<std::unique_ptr<Store>> open_store_to_write(const std::string& path) {
  if (path == "memory") return make_memory_store();
  return open_sqlite_store(path);
}

Result<std::unique_ptr<Store>> open_store_to_read(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return fail(ErrorKind::not_found,
                fmt::format("no store at '{}': start a run, or name another with --store", path));
  }
  return open_sqlite_store(path, {.must_exist = true});
}

Result<std::unique_ptr<Store>> open_store_if_there(const std::string& path) {
  std::error_code ignored;
  if (path == "memory" || !std::filesystem::exists(path, ignored)) return nullptr;
  return open_store_to_read(path);
}

bool is_complete(const RunInfo& run, const RunState& state) { return state.judged == run.planned; }

}  // namespace iie
