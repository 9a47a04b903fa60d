#include "net/http_reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/string_util.h"

namespace iie {
namespace {

// What a Content-Length may make us reserve before a byte has arrived.
constexpr std::uint64_t kMostReserved = 1 << 20;
// simdjson reads this far past the end: with the room there, it need not copy the body.
constexpr std::size_t kParserPadding = 64;
// The size of a chunk with its extensions, which say nothing to us.
constexpr std::size_t kLongestChunkLine = 4096;

// RFC 9110, section 5.6.2.
constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    table[static_cast<std::size_t>(c)] =
        is_ascii_alnum(character) ||
        std::string_view("!#$%&'*+-.^_`|~").find(character) != std::string_view::npos;
  }
  return table;
}();

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
  });
}

// All of `text` as a number; nothing where it is none or does not fit.
std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool equals_nocase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) { return ascii_lower(c); });
}

bool lists(std::string_view value, std::string_view option) {
  return std::ranges::any_of(
      split(value, ','), [&](std::string_view part) { return equals_nocase(trim(part), option); });
}

}  // namespace

HttpReplyParser::State HttpReplyParser::refuse(Refusal refusal, const char* why) {
  stage_ = Stage::refused;
  refusal_ = refusal;
  why_ = why;
  partial_ = {};
  return State::refused;
}

HttpReplyParser::State HttpReplyParser::finish() {
  stage_ = Stage::done;
  return State::complete;
}

HttpReplyParser::State HttpReplyParser::take(std::string_view& bytes) {
  while (true) {
    switch (stage_) {
      case Stage::done:
        return State::complete;
      case Stage::refused:
        return State::refused;
      case Stage::counted:
      case Stage::chunk:
      case Stage::until_close: {
        if (bytes.empty()) return State::more;
        std::string_view piece = bytes;
        if (stage_ != Stage::until_close) {
          piece = piece.substr(
              0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
          left_ -= piece.size();
        }
        bytes.remove_prefix(piece.size());
        if (append(piece) == State::refused) return State::refused;
        if (stage_ == Stage::counted && left_ == 0) return finish();
        if (stage_ == Stage::chunk && left_ == 0) stage_ = Stage::chunk_end;
        return State::grew;
      }
      default:
        break;
    }
    // A line: taken where it stands if it is all there, which it nearly always is.
    const std::size_t end = bytes.find('\n');
    const std::size_t length = end == std::string_view::npos ? bytes.size() : end + 1;
    if (stage_ == Stage::chunk_size || stage_ == Stage::chunk_end) {
      // A stream may have very many: each is bounded, not their sum.
      if (partial_.size() + length > kLongestChunkLine) {
        return refuse(Refusal::not_http, "a chunk without a size");
      }
    } else {
      head_bytes_ += length;
      if (head_bytes_ > limits_.head) return refuse(Refusal::head_too_large);
    }
    if (end == std::string_view::npos) {
      partial_ += bytes;
      bytes = {};
      // What is no HTTP need not ever send a line break.
      static constexpr std::string_view kStart = "HTTP/1.";
      const std::string_view begin = std::string_view(partial_).substr(0, kStart.size());
      if (stage_ == Stage::status && !kStart.starts_with(begin)) {
        return refuse(Refusal::not_http, "no status line");
      }
      return State::more;
    }
    std::string_view whole = bytes.substr(0, end);
    bytes.remove_prefix(length);
    std::string joined;
    if (!partial_.empty()) {
      joined = std::exchange(partial_, {});
      joined += whole;
      whole = joined;
    }
    if (whole.ends_with('\r')) whole.remove_suffix(1);
    const State state = line(whole);
    if (state != State::more) return state;
  }
}

HttpReplyParser::State HttpReplyParser::line(std::string_view line) {
  switch (stage_) {
    case Stage::status:
      return status_line(line);
    case Stage::headers:
      return line.empty() ? head_end() : header_line(line);
    case Stage::chunk_size:
      return chunk_size_line(line);
    case Stage::chunk_end:
      if (!line.empty()) return refuse(Refusal::not_http, "a chunk that is longer than it says");
      stage_ = Stage::chunk_size;
      return State::more;
    default:  // trailers say nothing that we need
      return line.empty() ? finish() : State::more;
  }
}

HttpReplyParser::State HttpReplyParser::status_line(std::string_view line) {
  // "HTTP/1.1 200 OK", where the phrase, and even the space before it, may be missing.
  static constexpr std::size_t kBehindVersion = 8;
  const bool versioned = line.starts_with("HTTP/1.") && line.size() >= kBehindVersion + 4 &&
                         is_ascii_digit(line[kBehindVersion - 1]) && line[kBehindVersion] == ' ';
  const auto status =
      versioned ? number(line.substr(kBehindVersion + 1, 3), 10) : std::optional<std::uint64_t>();
  const std::string_view phrase = versioned ? line.substr(kBehindVersion + 4) : "";
  if (!status || *status < 100 || *status > 599 || (!phrase.empty() && phrase[0] != ' ')) {
    return refuse(Refusal::not_http, "no status line");
  }
  response_.status = static_cast<int>(*status);
  response_.headers.clear();
  keep_ = line[kBehindVersion - 1] != '0';
  closes_ = chunked_ = has_length_ = false;
  stage_ = Stage::headers;
  return State::more;
}

HttpReplyParser::State HttpReplyParser::header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return refuse(Refusal::not_http, "a header without a name");
  }
  std::string name = ascii_lower(line.substr(0, colon));
  const std::string_view value = trim(line.substr(colon + 1));
  if (value.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
    return refuse(Refusal::not_http, "a header with a stray control character");
  }
  if (name == "content-length") {
    // RFC 9112, section 6.3: a list of the same number repeated may pass for that number.
    for (const std::string_view part : split(value, ',')) {
      const std::string_view digits = trim(part);
      const bool all_digits = !digits.empty() && std::ranges::all_of(digits, is_ascii_digit);
      if (!all_digits) return refuse(Refusal::not_http, "a Content-Length that is no number");
      const auto length = number(digits, 10);
      if (!length) return refuse(Refusal::body_too_large);
      if (has_length_ && *length != length_) {
        return refuse(Refusal::not_http, "two Content-Lengths that disagree");
      }
      has_length_ = true;
      length_ = *length;
    }
  } else if (name == "transfer-encoding") {
    if (chunked_ || !equals_nocase(value, "chunked")) {
      return refuse(Refusal::not_http, "a transfer coding other than chunked");
    }
    chunked_ = true;
  } else if (name == "connection") {
    if (lists(value, "close")) closes_ = true;
    if (lists(value, "keep-alive")) keep_ = true;
  }
  response_.headers.emplace_back(std::move(name), value);
  return State::more;
}

