// IFBench's format: how the response is laid out.
#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

#include "base/string_util.h"
#include "rules/ifbench_text.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "text/emoji_table.h"
#include "text/nltk_words.h"
#include "text/pattern_sentences.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

InstructionCheck parentheses(JsonFields&) {
  return [](std::string_view text) {
    // True once a bracket closes after five have been open at a time. One that closes nothing, or
    // the wrong one, starts the count anew.
    static constexpr std::size_t kLevels = 5;
    std::string open;
    std::size_t deepest = 0;
    for (const char c : text) {
      if (c == '(' || c == '[' || c == '{') {
        open += c == '(' ? ')' : c == '[' ? ']' : '}';
        deepest = std::max(deepest, open.size());
      } else if (c == ')' || c == ']' || c == '}') {
        if (!open.empty() && open.back() == c) {
          open.pop_back();
          if (deepest >= kLevels) return true;
        } else {
          open.clear();
          deepest = 0;
        }
      }
    }
    return false;
  };
}

InstructionCheck quotes(JsonFields&) {
  return [](std::string_view text) {
    // An apostrophe is a single quote. What counts is coming back three levels from the deepest
    // point so far, which is never forgotten.
    static constexpr std::size_t kLevels = 3;
    std::string open;
    std::size_t deepest = 0;
    for (const char c : text) {
      if (c != '"' && c != '\'') continue;
      if (!open.empty() && open.back() == c) {
        open.pop_back();
        if (deepest - open.size() >= kLevels) return true;
      } else {
        open += c;
        deepest = std::max(deepest, open.size());
      }
    }
    return false;
  };
}

// str.split(separator).
std::vector<std::string> split_at(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(python_strip(text.substr(begin, end - begin)));
    if (end == text.npos) return parts;
    begin = end + separator.size();
  }
}

// re.match(r"\W*[aA]\W*[bB]\W*[cC]\W*"): the options are letters.
bool are_letters(std::string_view options) {
  std::size_t at = 0;
  for (const char wanted : std::string_view("abc")) {
    char32_t c = U'\0';
    do {
      if (at == options.size()) return false;
      c = next_code_point(options, at);
    } while (!is_python_word(c));
    if (c > 0x7F || ascii_lower(static_cast<char>(c)) != wanted) return false;
  }
  return true;
}

InstructionCheck options(JsonFields& kwargs) {
  const std::string given = required_text(kwargs, "options");
  // "or" splits inside words as well.
  const std::string_view separator = given.find('/') != std::string::npos    ? "/"
                                     : given.find("or") != std::string::npos ? "or"
                                                                             : ",";
  std::vector<std::string> all = split_at(given, separator);
  if (are_letters(given)) {
    // Letters must stand as they were given: no "A" for "a)", and no line break behind it.
    return [all](std::string_view text) { return std::ranges::find(all, text) != all.end(); };
  }
  const auto bare = [](std::string_view option) {
    return python_lower(python_strip(option, kPythonPunctuationAndSpace));
  };
  for (std::string& option : all) option = bare(option);
  return [all, bare](std::string_view text) {
    return std::ranges::find(all, bare(text)) != all.end();
  };
}

InstructionCheck newline(JsonFields&) {
  return [](std::string_view text) {
    const std::string plain = without_punctuation(text);
    const auto lines = ifbench::lines(python_strip(plain));
    // A line of spaces counts, an empty one does not.
    const auto filled =
        std::ranges::count_if(lines, [](std::string_view line) { return !line.empty(); });
    return static_cast<std::size_t>(filled) == python_split(plain).size();
  };
}

InstructionCheck emoji(JsonFields&) {
  return [](std::string_view text) {
    std::vector<std::u32string> sentences;
    for (const std::string& sentence : pattern_sentences(text)) {
      sentences.push_back(python_characters(python_strip(without_punctuation(sentence))));
    }
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      const std::u32string& sentence = sentences[i];
      if (sentence.empty()) return false;
      // The last character or the one before it: a variation selector may follow.
      if (is_single_emoji(sentence.back())) continue;
      if (sentence.size() > 1 && is_single_emoji(sentence[sentence.size() - 2])) continue;
      // Behind the full stop it belongs to the next sentence.
      if (i + 1 == sentences.size() || sentences[i + 1].empty()) return false;
      if (!is_single_emoji(sentences[i + 1].front())) return false;
    }
    return true;
  };
}

// The lines that the reference compares. It removes blank ones from the list while it runs over it,
// and removes the first that is equal: so the line behind a blank one is never looked at and stays,
// blank or not, and where it is blank, the next of its kind removes it in its own place.
std::vector<std::string_view> lines_without_some_blank(std::string_view text) {
  const auto all = ifbench::lines(text);
  std::vector<bool> removed(all.size(), false);
  std::unordered_map<std::string_view, std::deque<std::size_t>> blanks;  // still there, by content
  for (std::size_t i = 0, looked_at = 0; i < all.size(); ++i) {
    const bool blank = python_strip(all[i]).empty();
    if (blank) blanks[all[i]].push_back(i);
    if (i != looked_at) continue;
    if (!blank) {
      ++looked_at;
      continue;
    }
    auto& same = blanks[all[i]];
    removed[same.front()] = true;
    same.pop_front();
    looked_at += 2;
  }
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!removed[i]) kept.push_back(all[i]);
  }
  return kept;
}

