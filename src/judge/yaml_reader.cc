#include "judge/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/string_util.h"

namespace iie {

Error YamlReader::error(int line, std::string_view message) const {
  std::string where = name_;
  if (line > 0) where += fmt::format(":{}", line);
  return {ErrorKind::bad_input, fmt::format("{}: {}", where, one_line(message, 300))};
}

std::unexpected<Error> YamlReader::error(const YamlNode& node, std::string_view message) const {
  return std::unexpected(error(node.line(), message));
}

Result<void> YamlReader::check_keys(const YamlNode& map, std::string_view what,
                                    const std::vector<std::string>& known) const {
  if (!map.is_map()) return error(map, fmt::format("expected {} as a map", what));
  std::set<std::string> seen;
  for (const auto& [name, value] : map.members()) {
    const std::string key = name.is_scalar() ? name.text() : std::string();
    if (std::ranges::find(known, key) == known.end()) {
      return error(name, fmt::format("unknown key '{}' in {}{}", one_line(key, 40), what,
                                     did_you_mean(key, known)));
    }
    if (!seen.insert(key).second) {
      return error(name, fmt::format("'{}' stands twice in {}", key, what));
    }
  }
  return {};
}

Result<std::string> YamlReader::scalar(const YamlNode& node, std::string_view key) const {
  if (!node || !node.is_scalar()) return error(node, fmt::format("expected '{}' as text", key));
  return node.text();
}

Result<std::string> YamlReader::paragraphs(const YamlNode& node, std::string_view key) const {
  if (!node.is_sequence()) return scalar(node, key);
  std::string out;
  for (const YamlNode& part : node.elements()) {
    IIE_TRY(const std::string text, scalar(part, key));
    if (!out.empty()) out += "\n\n";
    out += trim(text);
    if (out.size() > kMaxBytes) return error(node, "the text is too large");
  }
  return out;
}

Result<std::vector<std::string>> YamlReader::texts(const YamlNode& node,
                                                   std::string_view key) const {
  std::vector<std::string> out;
  if (!node.is_sequence()) {
    IIE_TRY(out.emplace_back(), scalar(node, key));
    return out;
  }
  for (const YamlNode& part : node.elements()) {
    IIE_TRY(out.emplace_back(), scalar(part, key));
  }
  if (out.empty()) return error(node, fmt::format("'{}' is an empty list", key));
  return out;
}

}  // namespace iie
