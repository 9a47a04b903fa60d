// An endpoint's JSON, read leniently: a field of another type than expected is absent, because
// servers differ in what they send where they have nothing to say. On simdjson, whose header costs
// every includer seconds and stays in the .cc file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

// A value in the document of a WireParser: as long-lived as that document, cheap to copy.
class WireValue {
 public:
  bool is_object() const;
  std::optional<std::string_view> text() const;
  // Members of an object. Absent and null are alike, as are members of what is no object.
  std::optional<WireValue> member(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  // Whole, not negative, and at most a million millions.
  std::optional<std::int64_t> count(std::string_view key) const;
  bool flag(std::string_view key) const;  // true, and nothing else
  std::optional<std::vector<WireValue>> list(std::string_view key) const;
  // A string's text, any other value as JSON, nothing for an absent one.
  std::string scalar(std::string_view key) const;

 private:
  friend class WireParser;
  friend struct WireAccess;
  // What simdjson's element is made of (see wire_json.cc).
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};

// Keeps its memory for the next document, up to a bound. One thread's.
class WireParser {
 public:
  WireParser();
  ~WireParser();

  // The document of `json`, until the next parse; the error says what is wrong with it. Bytes that
  // are not UTF-8 and escapes that are no Unicode (half of a surrogate pair: some servers cut a
  // character in two) are replaced by U+FFFD, and mended() says so.
  std::expected<WireValue, std::string_view> parse(const std::string& json);
  bool mended() const { return was_mended_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string mended_;  // the corrected copy, where one was needed
  bool was_mended_ = false;
};

}  // namespace iie
