#include <memory>
#include <string_view>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "cli/stores.h"
#include "report/comparison.h"
#include "report/render.h"

namespace iie {

namespace {

constexpr std::string_view kPublished = "published:";

Result<Comparison> compare(const CompareOptions& options) {
  ComparisonOptions how;
  how.rounds = static_cast<int>(options.rounds);
  how.seed = static_cast<std::uint64_t>(options.seed);
  how.common_samples = options.common;
  how.any_judge = options.any_judge;
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const std::unique_ptr<Store> store,
          open_store_to_read(store_path(options.store, environment)));
  const auto report_of = [&](const std::string& id) -> Result<Report> {
    IIE_TRY(const RunInfo run, store->find_run(id));
    return build_report(*store, run, {});
  };
  const std::string& first = options.runs[0];
  const std::string& second = options.runs[1];
  if (first.starts_with(kPublished)) {
    IIE_TRY(const Report report, report_of(second));
    return compare_with_published_row(report, first.substr(kPublished.size()), how);
  }
  IIE_TRY(const Report a, report_of(first));
  IIE_TRY(const Report b, report_of(second));
  return compare_reports(a, b, how);
}

}  // namespace

Result<int> cmd_compare(const CompareOptions& options) {
  if (options.runs.size() != 2) {
    return fail(ErrorKind::usage, "compare takes two runs: A and B");
  }
  if (options.runs[1].starts_with(kPublished)) {
    return fail(ErrorKind::usage, "a published row is A: compare " + options.runs[1] + " RUN");
  }
  IIE_TRY(const ReportFormat format, parse_report_format(options.output.format));
  IIE_TRY(const Comparison comparison, compare(options));
  RenderOptions view;
  const bool to_file = !options.out.empty();
  view.colour = !to_file && format == ReportFormat::terminal && use_color(options.output);
  if (!to_file) view.width = output_width();
  IIE_TRY(const std::string text, render_comparison(comparison, format, view));
  if (!to_file) {
    print(text);
    return kExitOk;
  }
  IIE_CHECK_OK(write_file(options.out, text));
  note(options.output, "Wrote " + options.out);
  return kExitOk;
}

}  // namespace iie
