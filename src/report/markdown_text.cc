#include "report/markdown_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/string_util.h"

namespace iie {

std::string md_text(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>|#~&$!{}";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const char before = at > 0 ? text[at - 1] : ' ';
    if (c == '@') {
      const std::size_t end = std::min(text.find_first_not_of('@', at), text.size());
      out.append("`").append(text.substr(at, end - at)).append("`");
      at = end - 1;
      continue;
    }
    const bool link = (c == '/' && before == ':') || (c == '.' && ascii_lower(before) == 'w');
    if (link || kSpecial.find(c) != kSpecial.npos) out += '\\';
    out += c;
  }
  return out;
}

std::string md_code(std::string_view text) {
  if (text.empty()) return "(empty)";
  std::size_t longest = 0;
  for (std::size_t at = 0, run = 0; at < text.size(); ++at) {
    run = text[at] == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool pad = text.starts_with('`') || text.ends_with('`');
  return fmt::format("{0}{1}{2}{1}{0}", fence, pad ? " " : "", text);
}

std::string md_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string md_header(const std::vector<std::string>& cells) {
  std::string out = md_row(cells) + "|:--|";
  for (std::size_t i = 1; i < cells.size(); ++i) out += "--:|";
  return out + '\n';
}

}  // namespace iie
