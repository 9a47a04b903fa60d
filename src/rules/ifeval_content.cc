// IFEval's detectable_content:*.
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "rules/ifeval_chinese.h"
#include "rules/instruction_kwargs.h"
#include "rules/instruction_registry.h"
#include "rules/keyword_pattern.h"
#include "text/byte_set.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// re.findall(r"\[.*?\]"): "[[a]]" is one, and none goes over a line break.
InstructionCheck number_placeholders(JsonFields& kwargs) {
  return [wanted = required_count(kwargs, "num_placeholders")](std::string_view response) {
    static constexpr ByteSet kEnd("]\n");
    std::int64_t found = 0;
    for (std::size_t at = response.find('['); at != kNone; at = response.find('[', at + 1)) {
      at = kEnd.find_in(response, at);
      if (at == kNone) break;
      if (response[at] == ']') ++found;
    }
    return found >= wanted;
  };
}

// The parts in order, with at most one white space between two of them.
bool spaced_match(std::string_view text, std::size_t at,
                  std::initializer_list<std::string_view> parts) {
  bool first = true;
  for (const std::string_view part : parts) {
    if (!first && !text.substr(at).starts_with(part) && at < text.size()) {
      std::size_t next = at;
      if (is_python_space(next_code_point(text, next))) at = next;
    }
    if (!text.substr(at).starts_with(part)) return false;
    at += part.size();
    first = false;
  }
  return true;
}

bool has_marker(std::string_view lower, std::initializer_list<std::string_view> parts) {
  const std::string_view first = *parts.begin();
  for (std::size_t at = lower.find(first); at != kNone; at = lower.find(first, at + 1)) {
    if (spaced_match(lower, at, parts)) return true;
  }
  return false;
}

// Anywhere in the response, not only at its end, and in either case. The reference has a pattern
// for each of its two markers and takes any other for a regular expression.
InstructionCheck postscript(JsonFields& kwargs) {
  const std::string given = required_text(kwargs, "postscript_marker");
  const std::string_view marker = python_strip(given);
  if (marker.empty()) kwargs.reject("postscript_marker", "must not be blank");
  if (marker == "P.P.S") {
    return [](std::string_view response) {
      return has_marker(python_lower(response), {"p.", "p.", "s"});
    };
  }
  if (marker == "P.S.") {
    return
        [](std::string_view response) { return has_marker(python_lower(response), {"p.", "s."}); };
  }
  return [pattern = KeywordPattern(kwargs, "postscript_marker", python_lower(marker))](
             std::string_view response) {
    const std::string lower = python_lower(response);
    return pattern.found_in(KeywordText(lower));
  };
}

}  // namespace

InstructionFamily ifeval_content_instructions() {
  static constexpr std::array<InstructionDefinition, 2> kFamily = {{
      {{"detectable_content:number_placeholders", InstructionSuite::ifeval,
        R"({"num_placeholders": n})"},
       number_placeholders,
       chinese::number_placeholders},
      {{"detectable_content:postscript", InstructionSuite::ifeval, R"({"postscript_marker": T})"},
       postscript},
  }};
  return kFamily;
}

}  // namespace iie
