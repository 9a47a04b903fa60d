#include "store/claim_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace iie {
namespace {

constexpr off_t kSlot = 16;

struct flock slot_lock(short type, std::int64_t run) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = run * kSlot;
  lock.l_len = kSlot;
  return lock;
}

}  // namespace

ClaimFile::~ClaimFile() {
  if (fd_ >= 0) ::close(fd_);
}

Error ClaimFile::error(const char* action) const {
  return Error{ErrorKind::bad_input,
               fmt::format("{}: cannot {}: {}", path_, action, std::strerror(errno))};
}

Result<void> ClaimFile::open_to_write() {
  if (fd_ >= 0 && writable_) return {};
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return std::unexpected(error("open"));
  if (fd_ >= 0) ::close(fd_);  // was opened to look only, and holds nothing
  fd_ = fd;
  writable_ = true;
  return {};
}

Result<bool> ClaimFile::open_to_look() {
  if (fd_ >= 0) return true;
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0 && errno == ENOENT) return false;
  if (fd_ < 0) return std::unexpected(error("open"));
  return true;
}

Result<bool> ClaimFile::take(std::int64_t run) {
  IIE_CHECK_OK(open_to_write());
  struct flock lock = slot_lock(F_WRLCK, run);
  if (::fcntl(fd_, F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    return std::unexpected(error("lock"));
  }
  const std::int64_t pid = ::getpid();
  if (::pwrite(fd_, &pid, sizeof pid, run * kSlot) != sizeof pid) {
    Error failed = error("write");
    release(run);
    return std::unexpected(std::move(failed));
  }
  return true;
}

void ClaimFile::release(std::int64_t run) {
  struct flock lock = slot_lock(F_UNLCK, run);
  ::fcntl(fd_, F_OFD_SETLK, &lock);
}

Result<bool> ClaimFile::held_by_other(std::int64_t run) {
  IIE_TRY(const bool there, open_to_look());
  if (!there) return false;  // nobody ever claimed anything
  struct flock lock = slot_lock(F_WRLCK, run);
  if (::fcntl(fd_, F_OFD_GETLK, &lock) != 0) return std::unexpected(error("lock"));
  return lock.l_type != F_UNLCK;
}

std::optional<std::int64_t> ClaimFile::holder(std::int64_t run) {
  std::int64_t pid = 0;
  if (fd_ < 0 || ::pread(fd_, &pid, sizeof pid, run * kSlot) != sizeof pid) return std::nullopt;
  // The holder may not have written its id yet: then a former one's stands there.
  if (pid <= 0 || (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)) return std::nullopt;
  return pid;
}

}  // namespace iie
