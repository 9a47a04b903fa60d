// A tree-sitter tree within a budget. Internal to text/.
#pragma once

#include <tree_sitter/api.h>

#include <string_view>

#include "text/allocation_guard.h"
#include "text/code_language.h"
#include "text/unicode.h"

namespace iie {

// A tree and everything that belongs to it. Must not move: the guard is bound to its place. Reads
// `code`, which must outlive it.
class ParsedTree {
 public:
  ParsedTree(std::string_view code, CodeLanguage language);
  ~ParsedTree();
  ParsedTree(const ParsedTree&) = delete;
  ParsedTree& operator=(const ParsedTree&) = delete;

  // Null when the code is too costly.
  const TSTree* get() const { return tree_; }

 private:
  struct Source {
    std::string_view code;
    static const char* read(void* self, std::uint32_t at, TSPoint, std::uint32_t* size);
  };

  AllocationGuard guard_;  // outlives the tree
  Source source_;
  TSTree* tree_ = nullptr;
};

inline TextSpan span_of(TSNode node) { return {ts_node_start_byte(node), ts_node_end_byte(node)}; }

}  // namespace iie
