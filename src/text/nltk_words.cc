// NLTKWordTokenizer is a list of substitutions that set tokens apart by spaces, and a split at
// white space. Each substitution is one pass here, in its order, because later ones see what
// earlier ones wrote. A pass runs only when its trigger is in the sentence, so that plain prose
// costs little more than a copy.
#include "text/nltk_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/string_util.h"
#include "text/byte_set.h"
#include "text/punkt.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

char at_or_nul(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }

// The white space character at `at`: its length in bytes, or 0.
std::size_t space_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  std::size_t next = at;
  return is_python_space(next_code_point(text, next)) ? next - at : 0;
}

bool is_word_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_python_word(next_code_point(text, at));
}
bool is_word_before(std::string_view text, std::size_t at) {
  return at > 0 && is_python_word(previous_code_point(text, at));
}

// One ASCII letter against one character as Python's re.IGNORECASE compares them: four characters
// outside ASCII count as i, k and s. Moves `at` behind it.
bool same_letter(char lower, std::string_view text, std::size_t& at) {
  if (at >= text.size()) return false;
  const char32_t c = next_code_point(text, at);
  if (c < 0x80) return ascii_lower(static_cast<char>(c)) == lower;
  switch (c) {
    case 0x130:  // İ
    case 0x131:  // ı
      return lower == 'i';
    case 0x17F:  // ſ
      return lower == 's';
    case 0x212A:  // KELVIN SIGN
      return lower == 'k';
    default:
      return false;
  }
}

// The end of `word` (lower case, ASCII) at `at`, or kNone.
std::size_t match_word(std::string_view word, std::string_view text, std::size_t at) {
  for (const char c : word) {
    if (!same_letter(c, text, at)) return kNone;
  }
  return at;
}

// Builds the result of one substitution: what was skipped is copied when something is replaced.
class Rewriter {
 public:
  Rewriter(std::string& text, std::string& scratch) : text_(text), out_(scratch) { out_.clear(); }

  // Replaces [begin, end).
  void replace(std::size_t begin, std::size_t end, std::initializer_list<std::string_view> parts) {
    out_.append(text_, copied_, begin - copied_);
    for (const std::string_view part : parts) out_.append(part);
    copied_ = end;
    changed_ = true;
  }
  void finish() {
    if (!changed_) return;
    out_.append(text_, copied_);
    text_.swap(out_);
  }

 private:
  std::string& text_;
  std::string& out_;
  std::size_t copied_ = 0;
  bool changed_ = false;
};

class Sentence {
 public:
  explicit Sentence(std::string_view sentence) : text_(sentence) {
    for (const char c : sentence) present_[static_cast<unsigned char>(c)] = true;
  }

  std::string run() {
    starting_quotes();
    punctuation();
    if (has("[](){}<>")) set_apart("[](){}<>");
    if (has("-")) pad("--");
    text_.insert(text_.begin(), ' ');
    text_.push_back(' ');
    ending_quotes();
    contractions();
    return std::move(text_);
  }

 private:
  bool has(std::string_view any) const {
    return std::ranges::any_of(any,
                               [&](char c) { return present_[static_cast<unsigned char>(c)]; });
  }
  bool has_typographic_quotes() const { return present_[0xC2] || present_[0xE2]; }

  template <typename F>
  void rewrite(F&& pass) {
    Rewriter writer(text_, scratch_);
    pass(std::string_view(text_), writer);
    writer.finish();
  }

  // Spaces around each of these ASCII characters.
  void set_apart(std::string_view chars) {
    rewrite([set = ByteSet(chars)](std::string_view text, Rewriter& out) {
      for (std::size_t at = set.find_in(text); at != kNone; at = set.find_in(text, at + 1)) {
        out.replace(at, at + 1, {" ", text.substr(at, 1), " "});
      }
    });
  }

  // Spaces around each occurrence.
  void pad(std::string_view term) {
    rewrite([&](std::string_view text, Rewriter& out) {
      for (std::size_t at = text.find(term); at != kNone; at = text.find(term, at + term.size())) {
        out.replace(at, at + term.size(), {" ", term, " "});
      }
    });
  }

