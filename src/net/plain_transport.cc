// One thread, one epoll set, one buffer to receive into.
//
// - A connection is in the epoll set, level-triggered, for as long as it is open. One that waits
//   for a reply or lies idle is watched for reading alone, so an exchange on a kept connection
//   costs a send, a receive and its share of an epoll_wait, and nothing else of the kernel.
// - Asio watches the epoll set's own descriptor, as in curl_transport.cc.
// - Deadlines are looked at together, when the nearest of them has passed: an exchange that ends in
//   time never touches a timer.
// - Results are handed over outside of the loop that reads events, all that a batch brought in one
//   posted call: what a resumed coroutine does (starting, cancelling, destroying the transport)
//   never meets a loop half done. That call owns them, not the Core: a coroutine that waits holds
//   the Core, so the two would keep each other alive where the call is never made.
#include "net/plain_transport.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/string_util.h"
#include "base/version.h"
#include "net/exchange_errors.h"
#include "net/http_reply.h"
#include "net/plain_url.h"

namespace iie {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kEventBatch = 256;
constexpr std::size_t kReceiveBuffer = 64u << 10;
// Looks at the deadlines are at least this far apart.
constexpr std::chrono::milliseconds kScanInterval{20};
// A body that says itself that it is complete usually ends with the same packet. Waiting a moment
// for that keeps the connection; one that stays open is closed. Few bytes may come meanwhile.
constexpr std::chrono::milliseconds kEndGrace{50};
constexpr std::size_t kMostSurplus = 16u << 10;
// Different URLs remembered, with their addresses: a run asks one or two.
constexpr std::size_t kMostTargets = 256;
constexpr SteadyTime kNever = SteadyTime::max();

using Handler = std::move_only_function<void(Result<HttpResponse>)>;

std::string system_message(int code) { return std::generic_category().message(code); }

struct Connection;

// A host and port, and its connections that nobody uses, the one used last behind the others.
struct Origin {
  std::vector<Connection*> idle;
};

struct Target {
  PlainUrl url;
  Origin* origin = nullptr;
};

struct Exchange {
  enum class State { pooled, queued, active };
  State state = State::pooled;
  std::uint64_t serial = 0;  // tells this use of the object from earlier ones
  std::size_t position = 0;  // in active_
  HttpRequest request;
  std::shared_ptr<const Target> target;
  std::string head;  // the request's
  std::size_t sent = 0;
  HttpReplyParser reply;
  Connection* connection = nullptr;
  bool second_try = false;
  bool heard = false;
  SteadyTime begun_at{};
  SteadyTime connected_at{};
  SteadyTime last_activity{};
  std::optional<SteadyTime> sent_at;            // the last byte of the request
  std::optional<SteadyTime> body_completed_at;  // by its own account
  std::size_t completed_size = 0;
  Handler handler;
  asio::any_io_executor executor;
  asio::cancellation_slot slot;

