#include "provider/http_error.h"

#include <gtest/gtest.h>

#include "provider/http_model.h"

namespace iie {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h;

std::optional<std::chrono::milliseconds> after(Headers headers) {
  return retry_after({.status = 429, .headers = std::move(headers)}, kNow);
}

TEST(RetryAfter, Seconds) {
  EXPECT_EQ(after({}), std::nullopt);
  EXPECT_EQ(after({{"retry-after", "5"}}), 5s);
  EXPECT_EQ(after({{"retry-after", "0"}}), 0s);
  EXPECT_EQ(after({{"retry-after", " 1.5 "}}), 1500ms);
}

TEST(RetryAfter, MillisecondsComeFirst) {
  EXPECT_EQ(after({{"retry-after", "5"}, {"retry-after-ms", "250"}}), 250ms);
  EXPECT_EQ(after({{"retry-after", "5"}, {"retry-after-ms", "soon"}}), 5s);
}

TEST(RetryAfter, AbsurdValuesAreBounded) {
  EXPECT_EQ(after({{"retry-after", "86400"}}), 24h);
  EXPECT_EQ(after({{"retry-after", "1e30"}}), 31 * 24h);
  EXPECT_EQ(after({{"retry-after", "-3"}}), 0s);
  for (const char* nonsense : {"", "soon", "5 s", "nan", "inf", "0x10"}) {
    EXPECT_EQ(after({{"retry-after", nonsense}}), std::nullopt) << nonsense;
  }
}

TEST(RetryAfter, HttpDates) {
  EXPECT_EQ(after({{"retry-after", "Sun, 01 Mar 2026 12:00:30 GMT"}}), 30s);
  EXPECT_EQ(after({{"retry-after", "Sun, 01 Mar 2026 11:00:00 GMT"}}), 0s);
  EXPECT_EQ(after({{"retry-after", "Mon, 02 Mar 2026 12:00:00 GMT"}}), 24h);
  EXPECT_EQ(after({{"retry-after", "Sunday, 01-Mar-26 12:00:30 GMT"}}), 30s);
  EXPECT_EQ(after({{"retry-after", "Sun Mar  1 12:00:30 2026"}}), 30s);
  for (const char* nonsense : {"Sun, 31 Feb 2026 12:00:30 GMT", "Sun, 01 Foo 2026 12:00:30 GMT",
                               "Sun, 01 Mar 2026 25:00:30 GMT", "Sun, 01 Mar 2026 12:00:30 CET"}) {
    EXPECT_EQ(after({{"retry-after", nonsense}}), std::nullopt) << nonsense;
  }
}

TEST(RetryAfter, DatesAreMeasuredByTheServersOwnClock) {
  EXPECT_EQ(after({{"date", "Sun, 01 Mar 2026 15:00:00 GMT"},
                   {"retry-after", "Sun, 01 Mar 2026 15:00:07 GMT"}}),
            7s);
}

// openai-python and anthropic-sdk-python, _base_client.py: _should_retry().
TEST(ErrorFromReply, ObeysAServerThatWantsNoSecondTry) {
  const auto kind = [](int status, const char* should_retry) {
    const HttpResponse reply{.status = status, .headers = {{"x-should-retry", should_retry}}};
    return error_from_reply(reply, status, {.message = "no"}, "h", kNow).kind;
  };
  EXPECT_EQ(kind(429, "true"), ErrorKind::rate_limited);
  EXPECT_EQ(kind(500, "true"), ErrorKind::transient);
  EXPECT_EQ(kind(429, "false"), ErrorKind::bad_request);
  EXPECT_EQ(kind(500, "false"), ErrorKind::bad_request);
  EXPECT_EQ(kind(401, "false"), ErrorKind::auth);
  EXPECT_EQ(kind(400, "true"), ErrorKind::bad_request);
}

TEST(EndpointName, HoldsHostAndPortOnly) {
  EXPECT_EQ(endpoint_name("https://api.openai.com/v1"), "api.openai.com");
  EXPECT_EQ(endpoint_name("http://user:pw@host:8000?x"), "host:8000");
  EXPECT_EQ(endpoint_name("http://[::1]:8000/v1"), "[::1]:8000");
}

TEST(StatusOf, CodesAndTypes) {
  EXPECT_EQ(status_of({.code = "429"}), 429);
  EXPECT_EQ(status_of({.type = "rate_limit_exceeded"}), 429);
  EXPECT_EQ(status_of({.code = "invalid_api_key"}), 401);
  EXPECT_EQ(status_of({.code = "insufficient_quota"}), 402);
  EXPECT_EQ(status_of({.type = "invalid_request_error"}), 400);
  EXPECT_EQ(status_of({.message = "whatever"}), 503);
  EXPECT_EQ(status_of({.code = "99999"}), 503);
}

TEST(ErrorFromReply, RefusalsAreFreeAndFailuresInsideA200MayBeBilled) {
  const auto billed = [](int http, int status) {
    return error_from_reply({.status = http}, status, {}, "host", kNow).may_be_billed;
  };
  for (const int refused : {400, 401, 404, 408, 429, 500, 503, 529}) {
    EXPECT_FALSE(billed(refused, refused)) << refused;
  }
  for (const int at_work : {400, 500, 503}) EXPECT_TRUE(billed(200, at_work)) << at_work;
  for (const int turned_away : {401, 402, 404, 429}) {
    EXPECT_FALSE(billed(200, turned_away)) << turned_away;
  }
}

TEST(ErrorFromReply, AnAnswerThatCannotBeReadMayBeBilled) {
  const auto billed = [](std::string body) {
    const auto result =
        decode_reply(Dialect::openai_chat, {.status = 200, .body = std::move(body)}, "host", kNow);
    EXPECT_FALSE(result);
    return !result && result.error().may_be_billed;
  };
  EXPECT_TRUE(billed(R"({"choices": [{"message": {"content": "Half an)"));
  EXPECT_TRUE(billed("data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n"));
  EXPECT_TRUE(billed(R"({"object": "list"})"));
  EXPECT_FALSE(billed("<html>Sign in</html>"));  // no model said that
}

}  // namespace
}  // namespace iie
