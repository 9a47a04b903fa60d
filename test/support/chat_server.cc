#include "test/support/chat_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json/value.hpp>
#include <cerrno>
#include <charconv>
#include <deque>
#include <mutex>
#include <queue>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "base/json.h"
#include "base/string_util.h"

namespace iie::test {
namespace {

namespace bj = boost::json;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail_with_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

// Part of a reply, sent once its delay has passed since the part before it.
struct Piece {
  std::string data;
  std::chrono::milliseconds delay{0};
};

enum class After { keep, close, reset, stall };

std::string hex(std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

After build_reply(Reply reply, bool head_request, std::deque<Piece>& pieces) {
  After after = reply.close ? After::close : After::keep;
  std::string head;
  if (reply.raw.empty()) {
    head.reserve(160 + reply.body.size());
    head += "HTTP/1.1 ";
    head += std::to_string(reply.status);
    head += ' ';
    head += reason_phrase(reply.status);
    head += "\r\n";
    for (const auto& [name, value] : reply.headers) {
      head += name;
      head += ": ";
      head += value;
      head += "\r\n";
    }
    if (reply.close) head += "Connection: close\r\n";
    if (!reply.chunks.empty()) {
      head += "Transfer-Encoding: chunked\r\n\r\n";
    } else {
      head += "Content-Length: ";
      head += std::to_string(reply.body.size());
      head += "\r\n\r\n";
      if (!head_request) head += reply.body;
    }
  } else {
    head = std::move(reply.raw);
  }
  if (reply.trickle.count() > 0) {
    for (const char c : head) pieces.push_back({std::string(1, c), reply.trickle});
    head.clear();
  }
  pieces.push_back({std::move(head), reply.delay});
  for (Reply::Chunk& chunk : reply.chunks) {
    pieces.push_back({hex(chunk.data.size()) + "\r\n" + chunk.data + "\r\n", chunk.delay});
  }
  if (!reply.chunks.empty()) pieces.push_back({"0\r\n\r\n"});

  if (reply.cut_after) {
    std::size_t left = *reply.cut_after;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].data.size() > left) {
        pieces[i].data.resize(left);
        pieces.resize(i + 1);
        break;
      }
      left -= pieces[i].data.size();
    }
    after = reply.then == Reply::Then::close   ? After::close
            : reply.then == Reply::Then::reset ? After::reset
                                               : After::stall;
  }
  return after;
}

}  // namespace

std::string Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::vector<ChatMessage> Request::messages() const {
  std::vector<ChatMessage> out;
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return out;
  const bj::value* list = parsed->get_object().if_contains("messages");
  if (list == nullptr || !list->is_array()) return out;
  for (const bj::value& entry : list->get_array()) {
    JsonFields fields(entry, "message");
    out.push_back({fields.string_or("role", ""), fields.string_or("content", "")});
  }
  return out;
}

std::string Request::last_user_message() const {
  const std::vector<ChatMessage> all = messages();
  for (auto message = all.rbegin(); message != all.rend(); ++message) {
    if (message->role == "user") return message->content;
  }
  return {};
}

std::string Request::model() const {
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return {};
  return JsonFields(*parsed, "").string_or("model", "");
}

