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
  add_prices(command, rejudge.prices);
  add_store(command, rejudge.store);
  command.config();
  add_output(command, rejudge.output, kFormats);
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
  command.config();
  add_output(command, test.output, kListFormats);
}

}  // namespace

void register_judging(CommandLine& line) {
  add_rejudge(line);
  add_judge_test(line);
}

}  // namespace iie
