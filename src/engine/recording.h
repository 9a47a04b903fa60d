// A run's calls as a file: written while it runs (--record), answered from later (--replay), so
// that the run can be repeated without a network, byte for byte.
//
// What is recorded is what a call came to in the end, retries and all: the response as it was read,
// or the error. So a replay waits for nothing, needs no key, and depends on no dialect. Requests
// stand in it as hashes (engine/request_key.h): a changed prompt, parameter or model finds no
// answer. doc/run-format.md has the format: JSON lines, the first about the run.
//
// One thread (the event loop's).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "core/broken_off.h"
#include "engine/caller.h"
#include "engine/request_key.h"

namespace iie {

class RecordingFile {
 public:
  // Creates `path` for a run, or begins another session in a record of the very same run: a line
  // that a killed process left unfinished is cut off. bad_input where the file is something else or
  // cannot be written, busy where another process writes it.
  static Result<std::unique_ptr<RecordingFile>> open(const std::string& path,
                                                     std::string_view run_key);
  // Syncs and closes.
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  // Handed to the system before it returns, so that a killed process loses nothing.
  Result<void> add(std::string_view caller, const std::string& key, const GenerateRequest& request,
                   const Caller::Attempted& attempted);
  // What a run's calls that broke off may cost: its reports say so, and a replay's do.
  Result<void> add(std::string_view run_key, const BrokenOff& calls);
  // Whether it held calls when it was opened.
  bool went_on() const { return went_on_; }

 private:
  RecordingFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void> write_line(std::string line);

  std::string path_;
  int fd_;
  bool went_on_ = false;
};

// What a finished recording holds. Texts stay in the file until they are asked for.
class Recording {
 public:
  // bad_input names the line that cannot be read. An unfinished last line is left out.
  static Result<Recording> load(const std::string& path);
  Recording(Recording&&) noexcept;
  Recording& operator=(Recording&&) noexcept;
  ~Recording();

  // Of the run that was recorded: its spec's hash.
  const std::string& run_key() const { return run_key_; }
  const std::string& path() const { return path_; }
  // Different ones.
  std::size_t calls() const { return entries_.size(); }
  // Of the run with that key, as they were added.
  std::vector<BrokenOff> broken_off(std::string_view run_key) const;

  // What the request came to. Where it was asked several times, the newest session's askings count,
  // in their order, and the last one again and again: a run that was killed and went on asked anew
  // for what its store had not got, and for what had failed. not_found where it was never asked.
  Result<Caller::Attempted> next(const std::string& key, const GenerateRequest& request);

 private:
  struct Place {
    std::int64_t offset = 0;
    std::int64_t size = 0;
  };
  struct Entry {
    std::vector<Place> places;  // of one session
    std::int64_t session = 0;
    std::size_t next = 0;
  };
  Recording() = default;

  std::string path_;
  std::string run_key_;
  int fd_ = -1;
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::pair<std::string, BrokenOff>> broken_off_;  // with their run's key
};

// Writes down what passes through it. A call that was called off is not written.
class RecordingCaller final : public Caller {
 public:
  // `inner` and `file` must outlive it; `caller` is "candidate" or "judge".
  RecordingCaller(Caller& inner, RecordingFile& file, Asked asked, std::string_view caller)
      : inner_(inner), file_(file), asked_(std::move(asked)), caller_(caller) {}

  const std::string& name() const override { return inner_.name(); }
  Async<Result<Response>> generate(const GenerateRequest& request) override;
  // cancelled, and given_up() says why, where the file cannot be written: a record with holes is
  // none.
  Async<Attempted> attempt(const GenerateRequest& request) override;
  void stop() override { inner_.stop(); }
  void abandon() override { inner_.abandon(); }
  CallerGauge gauge() const override { return inner_.gauge(); }
  std::optional<Error> given_up() const override { return broken_ ? broken_ : inner_.given_up(); }

 private:
  Caller& inner_;
  RecordingFile& file_;
  Asked asked_;
  std::string_view caller_;
  std::optional<Error> broken_;
};

// Answers from a recording and calls nobody.
class ReplayingCaller final : public Caller {
 public:
  // `recording` must outlive it.
  ReplayingCaller(Recording& recording, Asked asked)
      : recording_(recording), asked_(std::move(asked)) {}

  const std::string& name() const override { return asked_.model; }
  Async<Result<Response>> generate(const GenerateRequest& request) override;
  Async<Attempted> attempt(const GenerateRequest& request) override;
  void stop() override { stopped_ = true; }
  CallerGauge gauge() const override;
  std::optional<Error> given_up() const override { return std::nullopt; }

 private:
  Recording& recording_;
  Asked asked_;
  bool stopped_ = false;
  std::uint64_t answered_ = 0;
};

}  // namespace iie