  bool all_sent() const { return sent == head.size() + request.body.size(); }
  ExchangeErrors errors() const {
    return {request.method + " " + public_url(request.url), target ? target->url.host_port : ""};
  }
};

struct Connection {
  int fd = -1;
  std::uint32_t generation = 0;  // tells it from one that had the descriptor before
  std::uint32_t events = 0;      // watched for
  Origin* origin = nullptr;
  std::size_t idle_position = 0;
  Exchange* exchange = nullptr;  // null: idle
  std::size_t address = 0;       // of the target's
  bool connected = false;
  bool used = false;  // has carried a whole exchange
};

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const asio::any_io_executor& executor, const PlainOptions& options)
      : executor_(executor),
        options_(options),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        epoll_wait_(executor),
        timer_(executor),
        buffer_(kReceiveBuffer) {
    if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
    epoll_wait_.assign(epoll_);
  }
  ~Core() { close(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const asio::any_io_executor& executor() const { return executor_; }
  void start(HttpRequest request, Handler handler, const asio::any_io_executor& handler_executor,
             asio::cancellation_slot slot);
  // Ends everything in flight with Error{cancelled}; nothing may be started afterwards.
  void close();

 private:
  Exchange* acquire();
  Result<void> prepare(Exchange& exchange);
  std::shared_ptr<const Target> find_target(const std::string& url);
  void launch(Exchange& exchange);
  void launch_queued();
  void connect(Exchange& exchange, std::size_t address);
  bool open(Exchange& exchange, std::size_t address);
  void send_request(Exchange& exchange);
  void receive(Connection& connection);
  void take(Exchange& exchange, std::string_view bytes);
  void connection_ended(Exchange& exchange, int code);
  void finish(Exchange& exchange, Result<HttpResponse> result);
  Result<HttpResponse> take_response(Exchange& exchange);
  void cancel(Exchange* exchange, std::uint64_t serial);
  void complete(Exchange& exchange, Result<HttpResponse> result);

  bool watch(Connection& connection, std::uint32_t events);
  void drop(Connection& connection);
  void drop_one_idle();
  void on_event(std::uint64_t which, std::uint32_t events);
  void on_connected(Exchange& exchange);

  void wait_for_events();
  void on_events();
  SteadyTime deadline(const Exchange& exchange) const;
  Result<HttpResponse> expire(Exchange& exchange, SteadyTime now);
  void look_at_deadlines_by(SteadyTime deadline);
  void on_timer();
  void settle_soon();

  const asio::any_io_executor executor_;
  const PlainOptions options_;
  int epoll_ = -1;
  asio::posix::stream_descriptor epoll_wait_;  // owns epoll_
  asio::steady_timer timer_;
  std::vector<char> buffer_;

  std::vector<std::unique_ptr<Exchange>> exchanges_;  // all there are
  std::vector<Exchange*> pool_;
  std::vector<Exchange*> active_;
  std::deque<Exchange*> queue_;
  std::unordered_map<std::string, std::unique_ptr<Origin>> origins_;  // by host and port
  std::unordered_map<std::string, std::shared_ptr<const Target>> targets_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor; null: none
  std::size_t open_connections_ = 0;
  std::uint32_t next_generation_ = 1;
  std::uint64_t next_serial_ = 1;

  struct Completed {
    Handler handler;
    asio::cancellation_slot slot;
    Result<HttpResponse> result;
  };
  using Batch = std::vector<Completed>;
  std::weak_ptr<Batch> batch_;  // of a posted call that has not begun

  SteadyTime timer_at_ = kNever;
  bool waiting_ = false;  // epoll_wait_ has a wait outstanding
  bool settle_posted_ = false;
  bool closed_ = false;
};

// ---- Exchanges ----

void Core::start(HttpRequest request, Handler handler,
                 const asio::any_io_executor& handler_executor, asio::cancellation_slot slot) {
  if (closed_) {
    asio::post(handler_executor, [handler = std::move(handler)]() mutable {
      handler(fail(ErrorKind::cancelled, "the transport was closed"));
    });
    return;
  }
  Exchange& exchange = *acquire();
  exchange.serial = next_serial_++;
  exchange.request = std::move(request);
  exchange.handler = std::move(handler);
  exchange.executor = handler_executor;
  exchange.slot = slot;
  if (auto ready = prepare(exchange); !ready) {
    complete(exchange, std::unexpected(std::move(ready).error()));
    return;
  }
  if (slot.is_connected()) {
    slot.assign(
        [weak = weak_from_this(), &exchange, serial = exchange.serial](asio::cancellation_type) {
          if (const auto core = weak.lock()) core->cancel(&exchange, serial);
        });
  }
  if (active_.size() >= options_.max_transfers) {
    exchange.state = Exchange::State::queued;
    queue_.push_back(&exchange);
    return;
  }
  launch(exchange);
}

Exchange* Core::acquire() {
  if (pool_.empty()) {
    exchanges_.push_back(std::make_unique<Exchange>());
    return exchanges_.back().get();
  }
  Exchange* exchange = pool_.back();
  pool_.pop_back();
  return exchange;
}

std::shared_ptr<const Target> Core::find_target(const std::string& url) {
  if (const auto known = targets_.find(url); known != targets_.end()) return known->second;
  auto parsed = parse_plain_url(url);
  if (!parsed) return nullptr;
  auto& origin = origins_[parsed->host_port];
  if (!origin) origin = std::make_unique<Origin>();
  auto target = std::make_shared<const Target>(Target{*std::move(parsed), origin.get()});
  if (targets_.size() >= kMostTargets) targets_.clear();
  targets_.emplace(url, target);
  return target;
}

Result<void> Core::prepare(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  exchange.target = find_target(request.url);
  if (!exchange.target) {
    return fail(ErrorKind::bad_request,
                "'" + public_url(request.url) + "' is not a URL for plain HTTP to an address");
  }
  const bool method_ok = !request.method.empty() &&
                         std::ranges::all_of(request.method, [](char c) { return c > ' '; });
  if (!method_ok) {
    return fail(ErrorKind::bad_request, "'" + one_line(request.method, 40) + "' is no method");
  }
  std::string& head = exchange.head;
  head.clear();
  head += request.method;
  head += ' ';
  head += exchange.target->url.target;
  head += " HTTP/1.1\r\nHost: ";
  head += exchange.target->url.host;
  head += "\r\nUser-Agent: inverse-ifeval/";
  head += tool_version();
  head += "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_sendable_header(name, value)) {
      return std::unexpected(exchange.errors().bad_header(name));
    }
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  if (!request.body.empty() || request.method == "POST") {
    head += "Content-Length: ";
    head += std::to_string(request.body.size());
    head += "\r\n";
  }
  head += "\r\n";
  if (request.total_timeout.count() <= 0) return std::unexpected(exchange.errors().no_time());
  return {};
}

