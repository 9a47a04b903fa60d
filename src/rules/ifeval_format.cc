// IFEval's detectable_format:*.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "rules/ifeval_chinese.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "rules/keyword_pattern.h"
#include "text/byte_set.h"
#include "text/python_json.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(std::string_view text) { return python_strip(text).empty(); }

// Anywhere in the response: "My answer is yes. And no." follows it.
InstructionCheck constrained_response(JsonFields&) {
  return [](std::string_view response) {
    constexpr std::array<std::string_view, 3> kOptions = {"My answer is yes.", "My answer is no.",
                                                          "My answer is maybe."};
    return std::ranges::any_of(
        kOptions, [&](std::string_view option) { return response.find(option) != kNone; });
  };
}

// One fence may be around it. The four prefixes are removed one after the other, so that
// "```json```Json" goes too.
InstructionCheck json_format(JsonFields&) {
  return [](std::string_view response) {
    std::string_view text = python_strip(response);
    for (const std::string_view fence : {"```json", "```Json", "```JSON", "```"}) {
      if (text.starts_with(fence)) text.remove_prefix(fence.size());
    }
    if (text.ends_with("```")) text.remove_suffix(3);
    return is_python_json(python_strip(text));
  };
}

// re.split(r"\s?" + splitter + r"\s?\d+\s?"), where the splitter is a regular expression.
InstructionCheck multiple_sections(JsonFields& kwargs) {
  const std::string given = required_text(kwargs, "section_spliter");
  const std::string_view splitter = python_strip(given);
  if (splitter.empty()) kwargs.reject("section_spliter", "must not be blank");
  if (splitter.find_first_of(kRegexCharacters) != kNone) {
    kwargs.reject("section_spliter", "holds special characters of regular expressions");
  }
  return [splitter = std::string(splitter),
          wanted = required_count(kwargs, "num_sections")](std::string_view response) {
    std::int64_t found = 0;
    for (std::size_t at = response.find(splitter); at != kNone;) {
      std::size_t digits = at + splitter.size();
      std::size_t next = digits;
      if (next < response.size() && is_python_space(next_code_point(response, next))) digits = next;
      std::size_t end = digits;
      for (next = end; next < response.size(); end = next) {
        if (!is_decimal_digit(next_code_point(response, next))) break;
      }
      if (end > digits) ++found;
      at = response.find(splitter, end > digits ? end : at + 1);
    }
    return found >= wanted;
  };
}

// How often re.findall(r"^\s*" + MARK + r".*$", re.MULTILINE) matches, where MARK is '-', or '*'
// and a character that is none. White space includes line breaks, so a match may begin on blank
// lines before its bullet; and the character behind '*' may be a line break, so that a lone '*'
// takes the next line with it.
std::int64_t count_bullets(std::string_view text, char mark) {
  std::int64_t found = 0;
  std::size_t line = 0;  // where a line begins
  while (line < text.size()) {
    std::size_t at = line;
    for (std::size_t next = at; next < text.size();) {
      if (!is_python_space(next_code_point(text, next))) break;
      at = next;
    }
    if (at == text.size()) break;
    std::size_t end = kNone;
    if (text[at] == mark) {
      std::size_t behind = at + 1;
      if (mark != '*') {
        end = behind;
      } else if (behind < text.size() && text[behind] != '*') {
        next_code_point(text, behind);
        end = behind;
      }
    }
    // No other line begins before the bullet or what stands in its place: on to the next.
    const std::size_t from = end == kNone ? at : end;
    if (end != kNone) ++found;
    const std::size_t stop = text.find('\n', from);
    if (end != kNone && from > 0 && text[from - 1] == '\n' && stop == from) {
      line = from;  // "*\n\n": the match ended where an empty line begins
      continue;
    }
    line = stop == kNone ? text.size() : stop + 1;
  }
  return found;
}

// '+' and numbers are no bullets, and "**bold**" at a line's start is none.
InstructionCheck number_bullet_lists(JsonFields& kwargs) {
  return [wanted = required_count(kwargs, "num_bullets")](std::string_view response) {
    return count_bullets(response, '*') + count_bullets(response, '-') == wanted;
  };
}

constexpr ByteSet kStarOrBreak("*\n");

// re.findall(r"\*[^\n\*]*\*"), those that are not blank.
std::int64_t count_single_highlights(std::string_view text) {
  std::int64_t found = 0;
  for (std::size_t at = text.find('*'); at != kNone;) {
    const std::size_t end = kStarOrBreak.find_in(text, at + 1);
    if (end == kNone) break;
    if (text[end] == '\n') {
      at = text.find('*', end);
      continue;
    }
    if (!is_blank(text.substr(at + 1, end - at - 1))) ++found;
    at = text.find('*', end + 1);
  }
  return found;
}

// re.findall(r"\*\*[^\n\*]*\*\*"), those that are not blank.
std::int64_t count_double_highlights(std::string_view text) {
  std::int64_t found = 0;
  for (std::size_t at = text.find("**"); at != kNone;) {
    const std::size_t end = kStarOrBreak.find_in(text, at + 2);
    if (end == kNone) break;
    if (!text.substr(end).starts_with("**")) {
      at = text.find("**", at + 1);
      continue;
    }
    if (!is_blank(text.substr(at + 2, end - at - 2))) ++found;
    at = text.find("**", end + 2);
  }
  return found;
}

// A bold section is highlighted twice where its stars pair up in both ways.
InstructionCheck number_highlighted_sections(JsonFields& kwargs) {
  return [wanted = required_count(kwargs, "num_highlights")](std::string_view response) {
    return count_single_highlights(response) + count_double_highlights(response) >= wanted;
  };
}

// re.findall(r"<<[^\n]+>>"), which takes all from the first "<<" of a line to its last ">>".
InstructionCheck title(JsonFields&) {
  return [](std::string_view response) {
    for (std::size_t begin = 0; begin < response.size();) {
      const std::size_t stop = std::min(response.find('\n', begin), response.size());
      const std::string_view line = response.substr(begin, stop - begin);
      const std::size_t open = line.find("<<");
      const std::size_t close = line.rfind(">>");
      if (open != kNone && close != kNone && close >= open + 3) {
        const std::string_view inner =
            python_rstrip(python_lstrip(line.substr(open, close + 2 - open), "<"), ">");
        if (!is_blank(inner)) return true;
      }
      begin = stop + 1;
    }
    return false;
  };
}

}  // namespace

InstructionFamily ifeval_format_instructions() {
  static constexpr std::array<InstructionDefinition, 6> kFamily = {{
      {{"detectable_format:constrained_response", InstructionSuite::ifeval, "{}"},
       constrained_response},
      {{"detectable_format:json_format", InstructionSuite::ifeval, "{}"}, json_format},
      {{"detectable_format:multiple_sections", InstructionSuite::ifeval,
        R"({"section_spliter": T, "num_sections": n})"},
       multiple_sections,
       chinese::multiple_sections},
      {{"detectable_format:number_bullet_lists", InstructionSuite::ifeval, R"({"num_bullets": n})"},
       number_bullet_lists},
      {{"detectable_format:number_highlighted_sections", InstructionSuite::ifeval,
        R"({"num_highlights": n})"},
       number_highlighted_sections},
      {{"detectable_format:title", InstructionSuite::ifeval, "{}"}, title, chinese::title},
  }};
  return kFamily;
}

}  // namespace iie
