// Replies of models by the content of what was asked, in an SQLite file of its own
// (doc/run-format.md). Nothing depends on it: what it loses is asked again.
//
// Entries have a scope: "" is shared by all runs, any other belongs to whom it names. The first
// reply for a key stays.
//
// Threads: one (the event loop's); writing happens on a thread of its own, in groups. Several
// processes may use one file. A file that breaks while it is used stops being used, with one
// warning.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "core/response.h"

namespace iie {

class ResponseCache {
 public:
  // Opens or creates `path`. Errors name it and say what to do: a file of another program or of a
  // newer version, a damaged, locked or read-only one.
  static Result<std::unique_ptr<ResponseCache>> open(const std::string& path);
  // Writes what is queued.
  ~ResponseCache();
  ResponseCache(const ResponseCache&) = delete;
  ResponseCache& operator=(const ResponseCache&) = delete;

  // A reply that was put, once it was written.
  std::optional<Response> get(std::string_view scope, std::string_view key);
  // Whether a scope has any reply, once it was written.
  bool holds(std::string_view scope);
  // Queues a reply and returns at once. A killed process loses what is queued and no more.
  void put(std::string_view scope, std::string_view key, const Response& response);
  // Writes what is queued, then removes a scope's entries. Not for the shared scope.
  void drop(std::string_view scope);

 private:
  struct State;
  explicit ResponseCache(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iie
