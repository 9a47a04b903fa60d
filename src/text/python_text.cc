#include "text/python_text.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "base/string_util.h"
#include "text/unicode.h"

namespace iie {
namespace {

UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

class AsciiSet {
 public:
  explicit constexpr AsciiSet(std::string_view chars) {
    for (const char c : chars) has_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_title_case(char32_t c) { return u_charType(icu(c)) == U_TITLECASE_LETTER; }

// CPython's sre compares lower-case characters, and those that share an upper case count as equal
// (its table of "fixes"); that is simple case folding of the lower case, but for these.
char32_t ignore_case(char32_t c) {
  const auto lower = static_cast<char32_t>(u_tolower(icu(c)));
  switch (lower) {
    case 0x131:  // ı, as i
      return U'i';
    case 0x1FD3:
      return 0x390;
    case 0x1FE3:
      return 0x3B0;
    case 0xFB05:
      return 0xFB06;
    default:
      return static_cast<char32_t>(u_foldCase(icu(lower), U_FOLD_CASE_DEFAULT));
  }
}

}  // namespace

bool is_python_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_python_alpha(char32_t c) {
  if (c < 0x80) return is_ascii_alpha(static_cast<char>(c));
  return u_isalpha(icu(c)) != 0;
}

bool is_python_word(char32_t c) {
  if (c < 0x80) return is_ascii_alnum(static_cast<char>(c)) || c == '_';
  return u_isalpha(icu(c)) != 0 || u_getIntPropertyValue(icu(c), UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}

bool is_python_digit(char32_t c) {
  if (c < 0x80) return is_ascii_digit(static_cast<char>(c));
  const int type = u_getIntPropertyValue(icu(c), UCHAR_NUMERIC_TYPE);
  return type == U_NT_DECIMAL || type == U_NT_DIGIT;
}

bool is_decimal_digit(char32_t c) {
  if (c < 0x80) return is_ascii_digit(static_cast<char>(c));
  return u_charType(icu(c)) == U_DECIMAL_DIGIT_NUMBER;
}

int decimal_digit_value(char32_t c) { return is_decimal_digit(c) ? u_charDigitValue(icu(c)) : -1; }

bool is_python_upper(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  return u_hasBinaryProperty(icu(c), UCHAR_UPPERCASE) != 0;
}

bool is_python_lower(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z';
  return u_hasBinaryProperty(icu(c), UCHAR_LOWERCASE) != 0;
}

bool all_python_lower(std::string_view text) {
  bool cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_python_upper(c) || is_title_case(c)) return false;
    cased = cased || is_python_lower(c);
  }
  return cased;
}

bool all_python_upper(std::string_view text) {
  bool cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_python_lower(c) || is_title_case(c)) return false;
    cased = cased || is_python_upper(c);
  }
  return cased;
}

std::string python_lower(std::string_view text) {
  if (is_ascii(text)) return ascii_lower(text);
  std::string lower;
  lower.reserve(text.size() + text.size() / 8);
  icu::StringByteSink<std::string> sink(&lower);
  UErrorCode status = U_ZERO_ERROR;
  const auto size = static_cast<std::int32_t>(text.size());
  icu::CaseMap::utf8ToLower("", 0, icu::StringPiece(text.data(), size), sink, nullptr, status);
  return lower;
}

std::string python_ignore_case(std::string_view text) {
  if (is_ascii(text)) return ascii_lower(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c < 0x80) {
      out.push_back(ascii_lower(static_cast<char>(c)));
    } else {
      append_utf8(out, ignore_case(c));
    }
  }
  return out;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_python_space(next_code_point(text, at))) {
      if (begin != std::string_view::npos) words.push_back(text.substr(begin, start - begin));
      begin = std::string_view::npos;
    } else if (begin == std::string_view::npos) {
      begin = start;
    }
  }
  if (begin != std::string_view::npos) words.push_back(text.substr(begin));
  return words;
}

std::string_view python_lstrip(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size() && is_python_space(next_code_point(text, at));) {
    begin = at;
  }
  return text.substr(begin);
}

std::string_view python_strip(std::string_view text) {
  text = python_lstrip(text);
  std::size_t end = text.size();
  for (std::size_t at = end; at > 0 && is_python_space(previous_code_point(text, at));) end = at;
  return text.substr(0, end);
}

std::string_view python_lstrip(std::string_view text, std::string_view chars) {
  const std::size_t begin = text.find_first_not_of(chars);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::string_view python_rstrip(std::string_view text, std::string_view chars) {
  return text.substr(0, text.find_last_not_of(chars) + 1);
}

std::string_view python_strip(std::string_view text, std::string_view chars) {
  return python_lstrip(python_rstrip(text, chars), chars);
}

std::string without_punctuation(std::string_view text) {
  static constexpr AsciiSet kDropped(kPythonPunctuation);
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (!kDropped.has(c)) kept.push_back(c);
  }
  return kept;
}

std::size_t python_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::u32string python_characters(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) characters.push_back(next_code_point(text, at));
  return characters;
}

char32_t first_character(std::string_view text) {
  std::size_t at = 0;
  return next_code_point(text, at);
}

char32_t last_character(std::string_view text) {
  std::size_t at = text.size();
  return previous_code_point(text, at);
}

std::vector<std::string_view> decimal_runs(std::string_view text) {
  std::vector<std::string_view> runs;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_decimal_digit(next_code_point(text, at))) {
      if (begin == std::string_view::npos) begin = start;
    } else if (begin != std::string_view::npos) {
      runs.push_back(text.substr(begin, start - begin));
      begin = std::string_view::npos;
    }
  }
  if (begin != std::string_view::npos) runs.push_back(text.substr(begin));
  return runs;
}

}  // namespace iie
