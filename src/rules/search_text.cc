#include "rules/search_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/string_util.h"

namespace iie {
namespace {

bool joins_words(char32_t c) { return is_letter_or_digit(c) && !is_unspaced_letter(c); }

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

char32_t code_point_before(std::string_view text, std::size_t at) {
  return at == 0 ? 0 : previous_code_point(text, at);
}
char32_t code_point_at(std::string_view text, std::size_t at) {
  return at >= text.size() ? 0 : next_code_point(text, at);
}

bool is_chinese_numeral(char32_t c) {
  static constexpr std::u32string_view kNumerals = U"〇零一二三四五六七八九十百千万亿两";
  return c >= 0x3007 && kNumerals.find(c) != std::u32string_view::npos;
}

bool all_chinese_numerals(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_chinese_numeral(next_code_point(text, at))) return false;
  }
  return !text.empty();
}

bool is_bare_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  bool digits = false;
  for (const char c : text) {
    if (!is_ascii_digit(c) && c != '.') return false;
    digits = digits || c != '.';
  }
  return digits;
}

// "1,500", LaTeX's "1{,}500" and "1\,500" become 1500. Only ASCII commas: the Chinese one
// separates items. Anything that is not groups of three ("1,2", "1,500,2") stays.
std::string join_thousands(std::string_view text) {
  static constexpr auto kSeparators = std::to_array<std::string_view>({",", "{,}", "\\,"});
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (!is_ascii_digit(text[at])) {
      std::size_t digit = at + 1;
      while (digit < text.size() && !is_ascii_digit(text[digit])) ++digit;
      out += text.substr(at, digit - at);
      at = digit;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_ascii_digit(text[end])) ++end;
    std::string number(text.substr(at, end - at));
    const bool may_group = number.size() <= 3 && number[0] != '0' &&
                           !(at > 0 && (text[at - 1] == '.' || text[at - 1] == ','));
    std::size_t next = end;
    bool groups = may_group;
    while (groups && next < text.size()) {
      const auto* const separator = std::ranges::find_if(
          kSeparators, [&](std::string_view s) { return text.substr(next).starts_with(s); });
      if (separator == kSeparators.end()) break;
      const std::size_t digits = next + separator->size();
      std::size_t stop = digits;
      while (stop < text.size() && is_ascii_digit(text[stop])) ++stop;
      if (stop == digits) break;  // a comma of the sentence
      groups = stop - digits == 3;
      number += text.substr(digits, stop - digits);
      next = stop;
    }
    if (groups) {
      out += number;
      at = next;
    } else {
      out += text.substr(at, end - at);
      at = end;
      // The rest of a list of numbers is copied as it is, so that none of it starts a group.
      while (at < text.size() && (is_ascii_digit(text[at]) || text[at] == ',')) out += text[at++];
    }
  }
  return out;
}

// Whether join_thousands could change anything: each of its separators has a comma that stands
// behind a digit, a brace or a backslash.
bool may_group_thousands(std::string_view text) {
  for (std::size_t at = text.find(','); at != std::string_view::npos; at = text.find(',', at + 1)) {
    if (at == 0) continue;
    const char before = text[at - 1];
    if (is_ascii_digit(before) || before == '{' || before == '\\') return true;
  }
  return false;
}

// Eight bytes at a time.
bool is_ascii(std::string_view text) {
  std::uint64_t seen = 0;
  std::uint64_t word = 0;
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    seen |= word;
  }
  word = 0;
  std::memcpy(&word, text.data(), text.size());
  return ((seen | word) & 0x8080808080808080) == 0;
}

// Emphasis and code marks, in either width (normalize() makes one of them).
bool has_marks(std::string_view text) {
  return text.find('*') != std::string_view::npos || text.find('`') != std::string_view::npos ||
         text.find("＊") != std::string_view::npos || text.find("｀") != std::string_view::npos;
}

// Most English text: nothing but case and white space differs in its form.
bool is_plain_ascii(std::string_view text) { return is_ascii(text) && !has_marks(text); }

constexpr std::array<char, 128> make_form_bytes(Case mode) {
  std::array<char, 128> form{};
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = static_cast<char>(i);
    form[i] = is_ascii_space(c) ? ' ' : mode == Case::fold ? ascii_lower(c) : c;
  }
  return form;
}

