#include "cli/run_report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "cli/reports.h"
#include "cli/spending.h"
#include "core/calibration.h"
#include "core/twin.h"
#include "report/corrected.h"
#include "report/report_builder.h"

namespace iie {
namespace {

Result<std::vector<std::int64_t>> best_of(const ReportView& view, const RunInfo& run) {
  std::vector<std::int64_t> sizes = view.best_of;
  std::ranges::sort(sizes);
  const auto repeated = std::ranges::unique(sizes);
  sizes.erase(repeated.begin(), repeated.end());
  if (!sizes.empty() && sizes.back() > run.spec.rollouts) {
    return fail(ErrorKind::bad_input, "--best-of " + std::to_string(sizes.back()) + ": run " +
                                          run.id + " has " + std::to_string(run.spec.rollouts) +
                                          " rollouts of each sample");
  }
  return sizes;
}

}  // namespace

// In order of construction: later parts refer to earlier ones.
struct RunReport::Parts {
  std::vector<Sample> without_twins;  // where there are any
  std::size_t items = 0;
  bool has_twins = false;
  Calibration calibration;
  std::optional<RunLabels> labels;
  std::optional<ReportBuilder> builder;
  std::optional<TwinTally> twins;
  std::optional<RunCosts> costs;
};

RunReport::RunReport(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RunReport::~RunReport() = default;

Result<std::unique_ptr<RunReport>> RunReport::begin(const RunInfo& run,
                                                    const std::vector<Sample>& samples,
                                                    const PriceList& prices, const ReportView& view,
                                                    bool comparable) {
  auto parts = std::make_unique<Parts>();
  ReportOptions options;
  options.comparable = comparable;
  options.examples_per_type = examples_for(view, ReportFormat::json);
  IIE_TRY(options.best_of, best_of(view, run));
  // Twins stand behind the items: the report is the items', and the twins' part is their own.
  parts->items = twins_begin(samples);
  parts->has_twins = parts->items < samples.size();
  if (parts->has_twins) {
    parts->without_twins.assign(samples.begin(),
                                samples.begin() + static_cast<std::ptrdiff_t>(parts->items));
  }
  const std::vector<Sample>& asked = parts->has_twins ? parts->without_twins : samples;
  RunInfo items_run = run;
  items_run.samples = static_cast<std::int64_t>(parts->items);
  items_run.planned = items_run.samples * run.spec.rollouts;
  if (!view.calibration.empty()) {
    IIE_TRY(const std::string text, read_file(view.calibration));
    IIE_TRY(parts->calibration, calibration_from_json(text, view.calibration));
    options.calibration = &parts->calibration;
  }
  if (!view.labels.empty()) {
    IIE_TRY(const std::string text, read_file(view.labels));
    IIE_TRY(parts->labels, RunLabels::parse(text, view.labels, asked, run.spec.rollouts));
    options.labels = &*parts->labels;
  }
  parts->builder.emplace(items_run, asked, options);
  parts->twins.emplace(samples, parts->items, run.spec.rollouts);
  parts->costs.emplace(run.spec, prices);
  return std::unique_ptr<RunReport>(new RunReport(std::move(parts)));
}

Result<void> RunReport::add(const ResponseRecord& response, const JudgementRecord* judgement) {
  parts_->twins->add(response.id, &response, judgement);
  const bool twin = parts_->has_twins &&
                    static_cast<std::size_t>(std::max(0, response.id.sample)) >= parts_->items;
  if (twin) return {};
  parts_->costs->add(response, judgement);
  return parts_->builder->add(response.id, &response, judgement);
}

Report RunReport::finish(const std::vector<BrokenOff>& broken_off) {
  Report report = parts_->builder->finish();
  if (parts_->has_twins) {
    report.twins = parts_->twins->finish();
    report.complete = report.complete && parts_->twins->complete();
  }
  parts_->costs->state(report, broken_off);
  return report;
}

}  // namespace iie
