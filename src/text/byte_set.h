// A set of bytes to look for: std::string_view::find_first_of asks memchr about every character,
// which is slow where the set has more than one.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace iie {

class ByteSet {
 public:
  explicit constexpr ByteSet(std::string_view bytes) {
    for (const char c : bytes) has_[static_cast<unsigned char>(c)] = true;
  }

  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  // The first of them at or behind `from`, or npos.
  constexpr std::size_t find_in(std::string_view text, std::size_t from = 0) const {
    for (std::size_t at = from; at < text.size(); ++at) {
      if (has(text[at])) return at;
    }
    return std::string_view::npos;
  }

 private:
  std::array<bool, 256> has_{};
};

}  // namespace iie
