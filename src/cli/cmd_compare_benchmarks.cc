#include <memory>
#include <utility>
#include <vector>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/stores.h"
#include "report/benchmark_comparison.h"
#include "report/render.h"
#include "report/report_builder.h"

namespace iie {

namespace {

Result<BenchmarkRun> read_run(Store& store, const std::string& id, InstructionMetric metric) {
  IIE_TRY(const RunInfo run, store.find_run(id));
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  ReportOptions how;
  how.examples_per_type = 0;
  ReportBuilder builder(run, samples, how);
  Result<void> added;
  IIE_CHECK_OK(store.for_each_rollout_unordered(run, [&](const StoredRollout& rollout) {
    added = builder.add(rollout.response.id, &rollout.response,
                        rollout.judgement ? &*rollout.judgement : nullptr);
    return added.has_value();
  }));
  IIE_CHECK_OK(added);
  std::vector<ClusterCount> clusters = builder.clusters(metric);
  return BenchmarkRun{builder.finish(), std::move(clusters)};
}

}  // namespace

Result<int> cmd_compare_benchmarks(const CompareBenchmarksOptions& options) {
  BenchmarkOptions how;
  how.rank.rounds = static_cast<int>(options.rounds);
  how.rank.seed = static_cast<std::uint64_t>(options.seed);
  how.common_samples = options.common;
  how.any_judge = options.any_judge;
  IIE_TRY(how.metric, parse_instruction_metric(options.metric));
  IIE_TRY(const ReportFormat format, parse_report_format(options.output.format));
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const std::unique_ptr<Store> store,
          open_store_to_read(store_path(options.store, environment)));
  std::vector<BenchmarkRun> runs;
  for (const std::string& id : options.runs) {
    IIE_TRY(BenchmarkRun run, read_run(*store, id, how.metric));
    runs.push_back(std::move(run));
  }
  IIE_TRY(const BenchmarkComparison comparison, compare_benchmarks(runs, how));
  RenderOptions view;
  const bool to_file = !options.out.empty();
  view.colour = !to_file && format == ReportFormat::terminal && use_color(options.output);
  if (!to_file) view.width = output_width();
  IIE_TRY(const std::string text, render_benchmarks(comparison, format, view));
  if (!to_file) {
    print(text);
    return kExitOk;
  }
  IIE_CHECK_OK(write_file(options.out, text));
  note(options.output, "Wrote " + options.out);
  return kExitOk;
}

}  // namespace iie
