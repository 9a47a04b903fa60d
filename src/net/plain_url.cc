#include "net/plain_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kScheme = "http://";

std::optional<SocketAddress> ipv4(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) return std::nullopt;
  SocketAddress out{.size = sizeof address};
  std::memcpy(&out.storage, &address, sizeof address);
  return out;
}

std::optional<SocketAddress> ipv6(const std::string& text, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  if (inet_pton(AF_INET6, text.c_str(), &address.sin6_addr) != 1) return std::nullopt;
  SocketAddress out{.size = sizeof address};
  std::memcpy(&out.storage, &address, sizeof address);
  return out;
}

}  // namespace

std::optional<PlainUrl> parse_plain_url(std::string_view url) {
  if (!starts_with_nocase(url, kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const bool printable = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!printable || url.find('#') != std::string_view::npos) return std::nullopt;

  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  const std::string_view authority = url.substr(0, end);
  PlainUrl out;
  out.target = url.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, 1, '/');

  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end =
      bracketed ? authority.find(']') + 1 : std::min(authority.find(':'), authority.size());
  if (host_end == 0) return std::nullopt;  // no ']', or no host
  const std::string host(authority.substr(0, host_end));
  std::string_view rest = authority.substr(host_end);
  std::uint16_t port = 80;
  if (!rest.empty()) {
    if (rest.front() != ':') return std::nullopt;
    rest.remove_prefix(1);
    const auto [stop, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
    if (failure != std::errc() || stop != rest.data() + rest.size() || port == 0) {
      return std::nullopt;
    }
  }

  std::vector<std::optional<SocketAddress>> addresses;
  if (bracketed) {
    addresses.push_back(ipv6(host.substr(1, host.size() - 2), port));
  } else if (ascii_lower(host) == "localhost") {  // RFC 6761: always the loopback
    addresses = {ipv4("127.0.0.1", port), ipv6("::1", port)};
  } else {
    addresses.push_back(ipv4(host, port));
  }
  for (const auto& address : addresses) {
    if (!address) return std::nullopt;
    out.addresses.push_back(*address);
  }
  out.host_port = host + ":" + std::to_string(port);
  out.host = port == 80 ? host : out.host_port;
  return out;
}

}  // namespace iie
