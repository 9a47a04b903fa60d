#include "cli/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iie {
namespace {

const std::vector<std::string> kReasoning = {"off", "low", "medium", "high", "auto"};

}  // namespace

const std::vector<std::string> kReportFormats = {"terminal", "json", "md", "csv", "latex", "html"};
const std::vector<std::string> kFormats = {"terminal", "json", "md", "csv"};
const std::vector<std::string> kListFormats = {"terminal", "json"};
const std::vector<std::string> kColors = {"auto", "always", "never"};

void add_output(CliCommand command, OutputOptions& output,
                const std::vector<std::string>& formats) {
  command
      .option("--format", output.format,
              fmt::format("On standard output: {} (default {})", fmt::join(formats, ", "),
                          formats.front()))
      .one_of(formats)
      .type("FORMAT")
      .group("Output");
  command.option("--color", output.color, "auto, always, never (default auto; NO_COLOR is obeyed)")
      .one_of(kColors)
      .type("WHEN")
      .group("Output");
  command.flag("-q,--quiet", output.quiet, "No progress and no notes on standard error")
      .group("Output");
}

void add_selection(CliCommand command, SelectionOptions& selection) {
  command
      .option("--dataset,-d", selection.dataset,
              "open, further or open+further (embedded; further types are in no overall\n"
              "score), official, nemotron, ifeval, ifbench, or a file (default open)")
      .type("NAME|FILE")
      .group("Questions");
  command.option("--types", selection.types, "Only these instruction types: QC,CC or by name")
      .delimiter(',')
      .type("TYPE,...")
      .group("Questions");
  command.option("--language", selection.languages, "Only english or chinese")
      .suggest({"english", "chinese"})
      .delimiter(',')
      .type("LANG,...")
      .group("Questions");
  command.option("--ids", selection.ids, "Only these sample ids")
      .delimiter(',')
      .type("ID,...")
      .group("Questions");
  command
      .option("--limit", selection.limit,
              "At most N samples, spread evenly over types and languages")
      .whole_number(1)
      .type("N")
      .group("Questions");
}

void add_judge(CliCommand command, JudgeOptions& judge) {
  command
      .option("--judge", judge.judge,
              "rules, PROFILE:NAME, auto:PROFILE:NAME (rules where they decide, else the\n"
              "model), or auto (rules; what they leave open stays unscored) (default auto);\n"
              "for several models matrix:FILE|PRESET[=PROFILE:NAME] or panel:A,B[,tie:C]")
      .type("SPEC")
      .group("Judge");
  add_judging(command, judge);
}

void add_judging(CliCommand command, JudgeOptions& judge) {
  command
      .option("--judge-base-url", judge.base_url,
              "Default: the model's --base-url where both are of one profile")
      .type("URL")
      .group("Judge");
  command
      .option("--judge-prompts", judge.prompts,
              "Prompts file for samples without their own (default: embedded)")
      .type("FILE")
      .group("Judge");
  command
      .option("--judge-temperature", judge.temperature,
              "Default 0; 'none' sends none (models that refuse one)")
      .type("T")
      .group("Judge");
  command.option("--judge-max-tokens", judge.max_tokens, "Default 16384")
      .whole_number(1)
      .type("N")
      .group("Judge");
  command.option("--judge-reasoning", judge.reasoning, "As --reasoning, for the judge")
      .suggest(kReasoning)
      .type("LEVEL")
      .group("Judge");
}

void add_reasoning(CliCommand command, std::string& reasoning) {
  command
      .option("--reasoning", reasoning,
              "off, low, medium, high, auto or budget:TOKENS (default: the endpoint's)")
      .suggest(kReasoning)
      .type("LEVEL")
      .group("Model");
}

void add_providers(CliCommand command, std::string& providers, bool& stream, bool& no_stream) {
  command
      .option("--providers", providers,
              "YAML file with provider profiles of your own (doc/providers.md)")
      .type("FILE")
      .group("Calls");
  const CliFlag on = command.flag("--stream", stream,
                                  "Ask for answers as streams of events (default: by profile)");
  CliFlag(on).group("Calls");
  command.flag("--no-stream", no_stream, "Ask for answers in one piece")
      .excludes(on)
      .group("Calls");
}

