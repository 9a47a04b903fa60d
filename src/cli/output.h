// Writing results: tables for people, JSON for scripts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/options.h"

namespace iie {

// Whether standard output takes colour: --color, NO_COLOR, and a terminal at the other end.
bool use_color(const OutputOptions& output);
// Columns of the terminal on standard output; 100 where there is none.
int output_width();
// From now on, what goes to standard error goes there as JSON lines (cli/event_log.h).
void use_json_diagnostics();
bool json_diagnostics();
// What went wrong, on standard error; "inverse-ifeval: " stands before it.
void print_diagnostic(const std::string& text);
// A note on standard error, unless --quiet.
void note(const OutputOptions& output, const std::string& text);
// The note on a verdicts file: what was written, and how many rollouts are not in it.
void note_verdicts(const OutputOptions& output, const std::string& file, std::int64_t without);
// To standard output as it is.
void print(const std::string& text);
// Whether all of it arrived: a report that did not reach its reader is no success. A reader that
// has seen enough (`| head`) is no error.
Result<void> finish_output();

// Left-aligned columns, two spaces between; columns whose header starts with '>' are right-aligned.
class Listing {
 public:
  explicit Listing(std::vector<std::string> headers);
  void add(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace iie
