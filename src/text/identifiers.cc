// Grammars have no common idea of a declaration, so each language lists the nodes above a name that
// make it one. The way from the root to the node at hand is kept as a path of node types and the
// fields that they fill in their parents.
#include "text/identifiers.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "text/parsed_tree.h"

namespace iie {
namespace {

struct Step {
  std::string_view type;
  std::string_view field;  // of the parent; empty where it has no name
};

// The path's last step is the name itself; at(1) is its parent.
class Path {
 public:
  explicit Path(const std::vector<Step>& steps) : steps_(steps) {}

  Step at(std::size_t up) const {
    return up < steps_.size() ? steps_[steps_.size() - 1 - up] : Step{};
  }
  std::string_view type(std::size_t up) const { return at(up).type; }
  std::string_view field(std::size_t up) const { return at(up).field; }

  template <typename... Names>
  bool type_is(std::size_t up, Names... names) const {
    const std::string_view type = this->type(up);
    return ((type == names) || ...);
  }

  // The lowest step from `up` whose type is none of those.
  template <typename... Names>
  std::size_t above(std::size_t up, Names... names) const {
    while (type_is(up, names...)) ++up;
    return up;
  }

 private:
  const std::vector<Step>& steps_;
};

using Kind = std::optional<NameKind>;

Kind python_kind(const Path& path, std::string_view name) {
  if (path.type(0) != "identifier") return std::nullopt;
  if (path.type_is(1, "function_definition") && path.field(0) == "name") return NameKind::function;
  if (path.type_is(1, "class_definition") && path.field(0) == "name") return NameKind::type;
  const bool self = name == "self" || name == "cls";
  std::size_t up = path.above(1, "list_splat_pattern", "dictionary_splat_pattern");
  if (path.type_is(up, "parameters", "lambda_parameters")) {
    return self ? std::nullopt : Kind(NameKind::parameter);
  }
  if (path.type_is(1, "default_parameter", "typed_default_parameter") && path.field(0) == "name") {
    return NameKind::parameter;
  }
  if (path.type_is(up, "typed_parameter") && path.field(up - 1) != "type") {
    return self ? std::nullopt : Kind(NameKind::parameter);
  }
  up = path.above(1, "pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern");
  if (path.type_is(up, "assignment", "for_statement", "for_in_clause") &&
      path.field(up - 1) == "left") {
    return NameKind::variable;
  }
  if (path.type_is(1, "named_expression") && path.field(0) == "name") return NameKind::variable;
  if (path.type_is(1, "as_pattern_target")) return NameKind::variable;
  if (path.type_is(1, "attribute") && path.field(0) == "attribute" &&
      path.type_is(2, "assignment") && path.field(1) == "left") {
    return NameKind::field;
  }
  return std::nullopt;
}

Kind javascript_kind(const Path& path) {
  const std::string_view leaf = path.type(0);
  if (leaf == "property_identifier" || leaf == "private_property_identifier") {
    if (path.type_is(1, "method_definition", "method_signature") && path.field(0) == "name") {
      return NameKind::function;
    }
    if (path.type_is(1, "field_definition", "public_field_definition", "property_signature")) {
      return NameKind::field;
    }
    return std::nullopt;
  }
  if (leaf == "type_identifier") {
    if (path.type_is(1, "class_declaration", "interface_declaration", "type_alias_declaration",
                     "abstract_class_declaration", "class") &&
        path.field(0) == "name") {
      return NameKind::type;
    }
    return std::nullopt;
  }
  if (leaf != "identifier" && leaf != "shorthand_property_identifier_pattern") return std::nullopt;
  if (path.type_is(1, "function_declaration", "generator_function_declaration",
                   "function_expression", "function_signature") &&
      path.field(0) == "name") {
    return NameKind::function;
  }
  if (path.type_is(1, "class_declaration", "class", "enum_declaration") &&
      path.field(0) == "name") {
    return NameKind::type;
  }
  const std::size_t up =
      path.above(1, "array_pattern", "object_pattern", "pair_pattern", "rest_pattern",
                 "assignment_pattern", "object_assignment_pattern");
  // In a pattern's pairs and defaults only the bound side is a declaration.
  for (std::size_t i = 1; i < up; ++i) {
    if (path.type_is(i, "assignment_pattern", "object_assignment_pattern") &&
        path.field(i - 1) == "right") {
      return std::nullopt;
    }
    if (path.type_is(i, "pair_pattern") && path.field(i - 1) == "key") return std::nullopt;
  }
  if (path.type_is(up, "variable_declarator") && path.field(up - 1) == "name") {
    return NameKind::variable;
  }
  if (path.type_is(up, "formal_parameters")) return NameKind::parameter;
  if (path.type_is(up, "required_parameter", "optional_parameter") &&
      path.field(up - 1) == "pattern") {
    return NameKind::parameter;
  }
  if (path.type_is(up, "arrow_function") && path.field(up - 1) == "parameter") {
    return NameKind::parameter;
  }
  if (path.type_is(up, "for_in_statement") && path.field(up - 1) == "left") {
    return NameKind::variable;
  }
  if (path.type_is(up, "catch_clause")) return NameKind::variable;
  return std::nullopt;
}

Kind c_kind(const Path& path) {
  const std::string_view leaf = path.type(0);
  if (leaf == "type_identifier") {
    if (path.type_is(1, "struct_specifier", "union_specifier", "enum_specifier",
                     "class_specifier") &&
        path.field(0) == "name") {
      // A use ("struct point p;") has no body, and is declared elsewhere.
      return NameKind::type;
    }
    if (path.type_is(1, "type_definition", "alias_declaration")) {
      return path.field(0) == "declarator" || path.field(0) == "name" ? Kind(NameKind::type)
                                                                      : std::nullopt;
    }
    return std::nullopt;
  }
  if (leaf == "namespace_identifier") return std::nullopt;
  if (leaf != "identifier" && leaf != "field_identifier") return std::nullopt;
  if (path.type_is(1, "enumerator") && path.field(0) == "name") return NameKind::constant;
  if (path.type_is(1, "preproc_def", "preproc_function_def") && path.field(0) == "name") {
    return NameKind::constant;
  }
  if (path.type_is(1, "qualified_identifier") && path.field(0) != "name") return std::nullopt;
  std::size_t up = 1;
  bool function = false;
  while (path.type_is(up, "init_declarator", "pointer_declarator", "array_declarator",
                      "function_declarator", "reference_declarator", "parenthesized_declarator",
                      "qualified_identifier", "structured_binding_declarator",
                      "attributed_declarator")) {
    // Only what is declared: not an initial value, an array's size or a parameter's default.
    const std::string_view field = path.field(up - 1);
    if (field == "value" || field == "size" || field == "parameters") return std::nullopt;
    function = function || path.type_is(up, "function_declarator");
    ++up;
  }
  const std::string_view field = path.field(up - 1);
  if (path.type_is(up, "function_definition") && field == "declarator") return NameKind::function;
  if (path.type_is(up, "declaration", "for_range_loop") && field == "declarator") {
    return function ? NameKind::function : NameKind::variable;
  }
  if (path.type_is(up, "parameter_declaration", "optional_parameter_declaration") &&
      field == "declarator") {
    return NameKind::parameter;
  }
  if (path.type_is(up, "field_declaration") && field == "declarator") {
    return function ? NameKind::function : NameKind::field;
  }
  return std::nullopt;
}

Kind java_kind(const Path& path) {
  if (path.type(0) != "identifier") return std::nullopt;
  const bool name = path.field(0) == "name";
  if (path.type_is(1, "method_declaration") && name) return NameKind::function;
  if (path.type_is(1, "class_declaration", "interface_declaration", "enum_declaration",
                   "record_declaration") &&
      name) {
    return NameKind::type;
  }
  if (path.type_is(1, "variable_declarator") && name) {
    return path.type_is(2, "field_declaration") ? NameKind::field : NameKind::variable;
  }
  if (path.type_is(1, "formal_parameter", "catch_formal_parameter") && name) {
    return NameKind::parameter;
  }
  if (path.type_is(1, "enhanced_for_statement", "resource") && name) return NameKind::variable;
  if (path.type_is(1, "inferred_parameters")) return NameKind::parameter;
  if (path.type_is(1, "lambda_expression") && path.field(0) == "parameters") {
    return NameKind::parameter;
  }
  if (path.type_is(1, "enum_constant") && name) return NameKind::constant;
  return std::nullopt;
}

Kind go_kind(const Path& path) {
  const std::string_view leaf = path.type(0);
  const bool name = path.field(0) == "name";
  if (leaf == "field_identifier") {
    if (path.type_is(1, "method_declaration") && name) return NameKind::function;
    if (path.type_is(1, "field_declaration") && name) return NameKind::field;
    return std::nullopt;
  }
  if (leaf == "type_identifier") {
    return path.type_is(1, "type_spec", "type_alias") && name ? Kind(NameKind::type) : std::nullopt;
  }
  if (leaf != "identifier") return std::nullopt;
  if (path.type_is(1, "function_declaration") && name) return NameKind::function;
  if (path.type_is(1, "parameter_declaration", "variadic_parameter_declaration") && name) {
    return NameKind::parameter;
  }
  if (path.type_is(1, "var_spec") && name) return NameKind::variable;
  if (path.type_is(1, "const_spec") && name) return NameKind::constant;
  if (path.type_is(1, "expression_list") && path.field(1) == "left" &&
      path.type_is(2, "short_var_declaration", "range_clause")) {
    return NameKind::variable;
  }
  return std::nullopt;
}

Kind rust_kind(const Path& path) {
  const std::string_view leaf = path.type(0);
  const bool name = path.field(0) == "name";
  if (leaf == "field_identifier") {
    return path.type_is(1, "field_declaration") && name ? Kind(NameKind::field) : std::nullopt;
  }
  if (leaf == "type_identifier") {
    return path.type_is(1, "struct_item", "enum_item", "trait_item", "type_item", "union_item") &&
                   name
               ? Kind(NameKind::type)
               : std::nullopt;
  }
  if (leaf != "identifier") return std::nullopt;
  if (path.type_is(1, "function_item", "function_signature_item", "macro_definition") && name) {
    return NameKind::function;
  }
  if (path.type_is(1, "const_item", "static_item", "enum_variant") && name) {
    return NameKind::constant;
  }
  const std::size_t up =
      path.above(1, "tuple_pattern", "mut_pattern", "ref_pattern", "reference_pattern",
                 "slice_pattern", "tuple_struct_pattern", "captured_pattern");
  for (std::size_t i = 1; i < up; ++i) {
    if (path.type_is(i, "tuple_struct_pattern") && path.field(i - 1) == "type") return std::nullopt;
  }
  if (path.type_is(up, "let_declaration", "for_expression", "let_condition") &&
      path.field(up - 1) == "pattern") {
    return NameKind::variable;
  }
  if (path.type_is(up, "parameter") && path.field(up - 1) == "pattern") return NameKind::parameter;
  if (path.type_is(up, "closure_parameters")) return NameKind::parameter;
  return std::nullopt;
}

Kind bash_kind(const Path& path) {
  if (path.type(0) == "word") {
    return path.type_is(1, "function_definition") && path.field(0) == "name"
               ? Kind(NameKind::function)
               : std::nullopt;
  }
  if (path.type(0) != "variable_name") return std::nullopt;
  if (path.type_is(1, "variable_assignment") && path.field(0) == "name") return NameKind::variable;
  if (path.type_is(1, "for_statement") && path.field(0) == "variable") return NameKind::variable;
  return std::nullopt;
}

Kind sql_kind(const Path& path) {
  if (path.type(0) != "identifier") return std::nullopt;
  if (path.type_is(1, "column_definition") && path.field(0) == "name") return NameKind::field;
  if (path.type_is(1, "object_reference") && path.type_is(2, "create_table", "create_view")) {
    return NameKind::type;
  }
  if (path.type_is(1, "object_reference") && path.type_is(2, "create_function")) {
    return NameKind::function;
  }
  if (path.type_is(1, "cte")) return NameKind::variable;
  if (path.field(0) == "alias") return NameKind::variable;
  return std::nullopt;
}

Kind kind_of(const Path& path, CodeLanguage language, std::string_view name) {
  switch (language) {
    case CodeLanguage::python:
      return python_kind(path, name);
    case CodeLanguage::javascript:
    case CodeLanguage::typescript:
    case CodeLanguage::tsx:
      return name == "this" ? std::nullopt : javascript_kind(path);
    case CodeLanguage::c:
    case CodeLanguage::cpp:
      return c_kind(path);
    case CodeLanguage::java:
      return java_kind(path);
    case CodeLanguage::go:
      return go_kind(path);
    case CodeLanguage::rust:
      return rust_kind(path);
    case CodeLanguage::bash:
      return bash_kind(path);
    case CodeLanguage::sql:
      return sql_kind(path);
    case CodeLanguage::html:
      return std::nullopt;
  }
  return std::nullopt;
}

constexpr auto kKinds =
    std::to_array<std::pair<NameKind, std::string_view>>({{NameKind::variable, "variable"},
                                                          {NameKind::parameter, "parameter"},
                                                          {NameKind::function, "function"},
                                                          {NameKind::type, "type"},
                                                          {NameKind::field, "field"},
                                                          {NameKind::constant, "constant"}});

}  // namespace

std::string_view to_string(NameKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<NameKind, std::string_view>::first)->second;
}

