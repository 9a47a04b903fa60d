// The command line: its commands and how it is read. This file and flags.cc alone include CLI11,
// which costs many seconds to compile.
#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/string_util.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "cli/output.h"

namespace iie {
namespace {

constexpr const char* kProgram = "inverse-ifeval";

constexpr const char* kDescription =
    "Inverse IFEval: can a language model override its training habits and follow\n"
    "a counter-intuitive instruction? (arXiv 2509.04292)";

constexpr const char* kFooter = R"(
First steps:
  inverse-ifeval run --model replay:demonstrations         no network, no key
  inverse-ifeval doctor --model openai:NAME --base-url URL
  inverse-ifeval run --model openai:NAME --base-url URL --judge auto:openai:JUDGE

Exit codes: 0 ok; 1 bug; 2 usage; 3 bad input (file, dataset, name, store);
4 endpoint or key; 5 run incomplete (resume it).

Environment (also read from .env in the working folder): OPENAI_API_KEY,
OPENAI_BASE_URL, JUDGE_API_KEY (default: OPENAI_API_KEY), HF_TOKEN, HF_ENDPOINT,
INVERSE_IFEVAL_STORE; proxies and CA files as curl reads them.)";

// One leaf command: its options live as long as the app.
struct Leaf {
  CLI::App* app = nullptr;
  std::string config;  // --config, where the command has it
  std::function<Result<int>()> run;
};

class CommandLine {
 public:
  CommandLine();

  int run(int argc, char** argv);

 private:
  template <typename Options>
  Options& make(CLI::App* parent, const std::string& name, const std::string& description,
                Result<int> (*command)(const Options&), const std::string& footer = "");
  Leaf& leaf() { return *leaves_.back(); }

  void add_run_like(CLI::App* app, RunOptions& run);
  void add_config(CLI::App* app);

  void add_run();
  void add_score();
  void add_resume();
  void add_views();
  void add_data();
  void add_doctor();
  void add_completion();

  int usage_error(const std::string& message, const CLI::App* at) const;
  int extras_error(const CLI::App& at) const;
  Result<void> apply_config(Leaf& leaf);
  std::vector<CompletionCommand> completion_commands() const;

