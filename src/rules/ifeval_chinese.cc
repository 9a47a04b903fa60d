#include "rules/ifeval_chinese.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "rules/instruction_kwargs.h"
#include "text/python_text.h"
#include "text/segmentation.h"
#include "text/unicode.h"

namespace iie::chinese {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Double quotation marks that open and close, ASCII's first.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kQuotes = {
    {{"\"", "\""}, {"“", "”"}, {"「", "」"}, {"『", "』"}, {"＂", "＂"}}};
constexpr std::u32string_view kOpening = U"\"“「『＂'‘（(《【[*";
constexpr std::u32string_view kNumerals = U"〇零一二三四五六七八九十百两";

bool is_one_of(std::u32string_view characters, char32_t c) {
  return characters.find(c) != std::u32string_view::npos;
}
bool is_number(char32_t c) { return is_decimal_digit(c) || is_one_of(kNumerals, c); }

// Characters as people count them (字数): each Han character, and each run of other letters and
// digits (a word, a number).
std::int64_t count_characters_and_words(std::string_view text) {
  std::int64_t count = 0;
  bool in_run = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    const bool han = is_han(c);
    const bool word = !han && is_python_word(c);
    if (han || (word && !in_run)) ++count;
    in_run = word;
  }
  return count;
}

// Behind white space and opening quotes and brackets.
std::string_view without_opening(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (!is_python_space(c) && !is_one_of(kOpening, c)) break;
    begin = at;
  }
  return text.substr(begin);
}

// Does `text` begin with `word`, as a whole word or several as ICU's dictionary cuts them?
bool begins_with_word(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  return std::ranges::any_of(words(text),
                             [&](const TextSpan& span) { return span.end == word.size(); });
}

// Does no word of a spaced script go on at `at`?
bool is_word_boundary(std::string_view text, std::size_t at) {
  const auto is_spaced = [](char32_t c) { return is_python_word(c) && !is_unspaced_letter(c); };
  if (at == 0 || at == text.size()) return true;
  std::size_t before = at;
  std::size_t behind = at;
  return !is_spaced(previous_code_point(text, before)) || !is_spaced(next_code_point(text, behind));
}

bool is_number_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_number(next_code_point(text, at));
}

// "第三" right before `at`? No number of sections is longer than kMaxNumerals.
bool ordinal_before(std::string_view text, std::size_t at) {
  constexpr int kMaxNumerals = 6;
  for (int numerals = 0; at > 0 && numerals <= kMaxNumerals; ++numerals) {
    const char32_t c = previous_code_point(text, at);
    if (!is_number(c)) return numerals > 0 && c == U'第';
  }
  return false;
}

}  // namespace

InstructionCheck number_words(JsonFields& kwargs) {
  return [threshold = required_count(kwargs, "num_words"),
          relation = required_relation(kwargs, "relation")](std::string_view response) {
    return holds(relation, count_characters_and_words(response), threshold);
  };
}

InstructionCheck number_sentences(JsonFields& kwargs) {
  return [threshold = required_count(kwargs, "num_sentences"),
          relation = required_relation(kwargs, "relation")](std::string_view response) {
    return holds(relation, static_cast<std::int64_t>(sentences(response).size()), threshold);
  };
}

InstructionCheck nth_paragraph_first_word(JsonFields& kwargs) {
  const std::int64_t wanted = required_count(kwargs, "num_paragraphs");
  const std::int64_t nth = required_int(kwargs, "nth_paragraph");
  if (nth < 1 || nth > wanted) {
    kwargs.reject("nth_paragraph", "must be between 1 and num_paragraphs");
  }
  return [wanted, nth, first_word = python_lower(required_text(kwargs, "first_word"))](
             std::string_view response) {
    const std::vector<TextSpan> found = paragraphs(response);
    if (static_cast<std::int64_t>(found.size()) != wanted) return false;
    const TextSpan& paragraph = found[static_cast<std::size_t>(nth - 1)];
    return begins_with_word(without_opening(python_lower(paragraph.of(response))), first_word);
  };
}