void Core::launch(Exchange& exchange) {
  const SteadyTime now = std::chrono::steady_clock::now();
  exchange.state = Exchange::State::active;
  exchange.position = active_.size();
  active_.push_back(&exchange);
  exchange.begun_at = now;
  exchange.last_activity = now;
  exchange.second_try = false;
  exchange.heard = false;
  exchange.body_completed_at.reset();
  exchange.sent = 0;
  exchange.sent_at.reset();
  exchange.reply =
      HttpReplyParser({.head = options_.max_header_bytes, .body = exchange.request.max_body},
                      exchange.request.method != "HEAD");
  if (!waiting_) wait_for_events();
  std::vector<Connection*>& idle = exchange.target->origin->idle;
  if (idle.empty()) {
    connect(exchange, 0);
  } else {
    Connection& connection = *idle.back();
    idle.pop_back();
    connection.exchange = &exchange;
    exchange.connection = &connection;
    exchange.connected_at = now;
    send_request(exchange);
  }
  if (exchange.state == Exchange::State::active) look_at_deadlines_by(deadline(exchange));
}

void Core::launch_queued() {
  while (!queue_.empty() && active_.size() < options_.max_transfers) {
    Exchange* exchange = queue_.front();
    queue_.pop_front();
    launch(*exchange);
  }
}

void Core::cancel(Exchange* exchange, std::uint64_t serial) {
  if (exchange->serial != serial) return;  // it ended; the news is on its way
  const Error cancelled = exchange->errors().cancelled();
  if (exchange->state == Exchange::State::active) {
    finish(*exchange, std::unexpected(cancelled));
  } else {
    std::erase(queue_, exchange);
    complete(*exchange, std::unexpected(cancelled));
  }
  launch_queued();
}

// Ends an active exchange; its connection is kept where the reply let it be.
void Core::finish(Exchange& exchange, Result<HttpResponse> result) {
  if (Connection* connection = std::exchange(exchange.connection, nullptr)) {
    connection->exchange = nullptr;
    if (result && exchange.reply.keeps_connection() && exchange.all_sent()) {
      connection->used = true;
      connection->idle_position = connection->origin->idle.size();
      connection->origin->idle.push_back(connection);
    } else {
      drop(*connection);
    }
  }
  active_[exchange.position] = active_.back();
  active_[exchange.position]->position = exchange.position;
  active_.pop_back();
  complete(exchange, std::move(result));
}

