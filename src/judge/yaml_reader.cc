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

std::unexpected<Error> YamlReader::error(const YAML::Node& node, std::string_view message) const {
  return std::unexpected(error(node.Mark().line + 1, message));
}

Result<void> YamlReader::check_keys(const YAML::Node& map, std::string_view what,
                                    const std::vector<std::string>& known) const {
  if (!map.IsMap()) return error(map, fmt::format("expected {} as a map", what));
  std::set<std::string> seen;
  for (const auto& pair : map) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (std::ranges::find(known, key) == known.end()) {
      return error(pair.first, fmt::format("unknown key '{}' in {}{}", one_line(key, 40), what,
                                           did_you_mean(key, known)));
    }
    if (!seen.insert(key).second) {
      return error(pair.first, fmt::format("'{}' stands twice in {}", key, what));
    }
  }
  return {};
}

Result<std::string> YamlReader::scalar(const YAML::Node& node, std::string_view key) const {
  if (!node || !node.IsScalar()) return error(node, fmt::format("expected '{}' as text", key));
  return node.Scalar();
}

Result<std::string> YamlReader::paragraphs(const YAML::Node& node, std::string_view key) const {
  if (!node.IsSequence()) return scalar(node, key);
  std::string out;
  for (const YAML::Node& part : node) {
    IIE_TRY(const std::string text, scalar(part, key));
    if (!out.empty()) out += "\n\n";
    out += trim(text);
    if (out.size() > kMaxBytes) return error(node, "the text is too large");
  }
  return out;
}

Result<std::vector<std::string>> YamlReader::texts(const YAML::Node& node,
                                                   std::string_view key) const {
  std::vector<std::string> out;
  if (!node.IsSequence()) {
    IIE_TRY(out.emplace_back(), scalar(node, key));
    return out;
  }
  for (const YAML::Node& part : node) {
    IIE_TRY(out.emplace_back(), scalar(part, key));
  }
  if (out.empty()) return error(node, fmt::format("'{}' is an empty list", key));
  return out;
}

}  // namespace iie
