#include "rules/regex_cache.h"

#include <re2/re2.h>

#include <mutex>
#include <unordered_map>

namespace iie {

std::shared_ptr<const re2::RE2> shared_regex(const std::string& pattern, bool case_sensitive) {
  static std::mutex mutex;  // guards what follows
  static std::unordered_map<std::string, std::weak_ptr<const re2::RE2>> known;
  static std::size_t sweep_at = 4096;
  const std::string key = (case_sensitive ? "c" : "i") + pattern;
  {
    const std::scoped_lock lock(mutex);
    const auto found = known.find(key);
    if (found != known.end()) {
      if (auto alive = found->second.lock()) return alive;
    }
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(case_sensitive);
  auto made = std::make_shared<const re2::RE2>(pattern, options);
  const std::scoped_lock lock(mutex);
  if (known.size() >= sweep_at) {
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    sweep_at = 2 * known.size() + 4096;
  }
  known[key] = made;
  return made;
}

}  // namespace iie
