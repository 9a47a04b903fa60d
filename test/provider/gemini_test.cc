#include "provider/gemini.h"

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

const test::Decoded kDecoded(Dialect::gemini);

// ---- Replies ----

TEST(GeminiReply, ThoughtsAreReasoningAndCounted) {
  const Response response = kDecoded.response("thoughts");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.model, "gemini-2.5-flash");
  EXPECT_EQ(response.usage, (Usage{64, 80, 66, 32}));  // 14 of the answer, 66 of thoughts
}

TEST(GeminiReply, EndsOfEveryKind) {
  const Response cut = kDecoded.response("max_tokens");
  EXPECT_EQ(cut.text, "");
  EXPECT_EQ(cut.finish, FinishReason::length);
  EXPECT_EQ(cut.usage, (Usage{64, 64, 64, std::nullopt}));
  EXPECT_EQ(kDecoded.response("safety").finish, FinishReason::content_filter);
  EXPECT_EQ(kDecoded.response("safety").text, "The first half");
}

// google-genai, types.py, FinishReason.
TEST(GeminiReply, EveryFinishReason) {
  const auto finish = [](const std::string& name) {
    const auto response = kDecoded.body(
        R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":")" + name + "\"}]}");
    return response ? response->finish : FinishReason::unknown;
  };
  for (const char* name :
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR", "ESCALATION"}) {
    EXPECT_EQ(finish(name), FinishReason::content_filter) << name;
  }
  for (const char* name : {"MAX_TOKENS", "CONTINUATION"}) {
    EXPECT_EQ(finish(name), FinishReason::length) << name;
  }
  for (const char* name :
       {"LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL", "IMAGE_OTHER", "NO_IMAGE",
        "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "NEXT_YEARS"}) {
    EXPECT_EQ(finish(name), FinishReason::other) << name;
  }
  EXPECT_EQ(finish("STOP"), FinishReason::stop);
  EXPECT_EQ(finish("FINISH_REASON_UNSPECIFIED"), FinishReason::unknown);
  EXPECT_EQ(kDecoded.error("malformed").kind, ErrorKind::transient);
  EXPECT_EQ(kDecoded.error("account_limited").kind, ErrorKind::auth);
}

TEST(GeminiReply, ABlockedPromptIsABlankAnswer) {
  const Response response = kDecoded.response("blocked_prompt");
  EXPECT_EQ(response.text, "");
  EXPECT_EQ(response.finish, FinishReason::content_filter);
  EXPECT_EQ(response.usage.input_tokens, 8);
  EXPECT_EQ(response.usage.output_tokens, std::nullopt);
}

TEST(GeminiReply, Errors) {
  const auto kind = [](const char* name) { return kDecoded.error(name).kind; };
  EXPECT_EQ(kind("error_key"), ErrorKind::auth);
  EXPECT_EQ(kind("error_404"), ErrorKind::not_found);
  // Its limits per minute read like a plan that is used up, but say when they end.
  EXPECT_EQ(kind("error_429"), ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("error_429").retry_after, 36'500ms);
  EXPECT_EQ(kind("error_503"), ErrorKind::transient);
  EXPECT_EQ(kind("error_list_500"), ErrorKind::transient);
  EXPECT_THAT(kDecoded.error("error_list_500").message, HasSubstr("An internal error"));
  EXPECT_EQ(kind("no_candidates"), ErrorKind::transient);
  for (const char* body : {"[]", "null", "{}", R"({"candidates":3})", R"({"choices":[]})"}) {
    EXPECT_EQ(test::Decoded::failed(kDecoded.body(body), body).kind, ErrorKind::corrupt);
  }
}

// ---- Streams ----

TEST(GeminiStream, AddsUpItsPieces) {
  const Response response = kDecoded.response("stream");
  EXPECT_EQ(response.text, "It is 75 g.");
  EXPECT_EQ(response.reasoning, "Adding the weights.");
  EXPECT_EQ(response.finish, FinishReason::stop);
  EXPECT_EQ(response.usage, (Usage{64, 80, 66, 32}));
}

TEST(GeminiStream, ErrorsInsideAndBreakingOff) {
  EXPECT_EQ(kDecoded.error("stream_error").http_status, 503);
  EXPECT_EQ(kDecoded.error("stream_error").kind, ErrorKind::transient);
  EXPECT_EQ(kDecoded.error("stream_quota").kind, ErrorKind::rate_limited);
  EXPECT_EQ(kDecoded.error("stream_quota").retry_after, 8s);
  kDecoded.expect_transient_wherever_cut("stream", 10);
}

// ---- Requests ----

Endpoint endpoint() {
  Endpoint endpoint{.name = "gemini:m", .base_url = "https://h/v1beta", .model = "m"};
  endpoint.profile.dialect = Dialect::gemini;
  return endpoint;
}

TEST(GeminiRequest, RolesSystemAndUrl) {
  Endpoint at = endpoint();
  at.api_key = Secret("key-abcdef");
  const GenerateRequest request{
      .messages = {
          {Role::system, "s"}, {Role::user, "u"}, {Role::assistant, "a"}, {Role::user, "v"}}};
  const auto plain = encode_gemini(at, request);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->url, "https://h/v1beta/models/m:generateContent");
  EXPECT_EQ(plain->body,
            R"({"contents":[{"role":"user","parts":[{"text":"u"}]},)"
            R"({"role":"model","parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"v"}]}],)"
            R"("systemInstruction":{"parts":[{"text":"s"}]}})");
  EXPECT_THAT(plain->headers, Contains(Pair("x-goog-api-key", "key-abcdef")));
  EXPECT_THAT(plain->url + plain->body, testing::Not(HasSubstr("key-abcdef")));
}

TEST(GeminiRequest, ParametersSchemaAndThinkingShareTheirObject) {
  Endpoint at = endpoint();
  at.stream = true;
  at.model = "models/m x";
  at.profile.reasoning[Reasoning::Mode::budget] =
      R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":"$budget"}}})";
  GenerateRequest request{
      .messages = {{Role::user, "u"}},
      .params = {.temperature = 0.5, .top_p = 0.9, .max_tokens = 100, .seed = 7}};
  request.params.reasoning = reasoning_from("budget:512");
  request.schema = std::make_shared<OutputSchema>("verdict", R"({"type":"object"})");
  const auto http = encode_gemini(at, request);
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->url, "https://h/v1beta/models/m%20x:streamGenerateContent?alt=sse");
  EXPECT_THAT(http->body,
              EndsWith(R"(],"generationConfig":{"temperature":0.5,"topP":0.9,)"
                       R"("maxOutputTokens":100,"seed":7,"responseMimeType":"application/json",)"
                       R"("responseJsonSchema":{"type":"object"},)"
                       R"("thinkingConfig":{"thinkingBudget":512}}})"));
}

}  // namespace
}  // namespace iie
