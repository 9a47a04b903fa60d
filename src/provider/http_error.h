// What an HTTP error means, whatever the dialect: its kind, when to try again, and one line for
// people. Shared by every provider.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/transport.h"

namespace iie {

// No limit lasts longer; a larger figure means this much. How long is too long to wait is for the
// caller to say.
inline constexpr std::chrono::hours kLongestRetryAfter{31 * 24};

// "host:port" of a URL, as messages name an endpoint.
std::string endpoint_name(std::string_view url);

// From retry-after-ms, or Retry-After as seconds or as an HTTP date (against the reply's own Date
// where it has one, else against `now`). Past dates are zero; nonsense is absent.
std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& reply, WallTime now);

// What an error body said; each field may be empty.
struct SaidError {
  std::string message;
  std::string type;
  std::string code;
  // Google's RetryInfo, which stands in the body instead of a header.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// Google's "36.5s", bounded like retry_after(); nonsense is absent.
std::optional<std::chrono::milliseconds> retry_delay(std::string_view text);

// Reads {"error": {...}}, {"error": "..."}, {"message": ...}, {"detail": ...} and the like, also as
// the first of a list, with what Google and Anthropic add as "details"; for anything else the
// message is the beginning of the body. Not redacted yet.
SaidError read_error_body(std::string_view body);

// The Error for a status outside 200-299 (never retryable where the reply says "x-should-retry:
// false"), or, with `status` replaced by what the body says, for an
// error inside a 200. Redacted, one line: endpoint, status, what it said, what to do.
Error error_from_reply(const HttpResponse& reply, int status, const SaidError& said,
                       std::string_view endpoint, WallTime now);

// The HTTP status that the code and type of an error inside a 200 correspond to.
int status_of(const SaidError& said);

}  // namespace iie
