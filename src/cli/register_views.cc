// runs, show, report, compare and compare-benchmarks.
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/options.h"

namespace iie {

void register_views(CommandLine& line) {
  auto [runs_command, runs] = line.add<RunsOptions>("runs", "List the store's runs", cmd_runs);
  add_store(runs_command, runs.store);
  add_output(runs_command, runs.output, kListFormats);

  auto [status_command, status] = line.add<StatusOptions>(
      "status", "How a run is doing: while it runs, after a crash, when it is done", cmd_status, R"(
Reads the store and writes nothing. The exit code is 0 while a process works on
the run or when it is complete, and 5 where there is something to resume.

Examples:
  inverse-ifeval status
  inverse-ifeval status 3f9a --follow
  inverse-ifeval status latest --format json)");
  status_command.option("run", status.run, "Run id, prefix or 'latest' (default latest)")
      .type("RUN");
  status_command.flag("--follow,-f", status.follow, "Print each change until nobody works on it");
  add_store(status_command, status.store);
  add_output(status_command, status.output, kListFormats);

  auto [show_command, show] = line.add<ShowOptions>(
      "show", "Show a run, or one sample's responses and verdicts", cmd_show, R"(
Examples:
  inverse-ifeval show latest
  inverse-ifeval show latest cc-001-en)");
  show_command.option("run", show.run, "Run id, prefix or 'latest'").required().type("RUN");
  show_command.option("sample", show.sample, "Sample id").type("SAMPLE");
  add_store(show_command, show.store);
  add_output(show_command, show.output, kListFormats);

  auto [report_command, report] = line.add<ReportCommandOptions>(
      "report", "Report one run, or several side by side", cmd_report, R"(
Examples:
  inverse-ifeval report latest
  inverse-ifeval report 3f9a 77c1 --format md --out comparison.md)");
  report_command.option("runs", report.runs, "Run ids, prefixes or 'latest'")
      .required()
      .type("RUN...");
  report_command.option("--out", report.out, "Write to this file instead")
      .type("FILE")
      .group("Output");
  add_prices(report_command, report.report.prices);
  report_command
      .option("--calibration", report.report.calibration,
              "File of `calibrate`: scores corrected for the judge's measured error")
      .type("FILE")
      .group("Judge error");
  report_command
      .option("--labels", report.report.labels,
              "People's labels on a part of this run (JSONL): the prediction-powered score")
      .type("FILE")
      .group("Judge error");
  add_store(report_command, report.store);
  add_report(report_command, report.report);
  add_output(report_command, report.output, kReportFormats);

  auto [compare_command, compare] = line.add<CompareOptions>(
      "compare", "Compare two runs on the same samples: difference, interval, tests", cmd_compare,
      R"(
Gives B less A with an interval that takes a sample's rollouts, and the English and
Chinese forms of one question, as one; a permutation test and McNemar's; the types,
corrected for testing several; and the smallest difference that would have shown.

Examples:
  inverse-ifeval compare 3f9a 77c1
  inverse-ifeval compare published:GPT-4.1 latest --format md)");
  compare_command
      .option("runs", compare.runs,
              "A and B: run ids, prefixes, 'latest', or one "
              "published:NAME")
      .required()
      .type("A B");
  compare_command.flag("--common", compare.common, "Only the samples that both runs have");
  compare_command.flag("--any-judge", compare.any_judge,
                       "Although the runs were judged differently");
  compare_command
      .option("--rounds", compare.rounds, "Of bootstrap and permutation test (default 10000)")
      .whole_number(100, 1'000'000)
      .type("N");
  compare_command.option("--seed", compare.seed, "Of their random numbers (default 1)")
      .whole_number(0)
      .type("N");
  compare_command.option("--out", compare.out, "Write to this file instead")
      .type("FILE")
      .group("Output");
  add_store(compare_command, compare.store);
  add_output(compare_command, compare.output, kFormats);

  auto [ranks_command, ranks] = line.add<CompareBenchmarksOptions>(
      "compare-benchmarks", "Rank models on IFEval or IFBench and on Inverse IFEval",
      cmd_compare_benchmarks, R"(
Takes runs of several models on both, from one store: every model's rank there and
here, how far it moves, Kendall's tau-b and Spearman's rho, and the pairs of models
that change places, each with how sure the samples make it.

Examples:
  inverse-ifeval compare-benchmarks 3f9a 77c1 0b2e 9d10
  inverse-ifeval compare-benchmarks 3f9a 77c1 0b2e 9d10 --metric instruction_loose)");
  ranks_command.option("runs", ranks.runs, "Run ids or prefixes, two for each model")
      .required()
      .type("RUN...");
  ranks_command
      .option("--metric", ranks.metric, "Accuracy on IFEval and IFBench (default prompt_strict)")
      .one_of({"prompt_strict", "prompt_loose", "instruction_strict", "instruction_loose"})
      .type("NAME");
  ranks_command.flag("--common", ranks.common, "Only the samples that all models have");
  ranks_command.flag("--any-judge", ranks.any_judge, "Although the runs were judged differently");
  ranks_command.option("--rounds", ranks.rounds, "Of the bootstrap (default 2000)")
      .whole_number(100, 100'000)
      .type("N");
  ranks_command.option("--seed", ranks.seed, "Of its random numbers (default 1)")
      .whole_number(0)
      .type("N");
  ranks_command.option("--out", ranks.out, "Write to this file instead")
      .type("FILE")
      .group("Output");
  add_store(ranks_command, ranks.store);
  add_output(ranks_command, ranks.output, kFormats);
}

}  // namespace iie
