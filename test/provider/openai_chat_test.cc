#include "provider/openai_chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "base/json.h"
#include "net/curl_transport.h"
#include "provider/http_model.h"
#include "test/provider/wire.h"
#include "test/support/chat_server.h"

namespace iie {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ChatServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr WallTime kNow{};

Result<Response> decode(const std::string& name) {
  return decode_chat(test::wire("openai_chat/" + name), "host:1", kNow);
}

Response response_of(const std::string& name) {
  auto response = decode(name);
  if (!response) {
    ADD_FAILURE() << name << ": " << response.error().message;
    return {};
  }
  return *std::move(response);
}

Error error_of(const std::string& name) {
  const auto response = decode(name);
  if (response) {
    ADD_FAILURE() << name << ": decoded to '" << response->text << "'";
    return {};
  }
  return response.error();
}

Result<Response> decode_body(std::string body) {
  return decode_chat({.status = 200, .body = std::move(body)}, "host:1", kNow);
}

// ---- Replies ----

TEST(OpenAiChatReply, OpenAi) {
  const Response response = response_of("openai");
  EXPECT_EQ(response.text, "None of the options is right: it is 75 g.");
  EXPECT_EQ(response.reasoning, "");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.model, "gpt-4.1-2025-04-14");
  EXPECT_EQ(response.usage, (Usage{64, 14, 0, 32}));
  EXPECT_EQ(response.latency, 250ms);
  EXPECT_FALSE(response.mended_utf8);
}

TEST(OpenAiChatReply, CutOffWhileReasoningIsABlankAnswerOfLength) {
  const Response response = response_of("openai_reasoning_cut");
  EXPECT_EQ(response.text, "");
  EXPECT_EQ(response.finish, FinishReason::length);
  EXPECT_EQ(response.usage.reasoning_tokens, 256);
}

TEST(OpenAiChatReply, RefusalsTextIsTheAnswer) {
  const Response response = response_of("openai_refusal");
  EXPECT_EQ(response.text, "I'm sorry, I cannot help with that.");
  EXPECT_EQ(response.finish, FinishReason::refusal);
  EXPECT_EQ(response.usage.cached_tokens, std::nullopt);  // unknown, not zero
}

TEST(OpenAiChatReply, ContentFilterKeepsWhatThereIs) {
  const Response response = response_of("openai_content_filter");
  EXPECT_EQ(response.text, "The first half");
  EXPECT_EQ(response.finish, FinishReason::content_filter);
}

TEST(OpenAiChatReply, VllmReasoningContent) {
  const Response response = response_of("vllm_reasoning");
  EXPECT_EQ(response.text, "\n\n1. Mars");
  EXPECT_THAT(response.reasoning, HasSubstr("three of them wrong"));
  EXPECT_EQ(response.usage.output_tokens, 68);
  EXPECT_EQ(response.usage.reasoning_tokens, std::nullopt);
}

TEST(OpenAiChatReply, DeepSeek) {
  const Response response = response_of("deepseek");
  EXPECT_EQ(response.text, "答案是 27。");
  EXPECT_EQ(response.reasoning, "先看题目的条件。");
  EXPECT_EQ(response.usage, (Usage{18, 220, 205, 0}));
}

// "Separated from the completion_tokens":
// https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/grok (Reasoning).
TEST(OpenAiChatReply, XaiCountsReasoningBesideTheCompletion) {
  const Response response = response_of("xai_reasoning");
  EXPECT_EQ(response.reasoning, "Adding the weights.");
  EXPECT_EQ(response.usage, (Usage{31, 103, 94, 6}));
  const auto included =
      decode_body(R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":31,)"
                  R"("completion_tokens":103,"total_tokens":134,)"
                  R"("completion_tokens_details":{"reasoning_tokens":94}}})");
  ASSERT_TRUE(included) << included.error().message;
  EXPECT_EQ(included->usage, (Usage{31, 103, 94, std::nullopt}));
}

