// Cleartext HTTP/1.1 to servers whose address the URL gives: what a model server on this machine or
// the next is asked with, at a third of what libcurl costs. libcurl does everything else (TLS,
// proxies, names, HTTP/2): see http_transport.h, which chooses.
//
// Connections are kept and reused; redirects are never followed (a 3xx is a response); no encoding
// is asked for, and a reply that is encoded nevertheless is refused. A request that a kept
// connection loses before a byte of its reply came is sent once more on a new one: its server had
// closed it, as it may at any time (RFC 9112, section 9.3.1).
//
// Threads, cancellation and destruction: as curl_transport.h says.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/async.h"
#include "net/transport.h"

namespace iie {

struct PlainOptions {
  // Exchanges at once; further ones wait their turn, which no timeout counts.
  std::size_t max_transfers = 256;
  // Header lines of one response, all together.
  std::size_t max_header_bytes = 128u << 10;
};

// Whether `url` is one for this transport: http, an IP address or localhost, no user, no fragment.
bool is_plain_url(std::string_view url);

// Its send() gives bad_request for any other URL.
std::unique_ptr<Transport> make_plain_transport(const boost::asio::any_io_executor& executor,
                                                const PlainOptions& options);

}  // namespace iie
