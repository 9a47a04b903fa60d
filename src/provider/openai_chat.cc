#include "provider/openai_chat.h"

#include <simdjson.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "provider/http_error.h"

namespace iie {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kPath = "/chat/completions";
// A parser keeps the memory of its largest document; one this large is given back.
constexpr std::size_t kKeptCapacity = 4u << 20;

// ---- Reading ----

std::optional<dom::element> member(dom::element value, std::string_view key) {
  dom::element found;
  if (value[key].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

std::optional<std::string_view> string_at(dom::element value, std::string_view key) {
  const auto found = member(value, key);
  std::string_view text;
  if (!found || found->get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<dom::array> array_at(dom::element value, std::string_view key) {
  const auto found = member(value, key);
  dom::array array;
  if (!found || found->get(array) != simdjson::SUCCESS) return std::nullopt;
  return array;
}

std::optional<std::int64_t> count_at(dom::element value, std::string_view key) {
  const auto found = member(value, key);
  std::int64_t count = 0;
  if (!found || found->get(count) != simdjson::SUCCESS || count < 0) return std::nullopt;
  return count;
}

std::string scalar_text(dom::element value, std::string_view key) {
  const auto found = member(value, key);
  if (!found) return {};
  std::string_view text;
  if (found->get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(*found);
}

void append_texts(std::string& out, dom::array parts) {
  for (const dom::element part : parts) {
    if (const auto text = string_at(part, "text")) out += *text;
  }
}

// A message's content: a string, or parts of several types.
void read_content(dom::element content, Response& response, std::string& refusal) {
  std::string_view text;
  if (content.get(text) == simdjson::SUCCESS) {
    response.text = text;
    return;
  }
  dom::array parts;
  if (content.get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) {
    const std::string_view type = string_at(part, "type").value_or("text");
    if (type == "text" || type == "output_text") {
      response.text += string_at(part, "text").value_or("");
    } else if (type == "refusal") {
      refusal += string_at(part, "refusal").value_or("");
    } else if (type == "thinking" || type == "reasoning") {
      if (const auto inner = array_at(part, "thinking")) {
        append_texts(response.reasoning, *inner);
      } else {
        response.reasoning +=
            string_at(part, "thinking").value_or(string_at(part, "text").value_or(""));
      }
    }
  }
}

void read_reasoning(dom::element message, Response& response) {
  if (!response.reasoning.empty()) return;
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    if (const auto text = string_at(message, key); text && !text->empty()) {
      response.reasoning = *text;
      return;
    }
  }
  if (const auto details = array_at(message, "reasoning_details")) {
    for (const dom::element detail : *details) {
      response.reasoning +=
          string_at(detail, "text").value_or(string_at(detail, "summary").value_or(""));
    }
  }
}

FinishReason read_finish(dom::element choice) {
  const auto name = string_at(choice, "finish_reason");
  if (!name || name->empty()) return FinishReason::unknown;
  if (*name == "stop" || *name == "eos" || *name == "eos_token" || *name == "end_turn") {
    return FinishReason::stop;
  }
  if (*name == "length" || *name == "max_tokens") return FinishReason::length;
  if (*name == "content_filter" || *name == "sensitive") return FinishReason::content_filter;
  return FinishReason::other;
}

Usage read_usage(dom::element root) {
  Usage usage;
  const auto found = member(root, "usage");
  if (!found) return usage;
  usage.input_tokens = count_at(*found, "prompt_tokens");
  usage.output_tokens = count_at(*found, "completion_tokens");
  if (const auto details = member(*found, "completion_tokens_details")) {
    usage.reasoning_tokens = count_at(*details, "reasoning_tokens");
  }
  if (const auto details = member(*found, "prompt_tokens_details")) {
    usage.cached_tokens = count_at(*details, "cached_tokens");
  }
  if (!usage.cached_tokens) usage.cached_tokens = count_at(*found, "prompt_cache_hit_tokens");
  return usage;
}

SaidError read_error(dom::element error) {
  std::string_view text;
  if (error.get(text) == simdjson::SUCCESS) return {.message = std::string(text)};
  return {scalar_text(error, "message"), scalar_text(error, "type"), scalar_text(error, "code")};
}

// Replaces \uXXXX escapes of surrogates that have no partner by \ufffd, which JSON permits and
// Unicode does not: some servers cut a character in two.
std::string mend_escapes(std::string_view json) {
  const auto unit = [&](std::size_t at) -> unsigned {  // of the escape at `at`; 0 for none
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return 0;
    unsigned value = 0;
    for (const char c : json.substr(at + 2, 4)) {
      const char lower = ascii_lower(c);
      if (is_ascii_digit(c)) {
        value = value * 16 + static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
      } else {
        return 0;
      }
    }
    return value;
  };
  std::string out;
  out.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] != '\\') {
      out += json[at++];
      continue;
    }
    const unsigned first = unit(at);
    std::size_t length = first != 0 ? 6 : 2;
    if (first >= 0xD800 && first <= 0xDFFF) {
      const unsigned second = unit(at + 6);
      if (first <= 0xDBFF && second >= 0xDC00 && second <= 0xDFFF) {
        length = 12;
      } else {
        out += "\\ufffd";
        at += 6;
        continue;
      }
    }
    out += json.substr(at, length);
    at += length;
  }
  return out;
}

// The document of a body; `mended` holds a corrected copy where one was needed. The result lives
// in `parser`.
simdjson::error_code parse(dom::parser& parser, const std::string& body, std::string& mended,
                           bool& was_mended, dom::element& root) {
  const auto parse_one = [&](const std::string& text) {
    const bool padded = text.capacity() - text.size() >= simdjson::SIMDJSON_PADDING;
    return parser.parse(text.data(), text.size(), /*realloc_if_needed=*/!padded).get(root);
  };
  auto failure = parse_one(body);
  if (failure == simdjson::UTF8_ERROR) {
    was_mended = true;
    mended = to_valid_utf8(body);
    failure = parse_one(mended);
  }
  if (failure == simdjson::STRING_ERROR) {
    was_mended = true;
    mended = mend_escapes(mended.empty() ? body : mended);
    failure = parse_one(mended);
  }
  return failure;
}

std::string quote(std::string_view body) {
  return body.empty() ? std::string("an empty body")
                      : "\"" + one_line(redact(body.substr(0, 4096)), 200) + "\"";
}

Error unreadable(const HttpResponse& reply, std::string_view endpoint, std::string_view why) {
  const std::string_view type = reply.header("content-type").value_or("");
  const bool html = starts_with_nocase(type, "text/html") || trim(reply.body).starts_with('<');
  // A page is what another service answers; JSON that breaks off is a connection's fault.
  return {.kind = html ? ErrorKind::bad_request : ErrorKind::transient,
          .message = std::string(endpoint) + ": the reply is " +
                     (html ? "a web page, not JSON" : std::string("not JSON (") += why) +
                     (html ? "" : ")") + ": " + quote(reply.body) +
                     (html ? "; check the base URL (it usually ends in /v1)" : ""),
          .http_status = reply.status};
}

Result<Response> read_reply(dom::element root, const HttpResponse& reply, std::string_view endpoint,
                            WallTime now) {
  const auto corrupt = [&](std::string_view what) {
    return std::unexpected(Error{.kind = ErrorKind::corrupt,
                                 .message = std::string(endpoint) +
                                            ": the reply is no chat completion (" +
                                            std::string(what) + "): " + quote(reply.body) +
                                            "; check the base URL (it usually ends in /v1)",
                                 .http_status = reply.status});
  };
  if (!root.is_object()) return corrupt("no object");
  const auto reject = [&](const SaidError& said) {
    return std::unexpected(error_from_reply(reply, status_of(said), said, endpoint, now));
  };
  if (const auto error = member(root, "error")) return reject(read_error(*error));
  if (string_at(root, "object") == "error") return reject(read_error(root));

  const auto choices = array_at(root, "choices");
  if (!choices) return corrupt("no choices");
  if (choices->size() == 0) {
    return std::unexpected(
        Error{.kind = ErrorKind::transient,
              .message = std::string(endpoint) + ": the reply has no choices: " + quote(reply.body),
              .http_status = reply.status});
  }
  const dom::element choice = choices->at(0);
  if (const auto error = member(choice, "error")) return reject(read_error(*error));
  const auto message = member(choice, "message");
  if (!message || !message->is_object()) return corrupt("its choice has no message");

  Response response;
  std::string refusal(string_at(*message, "refusal").value_or(""));
  if (const auto content = member(*message, "content")) read_content(*content, response, refusal);
  read_reasoning(*message, response);
  response.finish = read_finish(choice);
  if (!refusal.empty()) {
    response.finish = FinishReason::refusal;
    if (response.text.empty()) response.text = std::move(refusal);
  }
  response.usage = read_usage(root);
  response.model = string_at(root, "model").value_or("");
  response.latency = reply.latency;
  split_reasoning(response);
  return response;
}

}  // namespace

Result<std::string> chat_completions_url(std::string_view base_url) {
  const std::string_view given = trim(base_url);
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorKind::usage, "base URL '" + endpoint_name(given) + "': " + std::string(what));
  };
  const std::size_t scheme_end = given.find("://");
  if (scheme_end == std::string_view::npos) {
    return wrong("it names no scheme; write http://... or https://...");
  }
  const std::string scheme = ascii_lower(given.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") {
    return wrong("the scheme '" + one_line(scheme, 40) + "' is not supported; use http or https");
  }
  if (endpoint_name(given).empty()) return wrong("it names no host");
  for (const char c : given) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return wrong("it holds white space");
  }
  std::string_view path = given.substr(0, given.find_first_of("?#"));
  const std::string_view query = given.substr(path.size(), given.find('#') - path.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string url(path);
  if (!path.ends_with(kPath)) url += kPath;
  url += query;
  return url;
}

