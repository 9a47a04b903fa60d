#include "provider/http_error.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "base/string_util.h"
#include "net/proxy.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::size_t kQuotedBytes = 200;
// Longer error bodies are not parsed: no endpoint explains itself at that length.
constexpr std::size_t kLongestParsed = 256u << 10;

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The three forms of RFC 9110, 5.6.7: the one that servers may send, and the two that clients must
// read all the same.
std::optional<WallTime> parse_http_date(std::string_view text) {
  const std::string date(trim(text));
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm read{};
    const char* end = strptime(date.c_str(), form, &read);
    if (end != date.c_str() + date.size()) continue;
    std::tm normal = read;
    const std::time_t seconds = timegm(&normal);
    if (normal.tm_mday != read.tm_mday) return std::nullopt;  // 31 February
    return WallTime(std::chrono::seconds(seconds));
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> bounded(double milliseconds) {
  if (!std::isfinite(milliseconds)) return std::nullopt;
  constexpr double kMost = std::chrono::milliseconds(kLongestRetryAfter).count();
  return std::chrono::milliseconds(std::llround(std::ceil(std::clamp(milliseconds, 0.0, kMost))));
}

std::string text_of(const bj::value& value) {
  if (const bj::string* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_null()) return {};
  return to_json(value);
}

std::string field(const bj::object& object, std::string_view key) {
  const bj::value* value = object.if_contains(key);
  return value == nullptr ? std::string() : text_of(*value);
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  const std::string lower = ascii_lower(text.substr(0, 4096));
  return std::ranges::any_of(
      words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool says(const SaidError& said, std::initializer_list<std::string_view> words) {
  return mentions(said.code, words) || mentions(said.type, words);
}

// Whether waiting does not help: a budget is spent, not a rate. The vendors' own words and codes
// (doc/providers.md, "Errors", has the sources).
bool is_out_of_credit(const SaidError& said) {
  // Two vendors word limits per minute like a plan that is used up: Google says when they end,
  // DashScope links to what it says about them.
  if (said.retry_after) return false;
  if (mentions(said.message, {"error-code#token-limit", "allocated quota exceeded"})) return false;
  if (said.code == "1113") return true;  // GLM, which sends it as a 429
  return says(said, {"insufficient_quota", "billing", "insufficient_balance", "arrearage",
                     "exceeded_current_quota", "spend_limit_reached"}) ||
         mentions(said.message, {"exceeded your current quota", "insufficient balance",
                                 "insufficient credits", "credit balance is too low",
                                 "specified api usage limits", "used all available credits"});
}

// What "details" adds: of Google a list with {"@type": ".../google.rpc.RetryInfo", "retryDelay":
// "36.5s"}, of Anthropic an object with the "error_code" that its "type" is too coarse for.
void read_details(const bj::object& error, SaidError& said) {
  const bj::value* details = error.if_contains("details");
  if (details == nullptr) return;
  if (details->is_object() && said.code.empty()) {
    said.code = field(details->get_object(), "error_code");
  }
  if (!details->is_array()) return;
  for (const bj::value& detail : details->get_array()) {
    if (!detail.is_object() || said.retry_after) continue;
    said.retry_after = retry_delay(field(detail.get_object(), "retryDelay"));
  }
}

struct Classified {
  ErrorKind kind;
  std::string_view what;
  std::string_view hint;
};

Classified classify(int status, const SaidError& said) {
  const bool may_be_credit = status == 429 || status == 400 || status == 403;
  if (status == 402 || (may_be_credit && is_out_of_credit(said))) {
    return {ErrorKind::auth, "the account has no credit left", "check its plan and billing"};
  }
  if (status == 400 && mentions(said.message, {"api key not valid", "api key expired"})) {
    return {ErrorKind::auth, "the key was refused", "check the API key"};
  }
  switch (status) {
    case 401:
      return {ErrorKind::auth, "the key was refused", "check the API key"};
    case 403:
      if (mentions(said.message, {"moderation", "flagged"})) {
        return {ErrorKind::bad_request, "refused by content moderation", ""};
      }
      return {ErrorKind::auth, "not allowed", "check the API key and what it may use"};
    case 404:
      return {ErrorKind::not_found, "not found",
              "check the model's name and the base URL (it usually ends in /v1)"};
    case 405:
      return {ErrorKind::bad_request, "the path takes no POST",
              "check the base URL (it usually ends in /v1)"};
    case 407:
      return {ErrorKind::auth, kProxyWantsCredentials, ""};
    case 408:
      return {ErrorKind::transient, "it timed out", ""};
    case 413:
      return {ErrorKind::bad_request, "the request is too large", ""};
    case 429:
      return {ErrorKind::rate_limited, "it asks us to slow down", ""};
    case 409:
    case 425:
      return {ErrorKind::transient, "it is not ready", ""};
    case 501:
    case 505:
      return {ErrorKind::bad_request, "it does not support this", "check the base URL"};
    case 502:
    case 503:
    case 504:
    case 529:
      return {ErrorKind::transient, "it is overloaded or down", ""};
    default:
      break;
  }
  if (status >= 500) return {ErrorKind::transient, "it failed", ""};
  if (status >= 300 && status < 400) {
    return {ErrorKind::bad_request, "it redirects, which is not followed",
            "give the base URL that it points to"};
  }
  if (says(said, {"model_not_found", "modelnotfound"})) {
    return {ErrorKind::not_found, "it has no such model", "check the model's name"};
  }
  return {ErrorKind::bad_request, "it refused the request", ""};
}

}  // namespace

std::string endpoint_name(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    url.remove_prefix(at + 1);
  }
  return one_line(url, 200);
}

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& reply, WallTime now) {
  if (const auto text = reply.header("retry-after-ms")) {
    if (const auto milliseconds = parse_number<double>(trim(*text))) {
      return bounded(*milliseconds);
    }
  }
  const auto text = reply.header("retry-after");
  if (!text) return std::nullopt;
  if (const auto seconds = parse_number<double>(trim(*text))) return bounded(*seconds * 1000);
  const auto date = parse_http_date(*text);
  if (!date) return std::nullopt;
  if (const auto sent = reply.header("date")) now = parse_http_date(*sent).value_or(now);
  return bounded(static_cast<double>((*date - now).count()));
}