  // Spaces around each of these characters outside ASCII.
  void set_apart_wide(std::u32string_view chars) {
    rewrite([&](std::string_view text, Rewriter& out) {
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (static_cast<unsigned char>(text[at]) < 0x80) {
          ++at;
        } else if (chars.find(next_code_point(text, at)) != std::u32string_view::npos) {
          out.replace(begin, at, {" ", text.substr(begin, at - begin), " "});
        }
      }
    });
  }

  void starting_quotes() {
    if (has_typographic_quotes()) set_apart_wide(U"«“‘„");
    if (has("`")) {
      rewrite([](std::string_view text, Rewriter& out) {
        for (std::size_t at = text.find('`'); at != kNone;) {
          const std::size_t end = std::min(text.find_first_not_of('`', at), text.size());
          out.replace(at, end, {" ", text.substr(at, end - at), " "});
          at = text.find('`', end);
        }
      });
    }
    if (text_.starts_with('"')) text_.replace(0, 1, "``");
    if (text_.find("``") != kNone) pad("``");
    if (has("\"'")) {
      quotes_behind_brackets();
      apostrophes_before_single_letters();
    }
  }

  // ([ \(\[{<])("|'{2}) -> \1 ``
  void quotes_behind_brackets() {
    rewrite([](std::string_view text, Rewriter& out) {
      static constexpr ByteSet kQuotes("\"'");
      for (std::size_t at = kQuotes.find_in(text); at != kNone;) {
        const std::size_t length = text[at] == '"' ? 1 : text.substr(at).starts_with("''") ? 2 : 0;
        const bool opens = at > 0 && std::string_view(" ([{<").find(text[at - 1]) != kNone;
        if (length > 0 && opens) {
          out.replace(at, at + length, {" `` "});
          at = kQuotes.find_in(text, at + length);
        } else {
          at = kQuotes.find_in(text, at + 1);
        }
      }
    });
  }

  // (?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b -> \1 \2
  void apostrophes_before_single_letters() {
    rewrite([](std::string_view text, Rewriter& out) {
      for (std::size_t at = text.find('\''); at != kNone; at = text.find('\'', at + 1)) {
        std::size_t end = at + 1;
        if (!is_word_at(text, end)) continue;
        const bool clitic = std::ranges::any_of(std::string_view("mtsdn"), [&](char c) {
          return match_word({&c, 1}, text, at + 1) != kNone;
        });
        next_code_point(text, end);
        if (!clitic && !is_word_at(text, end)) out.replace(at + 1, at + 1, {" "});
      }
    });
  }

  void punctuation() {
    if (has(".")) final_period(true);
    if (has(":,")) {
      colons_and_commas();
      // ([:,])$ : the end, or the line break that ends the text.
      const std::size_t last = text_.size() - (text_.ends_with('\n') ? 2 : 1);
      for (const std::size_t at : {last, text_.size() - 1}) {
        if (at < text_.size() && (text_[at] == ':' || text_[at] == ',')) {
          text_.replace(at, 1, std::string{' ', text_[at], ' '});
          break;
        }
      }
    }
    if (has(".")) ellipses();
    if (has(";@#$%&")) set_apart(";@#$%&");
    if (has(".")) final_period(false);
    if (has("?!")) set_apart("?!");
    if (has("'")) {
      // ([^'])'[ ] -> \1 '[ ]
      rewrite([](std::string_view text, Rewriter& out) {
        std::size_t taken = 0;  // \1 of a match is no part of the one before
        for (std::size_t at = text.find("' "); at != kNone; at = text.find("' ", at + 1)) {
          if (at == taken || text[at - 1] == '\'') continue;
          out.replace(at, at, {" "});
          taken = at + 2;
        }
      });
    }
    if (has("*")) set_apart("*");
  }

  // The period that ends the text, closing marks behind it or not. Both of the reference's passes:
  //   first: ([^\.])(\.)([\]\)}>"'»”’ ]*)\s*$ -> \1 \2 \3[ ]
  //   then:  ([^\.])(\.)([\]\)}>"']*)\s*$     -> \1 \2\3[ ]
  void final_period(bool first) {
    const std::string_view text = text_;
    const auto closes = [&](char32_t c) {
      return (c < 0x80 && std::string_view("])}>\"'").find(static_cast<char>(c)) != kNone) ||
             (first && (c == U' ' || c == U'»' || c == U'”' || c == U'’'));
    };
    std::size_t at = text.size();
    for (std::size_t probe = at; probe > 0 && is_python_space(previous_code_point(text, probe));) {
      at = probe;
    }
    for (std::size_t probe = at; probe > 0 && closes(previous_code_point(text, probe));) at = probe;
    if (at < 2 || text[at - 1] != '.' || text[at - 2] == '.') return;
    std::size_t end = at;
    for (std::size_t probe = at; probe < text.size() && closes(next_code_point(text, probe));) {
      end = probe;
    }
    std::string tail = " .";
    if (first) tail.push_back(' ');
    tail.append(text.substr(at, end - at));
    tail.push_back(' ');
    text_.replace(at - 1, kNone, tail);
  }

  // ([:,])([^\d]) -> [ ]\1[ ]\2
  void colons_and_commas() {
    rewrite([](std::string_view text, Rewriter& out) {
      static constexpr ByteSet kMarks(":,");
      for (std::size_t at = kMarks.find_in(text); at != kNone;) {
        std::size_t end = at + 1;
        if (end < text.size() && !is_decimal_digit(next_code_point(text, end))) {
          out.replace(at, at + 1, {" ", text.substr(at, 1), " "});
          at = kMarks.find_in(text, end);  // \2 is taken: of "::" the second stays
        } else {
          at = kMarks.find_in(text, at + 1);
        }
      }
    });
  }

  void ellipses() {
    rewrite([](std::string_view text, Rewriter& out) {
      for (std::size_t at = text.find(".."); at != kNone;) {
        const std::size_t end = std::min(text.find_first_not_of('.', at), text.size());
        out.replace(at, end, {" ", text.substr(at, end - at), " "});
        at = text.find("..", end);
      }
    });
  }

  void ending_quotes() {
    if (has_typographic_quotes()) set_apart_wide(U"»”’");
    if (has("'")) pad("''");
    if (has("\"")) {
      rewrite([](std::string_view text, Rewriter& out) {
        for (std::size_t at = text.find('"'); at != kNone; at = text.find('"', at + 1)) {
          out.replace(at, at + 1, {" '' "});
        }
      });
    }
    collapse_spaces();
    if (has("'")) {
      // ([^' ])('[sS]|'[mM]|'[dD]|')[ ] -> \1 \2[ ]
      rewrite([](std::string_view text, Rewriter& out) {
        for (std::size_t at = text.find('\''); at != kNone; at = text.find('\'', at + 1)) {
          if (at == 0 || text[at - 1] == '\'' || text[at - 1] == ' ') continue;
          const char c = ascii_lower(at_or_nul(text, at + 1));
          const bool clitic = (c == 's' || c == 'm' || c == 'd') && at_or_nul(text, at + 2) == ' ';
          if (clitic || c == ' ') out.replace(at, at, {" "});
        }
      });
      // ([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T)[ ] -> \1 \2[ ]
      rewrite([](std::string_view text, Rewriter& out) {
        for (std::size_t at = text.find('\''); at != kNone; at = text.find('\'', at + 1)) {
          const std::string_view behind = text.substr(at + 1);
          std::size_t begin = at;
          if (at > 0 && ((text[at - 1] == 'n' && behind.starts_with("t ")) ||
                         (text[at - 1] == 'N' && behind.starts_with("T ")))) {
            begin = at - 1;
          } else if (!std::ranges::any_of(
                         std::array<std::string_view, 6>{"ll ", "LL ", "re ", "RE ", "ve ", "VE "},
                         [&](std::string_view clitic) { return behind.starts_with(clitic); })) {
            continue;
          }
          if (begin > 0 && text[begin - 1] != '\'' && text[begin - 1] != ' ') {
            out.replace(begin, begin, {" "});
          }
        }
      });
    }
  }

  // \s+ -> [ ]
  void collapse_spaces() {
    std::string& out = scratch_;
    out.clear();
    const std::string_view text = text_;
    bool in_space = false;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      const bool space = is_python_space(next_code_point(text, at));
      if (!space) {
        out.append(text, begin, at - begin);
      } else if (!in_space) {
        out.push_back(' ');
      }
      in_space = space;
    }
    text_.swap(out);
  }

  struct Contraction {
    std::string_view first;
    std::string_view second;
    bool before_space = false;  // (?=\s) instead of \b
  };

  void contractions() {
    static constexpr std::array<Contraction, 8> kWords = {{{"can", "not"},
                                                           {"d", "'ye"},
                                                           {"gim", "me"},
                                                           {"gon", "na"},
                                                           {"got", "ta"},
                                                           {"lem", "me"},
                                                           {"more", "'n"},
                                                           {"wan", "na", true}}};
    for (const Contraction& contraction : kWords) split_contraction(contraction);
    if (has("'")) {
      split_tis("is");
      split_tis("was");
    }
  }

  // (?i)\b(first)(second)\b -> [ ]\1[ ]\2[ ]
  void split_contraction(const Contraction& contraction) {
    rewrite([&](std::string_view text, Rewriter& out) {
      const char lower = contraction.first[0];
      const char upper = static_cast<char>(lower - 32);
      const std::array<char, 2> both{lower, upper};
      const ByteSet initials({both.data(), both.size()});
      for (std::size_t at = initials.find_in(text); at != kNone;) {
        const std::size_t next = initials.find_in(text, at + 1);
        const std::size_t middle = match_word(contraction.first, text, at);
        const std::size_t end =
            middle == kNone ? kNone : match_word(contraction.second, text, middle);
        const bool ends = end != kNone && (contraction.before_space ? space_at(text, end) > 0
                                                                    : !is_word_at(text, end));
        if (ends && !is_word_before(text, at)) {
          out.replace(
              at, end,
              {" ", text.substr(at, middle - at), " ", text.substr(middle, end - middle), " "});
        }
        at = next;
      }
    });
  }

  // (?i)[ ]('t)(is)\b -> [ ]\1[ ]\2[ ]
  void split_tis(std::string_view verb) {
    rewrite([&](std::string_view text, Rewriter& out) {
      for (std::size_t at = text.find(" '"); at != kNone; at = text.find(" '", at + 1)) {
        const std::size_t middle = match_word("t", text, at + 2);
        const std::size_t end = middle == kNone ? kNone : match_word(verb, text, middle);
        if (end == kNone || is_word_at(text, end)) continue;
        out.replace(
            at + 1, end,
            {text.substr(at + 1, middle - at - 1), " ", text.substr(middle, end - middle), " "});
      }
    });
  }

  std::string text_;
  std::string scratch_;
  std::array<bool, 256> present_{};
};

