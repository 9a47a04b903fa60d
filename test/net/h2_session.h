// An HTTP/2 server's side of a connection over TLS, as a script of frames (RFC 9113): enough for a
// client's requests, and for GOAWAY at any moment. For TlsServer's `session`.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace iie::test {

class H2Session {
 public:
  explicit H2Session(SSL* ssl) : ssl_(ssl) {}

  // The next request that has come completely: its stream's number, or 0 at the connection's end.
  std::uint32_t next_request() {
    if (!greeted_) {
      greeted_ = true;
      if (read(24) != "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") return 0;
      send(kSettings, 0, 0, "");
    }
    while (true) {
      const std::string head = read(9);
      if (head.size() < 9) return 0;
      const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(head[at]); };
      const std::size_t length = (byte(0) << 16) | (byte(1) << 8) | byte(2);
      const unsigned type = byte(3);
      const unsigned flags = byte(4);
      const std::uint32_t stream = (std::uint32_t{byte(5)} << 24 | std::uint32_t{byte(6)} << 16 |
                                    std::uint32_t{byte(7)} << 8 | byte(8)) &
                                   0x7FFFFFFF;
      const std::string payload = read(length);
      if (payload.size() < length) return 0;
      if (type == kSettings && (flags & kAck) == 0) send(kSettings, kAck, 0, "");
      if (type == kPing && (flags & kAck) == 0) send(kPing, kAck, 0, payload);
      const bool ends = (flags & kEndStream) != 0;
      if ((type == kHeaders || type == kData) && ends) return stream;
    }
  }

  void answer(std::uint32_t stream, std::string_view body) {
    send(kHeaders, kEndHeaders, stream, "\x88");  // ":status: 200" of HPACK's static table
    send(kData, kEndStream, stream, body);
  }
  // `last`: the last stream that was or will be answered.
  void go_away(std::uint32_t last, std::uint32_t error) {
    send(kGoAway, 0, 0, number(last) + number(error));
  }

 private:
  static constexpr unsigned kData = 0, kHeaders = 1, kSettings = 4, kPing = 6, kGoAway = 7;
  static constexpr unsigned kEndStream = 1, kAck = 1, kEndHeaders = 4;

  static std::string number(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
            static_cast<char>(value >> 8), static_cast<char>(value)};
  }

  std::string read(std::size_t length) {
    std::string out(length, '\0');
    std::size_t got = 0;
    while (got < length) {
      const int bytes = SSL_read(ssl_, out.data() + got, static_cast<int>(length - got));
      if (bytes <= 0) return out.substr(0, got);
      got += static_cast<std::size_t>(bytes);
    }
    return out;
  }

  void send(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
    std::string frame = number(static_cast<std::uint32_t>(payload.size())).substr(1);
    frame += static_cast<char>(type);
    frame += static_cast<char>(flags);
    frame += number(stream);
    frame += payload;
    SSL_write(ssl_, frame.data(), static_cast<int>(frame.size()));
  }

  SSL* ssl_;
  bool greeted_ = false;
};

}  // namespace iie::test
