// A static endpoint for overhead measurements: answers every POST with the same
// chat completion of about 1.5 KB, as fast as one thread can, or so many
// milliseconds after it came. It prints its port and ends by itself. With --tls
// it speaks TLS and HTTP/1.1 with a certificate made at the start, which it
// writes to FILE for clients to trust.
//
//   bench_static_server [--seconds N] [--port P] [--delay-ms M] [--tls FILE]
//   wrk -t1 -c256 -d5 -s post.lua http://127.0.0.1:PORT/v1/chat/completions
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string static_reply() {
  std::string text;
  while (text.size() < 1150) text += "An answer of ordinary words that takes some room. ";
  const std::string body =
      R"({"id":"chatcmpl-0","object":"chat.completion","created":1700000000,"model":"static",)"
      R"("choices":[{"index":0,"message":{"role":"assistant","content":")" +
      text +
      R"("},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":60,)"
      R"("completion_tokens":230,"total_tokens":290}})";
  return "HTTP/1.1 200 OK\r\nContent-Type: "
         "application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

int number(std::string_view text, int fallback) {
  int value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// For 127.0.0.1, and its own authority. Ends the process where it cannot be made.
SSL_CTX* make_tls(const std::string& certificate_file) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("bench"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  constexpr std::array<std::pair<int, const char*>, 2> kExtensions = {
      {{NID_subject_alt_name, "IP:127.0.0.1"}, {NID_basic_constraints, "critical,CA:TRUE"}}};
  for (const auto& [id, value] : kExtensions) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  std::FILE* const file = std::fopen(certificate_file.c_str(), "w");
  if (file == nullptr || PEM_write_X509(file, certificate) != 1 || std::fclose(file) != 0 ||
      SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1) {
    std::fprintf(stderr, "static_server: cannot make a certificate at %s\n",
                 certificate_file.c_str());
    std::exit(1);
  }
  SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_RELEASE_BUFFERS);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

struct Connection {
  std::string in;
  std::string out;    // what the socket did not take at once
  bool full = false;  // so we wait for it to take more
  std::uint64_t ordinal = 0;
  SSL* ssl = nullptr;
};

// As recv() and send(): -1 with EAGAIN where the other side must do something first.
ssize_t tls_result(SSL* ssl, int result) {
  if (result > 0) return result;
  const int why = SSL_get_error(ssl, result);
  errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return -1;
}

ssize_t receive(const Connection& connection, int fd, std::vector<char>& buffer) {
  if (connection.ssl == nullptr) return recv(fd, buffer.data(), buffer.size(), 0);
  // A TLS record at a time: all that has come is read, or epoll would not tell of the rest.
  std::size_t all = 0;
  while (all < buffer.size()) {
    const ssize_t got = tls_result(connection.ssl, SSL_read(connection.ssl, buffer.data() + all,
                                                            static_cast<int>(buffer.size() - all)));
    if (got <= 0) return all > 0 ? static_cast<ssize_t>(all) : got;
    all += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(all);
}

ssize_t transmit(const Connection& connection, int fd) {
  const std::string& out = connection.out;
  if (connection.ssl == nullptr) return send(fd, out.data(), out.size(), MSG_NOSIGNAL);
  return tls_result(connection.ssl,
                    SSL_write(connection.ssl, out.data(), static_cast<int>(out.size())));
}

void drop(Connection& connection, int fd) {
  SSL_free(connection.ssl);
  close(fd);
  connection = {};
}

// The length of the first whole request in `in`; 0 when it is not all there.
std::size_t request_length(std::string_view in) {
  static constexpr std::string_view kLength = "ontent-length:";
  const std::size_t head = in.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::size_t body = 0;
  for (std::size_t line = in.find("\r\n"); line < head; line = in.find("\r\n", line + 2)) {
    if (in.size() < line + 3 + kLength.size() || (in[line + 2] | 32) != 'c') continue;
    const std::string_view name = in.substr(line + 3, kLength.size());
    if (!std::ranges::equal(name, kLength, {},
                            [](char c) { return c == ':' || c == '-' ? c : c | 32; })) {
      continue;
    }
    std::size_t digits = line + 3 + kLength.size();
    while (digits < head && in[digits] == ' ') ++digits;
    std::from_chars(in.data() + digits, in.data() + head, body);
    break;
  }
  const std::size_t whole = head + 4 + body;
  return whole <= in.size() ? whole : 0;
}

}  // namespace

int main(int argc, char** argv) {
  int seconds = 60;
  int port = 0;
  int delay = 0;
  SSL_CTX* tls = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--seconds") seconds = number(argv[i + 1], seconds);
    if (std::string_view(argv[i]) == "--port") port = number(argv[i + 1], port);
    if (std::string_view(argv[i]) == "--delay-ms") delay = number(argv[i + 1], delay);
    if (std::string_view(argv[i]) == "--tls") tls = make_tls(argv[i + 1]);
  }
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 4096) != 0) {
    std::perror("static_server: cannot listen");
    return 1;
  }
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const std::string reply = static_reply();
  const int epoll = epoll_create1(0);
  std::vector<Connection> connections;
  const auto watch = [&](int fd, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll, operation, fd, &event);
  };
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);

  // Replies that wait, in the order in which they are due: all wait equally
  // long. A connection that was closed meanwhile, and its descriptor used
  // again, is told by its ordinal.
  struct Due {
    std::chrono::steady_clock::time_point at;
    int fd;
    std::uint64_t ordinal;
  };
  std::deque<Due> due;
  std::uint64_t next_ordinal = 1;
  const auto send_out = [&](int fd) {
    Connection& connection = connections[static_cast<std::size_t>(fd)];
    if (connection.out.empty()) return;
    const ssize_t sent = transmit(connection, fd);
    if (sent < 0 && errno != EAGAIN) {
      drop(connection, fd);
      return;
    }
    if (sent > 0) connection.out.erase(0, static_cast<std::size_t>(sent));
    if (connection.full != !connection.out.empty()) {
      connection.full = !connection.full;
      watch(fd, connection.full ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    }
  };

  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::array<epoll_event, 512> events;
  std::vector<char> buffer(1 << 20);
  while (std::chrono::steady_clock::now() < end) {
    const int count =
        epoll_wait(epoll, events.data(), static_cast<int>(events.size()), due.empty() ? 200 : 1);
    const auto now = std::chrono::steady_clock::now();
    for (; !due.empty() && due.front().at <= now; due.pop_front()) {
      Connection& connection = connections[static_cast<std::size_t>(due.front().fd)];
      if (connection.ordinal != due.front().ordinal) continue;
      connection.out += reply;
      send_out(due.front().fd);
    }
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        for (int peer; (peer = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
          setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          const auto index = static_cast<std::size_t>(peer);
          if (index >= connections.size()) connections.resize(index + 64);
          connections[index] = {};
          connections[index].ordinal = next_ordinal++;
          if (tls != nullptr) {
            connections[index].ssl = SSL_new(tls);
            SSL_set_fd(connections[index].ssl, peer);
            SSL_set_accept_state(connections[index].ssl);
          }
          watch(peer, EPOLLIN, EPOLL_CTL_ADD);
        }
        continue;
      }
      Connection& connection = connections[static_cast<std::size_t>(fd)];
      if ((events[i].events & EPOLLIN) != 0) {
        const ssize_t got = receive(connection, fd, buffer);
        if (got < 0 && errno == EAGAIN) continue;  // in the middle of a handshake
        if (got <= 0) {
          drop(connection, fd);
          continue;
        }
        // The usual case, one whole request, is answered without a copy.
        std::string_view in(buffer.data(), static_cast<std::size_t>(got));
        if (!connection.in.empty()) {
          connection.in += in;
          in = connection.in;
        }
        std::size_t used = 0;
        for (std::size_t length; (length = request_length(in.substr(used))) != 0; used += length) {
          if (delay == 0) {
            connection.out += reply;
          } else {
            due.push_back({now + std::chrono::milliseconds(delay), fd, connection.ordinal});
          }
        }
        const std::string rest(in.substr(used));
        connection.in = rest;
      }
      send_out(fd);
    }
  }
  return 0;
}
