#include "net/curl_transfer.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/file.h"
#include "base/secret.h"
#include "base/string_util.h"
#include "base/version.h"
#include "net/proxy.h"

namespace iie {
namespace {

// Half of libcurl's default: it is held while a transfer waits for its answer, and most answers
// fit in one or two reads of it.
constexpr long kReceiveBuffer = 8 << 10;
// What a Content-Length may make us reserve before a byte has arrived.
constexpr std::size_t kMostReserved = 1 << 20;
// simdjson reads this far past the end: with the room there, it need not copy the body.
constexpr std::size_t kParserPadding = 64;
// A body that says itself that it is complete usually ends with the same packet. Waiting a moment
// for that keeps the connection; one that stays open is closed. Few bytes may come meanwhile.
constexpr std::chrono::milliseconds kEndGrace{50};
constexpr std::size_t kMostSurplus = 16 << 10;

// Of "HTTP/1.1 200 OK" or "HTTP/2 200"; 0 for what is none.
int status_of(std::string_view line) {
  int status = 0;
  if (const std::size_t space = line.find(' '); space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  }
  return status;
}

struct UrlCloser {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlCloser>;

std::string url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlSetup& setup)
    : proxies_(setup.proxies),
      max_header_bytes_(setup.max_header_bytes),
      deadline_moved_(setup.deadline_moved) {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) throw std::bad_alloc();
  const auto set = [this](CURLoption option, auto value) {
    curl_easy_setopt(easy_, option, value);
  };
  set(CURLOPT_ERRORBUFFER, message_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROGRESS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_ACCEPT_ENCODING, "gzip");
  set(CURLOPT_USERAGENT, ("inverse-ifeval/" + std::string(tool_version())).c_str());
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(CURLOPT_SHARE, setup.share);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, setup.open_socket);
  set(CURLOPT_OPENSOCKETDATA, setup.socket_context);
  set(CURLOPT_CLOSESOCKETFUNCTION, setup.close_socket);
  set(CURLOPT_CLOSESOCKETDATA, setup.socket_context);
  // libcurl searches the environment for a proxy in each transfer unless told that there is none.
  if (!setup.proxies) set(CURLOPT_PROXY, "");
  setup.trust->apply_to(easy_);
}

CurlTransfer::~CurlTransfer() { curl_easy_cleanup(easy_); }

Result<void> CurlTransfer::prepare(HttpRequest request) {
  request_ = std::move(request);
  IIE_CHECK_OK(set_url());
  IIE_CHECK_OK(set_headers());
  if (request_.total_timeout.count() <= 0) {
    return std::unexpected(errors().no_time());
  }
  set_method();
  set_timeouts();
  return {};
}

Result<void> CurlTransfer::set_url() {
  if (request_.url == url_) return {};
  url_.clear();
  const Url url(curl_url());
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) {
    return fail(ErrorKind::bad_request, "'" + public_url(request_.url) + "' is not a URL (" +
                                            curl_url_strerror(code) +
                                            "); give one like https://host/v1");
  }
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return fail(ErrorKind::bad_request, "'" + public_url(request_.url) + "': the scheme '" +
                                            scheme + "' is not supported; use http or https");
  }
  if (request_.url.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos ||
      curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str()) != CURLE_OK) {
    return fail(ErrorKind::bad_request, "'" + public_url(request_.url) + "' is not a URL");
  }
  // Cleartext HTTP/2 cannot be negotiated with the servers there are; asking costs a round trip.
  curl_easy_setopt(
      easy_, CURLOPT_HTTP_VERSION,
      static_cast<long>(scheme == "https" ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  url_ = request_.url;
  return {};
}

Result<void> CurlTransfer::set_headers() {
  if (headers_set_ && request_.headers == headers_) return {};
  headers_set_ = false;
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, nullptr);

  header_text_.clear();
  std::vector<std::size_t> starts;
  const auto add = [&](std::string_view line) {
    starts.push_back(header_text_.size());
    header_text_ += line;
    header_text_ += '\0';
  };
  bool content_type = false;
  for (const auto& [name, value] : request_.headers) {
    if (!is_sendable_header(name, value)) return std::unexpected(errors().bad_header(name));
    content_type |= ascii_lower(name) == "content-type";
    // libcurl's own notation: "Name;" sends a header without a value, "Name:" sends none.
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  add("Expect:");  // never wait for "100 Continue"
  if (!content_type) add("Content-Type:");

  header_nodes_.resize(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    header_nodes_[i].data = header_text_.data() + starts[i];
    header_nodes_[i].next = i + 1 < starts.size() ? &header_nodes_[i + 1] : nullptr;
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_nodes_.data());
  headers_ = request_.headers;
  headers_set_ = true;
  return {};
}

void CurlTransfer::set_method() {
  const bool post = request_.method == "POST";
  const bool has_body = post || !request_.body.empty();
  if (request_.method != method_) {
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, nullptr);
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
    if (request_.method == "HEAD") {
      curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    } else if (!post && (has_body || request_.method != "GET")) {
      curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    // Only POST always has a body: a handle that sent another's must be set anew.
    method_ = has_body && !post ? std::string() : request_.method;
  }
  if (has_body) {
    // Points into request_, which lives until recycle().
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
}

void CurlTransfer::set_timeouts() {
  // libcurl takes 0 for "none" and int-sized milliseconds.
  const auto bounded = [](std::chrono::milliseconds duration) {
    return std::clamp<long long>(duration.count(), 1, std::numeric_limits<int>::max());
  };
  if (request_.total_timeout != total_timeout_) {
    total_timeout_ = request_.total_timeout;
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(bounded(total_timeout_)));
  }
  if (request_.connect_timeout != connect_timeout_) {
    connect_timeout_ = request_.connect_timeout;
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(bounded(connect_timeout_)));
  }
}