TEST(OpenAiChatReply, CountsThatNoReplyHasAreUnknown) {
  const auto response = decode_body(
      R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":9223372036854775807,)"
      R"("completion_tokens":9223372036854775807,"total_tokens":-1,)"
      R"("prompt_tokens_details":{"cached_tokens":1000000000001}}})");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->usage, Usage{});
}

// mistralai, models/chatcompletionchoice.py. GLM's name for it no source at hand confirms.
TEST(OpenAiChatReply, TheModelsOwnLimitIsALengthToo) {
  EXPECT_EQ(response_of("mistral_model_length").finish, FinishReason::length);
  const auto glm = decode_body(R"({"choices":[{"message":{"content":"x"},)"
                               R"("finish_reason":"model_context_window_exceeded"}]})");
  ASSERT_TRUE(glm) << glm.error().message;
  EXPECT_EQ(glm->finish, FinishReason::length);
}

TEST(OpenAiChatReply, OllamaThinkBlockIsReasoning) {
  const Response response = response_of("ollama_think");
  EXPECT_THAT(response.text, AllOf(HasSubstr("Plain text, no list."), Not(HasSubstr("think>"))));
  EXPECT_THAT(response.reasoning, HasSubstr("Short and plain."));
}

TEST(OpenAiChatReply, LlamaCpp) {
  const Response response = response_of("llama_cpp");
  EXPECT_EQ(response.text, "int main() {");
  EXPECT_EQ(response.finish, FinishReason::length);
}

TEST(OpenAiChatReply, OpenRouterReasoningIsTakenOnce) {
  const Response response = response_of("openrouter_reasoning");
  EXPECT_EQ(response.text, "Done.");
  EXPECT_EQ(response.reasoning, "Weighing it up.");
  EXPECT_EQ(response_of("openrouter_details_only").reasoning, "First. Second.");
}

TEST(OpenAiChatReply, ContentParts) {
  const Response response = response_of("mistral_parts");
  EXPECT_EQ(response.text, "One. Two.");
  EXPECT_EQ(response.reasoning, "Count: three.");
}

TEST(OpenAiChatReply, NullContentIsBlank) {
  const Response response = response_of("null_content");
  EXPECT_EQ(response.text, "");
  EXPECT_EQ(response.finish, FinishReason::other);
  EXPECT_EQ(response.usage, Usage{});
}

TEST(OpenAiChatReply, InvalidUtf8IsMendedAndMarked) {
  const Response response = response_of("invalid_utf8");
  EXPECT_EQ(response.text, "caf\uFFFD \uFFFD");
  EXPECT_TRUE(response.mended_utf8);
}

TEST(OpenAiChatReply, LoneSurrogatesAreMendedAndPairsKept) {
  const Response response = response_of("lone_surrogate");
  EXPECT_EQ(response.text, "cut \uFFFD, whole \U0001F600, \\ud83d kept");
  EXPECT_TRUE(response.mended_utf8);
}

TEST(OpenAiChatReply, OddButHarmlessValuesAreUnknown) {
  const auto response = decode_body(
      R"({"choices":[{"message":{"content":"x","reasoning_content":7},"finish_reason":3}],)"
      R"("usage":{"prompt_tokens":-1,"completion_tokens":"12"},"model":null})");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->usage, Usage{});
  EXPECT_EQ(response->finish, FinishReason::unknown);
  EXPECT_EQ(response->model, "");
}

// ---- Errors ----

struct ErrorCase {
  std::string wire;
  ErrorKind kind;
  int status;
  std::string said;
};

class OpenAiChatError : public testing::TestWithParam<ErrorCase> {};

