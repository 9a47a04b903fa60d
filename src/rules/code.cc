// code_only, has_code: whether there is code, and nothing but code.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"
#include "text/syntax.h"

namespace iie {
namespace {

Finding code_only(const ResponseView& view) {
  const auto& elements = view.markdown();
  if (!elements) return Finding::undecided(elements.error().message);
  const MarkdownElement* block = nullptr;
  for (const MarkdownElement& element : *elements) {
    if (element.kind == MarkdownKind::code_block && element.fenced) {
      if (block != nullptr) {
        return Finding::broken(fmt::format("a second code block at line {}", element.first_line));
      }
      block = &element;
    }
  }
  if (block == nullptr) return Finding::broken("no fenced code block");
  // Any line with ink outside the block; Markdown alone would not show link definitions.
  std::size_t number = 0;
  for (std::size_t at = 0; at < view.text().size();) {
    std::size_t end = view.text().find('\n', at);
    if (end == std::string_view::npos) end = view.text().size();
    const std::string_view line = view.text().substr(at, end - at);
    at = end + 1;
    ++number;
    if (number >= block->first_line && number <= block->last_line) continue;
    if (!lines(line).empty()) {
      return Finding::broken(fmt::format("text outside the code block at line {}: \"{}\"", number,
                                         one_line(line, 80)));
    }
  }
  if (block->depth > 0) return Finding::broken("the code block is part of a list or a quotation");
  if (trim(block->text).empty()) return Finding::broken("the code block is empty");
  if (!block->closed) return Finding::broken("the code block is not closed");
  return Finding::met("one code block and nothing else");
}

CompiledRule compile_code_only(JsonFields&) { return &code_only; }

struct HasCode {
  std::optional<CodeLanguage> language;
  std::size_t min_lines = 1;

  Finding operator()(const ResponseView& view) const {
    const auto blocks = view.code();
    if (!blocks) return Finding::undecided(blocks.error().message);
    std::size_t total = 0;
    std::optional<Finding> doubt;
    std::string seen;
    const auto start = std::chrono::steady_clock::now();
    for (const CodeBlock& block : *blocks) {
      if (trim(block.code).empty()) continue;
      if (std::chrono::steady_clock::now() - start > kCodeTimeLimit) {
        return Finding::undecided(
            fmt::format("the code before line {} is too costly to parse", block.first_line));
      }
      const std::string name = info_language(block.info);
      const auto named = code_language_from(name);
      std::optional<CodeLanguage> as = named;
      if (language) {
        // TSX is TypeScript, C++ reads C; other languages do not stand in for each other.
        const bool other =
            named && *named != *language &&
            !(*language == CodeLanguage::typescript && *named == CodeLanguage::tsx) &&
            !(*language == CodeLanguage::cpp && *named == CodeLanguage::c);
        if (other || (!named && !name.empty() && block.fenced)) {
          seen = name;
          continue;
        }
        as = named ? named : language;
      } else if (!as && !name.empty()) {
        if (!doubt)
          doubt = Finding::undecided(fmt::format("no grammar for '{}'", one_line(name, 30)));
        continue;
      } else if (!as) {
        as = guess_language(block.code);
      }
      if (!block.fenced && (!as || language_evidence(block.code, *as) == 0)) {
        return Finding::broken("no fenced code block, and the text is no code");
      }
      if (!as) {
        if (!doubt) {
          doubt = Finding::undecided(
              fmt::format("cannot tell the language of the code at line {}", block.first_line));
        }
        continue;
      }
      const auto syntax = parse_code(block.code, *as);
      if (!syntax) {
        doubt = Finding::undecided(
            fmt::format("the code at line {} is too costly to parse", block.first_line));
        continue;
      }
      if (syntax->has_errors) {
        const std::string where =
            fmt::format("the code at line {} does not parse as {}: \"{}\"", block.first_line,
                        to_string(*as), one_line(syntax->error.of(block.code), 60));
        // SQL has more dialects than its grammar.
        if (*as != CodeLanguage::sql) return Finding::broken(where);
        doubt = Finding::undecided(where);
        continue;
      }
      total += lines(block.code).size();
    }
    if (total >= min_lines) return Finding::met(fmt::format("{} lines of code that parse", total));
    if (doubt) return *doubt;
    if (total > 0) {
      return Finding::broken(fmt::format("{} lines of code, wanted at least {}", total, min_lines));
    }
    if (!seen.empty() && language) {
      return Finding::broken(
          fmt::format("the code is {}, wanted {}", one_line(seen, 30), to_string(*language)));
    }
    return Finding::broken("no code");
  }
};

CompiledRule compile_has_code(JsonFields& params) {
  HasCode rule;
  if (params.has("language")) {
    const std::string name = params.required_string("language");
    rule.language = code_language_from(name);
    if (params.ok() && !rule.language) {
      std::vector<std::string> names;
      for (const CodeLanguage language : code_languages()) names.emplace_back(to_string(language));
      params.reject("language", fmt::format("no grammar for '{}'{}", one_line(name, 40),
                                            did_you_mean(name, names)));
    }
  }
  if (const auto min_lines = params.optional_int("min_lines")) {
    if (*min_lines < 1) params.reject("min_lines", "must be at least 1");
    rule.min_lines = static_cast<std::size_t>(std::max<std::int64_t>(1, *min_lines));
  }
  return rule;
}

}  // namespace

RuleFamily code_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"code_only", "{}", "the response is exactly one fenced code block and nothing outside it"},
       &compile_code_only},
      {{"has_code", R"({"language"?: "python", "min_lines"?: n})",
        "there is code in fenced blocks (or the whole response is), and it parses"},
       &compile_has_code},
  });
  return kRules;
}

}  // namespace iie
