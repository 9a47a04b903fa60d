// The plain transport's open sockets and the epoll set that watches them: opening, sending and
// receiving, keeping the idle ones, dropping those that there is no room for. Private to this room.
//
// A connection is in the epoll set, level-triggered, for as long as it is open. One that waits for
// a reply or lies idle is watched for reading alone, so an exchange on a kept connection costs a
// send, a receive and its share of an epoll_wait, and nothing else of the kernel.
//
// Who uses a connection is an opaque pointer here, and what it sends is bytes. Owned by one thread;
// nothing blocks.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/plain_url.h"

namespace iie {

// For its users to read; PlainConnections alone writes.
struct PlainConnection {
  // A host and port, and its connections that nobody uses, the one used last behind the others.
  struct Origin {
    std::vector<PlainConnection*> idle;
  };

  int fd = -1;
  std::uint32_t generation = 0;  // tells it from one that had the descriptor before
  std::uint32_t events = 0;      // watched for
  Origin* origin = nullptr;
  std::size_t idle_position = 0;
  void* user = nullptr;  // null: idle
  bool connected = false;
  std::span<const SocketAddress> untried;  // where else its origin may be
};

class PlainConnections {
 public:
  using Origin = PlainConnection::Origin;
  // The error is errno.
  using Opened = std::expected<PlainConnection*, int>;

  // `most` sockets are open as long as their users hold no more than that between them: idle ones
  // make room for new ones. Throws where the kernel has no epoll set to give.
  explicit PlainConnections(std::size_t most);
  ~PlainConnections() { close(); }
  PlainConnections(const PlainConnections&) = delete;
  PlainConnections& operator=(const PlainConnections&) = delete;

  // Closes every connection and the epoll set; nothing may be asked afterwards.
  void close();

  // Readable while there are events().
  int descriptor() const { return epoll_; }
  // What happened since, as far as it fits into one batch. Does not wait. Valid until it is called
  // again.
  std::span<const epoll_event> events();
  // The connection that an event is about. Null where it is no user's: closed since, even if a new
  // one has its descriptor; or idle, in which case it is dropped: its server closed it, or says
  // what nobody asked for.
  PlainConnection* find(const epoll_event& event);

  // Stays where it is, as long as this does.
  Origin& origin(const std::string& host_port);

  // The kept connection that was used last, now `user`'s; null: none is kept.
  PlainConnection* reuse(Origin& origin, void* user);
  // Begins to connect to the first of `addresses` that lets it, which stay where they are until it
  // is connected. What it gives may be connected already. Once it is, its user sends something.
  Opened open(Origin& origin, std::span<const SocketAddress> addresses, void* user);
  // In answer to an event of one that is not connected: the same, now connected; or another one in
  // its place, to the next address; or why there is none. In the last two cases it is gone.
  Opened go_on_connecting(PlainConnection& connection, std::uint32_t events);

  // How much of the two pieces, which are not both empty, the socket takes. It is watched for
  // writing until it has taken all. 0: it is full, or broken, which is no answer yet: a server may
  // have refused what it had read, and closed; reading finds out.
  std::size_t send(PlainConnection& connection, const std::array<std::string_view, 2>& pieces);
  // What has come, valid until the next call; nothing where that is nothing yet. Its error is errno
  // of what broke the connection, or 0 where the server closed it.
  std::expected<std::string_view, int> receive(PlainConnection& connection);

  // Its user is done with it: another may reuse() it.
  void keep(PlainConnection& connection);
  // Closes one that is in use. Events of it that are still to be looked at find nothing.
  void drop(PlainConnection& connection);

 private:
  static constexpr std::size_t kEventBatch = 256;

  Opened open_one(Origin& origin, const SocketAddress& address, void* user);
  bool watch(PlainConnection& connection, std::uint32_t events);
  bool drop_one_idle();

  const std::size_t most_;
  int epoll_ = -1;
  std::vector<char> buffer_;  // to receive into
  std::array<epoll_event, kEventBatch> events_;
  std::unordered_map<std::string, std::unique_ptr<Origin>> origins_;  // by host and port
  std::vector<std::unique_ptr<PlainConnection>> connections_;         // by descriptor; null: none
  std::size_t open_connections_ = 0;
  std::uint32_t next_generation_ = 1;
};

}  // namespace iie