// Gives the result to whoever waits for it, later, and returns the exchange to the pool.
void Core::complete(Exchange& exchange, Result<HttpResponse> result) {
  if (exchange.executor == executor_) {
    std::shared_ptr<Batch> batch = batch_.lock();
    if (!batch) {
      batch = std::make_shared<Batch>();
      batch_ = batch;
      asio::post(executor_, [shared = batch]() mutable {
        // What the resumed coroutines complete, by cancelling another call or by starting one that
        // fails at once, goes into the next batch: nobody looks into this one again.
        Batch results = std::move(*std::exchange(shared, nullptr));
        for (Completed& one : results) {
          one.slot.clear();
          one.handler(std::move(one.result));
        }
      });
    }
    batch->push_back({std::move(exchange.handler), exchange.slot, std::move(result)});
  } else {
    asio::post(exchange.executor, [slot = exchange.slot, handler = std::move(exchange.handler),
                                   result = std::move(result)]() mutable {
      slot.clear();
      handler(std::move(result));
    });
  }
  exchange.state = Exchange::State::pooled;
  exchange.serial = 0;
  exchange.handler = nullptr;
  exchange.executor = {};
  exchange.slot = {};
  exchange.request = {};
  exchange.target.reset();
  exchange.reply = HttpReplyParser();
  pool_.push_back(&exchange);
  settle_soon();
}

void Core::close() {
  if (closed_) return;
  closed_ = true;
  for (Exchange* exchange : std::exchange(queue_, {})) {
    complete(*exchange, std::unexpected(exchange->errors().cancelled()));
  }
  while (!active_.empty()) {
    Exchange& exchange = *active_.back();
    finish(exchange, std::unexpected(exchange.errors().cancelled()));
  }
  for (const auto& connection : connections_) {
    if (connection) ::close(connection->fd);
  }
  connections_.clear();
  boost::system::error_code ignored;
  epoll_wait_.close(ignored);
  timer_.cancel();
}

// ---- Connections ----

void Core::connect(Exchange& exchange, std::size_t address) {
  const auto& addresses = exchange.target->url.addresses;
  for (; address < addresses.size(); ++address) {
    errno = 0;
    if (open(exchange, address)) return;
    const int code = errno;
    if (address + 1 < addresses.size() && code != EMFILE && code != ENFILE) continue;
    const ExchangeErrors errors = exchange.errors();
    finish(exchange, std::unexpected(code == ECONNREFUSED ? errors.refused()
                                     : code == EMFILE || code == ENFILE
                                         ? errors.too_many_files()
                                         : errors.cannot_connect(system_message(code))));
    return;
  }
}

// Begins a connection; false, with errno, where that failed at once.
bool Core::open(Exchange& exchange, std::size_t address) {
  while (open_connections_ >= options_.max_transfers) {
    const std::size_t before = open_connections_;
    drop_one_idle();
    if (open_connections_ == before) break;
  }
  const SocketAddress& to = exchange.target->url.addresses[address];
  const int fd = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool at_once = ::connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0;
  if (!at_once && errno != EINPROGRESS) {
    const int code = errno;
    ::close(fd);
    errno = code;
    return false;
  }
  const auto index = static_cast<std::size_t>(fd);
  if (index >= connections_.size()) connections_.resize(std::max(index + 1, index * 2));
  connections_[index] = std::make_unique<Connection>();
  Connection& connection = *connections_[index];
  connection.fd = fd;
  connection.generation = next_generation_++;
  connection.origin = exchange.target->origin;
  connection.address = address;
  connection.exchange = &exchange;
  exchange.connection = &connection;
  ++open_connections_;
  if (!watch(connection, at_once ? EPOLLIN : EPOLLOUT)) {
    const int code = errno;
    exchange.connection = nullptr;
    drop(connection);
    errno = code;
    return false;
  }
  if (at_once) on_connected(exchange);
  return true;
}

void Core::on_connected(Exchange& exchange) {
  exchange.connection->connected = true;
  exchange.connected_at = std::chrono::steady_clock::now();
  exchange.last_activity = exchange.connected_at;
  send_request(exchange);
}