TEST_P(OpenAiChatError, IsClassifiedAndSaysWhereAndWhat) {
  const Error error = error_of(GetParam().wire);
  EXPECT_EQ(to_string(error.kind), to_string(GetParam().kind)) << error.message;
  EXPECT_EQ(error.http_status, GetParam().status);
  EXPECT_THAT(error.message, AllOf(HasSubstr("host:1: "), HasSubstr(GetParam().said)));
  EXPECT_EQ(error.message.find_first_of("\r\n"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Wire, OpenAiChatError,
    testing::Values(
        ErrorCase{"openai_401", ErrorKind::auth, 401, "check the API key"},
        ErrorCase{"openai_404_model", ErrorKind::not_found, 404, "gpt-nope"},
        ErrorCase{"openai_429", ErrorKind::rate_limited, 429, "Rate limit reached"},
        ErrorCase{"openai_quota", ErrorKind::auth, 429, "no credit left"},
        ErrorCase{"openai_context_400", ErrorKind::bad_request, 400, "maximum context length"},
        ErrorCase{"vllm_old_400", ErrorKind::bad_request, 400, "max_tokens must be"},
        ErrorCase{"ollama_404", ErrorKind::not_found, 404, "try pulling it first"},
        ErrorCase{"fastapi_422", ErrorKind::bad_request, 422, "field required"},
        ErrorCase{"deepseek_402", ErrorKind::auth, 402, "Insufficient Balance"},
        ErrorCase{"xai_credit_429", ErrorKind::auth, 429, "no credit left"},
        ErrorCase{"kimi_balance_429", ErrorKind::auth, 429, "no credit left"},
        ErrorCase{"glm_arrears_429", ErrorKind::auth, 429, "no credit left"},
        ErrorCase{"glm_rate_429", ErrorKind::rate_limited, 429, "slow down"},
        // Worded like OpenAI's spent budget, but a limit of tokens per minute.
        ErrorCase{"qwen_tokens_429", ErrorKind::rate_limited, 429, "slow down"},
        ErrorCase{"qwen_arrears_400", ErrorKind::auth, 400, "no credit left"},
        ErrorCase{"gateway_502", ErrorKind::transient, 502, "502 Bad Gateway"},
        ErrorCase{"openrouter_error_in_200", ErrorKind::transient, 502, "inside a 200"},
        ErrorCase{"openrouter_rate_limit_in_200", ErrorKind::rate_limited, 429, "per-min"},
        ErrorCase{"openrouter_choice_error", ErrorKind::transient, 503, "Upstream went away"},
        ErrorCase{"empty_choices", ErrorKind::transient, 200, "no choices"},
        ErrorCase{"truncated", ErrorKind::transient, 200, "half an ans"},
        ErrorCase{"trailing_garbage", ErrorKind::transient, 200, "not JSON"},
        ErrorCase{"web_page", ErrorKind::bad_request, 200, "web page"},
        ErrorCase{"not_a_completion", ErrorKind::corrupt, 200, "/v1"}),
    [](const auto& info) { return info.param.wire; });

TEST(OpenAiChatErrors, StatusesAreClassified) {
  const auto kind = [](int status) {
    const auto response = decode_chat({.status = status}, "h", kNow);
    return response ? ErrorKind::bug : response.error().kind;
  };
  for (const int status : {401, 402, 403}) EXPECT_EQ(kind(status), ErrorKind::auth) << status;
  EXPECT_EQ(kind(404), ErrorKind::not_found);
  EXPECT_EQ(kind(429), ErrorKind::rate_limited);
  for (const int status : {408, 409, 425, 500, 502, 503, 504, 520, 529, 599}) {
    EXPECT_EQ(kind(status), ErrorKind::transient) << status;
  }
  for (const int status : {100, 300, 301, 308, 400, 405, 406, 410, 413, 418, 422, 501, 505}) {
    EXPECT_EQ(kind(status), ErrorKind::bad_request) << status;
  }
}

TEST(OpenAiChatErrors, AKeyThatTheServerRepeatsIsRedacted) {
  const Secret key("sk-canary-0123456789");
  const Error error = error_of("openai_401");
  EXPECT_THAT(error.message, AllOf(HasSubstr("[redacted]"), Not(HasSubstr("sk-canary"))));
}

TEST(OpenAiChatErrors, RetryAfterIsKeptForWhatCanBeRetried) {
  EXPECT_EQ(error_of("openai_429").retry_after, 1530ms);
  EXPECT_EQ(error_of("openrouter_rate_limit_in_200").retry_after, 3s);
  EXPECT_EQ(error_of("openai_quota").retry_after, std::nullopt);
}

TEST(OpenAiChatErrors, RedirectsNameTheirTarget) {
  const auto response = decode_chat(
      {.status = 301, .headers = {{"location", "https://other.example/v1?x=y"}}}, "host:1", kNow);
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("(to other.example)"));
}

TEST(OpenAiChatErrors, HostileBodiesNeverPass) {
  std::string deep = std::string(100'000, '[');
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""),
        std::string("{\"choices\":{}}"), std::string("{\"choices\":[1]}"),
        std::string("{\"choices\":[{\"message\":[]}]}"), std::string("\0\0", 2), deep,
        std::string("{\"choices\":[{\"message\":{\"content\":\"\\ud800\\")}) {
    const auto response = decode_body(body);
    EXPECT_FALSE(response) << body.substr(0, 60);
  }
}

