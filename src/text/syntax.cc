// How comments are found in trees that cannot be trusted everywhere.
//
// Grammars differ in what they call a comment (SQL's block comment is `marginalia`, Java and Rust
// tell line from block, JavaScript has `html_comment`), hide comments inside opaque nodes (C's
// preprocessor arguments, HTML's scripts and styles), and, where the code does not parse, go on in
// error recovery that may see a comment inside a string. So an error-free tree decides; a tree with
// errors decides only together with the plain scan of comment_scan.h.
#include "text/syntax.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/string_util.h"
#include "text/comment_scan.h"
#include "text/parsed_tree.h"

namespace iie {
namespace {

using std::chrono::steady_clock;

// Embedded scripts of one page together get what one piece of code gets (see parsed_tree.cc).
constexpr auto kTimeLimit = std::chrono::seconds(2);

class Walker {
 public:
  Walker(std::string_view code, CodeLanguage language) : code_(code), language_(language) {
    if (language == CodeLanguage::html) scanned_ = scan_comments(code, language);
  }

  // Visits every node without recursion: hostile trees are as deep as the text is long.
  void walk(const TSTree* tree) {
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    bool down = true;
    while (true) {
      if (down && visit(ts_tree_cursor_current_node(&cursor)) &&
          ts_tree_cursor_goto_first_child(&cursor)) {
        continue;
      }
      if (ts_tree_cursor_goto_next_sibling(&cursor)) {
        down = true;
      } else if (ts_tree_cursor_goto_parent(&cursor)) {
        down = false;
      } else {
        break;
      }
    }
    ts_tree_cursor_delete(&cursor);
  }

  bool has_error = false;
  TextSpan error;
  std::vector<CodeComment> comments;
  bool incomplete = false;  // an embedded script could not be parsed

 private:
  void add(TextSpan span, CommentKind kind = CommentKind::comment) {
    comments.push_back({span, kind});
  }

  void note_error(TSNode node) {
    if (!has_error) error = span_of(node);
    has_error = true;
  }

  // True to go on with the node's children.
  bool visit(TSNode node) {
    const std::string_view type = ts_node_type(node);
    if (ts_node_is_error(node) || ts_node_is_missing(node)) note_error(node);
    if (!ts_node_is_named(node)) return false;
    if (type == "comment" || type == "line_comment" || type == "block_comment" ||
        type == "marginalia" || type == "html_comment") {
      comment(node);
      return false;
    }
    switch (language_) {
      case CodeLanguage::python:
        if (type == "expression_statement") docstring(node);
        // The grammar takes "def f():" without a body.
        if (type == "block" && ts_node_start_byte(node) == ts_node_end_byte(node)) note_error(node);
        break;
      case CodeLanguage::c:
      case CodeLanguage::cpp:
        if (type == "preproc_arg") {
          const TextSpan span = span_of(node);
          for (const TextSpan& inner : scan_comments(span.of(code_), language_)) {
            add({span.begin + inner.begin, span.begin + inner.end});
          }
        }
        break;
      case CodeLanguage::bash:
        if (type == "redirected_statement" || type == "command") discarded_text(node, type);
        break;
      case CodeLanguage::html:
        if (type == "script_element" || type == "style_element") embedded(node, type);
        break;
      default:
        break;
    }
    return true;
  }

  void comment(TSNode node) {
    const TextSpan span = span_of(node);
    const std::string_view text = span.of(code_);
    // The HTML grammar takes attribute values for comments where they look like one.
    if (language_ == CodeLanguage::html &&
        !std::ranges::binary_search(scanned_, span.begin, {}, &TextSpan::begin)) {
      return;
    }
    // Only at the very start does "#!" name an interpreter.
    if (text.starts_with("#!") && trim(code_.substr(0, span.begin)).empty()) return;
    if (language_ == CodeLanguage::sql && (text.starts_with("/*!") || text.starts_with("/*+")))
      return;
    add(span);
  }

  void docstring(TSNode statement) {
    if (ts_node_named_child_count(statement) != 1) return;
    const TSNode only = ts_node_named_child(statement, 0);
    const std::string_view type = ts_node_type(only);
    if (type == "string" || type == "concatenated_string")
      add(span_of(only), CommentKind::docstring);
  }

