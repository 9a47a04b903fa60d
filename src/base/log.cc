#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <utility>

#include "base/secret.h"

namespace iie {
namespace {

struct Hooks {
  std::mutex mutex;  // guards the hooks and keeps a line and its hooks together
  std::function<void()> before;
  std::function<void()> after;
  std::function<void(LogLevel, std::string_view)> sink;
};

Hooks& hooks() {
  static Hooks* const instance = new Hooks;  // never destroyed: threads may log at exit
  return *instance;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = spdlog::stderr_color_mt("inverse-ifeval");
    made->set_pattern("%^%l%$: %v");
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum native(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

}  // namespace

void log(LogLevel level, std::string_view message) {
  if (!logger().should_log(native(level))) return;
  const std::string line = redact(message);
  const std::lock_guard lock(hooks().mutex);
  if (hooks().sink) return hooks().sink(level, line);
  if (hooks().before) hooks().before();
  logger().log(native(level), "{}", line);
  if (hooks().after) hooks().after();
}

void set_log_level(LogLevel level) { logger().set_level(native(level)); }

void set_log_sink(std::function<void(LogLevel, std::string_view)> sink) {
  const std::lock_guard lock(hooks().mutex);
  hooks().sink = std::move(sink);
}

void set_log_hooks(std::function<void()> before, std::function<void()> after) {
  const std::lock_guard lock(hooks().mutex);
  hooks().before = std::move(before);
  hooks().after = std::move(after);
}

}  // namespace iie
