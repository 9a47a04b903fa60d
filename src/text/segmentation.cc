#include "text/segmentation.h"

#include <unicode/brkiter.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/string_util.h"

namespace iie {
namespace {

// ICU hands each run of Chinese or Thai to a dictionary engine whole; bounded pieces bound its
// memory and time whatever the text.
constexpr std::size_t kWordPiece = 64 * 1024;

// Where a piece that starts at `begin` ends: behind white space if there is any in its second
// half, else at a code point.
std::size_t piece_end(std::string_view text, std::size_t begin) {
  if (text.size() - begin <= kWordPiece) return text.size();
  for (std::size_t at = begin + kWordPiece; at > begin + kWordPiece / 2; --at) {
    if (is_ascii_space(text[at - 1])) return at;
  }
  std::size_t at = begin + kWordPiece;
  while (at > begin + kWordPiece - 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// One line of a text, blank or not.
struct Line {
  TextSpan span;
  bool blank = true;
};

bool next_line(std::string_view text, std::size_t& at, Line& line) {
  if (at >= text.size()) return false;
  std::size_t end = text.find_first_of("\r\n", at);
  if (end == std::string_view::npos) end = text.size();
  line.span = {at, end};
  line.blank = true;
  for (std::size_t i = at; i < end && line.blank;) {
    line.blank = is_white_space(next_code_point(text, i));
  }
  at = end;
  if (at < text.size() && text[at] == '\r') ++at;
  if (at < text.size() && text[at] == '\n' && (at == end || text[at - 1] == '\r')) ++at;
  return true;
}

// ---- sentences ----

// Abbreviations that a name, number or further word follows.
constexpr auto kNeverFinal = std::to_array<std::string_view>(
    {"mr",  "mrs", "ms",  "dr",     "prof", "st",   "mt",     "gen", "col",  "sgt", "capt", "lt",
     "rev", "hon", "sen", "rep",    "gov",  "pres", "messrs", "mme", "vs",   "cf",  "viz",  "e.g",
     "i.e", "eg",  "ie",  "approx", "ca",   "resp", "incl",   "esp", "dept", "univ"});
// Abbreviations only in front of a number ("no. 5" but "he said no.").
constexpr auto kBeforeNumber = std::to_array<std::string_view>(
    {"no", "nos", "fig", "figs", "vol", "vols", "p",   "pp",  "sec", "ch",
     "eq", "eqs", "ed",  "art",  "par", "para", "ref", "tab", "app", "op"});
// Abbreviations that may end a sentence: they do when a sentence's first word follows.
constexpr auto kMaybeFinal =
    std::to_array<std::string_view>({"etc", "inc", "ltd", "co", "corp", "jr", "sr", "a.m", "p.m",
                                     "ph.d", "b.a", "m.sc", "est", "a.k.a"});
constexpr auto kStarters = std::to_array<std::string_view>(
    {"the", "it",  "he",  "she", "they", "this",  "that", "these", "in",   "however", "but",
     "and", "we",  "i",   "a",   "an",   "so",    "then", "when",  "if",   "there",   "at",
     "on",  "for", "its", "his", "her",  "their", "my",   "our",   "what", "as"});

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_terminator(char32_t c) {
  switch (c) {
    case '.':
    case '!':
    case '?':
    case 0x3002:  // 。
    case 0xFF01:  // ！
    case 0xFF1F:  // ？
    case 0xFF0E:  // ．
    case 0xFF61:  // ｡
    case 0x2026:  // …
    case 0x22EF:  // ⋯
      return true;
    default:
      return false;
  }
}

bool is_closer(char32_t c) {
  switch (c) {
    case '"':
    case '\'':
    case ')':
    case ']':
    case '*':
    case '_':
    case '~':
    case 0x201D:  // ”
    case 0x2019:  // ’
    case 0xFF09:  // ）
    case 0x3011:  // 】
    case 0x300D:  // 」
    case 0x300F:  // 』
    case 0x300B:  // 》
    case 0xBB:    // »
      return true;
    default:
      return false;
  }
}

bool is_quote(char32_t c) {
  return c == '"' || c == '\'' || c == 0x201D || c == 0x2019 || c == 0x300D || c == 0x300F;
}

// What stands behind a terminator and its closers.
struct Following {
  char32_t immediate = 0;  // 0 at the end of the block
  char32_t first = 0;      // the first that is not white space; 0 where there is none
  std::string_view word;   // the letters there (ASCII only), for the list of first words
};

// Behind quoted speech, a few characters that name its speaker, up to the next mark:
// “你去吗？”他问。
bool names_speaker(std::string_view rest) {
  constexpr int kReach = 6;
  static constexpr std::u32string_view kSpeech = U"说问道喊叫嚷";
  char32_t last = 0;
  int seen = 0;
  for (std::size_t at = 0; at < rest.size(); ++seen) {
    const char32_t c = next_code_point(rest, at);
    if (!is_unspaced_letter(c)) {
      return seen > 1 && (c == 0x3002 || c == 0xFF0C || c == 0xFF1A) &&
             kSpeech.find(last) != std::u32string_view::npos;
    }
    if (seen == kReach) return false;
    last = c;
  }
  return false;
}

Following following(std::string_view block, std::size_t at) {
  Following out;
  std::size_t i = at;
  if (i < block.size()) {
    std::size_t peek = i;
    out.immediate = next_code_point(block, peek);
  }
  while (i < block.size()) {
    const std::size_t start = i;
    const char32_t c = next_code_point(block, i);
    if (is_white_space(c) || c == '*' || c == '_' || c == '"' || c == '(' || c == 0x201C) continue;
    out.first = c;
    std::size_t end = start;
    while (end < block.size() && end - start < 16 && is_ascii_alpha(block[end])) ++end;
    out.word = block.substr(start, end - start);
    break;
  }
  return out;
}

// The word that a period at `dot` ends: letters, digits and inner periods, at most 16 bytes (longer
// is no abbreviation). `begin` is where it starts.
std::string_view token_before(std::string_view block, std::size_t dot, std::size_t& begin) {
  begin = dot;
  while (begin > 0 && dot - begin < 16 &&
         (is_ascii_alnum(block[begin - 1]) || block[begin - 1] == '.')) {
    --begin;
  }
  return block.substr(begin, dot - begin);
}

// Whether the word in front of `begin` starts with a capital letter; true at the block's start.
bool follows_capitalized(std::string_view block, std::size_t begin) {
  std::size_t at = begin;
  while (at > 0 && block[at - 1] == ' ') --at;
  if (at == 0) return true;
  if (block[at - 1] == '.') return true;  // another initial: "J. K."
  std::size_t word = at;
  while (word > 0 && at - word < 64 && is_ascii_alnum(block[word - 1])) --word;
  return word < at && block[word] >= 'A' && block[word] <= 'Z';
}

bool period_ends_sentence(std::string_view block, std::size_t dot, const Following& next) {
  if (next.immediate != 0 && !is_white_space(next.immediate) &&
      !is_unspaced_letter(next.immediate)) {
    return false;  // 3.14, file.txt, example.com, e.g.,
  }
  std::size_t begin = 0;
  const std::string_view token = token_before(block, dot, begin);
  if (token.empty()) return true;
  const std::string lower = ascii_lower(token);
  if (begin == 0 && std::ranges::all_of(token, is_ascii_digit)) return false;  // "1. First"
  if (contains(kNeverFinal, lower)) return false;
  const bool before_number = next.first < 0x80 && is_ascii_digit(static_cast<char>(next.first));
  if (contains(kBeforeNumber, lower) && before_number) return false;
  // circa, born and died: "(c. 375 B.C.)"
  if ((token == "c" || token == "b" || token == "d") && before_number) return false;
  const bool starter = contains(kStarters, ascii_lower(next.word)) && !next.word.empty() &&
                       is_upper_case(static_cast<unsigned char>(next.word.front()));
  if (contains(kMaybeFinal, lower)) return is_upper_case(next.first) || is_han(next.first);
  if (token.size() == 1 && is_upper_case(static_cast<unsigned char>(token[0])) && token != "I") {
    return !follows_capitalized(block, begin) || starter;  // "George W. Bush", "A. 25 grams"
  }
  // U.S. and its like: single letters between periods.
  bool dotted = token.size() >= 3;
  for (std::size_t i = 0; i < token.size() && dotted; ++i) {
    dotted = i % 2 == 0 ? is_ascii_alpha(token[i]) : token[i] == '.';
  }
  return !dotted || starter || is_han(next.first);
}

void add_sentence(std::string_view text, TextSpan span, std::vector<TextSpan>& out) {
  while (span.begin < span.end) {
    std::size_t at = span.begin;
    if (!is_white_space(next_code_point(text, at)) || at > span.end) break;
    span.begin = at;
  }
  while (span.end > span.begin) {
    std::size_t at = span.end;
    if (!is_white_space(previous_code_point(text, at)) || at < span.begin) break;
    span.end = at;
  }
  for (std::size_t at = span.begin; at < span.end;) {
    if (is_letter_or_digit(next_code_point(text, at))) {
      out.push_back(span);
      return;
    }
  }
}

void split_block(std::string_view text, TextSpan block_span, std::vector<TextSpan>& out) {
  while (block_span.begin < block_span.end && is_ascii_space(text[block_span.begin])) {
    ++block_span.begin;
  }
  const std::string_view block = block_span.of(text);
  std::size_t start = 0;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t first = at;
    char32_t c = next_code_point(block, at);
    if (!is_terminator(c)) continue;
    // The whole run of terminators, then what closes around it.
    std::size_t dots = 0;
    bool wide = false;      // 。！？ need no white space behind them
    bool emphatic = false;  // ! or ?
    std::size_t run = 0;
    for (std::size_t i = first; i < block.size();) {
      c = next_code_point(block, i);
      if (!is_terminator(c)) break;
      ++run;
      if (c == '.') ++dots;
      if (c == 0x2026 || c == 0x22EF) dots += 3;
      if (c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF61) wide = true;
      if (c == '!' || c == '?' || c == 0xFF01 || c == 0xFF1F) emphatic = true;
      at = i;
    }
    bool quoted = false;
    while (at < block.size()) {
      std::size_t i = at;
      c = next_code_point(block, i);
      if (c == '[') {  // a reference mark: "so.[12]"
        std::size_t digits = i;
        while (digits < block.size() && digits - i < 4 && is_ascii_digit(block[digits])) ++digits;
        if (digits == i || digits >= block.size() || block[digits] != ']') break;
        i = digits + 1;
      } else if (!is_closer(c)) {
        break;
      }
      quoted = quoted || is_quote(c);
      at = i;
    }
    const Following next = following(block, at);
    bool ends = false;
    if (next.first == 0) {
      ends = true;
    } else if (wide) {
      ends = !(quoted && names_speaker(block.substr(at)));
    } else if (emphatic) {
      const bool apart = is_white_space(next.immediate) || is_unspaced_letter(next.immediate);
      ends = apart && !(quoted && is_lower_case(next.first));
    } else if (dots > 1) {
      ends = is_white_space(next.immediate) && is_upper_case(next.first);
    } else if (run == 1 && block[first] == '.') {
      // Closers may stand between the period and the space: "(so.) Next".
      ends = period_ends_sentence(block, first, next) && !(quoted && is_lower_case(next.first));
    } else {
      ends = true;  // a full-width period
    }
    if (!ends) continue;
    add_sentence(text, {block_span.begin + start, block_span.begin + at}, out);
    start = at;
  }
  add_sentence(text, {block_span.begin + start, block_span.end}, out);
}

// Lines that start a block of their own whatever stands above.
bool starts_block(std::string_view line) {
  std::string_view rest = line;
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t' || rest.front() == '>')) {
    rest.remove_prefix(1);
  }
  if (rest.starts_with("#") || rest.starts_with("|") || rest.starts_with("```") ||
      rest.starts_with("~~~")) {
    return true;
  }
  for (const std::string_view marker : {"- ", "* ", "+ ", "•", "·", "●", "– "}) {
    if (rest.starts_with(marker)) return true;
  }
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 3 && is_ascii_digit(rest[digits])) ++digits;
  rest.remove_prefix(digits);
  return digits > 0 && (rest.starts_with(". ") || rest.starts_with(") ") ||
                        rest.starts_with("、") || rest.starts_with("）"));
}

// Lines that are a block of their own, so that the next line starts another.
bool is_single_line_block(std::string_view line) {
  const std::string_view rest = trim(line);
  return rest.starts_with("#") || rest.starts_with("|") || rest.starts_with("```") ||
         rest.starts_with("~~~");
}

}  // namespace