TEST(OpenAiChatErrors, ErrorBodiesOfAnySizeAreQuotedShort) {
  const auto response =
      decode_chat({.status = 500, .body = "{\"error\":\"" + std::string(5u << 20, 'x') + "\"}"},
                  "host:1", kNow);
  ASSERT_FALSE(response);
  EXPECT_LT(response.error().message.size(), 400u);
}

// ---- Streams ----

TEST(OpenAiChatStream, AddsUpItsPieces) {
  const Response response = response_of("openai_stream");
  EXPECT_EQ(response.text, "None of the options is right: it is 75 g.");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.model, "gpt-4.1-2025-04-14");
  EXPECT_EQ(response.usage, (Usage{64, 14, 0, 32}));
  ASSERT_TRUE(response.limits);
  EXPECT_EQ(response.limits->requests.remaining, 4999);
}

TEST(OpenAiChatStream, ReasoningAndSignsOfLife) {
  const Response response = response_of("deepseek_stream");
  EXPECT_EQ(response.text, "答案是 27。");
  EXPECT_EQ(response.reasoning, "先看题目的条件。");
  EXPECT_EQ(response.usage.reasoning_tokens, 205);
}

TEST(OpenAiChatStream, OllamasThinkTagsAndUsageInTheChoice) {
  const Response response = response_of("kimi_stream");
  EXPECT_EQ(response.text, "Plain text.");
  EXPECT_EQ(response.reasoning, "Short and plain.");
  EXPECT_EQ(response.usage.output_tokens, 12);
  EXPECT_EQ(response.usage.cached_tokens, 3);
}

TEST(OpenAiChatStream, RefusalAndContentFilter) {
  EXPECT_EQ(response_of("openai_refusal_stream").finish, FinishReason::refusal);
  EXPECT_EQ(response_of("openai_refusal_stream").text, "I can't help with that.");
  EXPECT_EQ(response_of("azure_filter_stream").finish, FinishReason::content_filter);
  EXPECT_EQ(response_of("azure_filter_stream").text, "The first");
}

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return "data: {\"choices\":[{\"index\":0,\"delta\":" + std::string(delta) +
         ",\"finish_reason\":" + std::string(finish) + "}]}\n\n";
}

TEST(OpenAiChatStream, RepeatedFramesThatSayNothingNewChangeNothing) {
  const std::string role = chunk(R"({"role":"assistant","content":""})");
  const std::string stop = chunk("{}", R"("stop")");
  const std::string usage = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":3}}\n\n";
  const auto response =
      decode_body(role + role + chunk(R"({"content":"ha"})") + chunk(R"({"content":"ha"})") + stop +
                  stop + usage + usage + "data: [DONE]\n\ndata: [DONE]\n\n" + role + "garbage");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->text, "haha");  // a model may well repeat itself
  EXPECT_EQ(response->usage.output_tokens, 3);
}

TEST(OpenAiChatStream, TextBehindItsEndIsOutOfOrder) {
  const auto response = decode_body(chunk(R"({"content":"a"})") + chunk("{}", R"("stop")") +
                                    chunk(R"({"content":"b"})") + "data: [DONE]\n\n");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::transient);
  EXPECT_THAT(response.error().message, HasSubstr("out of order"));
}

