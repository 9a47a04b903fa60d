#include "provider/anthropic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <memory>

#include "base/json.h"
#include "test/provider/decoded.h"

namespace iie {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Pair;

const test::Decoded kDecoded(Dialect::anthropic);

// ---- Replies ----

TEST(AnthropicReply, TextUsageAndLimits) {
  const Response response = kDecoded.response("text");
  EXPECT_EQ(response.text, "None of the options is right: it is 75 g.");
  EXPECT_EQ(response.reasoning, "");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.model, "claude-sonnet-4-5-20250929");
  // 12 fresh, 20 written to the cache, 32 read from it.
  EXPECT_EQ(response.usage, (Usage{64, 80, std::nullopt, 32, 20}));
  ASSERT_TRUE(response.limits);
  EXPECT_EQ(response.limits->requests, (RateLimits::Window{1000, 999, 1000ms}));
  EXPECT_EQ(response.limits->tokens, (RateLimits::Window{400'000, 399'000, 30'000ms}));
}

TEST(AnthropicReply, ThinkingIsReasoning) {
  const Response response = kDecoded.response("thinking");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.");
}

TEST(AnthropicReply, EndsOfEveryKind) {
  EXPECT_EQ(kDecoded.response("max_tokens").finish, FinishReason::length);
  EXPECT_EQ(kDecoded.response("max_tokens").text, "");
  EXPECT_EQ(kDecoded.response("refusal").finish, FinishReason::refusal);
  EXPECT_EQ(kDecoded.response("refusal").text, "");
  EXPECT_EQ(kDecoded.response("stop_sequence").finish, FinishReason::stop);
  EXPECT_EQ(kDecoded.response("no_usage").usage, Usage{});  // unknown, not zero
}

TEST(AnthropicReply, Errors) {
  const auto kind = [](const char* name) { return kDecoded.error(name).kind; };
  EXPECT_EQ(kind("error_401"), ErrorKind::auth);
  EXPECT_EQ(kind("error_400"), ErrorKind::bad_request);
  EXPECT_EQ(kind("error_credit"), ErrorKind::auth);
  EXPECT_EQ(kind("error_404"), ErrorKind::not_found);
  EXPECT_EQ(kind("error_429"), ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("error_429").retry_after, 21s);
  EXPECT_EQ(kind("error_529"), ErrorKind::transient);
  EXPECT_EQ(kind("error_in_200"), ErrorKind::transient);
  EXPECT_EQ(kDecoded.error("error_in_200").http_status, 529);
  EXPECT_THAT(kDecoded.error("error_529").message, HasSubstr("\"Overloaded\""));
  for (const char* body : {"[]", "null", "{}", R"({"content":"x"})", R"({"choices":[]})"}) {
    EXPECT_EQ(test::Decoded::failed(kDecoded.body(body), body).kind, ErrorKind::corrupt);
  }
}

// The default from Opus 4.7 on: anthropic (Python), types/thinking_config_adaptive_param.py, and
// types/output_tokens_details.py for the count.
TEST(AnthropicReply, ThinkingThatIsLeftOutIsStillCounted) {
  const Response response = kDecoded.response("thinking_omitted");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "");
  EXPECT_EQ(response.usage, (Usage{64, 80, 66, 0, 0}));
}

// anthropic (Python), types/stop_reason.py.
TEST(AnthropicReply, EveryStopReason) {
  const auto finish = [](const std::string& name) {
    const auto response = kDecoded.body(
        R"({"type":"message","content":[{"type":"text","text":"x"}],"stop_reason":")" + name +
        "\"}");
    return response ? response->finish : FinishReason::unknown;
  };
  for (const char* name : {"end_turn", "stop_sequence"}) {
    EXPECT_EQ(finish(name), FinishReason::stop) << name;
  }
  for (const char* name : {"max_tokens", "model_context_window_exceeded"}) {
    EXPECT_EQ(finish(name), FinishReason::length) << name;
  }
  for (const char* name : {"tool_use", "pause_turn", "next_years"}) {
    EXPECT_EQ(finish(name), FinishReason::other) << name;
  }
  EXPECT_EQ(finish("refusal"), FinishReason::refusal);
  EXPECT_EQ(kDecoded.response("refusal_stream").finish, FinishReason::refusal);
  EXPECT_EQ(kDecoded.response("refusal_stream").text, "First, ");
  EXPECT_EQ(kDecoded.response("refusal_stream").usage, (Usage{64, 9, 0, std::nullopt}));
}

// anthropic (Python), types/shared/*_spend_limit_reached_error.py and ramp_limit_exceeded_error.py.
TEST(AnthropicReply, ASpentBudgetIsNoRateLimit) {
  for (const char* name : {"error_spend_limit", "error_usage_limit"}) {
    EXPECT_EQ(kDecoded.error(name).kind, ErrorKind::auth) << name;
    EXPECT_THAT(kDecoded.error(name).message, HasSubstr("no credit left")) << name;
  }
  EXPECT_EQ(kDecoded.error("error_ramp_limit").kind, ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("error_ramp_limit").retry_after, 12s);
  const auto inside =
      kDecoded.body(R"({"type":"error","error":{"type":"rate_limit_error","message":"x",)"
                    R"("details":{"error_code":"contract_spend_limit_reached"}}})");
  EXPECT_EQ(test::Decoded::failed(inside, "inside").kind, ErrorKind::auth);
}

// ---- Streams ----

TEST(AnthropicStream, AddsUpItsBlocks) {
  const Response response = kDecoded.response("stream");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.usage, (Usage{64, 80, std::nullopt, 32, 20}));
  EXPECT_EQ(response.model, "claude-sonnet-4-5-20250929");
}

