// Diagnostics on standard error: one line each, redacted. Results never go through here.
#pragma once

#include <functional>
#include <string_view>

namespace iie {

enum class LogLevel { debug, info, warn, error, off };

// Thread-safe. Lines below the level (default: warn) are dropped.
void log(LogLevel level, std::string_view message);
void set_log_level(LogLevel level);

// Takes the lines, redacted, in place of standard error. Set before threads start.
void set_log_sink(std::function<void(LogLevel, std::string_view)> sink);

// Called around each line, so that a live progress line can step aside. Set before threads start.
void set_log_hooks(std::function<void()> before, std::function<void()> after);

}  // namespace iie