// False where the kernel has no room for the watch.
bool Core::watch(Connection& connection, std::uint32_t events) {
  if (connection.events == events) return true;
  epoll_event event{};
  event.events = events;
  event.data.u64 =
      (std::uint64_t{connection.generation} << 32) | static_cast<std::uint32_t>(connection.fd);
  const int operation = connection.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_, operation, connection.fd, &event) != 0) return false;
  connection.events = events;
  return true;
}

void Core::drop(Connection& connection) {
  const int fd = connection.fd;
  ::close(fd);  // takes it out of the epoll set
  --open_connections_;
  connections_[static_cast<std::size_t>(fd)].reset();
}

void Core::drop_one_idle() {
  for (const auto& [name, origin] : origins_) {
    if (origin->idle.empty()) continue;
    Connection* oldest = origin->idle.front();
    origin->idle.erase(origin->idle.begin());
    for (std::size_t i = 0; i < origin->idle.size(); ++i) origin->idle[i]->idle_position = i;
    drop(*oldest);
    return;
  }
}

// As much of the request as the socket takes. Its failure is no answer yet: a server may have
// refused what it had read, and closed; reading finds out.
void Core::send_request(Exchange& exchange) {
  Connection& connection = *exchange.connection;
  std::string& body = exchange.request.body;
  while (!exchange.all_sent()) {
    std::array<iovec, 2> parts{};
    std::size_t count = 0;
    if (exchange.sent < exchange.head.size()) {
      parts[count++] = {exchange.head.data() + exchange.sent, exchange.head.size() - exchange.sent};
    }
    const std::size_t of_body = exchange.sent - std::min(exchange.sent, exchange.head.size());
    if (of_body < body.size()) parts[count++] = {body.data() + of_body, body.size() - of_body};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(connection.fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
      watch(connection, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
      look_at_deadlines_by(deadline(exchange));
      return;
    }
    exchange.sent += static_cast<std::size_t>(sent);
    exchange.last_activity = std::chrono::steady_clock::now();
  }
  exchange.sent_at = exchange.last_activity;
  watch(connection, EPOLLIN);
  look_at_deadlines_by(deadline(exchange));  // connected and sent, it may be nearer than before
}

void Core::on_event(std::uint64_t which, std::uint32_t events) {
  const auto index = static_cast<std::size_t>(which & 0xFFFFFFFFu);
  if (index >= connections_.size() || !connections_[index]) return;
  Connection& connection = *connections_[index];
  if (connection.generation != which >> 32) return;  // closed, and the descriptor used again
  Exchange* exchange = connection.exchange;
  if (exchange == nullptr) {  // idle: its server closed it, or says what nobody asked for
    std::vector<Connection*>& idle = connection.origin->idle;
    idle[connection.idle_position] = idle.back();
    idle[connection.idle_position]->idle_position = connection.idle_position;
    idle.pop_back();
    drop(connection);
    return;
  }
  if (!connection.connected) {
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &code, &size);
    if (code == 0 && (events & EPOLLOUT) != 0) return on_connected(*exchange);
    const std::size_t next = connection.address + 1;
    if (code != 0 && next < exchange->target->url.addresses.size()) {
      exchange->connection = nullptr;
      drop(connection);
      return connect(*exchange, next);
    }
    const ExchangeErrors errors = exchange->errors();
    finish(*exchange,
           std::unexpected(code == ECONNREFUSED ? errors.refused()
                                                : errors.cannot_connect(system_message(code))));
    return;
  }
  if ((events & EPOLLOUT) != 0) send_request(*exchange);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) receive(connection);
}

void Core::receive(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  const ssize_t got = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) return connection_ended(exchange, got == 0 ? 0 : errno);
  exchange.heard = true;
  exchange.last_activity = std::chrono::steady_clock::now();
  try {
    take(exchange, {buffer_.data(), static_cast<std::size_t>(got)});
  } catch (const std::bad_alloc&) {
    finish(exchange, std::unexpected(exchange.errors().out_of_memory()));
  }
}

