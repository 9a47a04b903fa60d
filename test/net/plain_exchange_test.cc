// An exchange on bytes and a clock alone: no sockets, no event loop.
#include "net/plain_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

#include "test/net/client.h"

namespace iie {
namespace {

using namespace std::chrono_literals;
using test::failure_of;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kMostHeader = 4096;
constexpr SteadyTime kStart{1h};

const PlainUrl& model_url() {
  static const PlainUrl url = *parse_plain_url("http://127.0.0.1:8000/v1/chat?key=1");
  return url;
}

HttpRequest asking(std::string body = "{}") {
  HttpRequest request = test::post("http://127.0.0.1:8000/v1/chat?key=1", std::move(body));
  request.connect_timeout = 2s;
  request.first_byte_timeout = 5s;
  request.idle_timeout = 10s;
  request.total_timeout = 60s;
  return request;
}

// Says of itself that it is complete.
HttpRequest streaming() {
  HttpRequest request = asking();
  request.body_complete = [](std::string_view body) { return body.ends_with("[DONE]\n\n"); };
  return request;
}

// Begun at kStart; nothing is connected.
PlainExchange begun(HttpRequest request) {
  PlainExchange exchange;
  const auto ready = exchange.prepare(std::move(request), model_url());
  EXPECT_TRUE(ready) << ready.error().message;
  exchange.begin(kStart, kMostHeader);
  return exchange;
}

std::size_t size_left(const PlainExchange& exchange) {
  const auto [head, body] = exchange.unsent();
  return head.size() + body.size();
}

// Connected and with its request out at kStart.
PlainExchange asked(HttpRequest request, bool kept = false) {
  PlainExchange exchange = begun(std::move(request));
  exchange.connected(kStart, kept);
  exchange.sent(size_left(exchange), kStart);
  EXPECT_TRUE(exchange.all_sent());
  return exchange;
}

std::string chunk(std::string_view text) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + std::string(text) + "\r\n";
}

constexpr std::string_view kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// ---- The request ----

TEST(PlainExchange, SendsItsHeadAndThenItsBodyHoweverTheyAreCut) {
  HttpRequest request = asking("question");
  request.headers = {{"Authorization", "Bearer x"}};
  for (std::size_t step = 1; step < 250; step += 6) {
    PlainExchange exchange = begun(request);
    exchange.connected(kStart, false);
    std::string wire;
    while (!exchange.all_sent()) {
      const auto [head, body] = exchange.unsent();
      const std::string left = std::string(head) + std::string(body);
      const std::string taken = left.substr(0, step);
      wire += taken;
      exchange.sent(taken.size(), kStart);
    }
    EXPECT_EQ(size_left(exchange), 0u);
    EXPECT_THAT(wire, StartsWith("POST /v1/chat?key=1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
                                 "User-Agent: inverse-ifeval/"));
    EXPECT_THAT(wire, testing::EndsWith(
                          "\r\nAuthorization: Bearer x\r\nContent-Length: 8\r\n\r\nquestion"));
  }
}

TEST(PlainExchange, RefusesWhatCannotBeSent) {
  PlainExchange exchange;
  HttpRequest header = asking();
  header.headers = {{"Authorization", "Bearer x\r\nHost: elsewhere"}};
  HttpRequest method = asking();
  method.method = "GET /elsewhere";
  HttpRequest late = asking();
  late.total_timeout = 0ms;
  const auto bad_header = exchange.prepare(std::move(header), model_url());
  ASSERT_FALSE(bad_header);
  EXPECT_EQ(bad_header.error().kind, ErrorKind::bad_request);
  EXPECT_THAT(bad_header.error().message, testing::Not(HasSubstr("Bearer")));
  const auto bad_method = exchange.prepare(std::move(method), model_url());
  ASSERT_FALSE(bad_method);
  EXPECT_EQ(bad_method.error().kind, ErrorKind::bad_request);
  const auto no_time = exchange.prepare(std::move(late), model_url());
  ASSERT_FALSE(no_time);
  EXPECT_EQ(no_time.error().kind, ErrorKind::transient);
  EXPECT_FALSE(no_time.error().may_be_billed);
}

// ---- The reply ----

TEST(PlainExchange, IsCompleteWithTheLastByteAndItsLatencyCountsFromTheConnection) {
  PlainExchange exchange = begun(asking());
  exchange.connected(kStart + 1s, false);
  exchange.sent(size_left(exchange), kStart + 1s);
  EXPECT_FALSE(exchange.take(kReply.substr(0, 20), kStart + 2s));
  EXPECT_FALSE(exchange.take(kReply.substr(20, kReply.size() - 21), kStart + 3s));
  const auto result = exchange.take(kReply.substr(kReply.size() - 1), kStart + 4s);
  ASSERT_TRUE(result);
  ASSERT_TRUE(*result) << result->error().message;
  EXPECT_EQ((*result)->body, "hi");
  EXPECT_EQ((*result)->latency, 3s);
  EXPECT_TRUE(exchange.keeps_connection());
}

TEST(PlainExchange, BytesBehindTheReplyCostTheConnectionButNotTheReply) {
  PlainExchange exchange = asked(asking());
  const auto result = exchange.take(std::string(kReply) + "HTTP/1.1 200", kStart);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->body, "hi");
  EXPECT_FALSE(exchange.keeps_connection());
}

