// Which store a command works on.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/environment.h"
#include "store/store.h"

namespace iie {

// --store, else INVERSE_IFEVAL_STORE, else results/runs.db in the working folder.
std::string store_path(const std::string& flag, const Environment& environment);

// For commands that start or continue runs: creates the file. "memory" keeps nothing.
Result<std::unique_ptr<Store>> open_store_to_write(const std::string& path);
// For commands that read: not_found, with what to do, where there is no store.
Result<std::unique_ptr<Store>> open_store_to_read(const std::string& path);
// For commands that only look what is there: null without a store, and for "memory".
Result<std::unique_ptr<Store>> open_store_if_there(const std::string& path);

// Every planned rollout has its verdict (unscored ones included): there is nothing to resume.
bool is_complete(const RunInfo& run, const RunState& state);

}  // namespace iie