void CurlTransfer::begin(SteadyTime now) {
  response_ = {};
  header_bytes_ = 0;
  headers_complete_ = false;
  refused_ = Refused::no;
  begun_at_ = now;
  last_activity_ = now;
  bytes_sent_ = 0;
  heard_ = false;
  sent_at_.reset();
  body_completed_at_.reset();
  surplus_ = 0;
  late_ = Late::no;
  message_[0] = '\0';
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  try {
    return transfer.take_header({data, size * count}) ? size * count : 0;
  } catch (const std::bad_alloc&) {
    transfer.refused_ = Refused::out_of_memory;
    return 0;
  }
}

bool CurlTransfer::take_header(std::string_view line) {
  last_activity_ = std::chrono::steady_clock::now();
  heard_ = true;
  header_bytes_ += line.size();
  if (header_bytes_ > max_header_bytes_) {
    refused_ = Refused::headers_too_large;
    return false;
  }
  if (line.starts_with("HTTP/")) {  // an interim response (1xx) is replaced by what follows it
    response_.headers.clear();
    headers_complete_ = false;
    response_.status = status_of(line);
    return true;
  }
  if (line == "\r\n" || line == "\n") {
    headers_complete_ = true;
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return true;
  std::string name = ascii_lower(trim(line.substr(0, colon)));
  const std::string_view value = trim(line.substr(colon + 1));
  if (name == "content-length") {
    std::size_t length = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (failure == std::errc::result_out_of_range ||
        (failure == std::errc() && length > request_.max_body && request_.method != "HEAD")) {
      refused_ = Refused::body_too_large;
      return false;
    }
    if (failure == std::errc()) {
      response_.body.reserve(std::min(length, kMostReserved) + kParserPadding);
    }
  }
  response_.headers.emplace_back(std::move(name), value);
  return true;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::size_t bytes = size * count;
  transfer.last_activity_ = std::chrono::steady_clock::now();
  if (transfer.body_completed_at_) {
    transfer.surplus_ += bytes;
    return transfer.surplus_ <= kMostSurplus ? bytes : 0;
  }
  std::string& body = transfer.response_.body;
  if (bytes > transfer.request_.max_body - body.size()) {
    transfer.refused_ = Refused::body_too_large;
    return 0;
  }
  try {
    body.append(data, bytes);
    const HttpRequest& request = transfer.request_;
    if (request.body_complete && transfer.response_.status / 100 == 2 &&
        request.body_complete(body)) {
      transfer.body_completed_at_ = transfer.last_activity_;
      *transfer.deadline_moved_ = true;
    }
  } catch (const std::bad_alloc&) {
    transfer.refused_ = Refused::out_of_memory;
    return 0;
  }
  return bytes;
}

Result<HttpResponse> CurlTransfer::finish(CURLcode code) {
  // How the connection ends matters no more once the body is complete by its own account.
  if (body_completed_at_) return take_response();
  if (code != CURLE_OK) return std::unexpected(error(code));
  if (!headers_complete_) return std::unexpected(errors().cut_in_headers());
  return take_response();
}

HttpResponse CurlTransfer::take_response() {
  long status = 0;
  curl_off_t total = 0;
  curl_off_t before = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_, CURLINFO_TOTAL_TIME_T, &total);
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &before);
  if (body_completed_at_) {
    total = std::chrono::duration_cast<std::chrono::microseconds>(*body_completed_at_ - begun_at_)
                .count();
  }
  response_.status = static_cast<int>(status);
  response_.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds(std::max<curl_off_t>(total - before, 0)));
  return std::move(response_);
}