TEST(PlainExchange, AnAnswerBeforeTheRequestIsOutCostsTheConnection) {
  PlainExchange exchange = begun(asking("a long question"));
  exchange.connected(kStart, false);
  exchange.sent(size_left(exchange) - 1, kStart);
  const auto result = exchange.take(kReply, kStart);
  ASSERT_TRUE(result && *result);
  EXPECT_FALSE(exchange.keeps_connection());
}

TEST(PlainExchange, RefusesAnEncodingThatItDidNotAskFor) {
  for (const auto& [encoding, taken] :
       {std::pair("gzip", false), {"br", false}, {"identity", true}, {"Identity", true}}) {
    PlainExchange exchange = asked(asking());
    const auto result =
        exchange.take("HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(encoding) +
                          "\r\nContent-Length: 1\r\n\r\nx",
                      kStart);
    ASSERT_TRUE(result) << encoding;
    EXPECT_EQ(result->has_value(), taken) << encoding;
    if (taken) continue;
    const auto [kind, message] = failure_of(*result);
    EXPECT_EQ(kind, ErrorKind::bad_request);
    EXPECT_THAT(message, HasSubstr("encoded (" + std::string(encoding) + ")"));
    EXPECT_TRUE(result->error().may_be_billed);
  }
}

TEST(PlainExchange, RefusesWhatIsTooLargeOrNoHttp) {
  HttpRequest request = asking();
  request.max_body = 10;
  const auto failure_from = [&](std::string_view bytes) {
    const auto result = asked(request).take(bytes, kStart);
    return result ? failure_of(*result) : test::Failure{ErrorKind::bug, "it wants more"};
  };
  const auto body = failure_from("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(body.kind, ErrorKind::corrupt);
  EXPECT_THAT(body.message, HasSubstr("larger than 10 bytes"));
  const auto head = failure_from("HTTP/1.1 200 OK\r\nX: " + std::string(kMostHeader, 'x'));
  EXPECT_EQ(head.kind, ErrorKind::corrupt);
  EXPECT_THAT(head.message, HasSubstr("larger than 4096 bytes"));
  const auto other = failure_from("SSH-2.0-OpenSSH\r\n");
  EXPECT_EQ(other.kind, ErrorKind::bad_request);
  EXPECT_THAT(other.message, HasSubstr("does not answer in HTTP"));
}

// ---- Bodies that say themselves that they are complete ----

TEST(PlainExchange, ABodyCompleteByItsOwnAccountThatEndsAtOnceKeepsItsConnection) {
  PlainExchange exchange = asked(streaming());
  const auto result = exchange.take(
      std::string(kChunkedHead) + chunk("data: [DONE]\n\n") + "0\r\n\r\n", kStart + 1s);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->body, "data: [DONE]\n\n");
  EXPECT_TRUE(exchange.keeps_connection());
}

