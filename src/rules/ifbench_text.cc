#include "rules/ifbench_text.h"

#include "base/string_util.h"
#include "text/python_text.h"

namespace iie::ifbench {

std::size_t count_substrings(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

std::vector<std::string_view> lines(std::string_view text) { return split(text, '\n'); }

PlainWords::PlainWords(std::string_view text)
    : text_(without_punctuation(python_lower(text))), words_(python_split(text_)) {}

}  // namespace iie::ifbench
