// The ChatServer as an endpoint of any dialect: it answers by the request's
// path, whole or as a stream, as the request asks, in the vendors' documented
// shapes.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "support/chat_server.h"

namespace iie::test {

struct DialectAnswer {
  std::string text;
  std::string reasoning;
};

namespace dialect {

inline std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

inline Reply events(const std::vector<std::pair<std::string, std::string>>& events) {
  Reply reply;
  reply.headers = {{"Content-Type", "text/event-stream"}};
  for (const auto& [type, data] : events) {
    std::string event = type.empty() ? "" : "event: " + type + "\n";
    event += "data: " + data + "\n\n";
    reply.chunks.push_back({std::move(event)});
  }
  return reply;
}

inline Reply chat(const DialectAnswer& answer, bool stream) {
  if (!stream) return json_reply(completion_json({answer.text, answer.reasoning}));
  const auto chunk = [](const std::string& delta, const std::string& finish) {
    return R"({"object":"chat.completion.chunk","model":"test-model","choices":[{"index":0,"delta":)" +
           delta + R"(,"finish_reason":)" + finish + "}]}";
  };
  return events(
      {{"", chunk(R"({"role":"assistant","content":""})", "null")},
       {"", chunk(R"({"reasoning_content":)" + json_text(answer.reasoning) + "}", "null")},
       {"", chunk(R"({"content":)" + json_text(answer.text) + "}", "null")},
       {"", chunk("{}", R"("stop")")},
       {"", R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":20}})"},
       {"", "[DONE]"}});
}

inline Reply responses(const DialectAnswer& answer, bool stream) {
  const std::string whole =
      R"({"object":"response","status":"completed","error":null,"model":"test-model","output":[)"
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":)" +
      json_text(answer.reasoning) +
      R"(}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":)" +
      json_text(answer.text) + R"(}]}],"usage":{"input_tokens":10,"output_tokens":20}})";
  if (!stream) return json_reply(whole);
  return events(
      {{"response.created", R"({"type":"response.created","sequence_number":0})"},
       {"response.output_text.delta",
        R"({"type":"response.output_text.delta","delta":)" + json_text(answer.text) + "}"},
       {"response.completed",
        R"({"type":"response.completed","sequence_number":2,"response":)" + whole + "}"}});
}

inline Reply messages(const DialectAnswer& answer, bool stream) {
  if (!stream) {
    return json_reply(
        R"({"type":"message","role":"assistant","model":"test-model","content":[)"
        R"({"type":"thinking","thinking":)" +
        json_text(answer.reasoning) + R"(,"signature":"x"},{"type":"text","text":)" +
        json_text(answer.text) +
        R"(}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":20}})");
  }
  const auto block = [](int index, const std::string& type, const std::string& text) {
    const std::string at = R"(,"index":)" + std::to_string(index);
    return std::vector<std::pair<std::string, std::string>>{
        {"content_block_start", R"({"type":"content_block_start")" + at +
                                    R"(,"content_block":{"type":")" + type + R"(",")" + type +
                                    R"(":""}})"},
        {"content_block_delta", R"({"type":"content_block_delta")" + at + R"(,"delta":{"type":")" +
                                    type + R"(_delta",")" + type + R"(":)" + json_text(text) +
                                    "}}"},
        {"content_block_stop", R"({"type":"content_block_stop")" + at + "}"}};
  };
  std::vector<std::pair<std::string, std::string>> all = {
      {"message_start", R"({"type":"message_start","message":{"model":"test-model","content":[],)"
                        R"("usage":{"input_tokens":10,"output_tokens":1}}})"},
      {"ping", R"({"type":"ping"})"}};
  for (auto& event : block(0, "thinking", answer.reasoning)) all.push_back(std::move(event));
  for (auto& event : block(1, "text", answer.text)) all.push_back(std::move(event));
  all.emplace_back("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                                    R"("usage":{"output_tokens":20}})");
  all.emplace_back("message_stop", R"({"type":"message_stop"})");
  return events(all);
}

inline Reply gemini(const DialectAnswer& answer, bool stream) {
  const auto piece = [](const std::string& parts, const std::string& finish) {
    return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + "]}" + finish +
           R"(,"index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":15,)"
           R"("thoughtsTokenCount":5},"modelVersion":"test-model"})";
  };
  const std::string thought = R"({"text":)" + json_text(answer.reasoning) + R"(,"thought":true})";
  const std::string text = R"({"text":)" + json_text(answer.text) + "}";
  const std::string stop = R"(,"finishReason":"STOP")";
  if (!stream) return json_reply(piece(thought + "," + text, stop));
  return events({{"", piece(thought, "")}, {"", piece(text, stop)}});
}

}  // namespace dialect

// Whether a request asks for a stream, in its dialect's way.
inline bool asks_for_stream(const Request& request) {
  return request.body.find(R"("stream":true)") != std::string::npos ||
         request.path.find(":streamGenerateContent?alt=sse") != std::string::npos;
}

inline Handler any_dialect(std::function<DialectAnswer(const Request&)> answer) {
  return [answer = std::move(answer)](const Request& request) {
    const bool stream = asks_for_stream(request);
    const auto goes_to = [&](std::string_view end) {
      return std::string_view(request.path).substr(0, request.path.find('?')).ends_with(end);
    };
    if (goes_to("/chat/completions")) return dialect::chat(answer(request), stream);
    if (goes_to("/responses")) return dialect::responses(answer(request), stream);
    if (goes_to("/v1/messages")) return dialect::messages(answer(request), stream);
    if (goes_to("enerateContent")) return dialect::gemini(answer(request), stream);
    return error_reply(404, "no dialect goes to " + request.path);
  };
}

}  // namespace iie::test