  CLI::App app_{kDescription, kProgram};
  std::vector<std::unique_ptr<Leaf>> leaves_;
  std::vector<std::shared_ptr<void>> options_;
  std::string shell_;
};

int print_error(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", kProgram, redact(error.message).c_str());
  if (error.kind == ErrorKind::bug) {
    std::fprintf(stderr, "This is a bug in %s %s; please report it.\n", kProgram,
                 std::string(tool_version()).c_str());
  }
  return exit_code(error);
}

CommandLine::CommandLine() {
  app_.set_version_flag("--version", std::string("inverse-ifeval ") + std::string(tool_version()));
  app_.footer(kFooter);
  app_.set_help_flag("-h,--help", "Print this help and exit");
  app_.get_formatter()->column_width(34);
  app_.require_subcommand(0, 1);
  add_run();
  add_score();
  add_resume();
  add_views();
  add_data();
  add_doctor();
  add_completion();
}

template <typename Options>
Options& CommandLine::make(CLI::App* parent, const std::string& name,
                           const std::string& description, Result<int> (*command)(const Options&),
                           const std::string& footer) {
  auto options = std::make_shared<Options>();
  options_.push_back(options);
  leaves_.push_back(std::make_unique<Leaf>());
  leaf().app = parent->add_subcommand(name, description);
  leaf().app->footer(footer);
  leaf().run = [command, raw = options.get()] { return command(*raw); };
  return *options;
}

void CommandLine::add_run_like(CLI::App* app, RunOptions& run) {
  add_selection(app, run.selection);
  add_judge(app, run.judge);
  add_calls(app, run.calls);
  add_store(app, run.store);
  app->add_option("--out", run.out, "Folder for the report files (default RUN beside the store)")
      ->type_name("DIR")
      ->group("Output");
  app->add_flag("--new", run.fresh, "Start anew where the store already has this very run")
      ->group("Output");
  app->add_flag("--allow-missing", run.allow_missing,
                "Recorded responses may leave samples out: score what is there")
      ->group("Questions");
  add_report(app, run.report);
  add_output(app, run.output, kFormats);
}

void CommandLine::add_config(CLI::App* app) {
  app->add_option("--config", leaf().config,
                  "YAML file whose keys are these flags; the command line wins")
      ->type_name("FILE");
}

void CommandLine::add_run() {
  RunOptions& run = make<RunOptions>(&app_, "run", "Generate, judge, store and report", cmd_run, R"(
Every flag is also a YAML key of --config (max_tokens: 4096). Keys come from
OPENAI_API_KEY and .env, never from flags. The same run started twice goes on
where it stopped; --new starts over. Ctrl-C stops gently, twice at once.

Examples:
  inverse-ifeval run --model replay:demonstrations
  inverse-ifeval run --model openai:gpt-4.1-mini --judge auto:openai:gpt-4.1 --limit 16
  inverse-ifeval run --model openai:qwen3-8b --base-url http://localhost:8000/v1 \
      --judge openai:gpt-4.1 --judge-base-url https://api.openai.com/v1 \
      --dataset official --protocol paper)");
  CLI::App* app = leaf().app;
  app->add_option("--model,-m", run.model, "openai:NAME, or replay:FILE (recorded responses)")
      ->type_name("SPEC")
      ->group("Model");
  app->add_option("--base-url", run.base_url,
                  "Endpoint (default OPENAI_BASE_URL, else https://api.openai.com/v1)")
      ->type_name("URL")
      ->group("Model");
  app->add_option("--rollouts,-n", run.rollouts, "Responses per question (default 1)")
      ->check(whole_number(1, 100'000))
      ->type_name("N")
      ->group("Model");
  app->add_option("--temperature", run.temperature, "Default: the endpoint's")
      ->check(number(0.0, 2.0))
      ->type_name("T")
      ->group("Model");
  app->add_option("--top-p", run.top_p, "Default: the endpoint's")
      ->check(number(0.0, 1.0))
      ->type_name("P")
      ->group("Model");
  app->add_option("--max-tokens", run.max_tokens, "Default: the endpoint's")
      ->check(whole_number(1))
      ->type_name("N")
      ->group("Model");
  app->add_option("--seed", run.seed, "Sent to endpoints that take one")
      ->check(whole_number())
      ->type_name("N")
      ->group("Model");
  app->add_option("--system", run.system, "System prompt (default none)")
      ->type_name("TEXT")
      ->group("Model");
  app->add_option("--protocol", run.protocol,
                  "paper: 6 rollouts, no system prompt, as the published results")
      ->check(CLI::IsMember(std::vector<std::string>{"paper"}))
      ->type_name("NAME")
      ->group("Model");
  add_config(app);
  add_run_like(app, run);
}

void CommandLine::add_score() {
  ScoreOptions& score = make<ScoreOptions>(
      &app_, "score", "Judge recorded responses: the same without generating", cmd_score, R"(
RESPONSES is JSONL: {"id" or "prompt", "response"[, "rollout", "model", "reasoning"]}.

Example:
  inverse-ifeval score responses.jsonl --dataset official --judge openai:gpt-4.1)");
  CLI::App* app = leaf().app;
  app->add_option("responses", score.responses, "Recorded responses (JSONL)")
      ->required()
      ->type_name("FILE");
  app->add_option("--model,-m", score.model, "Which model, where the file holds several")
      ->type_name("NAME");
  app->add_option("--base-url", score.run.base_url, "The judge's endpoint (as --judge-base-url)")
      ->type_name("URL")
      ->group("Judge");
  add_config(app);
  add_run_like(app, score.run);
}

void CommandLine::add_resume() {
  ResumeOptions& resume = make<ResumeOptions>(
      &app_, "resume", "Finish a run that was interrupted or had failing calls", cmd_resume, R"(
RUN is an id from `inverse-ifeval runs`, its beginning, or "latest". Only what is
missing is done; finished work is never repeated.)");
  CLI::App* app = leaf().app;
  app->add_option("run", resume.run, "Run id, prefix or 'latest'")->required()->type_name("RUN");
  app->add_option("--responses", resume.responses,
                  "Where the recorded responses are now, if they moved")
      ->type_name("FILE");
  app->add_option("--judge-prompts", resume.judge_prompts, "The prompts file that the run used")
      ->type_name("FILE");
  add_calls(app, resume.calls);
  add_store(app, resume.store);
  app->add_option("--out", resume.out, "Folder for the report files (default RUN beside the store)")
      ->type_name("DIR")
      ->group("Output");
  add_report(app, resume.report);
  add_output(app, resume.output, kFormats);
}

void CommandLine::add_views() {
  RunsOptions& runs = make<RunsOptions>(&app_, "runs", "List the store's runs", cmd_runs);
  add_store(leaf().app, runs.store);
  add_output(leaf().app, runs.output, kListFormats);

  ShowOptions& show = make<ShowOptions>(
      &app_, "show", "Show a run, or one sample's responses and verdicts", cmd_show, R"(
Examples:
  inverse-ifeval show latest
  inverse-ifeval show latest cc-001-en)");
  leaf()
      .app->add_option("run", show.run, "Run id, prefix or 'latest'")
      ->required()
      ->type_name("RUN");
  leaf().app->add_option("sample", show.sample, "Sample id")->type_name("SAMPLE");
  add_store(leaf().app, show.store);
  add_output(leaf().app, show.output, kListFormats);

  ReportCommandOptions& report = make<ReportCommandOptions>(
      &app_, "report", "Report one run, or several side by side", cmd_report, R"(
Examples:
  inverse-ifeval report latest
  inverse-ifeval report 3f9a 77c1 --format md --out comparison.md)");
  leaf()
      .app->add_option("runs", report.runs, "Run ids, prefixes or 'latest'")
      ->required()
      ->type_name("RUN...");
  leaf()
      .app->add_option("--out", report.out, "Write to this file instead")
      ->type_name("FILE")
      ->group("Output");
  add_store(leaf().app, report.store);
  add_report(leaf().app, report.report);
  add_output(leaf().app, report.output, kFormats);
}

void CommandLine::add_data() {
  CLI::App* data = app_.add_subcommand("data", "List, show, import and fetch datasets");
  data->require_subcommand(0, 1);

  DataOptions& list =
      make<DataOptions>(data, "list", "The datasets and where they are", cmd_data_list);
  add_output(leaf().app, list.output, kListFormats);

  DataOptions& show =
      make<DataOptions>(data, "show", "Counts of a dataset, or one sample of it", cmd_data_show, R"(
Examples:
  inverse-ifeval data show open
  inverse-ifeval data show questions.csv --format json
  inverse-ifeval data show open qc-001-en)");
  leaf().app->add_option("dataset", show.name, "Name or file")->required()->type_name("NAME|FILE");
  leaf().app->add_option("sample", show.sample, "Sample id")->type_name("SAMPLE");
  add_output(leaf().app, show.output, kListFormats);

  DataOptions& import = make<DataOptions>(
      data, "import", "Check any supported file and write it as native JSONL", cmd_data_import);
  leaf()
      .app->add_option("dataset", import.name, "Name or file")
      ->required()
      ->type_name("NAME|FILE");
  leaf()
      .app->add_option("--out,-o", import.out, "File to write (default standard output)")
      ->type_name("FILE");
  add_output(leaf().app, import.output, kListFormats);

  DataOptions& fetch = make<DataOptions>(
      data, "fetch", "Download a dataset at its pinned revision into the cache", cmd_data_fetch, R"(
NAME is official, nemotron, ifeval or ifbench. HF_ENDPOINT names another hub or a
mirror, HF_TOKEN is sent as bearer token. What was fetched is checked by count and
hash, and kept under XDG_CACHE_HOME.)");
  leaf().app->add_option("dataset", fetch.name, "Name")->required()->type_name("NAME");
  leaf().app->add_flag("--force", fetch.force, "Fetch again although it is cached");
  add_output(leaf().app, fetch.output, kListFormats);
}

void CommandLine::add_doctor() {
  DoctorOptions& doctor = make<DoctorOptions>(
      &app_, "doctor", "Check endpoint, key, model and judge with one call each", cmd_doctor, R"(
Example:
  inverse-ifeval doctor --model openai:NAME --base-url URL --judge auto:openai:JUDGE)");
  CLI::App* app = leaf().app;
  app->add_option("--model,-m", doctor.model, "openai:NAME")->type_name("SPEC");
  app->add_option("--base-url", doctor.base_url, "Endpoint")->type_name("URL");
  app->add_option("--timeout", doctor.timeout_seconds, "Seconds for one call (default 30)")
      ->check(number(0.001, 86'400.0))
      ->type_name("SECONDS");
  add_judge(app, doctor.judge);
  add_config(app);
  add_output(app, doctor.output, kListFormats);
}

void CommandLine::add_completion() {
  leaves_.push_back(std::make_unique<Leaf>());
  leaf().app = app_.add_subcommand("completion", "Print a completion script for a shell");
  leaf().app->footer(R"(
Examples:
  source <(inverse-ifeval completion bash)
  inverse-ifeval completion fish > ~/.config/fish/completions/inverse-ifeval.fish)");
  leaf().app->add_option("shell", shell_, "bash, zsh or fish")->required()->type_name("SHELL");
  leaf().run = [this]() -> Result<int> {
    IIE_TRY(const std::string script, completion_script(shell_, completion_commands()));
    print(script);
    return kExitOk;
  };
}

// The words that lead to a command: {"data", "fetch"}.
std::vector<std::string> words_of(const CLI::App* app) {
  std::vector<std::string> words;
  for (; app->get_parent() != nullptr; app = app->get_parent()) {
    words.insert(words.begin(), app->get_name());
  }
  return words;
}

std::vector<CompletionCommand> CommandLine::completion_commands() const {
  std::vector<CompletionCommand> commands;
  for (const auto& leaf : leaves_) {
    CompletionCommand command{words_of(leaf->app), leaf->app->get_description(), {}};
    for (const CLI::Option* option : leaf->app->get_options()) {
      if (option->get_lnames().empty()) continue;
      CompletionOption one;
      one.flag = "--" + option->get_lnames().front();
      one.description = option->get_description();
      one.takes_value = option->get_items_expected_max() > 0 && option->get_type_size_max() > 0;
      const std::string type = option->get_type_name();
      one.takes_file =
          type.find("FILE") != std::string::npos || type.find("DIR") != std::string::npos;
      if (one.flag == "--format") {
        const bool reports = type.find("csv") != std::string::npos;
        one.choices = reports ? kFormats : kListFormats;
      }
      if (one.flag == "--color") one.choices = kColors;
      if (one.flag == "--language") one.choices = {"english", "chinese"};
      if (one.flag == "--protocol") one.choices = {"paper"};
      command.options.push_back(std::move(one));
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

int CommandLine::usage_error(const std::string& message, const CLI::App* at) const {
  std::string command = kProgram;
  for (const std::string& word : words_of(at)) command += ' ' + word;
  std::fprintf(stderr, "%s: %s (see '%s --help')\n", kProgram, message.c_str(), command.c_str());
  return kExitUsage;
}

// The deepest subcommand that was given.
const CLI::App* deepest(const CLI::App* app) {
  while (true) {
    const auto chosen = app->get_subcommands();
    if (chosen.empty()) return app;
    app = chosen.front();
  }
}

// With the whole command in its usage line: "inverse-ifeval data fetch [OPTIONS] dataset".
std::string help_of(const CLI::App* app) {
  std::string before;
  if (app->get_parent() != nullptr) {
    before = kProgram;
    for (const std::string& word : words_of(app->get_parent())) before += ' ' + word;
  }
  return app->help(before, CLI::AppFormatMode::Normal);
}

int CommandLine::extras_error(const CLI::App& at) const {
  const std::vector<std::string> extras = app_.remaining(true);
  if (extras.empty()) return usage_error("unexpected arguments", &at);
  const std::string& first = extras.front();
  std::vector<std::string> known;
  if (first.starts_with('-')) {
    const std::string flag = first.substr(0, first.find('='));
    for (const CLI::Option* option : at.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    return usage_error(
        fmt::format("unknown option '{}'{}", one_line(flag, 60), did_you_mean(flag, known)), &at);
  }
  for (const CLI::App* command : at.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  if (known.empty()) {
    return usage_error(fmt::format("unexpected argument '{}'", one_line(first, 60)), &at);
  }
  return usage_error(
      fmt::format("unknown command '{}'{}", one_line(first, 60), did_you_mean(first, known)), &at);
}

Result<void> CommandLine::apply_config(Leaf& leaf) {
  if (leaf.config.empty()) return {};
  IIE_TRY(const std::vector<ConfigEntry> entries, read_config(leaf.config));
  std::vector<std::string> known;
  for (const CLI::Option* option : leaf.app->get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "help" && name != "config") known.push_back(name);
    }
  }
  for (const ConfigEntry& entry : entries) {
    const std::string where = fmt::format("{}:{}", leaf.config, entry.line);
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      return fail(ErrorKind::usage,
                  fmt::format("{}: unknown key '{}'{}", where, one_line(entry.key, 60),
                              did_you_mean(entry.key, known)));
    }
    CLI::Option* option = leaf.app->get_option("--" + entry.key);
    if (option->count() > 0) continue;
    if (entry.values.empty()) {
      return fail(ErrorKind::usage, fmt::format("{}: '{}' is an empty list", where, entry.key));
    }
    try {
      option->add_result(entry.values);
      option->run_callback();
    } catch (const CLI::ParseError& e) {
      return fail(ErrorKind::usage, fmt::format("{}: {}", where, one_line(e.what(), 200)));
    }
  }
  return {};
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(help_of(deepest(&app_)).c_str(), stdout);
    return kExitOk;
  } catch (const CLI::CallForVersion& e) {
    std::printf("%s\n", e.what());
    return kExitOk;
  } catch (const CLI::ExtrasError&) {
    return extras_error(*deepest(&app_));
  } catch (const CLI::ParseError& e) {
    return usage_error(one_line(e.what(), 200), deepest(&app_));
  }
  const CLI::App* chosen = deepest(&app_);
  for (const auto& leaf : leaves_) {
    if (leaf->app != chosen) continue;
    if (auto applied = apply_config(*leaf); !applied) return print_error(applied.error());
    const Result<int> code = leaf->run();
    const Result<void> written = finish_output();
    if (!code) return print_error(code.error());
    if (!written) return print_error(written.error());
    return *code;
  }
  // No command, or `data` without one: the help is the answer, but nothing was done.
  std::fputs(help_of(chosen).c_str(), stderr);
  return kExitUsage;
}

}  // namespace

int run_app(int argc, char** argv) {
  // A reader that goes away (| head) is a write error, handled where we write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    CommandLine line;
    return line.run(argc, argv);
  } catch (const std::exception& e) {
    return print_error({ErrorKind::bug, e.what()});
  }
}

}  // namespace iie
