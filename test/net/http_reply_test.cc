#include "net/http_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace iie {
namespace {

using Refusal = HttpReplyParser::Refusal;
using State = HttpReplyParser::State;

struct Read {
  State state = State::more;
  HttpResponse response;
  Refusal refusal = Refusal::none;
  bool keeps = false;
  std::string rest;  // what it left of the bytes
};

// Feeds `bytes` in pieces of `size`, then, where `ended`, the connection's end.
Read read(std::string_view bytes, std::size_t size, bool ended = false,
          HttpReplyParser::Limits limits = {}, bool has_body = true) {
  HttpReplyParser parser(limits, has_body);
  Read out;
  while (!bytes.empty() && (out.state == State::more || out.state == State::grew)) {
    std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    do {
      out.state = parser.take(piece);
    } while (out.state == State::grew);
    out.rest = piece;
  }
  out.rest += bytes;
  if (ended && out.state != State::complete) out.state = parser.end();
  out.response = parser.response();
  out.refusal = parser.refusal();
  out.keeps = parser.keeps_connection();
  return out;
}

// However the bytes are cut, the reply is the same.
Read read_every_way(std::string_view bytes, bool ended = false,
                    HttpReplyParser::Limits limits = {}) {
  const Read whole = read(bytes, bytes.size(), ended, limits);
  for (const std::size_t size : {1, 2, 3, 7}) {
    const Read cut = read(bytes, size, ended, limits);
    EXPECT_EQ(cut.state, whole.state) << size << ": " << bytes;
    EXPECT_EQ(cut.refusal, whole.refusal) << size << ": " << bytes;
    if (whole.state == State::refused) continue;
    EXPECT_EQ(cut.response.status, whole.response.status) << size << ": " << bytes;
    EXPECT_EQ(cut.response.headers, whole.response.headers) << size << ": " << bytes;
    EXPECT_EQ(cut.response.body, whole.response.body) << size << ": " << bytes;
    EXPECT_EQ(cut.keeps, whole.keeps) << size << ": " << bytes;
    EXPECT_EQ(cut.rest, whole.rest) << size << ": " << bytes;
  }
  return whole;
}

TEST(HttpReply, ReadsABodyOfTheLengthThatTheHeadSays) {
  const Read reply = read_every_way(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Thing: \t a b \t\r\nX-Empty:\r\n\r\nhellorest");
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.status, 200);
  EXPECT_EQ(reply.response.body, "hello");
  EXPECT_EQ(reply.response.header("x-thing"), "a b");
  EXPECT_EQ(reply.response.header("x-empty"), "");
  EXPECT_EQ(reply.rest, "rest");
  EXPECT_TRUE(reply.keeps);
}

TEST(HttpReply, JoinsChunks) {
  const Read reply = read_every_way(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "4\r\nWiki\r\n6;name=\"v\"\r\npedia \r\n0E\r\nin \r\n\r\nchunks.\r\n0\r\nX-Trailer: "
      "1\r\n\r\nnext");
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.body, "Wikipedia in \r\n\r\nchunks.");
  EXPECT_EQ(reply.rest, "next");
  EXPECT_TRUE(reply.keeps);
}

TEST(HttpReply, AStreamOfVeryManyChunksIsNoHeadThatIsTooLarge) {
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 10'000; ++i) bytes += "1\r\nx\r\n";
  const Read reply = read(bytes + "0\r\n\r\n", 1000, false, {.head = 100});
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.body.size(), 10'000u);
}

TEST(HttpReply, WithoutALengthTheEndOfTheConnectionEndsTheBody) {
  constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\n\r\nall of it";
  EXPECT_EQ(read_every_way(kReply).state, State::more);
  const Read reply = read_every_way(kReply, true);
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.body, "all of it");
  EXPECT_FALSE(reply.keeps);
}

TEST(HttpReply, AnEndBeforeTheEndIsNone) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n", "H"}) {
    EXPECT_EQ(read_every_way(bytes, true).state, State::more) << bytes;
  }
}