TEST(OpenAiChatStream, BrokenOffIsTransientWhereverItBreaks) {
  const std::string whole = test::wire("openai_chat/openai_stream").body;
  const std::size_t finish = whole.find("\"stop\"");
  ASSERT_NE(finish, std::string::npos);
  for (std::size_t cut = 1; cut < finish; cut += 7) {
    const auto response = decode_chat({.status = 200,
                                       .headers = {{"content-type", "text/event-stream"}},
                                       .body = whole.substr(0, cut)},
                                      "host:1", kNow);
    ASSERT_FALSE(response) << cut;
    EXPECT_EQ(response.error().kind, ErrorKind::transient) << response.error().message;
  }
  const auto empty = decode_chat(
      {.status = 200, .headers = {{"content-type", "text/event-stream; charset=utf-8"}}}, "h",
      kNow);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::transient);
}

TEST(OpenAiChatStream, AServerThatForgetsDoneIsWholeOnceItSaidWhyItEnds) {
  const auto response = decode_body(chunk(R"({"content":"a"})") + chunk("{}", R"("length")"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->finish, FinishReason::length);
}

TEST(OpenAiChatStream, ErrorsInsideAreErrors) {
  EXPECT_EQ(error_of("openrouter_error_stream").kind, ErrorKind::transient);
  EXPECT_EQ(error_of("openrouter_error_stream").http_status, 502);
  for (const std::string reason :
       {"network_error", "error", "insufficient_system_resource", "abort", "aborted"}) {
    const auto gone = decode_body(chunk(R"({"content":"a"})", '"' + reason + '"'));
    ASSERT_FALSE(gone) << reason;
    EXPECT_EQ(gone.error().kind, ErrorKind::transient) << reason;
    EXPECT_THAT(gone.error().message, HasSubstr(reason));
  }
}

TEST(OpenAiChatStream, WhatTheReplyIsDecidesNotItsContentType) {
  for (const char* type : {"application/json", "text/plain; charset=iso-8859-1", "", "text/html"}) {
    const auto stream = decode_chat({.status = 200,
                                     .headers = {{"content-type", type}},
                                     .body = test::wire("openai_chat/openai_stream").body},
                                    "h", kNow);
    ASSERT_TRUE(stream) << type << stream.error().message;
    const auto whole = decode_chat({.status = 200,
                                    .headers = {{"content-type", "text/event-stream"}},
                                    .body = test::wire("openai_chat/deepseek").body},
                                   "h", kNow);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->text, "答案是 27。");
    EXPECT_FALSE(whole->mended_utf8);
  }
}

TEST(OpenAiChatStream, InvalidUtf8InsideIsMendedAndMarked) {
  const auto response = decode_body(chunk("{\"content\":\"caf\xE9 \"}") +
                                    chunk(R"({"content":"\ud83d"})") + chunk("{}", R"("stop")"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->text, "caf\uFFFD \uFFFD");
  EXPECT_TRUE(response->mended_utf8);
}

// ---- Requests ----

Endpoint endpoint_at(const std::string& base_url = "http://h/v1") {
  return {.name = "openai:m", .base_url = base_url, .model = "m"};
}

HttpRequest request_of(const Endpoint& endpoint, const GenerateRequest& request) {
  auto http = encode_chat(endpoint, request);
  if (!http) {
    ADD_FAILURE() << http.error().message;
    return {};
  }
  return *std::move(http);
}

std::string body_of(const Endpoint& endpoint, const GenerateRequest& request) {
  return request_of(endpoint, request).body;
}

TEST(OpenAiChatRequest, SendsWhatIsSetAndNothingElse) {
  GenerateRequest request{.messages = {{Role::system, "s"}, {Role::user, "a \"b\"\n\x01 中"}},
                          .sample_id = "never-sent"};
  EXPECT_EQ(body_of(endpoint_at(), request),
            R"({"model":"m","messages":[{"role":"system","content":"s"},)"
            R"({"role":"user","content":"a \"b\"\n\u0001 中"}]})");
  request.params = {.temperature = 0.7, .top_p = 1, .max_tokens = 512, .seed = -7};
  EXPECT_THAT(body_of(endpoint_at(), request),
              testing::EndsWith(R"(],"temperature":0.7,"top_p":1,"max_tokens":512,"seed":-7})"));
  EXPECT_TRUE(parse_json(body_of(endpoint_at(), request)));
}

