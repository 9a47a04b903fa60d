// One pooled libcurl easy handle: a request in, a response or an Error out. Knows nothing of event
// loops. Options that never change are set once; the rest only when they differ from the last use.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/exchange_errors.h"
#include "net/tls_trust.h"
#include "net/transport.h"

namespace iie {

// What every handle of one transport has in common.
struct CurlSetup {
  CURLSH* share = nullptr;
  TlsTrust* trust = nullptr;
  bool proxies = true;  // the environment names one
  std::size_t max_header_bytes = 0;
  // Set by a transfer whose deadline came nearer than the one that it gave last.
  bool* deadline_moved = nullptr;
  curl_opensocket_callback open_socket = nullptr;
  curl_closesocket_callback close_socket = nullptr;
  void* socket_context = nullptr;
};

class CurlTransfer {
 public:
  explicit CurlTransfer(const CurlSetup& setup);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  CURL* easy() const { return easy_; }

  // Takes the request; its body is sent from where it stands, not copied. bad_request for a URL or
  // header that cannot be sent.
  Result<void> prepare(HttpRequest request);
  // Call when it is handed to a multi handle.
  void begin(SteadyTime now);

  // The response, or what became of it. Once for each prepare().
  Result<HttpResponse> finish(CURLcode code);
  // In place of finish(), once deadline() has passed: what was complete by its own account, or the
  // error that names the deadline.
  Result<HttpResponse> expire();
  Error cancelled() const;
  // Frees what the last request held and readies the handle for the pool.
  void recycle();

  // When to look again, or, where it is not after `now`, that the transfer has to end: silent for
  // too long, late with its first byte, or complete by its own account and still not ended. Asks
  // libcurl about sent bytes, so call it when the deadline that it gave last has passed, not for
  // each event.
  SteadyTime deadline(SteadyTime now);

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  bool take_header(std::string_view line);
  Result<void> set_url();
  Result<void> set_headers();
  void set_method();
  void set_timeouts();
  SteadyTime idle_deadline(SteadyTime now);
  SteadyTime first_byte_deadline(SteadyTime now);
  void take_progress(SteadyTime now);
  HttpResponse take_response();
  Error error(CURLcode code) const;
  // Where it was the proxy that kept the request from arriving.
  std::optional<Error> proxy_error(CURLcode code, std::string_view reason) const;
  ExchangeErrors errors() const;
  std::string host_port() const;  // "host:1"

  enum class Refused { no, body_too_large, headers_too_large, out_of_memory };

  CURL* easy_ = nullptr;
  const bool proxies_;
  const std::size_t max_header_bytes_;
  bool* const deadline_moved_;
  HttpRequest request_;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool headers_complete_ = false;  // libcurl takes headers that break off for the whole reply
  Refused refused_ = Refused::no;
  SteadyTime begun_at_{};
  SteadyTime last_activity_{};
  curl_off_t bytes_sent_ = 0;
  bool heard_ = false;  // a byte of the reply has arrived
  std::optional<SteadyTime> sent_at_;
  std::optional<SteadyTime> body_completed_at_;
  std::size_t surplus_ = 0;  // bytes behind a complete body
  enum class Late { no, idle, first_byte };
  Late late_ = Late::no;
  char message_[CURL_ERROR_SIZE] = {};

  // What the handle is set to now.
  std::string url_;
  std::string method_;
  Headers headers_;
  bool headers_set_ = false;
  std::string header_text_;  // NUL-terminated lines that the nodes point into
  std::vector<curl_slist> header_nodes_;
  std::chrono::milliseconds total_timeout_{-1};
  std::chrono::milliseconds connect_timeout_{-1};
};

}  // namespace iie
