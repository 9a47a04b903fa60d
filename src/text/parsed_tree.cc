#include "text/parsed_tree.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

extern "C" {
const TSLanguage* tree_sitter_python(void);
const TSLanguage* tree_sitter_javascript(void);
const TSLanguage* tree_sitter_typescript(void);
const TSLanguage* tree_sitter_tsx(void);
const TSLanguage* tree_sitter_c(void);
const TSLanguage* tree_sitter_cpp(void);
const TSLanguage* tree_sitter_java(void);
const TSLanguage* tree_sitter_go(void);
const TSLanguage* tree_sitter_rust(void);
const TSLanguage* tree_sitter_sql(void);
const TSLanguage* tree_sitter_bash(void);
const TSLanguage* tree_sitter_html(void);
}

namespace iie {
namespace {

using std::chrono::steady_clock;

// The parser reports after every hundred steps. Real code of all these languages was measured at
// one report per 60 to 150 bytes; error recovery on hostile code takes any number.
constexpr std::uint64_t kBytesPerReport = 4;
constexpr std::uint64_t kMinReports = 5'000;
// Hostile code also makes single steps slow, which only the clock sees. Real code is parsed at
// about ten megabytes a second.
constexpr auto kTimeLimit = std::chrono::seconds(2);
// When a single step is cut short. Later, so that the parser is left in order where it can be.
constexpr auto kStepLimit = std::chrono::seconds(3);

const TSLanguage* grammar(CodeLanguage language) {
  switch (language) {
    case CodeLanguage::python:
      return tree_sitter_python();
    case CodeLanguage::javascript:
      return tree_sitter_javascript();
    case CodeLanguage::typescript:
      return tree_sitter_typescript();
    case CodeLanguage::tsx:
      return tree_sitter_tsx();
    case CodeLanguage::c:
      return tree_sitter_c();
    case CodeLanguage::cpp:
      return tree_sitter_cpp();
    case CodeLanguage::java:
      return tree_sitter_java();
    case CodeLanguage::go:
      return tree_sitter_go();
    case CodeLanguage::rust:
      return tree_sitter_rust();
    case CodeLanguage::sql:
      return tree_sitter_sql();
    case CodeLanguage::bash:
      return tree_sitter_bash();
    case CodeLanguage::html:
      return tree_sitter_html();
  }
  return nullptr;
}

struct Budget {
  std::uint64_t reports = 0;
  steady_clock::time_point deadline;
};

bool out_of_budget(TSParseState* state) {
  auto* budget = static_cast<Budget*>(state->payload);
  if (budget->reports == 0) return true;
  --budget->reports;
  return steady_clock::now() > budget->deadline;
}

// What one parse needs, in the plain form that AllocationGuard::run can jump out of.
struct Parse {
  TSParser* parser;
  TSInput input;
  TSParseOptions options;
  TSTree* tree;
};

}  // namespace

const char* ParsedTree::Source::read(void* self, std::uint32_t at, TSPoint, std::uint32_t* size) {
  const std::string_view code = static_cast<Source*>(self)->code;
  const std::size_t from = std::min<std::size_t>(at, code.size());
  *size = static_cast<std::uint32_t>(code.size() - from);
  return code.data() + from;
}

ParsedTree::ParsedTree(std::string_view code, CodeLanguage language) : source_{code} {
  TSParser* const parser = ts_parser_new();
  const auto now = steady_clock::now();
  Budget budget{std::max<std::uint64_t>(kMinReports, code.size() / kBytesPerReport),
                now + kTimeLimit};
  Parse parse{parser,
              {&source_, &Source::read, TSInputEncodingUTF8, nullptr},
              {&budget, &out_of_budget},
              nullptr};
  if (!ts_parser_set_language(parser, grammar(language))) {
    ts_parser_delete(parser);
    return;
  }
  const bool finished = guard_.run(
      [](void* context) {
        auto* const p = static_cast<Parse*>(context);
        p->tree = ts_parser_parse_with_options(p->parser, nullptr, p->input, p->options);
      },
      &parse, now + kStepLimit);
  if (!finished) return;
  tree_ = parse.tree;
  ts_parser_delete(parser);
}

ParsedTree::~ParsedTree() {
  if (tree_ != nullptr) ts_tree_delete(tree_);
}

}  // namespace iie