TEST(OpenAiChatRequest, AConversationKeepsItsTurns) {
  const GenerateRequest request{
      .messages = {{Role::user, "u"}, {Role::assistant, "a"}, {Role::user, "v"}}};
  EXPECT_EQ(body_of(endpoint_at(), request),
            R"({"model":"m","messages":[{"role":"user","content":"u"},)"
            R"({"role":"assistant","content":"a"},{"role":"user","content":"v"}]})");
}

TEST(OpenAiChatRequest, TheProfileNamesFieldsAndRoles) {
  Endpoint endpoint = endpoint_at();
  endpoint.profile.max_tokens = "max_completion_tokens";
  endpoint.profile.system_role = "developer";
  endpoint.profile.body = R"({"provider":{"order":["a"]},"stream_options":{"x":1}})";
  endpoint.profile.reasoning[Reasoning::Mode::low] = R"({"provider":{"effort":"low"}})";
  endpoint.stream = true;
  GenerateRequest request{.messages = {{Role::system, "s"}}, .params = {.max_tokens = 5}};
  request.params.reasoning = reasoning_from("low");
  EXPECT_EQ(body_of(endpoint, request),
            R"({"model":"m","messages":[{"role":"developer","content":"s"}],)"
            R"("max_completion_tokens":5,"stream":true,)"
            R"("stream_options":{"include_usage":true,"x":1},)"
            R"("provider":{"order":["a"],"effort":"low"}})");
}

TEST(OpenAiChatRequest, WhatCannotBeAskedIsAnErrorNotLeftOut) {
  Endpoint endpoint = endpoint_at();
  endpoint.profile.refuses = {"temperature"};
  endpoint.profile.structured_output = false;
  const auto kind = [&](const GenerateRequest& request) {
    const auto http = encode_chat(endpoint, request);
    return http ? std::string("sent") : std::string(to_string(http.error().kind));
  };
  GenerateRequest request;
  EXPECT_EQ(kind(request), "sent");
  request.params.temperature = 0;
  EXPECT_EQ(kind(request), "usage");
  request = {};
  request.params.reasoning = reasoning_from("high");
  EXPECT_EQ(kind(request), "usage");
  request = {};
  request.schema = std::make_shared<OutputSchema>("v", "{}");
  EXPECT_EQ(kind(request), "usage");
}

TEST(OpenAiChatRequest, AStreamEndsWithDone) {
  Endpoint endpoint = endpoint_at();
  endpoint.first_byte_timeout = 7s;
  EXPECT_EQ(request_of(endpoint, {}).body_complete, nullptr);
  EXPECT_EQ(request_of(endpoint, {}).first_byte_timeout, 0s);
  endpoint.stream = true;
  const HttpRequest http = request_of(endpoint, {});
  EXPECT_EQ(http.first_byte_timeout, 7s);
  EXPECT_THAT(http.headers,
              testing::Contains(testing::Pair("Accept", "text/event-stream, application/json")));
  ASSERT_TRUE(http.body_complete);
  const std::string body = test::wire("openai_chat/openai_stream").body;
  const std::size_t done = body.find("[DONE]");
  for (std::size_t size = 0; size < done; size += 13) {
    EXPECT_FALSE(http.body_complete(body.substr(0, size))) << size;
  }
  EXPECT_TRUE(http.body_complete(body));
}

