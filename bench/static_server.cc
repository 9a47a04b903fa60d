// A static endpoint for overhead measurements: answers every POST with the same
// chat completion of about 1.5 KB, as fast as one thread can, or so many
// milliseconds after it came. It prints its port and ends by itself.
//
//   bench_static_server [--seconds N] [--port P] [--delay-ms M]
//   wrk -t1 -c256 -d5 -s post.lua http://127.0.0.1:PORT/v1/chat/completions
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
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

struct Connection {
  std::string in;
  std::string out;    // what the socket did not take at once
  bool full = false;  // so we wait for it to take more
  std::uint64_t ordinal = 0;
};

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
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--seconds") seconds = number(argv[i + 1], seconds);
    if (std::string_view(argv[i]) == "--port") port = number(argv[i + 1], port);
    if (std::string_view(argv[i]) == "--delay-ms") delay = number(argv[i + 1], delay);
  }
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
    const ssize_t sent = send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      close(fd);
      connection = {};
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
          watch(peer, EPOLLIN, EPOLL_CTL_ADD);
        }
        continue;
      }
      Connection& connection = connections[static_cast<std::size_t>(fd)];
      if ((events[i].events & EPOLLIN) != 0) {
        const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
          close(fd);
          connection = {};
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
