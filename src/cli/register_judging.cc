// rejudge, calibrate and judge-test.
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/options.h"

namespace iie {
namespace {

void add_rejudge(CommandLine& line) {
  auto [command, rejudge] = line.add<RejudgeOptions>(
      "rejudge", "Judge stored responses again, by other judges, without generating", cmd_rejudge,
      R"(
Prints which verdicts flip from judge to judge, by type and language, the score
under each, and whether the models' ranking changes. Each judge's verdicts become
a run of their own, which `report`, `compare` and `show` read. Asked for again,
it does only what is missing.

Examples:
  inverse-ifeval rejudge latest --judges openai:gpt-4.1,openai:o4-mini
  inverse-ifeval rejudge 3f9a 77c1 --judge matrix:open=openai:gpt-4.1 --judge rules \
      --format md)");
  command.option("runs", rejudge.runs, "Run ids, prefixes or 'latest'").required().type("RUN...");
  command.option("--judges", rejudge.judges, "Judges as --judge of `run` takes them")
      .delimiter(',')
      .type("SPEC,...")
      .group("Judge");
  command.option("--judge", rejudge.judge, "The same, one at a time (for panels)")
      .type("SPEC")
      .group("Judge");
  add_judging(command, rejudge.judging);
  command.option("--base-url", rejudge.base_url, "The judges' endpoint (as --judge-base-url)")
      .type("URL")
      .group("Judge");
  command
      .option("--disagreements", rejudge.disagreements,
              "Responses on which judges differ that are shown (default 20)")
      .whole_number(0, 100'000)
      .type("N")
      .group("Output");
  add_calls(command, rejudge.calls);
  add_control(command, rejudge.control);
  command.flag("--new", rejudge.fresh, "Judge anew where the store already has these verdicts")
      .group("Output");
  add_store(command, rejudge.store);
  command.config();
  add_output(command, rejudge.output, kFormats);
}

void add_calibrate(CommandLine& line) {
  auto [command, calibrate] = line.add<CalibrateOptions>(
      "calibrate", "Measure judges against people's labels, and choose the best for each type",
      cmd_calibrate, R"(
LABELS is JSONL: {"sample" (an id) or "row" (from 0), "response", "label": 0 or 1
[, "annotator"]}. For each judge, type and language: accuracy, sensitivity,
specificity and kappa with intervals, cost and latency. With several judges, the
best for each type is chosen by cross-validation. With --ablation each model is
tried under every prompt set, without and with its system prompt, and each step's
gain is given with a paired interval. Nothing is judged twice.

Examples:
  inverse-ifeval calibrate --labels labels.jsonl --dataset official \
      --judge openai:gpt-4.1 --calibration-out calibration.json
  inverse-ifeval calibrate --labels labels.jsonl --judge openai:gpt-4.1 \
      --judge openai:o4-mini --ablation --matrix-out judges.yaml)");
  command.option("--labels", calibrate.labels, "Labelled responses (JSONL)")
      .required()
      .type("FILE");
  command.option("--dataset,-d", calibrate.dataset, "What they answer (default open)")
      .type("NAME|FILE")
      .group("Questions");
  command.option("--types", calibrate.types, "Only labels of these types: QC,CC or by name")
      .delimiter(',')
      .type("TYPE,...")
      .group("Questions");
  command.option("--language", calibrate.languages, "Only english or chinese")
      .suggest({"english", "chinese"})
      .delimiter(',')
      .type("LANG,...")
      .group("Questions");
  command.option("--judge", calibrate.judges, "A judge, as `run` takes it; may be given again")
      .required()
      .type("SPEC")
      .group("Judge");
  command.flag("--ablation", calibrate.ablation, "Vary model, prompts and system prompt")
      .group("Judge");
  command
      .option("--prompts", calibrate.prompts,
              "Prompt sets of --ablation: dataset, open, criteria or files\n"
              "(default dataset,open)")
      .delimiter(',')
      .type("NAME,...")
      .group("Judge");
  command.option("--folds", calibrate.folds, "Parts of the cross-validation (default 5)")
      .whole_number(2, 100)
      .type("N")
      .group("Judge");
  command.option("--seed", calibrate.seed, "Of the cross-validation (default 1)")
      .whole_number(0)
      .type("N")
      .group("Judge");
  command.option("--min-labels", calibrate.least, "Cells with fewer are marked (default 10)")
      .whole_number(1)
      .type("N")
      .group("Judge");
  add_judging(command, calibrate.judging);
  command.option("--base-url", calibrate.base_url, "The judges' endpoint (as --judge-base-url)")
      .type("URL")
      .group("Judge");
  command
      .option("--calibration-out", calibrate.calibration_out,
              "Write what was measured, for reports to correct scores with")
      .type("FILE")
      .group("Output");
  command
      .option("--matrix-out", calibrate.matrix_out,
              "Write the judges chosen for each type, for --judge matrix:FILE")
      .type("FILE")
      .group("Output");
  add_calls(command, calibrate.calls);
  add_control(command, calibrate.control);
  command.flag("--new", calibrate.fresh, "Judge anew where the store already has these verdicts")
      .group("Output");
  add_store(command, calibrate.store);
  command.config();
  add_output(command, calibrate.output, kFormats);
}

void add_judge_test(CommandLine& line) {
  auto [command, test] = line.add<JudgeTestOptions>(
      "judge-test", "Try hostile responses on a judge: how many flip its verdict", cmd_judge_test,
      R"(
Each hostile response is put around an answer that is known to fail, under one of
the embedded questions. Flipped is one that the judge passes and whose answer it
fails without the attack.

Example:
  inverse-ifeval judge-test --judge openai:gpt-4.1)");
  add_judge(command, test.judge);
  command.option("--base-url", test.base_url, "The judge's endpoint (as --judge-base-url)")
      .type("URL")
      .group("Judge");
  command.option("--types", test.types, "Only under questions of these types: QC,CC or by name")
      .delimiter(',')
      .type("TYPE,...")
      .group("Questions");
  command
      .option("--attacks", test.attacks,
              "Hostile responses of your own (JSONL, as data/injection) in their place")
      .type("FILE")
      .group("Questions");
  add_calls(command, test.calls);
  add_control(command, test.control);
  command.config();
  add_output(command, test.output, kListFormats);
}

}  // namespace

void register_judging(CommandLine& line) {
  add_rejudge(line);
  add_calibrate(line);
  add_judge_test(line);
}

}  // namespace iie
