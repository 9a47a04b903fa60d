#include "provider/sse.h"

#include <array>
#include <memory>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<std::string_view, 5> kLineStarts = {"data:", "event:", "id:", "retry:", ":"};

}  // namespace

void SseParser::feed(std::string_view bytes, const Sink& sink) {
  while (!stopped_ && !bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    if (end == std::string_view::npos) {
      partial_ += bytes;
      return;
    }
    after_cr_ = bytes[end] == '\r';
    if (partial_.empty()) {
      take_line(bytes.substr(0, end), sink);
    } else {
      partial_ += bytes.substr(0, end);
      take_line(partial_, sink);
      partial_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void SseParser::finish(const Sink& sink) {
  if (stopped_) return;
  if (!partial_.empty()) take_line(partial_, sink);
  partial_.clear();
  dispatch(sink);
}

void SseParser::take_line(std::string_view line, const Sink& sink) {
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) return dispatch(sink);
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.type = value;
  }
}

void SseParser::dispatch(const Sink& sink) {
  if (has_data_ && !stopped_ && !sink(event_)) stopped_ = true;
  has_data_ = false;
  event_.type.clear();
  event_.data.clear();
}

bool looks_like_events(std::string_view body, std::string_view content_type) {
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  body = body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  if (body.empty()) return starts_with_nocase(content_type, "text/event-stream");
  for (const std::string_view start : kLineStarts) {
    if (body.starts_with(start)) return true;
  }
  return false;
}

std::function<bool(std::string_view)> until_event(bool (*is_last)(const SseEvent&)) {
  // std::function copies its target; the state of one exchange is one.
  struct State {
    SseParser parser;
    std::size_t seen = 0;
    bool found = false;
  };
  return [is_last, state = std::make_shared<State>()](std::string_view body) {
    if (state->found || body.size() <= state->seen) return state->found;
    state->parser.feed(body.substr(state->seen), [&](const SseEvent& event) {
      state->found = is_last(event);
      return !state->found;
    });
    state->seen = body.size();
    return state->found;
  };
}

}  // namespace iie