TEST(PlainExchange, ABodyCompleteByItsOwnAccountWaitsAMomentForItsEnd) {
  PlainExchange exchange = asked(streaming());
  EXPECT_FALSE(exchange.take(std::string(kChunkedHead) + chunk("data: 1\n\n"), kStart + 1s));
  EXPECT_FALSE(exchange.is_ending());
  EXPECT_FALSE(exchange.take(chunk("data: [DONE]\n\n"), kStart + 2s));
  EXPECT_TRUE(exchange.is_ending());
  const SteadyTime due = kStart + 2s + PlainExchange::kEndGrace;
  EXPECT_EQ(exchange.deadline(), due);
  // What comes meanwhile neither belongs to it nor buys it time.
  EXPECT_FALSE(exchange.take(chunk("data: [DONE]\n\n"), kStart + 2s + 10ms));
  EXPECT_EQ(exchange.deadline(), due);
  const auto result = exchange.expire(due);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "data: 1\n\ndata: [DONE]\n\n");
  EXPECT_EQ(result->latency, 2s);
  EXPECT_FALSE(exchange.keeps_connection());
}

TEST(PlainExchange, MuchSurplusEndsTheWait) {
  PlainExchange exchange = asked(streaming());
  EXPECT_FALSE(exchange.take(std::string(kChunkedHead) + chunk("[DONE]\n\n"), kStart));
  EXPECT_FALSE(exchange.take(chunk(std::string(PlainExchange::kMostSurplus, 'x')), kStart));
  const auto result = exchange.take(chunk("x"), kStart);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->body, "[DONE]\n\n");
  EXPECT_FALSE(exchange.keeps_connection());
}

TEST(PlainExchange, NothingBehindABodyCompleteByItsOwnAccountSpoilsIt) {
  // Neither what breaks the coding, nor the server's closing, nor a reset.
  PlainExchange garbled = asked(streaming());
  const auto broken =
      garbled.take(std::string(kChunkedHead) + chunk("[DONE]\n\n") + "no size\r\n", kStart);
  ASSERT_TRUE(broken && *broken);
  EXPECT_EQ((*broken)->body, "[DONE]\n\n");
  EXPECT_FALSE(garbled.keeps_connection());
  for (const int code : {0, ECONNRESET}) {
    PlainExchange exchange = asked(streaming());
    EXPECT_FALSE(exchange.take(std::string(kChunkedHead) + chunk("[DONE]\n\n"), kStart));
    const auto result = exchange.end(code);
    ASSERT_TRUE(result && *result) << code;
    EXPECT_EQ((*result)->body, "[DONE]\n\n");
    EXPECT_FALSE(exchange.keeps_connection());
  }
}

TEST(PlainExchange, AnErrorsBodyIsNotAskedWhetherItIsComplete) {
  PlainExchange exchange = asked(streaming());
  EXPECT_FALSE(exchange.take("HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\n[DONE]\n\n", kStart));
  EXPECT_FALSE(exchange.is_ending());
  const auto result = exchange.take("x", kStart);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->body, "[DONE]\n\nx");
}

// ---- Deadlines ----