Result<HttpResponse> CurlTransfer::expire() {
  if (body_completed_at_) return take_response();
  return std::unexpected(late_ == Late::first_byte
                             ? errors().no_first_byte(request_.first_byte_timeout)
                             : errors().silent(request_.idle_timeout));
}

void CurlTransfer::recycle() {
  request_ = {};
  response_ = {};
}

SteadyTime CurlTransfer::deadline(SteadyTime now) {
  if (body_completed_at_) return *body_completed_at_ + kEndGrace;
  const SteadyTime idle = idle_deadline(now);
  if (idle <= now) late_ = Late::idle;
  if (request_.first_byte_timeout.count() <= 0 || heard_) return idle;
  const SteadyTime first_byte = first_byte_deadline(now);
  if (first_byte <= now) late_ = Late::first_byte;
  return std::min(idle, first_byte);
}

// Sent bytes come through no callback.
void CurlTransfer::take_progress(SteadyTime now) {
  curl_off_t sent = 0;
  curl_off_t before = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &before);
  // A connection that is still being made has a timeout of its own.
  if (sent != bytes_sent_ || before == 0) last_activity_ = std::max(last_activity_, now);
  if (!sent_at_ && before != 0 && sent == static_cast<curl_off_t>(request_.body.size())) {
    // Most bodies go out at once, with the connection; others between this look and the last.
    sent_at_ = bytes_sent_ == 0 ? begun_at_ + std::chrono::microseconds(before) : now;
  }
  bytes_sent_ = sent;
}

SteadyTime CurlTransfer::idle_deadline(SteadyTime now) {
  if (last_activity_ + request_.idle_timeout <= now) take_progress(now);
  return last_activity_ + request_.idle_timeout;
}

// While the request is on its way, when to look whether it is out: then the clock starts at most a
// quarter of the timeout late.
SteadyTime CurlTransfer::first_byte_deadline(SteadyTime now) {
  const std::chrono::nanoseconds quarter =
      std::chrono::nanoseconds(request_.first_byte_timeout) / 4;
  if (now < begun_at_ + quarter) return begun_at_ + quarter;  // libcurl may not have begun at all
  if (!sent_at_) take_progress(now);
  return sent_at_ ? *sent_at_ + request_.first_byte_timeout : now + quarter;
}

ExchangeErrors CurlTransfer::errors() const {
  return {request_.method + " " + public_url(request_.url), host_port()};
}

std::string CurlTransfer::host_port() const {
  const Url url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0) != CURLUE_OK) return "it";
  return url_part(url.get(), CURLUPART_HOST) + ":" +
         url_part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

Error CurlTransfer::cancelled() const { return errors().cancelled(); }

std::optional<Error> CurlTransfer::proxy_error(CURLcode code, std::string_view reason) const {
  if (!proxies_) return std::nullopt;
  static constexpr const char* kCheck = "; check http_proxy and https_proxy";
  const ExchangeErrors errors = this->errors();
  const std::string said = " (" + std::string(reason) + ")";
  if (code == CURLE_COULDNT_RESOLVE_PROXY) {
    return errors.make(ErrorKind::transient, "the proxy's name cannot be resolved" + said + kCheck);
  }
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT) {
    const auto proxy = unreached_proxy(message_, errors.host_port);
    if (!proxy) return std::nullopt;
    long os_error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
    const std::string why(os_error != 0 ? std::strerror(static_cast<int>(os_error)) : reason);
    return errors.make(ErrorKind::transient,
                       "the proxy " + *proxy + " cannot be reached (" + why + ")" + kCheck);
  }
  // What it answered when it was asked for a tunnel.
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &status);
  if (status == 407) {
    return errors.make(ErrorKind::auth, std::string(kProxyWantsCredentials));
  }
  if (status < 300) return std::nullopt;
  const std::string refused = "the proxy does not let it through to " + errors.host_port +
                              ": HTTP " + std::to_string(status);
  if (status >= 500 || status == 429) return errors.make(ErrorKind::transient, refused);
  return errors.make(ErrorKind::bad_request, refused + kCheck + ", or except the host by no_proxy");
}

