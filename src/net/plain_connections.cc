#include "net/plain_connections.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace iie {
namespace {

constexpr std::size_t kReceiveBuffer = 64u << 10;

}  // namespace

PlainConnections::PlainConnections(std::size_t most)
    : most_(most), epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(kReceiveBuffer) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
}

void PlainConnections::close() {
  if (epoll_ < 0) return;
  for (const auto& connection : connections_) {
    if (connection) ::close(connection->fd);
  }
  connections_.clear();
  origins_.clear();
  ::close(std::exchange(epoll_, -1));
}

std::span<const epoll_event> PlainConnections::events() {
  const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 0);
  return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

PlainConnection* PlainConnections::find(const epoll_event& event) {
  const auto index = static_cast<std::size_t>(event.data.u64 & 0xFFFFFFFFu);
  if (index >= connections_.size() || !connections_[index]) return nullptr;
  PlainConnection& connection = *connections_[index];
  if (connection.generation != event.data.u64 >> 32) return nullptr;
  if (connection.user != nullptr) return &connection;
  std::vector<PlainConnection*>& idle = connection.origin->idle;
  idle[connection.idle_position] = idle.back();
  idle[connection.idle_position]->idle_position = connection.idle_position;
  idle.pop_back();
  drop(connection);
  return nullptr;
}

PlainConnections::Origin& PlainConnections::origin(const std::string& host_port) {
  auto& origin = origins_[host_port];
  if (!origin) origin = std::make_unique<Origin>();
  return *origin;
}

PlainConnection* PlainConnections::reuse(Origin& origin, void* user) {
  if (origin.idle.empty()) return nullptr;
  PlainConnection* connection = origin.idle.back();
  origin.idle.pop_back();
  connection->user = user;
  return connection;
}

PlainConnections::Opened PlainConnections::open(Origin& origin,
                                                std::span<const SocketAddress> addresses,
                                                void* user) {
  while (true) {
    const Opened opened = open_one(origin, addresses.front(), user);
    addresses = addresses.subspan(1);
    if (opened) (*opened)->untried = addresses;
    const bool no_descriptor = !opened && (opened.error() == EMFILE || opened.error() == ENFILE);
    if (opened || no_descriptor || addresses.empty()) return opened;
  }
}

PlainConnections::Opened PlainConnections::open_one(Origin& origin, const SocketAddress& address,
                                                    void* user) {
  while (open_connections_ >= most_ && drop_one_idle()) {
  }
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::unexpected(errno);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool at_once =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0;
  if (!at_once && errno != EINPROGRESS) {
    const int code = errno;
    ::close(fd);
    return std::unexpected(code);
  }
  const auto index = static_cast<std::size_t>(fd);
  if (index >= connections_.size()) connections_.resize(std::max(index + 1, index * 2));
  connections_[index] = std::make_unique<PlainConnection>();
  PlainConnection& connection = *connections_[index];
  connection.fd = fd;
  connection.generation = next_generation_++;
  connection.origin = &origin;
  connection.user = user;
  connection.connected = at_once;
  ++open_connections_;
  if (!watch(connection, at_once ? EPOLLIN : EPOLLOUT)) {
    const int code = errno;
    drop(connection);
    return std::unexpected(code);
  }
  return &connection;
}

PlainConnections::Opened PlainConnections::go_on_connecting(PlainConnection& connection,
                                                            std::uint32_t events) {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &code, &size);
  if (code == 0 && (events & EPOLLOUT) != 0) {
    connection.connected = true;
    return &connection;
  }
  Origin& origin = *connection.origin;
  const std::span<const SocketAddress> untried = connection.untried;
  void* user = connection.user;
  drop(connection);
  if (code == 0 || untried.empty()) return std::unexpected(code);
  return open(origin, untried, user);
}

std::size_t PlainConnections::send(PlainConnection& connection,
                                   const std::array<std::string_view, 2>& pieces) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  std::size_t all = 0;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    // The kernel only reads them; iovec serves both ways.
    parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
    all += piece.size();
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(connection.fd, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
    watch(connection, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return 0;
  }
  if (static_cast<std::size_t>(sent) == all) watch(connection, EPOLLIN);
  return static_cast<std::size_t>(sent);
}

std::expected<std::string_view, int> PlainConnections::receive(PlainConnection& connection) {
  const ssize_t got = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  if (got > 0) return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
  if (got == 0) return std::unexpected(0);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::string_view();
  return std::unexpected(errno);
}

void PlainConnections::keep(PlainConnection& connection) {
  connection.user = nullptr;
  connection.idle_position = connection.origin->idle.size();
  connection.origin->idle.push_back(&connection);
}

void PlainConnections::drop(PlainConnection& connection) {
  const int fd = connection.fd;
  ::close(fd);  // takes it out of the epoll set
  --open_connections_;
  connections_[static_cast<std::size_t>(fd)].reset();
}

// The oldest of an origin that has any; false where none has.
bool PlainConnections::drop_one_idle() {
  for (const auto& [name, origin] : origins_) {
    if (origin->idle.empty()) continue;
    PlainConnection* oldest = origin->idle.front();
    origin->idle.erase(origin->idle.begin());
    for (std::size_t i = 0; i < origin->idle.size(); ++i) origin->idle[i]->idle_position = i;
    drop(*oldest);
    return true;
  }
  return false;
}

// False, with errno, where the kernel has no room for the watch.
bool PlainConnections::watch(PlainConnection& connection, std::uint32_t events) {
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

}  // namespace iie
