#include "provider/openai_responses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <memory>

#include "base/json.h"
#include "provider/http_error.h"
#include "test/provider/decoded.h"

namespace iie {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;

const test::Decoded kDecoded(Dialect::openai_responses);

// ---- Replies ----

TEST(ResponsesReply, MessageReasoningSummaryAndUsage) {
  const Response response = kDecoded.response("reasoning");
  EXPECT_EQ(response.text, "None of the options is right: it is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.\n\nThey are 75 g.");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.model, "o4-mini-2025-04-16");
  EXPECT_EQ(response.usage, (Usage{64, 80, 64, 32}));
  ASSERT_TRUE(response.limits);
  EXPECT_EQ(response.limits->tokens.limit, 150'000);
  EXPECT_EQ(response.limits->tokens.reset, 360s);
  EXPECT_EQ(response.latency, 250ms);
}

TEST(ResponsesReply, ReasoningTextGoesBeforeItsSummary) {
  EXPECT_EQ(kDecoded.response("reasoning_text").reasoning, "Raw thoughts.");
}

TEST(ResponsesReply, Refusal) {
  const Response response = kDecoded.response("refusal");
  EXPECT_EQ(response.text, "I'm sorry, I cannot help with that.");
  EXPECT_EQ(response.finish, FinishReason::refusal);
}

TEST(ResponsesReply, CutOffWhileReasoningIsABlankAnswerOfLength) {
  const Response response = kDecoded.response("cut");
  EXPECT_EQ(response.text, "");
  EXPECT_EQ(response.finish, FinishReason::length);
}

TEST(ResponsesReply, ContentFilterKeepsWhatThereIs) {
  const Response response = kDecoded.response("filtered");
  EXPECT_EQ(response.text, "The first half");
  EXPECT_EQ(response.finish, FinishReason::content_filter);
}

// "phase" of a message: openai-python, types/responses/response_output_message.py.
TEST(ResponsesReply, CommentaryIsNotTheAnswerUnlessItIsAllThereIs) {
  const Response response = kDecoded.response("commentary");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.\n\nI will add them up first.");
  const auto alone =
      kDecoded.body(R"({"status":"completed","output":[{"type":"message","phase":"commentary",)"
                    R"("content":[{"type":"output_text","text":"On it."}]}]})");
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_EQ(alone->text, "On it.");
  EXPECT_EQ(alone->reasoning, "");
}

// The codes of a failed response: openai-python, types/responses/response_error.py.
TEST(ResponsesReply, APolicysBlockIsNotTriedAgain) {
  EXPECT_EQ(kDecoded.error("failed_policy").kind, ErrorKind::bad_request);
  for (const char* code : {"misalignment_policy_violation", "image_content_policy_violation",
                           "data_residency_mismatch", "invalid_prompt"}) {
    EXPECT_EQ(status_of({.code = code}), 400) << code;
  }
  for (const char* code : {"server_error", "vector_store_timeout"}) {
    EXPECT_EQ(status_of({.code = code}), 503) << code;
  }
  EXPECT_EQ(status_of({.code = "rate_limit_exceeded"}), 429);
}

TEST(ResponsesReply, Errors) {
  EXPECT_EQ(kDecoded.error("failed").kind, ErrorKind::transient);
  EXPECT_THAT(kDecoded.error("failed").message, HasSubstr("failed to generate"));
  EXPECT_EQ(kDecoded.error("empty").kind, ErrorKind::transient);
  EXPECT_EQ(kDecoded.error("error_400").kind, ErrorKind::bad_request);
  EXPECT_THAT(kDecoded.error("error_400").message, HasSubstr("'temperature' is not supported"));
  EXPECT_EQ(kDecoded.error("error_429").kind, ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("error_429").retry_after, 7s);
  for (const char* body : {"[]", "null", "{}", R"({"output":{}})", R"({"choices":[]})"}) {
    EXPECT_EQ(test::Decoded::failed(kDecoded.body(body), body).kind, ErrorKind::corrupt);
  }
  EXPECT_EQ(
      test::Decoded::failed(kDecoded.body(R"({"status":"in_progress","output":[]})"), "").kind,
      ErrorKind::transient);
}

// ---- Streams ----

TEST(ResponsesStream, ItsLastEventHoldsEverything) {
  EXPECT_EQ(kDecoded.response("stream"), [] {
    Response expected = kDecoded.response("reasoning");
    expected.limits = nullptr;
    return expected;
  }());
}

TEST(ResponsesStream, FinishedItemsCountWhereTheLastEventHoldsNone) {
  const Response response = kDecoded.response("stream_bare_end");
  EXPECT_EQ(response.text, "None of the options is right: it is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.\n\nThey are 75 g.");
}

TEST(ResponsesStream, EndsOfEveryKind) {
  EXPECT_EQ(kDecoded.response("stream_cut").finish, FinishReason::length);
  EXPECT_EQ(kDecoded.error("stream_failed").kind, ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("stream_error").kind, ErrorKind::transient);
  EXPECT_THAT(kDecoded.error("stream_error").message, HasSubstr("Something broke"));
  kDecoded.expect_transient_wherever_cut("stream", 100);
}

// Every order of the events before the last, and every one of them twice.
TEST(ResponsesStream, RepeatedAndShuffledEventsChangeNothing) {
  for (const char* name : {"stream", "stream_bare_end"}) {
    const std::string body = kDecoded.recorded(name).body;
    std::vector<std::string> events;
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = body.find("\n\n", at) + 2;
      events.push_back(body.substr(at, end - at));
      at = end;
    }
    const std::string last = events.back();
    events.pop_back();
    std::string shuffled;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      shuffled += *event + *event;
    }
    const auto response = kDecoded.body(shuffled + last + last + events[3]);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->text, kDecoded.response(name).text);
    EXPECT_EQ(response->reasoning, kDecoded.response(name).reasoning);
  }
}

