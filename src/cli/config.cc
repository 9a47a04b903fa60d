#include "cli/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/file.h"
#include "base/string_util.h"

namespace iie {
namespace {

// A configuration is a page at most; anything larger is the wrong file.
constexpr std::size_t kLargest = 1u << 20;

Error at(const std::string& name, const YAML::Mark& mark, std::string_view what) {
  if (mark.is_null()) return Error{ErrorKind::bad_input, fmt::format("{}: {}", name, what)};
  return Error{ErrorKind::bad_input,
               fmt::format("{}:{}:{}: {}", name, mark.line + 1, mark.column + 1, what)};
}

Result<std::vector<ConfigEntry>> read_mapping(const YAML::Node& root, const std::string& name) {
  std::vector<ConfigEntry> entries;
  if (root.IsNull()) return entries;
  if (!root.IsMap()) {
    return std::unexpected(
        at(name, root.Mark(), "expected a mapping such as 'model: openai:NAME'"));
  }
  for (const auto& field : root) {
    if (!field.first.IsScalar()) {
      return std::unexpected(at(name, field.first.Mark(), "expected a flag's name as key"));
    }
    ConfigEntry entry;
    entry.key = field.first.Scalar();
    std::ranges::replace(entry.key, '_', '-');
    entry.line = static_cast<std::size_t>(field.first.Mark().line) + 1;
    if (std::ranges::find(entries, entry.key, &ConfigEntry::key) != entries.end()) {
      return std::unexpected(
          at(name, field.first.Mark(), fmt::format("'{}' is set twice", one_line(entry.key, 40))));
    }
    if (field.second.IsScalar()) {
      entry.values.push_back(field.second.Scalar());
    } else if (field.second.IsSequence()) {
      for (const auto& element : field.second) {
        if (!element.IsScalar()) {
          return std::unexpected(at(name, element.Mark(), "expected a plain value in the list"));
        }
        entry.values.push_back(element.Scalar());
      }
    } else if (!field.second.IsNull()) {
      return std::unexpected(
          at(name, field.second.Mark(),
             fmt::format("'{}': expected a value or a list of values", one_line(entry.key, 40))));
    }
    if (!field.second.IsNull()) entries.push_back(std::move(entry));
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
  try {
    return read_mapping(YAML::Load(std::string(yaml)), name);
  } catch (const YAML::Exception& e) {
    return std::unexpected(at(name, e.mark, one_line(e.msg)));
  }
}

}  // namespace iie
