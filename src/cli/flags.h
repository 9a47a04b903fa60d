// Groups of flags that several commands share.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/options.h"

namespace iie {

// What --format takes: of `report`, of other commands that print figures, and of commands that
// print lists.
extern const std::vector<std::string> kReportFormats;
extern const std::vector<std::string> kFormats;
extern const std::vector<std::string> kListFormats;
extern const std::vector<std::string> kColors;

void add_output(CliCommand command, OutputOptions& output, const std::vector<std::string>& formats);
void add_selection(CliCommand command, SelectionOptions& selection);
void add_judge(CliCommand command, JudgeOptions& judge);
// Without --judge itself: for commands that take several.
void add_judging(CliCommand command, JudgeOptions& judge);
void add_calls(CliCommand command, CallOptions& calls);
void add_prices(CliCommand command, std::string& prices);
// Money, cache, recordings and log: for commands that make calls.
void add_control(CliCommand command, ControlOptions& control);
void add_reasoning(CliCommand command, std::string& reasoning);
void add_providers(CliCommand command, std::string& providers, bool& stream, bool& no_stream);
void add_store(CliCommand command, std::string& store);
void add_report(CliCommand command, ReportView& report);

}  // namespace iie
