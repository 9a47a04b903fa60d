// What only the plain transport does; what it shares with libcurl's is in transport_test.cc.
#include "net/plain_transport.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "net/plain_url.h"
#include "test/net/client.h"
#include "test/support/chat_server.h"

namespace iie {
namespace {

using namespace std::chrono_literals;
using test::By;
using test::ChatServer;
using test::Client;
using test::failure_of;
using test::post;
using test::Reply;
using testing::HasSubstr;

TEST(PlainUrl, TakesAddressesAndLocalhost) {
  const auto url = parse_plain_url("HTTP://127.0.0.1:8000/v1/chat/completions?a=b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host_port, "127.0.0.1:8000");
  EXPECT_EQ(url->host, "127.0.0.1:8000");
  EXPECT_EQ(url->target, "/v1/chat/completions?a=b");
  EXPECT_EQ(url->addresses.size(), 1u);
  const auto short_one = parse_plain_url("http://[::1]");
  ASSERT_TRUE(short_one);
  EXPECT_EQ(short_one->host_port, "[::1]:80");
  EXPECT_EQ(short_one->host, "[::1]");
  EXPECT_EQ(short_one->target, "/");
  const auto query = parse_plain_url("http://10.0.0.7?x=1");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->target, "/?x=1");
  const auto local = parse_plain_url("http://LocalHost:11434/");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->addresses.size(), 2u);
}

TEST(PlainUrl, LeavesEverythingElseToLibcurl) {
  for (const char* url : {"",
                          "http://",
                          "https://127.0.0.1/",
                          "http://example.com/",
                          "http://user@127.0.0.1/",
                          "http://127.0.0.1/#x",
                          "http://127.0.0.1:0/",
                          "http://127.0.0.1:65536/",
                          "http://127.0.0.1:8o/",
                          "http://127.0.0.1:/",
                          "http://127.0.0.1/a b",
                          "http://127.0.0.1/ä",
                          "http://[::1",
                          "http://[]:1/",
                          "http://[::1]x/",
                          "http://127.1/",
                          "http://0x7f000001/",
                          "http://127.0.0.1\r\nX: 1/",
                          "ftp://127.0.0.1/",
                          "http://localhost.example/"}) {
    EXPECT_FALSE(is_plain_url(url)) << url;
  }
}

TEST(PlainTransport, IsWhatTheProgramUsesForAnAddress) {
  ChatServer server([](const test::Request& request) {
    return Reply{.body = request.header("accept-encoding") + "|" + request.header("host") + "|" +
                         request.header("user-agent")};
  });
  const auto plain = Client(By::choice).run(post(server.url()));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_THAT(plain->body, testing::StartsWith("|" + server.host_port() + "|inverse-ifeval/"));
  const auto curl = Client(By::curl).run(post(server.url()));
  ASSERT_TRUE(curl) << curl.error().message;
  EXPECT_THAT(curl->body, HasSubstr("gzip|"));
}

TEST(PlainTransport, TriesEveryAddressOfLocalhost) {
  ChatServer server(test::static_answer("x"));
  const auto reply =
      Client(By::choice).run(post("http://localhost:" + std::to_string(server.port())));
  ASSERT_TRUE(reply) << reply.error().message;
  std::string gone;
  {
    ChatServer short_lived(test::static_answer("x"));
    gone = std::to_string(short_lived.port());
  }
  const auto [kind, message] = failure_of(Client(By::choice).run(post("http://localhost:" + gone)));
  EXPECT_EQ(kind, ErrorKind::transient);
}

TEST(PlainTransport, RefusesAnEncodingThatItDidNotAskFor) {
  ChatServer server([](const test::Request&) {
    return Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = test::gzipped("text")};
  });
  const auto [kind, message] = failure_of(Client(By::choice).run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::bad_request);
  EXPECT_THAT(message, HasSubstr("encoded (gzip)"));
}

