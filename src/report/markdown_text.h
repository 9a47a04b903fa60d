// Text for GitHub's Markdown. Everything that a model, a judge or a dataset wrote passes through
// it: it can neither format, link, mention nor carry HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iie {

// As running text. Renderers turn three things into links without any markup: "://", "www." and
// "a@b", and "@name" notifies someone; escapes keep the first two apart, a code span the others.
std::string md_text(std::string_view text);
// As a code span, fenced by more backticks than it holds.
std::string md_code(std::string_view text);
// A table's row of cells that are Markdown already.
std::string md_row(const std::vector<std::string>& cells);
// The first column to the left, the others to the right.
std::string md_header(const std::vector<std::string>& cells);

}  // namespace iie
