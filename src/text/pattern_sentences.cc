// The reference rewrites the text with a sequence of substitutions that protect the full stops that
// end no sentence (as the literal text "<prd>") and mark ends ("<stop>"). Each sees what the ones
// before it left, and a response may itself contain the markers; so the sequence is kept, one
// function per substitution, and only the regular expressions are replaced by a look at what stands
// around each full stop. Substitutions do not overlap: what a match has consumed cannot begin the
// next one, which shows in "1.2.3" and "A. B. C. ".
#include "text/pattern_sentences.h"

#include <array>
#include <span>

#include "base/string_util.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPeriod = "<prd>";
constexpr std::string_view kStop = "<stop>";

constexpr auto kTitles = std::to_array<std::string_view>({"Mr", "St", "Mrs", "Ms", "Dr"});
constexpr auto kDomains =
    std::to_array<std::string_view>({"com", "net", "org", "io", "gov", "edu", "me"});
constexpr auto kSuffixes = std::to_array<std::string_view>({"Inc", "Ltd", "Jr", "Sr", "Co"});
// Words that begin a sentence. The second list is followed by white space.
constexpr auto kStarters = std::to_array<std::string_view>(
    {"Mr", "Mrs", "Ms", "Dr", "Prof", "Capt", "Cpt", "Lt", "Wherever"});
constexpr auto kSpacedStarters = std::to_array<std::string_view>(
    {"He", "She", "It", "They", "Their", "Our", "We", "But", "However", "That", "This"});

bool ends_with_any(std::string_view text, std::span<const std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (text.ends_with(ending)) return true;
  }
  return false;
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> beginnings) {
  for (const std::string_view beginning : beginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

bool starts_sentence(std::string_view text) {
  if (starts_with_any(text, kStarters)) return true;
  for (const std::string_view word : kSpacedStarters) {
    if (!text.starts_with(word) || text.size() == word.size()) continue;
    std::size_t at = word.size();
    if (is_python_space(next_code_point(text, at))) return true;
  }
  return false;
}

bool is_letter_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_ascii_alpha(text[at]);
}
bool is_capital_at(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= 'A' && text[at] <= 'Z';
}
bool is_at(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

// str.replace.
std::string replace(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos) return text;
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t done = 0;
  for (; at != std::string::npos; at = text.find(from, done)) {
    out.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  out.append(text, done);
  return out;
}

// Rewrites the text at its full stops: `rewrite(text, at, done, out)` looks at the one at `at`;
// where it matches, it appends text[done..] up to where its match begins, and its substitute, and
// returns the end of the match; else it returns `done`. A match begins nowhere before `done`.
template <typename Rewrite>
std::string at_full_stops(std::string text, const Rewrite& rewrite) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find('.'); at != std::string::npos; at = text.find('.', at + 1)) {
    if (at < done) continue;
    done = rewrite(std::string_view(text), at, done, out);
  }
  if (done == 0) return text;
  out.append(text, done);
  return out;
}

void copy(std::string& out, std::string_view text, std::size_t begin, std::size_t end) {
  out.append(text.substr(begin, end - begin));
}

// (Mr|St|Mrs|Ms|Dr)[.]
std::string protect_titles(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (!ends_with_any(in.substr(done, at - done), kTitles)) return done;
                         copy(out, in, done, at);
                         out += kPeriod;
                         return at + 1;
                       });
}

// [.](com|net|org|io|gov|edu|me)
std::string protect_domains(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (!starts_with_any(in.substr(at + 1), kDomains)) return done;
                         copy(out, in, done, at);
                         out += kPeriod;
                         return at + 1;
                       });
}

// ([0-9])[.]([0-9]): the second digit is consumed.
std::string protect_decimals(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (at <= done || !is_ascii_digit(in[at - 1])) return done;
                         if (at + 1 == in.size() || !is_ascii_digit(in[at + 1])) return done;
                         copy(out, in, done, at);
                         out += kPeriod;
                         out += in[at + 1];
                         return at + 2;
                       });
}

// \.{2,}: an ellipsis ends a sentence.
std::string end_at_ellipses(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         std::size_t end = in.find_first_not_of('.', at);
                         if (end == std::string_view::npos) end = in.size();
                         if (end - at < 2) return done;
                         copy(out, in, done, at);
                         for (std::size_t n = at; n < end; ++n) out += kPeriod;
                         out += kStop;
                         return end;
                       });
}

// \s([A-Za-z])[.] and a space: a lone initial. Both spaces are consumed.
std::string protect_lone_initials(std::string text) {
  return at_full_stops(
      std::move(text), [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
        if (at < done + 2 || !is_ascii_alpha(in[at - 1]) || !is_at(in, at + 1, ' ')) return done;
        std::size_t begin = at - 1;
        if (!is_python_space(previous_code_point(in, begin)) || begin < done) return done;
        copy(out, in, done, begin);
        out += ' ';
        out += in[at - 1];
        out += kPeriod;
        out += ' ';
        return at + 2;
      });
}

