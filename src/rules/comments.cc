// no_comments: code without a comment of any form.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/syntax.h"

namespace iie {
namespace {

// Languages without a grammar here, and what every comment of theirs starts with. Where none of
// it occurs in the code there is no comment; where it does, it may as well be part of a string.
struct Starters {
  std::string_view names;  // space-separated, with a space at both ends
  std::array<std::string_view, 4> starters;
};
constexpr auto kStarters = std::to_array<Starters>({
    {" ruby rb ", {"#", "=begin", "__END__"}},
    {" php ", {"#", "//", "/*"}},
    {" css ", {"/*"}},
    {" kotlin kt swift scala csharp cs c# dart groovy scss less objective-c objc zig solidity ",
     {"//", "/*"}},
    {" r perl pl julia yaml yml toml dockerfile makefile make elixir nim cmake ini ", {"#", ";"}},
    {" powershell ps1 ", {"#", "<#"}},
    {" lua ", {"--"}},
    {" haskell hs ", {"--", "{-"}},
    {" matlab octave ", {"%", "#", "..."}},
    {" tex latex ", {"%", "\\begin{comment}"}},
    {" json json5 jsonc ", {"//", "/*", "#"}},
    {" xml svg ", {"<!--"}},
    {" vb vba vbnet ", {"'", "rem", "REM", "Rem"}},
    {" bat cmd batch ", {"rem", "REM", "Rem", "::"}},
    {" lisp clojure clj scheme asm nasm ", {";", "#|"}},
});

// Fences that hold no code.
constexpr auto kNoCode = std::to_array<std::string_view>(
    {"text", "txt", "plain", "plaintext", "output", "none", "markdown", "md", "csv", "log"});

Finding no_grammar(const CodeBlock& block, std::string_view name) {
  const std::string key = " " + std::string(name) + " ";
  const auto* const known = std::ranges::find_if(
      kStarters, [&](const Starters& s) { return s.names.find(key) != std::string_view::npos; });
  if (known != kStarters.end()) {
    const bool any = std::ranges::any_of(known->starters, [&](std::string_view starter) {
      return !starter.empty() && block.code.find(starter) != std::string_view::npos;
    });
    if (!any) return Finding::met(fmt::format("nothing in the {} code starts a comment", name));
  }
  return Finding::undecided(
      fmt::format("no grammar for '{}', line {}", one_line(name, 30), block.first_line));
}

Finding check_block(const CodeBlock& block, std::optional<CodeLanguage> given, bool docstrings) {
  std::optional<CodeLanguage> language = given;
  if (!language) {
    const std::string name = info_language(block.info);
    language = code_language_from(name);
    if (!language && !name.empty()) {
      if (std::ranges::find(kNoCode, name) != kNoCode.end()) return Finding::met("no code");
      return no_grammar(block, name);
    }
    if (!language) language = guess_language(block.code);
    if (!language) {
      return Finding::undecided(
          fmt::format("cannot tell the language of the code at line {}", block.first_line));
    }
  }
  const std::string_view name = to_string(*language);
  if (!block.fenced && language_evidence(block.code, *language) == 0) {
    return Finding::undecided(fmt::format("no fenced code block, and the text is no {}", name));
  }
  const auto syntax = parse_code(block.code, *language);
  if (!syntax) {
    return Finding::undecided(
        fmt::format("the {} code at line {} is too costly to parse", name, block.first_line));
  }
  for (const CodeComment& comment : syntax->comments) {
    if (comment.kind == CommentKind::docstring && docstrings) continue;
    const auto line = block.first_line + (block.fenced ? 1 : 0) +
                      static_cast<std::size_t>(
                          std::ranges::count(block.code.substr(0, comment.span.begin), '\n'));
    return Finding::broken(fmt::format(
        "{} at line {}: \"{}\"", comment.kind == CommentKind::docstring ? "docstring" : "comment",
        line, one_line(comment.span.of(block.code), 100)));
  }
  if (!syntax->comments_certain) {
    return Finding::undecided(fmt::format(
        "the {} code at line {} does not parse, and what looks like a comment there may "
        "be none",
        name, block.first_line));
  }
  return Finding::met(fmt::format("no comment in the {} code", name));
}

CompiledRule compile_no_comments(JsonFields& params) {
  std::optional<CodeLanguage> given;
  if (params.has("language")) {
    const std::string name = params.required_string("language");
    given = code_language_from(name);
    if (params.ok() && !given) {
      std::vector<std::string> names;
      for (const CodeLanguage language : code_languages()) names.emplace_back(to_string(language));
      params.reject("language", fmt::format("no grammar for '{}'{}", one_line(name, 40),
                                            did_you_mean(name, names)));
    }
  }
  bool docstrings = false;
  if (params.has("docstrings")) {
    docstrings = read_choice(params, "docstrings", {"allow", "forbid"}) == "allow";
  }
  return [given, docstrings](const ResponseView& view) {
    const auto blocks = view.code();
    if (!blocks) return Finding::undecided(blocks.error().message);
    std::optional<Finding> doubt;
    Finding last = Finding::met("no code");
    const auto start = std::chrono::steady_clock::now();
    for (const CodeBlock& block : *blocks) {
      if (trim(block.code).empty()) continue;
      if (std::chrono::steady_clock::now() - start > kCodeTimeLimit) {
        return Finding::undecided(
            fmt::format("the code before line {} is too costly to parse", block.first_line));
      }
      // A fence that names another language that we know is that language, whatever was asked for.
      const auto named = block.fenced ? code_language_from(block.info) : std::nullopt;
      Finding finding = check_block(block, named ? named : given, docstrings);
      if (finding.decision == Decision::broken) return finding;
      if (finding.decision == Decision::undecided && !doubt) doubt = finding;
      last = std::move(finding);
    }
    return doubt ? *doubt : last;
  };
}

}  // namespace

RuleFamily comment_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"no_comments", R"({"language"?: "python", "docstrings"?: "allow"|"forbid"})",
        "the code in fenced blocks (or the whole response without any) holds no comment; a shebang "
        "is none"},
       &compile_no_comments},
  });
  return kRules;
}

}  // namespace iie