std::optional<NameKind> name_kind_from(std::string_view name) {
  const auto* const found =
      std::ranges::find(kKinds, name, &std::pair<NameKind, std::string_view>::second);
  if (found == kKinds.end()) return std::nullopt;
  return found->first;
}

std::optional<DeclaredNames> declared_names(std::string_view code, CodeLanguage language) {
  // Longer code is not what a question asks for.
  constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;
  // Deeper nesting only occurs in code made for it; declarations in it are left out.
  constexpr std::size_t kMaxDepth = 2'000;
  if (language == CodeLanguage::html || code.size() > kMaxBytes) return std::nullopt;
  const ParsedTree tree(code, language);
  if (tree.get() == nullptr) return std::nullopt;

  DeclaredNames out;
  std::vector<Step> steps;
  std::size_t depth = 0;
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree.get()));
  const auto visit = [&] {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    out.has_errors = out.has_errors || ts_node_is_error(node) || ts_node_is_missing(node);
    const char* const field = ts_tree_cursor_current_field_name(&cursor);
    steps.push_back({ts_node_type(node), field == nullptr ? "" : field});
    if (!ts_node_is_named(node)) return;
    const TextSpan span = span_of(node);
    if (span.size() == 0 || span.size() > 200) return;
    if (ts_node_named_child_count(node) > 0) return;
    const std::string_view name = span.of(code);
    if (const Kind kind = kind_of(Path(steps), language, name)) out.names.push_back({span, *kind});
  };
  visit();
  while (true) {
    if (depth < kMaxDepth && ts_tree_cursor_goto_first_child(&cursor)) {
      ++depth;
      visit();
      continue;
    }
    bool moved = false;
    while (!(moved = ts_tree_cursor_goto_next_sibling(&cursor))) {
      if (!ts_tree_cursor_goto_parent(&cursor)) break;
      steps.pop_back();
      --depth;
    }
    if (!moved) break;
    steps.pop_back();
    visit();
  }
  ts_tree_cursor_delete(&cursor);
  return out;
}

}  // namespace iie
