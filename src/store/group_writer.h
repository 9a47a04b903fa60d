// The thread that makes a store's records durable, many per transaction.
//
// One commit with synchronous=FULL costs a disk sync, whatever it holds. While one sync runs, the
// event loop queues further records; the thread takes them all for the next transaction, so that
// group size follows load by itself and an idle store has the latency of one sync.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/broken_off.h"
#include "core/run.h"
#include "store/sqlite.h"

namespace iie {

class GroupWriter {
 public:
  struct Item {
    std::int64_t run = 0;  // run.id of the schema
    std::variant<ResponseRecord, JudgementRecord, BrokenOff> record;
  };

  // Takes a connection of its own that is ready to write.
  static Result<std::unique_ptr<GroupWriter>> start(sqlite::Database database, std::size_t group);
  // Writes what is queued, wakes who waits, and ends the thread.
  ~GroupWriter();

  // Queues; costs a lock that is never held across a system call of the disk.
  void append(Item item);
  // Completes on the caller's executor once everything appended before is durable, with the error
  // that stopped writing if there was one. One post wakes everybody whom a commit satisfied.
  Async<Result<void>> flushed();
  // What stopped writing.
  std::optional<Error> error();

 private:
  struct Statements;
  struct Waiter;

  GroupWriter(sqlite::Database database, std::size_t group);
  void work();
  Result<void> write(std::vector<Item>::iterator begin, std::vector<Item>::iterator end);
  // Wakes those of `waiters_` whose records are durable, or all after an error.
  void wake();

  // The thread's own.
  sqlite::Database database_;
  std::unique_ptr<Statements> statements_;
  const std::size_t group_;

  // Held while waiters are handed to their event loops. Shared with the handlers, which may outlive
  // the writer. Taken before mutex_.
  std::shared_ptr<std::mutex> handoff_ = std::make_shared<std::mutex>();

  std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::vector<Item> queue_;
  std::vector<Waiter> waiters_;  // by the record that they wait for, ascending
  std::uint64_t appended_ = 0;
  std::uint64_t durable_ = 0;
  std::optional<Error> error_;
  bool closing_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace iie
