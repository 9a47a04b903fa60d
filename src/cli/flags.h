// Groups of flags that several commands share, and the validators of their values. Included by
// app.cc and flags.cc only: CLI11 costs many seconds to compile.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cli/options.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace iie {

// What --format takes: of commands that print reports, and of commands that print lists.
extern const std::vector<std::string> kFormats;
extern const std::vector<std::string> kListFormats;
extern const std::vector<std::string> kColors;

inline constexpr std::int64_t kAnyLow = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kAnyHigh = std::numeric_limits<std::int64_t>::max();

// CLI11's own checks print ranges of 300 digits, take 010 for eight and let NaN pass.
CLI::Validator whole_number(std::int64_t low = kAnyLow, std::int64_t high = kAnyHigh);
CLI::Validator number(double low, double high);

void add_output(CLI::App* app, OutputOptions& output, const std::vector<std::string>& formats);
void add_selection(CLI::App* app, SelectionOptions& selection);
void add_judge(CLI::App* app, JudgeOptions& judge);
void add_calls(CLI::App* app, CallOptions& calls);
void add_store(CLI::App* app, std::string& store);
void add_report(CLI::App* app, ReportView& report);

}  // namespace iie