TEST(PlainExchange, IsDueToConnect) {
  PlainExchange exchange = begun(asking());
  EXPECT_EQ(exchange.deadline(), kStart + 2s);
  const auto result = exchange.expire(kStart + 2s);
  EXPECT_THAT(failure_of(result).message, HasSubstr("no connection to 127.0.0.1:8000 within 2 s"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::transient);
  EXPECT_FALSE(result.error().may_be_billed);

  HttpRequest hurried = asking();
  hurried.total_timeout = 1s;
  PlainExchange sooner = begun(hurried);
  EXPECT_EQ(sooner.deadline(), kStart + 1s);
  EXPECT_THAT(failure_of(sooner.expire(kStart + 1s)).message, HasSubstr("within 1 s"));
}

TEST(PlainExchange, IsDueToSendAsLongAsTheServerReads) {
  PlainExchange exchange = begun(asking());
  exchange.connected(kStart + 1s, false);
  EXPECT_EQ(exchange.deadline(), kStart + 11s);
  exchange.sent(1, kStart + 4s);
  EXPECT_EQ(exchange.deadline(), kStart + 14s);
  const auto result = exchange.expire(kStart + 14s);
  EXPECT_THAT(failure_of(result).message, HasSubstr("127.0.0.1:8000 sent nothing for 10 s"));
}

TEST(PlainExchange, IsDueWithItsFirstByteFromTheLastOneSent) {
  PlainExchange exchange = begun(asking());
  exchange.connected(kStart, false);
  exchange.sent(1, kStart + 1s);
  exchange.sent(size_left(exchange), kStart + 3s);
  EXPECT_EQ(exchange.deadline(), kStart + 8s);
  const auto result = exchange.expire(kStart + 8s);
  EXPECT_THAT(failure_of(result).message, HasSubstr("not even a first byte within 5 s"));
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().may_be_billed);
}

TEST(PlainExchange, IsDueToGoOnFromTheLastByteHeard) {
  PlainExchange exchange = asked(asking());
  EXPECT_FALSE(exchange.take("HTTP/1.1 200", kStart + 4s));
  EXPECT_EQ(exchange.deadline(), kStart + 14s);
  EXPECT_THAT(failure_of(exchange.expire(kStart + 14s)).message, HasSubstr("nothing for 10 s"));

  HttpRequest patient = asking();
  patient.first_byte_timeout = 0ms;
  EXPECT_EQ(asked(patient).deadline(), kStart + 10s);
}

TEST(PlainExchange, IsDueInAllHoweverMuchItSays) {
  PlainExchange exchange = asked(asking());
  EXPECT_FALSE(exchange.take("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", kStart + 4s));
  for (int i = 1; i < 7; ++i) EXPECT_FALSE(exchange.take("x", kStart + 4s + i * 9s));
  EXPECT_EQ(exchange.deadline(), kStart + 60s);
  const auto result = exchange.expire(kStart + 60s);
  EXPECT_THAT(failure_of(result).message, HasSubstr("within 60 s (6 bytes of it had arrived)"));
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().may_be_billed);
}

// ---- The connection's end ----

TEST(PlainExchange, IsSentOnceMoreWhereAKeptConnectionWasLostBeforeTheReply) {
  for (const int code : {0, ECONNRESET}) {
    PlainExchange exchange = asked(asking(), /*kept=*/true);
    EXPECT_FALSE(exchange.end(code));
    // All of it, over a connection that is not there yet, in what is left of the time.
    EXPECT_EQ(exchange.deadline(), kStart + 2s);
    EXPECT_THAT(exchange.unsent()[0], StartsWith("POST "));
    EXPECT_EQ(exchange.unsent()[1], "{}");
    exchange.connected(kStart + 1s, false);
    EXPECT_EQ(exchange.deadline(), kStart + 11s);  // no first byte is due before all is sent
    exchange.sent(size_left(exchange), kStart + 1s);
    EXPECT_EQ(exchange.deadline(), kStart + 6s);
    const auto result = exchange.take(kReply, kStart + 3s);
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->latency, 2s);
    EXPECT_TRUE(exchange.keeps_connection());
  }
}

TEST(PlainExchange, IsNotSentAThirdTime) {
  PlainExchange exchange = asked(asking(), /*kept=*/true);
  EXPECT_FALSE(exchange.end(0));
  exchange.connected(kStart, /*kept=*/true);
  exchange.sent(size_left(exchange), kStart);
  const auto result = exchange.end(0);
  ASSERT_TRUE(result);
  EXPECT_THAT(failure_of(*result).message, HasSubstr("closed the connection without a reply"));
}