TEST(HttpReply, SomeRepliesHaveNoBodyWhateverTheySay) {
  for (const std::string_view status : {"204 No Content", "304 Not Modified"}) {
    const Read reply =
        read_every_way("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(reply.state, State::complete) << status;
    EXPECT_TRUE(reply.keeps);
  }
  const Read head = read("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", 4, false,
                         {.body = 10}, /*has_body=*/false);
  EXPECT_EQ(head.state, State::complete);
}

TEST(HttpReply, InterimRepliesAreReplacedByWhatFollows) {
  const Read reply = read_every_way(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX-Early: 1\r\nContent-Length: 7\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.status, 200);
  EXPECT_EQ(reply.response.body, "ok");
  EXPECT_EQ(reply.response.header("x-early"), std::nullopt);
}

TEST(HttpReply, KnowsWhetherTheConnectionMayBeUsedAgain) {
  const auto keeps = [](std::string_view start, std::string_view header) {
    return read_every_way(std::string(start) + " 200 OK\r\n" + std::string(header) +
                          "Content-Length: 0\r\n\r\n")
        .keeps;
  };
  EXPECT_TRUE(keeps("HTTP/1.1", ""));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: keep-alive, close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: close\r\nConnection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0", ""));
  EXPECT_TRUE(keeps("HTTP/1.0", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: upgrade, close\r\n"));
}

TEST(HttpReply, LineFeedsAloneEndLinesToo) {  // RFC 9112, section 2.2
  const Read reply = read_every_way("HTTP/1.1 200\nContent-Length: 2\n\nok");
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.body, "ok");
}

TEST(HttpReply, WhatIsAmbiguousIsNoHttp) {
  constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";
  for (const std::string& bytes : {
           std::string("SSH-2.0-OpenSSH_9.2"),
           std::string("\x16\x03\x01 a TLS alert"),
           std::string("HTTP/2 200\r\n\r\n"),
           std::string("HTTP/1.1 20 OK\r\n\r\n"),
           std::string("HTTP/1.1 2000 OK\r\n\r\n"),
           std::string("HTTP/1.1 999 Odd\r\n\r\n"),
           std::string("HTTP/1.1 -20 OK\r\n\r\n"),
           std::string("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
           std::string(kOk) + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
           std::string(kOk) + "Content-Length: 5, 6\r\n\r\n",
           std::string(kOk) + "Content-Length: -5\r\n\r\n",
           std::string(kOk) + "Content-Length: 0x5\r\n\r\n",
           std::string(kOk) + "Content-Length:\r\n\r\n",
           std::string(kOk) + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           std::string(kOk) + "Transfer-Encoding: identity\r\n\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
           std::string(kOk) + "Content-Length : 5\r\n\r\n",
           std::string(kOk) + " folded: 1\r\n\r\n",
           std::string(kOk) + "X: a\rb\r\n\r\n",
           std::string(kOk) + "no colon\r\n\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
           std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'e'),
       }) {
    const Read reply = read_every_way(bytes);
    EXPECT_EQ(reply.state, State::refused) << bytes;
    EXPECT_EQ(reply.refusal, Refusal::not_http) << bytes;
  }
}

TEST(HttpReply, ALengthAndChunksTogetherAreReadAsChunksAndTheConnectionClosed) {
  const Read reply = read_every_way(
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nWiki\r\n0\r\n\r\n");
  EXPECT_EQ(reply.state, State::complete);
  EXPECT_EQ(reply.response.body, "Wiki");
  EXPECT_FALSE(reply.keeps);
}

TEST(HttpReply, LimitsHoldDeclaredOrNot) {
  const HttpReplyParser::Limits limits{.head = 200, .body = 10};
  const auto refusal = [&](std::string_view bytes) {
    return read_every_way(bytes, false, limits).refusal;
  };
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"), Refusal::body_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
            Refusal::body_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\n\r\n12345678901"), Refusal::body_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "5\r\n12345\r\n6\r\n678901\r\n"),
            Refusal::body_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            Refusal::body_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x')), Refusal::head_too_large);
  EXPECT_EQ(refusal("HTTP/1.1 200 " + std::string(300, 'x')), Refusal::head_too_large);
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(refusal(interim), Refusal::head_too_large);
  EXPECT_EQ(read_every_way("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890", false, limits)
                .state,
            State::complete);
}

}  // namespace
}  // namespace iie