std::optional<std::chrono::milliseconds> retry_delay(std::string_view text) {
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  const auto seconds = parse_number<double>(text);
  return seconds ? bounded(*seconds * 1000) : std::nullopt;
}

SaidError read_error_body(std::string_view body) {
  SaidError said;
  const std::string_view text = trim(body);
  if ((text.starts_with('{') || text.starts_with('[')) && text.size() <= kLongestParsed) {
    const auto parsed = parse_json(to_valid_utf8(text));
    const bj::value* root = parsed ? &*parsed : nullptr;
    if (root != nullptr && root->is_array() && !root->get_array().empty()) {
      root = &root->get_array().front();
    }
    if (root != nullptr && root->is_object()) {
      const bj::object* object = &root->get_object();
      if (const bj::value* error = object->if_contains("error"); error && error->is_object()) {
        object = &error->get_object();
      } else if (error != nullptr) {
        said.message = text_of(*error);
      }
      for (const std::string_view key : {"message", "detail", "error_msg", "msg"}) {
        if (said.message.empty()) said.message = field(*object, key);
      }
      said.type = field(*object, "type");
      if (said.type.empty()) said.type = field(*object, "status");
      said.code = field(*object, "code");
      read_details(*object, said);
    }
  }
  if (said.message.empty()) said.message = text.substr(0, kQuotedBytes * 4);
  return said;
}

int status_of(const SaidError& said) {
  for (const std::string& text : {said.code, said.type}) {
    if (const auto number = parse_number<int>(text); number && *number >= 300 && *number <= 599) {
      return *number;
    }
  }
  if (is_out_of_credit(said)) return 402;
  if (says(said, {"overloaded"})) return 529;
  if (says(said, {"rate_limit", "resource_exhausted", "ratelimit", "too_many_requests", "throttl"}))
    return 429;
  if (says(said, {"authentication", "unauthenticated", "invalid_api_key", "unauthorized"}))
    return 401;
  if (says(said, {"permission"})) return 403;
  if (says(said, {"not_found"})) return 404;
  if (says(said, {"too_large"})) return 413;
  if (says(said, {"invalid_request", "invalid_argument", "invalid_prompt", "invalid_parameter",
                  "context_length", "badrequest", "bad_request", "policy", "content_filter",
                  "data_residency_mismatch"})) {
    return 400;
  }
  return 503;
}

Error error_from_reply(const HttpResponse& reply, int status, const SaidError& said,
                       std::string_view endpoint, WallTime now) {
  Classified classified = classify(status, said);
  // OpenAI's and Anthropic's own libraries obey it whatever the status.
  const bool final = reply.header("x-should-retry") == "false";
  if (final && Error{.kind = classified.kind}.retryable()) {
    classified = {ErrorKind::bad_request, "it says that another try will not help", ""};
  }
  Error error;
  error.kind = classified.kind;
  error.http_status = status;
  // Refused calls are free everywhere. An error inside a 200 is a refusal where it says so; else
  // the model may have been at it.
  error.may_be_billed =
      reply.status >= 200 && reply.status <= 299 &&
      (error.kind == ErrorKind::transient || error.kind == ErrorKind::bad_request);
  if (error.retryable()) {
    error.retry_after = retry_after(reply, now);
    if (!error.retry_after) error.retry_after = said.retry_after;
  }

  error.message = endpoint;
  error.message += ": HTTP " + std::to_string(status);
  if (reply.status != status) error.message += " inside a " + std::to_string(reply.status);
  error.message += ", ";
  error.message += classified.what;
  if (status >= 300 && status < 400) {
    if (const auto location = reply.header("location")) {
      error.message += " (to " + endpoint_name(*location) + ")";
    }
  }
  if (!said.message.empty()) {
    error.message += ": \"" + one_line(redact(said.message), kQuotedBytes) + "\"";
  }
  if (!classified.hint.empty()) {
    error.message += "; ";
    error.message += classified.hint;
  }
  return error;
}

}  // namespace iie