// ---- Requests ----

Endpoint endpoint() {
  Endpoint endpoint{.name = "openai-responses:m", .base_url = "https://h/v1", .model = "m"};
  endpoint.profile.dialect = Dialect::openai_responses;
  return endpoint;
}

TEST(ResponsesRequest, AConversationKeepsItsTurns) {
  const GenerateRequest request{
      .messages = {{Role::user, "u"}, {Role::assistant, "a"}, {Role::user, "v"}}};
  const auto http = encode_responses(endpoint(), request);
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->body, R"({"model":"m","input":[{"role":"user","content":"u"},)"
                        R"({"role":"assistant","content":"a"},{"role":"user","content":"v"}]})");
}

TEST(ResponsesRequest, SendsWhatIsSetAndNothingElse) {
  GenerateRequest request{.messages = {{Role::system, "s"}, {Role::user, "u"}}};
  const auto plain = encode_responses(endpoint(), request);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->url, "https://h/v1/responses");
  EXPECT_EQ(plain->body, R"({"model":"m","input":[{"role":"system","content":"s"},)"
                         R"({"role":"user","content":"u"}]})");

  Endpoint streaming = endpoint();
  streaming.stream = true;
  streaming.profile.system_role = "developer";
  streaming.profile.body = R"({"store":false})";
  streaming.profile.reasoning[Reasoning::Mode::high] = R"({"reasoning":{"effort":"high"}})";
  request.params = {.temperature = 0.5, .top_p = 0.9, .max_tokens = 100};
  request.params.reasoning = reasoning_from("high");
  request.schema = std::make_shared<OutputSchema>("verdict", R"({"type":"object"})");
  const auto full = encode_responses(streaming, request);
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_THAT(full->body,
              EndsWith(R"(],"temperature":0.5,"top_p":0.9,"max_output_tokens":100,)"
                       R"("text":{"format":{"type":"json_schema","name":"verdict","strict":true,)"
                       R"("schema":{"type":"object"}}},"stream":true,"store":false,)"
                       R"("reasoning":{"effort":"high"}})"));
  EXPECT_TRUE(parse_json(full->body));
  ASSERT_TRUE(full->body_complete);
  const std::string stream = kDecoded.recorded("stream").body;
  EXPECT_FALSE(full->body_complete(stream.substr(0, stream.find("event: response.completed"))));
  EXPECT_TRUE(full->body_complete(stream));
}

}  // namespace
}  // namespace iie
