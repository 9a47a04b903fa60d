#include "provider/anthropic.h"

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

class MessagesReader final : public ReplyReader {
 public:
  explicit MessagesReader(const ReplyContext& context) : context_(context) {}

  Result<void> document(WireValue root) override;
  Result<bool> event(std::string_view type, WireValue root) override;
  bool is_whole(bool) const override;
  Result<Response> response() override;

 private:
  struct Block {
    std::string text;
    std::string thinking;
    bool grown = false;
    bool stopped = false;
  };

  static Block read_block(WireValue block);
  Result<void> check_error(WireValue root) const;
  void read_message(WireValue message);
  void read_stop(WireValue holder);
  void read_usage(WireValue usage);
  Result<void> read_block_event(std::string_view type, WireValue root);
  FinishReason finish() const;

  const ReplyContext& context_;
  Response response_;
  std::map<std::int64_t, Block> blocks_;  // by index
  std::string stop_reason_;
  bool started_ = false;
  AnthropicCounts counts_;  // events add to what earlier ones said
};

MessagesReader::Block MessagesReader::read_block(WireValue block) {
  Block read;
  const std::string_view type = block.text("type").value_or("");
  if (type == "text") read.text = block.text("text").value_or("");
  if (type == "thinking") read.thinking = block.text("thinking").value_or("");
  return read;
}

Result<void> MessagesReader::check_error(WireValue root) const {
  if (!root.is_object()) return context_.corrupt("no object");
  if (const auto error = root.member("error")) return context_.rejected(read_said(*error));
  if (root.text("type") == "error") return context_.rejected(read_said(root));
  return {};
}

void MessagesReader::read_stop(WireValue holder) {
  if (const auto reason = holder.text("stop_reason")) stop_reason_ = *reason;
}

void MessagesReader::read_usage(WireValue usage) {
  AnthropicCounts said{.input = usage.count("input_tokens"),
                       .output = usage.count("output_tokens"),
                       .cache_read = usage.count("cache_read_input_tokens"),
                       .cache_written = usage.count("cache_creation_input_tokens")};
  if (const auto written = usage.member("cache_creation")) {
    said.cache_written_1h = written->count("ephemeral_1h_input_tokens");
  }
  if (const auto details = usage.member("output_tokens_details")) {
    for (const std::string_view key : {"thinking_tokens", "reasoning_tokens"}) {
      if (const auto count = details->count(key)) said.thinking = count;
    }
  }
  counts_.update(said);
}

void MessagesReader::read_message(WireValue message) {
  response_.model = message.text("model").value_or("");
  read_stop(message);
  if (const auto usage = message.member("usage")) read_usage(*usage);
}

Result<void> MessagesReader::document(WireValue root) {
  IIE_CHECK_OK(check_error(root));
  const auto content = root.list("content");
  if (!content) return context_.corrupt("no content");
  for (const WireValue& block : *content) {
    blocks_.emplace(static_cast<std::int64_t>(blocks_.size()), read_block(block));
  }
  read_message(root);
  return {};
}

Result<void> MessagesReader::read_block_event(std::string_view type, WireValue root) {
  constexpr std::string_view kOutOfOrder = "the stream's events are out of order or repeated";
  const auto index = root.count("index");
  if (!index) return context_.unusable("an event of the stream names no block");
  const auto found = blocks_.find(*index);
  if (type == "content_block_start") {
    const auto block = root.member("content_block");
    if (!block) return context_.unusable("an event of the stream holds no block");
    if (found != blocks_.end() && found->second.grown) return context_.unusable(kOutOfOrder);
    blocks_.insert_or_assign(*index, read_block(*block));
    return {};
  }
  if (found == blocks_.end()) return context_.unusable(kOutOfOrder);
  Block& block = found->second;
  if (type == "content_block_stop") {
    block.stopped = true;
    return {};
  }
  const auto delta = root.member("delta");
  if (!delta) return {};
  const std::string_view text = delta->text("text").value_or("");
  const std::string_view thinking = delta->text("thinking").value_or("");
  if (block.stopped && !(text.empty() && thinking.empty())) return context_.unusable(kOutOfOrder);
  block.grown = true;
  block.text += text;
  block.thinking += thinking;
  return {};
}