HttpRequest encode_chat(const OpenAiChatOptions& options, const GenerateRequest& request) {
  HttpRequest http;
  http.url = options.base_url;
  http.headers.reserve(3);
  http.headers.emplace_back("Content-Type", "application/json");
  http.headers.emplace_back("Accept", "application/json");
  if (!options.api_key.empty()) {
    http.headers.emplace_back("Authorization", "Bearer " + options.api_key.reveal());
  }
  http.total_timeout = options.total_timeout;
  http.connect_timeout = options.connect_timeout;
  http.idle_timeout = options.idle_timeout;

  std::size_t size = 256 + options.model.size();
  for (const Message& message : request.messages) size += message.content.size() * 9 / 8 + 40;
  std::string& body = http.body;
  body.reserve(size);
  body += R"({"model":)";
  append_json_string(body, options.model);
  body += R"(,"messages":[)";
  for (bool first = true; const Message& message : request.messages) {
    body += first ? R"({"role":)" : R"(,{"role":)";
    first = false;
    append_json_string(body, to_string(message.role));
    body += R"(,"content":)";
    append_json_string(body, message.content);
    body += '}';
  }
  body += ']';
  const GenerationParams& params = request.params;
  if (params.temperature) {
    body += R"(,"temperature":)";
    append_json_number(body, *params.temperature);
  }
  if (params.top_p) {
    body += R"(,"top_p":)";
    append_json_number(body, *params.top_p);
  }
  if (params.max_tokens) {
    body += ',';
    append_json_string(body, options.max_tokens_field);
    body += ':' + std::to_string(*params.max_tokens);
  }
  if (params.seed) body += R"(,"seed":)" + std::to_string(*params.seed);
  if (request.schema) {
    body += R"(,"response_format":{"type":"json_schema","json_schema":{"name":)";
    append_json_string(body, request.schema->name);
    body += R"(,"strict":true,"schema":)" + request.schema->json + "}}";
  }
  body += '}';
  return http;
}

