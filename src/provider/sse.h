// Server-sent events (WHATWG HTML, 9.2.6), as every dialect streams.
//
// Incremental: bytes come in pieces of any size, cut anywhere. Lines end in CR LF, LF or CR; a byte
// order mark at the start is skipped; comments, "retry" and unknown fields are ignored; an event
// without data is none. Hostile input costs its own size in memory and linear time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace iie {

struct SseEvent {
  std::string type;  // of "event:"; empty where there was none ("message", by the standard)
  std::string data;  // of "data:", lines joined by a line feed
};

class SseParser {
 public:
  // Takes one event; false stops: what follows is not looked at any more, in this feed or later.
  using Sink = std::function<bool(const SseEvent&)>;

  void feed(std::string_view bytes, const Sink& sink);
  // No more bytes will come. By the standard an event that no empty line ended is dropped; here it
  // counts, because some servers leave the last line break out. One that was cut in two is the
  // caller's to notice: its data is then no JSON.
  void finish(const Sink& sink);

  bool stopped() const { return stopped_; }

 private:
  void take_line(std::string_view line, const Sink& sink);
  void dispatch(const Sink& sink);

  std::string partial_;    // a line whose end has not come
  bool after_cr_ = false;  // a line feed that comes next belongs to the line before
  bool at_start_ = true;   // a byte order mark may come
  bool has_data_ = false;
  bool stopped_ = false;
  SseEvent event_;
};

// Whether a body is a stream of events. The body decides, whatever the content type says: JSON
// never starts with a field's name or a colon. An empty one is a stream where `content_type` says
// so.
bool looks_like_events(std::string_view body, std::string_view content_type);

// For HttpRequest::body_complete: true once an event that `is_last` has arrived.
std::function<bool(std::string_view)> until_event(bool (*is_last)(const SseEvent&));

}  // namespace iie
