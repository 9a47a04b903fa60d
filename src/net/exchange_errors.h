// What can become of an exchange, in the words that all transports use. Private to this room.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace iie {

// `url` as messages may show it: no user, password, query or fragment.
std::string public_url(std::string_view url);
// Whether `name: value` would end its line early, and so smuggle another header in, or is none.
bool is_sendable_header(std::string_view name, std::string_view value);

struct ExchangeErrors {
  std::string place;      // "POST http://host:1/path"
  std::string host_port;  // "host:1"

  Error make(ErrorKind kind, std::string_view what) const;
  // The same of an exchange whose request may have arrived: it may be billed.
  Error sent(ErrorKind kind, std::string_view what) const;

  Error cancelled() const;
  Error bad_header(std::string_view name) const;
  Error no_time() const;
  Error refused() const;
  Error too_many_files() const;
  Error cannot_connect(std::string_view why) const;
  Error not_connected_within(std::chrono::milliseconds timeout) const;
  Error timed_out(std::chrono::milliseconds timeout, std::size_t received) const;
  Error silent(std::chrono::milliseconds timeout) const;
  Error no_first_byte(std::chrono::milliseconds timeout) const;
  Error lost(std::string_view why) const;
  Error no_reply() const;
  Error cut_in_headers() const;
  Error cut_in_body(std::size_t received) const;
  Error not_http(std::string_view why) const;
  Error body_too_large(std::size_t limit) const;
  Error headers_too_large(std::size_t limit) const;
  Error out_of_memory() const;
};

}  // namespace iie