HttpReplyParser::State HttpReplyParser::head_end() {
  const int status = response_.status;
  if (status == 101) return refuse(Refusal::not_http, "a change of protocol that nobody asked for");
  if (status < 200) {  // an interim reply: what follows replaces it
    stage_ = Stage::status;
    return State::more;
  }
  if (!has_body_ || status == 204 || status == 304) return finish();
  if (chunked_) {
    // Both are a contradiction that proxies resolve in different ways.
    if (has_length_) keep_ = false;
    stage_ = Stage::chunk_size;
    return State::more;
  }
  if (!has_length_) {
    keep_ = false;
    stage_ = Stage::until_close;
    return State::more;
  }
  if (length_ > limits_.body) return refuse(Refusal::body_too_large);
  if (length_ == 0) return finish();
  left_ = length_;
  response_.body.reserve(static_cast<std::size_t>(std::min(length_, kMostReserved)) +
                         kParserPadding);
  stage_ = Stage::counted;
  return State::more;
}

HttpReplyParser::State HttpReplyParser::chunk_size_line(std::string_view line) {
  const std::string_view digits = trim(line.substr(0, line.find(';')));
  const auto size = number(digits, 16);
  if (!size) return refuse(Refusal::not_http, "a chunk without a size");
  if (*size == 0) {
    stage_ = Stage::trailers;
    return State::more;
  }
  if (*size > limits_.body - response_.body.size()) return refuse(Refusal::body_too_large);
  left_ = *size;
  stage_ = Stage::chunk;
  return State::more;
}

HttpReplyParser::State HttpReplyParser::append(std::string_view piece) {
  if (piece.size() > limits_.body - response_.body.size()) return refuse(Refusal::body_too_large);
  response_.body += piece;
  return State::grew;
}

HttpReplyParser::State HttpReplyParser::end() {
  if (stage_ == Stage::until_close) return finish();
  if (stage_ == Stage::done) return State::complete;
  return stage_ == Stage::refused ? State::refused : State::more;
}

}  // namespace iie