void add_calls(CliCommand command, CallOptions& calls) {
  command
      .option("--max-connections", calls.max_connections, "Calls to the model at once (default 64)")
      .whole_number(1, 65'536)
      .type("N")
      .group("Calls");
  command
      .option("--judge-connections", calls.judge_connections,
              "Calls to the judge at once (default 64)")
      .whole_number(1, 65'536)
      .type("N")
      .group("Calls");
  command.option("--rpm", calls.rpm, "Requests per minute (default: what the endpoint says)")
      .whole_number(1, 10'000'000)
      .type("N")
      .group("Calls");
  command.option("--tpm", calls.tpm, "Tokens per minute (default: what the endpoint says)")
      .whole_number(1, 100'000'000'000)
      .type("N")
      .group("Calls");
  command
      .option("--judge-rpm", calls.judge_rpm,
              "Of the judge (default: one limit where it shares endpoint and key)")
      .whole_number(1, 10'000'000)
      .type("N")
      .group("Calls");
  command.option("--judge-tpm", calls.judge_tpm, "Likewise, tokens")
      .whole_number(1, 100'000'000'000)
      .type("N")
      .group("Calls");
  command.option("--max-attempts", calls.max_attempts, "Tries of one call (default 5)")
      .whole_number(1, 100)
      .type("N")
      .group("Calls");
  command
      .option(
          "--retry-time", calls.retry_seconds,
          "No further try of a call later than this after its first; an endpoint that asks to wait "
          "longer stops the run (default 1800)")
      .number(0, 86'400.0)
      .type("SECONDS")
      .group("Calls");
  command
      .option("--max-retries", calls.max_retries,
              "Further tries in the whole run (default 100, and one more per call)")
      .whole_number(0)
      .type("N")
      .group("Calls");
  command.option("--timeout", calls.timeout_seconds, "For one try of a call (default 600)")
      .number(0.001, 86'400.0)
      .type("SECONDS")
      .group("Calls");
  command.option("--connect-timeout", calls.connect_timeout_seconds, "To a connection (default 20)")
      .number(0.001, 86'400.0)
      .type("SECONDS")
      .group("Calls");
  command
      .option("--first-byte-timeout", calls.first_byte_timeout_seconds,
              "To the first byte of an answer (default 120 for streams, else none)")
      .number(0.001, 86'400.0)
      .type("SECONDS")
      .group("Calls");
  command
      .option("--idle-timeout", calls.idle_timeout_seconds,
              "Without a byte either way (default 300)")
      .number(0.001, 86'400.0)
      .type("SECONDS")
      .group("Calls");
  command
      .flag("--hedge-judge", calls.hedge_judge,
            "Send a judge call that takes longer than 95 % of them once more, the first\n"
            "answer counts; at most 5 % more calls, and only where limits leave room")
      .group("Calls");
  add_providers(command, calls.providers, calls.stream, calls.no_stream);
}

void add_prices(CliCommand command, std::string& prices) {
  command.option("--prices", prices, "YAML with prices of models, before the embedded ones")
      .type("FILE")
      .group("Cost");
}

void add_control(CliCommand command, ControlOptions& control) {
  add_prices(command, control.prices);
  command
      .option("--max-cost", control.max_cost,
              "Stop before it costs more, in US dollars; with a higher limit it goes on. Every\n"
              "call's worst expected cost is counted before it is sent")
      .number(0.0, 1e9)
      .type("USD")
      .group("Cost");
  command
      .flag("--dry-run", control.dry_run,
            "Print requests, estimated tokens and cost of each model; send nothing")
      .group("Cost");
  command
      .option("--cache", control.cache,
              "Of replies. resume: judge replies are kept until the run is complete, so\n"
              "that `resume` asks nothing twice (default). on, read, write: all replies,\n"
              "for every later run that asks the very same. off")
      .one_of({"off", "resume", "read", "write", "on"})
      .type("MODE")
      .group("Repeating");
  command.option("--cache-file", control.cache_file, "Default: STORE-cache")
      .type("FILE")
      .group("Repeating");
  command
      .option("--record", control.record,
              "Write every reply to FILE, so that --replay FILE repeats the run")
      .type("FILE")
      .group("Repeating");
  command
      .option("--replay", control.replay,
              "Answer every call from a recording of this very run: no network, no key,\n"
              "the same report byte for byte")
      .type("FILE")
      .group("Repeating");
  command
      .option("--log-format", control.log_format,
              "json: one line for each call, retry, limit, outage and verdict (default text:\n"
              "progress and notes)")
      .one_of({"text", "json"})
      .type("FORMAT")
      .group("Output");
  command.option("--log-file", control.log_file, "JSON lines go here, not to standard error")
      .type("FILE")
      .group("Output");
}

void add_store(CliCommand command, std::string& store) {
  command
      .option("--store", store,
              "SQLite file that keeps runs, or 'memory' (default results/runs.db)")
      .type("FILE")
      .group("Output");
}

void add_report(CliCommand command, ReportView& report) {
  command
      .option("--examples", report.examples,
              "Failing examples per type (default 1 on a terminal, else 3)")
      .whole_number(0, 1'000)
      .type("N")
      .group("Output");
  command
      .option("--verdicts", report.verdicts,
              "Write the verdicts on instructions (IFEval, IFBench), one JSON line per prompt")
      .type("FILE")
      .group("Output");
  command
      .option("--best-of", report.best_of,
              "The N of Best-of-N, such as 1,4,16 (default powers of two up to the rollouts)")
      .delimiter(',')
      .whole_number(1, 1'000'000)
      .type("N,...")
      .group("Output");
  command.flag("--published", report.published, "The paper's published rows beside yours")
      .group("Output");
}

}  // namespace iie
