// Punkt in two steps. A period, question or exclamation mark is a candidate where white space and
// another token follow it, or punctuation that cannot be part of a word. For each candidate the
// word before it and the token after it are cut into Punkt's own tokens, and the type of the first
// (abbreviation, initial, ordinal, ellipsis), what the training text knows of the second, and the
// case of its first letter decide whether a sentence ends there. At last, closing quotes and
// brackets that begin a sentence move to the end of the one before.
//
// Where NLTK's code does something surprising it is imitated, and the comment says "as there".
#include "text/punkt.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/embedded.h"
#include "base/string_util.h"
#include "text/byte_set.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr std::string_view kNumber = "##number##";  // the type of every number
constexpr ByteSet kSentenceEnds(".?!");
constexpr std::string_view kClosers = "\"')]}";

// The contexts in which the training text had a word.
constexpr unsigned kMidUpper = 4;
constexpr unsigned kUpper = 2 + kMidUpper + 8;
constexpr unsigned kBeginLower = 16;
constexpr unsigned kLower = kBeginLower + 32 + 64;

class Parameters {
 public:
  Parameters() {
    for_each_line("abbrev_types.txt", [&](std::string_view line) { abbreviations_.insert(line); });
    for_each_line("sent_starters.txt", [&](std::string_view line) { starters_.insert(line); });
    for_each_line("collocations.tab", [&](std::string_view line) { collocations_.emplace(line); });
    contexts_.reserve(20'500);
    for_each_line("ortho_context.tab", [&](std::string_view line) {
      const std::size_t tab = line.rfind('\t');
      unsigned flags = 0;
      for (const char c : line.substr(tab + 1)) flags = flags * 10 + static_cast<unsigned>(c - '0');
      contexts_.emplace(line.substr(0, tab), static_cast<std::uint8_t>(flags));
    });
  }

  bool is_abbreviation(std::string_view type) const { return abbreviations_.contains(type); }
  bool is_starter(std::string_view type) const { return starters_.contains(type); }
  bool is_collocation(std::string_view first, std::string_view second) const {
    return collocations_.contains(std::string(first) + '\t' + std::string(second));
  }
  unsigned contexts(std::string_view type) const {
    const auto found = contexts_.find(type);
    return found == contexts_.end() ? 0U : found->second;
  }

 private:
  template <typename F>
  static void for_each_line(std::string_view file, F&& take) {
    const auto text = embedded_file("punkt/english/" + std::string(file));
    for (const std::string_view line : split(text.value_or(""), '\n')) {
      if (!line.empty()) take(line);
    }
  }

  std::unordered_set<std::string_view> abbreviations_;
  std::unordered_set<std::string_view> starters_;
  std::unordered_set<std::string_view> collocations_;  // "first\tsecond"
  std::unordered_map<std::string_view, std::uint8_t> contexts_;
};

const Parameters& parameters() {
  static const Parameters loaded;
  return loaded;
}

// Characters that end a word, and those that begin none.
constexpr ByteSet kNonWord(")\";}]*:@'({[?!");
constexpr ByteSet kNoWordStart("(\"`{[:;&#*@)}]-,");

// The white space character at `at`: its length in bytes, or 0.
std::size_t space_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  std::size_t next = at;
  return is_python_space(next_code_point(text, next)) ? next - at : 0;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (const std::size_t length = space_at(text, at)) at += length;
  return at;
}

// The byte at `at`, or NUL behind the end.
char at_or_nul(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }

// A dash of two or more, an ellipsis, or a spaced ellipsis (". . .") at `at`: its length, or 0.
std::size_t punctuation_run(std::string_view text, std::size_t at) {
  const char c = at_or_nul(text, at);
  if (c != '-' && c != '.') return 0;
  std::size_t end = at + 1;
  while (at_or_nul(text, end) == c) ++end;
  if (end - at >= 2) return end - at;
  if (c == '-') return 0;
  std::size_t periods = 1;
  while (true) {
    const std::size_t space = space_at(text, end);
    if (space == 0 || at_or_nul(text, end + space) != '.') break;
    end += space + 1;
    ++periods;
  }
  return periods >= 3 ? end - at : 0;
}

bool starts_punctuation_run(std::string_view text, std::size_t at) {
  const char c = at_or_nul(text, at);
  if (c == '-') return at_or_nul(text, at + 1) == '-';
  if (c != '.') return false;
  if (at_or_nul(text, at + 1) == '.') return true;
  const std::size_t first = space_at(text, at + 1);
  if (first == 0 || at_or_nul(text, at + 1 + first) != '.') return false;
  const std::size_t second = space_at(text, at + first + 2);
  return second > 0 && at_or_nul(text, at + first + 2 + second) == '.';
}

