#include "net/plain_exchange.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/string_util.h"
#include "base/version.h"

namespace iie {
namespace {

std::string system_message(int code) { return std::generic_category().message(code); }

}  // namespace

Result<void> PlainExchange::prepare(HttpRequest&& request, const PlainUrl& url) {
  request_ = std::move(request);
  url_ = &url;
  const bool method_ok = !request_.method.empty() &&
                         std::ranges::all_of(request_.method, [](char c) { return c > ' '; });
  if (!method_ok) {
    return fail(ErrorKind::bad_request, "'" + one_line(request_.method, 40) + "' is no method");
  }
  head_.clear();
  head_ += request_.method;
  head_ += ' ';
  head_ += url.target;
  head_ += " HTTP/1.1\r\nHost: ";
  head_ += url.host;
  head_ += "\r\nUser-Agent: inverse-ifeval/";
  head_ += tool_version();
  head_ += "\r\n";
  for (const auto& [name, value] : request_.headers) {
    if (!is_sendable_header(name, value)) return std::unexpected(errors().bad_header(name));
    head_ += name;
    head_ += ": ";
    head_ += value;
    head_ += "\r\n";
  }
  if (!request_.body.empty() || request_.method == "POST") {
    head_ += "Content-Length: ";
    head_ += std::to_string(request_.body.size());
    head_ += "\r\n";
  }
  head_ += "\r\n";
  if (request_.total_timeout.count() <= 0) return std::unexpected(errors().no_time());
  return {};
}

void PlainExchange::begin(SteadyTime now, std::size_t max_header_bytes) {
  max_header_bytes_ = max_header_bytes;
  sent_ = 0;
  reply_ = HttpReplyParser({.head = max_header_bytes, .body = request_.max_body},
                           request_.method != "HEAD");
  connected_ = false;
  kept_ = false;
  second_try_ = false;
  heard_ = false;
  surplus_ = false;
  begun_at_ = now;
  last_activity_ = now;
  sent_at_.reset();
  body_completed_at_.reset();
}

void PlainExchange::recycle() {
  request_ = {};
  url_ = nullptr;
  reply_ = HttpReplyParser();
}

void PlainExchange::connected(SteadyTime now, bool kept) {
  connected_ = true;
  kept_ = kept;
  connected_at_ = now;
  last_activity_ = now;
}

std::array<std::string_view, 2> PlainExchange::unsent() const {
  const std::size_t of_head = std::min(sent_, head_.size());
  return {std::string_view(head_).substr(of_head),
          std::string_view(request_.body).substr(sent_ - of_head)};
}

void PlainExchange::sent(std::size_t bytes, SteadyTime now) {
  sent_ += bytes;
  last_activity_ = now;
  if (all_sent()) sent_at_ = now;
}

std::optional<Result<HttpResponse>> PlainExchange::take(std::string_view bytes, SteadyTime now) {
  heard_ = true;
  last_activity_ = now;
  try {
    return read(bytes);
  } catch (const std::bad_alloc&) {
    return std::unexpected(errors().out_of_memory());
  }
}

std::optional<Result<HttpResponse>> PlainExchange::read(std::string_view bytes) {
  using State = HttpReplyParser::State;
  while (true) {
    const State state = reply_.take(bytes);
    const HttpResponse& response = reply_.response();
    if (state == State::more) return std::nullopt;
    if (state == State::complete) {
      // Bytes behind it answer nothing; the connection cannot be trusted with another exchange.
      surplus_ = !bytes.empty();
      return take_response();
    }
    if (body_completed_at_) {
      const std::size_t surplus = response.body.size() - completed_size_;
      if (state == State::grew && surplus <= kMostSurplus) continue;
      return take_response();
    }
    if (state == State::refused) return std::unexpected(refusal());
    if (request_.body_complete && response.status / 100 == 2 &&
        request_.body_complete(response.body)) {
      body_completed_at_ = last_activity_;
      completed_size_ = response.body.size();
    }
  }
}

std::optional<Result<HttpResponse>> PlainExchange::end(int code) {
  if (body_completed_at_ || (code == 0 && reply_.end() == HttpReplyParser::State::complete)) {
    return take_response();
  }
  if (kept_ && !heard_ && !second_try_) {
    second_try_ = true;
    connected_ = false;
    kept_ = false;
    sent_ = 0;
    sent_at_.reset();
    return std::nullopt;
  }
  const ExchangeErrors errors = this->errors();
  return std::unexpected(code != 0 ? errors.lost(system_message(code))
                         : !heard_ ? errors.no_reply()
                         : !reply_.head_complete()
                             ? errors.cut_in_headers()
                             : errors.cut_in_body(reply_.response().body.size()));
}

SteadyTime PlainExchange::deadline() const {
  if (body_completed_at_) return *body_completed_at_ + kEndGrace;
  SteadyTime nearest = begun_at_ + request_.total_timeout;
  if (!connected_) return std::min(nearest, begun_at_ + request_.connect_timeout);
  nearest = std::min(nearest, last_activity_ + request_.idle_timeout);
  if (request_.first_byte_timeout.count() > 0 && sent_at_ && !heard_) {
    nearest = std::min(nearest, *sent_at_ + request_.first_byte_timeout);
  }
  return nearest;
}

Result<HttpResponse> PlainExchange::expire(SteadyTime now) {
  if (body_completed_at_) return take_response();
  const ExchangeErrors errors = this->errors();
  if (!connected_) {
    return std::unexpected(
        errors.not_connected_within(std::min(request_.connect_timeout, request_.total_timeout)));
  }
  if (begun_at_ + request_.total_timeout <= now) {
    return std::unexpected(errors.timed_out(request_.total_timeout, reply_.response().body.size()));
  }
  if (last_activity_ + request_.idle_timeout <= now) {
    return std::unexpected(errors.silent(request_.idle_timeout));
  }
  return std::unexpected(errors.no_first_byte(request_.first_byte_timeout));
}

Result<HttpResponse> PlainExchange::take_response() {
  HttpResponse response = std::move(reply_.response());
  if (const auto encoding = response.header("content-encoding");
      encoding && !encoding->empty() && ascii_lower(*encoding) != "identity") {
    return std::unexpected(errors().sent(
        ErrorKind::bad_request, "the reply is encoded (" + one_line(*encoding, 40) +
                                    "), which was not asked for; ask the server behind it"));
  }
  SteadyTime end = last_activity_;
  if (body_completed_at_) {
    response.body.resize(completed_size_);
    end = *body_completed_at_;
  }
  response.latency = std::chrono::duration_cast<std::chrono::milliseconds>(end - connected_at_);
  return response;
}

Error PlainExchange::refusal() const {
  switch (reply_.refusal()) {
    case HttpReplyParser::Refusal::body_too_large:
      return errors().body_too_large(request_.max_body);
    case HttpReplyParser::Refusal::head_too_large:
      return errors().headers_too_large(max_header_bytes_);
    default:
      return errors().not_http(reply_.why());
  }
}

Error PlainExchange::not_connected(int code) const {
  if (code == ECONNREFUSED) return errors().refused();
  if (code == EMFILE || code == ENFILE) return errors().too_many_files();
  return errors().cannot_connect(system_message(code));
}

ExchangeErrors PlainExchange::errors() const {
  return {request_.method + " " + public_url(request_.url), url_->host_port};
}

}  // namespace iie
