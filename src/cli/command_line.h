// The command line as commands and flags, without the library behind it: only command_line.cc
// includes CLI11, which costs many seconds to compile. app.cc makes the object, and one file per
// group of commands (register_*.cc) fills it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace iie {

// The program's name, as help and errors give it.
inline constexpr const char* kProgram = "inverse-ifeval";

// One flag or positional argument; a handle, valid as long as the command line. Every setter
// returns the handle, so that a flag reads as one sentence.
class CliFlag {
 public:
  static constexpr std::int64_t kAnyLow = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kAnyHigh = std::numeric_limits<std::int64_t>::max();

  // What help calls its value: "N", "FILE" (shells complete file names for FILE and DIR).
  CliFlag& type(const std::string& name);
  // The heading that help lists it under; without one, "Options".
  CliFlag& group(const std::string& name);
  CliFlag& required();
  // Values that are no such number are a usage error. (The library's own checks print ranges of
  // 300 digits, take 010 for eight and let NaN pass.)
  CliFlag& whole_number(std::int64_t low = kAnyLow, std::int64_t high = kAnyHigh);
  CliFlag& number(double low, double high);
  // Any other value is a usage error; shells complete these.
  CliFlag& one_of(const std::vector<std::string>& choices);
  // Shells complete these, but the command itself reads the value.
  CliFlag& suggest(const std::vector<std::string>& choices);
  // One value may hold several, so separated.
  CliFlag& delimiter(char separator);
  // Either of the two, not both.
  CliFlag& excludes(const CliFlag& other);

 private:
  friend class CliCommand;
  CliFlag(CLI::Option* option, std::vector<std::string>* choices)
      : option_(option), choices_(choices) {}

  CLI::Option* option_;
  std::vector<std::string>* choices_;  // for completion
};

// One command; a handle, valid as long as the command line. The values that flags write to must
// live as long too: CommandLine::add keeps the options struct.
class CliCommand {
 public:
  // "--name,-n" is a flag; a name without dashes is a positional argument. An optional stays empty,
  // and anything else keeps the value it has, where the user gives none.
  CliFlag option(const std::string& names, std::string& value, const std::string& description);
  CliFlag option(const std::string& names, std::optional<std::string>& value,
                 const std::string& description);
  CliFlag option(const std::string& names, std::vector<std::string>& value,
                 const std::string& description);
  CliFlag option(const std::string& names, std::int64_t& value, const std::string& description);
  CliFlag option(const std::string& names, std::optional<std::int64_t>& value,
                 const std::string& description);
  CliFlag option(const std::string& names, std::vector<std::int64_t>& value,
                 const std::string& description);
  CliFlag option(const std::string& names, double& value, const std::string& description);
  CliFlag option(const std::string& names, std::optional<double>& value,
                 const std::string& description);
  CliFlag flag(const std::string& names, bool& value, const std::string& description);

  // Adds --config: a YAML file whose keys are this command's flags (cli/config.h).
  void config();

 private:
  friend class CommandLine;
  struct Leaf;
  explicit CliCommand(Leaf& leaf) : leaf_(&leaf) {}

  template <typename Value>
  CliFlag add(const std::string& names, Value& value, const std::string& description);

  Leaf* leaf_;
};

class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Reads the arguments, runs the command that they name, and prints what went wrong in one line.
  // The exit code (exit_code.h).
  int run(int argc, char** argv);

  // A command, and the options that its flags fill.
  template <typename Options>
  struct Added {
    CliCommand command;
    Options& options;
  };
  // `words` is "run", or "data list" for a command of a group. `footer` stands under its help.
  template <typename Options>
  Added<Options> add(const std::string& words, const std::string& description,
                     Result<int> (*run)(const Options&), const std::string& footer = "") {
    auto options = std::make_shared<Options>();
    CliCommand command =
        add_command(words, description, [run, options] { return run(*options); }, footer);
    return {command, *options};
  }
  // A command that takes what it needs itself; `run` owns what the flags fill.
  CliCommand add_command(const std::string& words, const std::string& description,
                         std::function<Result<int>()> run, const std::string& footer = "");
  // "data", before its commands.
  void add_group(const std::string& word, const std::string& description);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The groups of commands: each in its own register_*.cc.
void register_run(CommandLine& line);      // run, score, resume
void register_views(CommandLine& line);    // runs, show, report, compare ...
void register_data(CommandLine& line);     // data ...
void register_judging(CommandLine& line);  // rejudge, calibrate, judge-test
void register_doctor(CommandLine& line);
void register_providers(CommandLine& line);

}  // namespace iie
