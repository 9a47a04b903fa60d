#include "provider/gemini.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/string_util.h"
#include "provider/reply_reader.h"

namespace iie {
namespace {

class GeminiReader final : public ReplyReader {
 public:
  explicit GeminiReader(const ReplyContext& context) : context_(context) {}

  Result<void> document(WireValue root) override;
  Result<bool> event(std::string_view type, WireValue root) override;
  bool is_whole(bool) const override { return !finish_.empty() || blocked_; }
  Result<Response> response() override;

 private:
  void read_usage(WireValue usage);
  FinishReason finish() const;

  const ReplyContext& context_;
  Response response_;
  std::string finish_;
  bool any_candidate_ = false;
  bool blocked_ = false;  // the prompt was
};

// The same in every piece of a stream: the figures are totals so far.
void GeminiReader::read_usage(WireValue usage) {
  Usage& into = response_.usage;
  if (const auto count = usage.count("promptTokenCount")) into.input_tokens = count;
  if (const auto count = usage.count("cachedContentTokenCount")) into.cached_tokens = count;
  if (const auto count = usage.count("thoughtsTokenCount")) into.reasoning_tokens = count;
  if (const auto count = usage.count("candidatesTokenCount")) {
    into.output_tokens = *count + into.reasoning_tokens.value_or(0);
  } else if (into.reasoning_tokens && !into.output_tokens) {
    into.output_tokens = into.reasoning_tokens;  // cut off while thinking
  }
}

Result<void> GeminiReader::document(WireValue root) {
  if (!root.is_object()) return context_.corrupt("no object");
  if (const auto error = root.member("error")) return context_.rejected(read_said(*error));
  if (const auto usage = root.member("usageMetadata")) read_usage(*usage);
  if (response_.model.empty()) response_.model = root.text("modelVersion").value_or("");
  const auto candidates = root.list("candidates");
  const auto feedback = root.member("promptFeedback");
  if (feedback && feedback->text("blockReason")) blocked_ = true;
  if (!candidates && !feedback && !root.member("usageMetadata")) {
    return context_.corrupt("no candidates");
  }
  if (!candidates || candidates->empty()) return {};
  const WireValue& candidate = candidates->front();
  any_candidate_ = true;
  if (const auto content = candidate.member("content")) {
    if (const auto parts = content->list("parts")) {
      for (const WireValue& part : *parts) {
        (part.flag("thought") ? response_.reasoning : response_.text) +=
            part.text("text").value_or("");
      }
    }
  }
  if (const auto reason = candidate.text("finishReason")) finish_ = *reason;
  return {};
}

Result<bool> GeminiReader::event(std::string_view, WireValue root) {
  IIE_CHECK_OK(document(root));
  return false;  // nothing marks the last one
}

FinishReason GeminiReader::finish() const {
  if (finish_.empty() || finish_ == "FINISH_REASON_UNSPECIFIED") return FinishReason::unknown;
  if (finish_ == "STOP") return FinishReason::stop;
  if (finish_ == "MAX_TOKENS" || finish_ == "CONTINUATION") return FinishReason::length;
  for (const std::string_view name :
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR", "ESCALATION"}) {
    if (finish_ == name) return FinishReason::content_filter;
  }
  return FinishReason::other;
}

Result<Response> GeminiReader::response() {
  if (!any_candidate_ && !blocked_) return context_.unusable("the reply has no candidates");
  if (finish_ == "MALFORMED_RESPONSE") return context_.unusable("the server gave up on the reply");
  if (finish_ == "PUP_LIMITED_DISABLED") {
    return context_.rejected(
        {.message = "the account is limited or disabled for its use", .type = "permission_denied"});
  }
  response_.finish = any_candidate_ ? finish() : FinishReason::content_filter;
  return std::move(response_);
}

}  // namespace

Result<HttpRequest> encode_gemini(const Endpoint& endpoint, const GenerateRequest& request) {
  HttpRequest http = request_to(endpoint);
  std::string& body = http.body;
  std::string system;
  body = R"({"contents":[)";
  for (bool first = true; const Message& message : request.messages) {
    if (message.role == Role::system) {
      system += system.empty() ? R"({"text":)" : R"(,{"text":)";
      append_json_string(system, message.content);
      system += '}';
      continue;
    }
    body += first ? R"({"role":)" : R"(,{"role":)";
    first = false;
    body += message.role == Role::assistant ? R"("model")" : R"("user")";
    body += R"(,"parts":[{"text":)";
    append_json_string(body, message.content);
    body += "}]}";
  }
  body += ']';

  JsonObjectText config;
  const GenerationParams& params = request.params;
  if (params.temperature) config.number("temperature", *params.temperature);
  if (params.top_p) config.number("topP", *params.top_p);
  if (params.max_tokens) config.integer("maxOutputTokens", *params.max_tokens);
  if (params.seed) config.integer("seed", *params.seed);
  if (request.schema) {
    config.string("responseMimeType", "application/json");
    config.raw("responseJsonSchema", request.schema->json);
  }
  JsonObjectText fields;
  if (!system.empty()) fields.raw("systemInstruction", R"({"parts":[)" + system + "]}");
  if (!config.empty()) fields.raw("generationConfig", config.text());
  IIE_CHECK_OK(close_body(body, fields.text(), endpoint, request));
  return http;
}

Result<Response> decode_gemini(const HttpResponse& reply, std::string_view endpoint, WallTime now) {
  const ReplyContext context{reply, endpoint, now, "Gemini reply"};
  GeminiReader reader(context);
  return read_reply(context, reader);
}

}  // namespace iie
