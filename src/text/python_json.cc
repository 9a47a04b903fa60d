#include "text/python_json.h"

#include <array>
#include <cstddef>
#include <vector>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::size_t kMaxIntegerDigits = 4300;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool document() {
    skip_space();
    if (!value()) return false;
    skip_space();
    return at_ == text_.size();
  }

 private:
  // The containers that are open, so that no depth of nesting exhausts the stack.
  bool value() {
    std::vector<char> open;
    while (true) {
      if (take('{')) {
        skip_space();
        if (!take('}')) {
          if (!key()) return false;
          open.push_back('}');
          continue;
        }
      } else if (take('[')) {
        skip_space();
        if (!take(']')) {
          open.push_back(']');
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      // A value has ended: so may the containers around it.
      while (true) {
        if (open.empty()) return true;
        skip_space();
        if (!take(open.back())) break;
        open.pop_back();
      }
      if (!take(',')) return false;
      skip_space();
      if (open.back() == '}' && !key()) return false;
    }
  }

  bool key() {
    if (!take('"') || !string()) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    return true;
  }

  bool scalar() {
    if (take('"')) return string();
    constexpr std::array<std::string_view, 6> kNames = {"null", "true",     "false",
                                                        "NaN",  "Infinity", "-Infinity"};
    for (const std::string_view name : kNames) {
      if (text_.substr(at_).starts_with(name)) {
        at_ += name.size();
        return true;
      }
    }
    return number();
  }

  // Behind the opening quote.
  bool string() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') continue;
      if (at_ == text_.size()) return false;
      const char escape = text_[at_++];
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          if (!is_hex(peek())) return false;
        }
      } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
        return false;
      }
    }
    return false;
  }

  bool number() {
    take('-');
    const std::size_t digits = at_;
    if (!is_ascii_digit(peek())) return false;
    if (!take('0')) skip_digits();
    const std::size_t end = at_;
    bool integer = true;
    if (peek() == '.' && is_ascii_digit(peek(1))) {
      ++at_;
      skip_digits();
      integer = false;
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
      if (is_ascii_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        skip_digits();
        integer = false;
      }
    }
    return !integer || end - digits <= kMaxIntegerDigits;
  }

  static bool is_hex(char c) {
    return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
  }
  // NUL behind the end, which no grammar rule takes.
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void skip_digits() {
    while (is_ascii_digit(peek())) ++at_;
  }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_python_json(std::string_view text) { return Scanner(text).document(); }

}  // namespace iie