Result<Response> decode_chat(const HttpResponse& reply, std::string_view endpoint, WallTime now) {
  if (reply.status < 200 || reply.status > 299) {
    return std::unexpected(
        error_from_reply(reply, reply.status, read_error_body(reply.body), endpoint, now));
  }
  thread_local dom::parser parser;
  dom::element root;
  std::string mended;
  bool was_mended = false;
  if (const auto failure = parse(parser, reply.body, mended, was_mended, root)) {
    return std::unexpected(unreadable(reply, endpoint, simdjson::error_message(failure)));
  }
  Result<Response> response = read_reply(root, reply, endpoint, now);
  if (response) response->mended_utf8 = was_mended;
  if (parser.capacity() > kKeptCapacity) parser = dom::parser();
  return response;
}

Result<std::unique_ptr<OpenAiChat>> OpenAiChat::make(Transport& transport,
                                                     OpenAiChatOptions options) {
  IIE_TRY(options.base_url, chat_completions_url(options.base_url));
  if (trim(options.model).empty()) return fail(ErrorKind::usage, "the model's name is empty");
  for (const char c : options.api_key.reveal()) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      return fail(ErrorKind::usage,
                  "the API key holds white space or a character outside ASCII; was it copied with "
                  "something around it?");
    }
  }
  if (options.max_tokens_field.empty()) {
    options.max_tokens_field = endpoint_name(options.base_url) == "api.openai.com"
                                   ? "max_completion_tokens"
                                   : "max_tokens";
  }
  return std::unique_ptr<OpenAiChat>(new OpenAiChat(transport, std::move(options)));
}

OpenAiChat::OpenAiChat(Transport& transport, OpenAiChatOptions options)
    : transport_(transport),
      options_(std::move(options)),
      name_("openai:" + options_.model),
      endpoint_(endpoint_name(options_.base_url)) {}

Async<Result<Response>> OpenAiChat::generate(const GenerateRequest& request) {
  HttpRequest http = encode_chat(options_, request);
  Result<HttpResponse> reply = co_await transport_.send(std::move(http));
  if (!reply) co_return std::unexpected(std::move(reply).error());
  co_return decode_chat(*reply, endpoint_, system_clock().wall());
}

}  // namespace iie
