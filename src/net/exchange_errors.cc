#include "net/exchange_errors.h"

#include <algorithm>

#include "base/string_util.h"

namespace iie {
namespace {

std::string seconds(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 1000 == 0) return std::to_string(count / 1000) + " s";
  return std::to_string(count) + " ms";
}

}  // namespace

std::string public_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme_end = url.find("://");
  const std::size_t authority = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::size_t path = std::min(url.find('/', authority), url.size());
  std::string_view host = url.substr(authority, path - authority);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  std::string out(url.substr(0, authority));
  out += host;
  out += url.substr(path);
  return one_line(out, 300);
}

bool is_sendable_header(std::string_view name, std::string_view value) {
  static constexpr std::string_view kBreaks("\r\n\0", 3);
  return !name.empty() && name.find_first_of(kBreaks) == std::string_view::npos &&
         name.find(':') == std::string_view::npos &&
         value.find_first_of(kBreaks) == std::string_view::npos;
}

Error ExchangeErrors::make(ErrorKind kind, std::string_view what) const {
  return {kind, place + ": " + std::string(what)};
}

Error ExchangeErrors::sent(ErrorKind kind, std::string_view what) const {
  Error error = make(kind, what);
  error.may_be_billed = true;
  return error;
}

Error ExchangeErrors::cancelled() const { return sent(ErrorKind::cancelled, "cancelled"); }

Error ExchangeErrors::bad_header(std::string_view name) const {
  return make(ErrorKind::bad_request, "the header '" + one_line(name, 60) +
                                          "' holds a character that headers cannot carry, "
                                          "for example a line break at a key's end");
}

Error ExchangeErrors::no_time() const {
  return make(ErrorKind::transient, "no time was left to send it");
}

Error ExchangeErrors::refused() const {
  return make(ErrorKind::transient, "connection refused by " + host_port +
                                        "; is the server running, and is the port right?");
}

Error ExchangeErrors::too_many_files() const {
  return make(ErrorKind::transient,
              "too many open files to connect; lower --max-connections or raise ulimit -n");
}

Error ExchangeErrors::cannot_connect(std::string_view why) const {
  return make(ErrorKind::transient, "cannot connect to " + host_port + " (" + std::string(why) +
                                        "); check the URL and the network");
}

Error ExchangeErrors::not_connected_within(std::chrono::milliseconds timeout) const {
  return make(ErrorKind::transient, "no connection to " + host_port + " within " +
                                        seconds(timeout) + "; check the URL and the network");
}

Error ExchangeErrors::timed_out(std::chrono::milliseconds timeout, std::size_t received) const {
  return sent(ErrorKind::transient, "timed out: no complete reply from " + host_port + " within " +
                                        seconds(timeout) + " (" + std::to_string(received) +
                                        " bytes of it had arrived)");
}

Error ExchangeErrors::silent(std::chrono::milliseconds timeout) const {
  return sent(ErrorKind::transient,
              host_port + " sent nothing for " + seconds(timeout) + "; it is stuck or overloaded");
}

Error ExchangeErrors::no_first_byte(std::chrono::milliseconds timeout) const {
  return sent(ErrorKind::transient, host_port + " sent not even a first byte within " +
                                        seconds(timeout) + "; it is stuck or overloaded");
}

Error ExchangeErrors::lost(std::string_view why) const {
  return sent(ErrorKind::transient,
              "connection to " + host_port + " lost (" + std::string(why) + ")");
}

Error ExchangeErrors::no_reply() const {
  return sent(ErrorKind::transient, host_port + " closed the connection without a reply");
}

Error ExchangeErrors::cut_in_headers() const {
  return sent(ErrorKind::transient,
              host_port + " closed the connection in the middle of its headers");
}

Error ExchangeErrors::cut_in_body(std::size_t received) const {
  return sent(ErrorKind::transient, host_port + " closed the connection after " +
                                        std::to_string(received) + " bytes of its reply");
}

Error ExchangeErrors::not_http(std::string_view why) const {
  return make(ErrorKind::bad_request, host_port + " does not answer in HTTP (" + std::string(why) +
                                          "); check the URL's scheme and port");
}

Error ExchangeErrors::body_too_large(std::size_t limit) const {
  return sent(ErrorKind::corrupt,
              "the reply is larger than " + std::to_string(limit) + " bytes and was refused");
}

Error ExchangeErrors::headers_too_large(std::size_t limit) const {
  return sent(ErrorKind::corrupt, "the reply's headers are larger than " + std::to_string(limit) +
                                      " bytes and were refused");
}

Error ExchangeErrors::out_of_memory() const {
  return sent(ErrorKind::transient, "not enough memory for the reply");
}

}  // namespace iie
