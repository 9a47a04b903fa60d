// HTTP and HTTPS by libcurl, driven by the event loop.
//
// Connections are kept and reused (HTTP/1.1 keep-alive, HTTP/2 over TLS), certificates are always
// verified, redirects are never followed (a 3xx is a response), bodies may arrive gzipped. Proxies
// are taken from the environment as curl does (http_proxy, https_proxy, all_proxy, no_proxy), the
// certificate authorities from CURL_CA_BUNDLE, SSL_CERT_FILE or the system.
//
// Threads: everything happens on the executor's thread, which must be one thread or a strand;
// send() is called there. Cancelling the awaiting coroutine (its cancellation slot) removes the
// transfer and gives Error{cancelled}. Destroying the transport ends what is in flight with
// Error{cancelled}; it must happen before the executor's context is destroyed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/async.h"
#include "net/transport.h"

namespace iie {

struct CurlOptions {
  // Transfers at once; further ones wait their turn, which no timeout counts. 0: what the limit on
  // open files allows when the transport is made (see file_limit.h).
  std::size_t max_transfers = 0;
  // libcurl searches all connections of a multi handle for a free one, so a handle with thousands
  // of transfers slows down several-fold; many handles of this size do not.
  std::size_t transfers_per_handle = 64;
  // A PEM file that replaces the environment's and the system's certificate authorities.
  std::string ca_file = {};
  // Header lines of one response, all together.
  std::size_t max_header_bytes = 128u << 10;
};

std::unique_ptr<Transport> make_curl_transport(const boost::asio::any_io_executor& executor,
                                               CurlOptions options = {});

}  // namespace iie
