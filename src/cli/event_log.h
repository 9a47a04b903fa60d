// A run's events as JSON lines (--log-format json): one object per line, for programs.
//
//   {"time":"2026-03-01T12:00:00.123Z","event":"call_ended","caller":"judge","model":"openai:m",
//    "endpoint":"https://api.openai.com/v1","sample":"cc-001-en","rollout":0,"attempt":1,
//    "status":"ok","latency_ms":812,"input_tokens":900,"output_tokens":41}
//
// `status` is "ok" or the kind of error (base/error.h), with `http_status` and `message`. Fields
// that do not apply, or are not known, are left out; rollouts count from 0, attempts from 1. Names
// of events and fields are stable: new ones may come. Every text is redacted.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "core/run.h"
#include "engine/observer.h"
#include "engine/pipeline.h"

namespace iie {

class EventLog final : public Observer {
 public:
  // Appends to `path`; standard error where it is empty.
  static Result<std::unique_ptr<EventLog>> open(const std::string& path, const Clock& clock);
  ~EventLog() override;

  void on(const Event& event) override;
  void run_started(const RunInfo& run);
  void run_ended(const Progress& progress, const Error* error);

 private:
  EventLog(std::FILE* file, bool ours, const Clock& clock)
      : file_(file), ours_(ours), clock_(clock) {}

  void write(std::string line);

  std::FILE* file_;
  bool ours_;  // to close
  const Clock& clock_;
  std::string model_endpoint_;
  std::string judge_endpoint_;
};

// A line for what has no run: notes, warnings and errors on standard error, where that takes JSON.
std::string diagnostic_line(std::string_view event, std::string_view message, WallTime time);

}  // namespace iie
