// Writes a JSON object straight into a string, field by field, without a document in between: what
// is written a million times, and hashed, is written with this.
//
//   JsonWriter out;
//   out.begin_object();
//   out.field("id", sample.id);
//   out.key("rubric"); out.begin_array(); ... out.end_array();
//   out.end_object();
//   return out.take();
//
// Compact, in the bytes that to_json() gives for the same document. Whoever writes keeps keys apart
// and containers balanced; nothing is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace iie {

class JsonWriter {
 public:
  // `size` is what to expect, so that the text need not grow in steps.
  explicit JsonWriter(std::size_t size = 0) { out_.reserve(size); }

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // The name of the value that is written next; a plain word that needs no escape.
  void key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    first_ = true;
  }

  void string(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }
  void number(std::int64_t value) {
    separate();
    out_ += std::to_string(value);
  }
  void number(std::uint64_t value) {
    separate();
    out_ += std::to_string(value);
  }
  void boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
  }
  // `json` is a value in JSON already.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }

  void field(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }
  void field_if_any(std::string_view name, std::string_view text) {
    if (!text.empty()) field(name, text);
  }

  std::string take() { return std::exchange(out_, {}); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }

  std::string out_;
  bool first_ = true;  // no comma goes before the next value
};

}  // namespace iie