// ([A-Z][.][A-Z][.](?:[A-Z][.])?) before a space and a starter.
std::string end_at_acronyms(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (at < done + 3 || !is_capital_at(in, at - 1) || in[at - 2] != '.' ||
                             !is_capital_at(in, at - 3)) {
                           return done;
                         }
                         if (!is_at(in, at + 1, ' ') || !starts_sentence(in.substr(at + 2)))
                           return done;
                         copy(out, in, done, at + 1);
                         out += kStop;
                         return at + 1;
                       });
}

// `letters` times [A-Za-z][.] in a row.
std::string protect_dotted_letters(std::string text, std::size_t letters) {
  return at_full_stops(std::move(text), [letters](std::string_view in, std::size_t at,
                                                  std::size_t done, std::string& out) {
    if (at <= done || !is_ascii_alpha(in[at - 1])) return done;
    const std::size_t begin = at - 1;
    for (std::size_t n = 1; n < letters; ++n) {
      if (!is_letter_at(in, begin + 2 * n) || !is_at(in, begin + 2 * n + 1, '.')) return done;
    }
    copy(out, in, done, begin);
    for (std::size_t n = 0; n < letters; ++n) {
      out += in[begin + 2 * n];
      out += kPeriod;
    }
    return begin + 2 * letters;
  });
}

// Where " (Inc|Ltd|Jr|Sr|Co)" ends at `at`, the place of its space; else npos.
std::size_t suffix_before(std::string_view in, std::size_t at, std::size_t done) {
  for (const std::string_view suffix : kSuffixes) {
    if (at < done + suffix.size() + 1 || !in.substr(0, at).ends_with(suffix)) continue;
    const std::size_t space = at - suffix.size() - 1;
    if (in[space] == ' ') return space;
  }
  return std::string_view::npos;
}

// " (Inc|...)[.] " before a starter: the full stop is lost.
std::string end_at_suffixes(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (suffix_before(in, at, done) == std::string_view::npos) return done;
                         if (!is_at(in, at + 1, ' ') || !starts_sentence(in.substr(at + 2)))
                           return done;
                         copy(out, in, done, at);
                         out += kStop;
                         return at + 1;
                       });
}

// " (Inc|...)[.]", " ([A-Za-z])[.]"
std::string protect_suffixes(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (suffix_before(in, at, done) == std::string_view::npos) return done;
                         copy(out, in, done, at);
                         out += kPeriod;
                         return at + 1;
                       });
}

std::string protect_initials(std::string text) {
  return at_full_stops(std::move(text),
                       [](std::string_view in, std::size_t at, std::size_t done, std::string& out) {
                         if (at < done + 2 || !is_ascii_alpha(in[at - 1]) || in[at - 2] != ' ')
                           return done;
                         copy(out, in, done, at);
                         out += kPeriod;
                         return at + 1;
                       });
}

}  // namespace

std::vector<std::string> pattern_sentences(std::string_view input) {
  std::string text;
  text.reserve(input.size() + 3);
  text += ' ';
  text += input;
  text += "  ";
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  text = protect_titles(std::move(text));
  text = protect_domains(std::move(text));
  text = protect_decimals(std::move(text));
  text = end_at_ellipses(std::move(text));
  text = replace(std::move(text), "Ph.D.", "Ph<prd>D<prd>");
  text = protect_lone_initials(std::move(text));
  text = end_at_acronyms(std::move(text));
  text = protect_dotted_letters(std::move(text), 3);
  text = protect_dotted_letters(std::move(text), 2);
  text = end_at_suffixes(std::move(text));
  text = protect_suffixes(std::move(text));
  text = protect_initials(std::move(text));
  text = replace(std::move(text), ".\u201D", "\u201D.");
  text = replace(std::move(text), ".\"", "\".");
  text = replace(std::move(text), "!\"", "\"!");
  text = replace(std::move(text), "?\"", "\"?");
  text = replace(std::move(text), ".", ".<stop>");
  text = replace(std::move(text), "?", "?<stop>");
  text = replace(std::move(text), "!", "!<stop>");
  text = replace(std::move(text), kPeriod, ".");

  std::vector<std::string> sentences;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(kStop, begin);
    const std::string_view piece = std::string_view(text).substr(begin, end - begin);
    sentences.emplace_back(python_strip(piece));
    if (end == std::string::npos) break;
    begin = end + kStop.size();
  }
  if (sentences.back().empty()) sentences.pop_back();
  return sentences;
}

}  // namespace iie
