// What only libcurl's transport does: TLS, proxies, names, encodings.
#include "net/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/secret.h"
#include "net/file_limit.h"
#include "net/proxy.h"
#include "test/net/client.h"
#include "test/net/h2_session.h"
#include "test/net/tls_server.h"
#include "test/support/chat_server.h"

namespace iie {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::By;
using test::ChatServer;
using test::Client;
using test::failure_of;
using test::gzipped;
using test::post;
using test::Reply;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

HttpRequest until_done(std::string url) {
  HttpRequest request = post(std::move(url));
  request.body_complete = [](std::string_view body) { return body.ends_with("[DONE]\n\n"); };
  return request;
}

TEST(CurlTransport, GoesThroughTheProxyThatTheEnvironmentNames) {
  ChatServer proxy([](const test::Request& request) { return Reply{.body = request.path}; });
  setenv("http_proxy", proxy.url().c_str(), 1);
  setenv("no_proxy", "direct.invalid", 1);
  Client client(By::curl);
  const auto through = client.run(post("http://target.invalid/v1"));
  const auto direct = client.run(post("http://direct.invalid/v1"));
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  ASSERT_TRUE(through) << through.error().message;
  EXPECT_EQ(through->body, "http://target.invalid/v1");
  EXPECT_FALSE(direct);
}

// Sets both variables to one proxy for the life of the object.
struct ProxyOf {
  explicit ProxyOf(const std::string& url) {
    setenv("http_proxy", url.c_str(), 1);
    setenv("https_proxy", url.c_str(), 1);
  }
  ~ProxyOf() {
    unsetenv("http_proxy");
    unsetenv("https_proxy");
  }
  ProxyOf(const ProxyOf&) = delete;
  ProxyOf& operator=(const ProxyOf&) = delete;
};

TEST(CurlTransportErrors, AProxyThatCannotBeReachedIsNamedAndNotTheServer) {
  const ProxyOf proxy("http://someone:hidden-canary@127.0.0.1:1");
  Client client(By::curl);
  const auto [kind, message] = failure_of(client.run(post("http://target.invalid/v1")));
  EXPECT_EQ(kind, ErrorKind::transient);
  EXPECT_THAT(message, AllOf(HasSubstr("the proxy 127.0.0.1:1 cannot be reached"),
                             HasSubstr("http_proxy"), Not(HasSubstr("canary"))));
}

TEST(CurlTransportErrors, AProxyThatRefusesTheTunnelSaysWhy) {
  int status = 407;
  ChatServer server([&](const test::Request&) { return Reply{.status = status, .close = true}; });
  const ProxyOf proxy(server.url());
  Client client(By::curl);
  const auto refused = [&](int with) {
    status = with;
    return failure_of(client.run(post("https://target.invalid/v1")));
  };
  const auto [wants_kind, wants] = refused(407);
  EXPECT_EQ(wants_kind, ErrorKind::auth);
  EXPECT_THAT(wants, HasSubstr("the proxy wants a user and a password"));
  const auto [forbids_kind, forbids] = refused(403);
  EXPECT_EQ(forbids_kind, ErrorKind::bad_request);
  EXPECT_THAT(forbids, AllOf(HasSubstr("the proxy does not let it through to target.invalid:443"),
                             HasSubstr("HTTP 403")));
  const auto [fails_kind, fails] = refused(503);
  EXPECT_EQ(fails_kind, ErrorKind::transient);
  EXPECT_THAT(fails, HasSubstr("HTTP 503"));
}

TEST(CurlTransport, WhatAProxyRepeatsOfItsPasswordIsRedacted) {
  ChatServer server([](const test::Request& request) {
    return Reply{.body = request.header("proxy-authorization")};
  });
  std::string url = server.url();
  const ProxyOf proxy(url.insert(url.find("//") + 2, "someone:p%40ss-canary@"));
  Client client(By::curl);
  const auto reply = client.run(post("http://target.invalid/v1"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "Basic c29tZW9uZTpwQHNzLWNhbmFyeQ==");
  EXPECT_EQ(redact(reply->body), "Basic [redacted]==");
  EXPECT_EQ(redact("p@ss-canary p%40ss-canary"), "[redacted] [redacted]");
}

TEST(UnreachedProxy, IsReadFromWhatLibcurlSays) {
  const auto read = [](const char* message) { return unreached_proxy(message, "[::2]:443"); };
  EXPECT_EQ(read("Failed to connect to proxy.example port 3128 after 2 ms: refused"),
            "proxy.example:3128");
  EXPECT_EQ(read("Failed to connect to ::1 port 9 after 0 ms: refused"), "[::1]:9");
  EXPECT_EQ(read("Failed to connect to ::2 port 443 after 0 ms: refused"), std::nullopt);
  EXPECT_EQ(read("Connection timed out after 20 milliseconds"), std::nullopt);
  EXPECT_EQ(read("Failed to connect to a port "), std::nullopt);
}

TEST(CurlTransportErrors, NamesThatDoNotResolveAreTransient) {
  Client client(By::curl);
  const auto [kind, message] = failure_of(client.run(post("http://no-such-host.invalid:8000/")));
  EXPECT_EQ(kind, ErrorKind::transient);
  EXPECT_THAT(message, AllOf(HasSubstr("no-such-host.invalid:8000"), HasSubstr("resolved")));
}

TEST(CurlTransport, UnpacksGzip) {
  ChatServer server([](const test::Request& request) {
    EXPECT_THAT(request.header("accept-encoding"), HasSubstr("gzip"));
    return Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = gzipped("some text")};
  });
  Client client(By::curl);
  const auto reply = client.run(post(server.url()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "some text");
}

TEST(CurlTransportErrors, TheCapCountsUnpackedBytes) {
  const std::string bomb = gzipped(std::string(20u << 20, '\0'));
  ASSERT_LT(bomb.size(), 64u << 10);
  ChatServer server([&](const test::Request&) {
    return Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = bomb};
  });
  Client client(By::curl);
  HttpRequest request = post(server.url());
  request.max_body = 1u << 20;
  const auto [kind, message] = failure_of(client.run(request));
  EXPECT_EQ(kind, ErrorKind::corrupt);
  EXPECT_THAT(message, HasSubstr("larger than"));
}

TEST(CurlTransportErrors, BrokenCompressionIsTransient) {
  ChatServer server([](const test::Request&) {
    return Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = "not gzip at all"};
  });
  Client client(By::curl);
  EXPECT_EQ(failure_of(client.run(post(server.url()))).kind, ErrorKind::transient);
}