std::string plain_form(std::string_view text, Case mode) {
  static constexpr auto kFold = make_form_bytes(Case::fold);
  static constexpr auto kKeep = make_form_bytes(Case::keep);
  const std::array<char, 128>& form = mode == Case::fold ? kFold : kKeep;
  std::string out;
  out.resize_and_overwrite(text.size(), [&](char* const begin, std::size_t) {
    char* to = begin;
    bool behind_space = true;  // none leads
    for (const char c : text) {
      *to = form[static_cast<unsigned char>(c)];
      const bool space = *to == ' ';
      to += space && behind_space ? 0 : 1;
      behind_space = space;
    }
    if (to != begin && behind_space) --to;
    return static_cast<std::size_t>(to - begin);
  });
  return out;
}

// Whether the run of '*' from `begin` to `end` marks emphasis rather than stands for itself.
bool is_mark(std::string_view text, std::size_t begin, std::size_t end) {
  const char32_t before = code_point_before(text, begin);
  const char32_t after = code_point_at(text, end);
  const bool space_before = before == 0 || is_white_space(before);
  const bool space_after = after == 0 || is_white_space(after);
  if (space_before && space_after) return false;        // a bullet, or "a * b"
  return !(joins_words(before) && joins_words(after));  // 2*3
}

constexpr auto kScaleWords = std::to_array<std::string_view>(
    {" thousand", " million", " billion", " trillion", " hundred", "万", "亿", "千", "百"});

bool ordinal_at(std::string_view text, std::size_t at) {
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (text.substr(at).starts_with(ending)) {
      return !joins_words(code_point_at(text, at + ending.size()));
    }
  }
  return false;
}

bool begins_there(std::string_view text, std::size_t begin, std::string_view term) {
  if (begin == 0) return true;
  const char32_t first = code_point_at(term, 0);
  std::size_t at = begin;
  const char32_t before = previous_code_point(text, at);
  const char32_t second = code_point_before(text, at);
  if (is_digit(first)) {
    if (joins_words(before) || before == '^') return false;
    if ((before == '.' || before == '/') && is_digit(second)) return false;
    // A sign, not a range ("10-15") or a dash behind a word.
    if (before == '-') return joins_words(second) || is_unspaced_letter(second) || second == '-';
    return true;
  }
  // 三点半 is not in 十三点半.
  if (is_chinese_numeral(first)) return !is_chinese_numeral(before);
  if (!joins_words(first)) return true;
  if (before == '_') return !joins_words(second);
  return !joins_words(before);
}

bool ends_there(std::string_view text, std::size_t end, std::string_view term) {
  if (end >= text.size()) return true;
  const char32_t last = code_point_before(term, term.size());
  std::size_t at = end;
  const char32_t after = next_code_point(text, at);
  const char32_t second = code_point_at(text, at);
  if (is_digit(last)) {
    if (is_digit(after) || after == '^') return false;
    if (after == '.' && is_digit(second)) {  // 15.0 is 15, 15.5 is not
      if (term.find('.') != std::string_view::npos) return false;
      while (at < text.size() && text[at] == '0') ++at;
      return !is_digit(code_point_at(text, at));
    }
    if (after == '/' && is_digit(second)) return false;
    if (after == 'e' && is_digit(second)) return false;
    if (!is_bare_number(term)) return true;
    if (ordinal_at(text, end)) return false;
    return std::ranges::none_of(
        kScaleWords, [&](std::string_view word) { return text.substr(end).starts_with(word); });
  }
  if (!joins_words(last)) return true;
  if (after == '_') return !joins_words(second);
  // A version behind a name: Python3 is Python. B12 is no B.
  constexpr std::size_t kName = 4;
  if (is_digit(after) && term.size() >= kName && !is_digit(last)) {
    std::size_t digits = end;
    while (digits < text.size() && is_ascii_digit(text[digits])) ++digits;
    return !joins_words(code_point_at(text, digits));
  }
  if (after == '\'' && last == 'n' && second == 't') return false;  // "can" is not in "can't"
  return !joins_words(after);
}