  // `: <<'EOF' ... EOF` and `: 'text'`: the idioms for block comments. An expansion has an effect
  // (`: "${X:=1}"`), so only literal text counts.
  void discarded_text(TSNode node, std::string_view type) {
    const TextSpan span = span_of(node);
    if (!span.of(code_).starts_with(':')) return;
    if (type == "command") {
      if (ts_node_named_child_count(node) != 2) return;
      if (span_of(ts_node_named_child(node, 0)).size() != 1) return;
      if (std::string_view(ts_node_type(ts_node_named_child(node, 1))) == "raw_string") add(span);
      return;
    }
    if (ts_node_named_child_count(node) < 2) return;
    if (span_of(ts_node_named_child(node, 0)).of(code_) != ":") return;
    if (std::string_view(ts_node_type(ts_node_named_child(node, 1))) == "heredoc_redirect")
      add(span);
  }

  void embedded(TSNode element, std::string_view type) {
    const std::uint32_t count = ts_node_named_child_count(element);
    for (std::uint32_t i = 0; i < count; ++i) {
      const TSNode child = ts_node_named_child(element, i);
      if (std::string_view(ts_node_type(child)) != "raw_text") continue;
      const TextSpan span = span_of(child);
      if (type == "style_element") {
        for (const TextSpan& inner : scan_css_comments(span.of(code_))) {
          add({span.begin + inner.begin, span.begin + inner.end});
        }
        continue;
      }
      // A page may hold any number of scripts; together they get what one piece of code gets.
      if (steady_clock::now() - start_ > kTimeLimit) {
        incomplete = true;
        return;
      }
      const auto script = parse_code(span.of(code_), CodeLanguage::javascript);
      if (!script || !script->comments_certain) incomplete = true;
      if (!script) continue;
      for (const CodeComment& inner : script->comments) {
        add({span.begin + inner.span.begin, span.begin + inner.span.end}, inner.kind);
      }
    }
  }

  std::string_view code_;
  CodeLanguage language_;
  std::vector<TextSpan> scanned_;  // HTML only
  steady_clock::time_point start_ = steady_clock::now();
};

}  // namespace

std::optional<CodeSyntax> parse_code(std::string_view code, CodeLanguage language) {
  if (code.size() > kMaxCodeBytes) return std::nullopt;
  const ParsedTree tree(code, language);
  if (tree.get() == nullptr) return std::nullopt;
  Walker walker(code, language);
  walker.walk(tree.get());

  CodeSyntax out;
  out.has_errors = walker.has_error;
  out.error = walker.error;
  out.comments = std::move(walker.comments);
  out.comments_certain = !walker.incomplete;
  const bool mysql_hash = language == CodeLanguage::sql && code.find('#') != std::string_view::npos;
  if (!out.has_errors && !mysql_hash) return out;

  const std::vector<TextSpan> scanned = scan_comments(code, language);
  if (out.has_errors) {
    const bool none_in_tree = out.comments.empty();
    std::erase_if(out.comments, [&](const CodeComment& comment) {
      if (comment.kind == CommentKind::docstring || language == CodeLanguage::html) return false;
      const auto at = std::ranges::lower_bound(scanned, comment.span.begin, {}, &TextSpan::begin);
      return at == scanned.end() || at->begin != comment.span.begin;
    });
    out.comments_certain = out.comments_certain && none_in_tree == (out.comments.empty()) &&
                           (!none_in_tree || scanned.empty());
  }
  // MySQL's # and Bash's here-document without a command: no grammar knows them, the scan does.
  const char unknown = language == CodeLanguage::sql    ? '#'
                       : language == CodeLanguage::bash ? '<'
                                                        : '\0';
  if (unknown != '\0') {
    for (const TextSpan& span : scanned) {
      if (code[span.begin] == unknown) out.comments.push_back({span, CommentKind::comment});
    }
    std::ranges::sort(out.comments, {}, [](const CodeComment& c) { return c.span.begin; });
    if (!out.comments.empty()) out.comments_certain = true;
  }
  return out;
}

}  // namespace iie