// Chinese ones anywhere: who forbids 的 forbids 我的 too, and dictionaries do not agree on what a
// word is. Others as whole words, and Chinese characters beside them do not make them longer.
InstructionCheck forbidden_words(JsonFields& kwargs) {
  std::vector<std::string> forbidden = required_texts(kwargs, "forbidden_words");
  for (std::string& word : forbidden) word = python_ignore_case(word);
  return [forbidden = std::move(forbidden)](std::string_view response) {
    const std::string text = python_ignore_case(response);
    return std::ranges::none_of(forbidden, [&](const std::string& word) {
      for (std::size_t at = text.find(word); at != kNone; at = text.find(word, at + 1)) {
        if (is_word_boundary(text, at) && is_word_boundary(text, at + word.size())) return true;
      }
      return false;
    });
  };
}

// Full-width ones too; the pause mark (、) is none.
InstructionCheck no_comma(JsonFields&) {
  return [](std::string_view response) {
    return std::ranges::none_of(
        std::array<std::string_view, 3>{",", "，", "﹐"},
        [&](std::string_view comma) { return response.find(comma) != kNone; });
  };
}

InstructionCheck quotation(JsonFields&) {
  return [](std::string_view response) {
    const std::string_view text = python_strip(response);
    return std::ranges::any_of(kQuotes, [&](const auto& quotes) {
      return text.size() >= quotes.first.size() + quotes.second.size() &&
             text.starts_with(quotes.first) && text.ends_with(quotes.second);
    });
  };
}

// Quotation marks behind the phrase do not count.
InstructionCheck end_checker(JsonFields& kwargs) {
  const std::string phrase = required_text(kwargs, "end_phrase");
  return [phrase = python_lower(python_strip(phrase))](std::string_view response) {
    std::string_view text = python_strip(response);
    const std::string whole = python_lower(text);
    if (whole.ends_with(phrase)) return true;
    for (bool cut = true; cut;) {
      cut = false;
      for (const auto& [opening, closing] : kQuotes) {
        if (!text.ends_with(closing)) continue;
        text.remove_suffix(closing.size());
        cut = true;
      }
    }
    return python_lower(text).ends_with(phrase);
  };
}

// <<标题>>, and 《《标题》》 with full-width marks.
InstructionCheck title(JsonFields&) {
  return [](std::string_view response) {
    for (const TextSpan& span : lines(response)) {
      const std::string_view line = span.of(response);
      for (const auto& [open, close] :
           {std::pair<std::string_view, std::string_view>{"<<", ">>"},
            std::pair<std::string_view, std::string_view>{"《《", "》》"}}) {
        const std::size_t begin = line.find(open);
        const std::size_t end = line.rfind(close);
        if (begin != kNone && end != kNone && end > begin + open.size() &&
            !python_strip(line.substr(begin + open.size(), end - begin - open.size())).empty()) {
          return true;
        }
      }
    }
    return false;
  };
}

// [地址], and with full-width brackets: ［地址］, 【地址】.
InstructionCheck number_placeholders(JsonFields& kwargs) {
  return [wanted = required_count(kwargs, "num_placeholders")](std::string_view response) {
    constexpr std::u32string_view kOpen = U"[［【";
    constexpr std::u32string_view kClose = U"]］】";
    std::int64_t found = 0;
    std::size_t open = std::u32string_view::npos;  // which bracket is open
    for (std::size_t at = 0; at < response.size();) {
      const char32_t c = next_code_point(response, at);
      if (c == U'\n') {
        open = std::u32string_view::npos;
      } else if (open == std::u32string_view::npos) {
        open = kOpen.find(c);
      } else if (c == kClose[open]) {
        ++found;
        open = std::u32string_view::npos;
      }
    }
    return found >= wanted;
  };
}

// The splitter with a number behind it (部分 1, 部分一) or in front (第一部分).
InstructionCheck multiple_sections(JsonFields& kwargs) {
  const std::string given = required_text(kwargs, "section_spliter");
  const std::string_view splitter = python_strip(given);
  if (splitter.empty()) kwargs.reject("section_spliter", "must not be blank");
  return [splitter = std::string(splitter),
          wanted = required_count(kwargs, "num_sections")](std::string_view response) {
    std::int64_t found = 0;
    for (std::size_t at = response.find(splitter); at != kNone;) {
      std::size_t behind = at + splitter.size();
      std::size_t next = behind;
      if (next < response.size() && is_python_space(next_code_point(response, next))) behind = next;
      if (is_number_at(response, behind) || ordinal_before(response, at)) ++found;
      at = response.find(splitter, at + splitter.size());
    }
    return found >= wanted;
  };
}

}  // namespace iie::chinese
