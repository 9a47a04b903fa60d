#include "base/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

namespace iie {

struct YamlNode::Content {
  std::variant<std::monostate, std::string, std::vector<YamlNode>, std::vector<YamlMember>> value;
  bool quoted = false;
  std::size_t height = 0;  // of the nodes under it, aliases followed
  int line = 0;
  int column = 0;
};

namespace {

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

bool stands_for_null(std::string_view plain) {
  return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

YamlError error_at(const yaml_mark_t& mark, std::string message) {
  return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1, std::move(message)};
}

class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(text.data()),
                                 text.size());
  }
  ~Parser() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool next(Event& event) { return ready_ && yaml_parser_parse(&parser_, event.get()) != 0; }

  // Why next() failed.
  YamlError error() const {
    if (!ready_ || parser_.error == YAML_MEMORY_ERROR) return {0, 0, "out of memory"};
    std::string message = parser_.problem == nullptr ? "not valid YAML" : parser_.problem;
    if (parser_.context != nullptr) message += fmt::format(" {}", parser_.context);
    // What the reader refuses has no mark, only its byte; and the end of a text that lacks
    // something is marked on a line that is not there.
    if (parser_.error == YAML_READER_ERROR) return error_at(parser_.problem_offset, message);
    const auto last_line = static_cast<std::size_t>(std::ranges::count(text_, '\n'));
    if (parser_.problem_mark.line > last_line) return error_at(text_.size(), message);
    return iie::error_at(parser_.problem_mark, std::move(message));
  }

 private:
  YamlError error_at(std::size_t byte, std::string message) const {
    const std::string_view before = text_.substr(0, byte);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
            static_cast<int>(before.size() - line_start) + 1, std::move(message)};
  }

  std::string_view text_;
  yaml_parser_t parser_{};
  bool ready_ = false;
};

}  // namespace

// Turns events into nodes, without recursion: the depth is the text's.
class YamlBuilder {
 public:
  std::optional<YamlError> take(const Event& event) {
    switch (event->type) {
      case YAML_ALIAS_EVENT: {
        const std::string name(view(event->data.alias.anchor));
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) {
          return error_at(event->start_mark, fmt::format("there is no anchor '{}' before", name));
        }
        add(found->second);
        return check_depth(event, found->second.content_->height);
      }
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event->data.scalar;
        auto content = begin(event);
        const std::string_view text(view(scalar.value).data(), scalar.length);
        content->quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
        if (content->quoted || scalar.tag != nullptr || !stands_for_null(text)) {
          content->value.emplace<std::string>(text);
        }
        end(std::move(content), view(scalar.anchor));
        return std::nullopt;
      }
      case YAML_SEQUENCE_START_EVENT:
        open_.push_back({begin(event), std::string(view(event->data.sequence_start.anchor)), {}});
        open_.back().content->value.emplace<std::vector<YamlNode>>();
        return check_depth(event);
      case YAML_MAPPING_START_EVENT:
        open_.push_back({begin(event), std::string(view(event->data.mapping_start.anchor)), {}});
        open_.back().content->value.emplace<std::vector<YamlMember>>();
        return check_depth(event);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        Open done = std::move(open_.back());
        open_.pop_back();
        end(std::move(done.content), done.anchor);
        return std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  YamlNode root() && {
    return root_ ? std::move(root_) : YamlNode(std::make_shared<const YamlNode::Content>());
  }

 private:
  struct Open {
    std::shared_ptr<YamlNode::Content> content;
    std::string anchor;
    YamlNode key;  // of a map: the one whose value comes next
  };

  static std::shared_ptr<YamlNode::Content> begin(const Event& event) {
    auto content = std::make_shared<YamlNode::Content>();
    content->line = static_cast<int>(event->start_mark.line) + 1;
    content->column = static_cast<int>(event->start_mark.column) + 1;
    return content;
  }

  // Aliases count too: a chain of them is as deep to walk, and to free, as what is written out.
  std::optional<YamlError> check_depth(const Event& event, std::size_t height = 0) const {
    if (open_.size() + height <= kMaxYamlDepth) return std::nullopt;
    return error_at(event->start_mark, "nested too deeply");
  }

  // An anchor counts from the end of its node: none can hold itself.
  void end(std::shared_ptr<YamlNode::Content> content, std::string_view anchor) {
    const YamlNode node(std::move(content));
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), node);
    add(node);
  }

  void add(const YamlNode& node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = open_.back();
    parent.content->height = std::max(parent.content->height, node.content_->height + 1);
    if (auto* const elements = std::get_if<std::vector<YamlNode>>(&parent.content->value)) {
      elements->push_back(node);
    } else if (!parent.key) {
      parent.key = node;
    } else {
      std::get<std::vector<YamlMember>>(parent.content->value)
          .push_back({std::exchange(parent.key, {}), node});
    }
  }

  std::vector<Open> open_;
  std::unordered_map<std::string, YamlNode> anchors_;
  YamlNode root_;
};

bool YamlNode::is_null() const {
  return content_ && std::holds_alternative<std::monostate>(content_->value);
}
bool YamlNode::is_scalar() const {
  return content_ && std::holds_alternative<std::string>(content_->value);
}
bool YamlNode::is_sequence() const {
  return content_ && std::holds_alternative<std::vector<YamlNode>>(content_->value);
}
bool YamlNode::is_map() const {
  return content_ && std::holds_alternative<std::vector<YamlMember>>(content_->value);
}

const std::string& YamlNode::text() const {
  static const std::string kNone;
  return is_scalar() ? std::get<std::string>(content_->value) : kNone;
}

bool YamlNode::is_quoted() const { return content_ && content_->quoted; }

const std::vector<YamlNode>& YamlNode::elements() const {
  static const std::vector<YamlNode> kNone;
  return is_sequence() ? std::get<std::vector<YamlNode>>(content_->value) : kNone;
}

const std::vector<YamlMember>& YamlNode::members() const {
  static const std::vector<YamlMember> kNone;
  return is_map() ? std::get<std::vector<YamlMember>>(content_->value) : kNone;
}

std::size_t YamlNode::size() const { return is_map() ? members().size() : elements().size(); }

const YamlNode& YamlNode::operator[](std::string_view key) const {
  static const YamlNode kAbsent;
  const auto found = std::ranges::find_if(members(), [&](const YamlMember& member) {
    return member.key.is_scalar() && member.key.text() == key;
  });
  return found == members().end() ? kAbsent : found->value;
}

const YamlNode& YamlNode::operator[](std::size_t index) const {
  static const YamlNode kAbsent;
  return index < elements().size() ? elements()[index] : kAbsent;
}

int YamlNode::line() const { return content_ ? content_->line : 0; }
int YamlNode::column() const { return content_ ? content_->column : 0; }

std::expected<YamlNode, YamlError> parse_yaml(std::string_view text) {
  Parser parser(text);
  YamlBuilder builder;
  while (true) {
    Event event;
    if (!parser.next(event)) return std::unexpected(parser.error());
    if (event->type == YAML_DOCUMENT_END_EVENT || event->type == YAML_STREAM_END_EVENT) {
      return std::move(builder).root();
    }
    if (std::optional<YamlError> error = builder.take(event)) {
      return std::unexpected(*std::move(error));
    }
  }
}

}  // namespace iie