// The words of English numbers, by how they combine: "twenty-five", "two hundred and ten".
constexpr auto kUnits = std::to_array<std::string_view>(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"});
constexpr auto kTeens =
    std::to_array<std::string_view>({"zero", "ten", "eleven", "twelve", "thirteen", "fourteen",
                                     "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"});
constexpr auto kTens = std::to_array<std::string_view>(
    {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"});
constexpr auto kScales =
    std::to_array<std::string_view>({"hundred", "thousand", "million", "billion", "trillion"});
constexpr auto kParts = std::to_array<std::string_view>(
    {"half", "halves", "third", "thirds", "quarter", "quarters", "fifths", "sixths", "sevenths",
     "eighths", "ninths", "tenths", "hundredths", "thousandths"});

bool is_number_word(std::string_view word) {
  return std::ranges::find(kUnits, word) != kUnits.end() ||
         std::ranges::find(kTeens, word) != kTeens.end() ||
         std::ranges::find(kTens, word) != kTens.end() ||
         std::ranges::find(kScales, word) != kScales.end();
}

// The word that ends in front of `end`, or begins at `begin`, next to it but for one space or
// hyphen; lower case.
std::string word_before(std::string_view text, std::size_t end) {
  if (end == 0 || (text[end - 1] != ' ' && text[end - 1] != '-')) return {};
  std::size_t begin = --end;
  while (begin > 0 && is_ascii_alpha(text[begin - 1])) --begin;
  return ascii_lower(text.substr(begin, end - begin));
}
std::string word_after(std::string_view text, std::size_t begin) {
  if (begin >= text.size() || (text[begin] != ' ' && text[begin] != '-')) return {};
  std::size_t end = ++begin;
  while (end < text.size() && is_ascii_alpha(text[end])) ++end;
  return ascii_lower(text.substr(begin, end - begin));
}

// The term is an English number in words, without "and" in it.
bool all_english_numerals(std::string_view term) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= term.size(); ++at) {
    if (at < term.size() && term[at] != ' ' && term[at] != '-') continue;
    if (!is_number_word(ascii_lower(term.substr(begin, at - begin)))) return false;
    begin = at + 1;
  }
  return true;
}

// five is not in twenty-five, two not in "two hundred" and "two thirds", three not in "three point
// five". Numbers that only stand side by side ("one two three") are numbers of their own.
bool is_whole_english_number(std::string_view text, TextSpan span) {
  const std::string_view term = text.substr(span.begin, span.end - span.begin);
  const std::string head = ascii_lower(term.substr(0, term.find_first_of(" -")));
  const std::size_t last_begin = term.find_last_of(" -");
  const std::string tail =
      ascii_lower(last_begin == std::string_view::npos ? term : term.substr(last_begin + 1));
  const auto is_in = [](const auto& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
  };
  const bool unit = is_in(kUnits, head);
  std::string before = word_before(text, span.begin);
  if (before == "point") return false;
  if (unit && is_in(kTens, before)) return false;
  if (is_in(kScales, head) && before != "one" && is_number_word(before)) return false;
  if (before == "and") {
    before = word_before(text, span.begin - std::string_view("and ").size());
    if (is_in(kScales, before)) return false;
  } else if (!is_in(kScales, head) && is_in(kScales, before)) {
    return false;
  }
  const std::string after = word_after(text, span.end);
  if (is_in(kScales, after) || is_in(kParts, after)) return false;
  if (is_in(kTens, tail) && is_in(kUnits, after)) return false;
  if (is_in(kScales, tail) && is_number_word(after)) return false;
  const std::size_t next = span.end + 1 + after.size();
  if (after == "point" && is_number_word(word_after(text, next))) return false;
  if (after == "and") {
    const std::string beyond = word_after(text, next);
    if (is_in(kScales, tail) && is_number_word(beyond)) return false;
    if (beyond == "a" && is_in(kParts, word_after(text, next + 2))) return false;
  }
  return true;
}

bool is_whole_chinese_number(std::string_view text, TextSpan span) {
  const auto numeral_beyond_point = [&](std::size_t at, bool forward) {
    const std::string_view point = "点";
    if (forward) {
      return text.substr(at).starts_with(point) &&
             is_chinese_numeral(code_point_at(text, at + point.size()));
    }
    return text.substr(0, at).ends_with(point) &&
           is_chinese_numeral(code_point_before(text, at - point.size()));
  };
  const char32_t before = code_point_before(text, span.begin);
  return !is_chinese_numeral(before) && before != U'负' &&
         !is_chinese_numeral(code_point_at(text, span.end)) &&
         !numeral_beyond_point(span.begin, false) && !numeral_beyond_point(span.end, true);
}

}  // namespace

std::string search_form(std::string_view text, Case mode, bool drop_markup) {
  const std::string joined = may_group_thousands(text) ? join_thousands(text) : std::string();
  const std::string_view grouped = joined.empty() ? text : joined;
  if (is_plain_ascii(grouped)) return plain_form(grouped, mode);
  const std::string normal = normalize(grouped, mode);
  const std::string_view in = normal;
  std::string out;
  out.reserve(in.size());
  bool space = false;
  char32_t last = 0;
  const auto flush_space = [&](char32_t next) {
    if (space && !out.empty() && !is_unspaced_letter(last) && !is_unspaced_letter(next)) out += ' ';
    space = false;
  };
  for (std::size_t at = 0; at < in.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(in, at);
    if (is_white_space(c)) {
      space = true;
      continue;
    }
    if (drop_markup && c == '`') continue;
    if (drop_markup && c == '*') {
      while (at < in.size() && in[at] == '*') ++at;
      if (is_mark(in, begin, at)) continue;
    }
    flush_space(c);
    out += in.substr(begin, at - begin);
    last = c;
  }
  return out;
}