std::vector<TextSpan> words(std::string_view text) {
  static thread_local std::unique_ptr<icu::BreakIterator> breaks = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::BreakIterator>(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  }();
  std::vector<TextSpan> out;
  if (!breaks) return out;  // only without ICU's own data
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    const std::string_view piece = text.substr(begin, end - begin);
    UErrorCode status = U_ZERO_ERROR;
    UText utext = UTEXT_INITIALIZER;
    utext_openUTF8(&utext, piece.data(), static_cast<std::int64_t>(piece.size()), &status);
    breaks->setText(&utext, status);
    if (U_SUCCESS(status)) {
      for (std::int32_t from = breaks->first(), to = breaks->next(); to != icu::BreakIterator::DONE;
           from = to, to = breaks->next()) {
        if (breaks->getRuleStatus() >= UBRK_WORD_NUMBER) {
          out.push_back(
              {begin + static_cast<std::size_t>(from), begin + static_cast<std::size_t>(to)});
        }
      }
    }
    utext_close(&utext);
    begin = end;
  }
  return out;
}

std::vector<TextSpan> sentences(std::string_view text) {
  std::vector<TextSpan> out;
  TextSpan block{};
  bool open = false;
  const auto close = [&] {
    if (open) split_block(text, block, out);
    open = false;
  };
  Line line;
  for (std::size_t at = 0; next_line(text, at, line);) {
    const std::string_view body = line.span.of(text);
    if (line.blank || starts_block(body)) close();
    if (line.blank) continue;
    if (!open) block.begin = line.span.begin;
    block.end = line.span.end;
    open = true;
    if (is_single_line_block(body)) close();
  }
  close();
  return out;
}

std::vector<TextSpan> lines(std::string_view text) {
  std::vector<TextSpan> out;
  Line line;
  for (std::size_t at = 0; next_line(text, at, line);) {
    if (!line.blank) out.push_back(line.span);
  }
  return out;
}

std::vector<TextSpan> paragraphs(std::string_view text) {
  std::vector<TextSpan> out;
  bool open = false;
  Line line;
  for (std::size_t at = 0; next_line(text, at, line);) {
    if (!line.blank) {
      if (!open) out.push_back(line.span);
      out.back().end = line.span.end;
    }
    open = !line.blank;
  }
  return out;
}

}  // namespace iie
