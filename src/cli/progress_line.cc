#include "cli/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/log.h"

namespace iie {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLiveInterval{100};
constexpr milliseconds kPlainInterval{10'000};
// Earlier, a rate says nothing.
constexpr milliseconds kFirstRate{500};
// A reasoning model may think for minutes, so silence is stated and not judged; sooner than this it
// is no news.
constexpr std::chrono::seconds kSilence{30};

// A wait of which one wants to know when it ends.
constexpr std::chrono::minutes kLongWait{2};

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

std::string format_duration(std::chrono::seconds duration) {
  const auto s = duration.count();
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600) return fmt::format("{}m {:02}s", s / 60, s % 60);
  return fmt::format("{}h {:02}m", s / 3600, s / 60 % 60);
}

std::string format_short_count(std::int64_t count) {
  if (count < 1'000) return fmt::format("{}", count);
  if (count < 1'000'000) return fmt::format("{:.1f}k", static_cast<double>(count) / 1e3);
  return fmt::format("{:.1f}M", static_cast<double>(count) / 1e6);
}

std::string format_state(std::string_view who, const CallerGauge& caller, SteadyTime now,
                         WallTime wall) {
  const auto seconds = [](SteadyTime::duration duration) {
    return format_duration(std::chrono::ceil<std::chrono::seconds>(duration));
  };
  if (caller.outage_since) {
    return fmt::format("{} is down for {}, probing", who, seconds(now - *caller.outage_since));
  }
  if (caller.held_back > 0 && caller.in_flight == 0) {
    if (!caller.held_until) return fmt::format("{} rate limit, calls spaced out", who);
    const SteadyTime::duration left = *caller.held_until - now;
    std::string state = fmt::format("{} rate limit, on in {}", who, seconds(left));
    if (left >= kLongWait && wall != WallTime{}) {
      const auto end = wall + std::chrono::ceil<std::chrono::minutes>(left);
      const std::chrono::hh_mm_ss time(end - std::chrono::floor<std::chrono::days>(end));
      state += fmt::format(", at {:02}:{:02} UTC", time.hours().count(), time.minutes().count());
    }
    return state;
  }
  if (caller.backing_off > 0 && caller.backing_off >= caller.in_flight) {
    return fmt::format("{} retries {} call{}", who, caller.backing_off,
                       caller.backing_off == 1 ? "" : "s");
  }
  if (caller.in_flight > 0 && caller.last_answer && now - *caller.last_answer >= kSilence) {
    return fmt::format("{} silent for {}", who, seconds(now - *caller.last_answer));
  }
  return "";
}

std::string format_progress(const Progress& progress, milliseconds elapsed, SteadyTime now,
                            std::size_t width, WallTime wall) {
  // Most important first: what does not fit is left out from the end.
  std::vector<std::string> parts;
  parts.push_back(fmt::format("{}/{}", progress.done, progress.planned));
  std::vector<std::string> states = {format_state("model", progress.candidate, now, wall)};
  if (progress.judge) states.push_back(format_state("judge", *progress.judge, now, wall));
  for (std::string& state : states) {
    if (!state.empty()) parts.push_back('[' + std::move(state) + ']');
  }
  const std::int64_t here = progress.done - progress.already_done;
  if (here > 0 && elapsed >= kFirstRate) {
    const double rate = static_cast<double>(here) / std::chrono::duration<double>(elapsed).count();
    parts.push_back(rate >= 10 ? fmt::format("{:.0f}/s", rate) : fmt::format("{:.1f}/s", rate));
    const auto left = progress.planned - progress.done - progress.errors;
    if (left > 0) {
      parts.push_back("ETA " +
                      format_duration(std::chrono::seconds(
                          static_cast<std::int64_t>(static_cast<double>(left) / rate) + 1)));
    }
  }
  parts.push_back(fmt::format("{} passed", progress.passed));
  if (progress.unscored > 0) parts.push_back(fmt::format("{} unscored", progress.unscored));
  if (progress.errors > 0) {
    parts.push_back(
        fmt::format("{} failed call{}", progress.errors, progress.errors == 1 ? "" : "s"));
  }
  std::size_t calls = progress.candidate.in_flight;
  std::size_t retrying = progress.candidate.backing_off;
  if (progress.judge) {
    parts.push_back(fmt::format("{} generating, {} judging", calls, progress.judge->in_flight));
    retrying += progress.judge->backing_off;
  } else {
    parts.push_back(fmt::format("{} in flight", calls));
  }
  if (retrying > 0) parts.push_back(fmt::format("{} waiting to retry", retrying));
  std::size_t limited = 0;
  std::size_t stopped = 0;  // while an endpoint is down, that is what holds its calls
  const auto count_held = [&](const CallerGauge& caller) {
    (caller.outage_since ? stopped : limited) += caller.held_back;
  };
  count_held(progress.candidate);
  if (progress.judge) count_held(*progress.judge);
  if (limited > 0) parts.push_back(fmt::format("{} held by the rate limit", limited));
  if (stopped > 0) parts.push_back(fmt::format("{} held until it answers", stopped));
  const std::int64_t tokens = progress.input_tokens + progress.output_tokens;
  if (tokens > 0) parts.push_back(fmt::format("{} tokens", format_short_count(tokens)));

  std::optional<double> cost = progress.candidate.cost;
  if (cost && progress.judge) {
    cost = progress.judge->cost ? std::optional(*cost + *progress.judge->cost) : std::nullopt;
  }
  if (cost && *cost > 0) parts.push_back(fmt::format("${:.2f}", *cost));

  std::string line = progress.stopping ? "stopping: " : "";
  line += parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (width > 0 && line.size() + 2 + parts[i].size() > width) break;
    line += "  " + parts[i];
  }
  return line;
}

ProgressLine::Mode ProgressLine::detect(bool quiet) {
  if (quiet) return Mode::off;
  const auto term = get_env("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term && *term != "dumb" ? Mode::live : Mode::plain;
}

ProgressLine::ProgressLine(Mode mode, const Clock& clock)
    : mode_(mode), clock_(clock), started_(clock.now()), last_plain_(started_) {
  if (mode_ == Mode::live) {
    set_log_hooks([this] { clear(); },
                  [this] {
                    std::fputs(live_.c_str(), stderr);
                    std::fflush(stderr);
                  });
  }
}

ProgressLine::~ProgressLine() {
  if (mode_ != Mode::live) return;
  set_log_hooks({}, {});
  clear();
}

milliseconds ProgressLine::interval() const {
  return mode_ == Mode::live ? kLiveInterval : milliseconds(1'000);
}

void ProgressLine::show(const Progress& progress) {
  const SteadyTime now = clock_.now();
  const auto elapsed = std::chrono::duration_cast<milliseconds>(now - started_);
  switch (mode_) {
    case Mode::off:
      return;
    case Mode::live:
      live_ =
          "\r\x1b[K" + format_progress(progress, elapsed, now, terminal_width() - 1, clock_.wall());
      std::fputs(live_.c_str(), stderr);
      std::fflush(stderr);
      return;
    case Mode::plain:
      if (now - last_plain_ < kPlainInterval) return;
      last_plain_ = now;
      std::fprintf(stderr, "%s\n",
                   format_progress(progress, elapsed, now, 0, clock_.wall()).c_str());
      return;
  }
}

void ProgressLine::clear() {
  if (mode_ != Mode::live || live_.empty()) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace iie
