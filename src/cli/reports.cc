#include "cli/reports.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "cli/output.h"
#include "cli/run_report.h"
#include "provider/prices.h"
#include "report/render.h"
#include "report/verdict_line.h"

namespace iie {

int examples_for(const ReportView& view, ReportFormat format) {
  return static_cast<int>(view.examples.value_or(format == ReportFormat::terminal ? 1 : 3));
}

Result<Report> build_report(Store& store, const RunInfo& run, const ReportView& view) {
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  IIE_TRY(const PriceList prices, PriceList::load(view.prices));
  IIE_TRY(const std::unique_ptr<RunReport> report,
          RunReport::begin(run, samples, prices, view, /*comparable=*/true));
  return stored_report(store, run, *report);
}

Result<Report> stored_report(Store& store, const RunInfo& run, RunReport& report) {
  Result<void> added;
  IIE_CHECK_OK(store.for_each_rollout_unordered(run, [&](const StoredRollout& rollout) {
    added = report.add(rollout.response, rollout.judgement ? &*rollout.judgement : nullptr);
    return added.has_value();
  }));
  IIE_CHECK_OK(added);
  IIE_TRY(const std::vector<BrokenOff> broken_off, store.broken_off(run));
  return report.finish(broken_off);
}

Result<std::vector<std::string>> write_report_files(const Report& report, const ReportView& view,
                                                    const std::string& folder) {
  RenderOptions options;
  options.examples = examples_for(view, ReportFormat::json);
  options.published = view.published;
  std::vector<std::string> names;
  for (const auto& [format, name] :
       {std::pair{ReportFormat::markdown, "report.md"},
        std::pair{ReportFormat::json, "report.json"}, std::pair{ReportFormat::csv, "report.csv"}}) {
    const std::filesystem::path path = std::filesystem::path(folder) / name;
    IIE_CHECK_OK(write_file(path, render({report}, format, options)));
    names.push_back(path.string());
  }
  return names;
}

Result<void> check_verdicts_file(const std::string& file, const std::vector<Sample>& samples) {
  if (file.empty()) return {};
  if (std::ranges::all_of(samples,
                          [](const Sample& sample) { return sample.instructions.empty(); })) {
    return fail(ErrorKind::bad_input,
                "--verdicts lists verdicts on verifiable instructions (IFEval, IFBench), and no "
                "sample here has any");
  }
  const std::filesystem::path path(file);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return fail(ErrorKind::bad_input, "--verdicts " + file + ": is a folder");
  }
  const std::filesystem::path folder = path.parent_path();
  if (!folder.empty() && std::filesystem::exists(folder, ignored) &&
      !std::filesystem::is_directory(folder, ignored)) {
    return fail(ErrorKind::bad_input, "--verdicts " + file + ": its folder is a file");
  }
  return {};
}

Result<std::int64_t> write_verdicts(Store& store, const RunInfo& run,
                                    const std::filesystem::path& file) {
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  IIE_CHECK_OK(check_verdicts_file(file.string(), samples));
  std::string lines;
  std::int64_t without = 0;
  IIE_CHECK_OK(store.for_each_rollout(run, [&](const StoredRollout& rollout) {
    const RolloutId id = rollout.response.id;
    const auto index = static_cast<std::size_t>(id.sample);
    if (id.sample < 0 || index >= samples.size() || samples[index].instructions.empty()) {
      return true;
    }
    const auto line =
        rollout.judgement
            ? verdict_line(samples[index], rollout.judgement->verdict,
                           run.spec.rollouts > 1 ? std::optional(id.rollout) : std::nullopt)
            : std::nullopt;
    if (line) {
      lines += *line + '\n';
    } else {
      ++without;
    }
    return true;
  }));
  IIE_CHECK_OK(write_file(file, lines));
  return without;
}

Result<std::string> report_text(const std::vector<Report>& reports, const ReportView& view,
                                const OutputOptions& output) {
  IIE_TRY(const ReportFormat format, parse_report_format(output.format));
  RenderOptions options;
  options.examples = examples_for(view, format);
  options.published = view.published;
  return render(reports, format, options);
}

Result<void> print_reports(const std::vector<Report>& reports, const ReportView& view,
                           const OutputOptions& output) {
  IIE_TRY(const ReportFormat format, parse_report_format(output.format));
  RenderOptions options;
  options.colour = format == ReportFormat::terminal && use_color(output);
  options.width = output_width();
  options.examples = examples_for(view, format);
  options.published = view.published;
  print(render(reports, format, options));
  return {};
}

Result<std::string> report_folder(const std::string& flag, const std::string& store_path,
                                  const RunInfo& run) {
  if (!flag.empty()) return flag;
  if (run.id.empty() || run.id.find_first_not_of("0123456789abcdef-") != std::string::npos) {
    return fail(ErrorKind::corrupt, store_path + ": holds a run with an impossible id");
  }
  const std::filesystem::path base =
      store_path == "memory" ? "results" : std::filesystem::path(store_path).parent_path();
  return (base / run.id).string();
}

}  // namespace iie