bool ends_word_here(std::string_view line, std::size_t at) {
  return at >= line.size() || kNonWord.has(line[at]) || starts_punctuation_run(line, at) ||
         space_at(line, at) > 0;
}

// Cuts the next token off `line` behind `at`, which must not be white space.
std::string_view next_token(std::string_view line, std::size_t& at) {
  const std::size_t begin = at;
  if (const std::size_t run = punctuation_run(line, at)) {
    at += run;
    return line.substr(begin, run);
  }
  const bool word = !kNoWordStart.has(line[at]);
  next_code_point(line, at);
  while (word && !ends_word_here(line, at) && !(line[at] == ',' && ends_word_here(line, at + 1))) {
    next_code_point(line, at);
  }
  return line.substr(begin, at - begin);
}

bool is_letter_of_word(char32_t c) { return is_python_word(c) && !is_decimal_digit(c); }

// -?[.,]?\d[\d,.-]*\.?
bool is_number(std::string_view token) {
  std::size_t at = 0;
  if (at_or_nul(token, at) == '-') ++at;
  if (at_or_nul(token, at) == '.' || at_or_nul(token, at) == ',') ++at;
  if (at >= token.size() || !is_decimal_digit(next_code_point(token, at))) return false;
  while (at < token.size()) {
    const char32_t c = next_code_point(token, at);
    if (c != U',' && c != U'.' && c != U'-' && !is_decimal_digit(c)) return false;
  }
  return true;
}

class Token {
 public:
  explicit Token(std::string_view text) : text_(text), type_(python_lower(text)) {
    if (is_number(type_)) type_ = kNumber;
    annotate();
  }

  bool ends_with_period() const { return text_.ends_with('.'); }
  bool is_ellipsis() const {
    return text_.size() >= 2 && text_.find_first_not_of('.') == std::string_view::npos;
  }
  bool is_initial() const {
    std::size_t at = 0;
    return is_letter_of_word(next_code_point(text_, at)) && text_.substr(at) == ".";
  }
  bool is_internal_punctuation() const {
    return text_.size() == 1 && std::string_view(";:,.!?").find(text_[0]) != std::string_view::npos;
  }
  bool begins_upper() const { return is_python_upper(first_character(text_)); }
  bool begins_lower() const { return is_python_lower(first_character(text_)); }

  std::string_view type_without_period() const {
    const std::string_view type = type_;
    return type.size() > 1 && type.ends_with('.') ? type.substr(0, type.size() - 1) : type;
  }
  std::string_view type_without_final_period() const {
    return ends_sentence ? type_without_period() : std::string_view(type_);
  }

  bool ends_sentence = false;
  bool abbreviation = false;
  bool ellipsis = false;

 private:
  // What the token says by itself.
  void annotate() {
    if (text_.size() == 1 && kSentenceEnds.has(text_[0])) {
      ends_sentence = true;
    } else if (is_ellipsis()) {
      ellipsis = true;
    } else if (ends_with_period() && !text_.ends_with("..")) {
      const std::string lower = python_lower(text_.substr(0, text_.size() - 1));
      const std::string_view whole = lower;
      if (parameters().is_abbreviation(whole) ||
          parameters().is_abbreviation(whole.substr(whole.rfind('-') + 1))) {
        abbreviation = true;
      } else {
        ends_sentence = true;
      }
    }
  }

  std::string_view text_;
  std::string type_;
};

// Does the token begin a sentence, by its case and the contexts it was seen in? nullopt: unknown.
std::optional<bool> begins_sentence(const Token& token) {
  if (token.is_internal_punctuation()) return false;
  const unsigned contexts = parameters().contexts(token.type_without_final_period());
  if (token.begins_upper() && (contexts & kLower) != 0 && (contexts & kMidUpper) == 0) return true;
  if (token.begins_lower() && ((contexts & kUpper) != 0 || (contexts & kBeginLower) == 0)) {
    return false;
  }
  return std::nullopt;
}

// Kiss and Strunk, section 4: does `token` end a sentence, now that the one behind it is known?
bool ends_sentence_before(const Token& token, const Token& next) {
  if (!token.ends_with_period()) return token.ends_sentence;
  const std::string_view type = token.type_without_period();
  const std::string_view next_type = next.type_without_final_period();
  const bool initial = token.is_initial();
  if (parameters().is_collocation(type, next_type)) return false;

  if ((token.abbreviation || token.ellipsis) && !initial) {
    if (begins_sentence(next) == true) return true;
    if (next.begins_upper() && parameters().is_starter(next_type)) return true;
  }
  if (initial || type == kNumber) {
    const std::optional<bool> begins = begins_sentence(next);
    if (begins == false) return false;
    if (!begins && initial && next.begins_upper() &&
        (parameters().contexts(next_type) & kLower) == 0) {
      return false;
    }
  }
  return token.ends_sentence;
}

