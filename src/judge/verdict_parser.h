// What a judge's reply says. Pure functions of the reply's text: no prompt, no state, any thread.
//
// The reply is hostile input twice over: the judge may be cut off, refuse or ramble, and it may
// quote the judged response, which may contain verdicts of its own. So a verdict is read only where
// the reply settles on one, words are never searched for ("does not PASS" is no pass), and what
// cannot be read with certainty is no verdict, never a fail and never a pass. Time is linear in the
// reply's length, whatever it holds. doc/judging.md lists the rules; test/cases/verdict/ the cases.
//
// Reasoning is cut off first: "<think>" blocks that the reply begins with, or else everything up to
// an unpaired "</think>". Where what that cut off fails the response and the rest passes it, there
// is no verdict: the tag may stand in a quotation. A reply that is still inside "<think>" at its
// end has none either.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sample.h"

namespace iie {

struct ParsedVerdict {
  // Nothing: no verdict. true: score 1, PASS or YES.
  std::optional<bool> met;
  // One line. With a verdict: the judge's own explanation, as far as the reply gives one where it
  // is expected; it may be empty. Without: why there is none.
  std::string reason;

  bool operator==(const ParsedVerdict&) const = default;
};

// {"answer_score": 0|1}. Read, in this order, from
//   1. what follows the last 【JSON】 marker (without one, the whole reply): the last fenced block
//      there that is an object or speaks of answer_score; else the last object with that key; else
//      a bare `answer_score: N`
//   2. where the reply ends before its JSON is complete, or has none: the last 【评分】 line
// The first of these that states a score decides, so a 【评分】 line in front of the JSON that
// disagrees with it changes nothing. There is no verdict where
//   - the value is neither 0 nor 1 (accepted spellings: 1, 1.0, "1", １, 1分 in a string)
//   - the key stands twice in one object, or bare scores differ
//   - behind the deciding object the reply states another score, or begins a new 【评分依据】 that
//     it does not finish: an echoed example in front of a reply that was cut off reads like this
ParsedVerdict parse_answer_score(std::string_view reply);

// {"result": "PASS"|"FAIL", "explanation": "..."}: the last JSON object that has `result`.
ParsedVerdict parse_pass_fail(std::string_view reply);

// YES or NO: the last line, but for emphasis, quotes, a full stop and a label such as "Answer:"; or
// the last JSON object that has `answer`. Where both are there they must agree.
ParsedVerdict parse_yes_no(std::string_view reply);

// The three above. criteria_list has no verdict of its own: see parse_criteria_list.
ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply);

// {"criteria": [{"id": 1, "met": true, "evidence": "..."}]}: the last JSON object that has
// `criteria`, a list with one entry for each of 1 ... n in any order. `met` is true or false;
// "yes", "no", "pass", "fail", 1 and 0 are accepted.
struct ParsedCriteria {
  // One for each criterion, in order, reason being the evidence; empty: nothing could be read.
  std::vector<ParsedVerdict> criteria;
  std::string reason;  // why nothing could be read
};
ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n);

// A judge may quote the response, or echo its prompt, and end there: then what reads like a verdict
// is somebody else's. `response` and `prompt` (everything that was sent, but for the response) are
// what such a copy may come from; a verdict that only stands in a long verbatim copy of either is
// none.
struct JudgedText {
  std::string_view response;
  std::string_view prompt;
};
ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply, const JudgedText& judged);
ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n, const JudgedText& judged);

}  // namespace iie