TEST(AnthropicStream, ErrorsInsideAndBreakingOff) {
  EXPECT_EQ(kDecoded.error("stream_error").http_status, 529);
  EXPECT_EQ(kDecoded.error("stream_error").kind, ErrorKind::transient);
  // Whole once every block is closed and the reason for the end is there.
  const std::string body = kDecoded.recorded("stream").body;
  kDecoded.expect_transient_wherever_cut("stream",
                                         body.size() - body.find("event: message_delta") - 20);
  const auto response = kDecoded.body(body.substr(0, body.find("event: message_stop")));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->text, "It is 75 g.");
}

std::vector<std::string> events_of(const std::string& body) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find("\n\n", at) + 2;
    events.push_back(body.substr(at, end - at));
    at = end;
  }
  return events;
}

TEST(AnthropicStream, RepeatedFramesThatSayNothingNewChangeNothing) {
  std::string body;
  for (const std::string& event : events_of(kDecoded.recorded("stream").body)) {
    body += event;
    // All but what grows a block: a model may well say the same thing twice.
    if (event.find("_delta\",\"index\"") == std::string::npos) body += event;
  }
  const auto response = kDecoded.body(body + "event: nonsense\ndata: {}\n\n");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->text, "It is 75 g.");
  EXPECT_EQ(response->usage.output_tokens, 80);
}

TEST(AnthropicStream, EventsOutOfOrderAreTransientNeverAWrongAnswer) {
  const std::vector<std::string> events = events_of(kDecoded.recorded("stream").body);
  const auto is = [&](std::size_t i, std::string_view what) {
    return events[i].find(what) != std::string::npos;
  };
  int swapped = 0;
  for (std::size_t i = 1; i + 1 < events.size(); ++i) {
    // A piece of a block changes places with that block's beginning or end.
    const bool opens = is(i, "content_block_start") && is(i + 1, "content_block_delta");
    const bool closes = is(i, "text_delta") && is(i + 1, "content_block_stop");
    if (!opens && !closes) continue;
    std::vector<std::string> order = events;
    std::swap(order[i], order[i + 1]);
    std::string body;
    for (const std::string& event : order) body += event;
    const Error error = test::Decoded::failed(kDecoded.body(body), events[i]);
    EXPECT_EQ(error.kind, ErrorKind::transient);
    EXPECT_THAT(error.message, HasSubstr("out of order"));
    ++swapped;
  }
  EXPECT_EQ(swapped, 2);
}

TEST(AnthropicStream, ABlockThatStartsAgainAfterItGrewIsOutOfOrder) {
  std::vector<std::string> events = events_of(kDecoded.recorded("stream").body);
  std::string body;
  for (const std::string& event : events) {
    body += event;
    if (event.find("\" 75 g.\"") != std::string::npos) body += events[7];  // its start
  }
  ASSERT_THAT(events[7], HasSubstr("content_block_start"));
  EXPECT_EQ(test::Decoded::failed(kDecoded.body(body), "").kind, ErrorKind::transient);
}

// ---- Requests ----

Endpoint endpoint() {
  Endpoint endpoint{.name = "anthropic:m", .base_url = "https://h/v1", .model = "m"};
  endpoint.profile.dialect = Dialect::anthropic;
  return endpoint;
}

TEST(AnthropicRequest, SystemIsTopLevelAndTheLimitIsThere) {
  Endpoint at = endpoint();
  at.api_key = Secret("key-abcdef");
  at.profile.headers["anthropic-version"] = "2023-06-01";
  GenerateRequest request{.messages = {{Role::system, "s"},
                                       {Role::user, "u"},
                                       {Role::assistant, "a"},
                                       {Role::system, "t"},
                                       {Role::user, "v"}}};
  EXPECT_EQ(encode_messages(at, request).error().kind, ErrorKind::usage);  // no limit
  at.profile.default_max_tokens = 4096;
  const auto plain = encode_messages(at, request);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->url, "https://h/v1/messages");
  EXPECT_EQ(plain->body, R"({"model":"m","messages":[{"role":"user","content":"u"},)"
                         R"({"role":"assistant","content":"a"},{"role":"user","content":"v"}],)"
                         R"("max_tokens":4096,"system":"s\n\nt"})");
  EXPECT_THAT(plain->headers, Contains(Pair("x-api-key", "key-abcdef")));
  EXPECT_THAT(plain->headers, Contains(Pair("anthropic-version", "2023-06-01")));
  EXPECT_EQ(plain->body_complete, nullptr);
}

TEST(AnthropicRequest, SchemaAndEffortShareTheirObject) {
  Endpoint at = endpoint();
  at.stream = true;
  at.profile.reasoning[Reasoning::Mode::low] =
      R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}})";
  GenerateRequest request{.messages = {{Role::user, "u"}},
                          .params = {.temperature = 1, .top_p = 0.9, .max_tokens = 100}};
  request.params.reasoning = reasoning_from("low");
  request.schema = std::make_shared<OutputSchema>("verdict", R"({"type":"object"})");
  const auto http = encode_messages(at, request);
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_THAT(http->body, EndsWith(R"(],"max_tokens":100,"temperature":1,"top_p":0.9,)"
                                   R"("output_config":{"format":{"type":"json_schema",)"
                                   R"("schema":{"type":"object"}},"effort":"low"},"stream":true,)"
                                   R"("thinking":{"type":"adaptive"}})"));
  ASSERT_TRUE(http->body_complete);
  const std::string stream = kDecoded.recorded("stream").body;
  EXPECT_FALSE(http->body_complete(stream.substr(0, stream.find("event: message_stop"))));
  EXPECT_TRUE(http->body_complete(stream));
}

}  // namespace
}  // namespace iie
