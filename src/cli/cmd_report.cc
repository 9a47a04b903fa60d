#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "cli/stores.h"

namespace iie {

Result<int> cmd_report(const ReportCommandOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const std::unique_ptr<Store> store,
          open_store_to_read(store_path(options.store, environment)));
  if (!options.report.verdicts.empty() && options.runs.size() != 1) {
    return fail(ErrorKind::usage, "--verdicts is for one run at a time");
  }
  if (!options.report.labels.empty() && options.runs.size() != 1) {
    return fail(ErrorKind::usage, "--labels are about the responses of one run");
  }
  std::vector<Report> reports;
  for (const std::string& id : options.runs) {
    IIE_TRY(const RunInfo run, store->find_run(id));
    IIE_TRY(Report report, build_report(*store, run, options.report));
    reports.push_back(std::move(report));
    if (options.report.verdicts.empty()) continue;
    IIE_TRY(const std::int64_t without, write_verdicts(*store, run, options.report.verdicts));
    note_verdicts(options.output, options.report.verdicts, without);
  }
  if (options.out.empty()) {
    IIE_CHECK_OK(print_reports(reports, options.report, options.output));
    return kExitOk;
  }
  IIE_TRY(const std::string text, report_text(reports, options.report, options.output));
  IIE_CHECK_OK(write_file(options.out, text));
  note(options.output, "Wrote " + options.out);
  return kExitOk;
}

}  // namespace iie