Error CurlTransfer::error(CURLcode code) const {
  long os_error = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
  const std::string_view detail =
      message_[0] != '\0' ? std::string_view(message_) : curl_easy_strerror(code);
  const std::string reason = one_line(redact(detail), 200);
  const std::string said = " (" + reason + ")";
  const ExchangeErrors errors = this->errors();
  const auto make = [&](ErrorKind kind, std::string_view what) { return errors.make(kind, what); };

  switch (refused_) {
    case Refused::no:
      break;
    case Refused::body_too_large:
      return errors.body_too_large(request_.max_body);
    case Refused::headers_too_large:
      return errors.headers_too_large(max_header_bytes_);
    case Refused::out_of_memory:
      return errors.out_of_memory();
  }

  if (auto of_proxy = proxy_error(code, reason)) return *std::move(of_proxy);
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return make(ErrorKind::bad_request, "not a URL" + said);
    case CURLE_UNSUPPORTED_PROTOCOL:
      return errors.not_http(reason);
    case CURLE_COULDNT_RESOLVE_HOST:
      return make(ErrorKind::transient, "the name of " + errors.host_port +
                                            " cannot be resolved; check the URL and the network");
    case CURLE_COULDNT_CONNECT:
      if (os_error == ECONNREFUSED) return errors.refused();
      if (os_error == EMFILE || os_error == ENFILE) return errors.too_many_files();
      return errors.cannot_connect(os_error != 0 ? std::strerror(static_cast<int>(os_error))
                                                 : reason);
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t before = 0;
      curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &before);
      if (before == 0) {
        Error late =
            errors.not_connected_within(std::min(request_.connect_timeout, request_.total_timeout));
        if (proxies_) late.message += ", and the proxy where http_proxy or https_proxy names one";
        return late;
      }
      return errors.timed_out(request_.total_timeout, response_.body.size());
    }
    case CURLE_PARTIAL_FILE:
      return errors.cut_in_body(response_.body.size());
    case CURLE_GOT_NOTHING:
      return errors.no_reply();
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return errors.lost(reason);
    case CURLE_BAD_CONTENT_ENCODING:
      return errors.sent(ErrorKind::transient, "the reply's compression cannot be decoded" + said);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return make(ErrorKind::bad_request,
                  "the TLS certificate of " + errors.host_port + " does not verify" + said +
                      "; for a private certificate authority set " +
                      (get_env("CURL_CA_BUNDLE") ? "CURL_CA_BUNDLE" : "SSL_CERT_FILE") +
                      " to its PEM file");
    case CURLE_SSL_CACERT_BADFILE:
      return make(ErrorKind::bad_request,
                  "the certificate authorities cannot be read" + said +
                      "; check CURL_CA_BUNDLE, SSL_CERT_FILE and the package ca-certificates");
    case CURLE_SSL_CONNECT_ERROR: {
      const bool cut = os_error == ECONNRESET || os_error == EPIPE ||
                       detail.find("SYSCALL") != std::string_view::npos ||
                       detail.find("eof") != std::string_view::npos ||
                       detail.find("reset") != std::string_view::npos;
      if (cut) {
        return make(ErrorKind::transient,
                    "connection to " + errors.host_port + " lost in the TLS handshake" + said);
      }
      return make(ErrorKind::bad_request, "no TLS connection to " + errors.host_port + said +
                                              "; does it speak https on this port?");
    }
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return make(ErrorKind::bad_request, "no TLS connection to " + errors.host_port + said);
    case CURLE_OUT_OF_MEMORY:
      return make(ErrorKind::transient, "not enough memory");
    default:
      return errors.sent(ErrorKind::transient, "no reply from " + errors.host_port + said);
  }
}

}  // namespace iie
