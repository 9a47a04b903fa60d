// YAML 1.1 documents as plain nodes, read by libyaml. What scalars mean is the reader's to say:
// they are text here, but for null.
//
//   auto root = parse_yaml(text);
//   if (!root) ... root.error().line ...
//   const YamlNode& model = (*root)["model"];
//   if (model && !model.is_scalar()) ... model.line() ...
//
// The first document of a text counts. Text that is not UTF-8, holds control characters, names an
// anchor that is not complete, or is nested deeper than kMaxYamlDepth (aliases followed), is an
// error. An alias shares its anchor's node, so a page may stand for more nodes than memory holds:
// who walks all of a hostile document counts them.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

inline constexpr std::size_t kMaxYamlDepth = 64;

struct YamlMember;

// A handle, cheap to copy; what it names is immutable.
class YamlNode {
 public:
  // Absent, as a member is that is not there: none of the kinds below.
  YamlNode() = default;

  explicit operator bool() const { return content_ != nullptr; }
  bool is_null() const;  // nothing, ~ or null, plainly written
  bool is_scalar() const;
  bool is_sequence() const;
  bool is_map() const;

  // Of a scalar; empty for all others.
  const std::string& text() const;
  // A scalar in quotes or in a block: text, whatever it looks like.
  bool is_quoted() const;
  // Empty for what is no sequence, or no map. Members stand as written, repeated keys included.
  const std::vector<YamlNode>& elements() const;
  const std::vector<YamlMember>& members() const;
  // Of either.
  std::size_t size() const;

  // The first member of this name, or the element of this number; absent where there is none.
  const YamlNode& operator[](std::string_view key) const;
  const YamlNode& operator[](std::size_t index) const;

  // Where it begins, from 1; 0 for what stands nowhere.
  int line() const;
  int column() const;

 private:
  friend class YamlBuilder;
  struct Content;
  explicit YamlNode(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

struct YamlMember {
  YamlNode key;
  YamlNode value;
};

// Why a text is no YAML; line and column from 1, 0 where none is to blame.
struct YamlError {
  int line = 0;
  int column = 0;
  std::string message;
};

// An empty text is null.
std::expected<YamlNode, YamlError> parse_yaml(std::string_view text);

}  // namespace iie
