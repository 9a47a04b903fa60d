// Sockets against a listener on the loopback interface; what they carry does not matter here.
#include "net/plain_connections.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iie {
namespace {

constexpr int kPatience = 5000;  // ms, for what takes none

bool wait_readable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, kPatience) == 1;
}

// What connect() sends at once, as every user has something to send.
constexpr std::string_view kGreeting = "?";

// A descriptor that closes itself.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto& address = reinterpret_cast<sockaddr_in&>(address_.storage);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address_.storage);
    EXPECT_EQ(::bind(socket_.fd(), generic, address_.size), 0);
    EXPECT_EQ(::listen(socket_.fd(), 16), 0);
    EXPECT_EQ(::getsockname(socket_.fd(), generic, &address_.size), 0);
  }
  const SocketAddress& address() const { return address_; }
  // Takes the greeting, too.
  Socket accept() {
    EXPECT_TRUE(wait_readable(socket_.fd()));
    Socket accepted(::accept(socket_.fd(), nullptr, nullptr));
    char byte = 0;
    EXPECT_EQ(::recv(accepted.fd(), &byte, 1, 0), 1);
    EXPECT_EQ(byte, kGreeting[0]);
    return accepted;
  }

 private:
  Socket socket_;
  SocketAddress address_;
};

// Whether the other end has closed it; on the loopback interface that is known at once.
bool is_closed(const Socket& socket) {
  char byte = 0;
  return ::recv(socket.fd(), &byte, 1, MSG_DONTWAIT) == 0;
}

// Where nobody listens: a listener's that is gone.
SocketAddress closed_address() { return Listener().address(); }

// The next batch that is not empty.
std::vector<epoll_event> next_events(PlainConnections& connections) {
  EXPECT_TRUE(wait_readable(connections.descriptor()));
  const auto events = connections.events();
  return {events.begin(), events.end()};
}

// Opens one, waits until it is connected, or cannot be, and greets.
PlainConnections::Opened connect(PlainConnections& connections, PlainConnections::Origin& origin,
                                 const std::vector<SocketAddress>& addresses, void* user) {
  auto opened = connections.open(origin, addresses, user);
  while (opened && !(*opened)->connected) {
    for (const epoll_event& event : next_events(connections)) {
      PlainConnection* found = connections.find(event);
      if (found == *opened) opened = connections.go_on_connecting(*found, event.events);
      if (!opened) break;
    }
    if (testing::Test::HasFailure()) break;
  }
  if (opened) {
    EXPECT_EQ(connections.send(**opened, {kGreeting, ""}), 1u);
  }
  return opened;
}

struct PlainConnectionsTest : testing::Test {
  PlainConnection& connected() {
    const auto opened = connect(connections, origin, addresses, &user);
    EXPECT_TRUE(opened && (*opened)->connected);
    return **opened;
  }

  Listener listener;
  const std::vector<SocketAddress> addresses{listener.address()};
  PlainConnections connections{3};
  PlainConnections::Origin& origin = connections.origin("127.0.0.1:1");
  int user = 0;
  int other_user = 0;
};

TEST_F(PlainConnectionsTest, CarriesBytesBothWays) {
  PlainConnection& connection = connected();
  const Socket server = listener.accept();
  EXPECT_EQ(connections.send(connection, {"head", "body"}), 8u);
  char got[9] = {};
  EXPECT_EQ(::recv(server.fd(), got, 8, MSG_WAITALL), 8);
  EXPECT_STREQ(got, "headbody");
  EXPECT_EQ(connections.receive(connection), "");  // not yet
  EXPECT_TRUE(connections.events().empty());       // nor is it watched for writing any more

  EXPECT_EQ(::send(server.fd(), "reply", 5, 0), 5);
  const auto events = next_events(connections);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(connections.find(events[0]), &connection);
  EXPECT_EQ(connection.user, &user);
  EXPECT_EQ(connections.receive(connection), "reply");
}

TEST_F(PlainConnectionsTest, WatchesForWritingOnlyWhileTheSocketIsFull) {
  PlainConnection& connection = connected();
  const Socket server = listener.accept();
  const std::string much(1u << 20, 'x');
  std::size_t sent = 0;
  while (const std::size_t taken = connections.send(connection, {"", much})) sent += taken;
  EXPECT_EQ(connection.events, std::uint32_t{EPOLLIN | EPOLLOUT});
  std::string got(sent, '\0');
  EXPECT_EQ(::recv(server.fd(), got.data(), sent, MSG_WAITALL), static_cast<ssize_t>(sent));
  const auto events = next_events(connections);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(events[0].events & EPOLLOUT, 0u);
  EXPECT_EQ(connections.send(connection, {"x", ""}), 1u);
  EXPECT_EQ(connection.events, std::uint32_t{EPOLLIN});
}

TEST_F(PlainConnectionsTest, TellsAClosedConnectionFromABrokenOne) {
  PlainConnection& closed = connected();
  PlainConnection& broken = connected();
  {
    const Socket server = listener.accept();
  }
  {
    const Socket server = listener.accept();
    const linger reset{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(server.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
  }
  ASSERT_TRUE(wait_readable(closed.fd));
  ASSERT_TRUE(wait_readable(broken.fd));
  EXPECT_EQ(connections.receive(closed), (std::unexpected(0)));
  EXPECT_EQ(connections.receive(broken), (std::unexpected(ECONNRESET)));
}

TEST_F(PlainConnectionsTest, ReusesTheConnectionThatWasUsedLast) {
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);
  PlainConnection& first = connected();
  PlainConnection& second = connected();
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);  // both are in use
  connections.keep(second);
  connections.keep(first);
  EXPECT_EQ(connections.reuse(connections.origin("127.0.0.1:2"), &user), nullptr);
  EXPECT_EQ(connections.reuse(connections.origin("127.0.0.1:1"), &other_user), &first);
  EXPECT_EQ(first.user, &other_user);
  EXPECT_TRUE(first.connected);
  EXPECT_EQ(connections.reuse(origin, &user), &second);
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);
}

