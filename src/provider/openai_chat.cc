#include "provider/openai_chat.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/string_util.h"
#include "core/reported_usage.h"
#include "provider/reply_reader.h"
#include "provider/sse.h"

namespace iie {
namespace {

class ChatReader final : public ReplyReader {
 public:
  explicit ChatReader(const ReplyContext& context) : context_(context) {}

  Result<void> document(WireValue root) override;
  Result<bool> event(std::string_view type, WireValue root) override;
  bool is_whole(bool marked) const override { return marked || !finish_.empty(); }
  Result<Response> response() override;

 private:
  Result<void> check_error(WireValue root) const;
  void read_head(WireValue root);
  void read_message(WireValue message);
  void read_reasoning(WireValue message);
  void read_finish(WireValue choice);
  void read_usage(WireValue usage);
  // The server gave up and says so in finish_reason.
  bool gave_up() const;
  FinishReason finish() const;

  const ReplyContext& context_;
  Response response_;
  std::string refusal_;
  // Parts of the content that are thinking: they win over the fields.
  std::string thinking_;
  std::string finish_;
  bool any_choice_ = false;
};

void append_texts(std::string& out, const std::vector<WireValue>& parts) {
  for (const WireValue& part : parts) out += part.text("text").value_or("");
}

Result<void> ChatReader::check_error(WireValue root) const {
  if (!root.is_object()) return context_.corrupt("no object");
  if (const auto error = root.member("error")) return context_.rejected(read_said(*error));
  if (root.text("object") == "error") return context_.rejected(read_said(root));
  return {};
}

void ChatReader::read_head(WireValue root) {
  if (response_.model.empty()) response_.model = root.text("model").value_or("");
  if (const auto usage = root.member("usage")) read_usage(*usage);
}

// A message's content: a string, or parts of several types.
void ChatReader::read_message(WireValue message) {
  refusal_ += message.text("refusal").value_or("");
  if (const auto parts = message.list("content")) {
    for (const WireValue& part : *parts) {
      const std::string_view type = part.text("type").value_or("text");
      if (type == "text" || type == "output_text") {
        response_.text += part.text("text").value_or("");
      } else if (type == "refusal") {
        refusal_ += part.text("refusal").value_or("");
      } else if (type == "thinking" || type == "reasoning") {
        if (const auto inner = part.list("thinking")) {
          append_texts(thinking_, *inner);
        } else {
          thinking_ += part.text("thinking").value_or(part.text("text").value_or(""));
        }
      }
    }
  } else {
    response_.text += message.text("content").value_or("");
  }
  read_reasoning(message);
}

// Some servers send the same text in two of the fields: the first that has any counts.
void ChatReader::read_reasoning(WireValue message) {
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    if (const auto text = message.text(key); text && !text->empty()) {
      response_.reasoning += *text;
      return;
    }
  }
  if (const auto details = message.list("reasoning_details")) {
    for (const WireValue& detail : *details) {
      response_.reasoning += detail.text("text").value_or(detail.text("summary").value_or(""));
    }
  }
}

void ChatReader::read_finish(WireValue choice) {
  if (const auto name = choice.text("finish_reason"); name && !name->empty()) finish_ = *name;
}

void ChatReader::read_usage(WireValue usage) {
  OpenAiCounts counts{.input = usage.count("prompt_tokens"),
                      .output = usage.count("completion_tokens"),
                      .total = usage.count("total_tokens")};
  if (const auto details = usage.member("completion_tokens_details")) {
    counts.reasoning = details->count("reasoning_tokens");
  }
  if (const auto details = usage.member("prompt_tokens_details")) {
    counts.cached = details->count("cached_tokens");
    counts.cache_written = details->count("cache_write_tokens");
  }
  if (!counts.cached) counts.cached = usage.count("prompt_cache_hit_tokens");
  if (!counts.cached) counts.cached = usage.count("cached_tokens");
  response_.usage = usage_of(counts);
}

Result<void> ChatReader::document(WireValue root) {
  IIE_CHECK_OK(check_error(root));
  const auto choices = root.list("choices");
  if (!choices) return context_.corrupt("no choices");
  if (choices->empty()) return context_.unusable("the reply has no choices");
  const WireValue& choice = choices->front();
  if (const auto error = choice.member("error")) return context_.rejected(read_said(*error));
  const auto message = choice.member("message");
  if (!message || !message->is_object()) return context_.corrupt("its choice has no message");
  any_choice_ = true;
  read_head(root);
  read_message(*message);
  read_finish(choice);
  return {};
}

Result<bool> ChatReader::event(std::string_view, WireValue root) {
  IIE_CHECK_OK(check_error(root));
  read_head(root);
  const auto choices = root.list("choices");
  if (!choices) return false;  // a gateway's own event
  for (const WireValue& choice : *choices) {
    if (choice.count("index").value_or(0) != 0) continue;
    if (const auto error = choice.member("error")) return context_.rejected(read_said(*error));
    any_choice_ = true;
    const std::size_t before = response_.text.size();
    if (const auto delta = choice.member("delta")) read_message(*delta);
    if (!finish_.empty() && response_.text.size() > before) {
      return context_.unusable("the stream's events are out of order or repeated");
    }
    read_finish(choice);
    if (const auto usage = choice.member("usage")) read_usage(*usage);
  }
  return false;  // usage comes behind finish_reason, and "[DONE]" behind that
}

bool ChatReader::gave_up() const {
  for (const std::string_view name :
       {"error", "network_error", "insufficient_system_resource", "abort", "aborted"}) {
    if (finish_ == name) return true;
  }
  return false;
}

FinishReason ChatReader::finish() const {
  if (finish_.empty()) return FinishReason::unknown;
  for (const std::string_view name : {"stop", "eos", "eos_token", "end_turn"}) {
    if (finish_ == name) return FinishReason::stop;
  }
  // Mistral and GLM name the model's own limit apart from the one that was asked for.
  for (const std::string_view name :
       {"length", "max_tokens", "model_length", "model_context_window_exceeded"}) {
    if (finish_ == name) return FinishReason::length;
  }
  for (const std::string_view name : {"content_filter", "sensitive"}) {
    if (finish_ == name) return FinishReason::content_filter;
  }
  return finish_ == "refusal" ? FinishReason::refusal : FinishReason::other;
}

Result<Response> ChatReader::response() {
  if (!any_choice_) return context_.unusable("the stream has no choices");
  if (gave_up()) {
    return context_.unusable("the server gave up (finish_reason '" + one_line(finish_, 40) + "')");
  }
  if (!thinking_.empty()) response_.reasoning = std::move(thinking_);
  response_.finish = finish();
  if (!refusal_.empty()) {
    response_.finish = FinishReason::refusal;
    if (response_.text.empty()) response_.text = std::move(refusal_);
  }
  return std::move(response_);
}

}  // namespace