TEST(PlainExchange, SaysHowFarTheReplyCameWhereTheConnectionEnds) {
  const auto failure_after = [](std::string_view bytes, int code, bool kept) {
    PlainExchange exchange = asked(asking(), kept);
    if (!bytes.empty()) {
      EXPECT_FALSE(exchange.take(bytes, kStart));
    }
    const auto result = exchange.end(code);
    if (!result) return std::string("once more");
    EXPECT_TRUE(*result || result->error().may_be_billed);
    return failure_of(*result).message;
  };
  EXPECT_THAT(failure_after("", 0, false), HasSubstr("without a reply"));
  EXPECT_THAT(failure_after("", ECONNRESET, false), HasSubstr("lost (Connection reset by peer)"));
  EXPECT_THAT(failure_after("H", 0, true), HasSubstr("in the middle of its headers"));
  EXPECT_THAT(failure_after(kReply.substr(0, kReply.size() - 1), 0, true),
              HasSubstr("after 1 bytes of its reply"));
}

TEST(PlainExchange, AClosingServerEndsABodyWithoutALengthButAResetDoesNot) {
  for (const int code : {0, ECONNRESET}) {
    PlainExchange exchange = asked(asking());
    EXPECT_FALSE(exchange.take("HTTP/1.1 200 OK\r\n\r\nall of it", kStart));
    const auto result = exchange.end(code);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->has_value(), code == 0);
    EXPECT_FALSE(exchange.keeps_connection());
  }
}

// ---- Its use ----

TEST(PlainExchange, IsAsNewWhenItIsUsedAgain) {
  PlainExchange exchange = asked(streaming(), /*kept=*/true);
  EXPECT_FALSE(exchange.end(0));
  exchange.connected(kStart, false);
  EXPECT_FALSE(exchange.take(std::string(kChunkedHead) + chunk("[DONE]\n\n"), kStart));
  EXPECT_TRUE(exchange.expire(kStart + PlainExchange::kEndGrace));
  exchange.recycle();

  const SteadyTime later = kStart + 100s;
  HttpRequest request = asking("[2]");
  request.method = "HEAD";
  ASSERT_TRUE(exchange.prepare(std::move(request), model_url()));
  exchange.begin(later, kMostHeader);
  EXPECT_FALSE(exchange.is_ending());
  EXPECT_EQ(exchange.deadline(), later + 2s);
  EXPECT_THAT(exchange.unsent()[0], StartsWith("HEAD "));
  EXPECT_EQ(exchange.unsent()[1], "[2]");
  exchange.connected(later, /*kept=*/true);
  exchange.sent(size_left(exchange), later);
  EXPECT_EQ(exchange.deadline(), later + 5s);
  EXPECT_FALSE(exchange.end(0));  // it has a second try of its own
  exchange.connected(later, false);
  exchange.sent(size_left(exchange), later);
  const auto result = exchange.take("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", later + 1s);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->latency, 1s);
  EXPECT_TRUE(exchange.keeps_connection());
}

TEST(PlainExchange, SaysWhyThereIsNoConnection) {
  const PlainExchange exchange = begun(asking());
  EXPECT_THAT(exchange.not_connected(ECONNREFUSED).message, HasSubstr("refused by 127.0.0.1:8000"));
  EXPECT_THAT(exchange.not_connected(EMFILE).message, HasSubstr("ulimit -n"));
  EXPECT_THAT(exchange.not_connected(ENFILE).message, HasSubstr("ulimit -n"));
  EXPECT_THAT(exchange.not_connected(EHOSTUNREACH).message, HasSubstr("No route to host"));
  EXPECT_EQ(exchange.cancelled().kind, ErrorKind::cancelled);
  EXPECT_THAT(exchange.cancelled().message, testing::Not(HasSubstr("key=1")));
}

}  // namespace
}  // namespace iie
