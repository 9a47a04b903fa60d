#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/string_util.h"

namespace iie {

const std::vector<std::string> kFormats = {"terminal", "json", "md", "csv"};
const std::vector<std::string> kListFormats = {"terminal", "json"};
const std::vector<std::string> kColors = {"auto", "always", "never"};

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  std::string wanted = "expected a whole number";
  if (low != kAnyLow) wanted += fmt::format(" from {}", low);
  if (high != kAnyHigh) wanted += fmt::format(" to {}", high);
  return CLI::Validator(
      [=](std::string& text) {
        std::int64_t value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = code == std::errc() && end == text.data() + text.size();
        if (!whole || value < low || value > high) {
          return fmt::format("{}, got '{}'", wanted, one_line(text, 40));
        }
        text = std::to_string(value);
        return std::string();
      },
      "");
}

CLI::Validator number(double low, double high) {
  return CLI::Validator(
      [=](std::string& text) {
        double value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() || !(value >= low) ||
            !(value <= high)) {
          return fmt::format("expected a number from {} to {}, got '{}'", low, high,
                             one_line(text, 40));
        }
        return std::string();
      },
      "");
}

void add_output(CLI::App* app, OutputOptions& output, const std::vector<std::string>& formats) {
  app->add_option("--format", output.format,
                  fmt::format("On standard output: {} (default {})", fmt::join(formats, ", "),
                              formats.front()))
      ->check(CLI::IsMember(formats))
      ->type_name("FORMAT")
      ->group("Output");
  app->add_option("--color", output.color, "auto, always, never (default auto; NO_COLOR is obeyed)")
      ->check(CLI::IsMember(kColors))
      ->type_name("WHEN")
      ->group("Output");
  app->add_flag("-q,--quiet", output.quiet, "No progress and no notes on standard error")
      ->group("Output");
}

void add_selection(CLI::App* app, SelectionOptions& selection) {
  app->add_option("--dataset,-d", selection.dataset,
                  "open (embedded), official, nemotron, ifeval, ifbench, or a file (default open)")
      ->type_name("NAME|FILE")
      ->group("Questions");
  app->add_option("--types", selection.types, "Only these instruction types: QC,CC or by name")
      ->delimiter(',')
      ->type_name("TYPE,...")
      ->group("Questions");
  app->add_option("--language", selection.languages, "Only english or chinese")
      ->delimiter(',')
      ->type_name("LANG,...")
      ->group("Questions");
  app->add_option("--ids", selection.ids, "Only these sample ids")
      ->delimiter(',')
      ->type_name("ID,...")
      ->group("Questions");
  app->add_option("--limit", selection.limit,
                  "At most N samples, spread evenly over types and languages")
      ->check(whole_number(1))
      ->type_name("N")
      ->group("Questions");
}

void add_judge(CLI::App* app, JudgeOptions& judge) {
  app->add_option("--judge", judge.judge,
                  "rules, openai:NAME, auto:openai:NAME (rules where they decide, else the\n"
                  "model), or auto (rules; what they leave open stays unscored) (default auto)")
      ->type_name("SPEC")
      ->group("Judge");
  app->add_option("--judge-base-url", judge.base_url, "Default: the model's --base-url")
      ->type_name("URL")
      ->group("Judge");
  app->add_option("--judge-prompts", judge.prompts,
                  "Prompts file for samples without their own (default: embedded)")
      ->type_name("FILE")
      ->group("Judge");
  app->add_option("--judge-temperature", judge.temperature,
                  "Default 0; 'none' sends none (models that refuse one)")
      ->type_name("T")
      ->group("Judge");
  app->add_option("--judge-max-tokens", judge.max_tokens, "Default 16384")
      ->check(whole_number(1))
      ->type_name("N")
      ->group("Judge");
}

void add_calls(CLI::App* app, CallOptions& calls) {
  app->add_option("--max-connections", calls.max_connections,
                  "Calls to the model at once (default 64)")
      ->check(whole_number(1, 65'536))
      ->type_name("N")
      ->group("Calls");
  app->add_option("--judge-connections", calls.judge_connections,
                  "Calls to the judge at once (default 64)")
      ->check(whole_number(1, 65'536))
      ->type_name("N")
      ->group("Calls");
  app->add_option("--max-attempts", calls.max_attempts, "Tries of one call (default 5)")
      ->check(whole_number(1, 100))
      ->type_name("N")
      ->group("Calls");
  app->add_option("--timeout", calls.timeout_seconds, "Seconds for one call (default 600)")
      ->check(number(0.001, 86'400.0))
      ->type_name("SECONDS")
      ->group("Calls");
}

void add_store(CLI::App* app, std::string& store) {
  app->add_option("--store", store,
                  "SQLite file that keeps runs, or 'memory' (default results/runs.db)")
      ->type_name("FILE")
      ->group("Output");
}

void add_report(CLI::App* app, ReportView& report) {
  app->add_option("--examples", report.examples,
                  "Failing examples per type (default 1 on a terminal, else 3)")
      ->check(whole_number(0, 1'000))
      ->type_name("N")
      ->group("Output");
  app->add_option("--verdicts", report.verdicts,
                  "Write the verdicts on instructions (IFEval, IFBench), one JSON line per prompt")
      ->type_name("FILE")
      ->group("Output");
  app->add_flag("--published", report.published, "The paper's published rows beside yours")
      ->group("Output");
}

}  // namespace iie
