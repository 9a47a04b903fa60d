// Live progress on standard error: one line that rewrites itself on a terminal, one plain line now
// and then elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "engine/pipeline.h"

namespace iie {

// "done/total, state, rate, ETA, passes so far, calls, tokens, cost", fit to `width` columns (0:
// unlimited). The rate is of this process, over `elapsed`, which ends `now`.
std::string format_progress(const Progress& progress, std::chrono::milliseconds elapsed,
                            SteadyTime now, std::size_t width, WallTime wall = {});

// Why fewer calls are under way than could be, or why none comes back; empty while a run simply
// works:
//   "model is down for 45s, probing"     nothing but failures: one call at a time
//   "model rate limit, on in 12s"        every call waits for the limit; with the time of day, of
//                                        UTC, where that is minutes ahead and `wall` is given
//   "model retries 7 calls"              as many wait before another try as are under way, or more
//   "model silent for 2m 05s"            calls are under way and none was answered for that long
std::string format_state(std::string_view who, const CallerGauge& caller, SteadyTime now,
                         WallTime wall = {});

class ProgressLine {
 public:
  enum class Mode { off, live, plain };

  // `live` where standard error is a terminal that can rewrite a line, else `plain`.
  static Mode detect(bool quiet);

  ProgressLine(Mode mode, const Clock& clock);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // How often to call show().
  std::chrono::milliseconds interval() const;
  void show(const Progress& progress);
  // Takes the live line away; diagnostics call it before they print.
  void clear();

 private:
  Mode mode_;
  const Clock& clock_;
  SteadyTime started_;
  SteadyTime last_plain_;
  std::string live_;
};

// "3m 20s", "1h 05m", "12s".
std::string format_duration(std::chrono::seconds duration);
// "950", "12.3k", "4.5M".
std::string format_short_count(std::int64_t count);

}  // namespace iie
