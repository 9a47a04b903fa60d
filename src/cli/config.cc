#include "cli/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/string_util.h"
#include "base/yaml.h"

namespace iie {
namespace {

// A configuration is a page at most; anything larger is the wrong file.
constexpr std::size_t kLargest = 1u << 20;

Error at(const std::string& name, int line, int column, std::string_view what) {
  if (line == 0) return Error{ErrorKind::bad_input, fmt::format("{}: {}", name, what)};
  return Error{ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", name, line, column, what)};
}

Error at(const std::string& name, const YamlNode& node, std::string_view what) {
  return at(name, node.line(), node.column(), what);
}

Result<std::vector<ConfigEntry>> read_mapping(const YamlNode& root, const std::string& name) {
  std::vector<ConfigEntry> entries;
  if (root.is_null()) return entries;
  if (!root.is_map()) {
    return std::unexpected(at(name, root, "expected a mapping such as 'model: openai:NAME'"));
  }
  for (const YamlMember& field : root.members()) {
    if (!field.key.is_scalar()) {
      return std::unexpected(at(name, field.key, "expected a flag's name as key"));
    }
    ConfigEntry entry;
    entry.key = field.key.text();
    std::ranges::replace(entry.key, '_', '-');
    entry.line = static_cast<std::size_t>(field.key.line());
    if (std::ranges::find(entries, entry.key, &ConfigEntry::key) != entries.end()) {
      return std::unexpected(
          at(name, field.key, fmt::format("'{}' is set twice", one_line(entry.key, 40))));
    }
    if (field.value.is_scalar()) {
      entry.values.push_back(field.value.text());
    } else if (field.value.is_sequence()) {
      for (const YamlNode& element : field.value.elements()) {
        if (!element.is_scalar()) {
          return std::unexpected(at(name, element, "expected a plain value in the list"));
        }
        entry.values.push_back(element.text());
      }
    } else if (!field.value.is_null()) {
      return std::unexpected(
          at(name, field.value,
             fmt::format("'{}': expected a value or a list of values", one_line(entry.key, 40))));
    }
    if (!field.value.is_null()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<std::vector<ConfigEntry>> read_config(const std::string& path) {
  IIE_TRY(const std::string text, read_file(path));
  if (text.size() > kLargest) {
    return fail(ErrorKind::bad_input, path + ": too large for a configuration file");
  }
  return parse_config(text, path);
}

Result<std::vector<ConfigEntry>> parse_config(std::string_view yaml, const std::string& name) {
  const auto root = parse_yaml(yaml);
  if (!root) {
    const auto& [line, column, message] = root.error();
    return std::unexpected(at(name, line, column, one_line(message)));
  }
  return read_mapping(*root, name);
}

}  // namespace iie
