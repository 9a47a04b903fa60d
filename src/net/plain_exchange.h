// One exchange in cleartext HTTP/1.1 as a value of its own: what is to be sent, what the bytes that
// come back make of it, when it is due and what its expiry means. Private to this room.
//
// Knows no sockets and no clock: whoever owns it moves the bytes and says what time it is. It is
// kept and used again, for its memory's sake:
//
//   prepare, begin, { connected, { unsent, sent }, { take } }, recycle
//
// where the braces repeat: once more for a second try. The first result that take(), end() or
// expire() gives is the exchange's end; nothing may be asked afterwards but keeps_connection().
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/exchange_errors.h"
#include "net/http_reply.h"
#include "net/plain_url.h"
#include "net/transport.h"

namespace iie {

class PlainExchange {
 public:
  // A body that says itself that it is complete usually ends with the same packet. Waiting a moment
  // for that keeps the connection; one that stays open is closed. Few bytes may come meanwhile.
  static constexpr std::chrono::milliseconds kEndGrace{50};
  static constexpr std::size_t kMostSurplus = 16u << 10;

  // Takes the request and writes its head. `url` is the request's, parsed, and stays where it is
  // until recycle(). bad_request for a method or header that cannot be sent, transient where no
  // time is left to send it; the exchange can then only be recycled.
  Result<void> prepare(HttpRequest&& request, const PlainUrl& url);
  // Total and connect timeouts count from here; nothing is sent or heard yet.
  void begin(SteadyTime now, std::size_t max_header_bytes);
  // Frees what the request and its reply held.
  void recycle();

  // The connection that it goes over is open; `kept`: since an earlier exchange. The latency counts
  // from here.
  void connected(SteadyTime now, bool kept);
  // The rest of the request: of its head, then of its body. Both are empty once all is sent.
  std::array<std::string_view, 2> unsent() const;
  bool all_sent() const { return sent_ == head_.size() + request_.body.size(); }
  // That many bytes of unsent() were.
  void sent(std::size_t bytes, SteadyTime now);

  // Bytes of the connection, at least one. The response or what is wrong with it; nothing: it wants
  // more.
  std::optional<Result<HttpResponse>> take(std::string_view bytes, SteadyTime now);
  // The connection ended: errno of what broke it, or 0 where the server closed it. The response
  // where that ends or does not matter to it, else the error. Nothing: a kept connection was lost
  // before a byte of the reply came, for the first time. Its server had closed it, as it may at any
  // time (RFC 9112, section 9.3.1), so everything is to be sent once more, on a new connection;
  // until that is connected(), the exchange is connecting again, by the same deadline.
  std::optional<Result<HttpResponse>> end(int code);

  // When it is due as things stand: the nearest of the deadlines that count now.
  SteadyTime deadline() const;
  // Once that has passed: the error that names the deadline, or the response whose body was
  // complete by its own account.
  Result<HttpResponse> expire(SteadyTime now);

  // Whether the body said that it is complete, and only its end is waited for. The deadline is then
  // nearer than it was.
  bool is_ending() const { return body_completed_at_.has_value(); }
  // Whether the connection that brought the response may carry another exchange.
  bool keeps_connection() const { return !surplus_ && reply_.keeps_connection() && all_sent(); }

  Error cancelled() const { return errors().cancelled(); }
  // No connection could be opened, for the reason that errno gave.
  Error not_connected(int code) const;

 private:
  std::optional<Result<HttpResponse>> read(std::string_view bytes);
  Error refusal() const;
  Result<HttpResponse> take_response();
  ExchangeErrors errors() const;

  HttpRequest request_;
  const PlainUrl* url_ = nullptr;
  std::size_t max_header_bytes_ = 0;
  std::string head_;  // the request's
  std::size_t sent_ = 0;
  HttpReplyParser reply_;
  bool connected_ = false;
  bool kept_ = false;  // the connection
  bool second_try_ = false;
  bool heard_ = false;    // a byte of the reply
  bool surplus_ = false;  // bytes came behind the reply
  SteadyTime begun_at_{};
  SteadyTime connected_at_{};
  SteadyTime last_activity_{};
  std::optional<SteadyTime> sent_at_;            // the last byte of the request
  std::optional<SteadyTime> body_completed_at_;  // by its own account
  std::size_t completed_size_ = 0;
};

}  // namespace iie