InstructionCheck line_indent(JsonFields&) {
  return [](std::string_view text) {
    const auto indent = [](std::string_view line) {
      return std::min(line.find_first_not_of(' '), line.size());
    };
    const auto lines = lines_without_some_blank(text);
    return std::ranges::adjacent_find(lines, [&](std::string_view a, std::string_view b) {
             return indent(b) <= indent(a);
           }) == lines.end();
  };
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, done)) {
    out.append(text.substr(done, at - done)).append(to);
    done = at + from.size();
  }
  return out.append(text.substr(done));
}

InstructionCheck quote_unquote(JsonFields&) {
  return [](std::string_view text) {
    std::string straight = replace_all(text, "\u201C", "\"");
    straight = replace_all(straight, "\u201D", "\"");
    straight = replace_all(straight, "'\"'", "");  // the character itself
    std::string dense;
    for (const std::string_view word : python_split(straight)) dense += word;
    if (dense.find("\"\"") != std::string::npos) return false;
    // string.digits and string.punctuation without the quotation mark. Where nothing else is left,
    // older releases of the reference crash and newer ones are content.
    const std::string_view rest = python_strip(dense, "0123456789!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
    return !rest.ends_with('"');
  };
}

InstructionCheck list(JsonFields& kwargs) {
  const std::string separator = required_text(kwargs, "sep");
  return [separator](std::string_view text) {
    return ifbench::count_substrings(text, separator) >= 2;  // anywhere, not only where lines begin
  };
}

InstructionCheck thesis(JsonFields&) {
  return [](std::string_view text) {
    // Offsets are those of <i>: of <em> and </em>, one character is left over, and counts as text.
    std::size_t begin = text.find("<i>");
    if (begin == text.npos) begin = text.find("<em>");
    if (begin == text.npos) return false;
    text = text.substr(begin);
    std::size_t end = text.find("</i>");
    if (end == text.npos) end = text.find("</em>");
    if (end == text.npos) return false;
    return !python_strip(text.substr(3, end - 3)).empty() &&
           !python_strip(text.substr(end + 4)).empty();
  };
}

InstructionCheck sub_bullets(JsonFields&) {
  return [](std::string_view text) {
    // Every asterisk is a bullet point and every hyphen a sub-bullet point, wherever they stand; a
    // text without asterisks passes, which is why the loose variants do.
    const auto parts = split(text, '*');
    return std::all_of(parts.begin() + 1, parts.end(),
                       [](std::string_view part) { return part.find('-') != part.npos; });
  };
}

InstructionCheck no_bullets_bullets(JsonFields&) {
  return [](std::string_view text) {
    bool in_sentences = true;
    std::size_t sentences = 0;
    std::size_t bullets = 0;
    for (const std::string_view line : ifbench::lines(text)) {
      const std::string_view bare = python_strip(line);
      if (bare.starts_with('*')) {
        in_sentences = false;
        if (sentences < 2) return false;
        ++bullets;
      } else if (in_sentences) {
        const std::size_t more = pattern_sentences(bare).size();
        sentences += more;
        in_sentences = more > 0;  // a blank line ends them, as in the reference
      } else {
        return false;
      }
    }
    return bullets >= 2;
  };
}

InstructionCheck title_case(JsonFields&) {
  return [](std::string_view text) {
    // Fails by a word that is all in lower case or begins so and goes on in upper case. Letters
    // alone ("a", "I"), mixed words ("iPhone") and words with other characters behind a capital
    // pass.
    return std::ranges::none_of(nltk_word_tokenize(text), [](std::string_view word) {
      std::size_t at = 0;
      const char32_t initial = next_code_point(word, at);
      const std::string_view rest = word.substr(at);
      return is_python_lower(initial) && (all_python_upper(rest) || all_python_lower(rest));
    });
  };
}

InstructionCheck output_template(JsonFields&) {
  return [](std::string_view text) {
    return text.find("My Answer:") != text.npos && text.find("My Conclusion:") != text.npos &&
           text.find("Future Outlook:") != text.npos;
  };
}

InstructionCheck no_whitespace(JsonFields&) {
  return [](std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      if (is_python_space(next_code_point(text, at))) return false;
    }
    return true;
  };
}

}  // namespace

InstructionFamily ifbench_format_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"format:emoji", kSuite, "{}"}, &emoji},
      {{"format:line_indent", kSuite, "{}"}, &line_indent},
      {{"format:list", kSuite, R"({"sep": s})"}, &list},
      {{"format:newline", kSuite, "{}"}, &newline},
      {{"format:no_bullets_bullets", kSuite, "{}"}, &no_bullets_bullets},
      {{"format:no_whitespace", kSuite, "{}"}, &no_whitespace},
      {{"format:options", kSuite, R"({"options": s})"}, &options},
      {{"format:output_template", kSuite, "{}"}, &output_template},
      {{"format:parentheses", kSuite, "{}"}, &parentheses},
      {{"format:quote_unquote", kSuite, "{}"}, &quote_unquote},
      {{"format:quotes", kSuite, "{}"}, &quotes},
      {{"format:sub-bullets", kSuite, "{}"}, &sub_bullets},
      {{"format:thesis", kSuite, "{}"}, &thesis},
      {{"format:title_case", kSuite, "{}"}, &title_case},
  });
  return kInstructions;
}

}  // namespace iie