TEST_F(PlainConnectionsTest, DropsTheOldestIdleOneWhereThereIsNoRoom) {
  PlainConnection& oldest = connected();
  PlainConnection& middle = connected();
  PlainConnection& newest = connected();
  const Socket of_oldest = listener.accept();
  std::optional<Socket> of_middle = listener.accept();
  connections.keep(oldest);
  connections.keep(middle);
  connections.keep(newest);
  PlainConnections::Origin& elsewhere = connections.origin("127.0.0.1:2");
  ASSERT_TRUE(connect(connections, elsewhere, addresses, &user));
  EXPECT_TRUE(is_closed(of_oldest));
  EXPECT_FALSE(is_closed(*of_middle));
  // The others are still told apart.
  of_middle.reset();
  for (const epoll_event& event : next_events(connections)) {
    EXPECT_EQ(connections.find(event), nullptr);
  }
  EXPECT_EQ(connections.reuse(origin, &user), &newest);
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);
}

TEST_F(PlainConnectionsTest, NeverDropsOneInUse) {
  std::vector<PlainConnection*> open;
  for (int i = 0; i < 5; ++i) open.push_back(&connected());
  for (PlainConnection* connection : open) {
    EXPECT_EQ(connections.send(*connection, {"x", ""}), 1u);
  }
}

TEST_F(PlainConnectionsTest, AnIdleOneThatItsServerClosesIsGoneAndTheOthersAreNot) {
  PlainConnection& first = connected();
  PlainConnection& second = connected();
  PlainConnection& third = connected();
  std::optional<Socket> of_first = listener.accept();
  const Socket of_second = listener.accept();
  std::optional<Socket> of_third = listener.accept();
  for (PlainConnection* connection : {&first, &second, &third}) connections.keep(*connection);
  for (std::optional<Socket>* server : {&of_first, &of_third}) {
    server->reset();
    const auto events = next_events(connections);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(connections.find(events[0]), nullptr);
    EXPECT_TRUE(connections.events().empty());
  }
  EXPECT_EQ(connections.reuse(origin, &user), &second);
  EXPECT_EQ(connections.send(second, {"x", ""}), 1u);
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);
}

TEST_F(PlainConnectionsTest, AnIdleOneThatSaysWhatNobodyAskedForIsGone) {
  PlainConnection& connection = connected();
  const Socket server = listener.accept();
  connections.keep(connection);
  EXPECT_EQ(::send(server.fd(), "HTTP/1.1 408", 12, 0), 12);
  for (const epoll_event& event : next_events(connections)) {
    EXPECT_EQ(connections.find(event), nullptr);
  }
  EXPECT_EQ(connections.reuse(origin, &user), nullptr);
}

TEST_F(PlainConnectionsTest, AnEventOfAnEarlierUseOfItsDescriptorFindsNothing) {
  PlainConnection& first = connected();
  const int fd = first.fd;
  const Socket server = listener.accept();
  EXPECT_EQ(::send(server.fd(), "late", 4, 0), 4);
  const auto events = next_events(connections);
  ASSERT_EQ(events.size(), 1u);
  ASSERT_EQ(connections.find(events[0]), &first);
  connections.drop(first);
  EXPECT_EQ(connections.find(events[0]), nullptr);

  PlainConnection& second = connected();
  ASSERT_EQ(second.fd, fd);  // the lowest free one, as always
  EXPECT_EQ(connections.find(events[0]), nullptr);
  EXPECT_EQ(connections.send(second, {"x", ""}), 1u);
}

TEST_F(PlainConnectionsTest, TriesTheAddressesInTurn) {
  const std::vector<SocketAddress> two{closed_address(), listener.address()};
  const auto opened = connect(connections, origin, two, &user);
  ASSERT_TRUE(opened);
  EXPECT_TRUE((*opened)->connected);
  EXPECT_EQ((*opened)->user, &user);
  const std::vector<SocketAddress> none{closed_address(), closed_address()};
  EXPECT_EQ(connect(connections, origin, none, &user), (std::unexpected(ECONNREFUSED)));
}

TEST(PlainConnections, CloseTakesEveryConnectionWithIt) {
  Listener listener;
  std::optional<PlainConnections> connections(std::in_place, 4);
  const std::vector<SocketAddress> addresses{listener.address()};
  int user = 0;
  PlainConnections::Origin& origin = connections->origin("127.0.0.1:1");
  const auto used = connect(*connections, origin, addresses, &user);
  const auto kept = connect(*connections, origin, addresses, &user);
  ASSERT_TRUE(used && kept);
  connections->keep(**kept);
  const Socket first = listener.accept();
  const Socket second = listener.accept();
  connections->close();
  connections.reset();  // closes nothing twice
  EXPECT_TRUE(is_closed(first));
  EXPECT_TRUE(is_closed(second));
}

}  // namespace
}  // namespace iie
