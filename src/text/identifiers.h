// The names that a piece of code declares, by its syntax tree.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "text/code_language.h"
#include "text/unicode.h"

namespace iie {

enum class NameKind { variable, parameter, function, type, field, constant };
std::string_view to_string(NameKind kind);
std::optional<NameKind> name_kind_from(std::string_view name);

struct DeclaredName {
  TextSpan span;  // in the code
  NameKind kind = NameKind::variable;

  bool operator==(const DeclaredName&) const = default;
};

struct DeclaredNames {
  std::vector<DeclaredName> names;  // in order; each declaration, so a name may come twice
  bool has_errors = false;          // the code does not parse: names may be missing or invented
};

// Names that the code gives, not those that it uses: variables (loop variables and assignments),
// parameters (without self, cls and this), functions and methods, types, fields and columns,
// constants (enumerators, macros). nullopt where the language's declarations are not known here
// (HTML), or the code is too costly to parse (see parse_code).
std::optional<DeclaredNames> declared_names(std::string_view code, CodeLanguage language);

}  // namespace iie
