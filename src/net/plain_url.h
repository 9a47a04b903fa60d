// The URLs that the plain transport takes. Private to this room.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

struct PlainUrl {
  std::string host_port;  // as in the URL, with the port always
  std::string host;       // for the Host header: without the port where it is 80
  std::string target;     // path and query, at least "/"
  // Where the host is: one address, or both of localhost's, in the order to try them.
  std::vector<SocketAddress> addresses;
};

// Nothing for a URL that is not "http://" and an IP address or localhost, or that has a user, a
// fragment or a byte that is none of a URL's.
std::optional<PlainUrl> parse_plain_url(std::string_view url);

}  // namespace iie
