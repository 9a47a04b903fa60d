// What several families of IFBench's instructions do with text. Internal to the ifbench_*.cc files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace iie::ifbench {

// str.count(part): without overlaps. `part` must not be empty.
std::size_t count_substrings(std::string_view text, std::string_view part);

// text.split("\n").
std::vector<std::string_view> lines(std::string_view text);

// The words of a text in lower case and without string.punctuation, which leaves no space behind:
// "don't - re-do" is dont, redo.
class PlainWords {
 public:
  explicit PlainWords(std::string_view text);
  PlainWords(const PlainWords&) = delete;
  PlainWords& operator=(const PlainWords&) = delete;

  std::size_t size() const { return words_.size(); }
  std::string_view operator[](std::size_t i) const { return words_[i]; }
  auto begin() const { return words_.begin(); }
  auto end() const { return words_.end(); }

 private:
  std::string text_;
  std::vector<std::string_view> words_;  // views into text_
};

}  // namespace iie::ifbench
