// Texts from outside for LaTeX. Two dangers: characters that are commands, and characters that the
// document's font does not have, which XeLaTeX leaves out without a word and pdfLaTeX stops at.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/string_util.h"
#include "report/paper_tables.h"

namespace iie {
namespace {

struct Symbol {
  char32_t character;
  std::string_view maths;  // in maths mode
};

// What occurs in answers and has a name in every LaTeX. By code point.
constexpr std::array kSymbols = std::to_array<Symbol>({
    {0x0393, "\\Gamma"},
    {0x0394, "\\Delta"},
    {0x0398, "\\Theta"},
    {0x039B, "\\Lambda"},
    {0x039E, "\\Xi"},
    {0x03A0, "\\Pi"},
    {0x03A3, "\\Sigma"},
    {0x03A6, "\\Phi"},
    {0x03A8, "\\Psi"},
    {0x03A9, "\\Omega"},
    {0x03B1, "\\alpha"},
    {0x03B2, "\\beta"},
    {0x03B3, "\\gamma"},
    {0x03B4, "\\delta"},
    {0x03B5, "\\varepsilon"},
    {0x03B6, "\\zeta"},
    {0x03B7, "\\eta"},
    {0x03B8, "\\theta"},
    {0x03B9, "\\iota"},
    {0x03BA, "\\kappa"},
    {0x03BB, "\\lambda"},
    {0x03BC, "\\mu"},
    {0x03BD, "\\nu"},
    {0x03BE, "\\xi"},
    {0x03C0, "\\pi"},
    {0x03C1, "\\rho"},
    {0x03C3, "\\sigma"},
    {0x03C4, "\\tau"},
    {0x03C5, "\\upsilon"},
    {0x03C6, "\\varphi"},
    {0x03C7, "\\chi"},
    {0x03C8, "\\psi"},
    {0x03C9, "\\omega"},
    {0x2190, "\\leftarrow"},
    {0x2191, "\\uparrow"},
    {0x2192, "\\rightarrow"},
    {0x2193, "\\downarrow"},
    {0x2194, "\\leftrightarrow"},
    {0x21B5, "\\hookleftarrow"},  // what a safe_excerpt shows for a line break
    {0x21D0, "\\Leftarrow"},
    {0x21D2, "\\Rightarrow"},
    {0x21D4, "\\Leftrightarrow"},
    {0x2200, "\\forall"},
    {0x2202, "\\partial"},
    {0x2203, "\\exists"},
    {0x2205, "\\emptyset"},
    {0x2207, "\\nabla"},
    {0x2208, "\\in"},
    {0x2209, "\\notin"},
    {0x220F, "\\prod"},
    {0x2211, "\\sum"},
    {0x2212, "-"},
    {0x2213, "\\mp"},
    {0x221A, "\\surd"},
    {0x221D, "\\propto"},
    {0x221E, "\\infty"},
    {0x2220, "\\angle"},
    {0x2227, "\\wedge"},
    {0x2228, "\\vee"},
    {0x2229, "\\cap"},
    {0x222A, "\\cup"},
    {0x222B, "\\int"},
    {0x223C, "\\sim"},
    {0x2245, "\\cong"},
    {0x2248, "\\approx"},
    {0x2260, "\\neq"},
    {0x2261, "\\equiv"},
    {0x2264, "\\leq"},
    {0x2265, "\\geq"},
    {0x226A, "\\ll"},
    {0x226B, "\\gg"},
    {0x2282, "\\subset"},
    {0x2283, "\\supset"},
    {0x2286, "\\subseteq"},
    {0x2287, "\\supseteq"},
    {0x22A5, "\\perp"},
    {0x22C5, "\\cdot"},
    {0x25B3, "\\triangle"},
    {0x25CB, "\\circ"},
    {0x25CF, "\\bullet"},
    {0x2605, "\\star"},
    {0x2606, "\\star"},
});
static_assert(std::ranges::is_sorted(kSymbols, {}, &Symbol::character));

// Arrows, mathematics, pictures: never the letters of a language, whose writer has set a font.
bool is_pictorial(char32_t c) {
  return (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x1F000 && c <= 0x1FAFF);
}

// A word of code or a URL that is longer may break behind a punctuation mark.
constexpr std::size_t kLongWord = 24;

struct Decoded {
  char32_t character = 0;
  std::size_t bytes = 1;
};

// `text` is valid UTF-8; a byte that is not stands for itself.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  const unsigned first = byte(0);
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {first, 1};
  char32_t character = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) character = character << 6 | (byte(i) & 0x3F);
  return {character, bytes};
}

std::string ascii(char c, char before) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '"':
      return "\\textquotedbl{}";
    case '`':
      return "\\textasciigrave{}";
    case '&':
    case '%':
    case '$':
    case '#':
    case '_':
    case '{':
    case '}':
      return {'\\', c};
    case '[':
    case ']':
      // A row that begins with "[" would be read as \\'s argument.
      return {'{', c, '}'};
    case '-':
    case '\'':
      // Two of them would be drawn as a dash, or as a closing quotation mark.
      return before == c ? std::string("{}") + c : std::string(1, c);
    default:
      return {static_cast<unsigned char>(c) < 0x20 ? ' ' : c};
  }
}

}  // namespace

std::string latex_text(std::string_view text) {
  std::string out;
  std::size_t word = 0;  // bytes without a place to break the line
  for (std::size_t at = 0; at < text.size();) {
    const auto [character, bytes] = decode(text.substr(at));
    if (bytes == 1) {
      const char c = text[at];
      out += ascii(c, at > 0 ? text[at - 1] : '\0');
      word = c == ' ' ? 0 : word + 1;
      if (word >= kLongWord && !is_ascii_alnum(c)) {
        out += "\\allowbreak{}";
        word = 0;
      }
    } else if (const auto symbol =
                   std::ranges::lower_bound(kSymbols, character, {}, &Symbol::character);
               symbol != kSymbols.end() && symbol->character == character) {
      out += fmt::format("${}$", symbol->maths);
    } else if (character == 0x207B) {
      out += "$^-$";
    } else if (character >= 0x2070 && character <= 0x2079) {
      out += fmt::format("$^{}$", static_cast<unsigned>(character - 0x2070));
    } else if (character >= 0x2080 && character <= 0x2089) {
      out += fmt::format("$_{}$", static_cast<unsigned>(character - 0x2080));
    } else if (character >= 0x2460 && character <= 0x2473) {
      out += fmt::format("\\textcircled{{\\scriptsize {}}}",
                         static_cast<unsigned>(character - 0x2460) + 1);
    } else if (is_pictorial(character)) {
      out += fmt::format("{{\\footnotesize U+{:04X}}}", static_cast<std::uint32_t>(character));
    } else {
      out += text.substr(at, bytes);
    }
    at += bytes;
  }
  return out;
}

}  // namespace iie
