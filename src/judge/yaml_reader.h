// What readers of our YAML files share: errors with file and line, and fields of the right kind.
// Private to the room.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/string_util.h"
#include "base/yaml.h"

namespace iie {

class YamlReader {
 public:
  // Errors begin with `name`, the file's, on one line: a matrix names files as it pleases.
  explicit YamlReader(std::string_view name) : name_(one_line(name, 200)) {}

 protected:
  static constexpr std::size_t kMaxBytes = 4 << 20;

  // Parses `text` and hands its root to `read`.
  template <typename Read>
  auto parse(std::string_view text, const Read& read) const -> decltype(read(YamlNode())) {
    if (text.size() > kMaxBytes) return std::unexpected(error(0, "the file is too large"));
    // A run keeps what it was read from as JSON, which could not be read back.
    if (!is_valid_utf8(text)) return std::unexpected(error(0, "the file is not UTF-8"));
    const auto root = parse_yaml(text);
    if (!root) return std::unexpected(error(root.error().line, root.error().message));
    return read(*root);
  }

  // bad_input; `line` counts from 1, 0 for none.
  Error error(int line, std::string_view message) const;
  std::unexpected<Error> error(const YamlNode& node, std::string_view message) const;
  // A map whose keys are all known and stand once.
  Result<void> check_keys(const YamlNode& map, std::string_view what,
                          const std::vector<std::string>& known) const;
  Result<std::string> scalar(const YamlNode& node, std::string_view key) const;
  // Text, or a list of paragraphs, so that several entries can share some by YAML anchors.
  Result<std::string> paragraphs(const YamlNode& node, std::string_view key) const;
  // One text, or a list of at least one.
  Result<std::vector<std::string>> texts(const YamlNode& node, std::string_view key) const;

 private:
  std::string name_;
};

}  // namespace iie
