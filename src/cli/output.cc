#include "cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/event_log.h"
#include "report/plain_text.h"

namespace iie {
namespace {

int output_errno = 0;  // of the first write that failed
bool as_json = false;  // what goes to standard error

void put_json(std::string_view event, std::string_view text) {
  const std::string line = diagnostic_line(event, text, system_clock().wall());
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

bool use_color(const OutputOptions& output) {
  if (output.color == "always") return true;
  if (output.color == "never" || get_env("NO_COLOR")) return false;
  const auto term = get_env("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && term && *term != "dumb";
}

int output_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 100;
}

void use_json_diagnostics() {
  as_json = true;
  set_log_sink([](LogLevel level, std::string_view line) {
    put_json(level >= LogLevel::error ? "error" : "warning", line);
  });
}

bool json_diagnostics() { return as_json; }

void print_diagnostic(const std::string& text) {
  if (as_json) return put_json("error", text);
  std::fprintf(stderr, "inverse-ifeval: %s\n", redact(text).c_str());
}

void note(const OutputOptions& output, const std::string& text) {
  if (output.quiet) return;
  if (as_json) return put_json("note", text);
  std::fprintf(stderr, "%s\n", redact(text).c_str());
}

void note_verdicts(const OutputOptions& output, const std::string& file, std::int64_t without) {
  std::string text = "Wrote " + file;
  if (without > 0) {
    text += " without the " + std::to_string(without) + " rollouts that have no verdict";
  }
  note(output, text);
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size() && output_errno == 0) {
    output_errno = errno;
  }
}

Result<void> finish_output() {
  if (std::fflush(stdout) != 0 && output_errno == 0) output_errno = errno;
  if (output_errno == 0 || output_errno == EPIPE) return {};
  return fail(ErrorKind::bad_input,
              std::string("cannot write to standard output: ") + std::strerror(output_errno));
}

Listing::Listing(std::vector<std::string> headers) : headers_(std::move(headers)) {}

void Listing::add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

std::string Listing::text() const {
  const std::size_t columns = headers_.size();
  std::vector<bool> right(columns);
  std::vector<std::string> titles = headers_;
  std::vector<std::size_t> widths(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    right[i] = titles[i].starts_with('>');
    if (right[i]) titles[i].erase(0, 1);
    widths[i] = display_width(titles[i]);
    for (const auto& row : rows_) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < columns; ++i) {
      if (i > 0) text += "  ";
      text += right[i] ? pad_left(cells[i], widths[i]) : pad_right(cells[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  line(titles);
  for (const auto& row : rows_) line(row);
  return out;
}

}  // namespace iie
