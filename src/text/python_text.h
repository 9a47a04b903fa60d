// Python's str methods and the classes of its re module on UTF-8, where reference checkers rest on
// them: they differ from ICU's and C's in which characters are white space, digits and word
// characters.
//
// All functions take valid UTF-8 and are linear in its length (strip: in what is stripped).
// Characters are code points. Unicode's version is ICU's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

// string.punctuation: the 32 ASCII characters that are neither letters nor digits.
inline constexpr std::string_view kPythonPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
// What reference checkers strip from words: string.punctuation + ' '.
inline constexpr std::string_view kPythonPunctuationAndSpace =
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ";

bool is_python_space(char32_t c);     // str.isspace, \s: with U+001C..1F, without U+200B
bool is_python_word(char32_t c);      // \w: letters, numbers of any kind, '_'; no combining marks
bool is_python_digit(char32_t c);     // str.isdigit: decimal digits and superscripts ("²"), not "½"
bool is_decimal_digit(char32_t c);    // \d
int decimal_digit_value(char32_t c);  // int() of one \d; -1 of another character
bool is_python_upper(char32_t c);     // str.isupper of one character
bool is_python_lower(char32_t c);     // str.islower of one character
bool is_python_alpha(char32_t c);     // str.isalpha of one character

// str.islower, str.isupper: at least one cased character and none of the other case.
bool all_python_lower(std::string_view text);
bool all_python_upper(std::string_view text);

// str.lower: full mapping ("İ" becomes two characters, a final sigma becomes ς).
std::string python_lower(std::string_view text);

// Each character as re.IGNORECASE compares it: two texts that are equal in this form match.
std::string python_ignore_case(std::string_view text);

// str.split(): the stretches between white space; none of them is empty.
std::vector<std::string_view> python_split(std::string_view text);
// str.strip(), str.lstrip(): without white space.
std::string_view python_strip(std::string_view text);
std::string_view python_lstrip(std::string_view text);
// str.strip(chars), str.lstrip(chars), str.rstrip(chars) for ASCII `chars`.
std::string_view python_strip(std::string_view text, std::string_view chars);
std::string_view python_lstrip(std::string_view text, std::string_view chars);
std::string_view python_rstrip(std::string_view text, std::string_view chars);
// str.translate without string.punctuation.
std::string without_punctuation(std::string_view text);

std::size_t python_length(std::string_view text);  // len(): code points
std::u32string python_characters(std::string_view text);
char32_t first_character(std::string_view text);  // `text` must not be empty
char32_t last_character(std::string_view text);   // `text` must not be empty

// re.findall(r"\d+"): views into `text`.
std::vector<std::string_view> decimal_runs(std::string_view text);

}  // namespace iie