void Core::take(Exchange& exchange, std::string_view bytes) {
  using State = HttpReplyParser::State;
  HttpReplyParser& reply = exchange.reply;
  while (true) {
    const State state = reply.take(bytes);
    const HttpResponse& response = reply.response();
    if (state == State::more) return;
    if (state == State::complete) {
      // Bytes behind it answer nothing; the connection cannot be trusted with another exchange.
      const bool kept = bytes.empty();
      Result<HttpResponse> result = take_response(exchange);
      if (!kept) {
        drop(*std::exchange(exchange.connection, nullptr));
      }
      return finish(exchange, std::move(result));
    }
    if (exchange.body_completed_at) {
      const std::size_t surplus = response.body.size() - exchange.completed_size;
      if (state == State::grew && surplus <= kMostSurplus) continue;
      return finish(exchange, take_response(exchange));
    }
    if (state == State::grew) {
      const auto& body_complete = exchange.request.body_complete;
      if (body_complete && response.status / 100 == 2 && body_complete(response.body)) {
        exchange.body_completed_at = exchange.last_activity;
        exchange.completed_size = response.body.size();
        look_at_deadlines_by(deadline(exchange));
      }
      continue;
    }
    const ExchangeErrors errors = exchange.errors();
    switch (reply.refusal()) {
      case HttpReplyParser::Refusal::body_too_large:
        return finish(exchange, std::unexpected(errors.body_too_large(exchange.request.max_body)));
      case HttpReplyParser::Refusal::head_too_large:
        return finish(exchange,
                      std::unexpected(errors.headers_too_large(options_.max_header_bytes)));
      default:
        return finish(exchange, std::unexpected(errors.not_http(reply.why())));
    }
  }
}

// With errno of what broke it, or 0 where the server closed it.
void Core::connection_ended(Exchange& exchange, int code) {
  HttpReplyParser& reply = exchange.reply;
  if (exchange.body_completed_at ||
      (code == 0 && reply.end() == HttpReplyParser::State::complete)) {
    return finish(exchange, take_response(exchange));
  }
  if (!exchange.heard && exchange.connection->used && !exchange.second_try) {
    exchange.second_try = true;
    exchange.sent = 0;
    exchange.sent_at.reset();
    drop(*std::exchange(exchange.connection, nullptr));
    return connect(exchange, 0);
  }
  const ExchangeErrors errors = exchange.errors();
  Error error = code != 0                ? errors.lost(system_message(code))
                : !exchange.heard        ? errors.no_reply()
                : !reply.head_complete() ? errors.cut_in_headers()
                                         : errors.cut_in_body(reply.response().body.size());
  finish(exchange, std::unexpected(std::move(error)));
}

Result<HttpResponse> Core::take_response(Exchange& exchange) {
  HttpResponse response = std::move(exchange.reply.response());
  if (const auto encoding = response.header("content-encoding");
      encoding && !encoding->empty() && ascii_lower(*encoding) != "identity") {
    return std::unexpected(exchange.errors().sent(
        ErrorKind::bad_request, "the reply is encoded (" + one_line(*encoding, 40) +
                                    "), which was not asked for; ask the server behind it"));
  }
  SteadyTime end = exchange.last_activity;
  if (exchange.body_completed_at) {
    response.body.resize(exchange.completed_size);
    end = *exchange.body_completed_at;
  }
  response.latency =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - exchange.connected_at);
  return response;
}

// ---- The loop ----

void Core::wait_for_events() {
  waiting_ = true;
  epoll_wait_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [weak = weak_from_this()](boost::system::error_code) {
                           const auto core = weak.lock();
                           if (!core || core->closed_) return;
                           core->waiting_ = false;
                           core->on_events();
                         });
}

void Core::on_events() {
  std::array<epoll_event, kEventBatch> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) on_event(events[i].data.u64, events[i].events);
  launch_queued();
  if (!active_.empty() && !waiting_) wait_for_events();
}