Result<HttpRequest> encode_chat(const Endpoint& endpoint, const GenerateRequest& request) {
  HttpRequest http = request_to(endpoint);
  std::size_t size = 256 + endpoint.model.size();
  for (const Message& message : request.messages) size += message.content.size() * 9 / 8 + 40;
  std::string& body = http.body;
  body.reserve(size);
  body += R"({"model":)";
  append_json_string(body, endpoint.model);
  body += R"(,"messages":[)";
  for (bool first = true; const Message& message : request.messages) {
    body += first ? R"({"role":)" : R"(,{"role":)";
    first = false;
    append_json_string(body, message.role == Role::system ? endpoint.profile.system_role
                                                          : to_string(message.role));
    body += R"(,"content":)";
    append_json_string(body, message.content);
    body += '}';
  }
  body += ']';

  JsonObjectText fields;
  const GenerationParams& params = request.params;
  if (params.temperature) fields.number("temperature", *params.temperature);
  if (params.top_p) fields.number("top_p", *params.top_p);
  if (params.max_tokens) fields.integer(endpoint.profile.max_tokens, *params.max_tokens);
  if (params.seed) fields.integer("seed", *params.seed);
  if (request.schema) {
    JsonObjectText schema;
    schema.string("name", request.schema->name);
    schema.raw("strict", "true");
    schema.raw("schema", request.schema->json);
    JsonObjectText format;
    format.string("type", "json_schema");
    format.raw("json_schema", schema.text());
    fields.raw("response_format", format.text());
  }
  if (endpoint.stream) {
    fields.raw("stream", "true");
    if (endpoint.profile.stream_usage) {
      fields.raw("stream_options", R"({"include_usage":true})");
    }
    http.body_complete = until_event([](const SseEvent& event) {
      return trim(event.data) == "[DONE]" || event.data.starts_with(R"({"error")");
    });
  }
  IIE_CHECK_OK(close_body(body, fields.text(), endpoint, request));
  return http;
}

Result<Response> decode_chat(const HttpResponse& reply, std::string_view endpoint, WallTime now) {
  const ReplyContext context{reply, endpoint, now, "chat completion"};
  ChatReader reader(context);
  return read_reply(context, reader);
}

}  // namespace iie
