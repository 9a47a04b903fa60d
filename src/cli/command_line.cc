#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/secret.h"
#include "base/string_util.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace iie {

struct CliCommand::Leaf {
  CLI::App* app = nullptr;
  std::string config;  // --config, where the command has it
  std::function<Result<int>()> run;
  std::map<const CLI::Option*, std::vector<std::string>> choices;
};

namespace {

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
ANTHROPIC_API_KEY, GEMINI_API_KEY, ... (`inverse-ifeval providers` lists them),
OPENAI_BASE_URL, ..., JUDGE_API_KEY (default: the judge's own), HF_TOKEN, HF_ENDPOINT,
INVERSE_IFEVAL_STORE, INVERSE_IFEVAL_PROVIDERS. A key may stand in a file: NAME_FILE names it.
From the environment alone, as curl: proxies (https_proxy, no_proxy, ...) and CURL_CA_BUNDLE.)";

int print_error(const Error& error) {
  print_diagnostic(error.message);
  if (error.kind == ErrorKind::bug) {
    std::fprintf(stderr, "This is a bug in %s %s; please report it.\n", kProgram,
                 std::string(tool_version()).c_str());
  }
  return exit_code(error);
}

// The words that lead to a command: {"data", "fetch"}.
std::vector<std::string> words_of(const CLI::App* app) {
  std::vector<std::string> words;
  for (; app->get_parent() != nullptr; app = app->get_parent()) {
    words.insert(words.begin(), app->get_name());
  }
  return words;
}

int usage_error(const std::string& message, const CLI::App* at) {
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

}  // namespace

CliFlag& CliFlag::type(const std::string& name) {
  option_->type_name(name);
  return *this;
}

CliFlag& CliFlag::group(const std::string& name) {
  option_->group(name);
  return *this;
}

CliFlag& CliFlag::required() {
  option_->required();
  return *this;
}

CliFlag& CliFlag::whole_number(std::int64_t low, std::int64_t high) {
  std::string wanted = "expected a whole number";
  if (low != kAnyLow) wanted += fmt::format(" from {}", low);
  if (high != kAnyHigh) wanted += fmt::format(" to {}", high);
  option_->check(CLI::Validator(
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
      ""));
  return *this;
}

CliFlag& CliFlag::number(double low, double high) {
  option_->check(CLI::Validator(
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
      ""));
  return *this;
}

CliFlag& CliFlag::one_of(const std::vector<std::string>& choices) {
  option_->check(CLI::Validator(
      [=](std::string& text) {
        if (std::ranges::find(choices, text) != choices.end()) return std::string();
        return fmt::format("expected {}, got '{}'", join(choices, ", "), one_line(text, 40));
      },
      "{" + join(choices, ",") + "}"));
  return suggest(choices);
}

CliFlag& CliFlag::suggest(const std::vector<std::string>& choices) {
  *choices_ = choices;
  return *this;
}

CliFlag& CliFlag::delimiter(char separator) {
  option_->delimiter(separator);
  return *this;
}

CliFlag& CliFlag::excludes(const CliFlag& other) {
  option_->excludes(other.option_);
  return *this;
}

template <typename Value>
CliFlag CliCommand::add(const std::string& names, Value& value, const std::string& description) {
  CLI::Option* option = leaf_->app->add_option(names, value, description);
  return {option, &leaf_->choices[option]};
}

CliFlag CliCommand::option(const std::string& names, std::string& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::optional<std::string>& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::vector<std::string>& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::vector<std::int64_t>& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::int64_t& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::optional<std::int64_t>& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, double& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::option(const std::string& names, std::optional<double>& value,
                           const std::string& description) {
  return add(names, value, description);
}

CliFlag CliCommand::flag(const std::string& names, bool& value, const std::string& description) {
  CLI::Option* option = leaf_->app->add_flag(names, value, description);
  return {option, &leaf_->choices[option]};
}

void CliCommand::config() {
  option("--config", leaf_->config, "YAML file whose keys are these flags; the command line wins")
      .type("FILE");
}

struct CommandLine::Parts {
  using Leaf = CliCommand::Leaf;

  CLI::App app{kDescription, kProgram};
  std::vector<std::unique_ptr<Leaf>> leaves;
  std::string shell;

  void add_completion(CommandLine& line);
  std::vector<CompletionCommand> completion_commands() const;
  int extras_error(const CLI::App& at) const;
  static Result<void> apply_config(Leaf& leaf);
};

CommandLine::CommandLine() : parts_(std::make_unique<Parts>()) {
  CLI::App& app = parts_->app;
  app.set_version_flag("--version", std::string("inverse-ifeval ") + std::string(tool_version()));
  app.footer(kFooter);
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.get_formatter()->column_width(34);
  app.require_subcommand(0, 1);
}

CommandLine::~CommandLine() = default;

CliCommand CommandLine::add_command(const std::string& words, const std::string& description,
                                    std::function<Result<int>()> run, const std::string& footer) {
  CLI::App* parent = &parts_->app;
  std::string_view name = words;
  if (const std::size_t space = name.find(' '); space != name.npos) {
    parent = parent->get_subcommand(std::string(name.substr(0, space)));
    name.remove_prefix(space + 1);
  }
  parts_->leaves.push_back(std::make_unique<CliCommand::Leaf>());
  CliCommand::Leaf& leaf = *parts_->leaves.back();
  leaf.app = parent->add_subcommand(std::string(name), description);
  leaf.app->footer(footer);
  leaf.run = std::move(run);
  return CliCommand(leaf);
}

void CommandLine::add_group(const std::string& word, const std::string& description) {
  parts_->app.add_subcommand(word, description)->require_subcommand(0, 1);
}

void CommandLine::Parts::add_completion(CommandLine& line) {
  CliCommand command = line.add_command(
      "completion", "Print a completion script for a shell",
      [this]() -> Result<int> {
        IIE_TRY(const std::string script, completion_script(shell, completion_commands()));
        print(script);
        return kExitOk;
      },
      R"(
Examples:
  source <(inverse-ifeval completion bash)
  inverse-ifeval completion fish > ~/.config/fish/completions/inverse-ifeval.fish)");
  command.option("shell", shell, "bash, zsh or fish").required().type("SHELL");
}

std::vector<CompletionCommand> CommandLine::Parts::completion_commands() const {
  std::vector<CompletionCommand> commands;
  for (const auto& leaf : leaves) {
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
      if (const auto found = leaf->choices.find(option); found != leaf->choices.end()) {
        one.choices = found->second;
      }
      command.options.push_back(std::move(one));
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

int CommandLine::Parts::extras_error(const CLI::App& at) const {
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return usage_error("unexpected arguments", &at);
  const std::string& first = extras.front();
  std::vector<std::string> known;
  if (first.starts_with('-')) {
    const std::string flag = first.substr(0, first.find('='));
    for (const CLI::Option* option : at.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    if (std::ranges::find(known, flag) != known.end()) {
      return usage_error(fmt::format("{0} stands behind the command: {1} {2} {0}", flag, kProgram,
                                     join(words_of(&at), " ")),
                         &at);
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

namespace {

// The library's errors, where its own words do not say what to do.
std::string parse_error_text(const CLI::ParseError& error) {
  const std::string text = one_line(error.what(), 200);
  const auto name_before = [&](std::string_view words) -> std::optional<std::string> {
    const std::size_t at = text.find(words);
    return at == text.npos ? std::nullopt : std::optional(text.substr(0, at));
  };
  if (const auto name = name_before(": At Most 1 required but received")) {
    return *name + " is given more than once";
  }
  if (const auto name = name_before(": 1 required ")) {
    return *name + " needs a value";
  }
  return text;
}

}  // namespace

Result<void> CommandLine::Parts::apply_config(Leaf& leaf) {
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
      return fail(ErrorKind::usage, fmt::format("{}: {}", where, parse_error_text(e)));
    }
  }
  return {};
}

int CommandLine::run(int argc, char** argv) {
  try {
    // Behind all others, whose flags it lists.
    parts_->add_completion(*this);
    CLI::App& app = parts_->app;
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      std::fputs(help_of(deepest(&app)).c_str(), stdout);
      return kExitOk;
    } catch (const CLI::CallForVersion& e) {
      std::printf("%s\n", e.what());
      return kExitOk;
    } catch (const CLI::ExtrasError&) {
      return parts_->extras_error(*deepest(&app));
    } catch (const CLI::ParseError& e) {
      return usage_error(parse_error_text(e), deepest(&app));
    }
    const CLI::App* chosen = deepest(&app);
    for (const auto& leaf : parts_->leaves) {
      if (leaf->app != chosen) continue;
      if (auto applied = Parts::apply_config(*leaf); !applied) return print_error(applied.error());
      const Result<int> code = leaf->run();
      const Result<void> written = finish_output();
      if (!code) return print_error(code.error());
      if (!written) return print_error(written.error());
      return *code;
    }
    // No command, or `data` without one: the help is the answer, but nothing was done.
    std::fputs(help_of(chosen).c_str(), stderr);
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    return print_error(
        {ErrorKind::bad_input, "not enough memory: is a file that it read too large?"});
  } catch (const std::exception& e) {
    return print_error({ErrorKind::bug, e.what()});
  }
}

}  // namespace iie
