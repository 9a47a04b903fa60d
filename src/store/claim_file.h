// Who writes which run: one writer per run, across processes.
//
// Claims are open-file-description locks (fcntl(2), F_OFD_SETLK) on a small file beside the store,
// "PATH-claims", 16 bytes per run. The kernel drops them when the holder dies, however it dies, so
// a claim never has to be judged stale, and two processes that race cannot both win. Process ids in
// a table could do neither: ids are reused, and are other numbers in another container.
//
// The bytes under a lock hold its holder's process id, for messages only. The file stays when the
// store closes: removing it would race with who opens it. It may be deleted when nothing runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace iie {

class ClaimFile {
 public:
  explicit ClaimFile(const std::string& store_path) : path_(store_path + "-claims") {}
  ClaimFile(const ClaimFile&) = delete;
  ClaimFile& operator=(const ClaimFile&) = delete;
  // Gives up every claim.
  ~ClaimFile();

  // True: the run is ours (again). False: another holds it. Errors: the file cannot be made.
  Result<bool> take(std::int64_t run);
  void release(std::int64_t run);
  // Whether another than us holds it. Needs no right to write, and makes no file.
  Result<bool> held_by_other(std::int64_t run);
  // The process id of the run's holder, where it can be told.
  std::optional<std::int64_t> holder(std::int64_t run);

 private:
  Result<void> open_to_write();
  Result<bool> open_to_look();  // false: there is no file
  Error error(const char* action) const;

  std::string path_;
  int fd_ = -1;
  bool writable_ = false;
};

}  // namespace iie
