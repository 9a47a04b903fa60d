// What a codec costs for one call: encoding a request, and reading its reply whole and as a stream
// of about 100 events with the same 1.5 KB answer. Beside them, as the yardstick, the bare parse of
// the same bytes by simdjson.
//
//   bench_codecs --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "provider/http_model.h"

namespace iie {
namespace {

constexpr Dialect kDialects[] = {Dialect::openai_chat, Dialect::openai_responses,
                                 Dialect::anthropic, Dialect::gemini};

std::string answer() {
  std::string text;
  while (text.size() < 1500) text += "An answer with \"quotes\", a line break\nand a 汉字. ";
  return text;
}

std::vector<std::string> pieces() {
  const std::string text = answer();
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + 15, text.size());
    while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
    all.push_back(text.substr(at, end - at));
    at = end;
  }
  return all;
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// A recorded reply with the long answer in its place.
std::string whole(Dialect dialect) {
  const char* name = dialect == Dialect::openai_chat        ? "openai"
                     : dialect == Dialect::openai_responses ? "reasoning"
                     : dialect == Dialect::anthropic        ? "text"
                                                            : "thoughts";
  std::string body = read_file(std::string(IIE_SOURCE_DIR) + "/test/wire/" +
                               std::string(to_string(dialect)) + "/" + name + ".http")
                         .value();
  body.erase(0, body.find("\n\n") + 2);
  constexpr std::string_view kShort = "75 g.";
  const std::string text = json_text(answer());
  return body.replace(body.rfind(kShort), kShort.size(), text.substr(1, text.size() - 2));
}

std::string chat_stream() {
  std::string body;
  for (const std::string& piece : pieces()) {
    body += R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,)"
            R"("model":"test-model","choices":[{"index":0,"delta":{"content":)" +
            json_text(piece) +
            R"(},"logprobs":null,"finish_reason":null}]})"
            "\n\n";
  }
  return body + R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                "\n\n"
                "data: [DONE]\n\n";
}

std::string messages_stream() {
  std::string body =
      "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{}}}\n\n"
      "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
      "\"text\":\"\"}}\n\n";
  for (const std::string& piece : pieces()) {
    body +=
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
        "\"delta\":{\"type\":\"text_delta\",\"text\":" +
        json_text(piece) + "}}\n\n";
  }
  return body +
         "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
         "data: {\"type\":\"message_stop\"}\n\n";
}

void decode(benchmark::State& state, Dialect dialect, const std::string& body) {
  HttpResponse reply{.status = 200, .headers = {{"content-type", "application/json"}}};
  reply.body = body;
  for (auto _ : state) {
    auto response = decode_reply(dialect, reply, "host", WallTime{});
    if (!response) state.SkipWithError(response.error().message.c_str());
    benchmark::DoNotOptimize(response);
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}

void encode(benchmark::State& state, Dialect dialect) {
  Endpoint endpoint{.name = "x", .base_url = "http://h/v1", .model = "some-model"};
  endpoint.profile.dialect = dialect;
  GenerateRequest request{.messages = {{Role::user, answer()}},
                          .params = {.temperature = 0.7, .max_tokens = 4096}};
  for (auto _ : state) {
    auto http = encode_request(endpoint, request);
    if (!http) state.SkipWithError(http.error().message.c_str());
    benchmark::DoNotOptimize(http);
  }
}

void bare_parse(benchmark::State& state) {
  const std::string body = whole(Dialect::openai_chat);
  const simdjson::padded_string padded(body);
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element root;
    if (parser.parse(padded).get(root) != simdjson::SUCCESS) state.SkipWithError("no JSON");
    benchmark::DoNotOptimize(root);
  }
}

const bool kRegistered = [] {
  benchmark::RegisterBenchmark("simdjson/openai_chat", bare_parse);
  for (const Dialect dialect : kDialects) {
    const std::string name(to_string(dialect));
    benchmark::RegisterBenchmark(("encode/" + name).c_str(),
                                 [=](benchmark::State& state) { encode(state, dialect); });
    benchmark::RegisterBenchmark(
        ("decode/" + name).c_str(),
        [=, body = whole(dialect)](benchmark::State& state) { decode(state, dialect, body); });
  }
  benchmark::RegisterBenchmark("stream/openai_chat",
                               [body = chat_stream()](benchmark::State& state) {
                                 decode(state, Dialect::openai_chat, body);
                               });
  benchmark::RegisterBenchmark("stream/anthropic",
                               [body = messages_stream()](benchmark::State& state) {
                                 decode(state, Dialect::anthropic, body);
                               });
  return true;
}();

}  // namespace
}  // namespace iie

BENCHMARK_MAIN();
