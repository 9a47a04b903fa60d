// HTTP and HTTPS, each request by the transport that does it best: cleartext to an address without
// a proxy by plain_transport.h, everything else by curl_transport.h.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/async.h"
#include "net/transport.h"

namespace iie {

struct HttpTransportOptions {
  // Transfers at once in each of the two; 0: what the limit on open files allows.
  std::size_t max_transfers = 0;
  // As in CurlOptions.
  std::string ca_file = {};
  std::size_t max_header_bytes = 128u << 10;
};

// Threads, cancellation and destruction: as curl_transport.h says. Either transport is made when
// the first request needs it; the environment's proxies are those of the moment of this call.
std::unique_ptr<Transport> make_http_transport(const boost::asio::any_io_executor& executor,
                                               HttpTransportOptions options = {});

}  // namespace iie
