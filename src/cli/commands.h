// The subcommands: plain options in, exit code out. Results go to standard output, everything else
// to standard error. Errors are returned; main prints them on one line.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/options.h"

namespace iie {

Result<int> cmd_run(const RunOptions& options);
Result<int> cmd_score(const ScoreOptions& options);
Result<int> cmd_resume(const ResumeOptions& options);
Result<int> cmd_runs(const RunsOptions& options);
Result<int> cmd_show(const ShowOptions& options);
Result<int> cmd_status(const StatusOptions& options);
Result<int> cmd_report(const ReportCommandOptions& options);
Result<int> cmd_compare(const CompareOptions& options);
Result<int> cmd_compare_benchmarks(const CompareBenchmarksOptions& options);
Result<int> cmd_data_list(const DataOptions& options);
Result<int> cmd_data_show(const DataOptions& options);
Result<int> cmd_data_import(const DataOptions& options);
Result<int> cmd_data_fetch(const DataOptions& options);
Result<int> cmd_data_validate(const DataValidateOptions& options);
Result<int> cmd_data_fresh(const DataFreshOptions& options);
Result<int> cmd_data_card(const DataCardOptions& options);
Result<int> cmd_rejudge(const RejudgeOptions& options);
Result<int> cmd_calibrate(const CalibrateOptions& options);
Result<int> cmd_judge_test(const JudgeTestOptions& options);
Result<int> cmd_doctor(const DoctorOptions& options);
Result<int> cmd_providers(const ProvidersOptions& options);

// What shell completion needs to know of the command line.
struct CompletionOption {
  std::string flag;  // "--model"
  std::string description;
  bool takes_value = true;
  bool takes_file = false;
  std::vector<std::string> choices;
};
struct CompletionCommand {
  std::vector<std::string> words;  // {"data", "fetch"}
  std::string description;
  std::vector<CompletionOption> options;
};

// The script for "bash", "zsh" or "fish"; usage error for another shell.
Result<std::string> completion_script(const std::string& shell,
                                      const std::vector<CompletionCommand>& commands);

}  // namespace iie
