#include "provider/endpoint.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "provider/base_url.h"

namespace iie {
namespace {

namespace bj = boost::json;

// The headers that carry a key, by dialect.
std::string_view key_header_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::anthropic:
      return "x-api-key";
    case Dialect::gemini:
      return "x-goog-api-key";
    case Dialect::openai_chat:
    case Dialect::openai_responses:
      return "Authorization";
  }
  return {};
}

void merge(bj::object& into, const bj::object& from) {
  for (const auto& [key, value] : from) {
    bj::value* there = into.if_contains(key);
    if (there != nullptr && there->is_object() && value.is_object()) {
      merge(there->get_object(), value.get_object());
    } else {
      into[key] = value;
    }
  }
}

Result<void> merge_text(bj::value& into, const std::string& json) {
  if (json.empty()) return {};
  IIE_TRY(const bj::value parsed, parse_json(json));
  if (!parsed.is_object()) return fail(ErrorKind::bug, "a profile's body is no JSON object");
  merge(into.get_object(), parsed.get_object());
  return {};
}

}  // namespace

void JsonObjectText::raw(std::string_view key, std::string_view json) {
  if (!empty()) text_ += ',';
  append_json_string(text_, key);
  text_ += ':';
  text_ += json;
}

void JsonObjectText::string(std::string_view key, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  raw(key, json);
}

void JsonObjectText::number(std::string_view key, double number) {
  std::string json;
  append_json_number(json, number);
  raw(key, json);
}

void JsonObjectText::integer(std::string_view key, std::int64_t number) {
  raw(key, std::to_string(number));
}

HttpRequest request_to(const Endpoint& endpoint) {
  const ModelProfile& profile = endpoint.profile;
  HttpRequest http;
  http.url = request_url(profile.dialect, endpoint.base_url, endpoint.model, endpoint.stream);
  http.headers.reserve(3 + profile.headers.size());
  http.headers.emplace_back("Content-Type", "application/json");
  http.headers.emplace_back(
      "Accept", endpoint.stream ? "text/event-stream, application/json" : "application/json");
  for (const auto& [name, value] : profile.headers) http.headers.emplace_back(name, value);
  if (!endpoint.api_key.empty()) {
    const std::string header = profile.key_header.empty()
                                   ? std::string(key_header_of(profile.dialect))
                                   : profile.key_header;
    const bool bearer = ascii_lower(header) == "authorization";
    http.headers.emplace_back(header, (bearer ? "Bearer " : "") + endpoint.api_key.reveal());
  }
  if (endpoint.stream) http.first_byte_timeout = endpoint.first_byte_timeout;
  return http;
}

Result<void> close_body(std::string& body, const std::string& fields, const Endpoint& endpoint,
                        const GenerateRequest& request) {
  const ModelProfile& profile = endpoint.profile;
  IIE_CHECK_OK(check_params(profile, request.params));
  if (request.schema && !profile.structured_output) {
    return fail(ErrorKind::usage, endpoint.name + ": this endpoint takes no JSON schema");
  }
  std::string merged;
  if (!profile.body.empty() || request.params.reasoning) {
    IIE_TRY(bj::value value, parse_json(fields));
    IIE_CHECK_OK(merge_text(value, profile.body));
    if (request.params.reasoning) {
      IIE_TRY(const std::string reasoning, reasoning_body(profile, *request.params.reasoning));
      IIE_CHECK_OK(merge_text(value, reasoning));
    }
    merged = to_json(value);
  }
  const std::string_view object = merged.empty() ? fields : merged;
  if (object.size() > 2) {  // not "{}"
    body += ',';
    body += object.substr(1);
  } else {
    body += '}';
  }
  return {};
}

}  // namespace iie