TEST(PlainTransport, ARequestLostOnAKeptConnectionIsSentOnceMore) {
  std::atomic<int> requests = 0;
  ChatServer server([&](const test::Request& request) {
    ++requests;
    Reply reply{.body = "x"};
    // The second request of a connection is answered by closing it.
    if (requests > 1 && request.connection == 0) reply.cut_after = 0;
    return reply;
  });
  Client client(By::choice);
  ASSERT_TRUE(client.run(post(server.url())));
  const auto second = client.run(post(server.url()));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(server.counters().connections, 2u);
}

TEST(PlainTransport, ARequestLostOnANewConnectionIsNot) {
  ChatServer server([](const test::Request&) {
    Reply reply{.body = "x"};
    reply.cut_after = 0;
    return reply;
  });
  Client client(By::choice);
  const auto [kind, message] = failure_of(client.run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::transient);
  EXPECT_THAT(message, HasSubstr("without a reply"));
  EXPECT_EQ(server.counters().requests, 1u);
}

TEST(PlainTransport, ASecondTryHasNoLongerToConnectThanTheFirst) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener, generic, size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ASSERT_EQ(::getsockname(listener, generic, &size), 0);
  std::array<int, 4> waiting{};
  // Answers once, then lets others fill its queue, so that nobody else gets in, and closes on the
  // second request.
  std::thread server([&] {
    const int connection = ::accept(listener, nullptr, nullptr);
    std::array<char, 4096> request{};
    EXPECT_GT(::recv(connection, request.data(), request.size(), 0), 0);
    static constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    for (int& other : waiting) {
      other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(other, generic, size);
    }
    EXPECT_EQ(::send(connection, kReply.data(), kReply.size(), 0), std::ssize(kReply));
    EXPECT_GT(::recv(connection, request.data(), request.size(), 0), 0);
    ::close(connection);
  });
  Client client(By::choice);
  HttpRequest request = post("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  request.connect_timeout = 100ms;
  request.idle_timeout = 20s;
  EXPECT_TRUE(client.run(request));
  const auto start = std::chrono::steady_clock::now();
  const auto [kind, message] = failure_of(client.run(request));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  EXPECT_EQ(kind, ErrorKind::transient);
  EXPECT_THAT(message, HasSubstr("within 100 ms"));
  server.join();
  for (const int other : waiting) ::close(other);
  ::close(listener);
}

TEST(PlainTransport, BytesBehindAReplyCostTheConnection) {
  ChatServer server([](const test::Request&) {
    return Reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n"};
  });
  Client client(By::choice);
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto reply = client.run(post(server.url()));
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->body, "x");
    EXPECT_EQ(server.counters().connections, i);
  }
}

TEST(PlainTransport, KeptConnectionsNeverExceedTheLimit) {
  ChatServer first(test::delayed(test::static_answer("x"), 5ms));
  ChatServer second(test::delayed(test::static_answer("x"), 5ms));
  Client client(By::choice, {.max_transfers = 4});
  for (int round = 0; round < 3; ++round) {
    for (const auto* server : {&first, &second}) {
      for (const auto& reply : client.run(std::vector<HttpRequest>(6, post(server->url())))) {
        ASSERT_TRUE(reply) << reply.error().message;
      }
    }
  }
  EXPECT_LE(first.counters().in_flight_peak, 4u);
}

TEST(PlainTransport, AnAnswerBeforeTheRequestIsOutIsTheAnswer) {
  // The server answers from the head and closes, as many do with a body that is too large.
  ChatServer server([](const test::Request&) { return Reply{.status = 413, .close = true}; });
  Client client(By::choice);
  HttpRequest request = post(server.url(), std::string(32u << 20, 'x'));
  request.headers.emplace_back("Content-Length", "0");  // what this server believes
  const auto reply = client.run(request);
  if (reply) {
    EXPECT_EQ(reply->status, 413);
  } else {  // the reset may overtake the reply
    EXPECT_EQ(reply.error().kind, ErrorKind::transient) << reply.error().message;
  }
}

}  // namespace
}  // namespace iie