Result<bool> MessagesReader::event(std::string_view type, WireValue root) {
  IIE_CHECK_OK(check_error(root));
  if (const auto said = root.text("type")) type = *said;
  if (type.starts_with("content_block_")) {
    IIE_CHECK_OK(read_block_event(type, root));
  } else if (type == "message_start") {
    const auto message = root.member("message");
    if (message && !started_) read_message(*message);
    started_ = true;
  } else if (type == "message_delta") {
    if (const auto delta = root.member("delta")) read_stop(*delta);
    if (const auto usage = root.member("usage")) read_usage(*usage);
  }
  return type == "message_stop";
}

bool MessagesReader::is_whole(bool) const {
  if (stop_reason_.empty()) return false;
  for (const auto& [index, block] : blocks_) {
    if (!block.stopped) return false;
  }
  return true;
}

FinishReason MessagesReader::finish() const {
  if (stop_reason_.empty()) return FinishReason::unknown;
  if (stop_reason_ == "end_turn" || stop_reason_ == "stop_sequence") return FinishReason::stop;
  if (stop_reason_ == "max_tokens" || stop_reason_ == "model_context_window_exceeded") {
    return FinishReason::length;
  }
  return stop_reason_ == "refusal" ? FinishReason::refusal : FinishReason::other;
}

Result<Response> MessagesReader::response() {
  if (blocks_.empty() && stop_reason_.empty()) return context_.unusable("the reply has no content");
  for (const auto& [index, block] : blocks_) {
    response_.text += block.text;
    if (!block.thinking.empty() && !response_.reasoning.empty()) response_.reasoning += "\n\n";
    response_.reasoning += block.thinking;
  }
  response_.finish = finish();
  response_.usage = usage_of(counts_);
  return std::move(response_);
}

}  // namespace

Result<HttpRequest> encode_messages(const Endpoint& endpoint, const GenerateRequest& request) {
  HttpRequest http = request_to(endpoint);
  std::string& body = http.body;
  std::string system;
  body = R"({"model":)";
  append_json_string(body, endpoint.model);
  body += R"(,"messages":[)";
  for (bool first = true; const Message& message : request.messages) {
    if (message.role == Role::system) {
      if (!system.empty()) system += "\n\n";
      system += message.content;
      continue;
    }
    body += first ? R"({"role":)" : R"(,{"role":)";
    first = false;
    append_json_string(body, to_string(message.role));
    body += R"(,"content":)";
    append_json_string(body, message.content);
    body += '}';
  }
  body += ']';

  const GenerationParams& params = request.params;
  const auto max_tokens =
      params.max_tokens ? params.max_tokens : endpoint.profile.default_max_tokens;
  if (!max_tokens) {
    return fail(ErrorKind::usage,
                endpoint.name + ": this endpoint insists on a token limit: give --max-tokens");
  }
  JsonObjectText fields;
  fields.integer("max_tokens", *max_tokens);
  if (!system.empty()) fields.string("system", system);
  if (params.temperature) fields.number("temperature", *params.temperature);
  if (params.top_p) fields.number("top_p", *params.top_p);
  if (request.schema) {
    JsonObjectText format;
    format.string("type", "json_schema");
    format.raw("schema", request.schema->json);
    JsonObjectText config;
    config.raw("format", format.text());
    fields.raw("output_config", config.text());
  }
  if (endpoint.stream) {
    fields.raw("stream", "true");
    http.body_complete = until_event([](const SseEvent& event) {
      return event.type == "message_stop" || event.type == "error";
    });
  }
  IIE_CHECK_OK(close_body(body, fields.text(), endpoint, request));
  return http;
}

Result<Response> decode_messages(const HttpResponse& reply, std::string_view endpoint,
                                 WallTime now) {
  const ReplyContext context{reply, endpoint, now, "message"};
  MessagesReader reader(context);
  return read_reply(context, reader);
}

}  // namespace iie