TEST(OpenAiChatRequest, ASchemaIsAResponseFormat) {
  GenerateRequest request;
  request.schema =
      std::make_shared<OutputSchema>("verdict", R"({"type":"object","properties":{}})");
  const std::string body = body_of(endpoint_at(), request);
  EXPECT_THAT(body, testing::EndsWith(R"(,"response_format":{"type":"json_schema","json_schema":{)"
                                      R"("name":"verdict","strict":true,"schema":{"type":"object",)"
                                      R"("properties":{}}}}})"));
  EXPECT_TRUE(parse_json(body));
}

TEST(OpenAiChatRequest, InvalidUtf8InAPromptIsMended) {
  EXPECT_THAT(body_of(endpoint_at(), {.messages = {{Role::user, "a\xFF"}}}), HasSubstr("a\uFFFD"));
}

TEST(OpenAiChatRequest, TheKeyIsOnlyInItsHeader) {
  Endpoint endpoint = endpoint_at();
  endpoint.api_key = Secret("key-abcdef");
  HttpRequest http = request_of(endpoint, {.messages = {{Role::user, "x"}}});
  EXPECT_THAT(http.headers, testing::Contains(testing::Pair("Authorization", "Bearer key-abcdef")));
  EXPECT_THAT(http.body + http.url, Not(HasSubstr("key-abcdef")));
  EXPECT_EQ(http.url, "http://h/v1/chat/completions");
  endpoint.profile.key_header = "api-key";
  http = request_of(endpoint, {});
  EXPECT_THAT(http.headers, testing::Contains(testing::Pair("api-key", "key-abcdef")));
  EXPECT_THAT(request_of(endpoint_at(), {}).headers,
              Not(testing::Contains(testing::Key("Authorization"))));
}

// ---- The provider ----

Async<void> generate_one(Provider& provider, GenerateRequest request,
                         std::optional<Result<Response>>& out) {
  out = co_await provider.generate(request);
}

TEST(OpenAiChatProvider, AsksAServerAndReadsItsAnswer) {
  ChatServer server(test::static_answer("Paris."));
  server.record_requests(true);
  asio::io_context context{1};
  const auto transport = make_curl_transport(context.get_executor());
  auto provider = HttpModel::make(*transport, {.name = "openai:m:8b",
                                               .base_url = server.base_url(),
                                               .model = "m:8b",
                                               .api_key = Secret("key-abcdef")});
  ASSERT_TRUE(provider) << provider.error().message;
  EXPECT_EQ((*provider)->name(), "openai:m:8b");
  std::optional<Result<Response>> result;
  GenerateRequest request{.messages = {{Role::user, "Capital of France?"}},
                          .params = {.max_tokens = 5}};
  asio::co_spawn(context, generate_one(**provider, request, result), asio::detached);
  context.run();
  ASSERT_TRUE(result && *result) << (result ? result->error().message : "nothing");
  EXPECT_EQ((*result)->text, "Paris.");
  ASSERT_TRUE((*result)->latency);
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].path, "/v1/chat/completions");
  EXPECT_EQ(seen[0].model(), "m:8b");
  EXPECT_EQ(seen[0].last_user_message(), "Capital of France?");
  EXPECT_EQ(seen[0].header("authorization"), "Bearer key-abcdef");
  EXPECT_THAT(seen[0].body, HasSubstr(R"("max_tokens":5)"));
}

TEST(OpenAiChatProvider, RefusesOptionsThatCannotBeRight) {
  asio::io_context context{1};
  const auto transport = make_curl_transport(context.get_executor());
  const auto kind = [&](Endpoint endpoint) {
    const auto provider = HttpModel::make(*transport, std::move(endpoint));
    return provider ? std::string("made") : provider.error().message;
  };
  EXPECT_THAT(kind({.base_url = "h/v1", .model = "m"}), HasSubstr("http://"));
  EXPECT_THAT(kind({.base_url = "http://h/v1", .model = " "}), HasSubstr("model's name"));
  EXPECT_THAT(kind({.base_url = "http://h/v1", .model = "m", .api_key = Secret("key-\nabc")}),
              AllOf(HasSubstr("API key"), Not(HasSubstr("abc"))));
  EXPECT_EQ(kind({.base_url = "http://h/v1", .model = "m"}), "made");
}

}  // namespace
}  // namespace iie
