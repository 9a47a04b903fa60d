// From a store's records to report text and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/options.h"
#include "core/run.h"
#include "report/render.h"
#include "report/report.h"
#include "store/store.h"

namespace iie {

class RunReport;

// How many failing examples of each type the view shows.
int examples_for(const ReportView& view, ReportFormat format);

Result<Report> build_report(Store& store, const RunInfo& run, const ReportView& view);
// From all records of the run, which `report`, just begun, is fed with.
Result<Report> stored_report(Store& store, const RunInfo& run, RunReport& report);

// Writes report.json, report.md and report.csv into `folder`; the order of the names returned.
Result<std::vector<std::string>> write_report_files(const Report& report, const ReportView& view,
                                                    const std::string& folder);

// Writes the verdicts on verifiable instructions, one line per rollout in the dataset's order
// (report/verdict_line.h), to `file`. Returns how many decided rollouts of samples with
// instructions have none and so no line. bad_input where no sample has instructions.
Result<std::int64_t> write_verdicts(Store& store, const RunInfo& run,
                                    const std::filesystem::path& file);
// What write_verdicts would refuse, and whether the folder is there: before a run is paid for.
Result<void> check_verdicts_file(const std::string& file, const std::vector<Sample>& samples);

// For a file: no colour, the default width.
Result<std::string> report_text(const std::vector<Report>& reports, const ReportView& view,
                                const OutputOptions& output);

// To standard output in the format that `output` names.
Result<void> print_reports(const std::vector<Report>& reports, const ReportView& view,
                           const OutputOptions& output);

// --out, else a folder named for the run beside the store's file ("results/RUN"). corrupt where a
// store gives its run a name that is none: somebody else's store must not choose where we write.
Result<std::string> report_folder(const std::string& flag, const std::string& store_path,
                                  const RunInfo& run);

}  // namespace iie
