#include "net/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace iie {
namespace {

// An unlimited limit is still finite: tables indexed by descriptor must stay small.
constexpr rlim_t kMost = 1 << 20;
constexpr std::size_t kReservedFiles = 64;

std::size_t clamp(rlim_t limit) { return static_cast<std::size_t>(std::min(limit, kMost)); }

}  // namespace

Result<std::size_t> raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return fail(ErrorKind::busy,
                std::string("cannot read the limit on open files: ") + std::strerror(errno));
  }
  const rlim_t target = std::min(limit.rlim_max, kMost);
  if (limit.rlim_cur < target) {
    limit.rlim_cur = target;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return fail(ErrorKind::busy, "cannot raise the limit on open files to " +
                                       std::to_string(target) + ": " + std::strerror(errno));
    }
  }
  return clamp(limit.rlim_cur);
}

std::size_t file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return clamp(limit.rlim_cur);
}

std::size_t transfers_allowed() {
  const std::size_t files = file_limit();
  return std::max<std::size_t>((files > kReservedFiles ? files - kReservedFiles : 0) / 2, 1);
}

}  // namespace iie