// One thread: accepts, reads, asks the handler, writes. Level-triggered epoll, and a heap of the
// moments at which delayed pieces are due.
class ChatServer::Loop {
 public:
  explicit Loop(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener_ < 0) fail_with_errno("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 4096) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      fail_with_errno("listen");
    }
    port_ = ntohs(address.sin_port);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (epoll_ < 0 || wake_ < 0) fail_with_errno("epoll");
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    watch(wake_, EPOLLIN, EPOLL_CTL_ADD);
    thread_ = std::thread([this] { run(); });
  }

  ~Loop() {
    stopping_ = true;
    const std::uint64_t one = 1;
    if (write(wake_, &one, sizeof one) < 0) {
      // The counter is full: the thread is awake already.
    }
    thread_.join();
    for (const auto& [fd, connection] : connections_) ::close(fd);
    ::close(listener_);
    ::close(wake_);
    ::close(epoll_);
  }

  std::uint16_t port() const { return port_; }

  mutable std::mutex mutex_;  // guards what follows
  Handler handler_;
  Counters counters_;
  bool recording_ = false;
  std::vector<Request> recorded_;

 private:
  struct Connection {
    std::size_t ordinal = 0;
    std::uint64_t generation = 0;
    std::string in;
    std::string out;
    std::size_t written = 0;
    std::deque<Piece> pieces;  // not in `out` yet
    bool scheduled = false;    // the first piece waits for its moment
    bool replying = false;
    bool stalled = false;
    After after = After::keep;
    std::uint32_t events = EPOLLIN;
  };
  struct Moment {
    Clock::time_point at;
    int fd;
    std::uint64_t generation;
    bool operator>(const Moment& other) const { return at > other.at; }
  };

  void watch(int fd, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void run() {
    std::array<epoll_event, 512> events;
    while (!stopping_) {
      int timeout = -1;
      if (!moments_.empty()) {
        const auto wait =
            std::chrono::ceil<std::chrono::milliseconds>(moments_.top().at - Clock::now());
        timeout = static_cast<int>(std::clamp<long long>(wait.count(), 0, 60'000));
      }
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == listener_) {
          accept_all();
        } else if (fd != wake_) {
          on_event(fd, events[i].events);
        }
      }
      while (!moments_.empty() && moments_.top().at <= Clock::now()) {
        const Moment moment = moments_.top();
        moments_.pop();
        const auto found = connections_.find(moment.fd);
        if (found == connections_.end() || found->second.generation != moment.generation) continue;
        found->second.scheduled = false;
        found->second.pieces.front().delay = {};
        advance(moment.fd, found->second);
      }
    }
  }

  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      Connection& connection = connections_[fd];
      connection = {};
      connection.generation = ++generation_;
      {
        const std::lock_guard lock(mutex_);
        connection.ordinal = counters_.connections++;
      }
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void drop(int fd, bool reset = false) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    if (found->second.replying) --in_flight_;
    connections_.erase(found);
    if (reset) {
      const linger hard{1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    ::close(fd);
  }

  void on_event(int fd, std::uint32_t events) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
      std::array<char, 64 << 10> buffer;
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return drop(fd);
      if (got > 0) connection.in.append(buffer.data(), static_cast<std::size_t>(got));
    }
    advance(fd, connection);
  }

  // Reads requests and writes replies until there is nothing more to do. May drop the connection.
  void advance(int fd, Connection& connection) {
    while (true) {
      if (!flush(fd, connection)) return;
      if (connection.replying) {
        if (!connection.out.empty() || connection.scheduled || connection.stalled) return;
        // All is written.
        if (connection.after == After::stall) {
          connection.stalled = true;
          return;
        }
        if (connection.after != After::keep) {
          return drop(fd, connection.after == After::reset);
        }
        connection.replying = false;
        --in_flight_;
      }
      if (!take_request(fd, connection)) return;
    }
  }

  // Moves due pieces to the socket. False when the connection was dropped.
  bool flush(int fd, Connection& connection) {
    while (true) {
      while (!connection.pieces.empty() && !connection.scheduled) {
        Piece& piece = connection.pieces.front();
        if (piece.delay.count() > 0) {
          if (connection.written < connection.out.size()) break;  // its delay begins after that
          connection.scheduled = true;
          moments_.push({Clock::now() + piece.delay, fd, connection.generation});
          break;
        }
        if (connection.out.empty()) {
          connection.out = std::move(piece.data);
        } else {
          connection.out += piece.data;
        }
        connection.pieces.pop_front();
      }
      if (connection.written == connection.out.size()) break;
      const ssize_t sent = send(fd, connection.out.data() + connection.written,
                                connection.out.size() - connection.written, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
          drop(fd);
          return false;
        }
        set_events(fd, connection, EPOLLIN | EPOLLOUT);
        return true;
      }
      connection.written += static_cast<std::size_t>(sent);
      if (connection.written == connection.out.size()) {
        connection.out.clear();
        connection.written = 0;
        if (connection.pieces.empty() || connection.scheduled) break;
      }
    }
    set_events(fd, connection, EPOLLIN);
    return true;
  }

  void set_events(int fd, Connection& connection, std::uint32_t events) {
    if (connection.events == events) return;
    connection.events = events;
    watch(fd, events, EPOLL_CTL_MOD);
  }

  // Takes one whole request from the input and prepares its reply. False when there is none yet.
  bool take_request(int fd, Connection& connection) {
    const std::string_view in = connection.in;
    const std::size_t head_end = in.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return false;
    Request request;
    std::size_t length = 0;
    std::string_view head = in.substr(0, head_end);
    for (bool first = true; !head.empty(); first = false) {
      const std::size_t line_end = std::min(head.find("\r\n"), head.size());
      const std::string_view line = head.substr(0, line_end);
      head.remove_prefix(std::min(line_end + 2, head.size()));
      if (first) {
        const std::size_t space = line.find(' ');
        const std::size_t second = line.find(' ', space + 1);
        if (space == std::string_view::npos || second == std::string_view::npos) {
          drop(fd);
          return false;
        }
        request.method = line.substr(0, space);
        request.path = line.substr(space + 1, second - space - 1);
        continue;
      }
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      auto& [name, value] = request.headers.emplace_back(ascii_lower(line.substr(0, colon)),
                                                         trim(line.substr(colon + 1)));
      if (name == "content-length") {
        std::from_chars(value.data(), value.data() + value.size(), length);
      }
    }
    const std::size_t body_start = head_end + 4;
    if (in.size() - body_start < length) return false;
    request.body = in.substr(body_start, length);
    request.connection = connection.ordinal;
    connection.in.erase(0, body_start + length);

    connection.replying = true;
    ++in_flight_;
    const bool head_request = request.method == "HEAD";
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      ++counters_.requests;
      ++counters_.by_path[request.path];
      counters_.in_flight_peak = std::max(counters_.in_flight_peak, in_flight_);
      if (recording_) recorded_.push_back(request);
      handler = handler_;
    }
    connection.after = build_reply(handler(request), head_request, connection.pieces);
    return true;
  }

  int listener_ = -1;
  int epoll_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  // Only the thread's:
  std::unordered_map<int, Connection> connections_;
  std::priority_queue<Moment, std::vector<Moment>, std::greater<>> moments_;
  std::uint64_t generation_ = 0;
  std::size_t in_flight_ = 0;
  std::thread thread_;
};