SteadyTime Core::deadline(const Exchange& exchange) const {
  if (exchange.body_completed_at) return *exchange.body_completed_at + kEndGrace;
  const HttpRequest& request = exchange.request;
  SteadyTime nearest = exchange.begun_at + request.total_timeout;
  if (exchange.connection == nullptr || !exchange.connection->connected) {
    return std::min(nearest, exchange.begun_at + request.connect_timeout);
  }
  nearest = std::min(nearest, exchange.last_activity + request.idle_timeout);
  if (request.first_byte_timeout.count() > 0 && exchange.sent_at && !exchange.heard) {
    nearest = std::min(nearest, *exchange.sent_at + request.first_byte_timeout);
  }
  return nearest;
}

Result<HttpResponse> Core::expire(Exchange& exchange, SteadyTime now) {
  if (exchange.body_completed_at) return take_response(exchange);
  const HttpRequest& request = exchange.request;
  const ExchangeErrors errors = exchange.errors();
  if (!exchange.connection->connected) {
    return std::unexpected(
        errors.not_connected_within(std::min(request.connect_timeout, request.total_timeout)));
  }
  if (exchange.begun_at + request.total_timeout <= now) {
    return std::unexpected(
        errors.timed_out(request.total_timeout, exchange.reply.response().body.size()));
  }
  if (exchange.last_activity + request.idle_timeout <= now) {
    return std::unexpected(errors.silent(request.idle_timeout));
  }
  return std::unexpected(errors.no_first_byte(request.first_byte_timeout));
}

void Core::look_at_deadlines_by(SteadyTime deadline) {
  if (closed_ || deadline >= timer_at_) return;
  timer_at_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    if (failure) return;
    if (const auto core = weak.lock(); core && !core->closed_) core->on_timer();
  });
}

void Core::on_timer() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < timer_at_) return;  // an earlier wait, overtaken while its call was queued
  timer_at_ = kNever;
  SteadyTime next = kNever;
  for (std::size_t i = active_.size(); i-- > 0;) {  // finish() moves the last one here
    Exchange& exchange = *active_[i];
    const SteadyTime at = deadline(exchange);
    if (at > now) {
      next = std::min(next, at);
      continue;
    }
    Result<HttpResponse> result = expire(exchange, now);
    if (exchange.connection != nullptr) {  // in the middle of its reply
      drop(*std::exchange(exchange.connection, nullptr));
    }
    finish(exchange, std::move(result));
  }
  launch_queued();
  if (!active_.empty() && next != kNever) look_at_deadlines_by(std::max(next, now + kScanInterval));
}

// Once nothing is in flight, and whoever was resumed has started nothing new, the waits are given
// up, so that a context with nothing else to do can return from run().
void Core::settle_soon() {
  if (closed_ || settle_posted_ || !active_.empty()) return;
  settle_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto core = weak.lock();
    if (!core || core->closed_) return;
    core->settle_posted_ = false;
    if (!core->active_.empty()) return;
    core->timer_.cancel();
    core->timer_at_ = kNever;
    if (core->waiting_) core->epoll_wait_.cancel();
  });
}

class PlainTransport final : public Transport {
 public:
  PlainTransport(const asio::any_io_executor& executor, const PlainOptions& options)
      : core_(std::make_shared<Core>(executor, options)) {}
  ~PlainTransport() override { core_->close(); }

  // Not a coroutine of its own: async_initiate makes the one frame that is needed.
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<HttpResponse>)>(
        [core = core_](auto handler, HttpRequest moved) {
          const asio::cancellation_slot slot = asio::get_associated_cancellation_slot(handler);
          const asio::any_io_executor executor =
              asio::get_associated_executor(handler, core->executor());
          core->start(std::move(moved), Handler(std::move(handler)), executor, slot);
        },
        asio::use_awaitable, std::move(request));
  }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

bool is_plain_url(std::string_view url) { return parse_plain_url(url).has_value(); }

std::unique_ptr<Transport> make_plain_transport(const boost::asio::any_io_executor& executor,
                                                const PlainOptions& options) {
  return std::make_unique<PlainTransport>(executor, options);
}

}  // namespace iie
