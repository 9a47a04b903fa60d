#include "provider/openai_responses.h"

#include <algorithm>
#include <map>
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

bool is_last(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" ||
         type == "response.failed" || type == "response.cancelled" || type == "error";
}

class ResponsesReader final : public ReplyReader {
 public:
  explicit ResponsesReader(const ReplyContext& context) : context_(context) {}

  Result<void> document(WireValue root) override;
  Result<bool> event(std::string_view type, WireValue root) override;
  bool is_whole(bool) const override { return false; }  // its last event says so, nothing else
  Result<Response> response() override { return std::move(response_); }

 private:
  struct Item {
    std::string text;
    std::string refusal;
    std::string reasoning;
    bool commentary = false;  // said on the way to the answer
  };

  static Item read_item(WireValue item);
  void read_usage(WireValue usage);
  Result<void> read_status(WireValue root);

  const ReplyContext& context_;
  Response response_;
  std::map<std::int64_t, Item> streamed_;  // by their place in the output
};

ResponsesReader::Item ResponsesReader::read_item(WireValue item) {
  Item read;
  const std::string_view type = item.text("type").value_or("");
  const auto content = item.list("content");
  if (type == "message" && content) {
    read.commentary = item.text("phase") == "commentary";
    for (const WireValue& part : *content) {
      if (part.text("type") == "refusal") {
        read.refusal += part.text("refusal").value_or("");
      } else {
        read.text += part.text("text").value_or("");
      }
    }
  }
  if (type == "reasoning") {
    const auto add = [&](const std::vector<WireValue>& parts) {
      for (const WireValue& part : parts) {
        const std::string_view text = part.text("text").value_or("");
        if (text.empty()) continue;
        if (!read.reasoning.empty()) read.reasoning += "\n\n";
        read.reasoning += text;
      }
    };
    if (content) add(*content);
    const auto summary = item.list("summary");
    if (read.reasoning.empty() && summary) add(*summary);
  }
  return read;
}

void ResponsesReader::read_usage(WireValue usage) {
  OpenAiCounts counts{.input = usage.count("input_tokens"),
                      .output = usage.count("output_tokens"),
                      .total = usage.count("total_tokens")};
  if (const auto details = usage.member("output_tokens_details")) {
    counts.reasoning = details->count("reasoning_tokens");
  }
  if (const auto details = usage.member("input_tokens_details")) {
    counts.cached = details->count("cached_tokens");
    counts.cache_written = details->count("cache_write_tokens");
  }
  response_.usage = usage_of(counts);
}

Result<void> ResponsesReader::read_status(WireValue root) {
  const std::string_view status = root.text("status").value_or("");
  if (status == "in_progress" || status == "queued" || status == "cancelled") {
    return context_.unusable("the response is " + std::string(status));
  }
  response_.finish = FinishReason::unknown;
  if (status == "completed") response_.finish = FinishReason::stop;
  if (status == "incomplete") {
    response_.finish = FinishReason::other;
    std::string_view reason;
    if (const auto details = root.member("incomplete_details")) {
      reason = details->text("reason").value_or("");
    }
    if (reason == "max_output_tokens" || reason == "max_tokens") {
      response_.finish = FinishReason::length;
    }
    if (reason == "content_filter") response_.finish = FinishReason::content_filter;
  }
  return {};
}

Result<void> ResponsesReader::document(WireValue root) {
  if (!root.is_object()) return context_.corrupt("no object");
  if (const auto error = root.member("error")) return context_.rejected(read_said(*error));
  if (root.text("object") == "error") return context_.rejected(read_said(root));
  if (root.text("status") == "failed") return context_.rejected({.message = "the response failed"});
  const auto output = root.list("output");
  if (!output) return context_.corrupt("no output");
  IIE_CHECK_OK(read_status(root));
  std::vector<Item> items;
  for (const WireValue& item : *output) items.push_back(read_item(item));
  if (items.empty()) {
    for (auto& [index, item] : streamed_) items.push_back(std::move(item));
  }
  // Cut off before anything came out is an answer of length; otherwise nothing is no answer.
  if (items.empty() && response_.finish != FinishReason::length &&
      response_.finish != FinishReason::content_filter) {
    return context_.unusable("the reply has no output");
  }
  // Commentary is an answer only where nothing else was said.
  const bool answered = std::ranges::any_of(
      items, [](const Item& item) { return !item.commentary && !item.text.empty(); });
  std::string refusal;
  for (Item& item : items) {
    if (item.commentary && answered) item.reasoning = std::move(item.text);
    response_.text += std::exchange(item.text, {});
    refusal += item.refusal;
    if (!item.reasoning.empty()) {
      if (!response_.reasoning.empty()) response_.reasoning += "\n\n";
      response_.reasoning += item.reasoning;
    }
  }
  if (!refusal.empty()) {
    response_.finish = FinishReason::refusal;
    if (response_.text.empty()) response_.text = std::move(refusal);
  }
  response_.model = root.text("model").value_or("");
  if (const auto usage = root.member("usage")) read_usage(*usage);
  return {};
}

Result<bool> ResponsesReader::event(std::string_view type, WireValue root) {
  if (const auto said = root.text("type")) type = *said;
  if (type == "error" || (type.empty() && root.member("error"))) {
    return context_.rejected(read_said(root.member("error").value_or(root)));
  }
  if (type == "response.output_item.done") {
    const auto item = root.member("item");
    const auto index = root.count("output_index");
    if (item && index) streamed_.insert_or_assign(*index, read_item(*item));
    return false;
  }
  if (!is_last(type)) return false;
  const auto response = root.member("response");
  if (!response) return context_.corrupt("its last event holds no response");
  IIE_CHECK_OK(document(*response));
  return true;
}

}  // namespace

Result<HttpRequest> encode_responses(const Endpoint& endpoint, const GenerateRequest& request) {
  HttpRequest http = request_to(endpoint);
  std::string& body = http.body;
  body = R"({"model":)";
  append_json_string(body, endpoint.model);
  body += R"(,"input":[)";
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
  if (params.max_tokens) fields.integer("max_output_tokens", *params.max_tokens);
  if (request.schema) {
    JsonObjectText format;
    format.string("type", "json_schema");
    format.string("name", request.schema->name);
    format.raw("strict", "true");
    format.raw("schema", request.schema->json);
    JsonObjectText text;
    text.raw("format", format.text());
    fields.raw("text", text.text());
  }
  if (endpoint.stream) {
    fields.raw("stream", "true");
    http.body_complete = until_event(
        [](const SseEvent& event) { return is_last(event.type) || trim(event.data) == "[DONE]"; });
  }
  IIE_CHECK_OK(close_body(body, fields.text(), endpoint, request));
  return http;
}

Result<Response> decode_responses(const HttpResponse& reply, std::string_view endpoint,
                                  WallTime now) {
  const ReplyContext context{reply, endpoint, now, "response"};
  ResponsesReader reader(context);
  return read_reply(context, reader);
}

}  // namespace iie
