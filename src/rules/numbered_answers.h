// Telling numbered answers apart: "1. The Moon", "**1)** The Moon", "Q1: The Moon",
// "(1) The Moon 2) 31", "① 月亮", "一、月亮", a table, or lines without numbers. Internal to
// rules/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/registry.h"

namespace iie {

inline constexpr std::size_t kMaxQuestions = 200;

// The answers, or why they cannot be told apart. Views into the text.
struct AnswerSplit {
  std::vector<std::string_view> answers;
  std::optional<Finding> failure;
};

// The answers to n questions. A preamble and a closing remark do not count; the questions may be
// repeated as a list in front of the answers, or each in front of its own.
AnswerSplit split_answers(std::string_view text, std::size_t n);

// The answers of the longest numbering that starts at 1, where nobody knows how many there are to
// be; empty where nothing is numbered.
std::vector<std::string_view> numbered_answers(std::string_view text);

// An answer without the question repeated in front of it and without "Answer:".
std::string_view bare_answer(std::string_view item);

// An answer without remarks in brackets about its rightness ("(wrong; in fact the Sun)").
std::string without_remarks(std::string_view answer);

// Something is said that is no refusal ("skipped", "I don't know", "略").
bool is_answered(std::string_view answer);

}  // namespace iie