Term::Term(std::string_view term, Case mode) : written_(term) {
  has_markup_ = term.find_first_of("*`") != std::string_view::npos;
  form_ = search_form(term, mode, !has_markup_);
}

SearchText::SearchText(std::string_view text, Case mode) : plain_(search_form(text, mode, true)) {
  if (has_marks(text)) {
    marked_ = search_form(text, mode, false);
  }
}

std::optional<TextSpan> SearchText::find(const Term& term, std::size_t from) const {
  if (term.empty()) return std::nullopt;
  const std::string_view text = form(term);
  const bool chinese_number = all_chinese_numerals(term.form_);
  const bool english_number = all_english_numerals(term.form_);
  for (std::size_t at = text.find(term.form_, from); at != std::string_view::npos;
       at = text.find(term.form_, at + 1)) {
    const TextSpan span{at, at + term.form_.size()};
    if (!begins_there(text, span.begin, term.form_)) continue;
    if (!ends_there(text, span.end, term.form_)) continue;
    if (chinese_number && !is_whole_chinese_number(text, span)) continue;
    if (english_number && !is_whole_english_number(text, span)) continue;
    return span;
  }
  return std::nullopt;
}

std::string SearchText::excerpt(const Term& term, TextSpan span) const {
  constexpr std::size_t kAround = 30;
  const std::string_view text = form(term);
  const auto boundary = [&](std::size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    return at;
  };
  const std::size_t begin = span.begin > kAround ? boundary(span.begin - kAround) : 0;
  const std::size_t end = boundary(std::min(text.size(), span.end + kAround));
  std::string out = one_line(text.substr(begin, end - begin), 160);
  if (begin > 0) out = "..." + out;
  if (end < text.size() && !out.ends_with("...")) out += "...";
  return out;
}

bool is_negated(std::string_view form, TextSpan span) {
  constexpr std::size_t kReach = 60;
  // The clause in front: behind the last punctuation or turn ("not the Sun but the Moon").
  std::string_view before = form.substr(0, span.begin);
  if (before.size() > kReach) before.remove_prefix(before.size() - kReach);
  if (before.ends_with("anything but ")) return true;
  // 不能, 没有, 未降: one character in front turns a word around.
  for (const std::string_view no : {"不", "没", "未", "勿"}) {
    if (before.ends_with(no)) return true;
  }
  for (const std::string_view turn : {",", ";", ":", "!", "?", "(", "。", "、", ". ", " but ",
                                      "而是", "应是", "应为", "应该是", "其实是", "->", "→"}) {
    const std::size_t at = before.rfind(turn);
    if (at != std::string_view::npos) before.remove_prefix(at + turn.size());
  }
  // The last words of it.
  const std::string_view clause = before;
  std::size_t word_start = clause.size();
  for (int spaces = 0; word_start > 0; --word_start) {
    if (clause[word_start - 1] == ' ' && ++spaces > 5) break;
  }
  const std::string near = " " + std::string(clause.substr(word_start)) + " ";
  for (const std::string_view no :
       {" not ", "n't ", " never ", " no ", " neither ", " nor ", " cannot ", " rather than ",
        " instead of ", " other than ", " except ", " without "}) {
    if (near.find(no) != std::string::npos) return true;
  }
  for (const std::string_view no :
       {"不是", "并非", "不为", "不等于", "不选", "而非", "绝非", "不应", "不可能", "没有", "别选",
        "不叫", "不属于", "不存在", "以为"}) {
    const std::size_t at = clause.rfind(no);
    if (at != std::string_view::npos && clause.size() - at <= 30) return true;
  }
  // What is said of it next.
  std::string_view after = form.substr(span.end, kReach);
  while (!after.empty() &&
         (after.front() == '"' || after.front() == '\'' || after.front() == ' ')) {
    after.remove_prefix(1);
  }
  for (const std::string_view no :
       {"is not",         "isn't",    "is wrong", "is incorrect", "is false",
        "would be wrong", "was not",  "wasn't",   "are not",      "aren't",
        "cannot be",      "can't be", "并不",     "不是",         "不对",
        "不正确",         "是错",     "是不对",   "是不正确",     "并非"}) {
    if (after.starts_with(no)) return true;
  }
  return false;
}

}  // namespace iie