constexpr std::array<bool, 128> kAsciiWord = [] {
  std::array<bool, 128> word{};
  for (std::size_t c = 0; c < word.size(); ++c) {
    word[c] = is_ascii_alnum(static_cast<char>(c)) || c == '_';
  }
  return word;
}();

// Is the character at `at` one of words? `at` moves behind the character whatever it is.
bool take_word_character(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 0x80) return is_python_word(next_code_point(text, at));
  ++at;
  return kAsciiWord[byte];
}

template <typename F>
void for_each_word_run(std::string_view text, F&& take) {
  std::size_t begin = kNone;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (take_word_character(text, at)) {
      if (begin == kNone) begin = start;
    } else if (begin != kNone) {
      take(begin, start);
      begin = kNone;
    }
  }
  if (begin != kNone) take(begin, text.size());
}

}  // namespace

std::vector<std::string> nltk_word_tokenize(std::string_view text) {
  std::vector<std::string> tokens;
  for (const std::string_view sentence : punkt_sentences(text)) {
    const std::string spaced = Sentence(sentence).run();
    for (const std::string_view token : python_split(spaced)) tokens.emplace_back(token);
  }
  return tokens;
}

std::vector<std::string_view> nltk_word_runs(std::string_view text) {
  std::vector<std::string_view> runs;
  for_each_word_run(text, [&](std::size_t begin, std::size_t end) {
    runs.push_back(text.substr(begin, end - begin));
  });
  return runs;
}

std::size_t count_nltk_word_runs(std::string_view text) {
  std::size_t count = 0;
  for_each_word_run(text, [&](std::size_t, std::size_t) { ++count; });
  return count;
}

}  // namespace iie