TEST(CurlTransportErrors, AHandshakeThatNeverEndsMeetsTheConnectTimeout) {
  ChatServer server(test::static_answer("x"));  // waits for the rest of what is a TLS hello
  Client client(By::curl);
  HttpRequest request = post("https://" + server.host_port() + "/");
  request.connect_timeout = 100ms;
  const auto [kind, message] = failure_of(client.run(request));
  EXPECT_EQ(kind, ErrorKind::transient);
  EXPECT_THAT(message, HasSubstr("no connection to " + server.host_port() + " within 100 ms"));
}

TEST(CurlTransportBodyComplete, IsAskedAboutUnpackedBytesBehindInterimReplies) {
  ChatServer server([](const test::Request&) {
    const std::string body = gzipped("data: [DONE]\n\n");
    return Reply{.raw =
                     "HTTP/1.1 100 Continue\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                     std::to_string(body.size() + 7) + "\r\n\r\n" + body};
  });
  Client client(By::curl);
  const auto reply = client.run(until_done(server.url()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "data: [DONE]\n\n");
}

// ---- TLS ----

TEST(CurlTransportTls, RefusesACertificateThatDoesNotVerify) {
  test::TlsServer server;
  Client client(By::curl);
  const auto [kind, message] = failure_of(client.run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::bad_request) << message;
  EXPECT_THAT(message, AllOf(HasSubstr("does not verify"), HasSubstr("to its PEM file")));
}

TEST(CurlTransportTls, TrustsTheAuthorityThatItIsGiven) {
  test::TlsServer server;
  Client client(By::curl, {.ca_file = server.certificate_file()});
  for (const auto& reply : client.run(std::vector<HttpRequest>(40, post(server.url())))) {
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->body, "over TLS");
  }
  const auto again = client.run(post(server.url()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_LE(server.connections(), 40);
}

TEST(CurlTransportTls, ReadsTheAuthoritiesOnceAndNotForEachConnection) {
  test::TlsServer server;
  const std::string copy = testing::TempDir() + "iie-authorities-" + std::to_string(getpid());
  std::filesystem::copy_file(server.certificate_file(), copy,
                             std::filesystem::copy_options::overwrite_existing);
  Client client(By::curl, {.ca_file = copy});
  EXPECT_TRUE(client.run(post(server.url())));
  std::filesystem::remove(copy);
  for (const auto& reply : client.run(std::vector<HttpRequest>(40, post(server.url())))) {
    ASSERT_TRUE(reply) << reply.error().message;
  }
  EXPECT_GT(server.connections(), 1);
}

TEST(CurlTransportTls, AnUnreadableAuthorityFileIsABadRequest) {
  test::TlsServer server;
  Client client(By::curl, {.ca_file = "/nonexistent/ca.pem"});
  const auto [kind, message] = failure_of(client.run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::bad_request) << message;
}

TEST(CurlTransportTls, ACertificateThatHasExpiredIsABadRequest) {
  test::TlsServer server({.valid_until = -3600});
  Client client(By::curl, {.ca_file = server.certificate_file()});
  const auto [kind, message] = failure_of(client.run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::bad_request) << message;
  EXPECT_THAT(message, AllOf(HasSubstr("does not verify"), HasSubstr("expired")));
}

TEST(CurlTransportTls, ACertificateForAnotherHostIsABadRequest) {
  test::TlsServer server({.name = "DNS:api.example.com"});
  Client client(By::curl, {.ca_file = server.certificate_file()});
  const auto [kind, message] = failure_of(client.run(post(server.url())));
  EXPECT_EQ(kind, ErrorKind::bad_request) << message;
  EXPECT_THAT(message, HasSubstr("does not verify"));
}

// ---- HTTP/2 ----

TEST(CurlTransportHttp2, AServerThatGoesAwayBetweenRequestsIsAskedOverANewConnection) {
  test::TlsServer server({.session =
                              [](SSL* ssl, int) {
                                test::H2Session session(ssl);
                                const std::uint32_t stream = session.next_request();
                                if (stream == 0) return;
                                session.answer(stream, "over HTTP/2");
                                session.go_away(stream, 0);
                              },
                          .http2 = true});
  Client client(By::curl, {.ca_file = server.certificate_file()});
  for (int i = 0; i < 4; ++i) {
    const auto reply = client.run(post(server.url()));
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->body, "over HTTP/2");
  }
  EXPECT_EQ(server.connections(), 4);
}

TEST(CurlTransportHttp2, AServerThatGoesAwayWithARequestUnansweredIsTransient) {
  for (const std::uint32_t error : {0u, 2u, 11u}) {  // none, internal, "enhance your calm"
    test::TlsServer server({.session =
                                [error](SSL* ssl, int connection) {
                                  test::H2Session session(ssl);
                                  const std::uint32_t stream = session.next_request();
                                  if (stream == 0) return;
                                  if (connection < 30) {
                                    session.go_away(0, error);
                                  } else {
                                    session.answer(stream, "late");
                                  }
                                },
                            .http2 = true});
    Client client(By::curl, {.ca_file = server.certificate_file()});
    HttpRequest request = post(server.url());
    request.total_timeout = 10s;
    const auto reply = client.run(request);
    // libcurl asks again by itself what was refused unseen: that costs nothing to repeat.
    if (reply) {
      EXPECT_EQ(reply->body, "late");
    } else {
      EXPECT_EQ(reply.error().kind, ErrorKind::transient) << reply.error().message;
    }
    EXPECT_GE(server.connections(), 1);
  }
}

TEST(FileLimit, IsRaisedToTheHardLimit) {
  const auto limit = raise_file_limit();
  ASSERT_TRUE(limit) << limit.error().message;
  EXPECT_GE(*limit, 256u);
  EXPECT_EQ(*limit, file_limit());
}

}  // namespace
}  // namespace iie