// Does a sentence end inside `context`, before its last token?
bool holds_sentence_end(std::string_view context) {
  std::optional<Token> previous;
  for (const std::string_view line : split(context, '\n')) {
    for (std::size_t at = skip_spaces(line, 0); at < line.size(); at = skip_spaces(line, at)) {
      Token token(next_token(line, at));
      if (previous && ends_sentence_before(*previous, token)) return true;
      previous = std::move(token);
    }
  }
  return false;
}

struct Candidate {
  std::size_t word = 0;   // where the word before the mark begins
  std::size_t mark = 0;   // the period, question or exclamation mark
  std::size_t next = 0;   // where the next sentence would begin
  std::size_t until = 0;  // the end of the token behind the mark
};

// The mark at `at` as a candidate without its `word`, or nullopt.
std::optional<Candidate> candidate_at(std::string_view text, std::size_t at) {
  const std::size_t behind = at + 1;
  if (behind < text.size() && kNonWord.has(text[behind])) {
    return Candidate{0, at, behind, behind + 1};
  }
  const std::size_t next = skip_spaces(text, behind);
  if (next == behind || next == text.size()) return std::nullopt;
  std::size_t until = next;
  while (until < text.size() && space_at(text, until) == 0) next_code_point(text, until);
  return Candidate{0, at, next, until};
}

// The candidates whose words do not overlap: of "acting!!!" only the last mark is one.
template <typename F>
void for_each_candidate(std::string_view text, F&& take) {
  std::optional<Candidate> previous;
  std::size_t from = 0;  // the previous mark, candidate or not taken
  for (std::size_t at = kSentenceEnds.find_in(text); at != std::string_view::npos;
       at = kSentenceEnds.find_in(text, at + 1)) {
    std::optional<Candidate> candidate = candidate_at(text, at);
    if (!candidate) continue;
    // As there: only ASCII white space parts words here, and one right at `from` does not.
    const std::string_view before = text.substr(from, at - from);
    const std::size_t space = before.find_last_of(" \t\n\r\v\f");
    candidate->word = space != std::string_view::npos && space > 0 ? from + space + 1
                      : previous                                   ? previous->word
                                                                   : 0;
    if (previous && previous->mark <= candidate->word) take(*previous);
    previous = candidate;
    from = at;
  }
  if (previous) take(*previous);
}

// How many bytes of closing quotes and brackets at the start of `sentence` belong to the one
// before, and how many with the white space behind them.
struct Closing {
  std::size_t marks = 0;
  std::size_t with_spaces = 0;
};
Closing closing_marks(std::string_view sentence) {
  const std::size_t end = std::min(sentence.find_first_not_of(kClosers), sentence.size());
  // The fewest marks that white space, "--" or the end follows; marks are none of these.
  if (end == 0) return {};
  const std::size_t behind = skip_spaces(sentence, end);
  if (behind == end && end < sentence.size() && !sentence.substr(end).starts_with("--")) return {};
  return {end, behind};
}

}  // namespace

std::vector<std::string_view> punkt_sentences(std::string_view text) {
  std::vector<TextSpan> spans;
  std::size_t begin = 0;
  for_each_candidate(text, [&](const Candidate& candidate) {
    if (!holds_sentence_end(text.substr(candidate.word, candidate.until - candidate.word))) return;
    spans.push_back({begin, candidate.mark + 1});
    begin = candidate.next;
  });
  // As there: only the end of the text is stripped, not its beginning.
  const std::string_view body = python_strip(text);
  const auto body_end =
      body.empty() ? 0 : static_cast<std::size_t>(body.data() - text.data()) + body.size();
  spans.push_back({begin, std::max(begin, body_end)});

  std::vector<std::string_view> sentences;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    TextSpan span = spans[i];
    span.begin = std::min(span.begin + moved, span.end);
    moved = 0;
    if (i + 1 < spans.size()) {
      const Closing closing = closing_marks(spans[i + 1].of(text));
      if (closing.marks > 0) span.end = spans[i + 1].begin + closing.marks;
      moved = closing.with_spaces;
    }
    if (span.size() > 0) sentences.push_back(span.of(text));
  }
  return sentences;
}

}  // namespace iie