ChatServer::ChatServer(Handler handler) : loop_(std::make_unique<Loop>(std::move(handler))) {}
ChatServer::~ChatServer() = default;

std::uint16_t ChatServer::port() const { return loop_->port(); }
std::string ChatServer::host_port() const { return "127.0.0.1:" + std::to_string(port()); }
std::string ChatServer::url() const { return "http://" + host_port(); }
std::string ChatServer::base_url() const { return url() + "/v1"; }

Counters ChatServer::counters() const {
  const std::lock_guard lock(loop_->mutex_);
  return loop_->counters_;
}

void ChatServer::record_requests(bool on) {
  const std::lock_guard lock(loop_->mutex_);
  loop_->recording_ = on;
}

std::vector<Request> ChatServer::requests() const {
  const std::lock_guard lock(loop_->mutex_);
  return loop_->recorded_;
}

void ChatServer::set_handler(Handler handler) {
  const std::lock_guard lock(loop_->mutex_);
  loop_->handler_ = std::move(handler);
}

std::string completion_json(const Completion& completion) {
  std::string out =
      R"({"id":"chatcmpl-test","object":"chat.completion","created":1700000000,"model":)";
  append_json_string(out, completion.model);
  out += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
  append_json_string(out, completion.text);
  if (!completion.reasoning.empty()) {
    out += R"(,"reasoning_content":)";
    append_json_string(out, completion.reasoning);
  }
  out += R"(},"finish_reason":)";
  append_json_string(out, completion.finish_reason);
  out += R"(}],"usage":{"prompt_tokens":)" + std::to_string(completion.prompt_tokens) +
         R"(,"completion_tokens":)" + std::to_string(completion.completion_tokens) +
         R"(,"total_tokens":)" +
         std::to_string(completion.prompt_tokens + completion.completion_tokens) + "}}";
  return out;
}

Reply json_reply(std::string body, int status) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Reply answer(std::string text) { return json_reply(completion_json({.text = std::move(text)})); }

Reply error_reply(int status, std::string_view message, std::string_view type,
                  std::string_view code) {
  std::string body = R"({"error":{"message":)";
  append_json_string(body, message);
  for (const auto& [key, value] : {std::pair("type", type), std::pair("code", code)}) {
    if (value.empty()) continue;
    body += ',';
    append_json_string(body, key);
    body += ':';
    append_json_string(body, value);
  }
  body += "}}";
  return json_reply(std::move(body), status);
}

Reply stream_reply(const std::vector<std::string>& pieces, std::chrono::milliseconds between) {
  Reply reply;
  reply.headers = {{"Content-Type", "text/event-stream"}};
  for (const std::string& piece : pieces) {
    std::string event = R"(data: {"choices":[{"index":0,"delta":{"content":)";
    append_json_string(event, piece);
    event += "}}]}\n\n";
    reply.chunks.push_back({std::move(event), between});
  }
  reply.chunks.push_back({"data: [DONE]\n\n", between});
  return reply;
}

Handler static_answer(std::string text) {
  return [reply = answer(std::move(text))](const Request&) { return reply; };
}

Handler answer_by_prompt(std::map<std::string, std::string> answers) {
  return [answers = std::move(answers)](const Request& request) {
    const auto found = answers.find(request.last_user_message());
    if (found == answers.end()) return error_reply(404, "no answer is scripted for this prompt");
    return answer(found->second);
  };
}

Handler in_sequence(std::vector<Reply> replies) {
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [replies = std::move(replies), next](const Request&) {
    return replies[std::min(next->fetch_add(1), replies.size() - 1)];
  };
}

Handler echo_judge(std::function<bool(std::string_view prompt)> passes) {
  return [passes = std::move(passes)](const Request& request) {
    std::string text;
    for (const ChatMessage& message : request.messages()) text += message.content + "\n\n";
    const std::string score = passes(text) ? "1" : "0";
    text += "【评分依据】：scripted\n\n【评分】：" + score +
            "分\n\n【JSON】：\n```json\n{\"answer_score\": " + score + "}\n```";
    return answer(std::move(text));
  };
}

Handler delayed(Handler handler, std::chrono::milliseconds delay) {
  return [handler = std::move(handler), delay](const Request& request) {
    Reply reply = handler(request);
    reply.delay += delay;
    return reply;
  };
}

}  // namespace iie::test
