// Keys, and how they stay out of everything that is written.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace iie {

// A key. It does not print, compare or convert: reveal() is called where a request header is made
// and nowhere else.
class Secret {
 public:
  Secret() = default;
  // Registers the value with redact() for the life of the process.
  explicit Secret(std::string value);

  bool empty() const { return value_.empty(); }
  const std::string& reveal() const { return value_; }

 private:
  std::string value_;
};

// `text` with every registered secret (raw, JSON-escaped, percent-encoded or in base64) replaced
// by "[redacted]". Applied to error bodies, logs and whatever else came back from outside.
// Thread-safe. Secrets shorter than 6 bytes are not searched for: they would redact ordinary text.
std::string redact(std::string_view text);
// The same in place; costs next to nothing where there is none.
void redact_in_place(std::string& text);

}  // namespace iie
