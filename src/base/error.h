// What can go wrong, as values.
//
// Whatever the outside world can cause (network, files, model output, user input) is a Result<T>;
// exceptions from libraries are caught where the library is called. A sample that failed is data;
// a run that failed is an Error that ends in one line on standard error and an exit code.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace iie {

// What a caller can do about it. The CLI maps kinds to exit codes (see cli/exit_code.h).
enum class ErrorKind {
  usage,         // the command line or configuration is wrong
  bad_input,     // a file, dataset or template that the user gave is wrong
  not_found,     // a named thing does not exist (file, run, sample, model)
  auth,          // the endpoint refused the key, or there is none
  rate_limited,  // the endpoint asks us to slow down; retry after `retry_after`
  transient,     // may succeed when tried again: timeouts, resets, 5xx
  bad_request,   // the endpoint will refuse this request each time
  corrupt,       // our own store or a reply cannot be read
  busy,          // another process holds the resource
  cancelled,     // the user or a deadline stopped it
  bug,           // our mistake
};

std::string_view to_string(ErrorKind kind);
std::optional<ErrorKind> error_kind_from(std::string_view name);

struct Error {
  ErrorKind kind = ErrorKind::bug;
  // One line: what, where (file:line, sample, endpoint), what to do. Never contains a secret.
  std::string message;
  // Set when the endpoint said when to try again.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
  // The HTTP status that caused it; 0 when there was none.
  int http_status = 0;
  // Of a call to an endpoint: it was sent and not refused, so that it may be billed although
  // nothing came of it.
  bool may_be_billed = false;

  bool retryable() const { return kind == ErrorKind::rate_limited || kind == ErrorKind::transient; }
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace iie

// Unwraps a Result or returns its error from the enclosing function (not for coroutines).
//   IIE_TRY(auto text, read_file(path));
#define IIE_CONCAT_(a, b) a##b
#define IIE_CONCAT(a, b) IIE_CONCAT_(a, b)
#define IIE_TRY_IMPL_(tmp, lhs, expr)                       \
  auto tmp = (expr);                                        \
  if (!tmp) return std::unexpected(std::move(tmp).error()); \
  lhs = *std::move(tmp)
#define IIE_TRY(lhs, expr) IIE_TRY_IMPL_(IIE_CONCAT(iie_try_, __LINE__), lhs, expr)
// The same for Result<void>.
#define IIE_CHECK_OK(expr)                                                                    \
  do {                                                                                        \
    if (auto iie_status_ = (expr); !iie_status_) return std::unexpected(iie_status_.error()); \
  } while (false)
