#include "judge/verdict_parser.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "base/string_util.h"
#include "judge/answer_score.h"
#include "judge/criteria_list.h"
#include "judge/explanation.h"
#include "judge/own_words.h"
#include "judge/word_verdicts.h"

namespace iie {
namespace {

struct Split {
  std::string_view answer;
  // What an unpaired "</think>" cut off: reasoning, or a quotation that happens to hold the tag.
  std::string_view front;
};

Split without_reasoning(std::string_view reply) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  reply = trim(reply);
  bool paired = false;
  while (reply.starts_with(kOpen)) {
    const std::size_t close = reply.find(kClose);
    if (close == reply.npos) return {};
    reply = trim(reply.substr(close + kClose.size()));
    paired = true;
  }
  const std::size_t close = paired ? reply.npos : reply.find(kClose);
  if (close == reply.npos || reply.find(kOpen) < close) return {reply, {}};
  return {trim(reply.substr(close + kClose.size())), reply.substr(0, close)};
}

// The verdict of the answer, unless what an unpaired "</think>" cut off states the opposite and is
// not known to be reasoning: a judge that quotes the response may quote the tag and a verdict.
template <typename Read>
ParsedVerdict read_answer(std::string_view reply, std::string_view key, bool either_way,
                          const Read& read) {
  const Split split = without_reasoning(reply);
  ParsedVerdict verdict = read(split.answer);
  if (!verdict.met || split.front.empty() || !(*verdict.met || either_way)) return verdict;
  // `key` in an object that the tag cuts in two: the tag stands in one of its strings.
  if (const std::size_t at = split.front.rfind(key);
      at != split.front.npos && split.front.find('}', at) == split.front.npos) {
    return no_verdict("a </think> inside the JSON");
  }
  const ParsedVerdict front = read(split.front);
  if (!front.met || *front.met == *verdict.met) return verdict;
  return no_verdict("another verdict stands in front of an unpaired </think>");
}

constexpr std::string_view kQuoted =
    "what reads like a verdict is a copy of the response or of the prompt";

}  // namespace

ParsedVerdict parse_answer_score(std::string_view reply) {
  return read_answer(reply, "\"answer_score\"", false, read_answer_score);
}

ParsedVerdict parse_pass_fail(std::string_view reply) {
  return read_answer(reply, "\"result\"", false, read_pass_fail);
}

// What YES means depends on the criterion, so neither side may flip.
ParsedVerdict parse_yes_no(std::string_view reply) {
  return read_answer(reply, "\"answer\"", true, read_yes_no);
}

ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply) {
  switch (format) {
    case VerdictFormat::answer_score:
      return parse_answer_score(reply);
    case VerdictFormat::pass_fail:
      return parse_pass_fail(reply);
    case VerdictFormat::yes_no:
      return parse_yes_no(reply);
    case VerdictFormat::criteria_list:
      break;
  }
  return no_verdict("this format has no verdict on the whole");
}

ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n) {
  return read_criteria_list(without_reasoning(reply).answer, n);
}

ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply,
                            const JudgedText& judged) {
  ParsedVerdict verdict = parse_verdict(format, reply);
  if (!verdict.met) return verdict;
  // Many a good answer is a bare YES.
  const bool mock = format != VerdictFormat::yes_no && parse_verdict(format, judged.response).met;
  const std::optional<std::string> own = own_words(reply, judged, mock);
  if (own && parse_verdict(format, *own).met != verdict.met) {
    return no_verdict(std::string(kQuoted));
  }
  return verdict;
}

ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n,
                                   const JudgedText& judged) {
  ParsedCriteria parsed = parse_criteria_list(reply, n);
  if (parsed.criteria.empty()) return parsed;
  const bool mock = !parse_criteria_list(judged.response, n).criteria.empty();
  const std::optional<std::string> own = own_words(reply, judged, mock);
  if (!own) return parsed;
  const auto same = [](const ParsedVerdict& a, const ParsedVerdict& b) { return a.met == b.met; };
  const ParsedCriteria without = parse_criteria_list(*own, n);
  if (!std::ranges::equal(parsed.criteria, without.criteria, same)) {
    return {{}, std::string(kQuoted)};
  }
  return parsed;
}

}  // namespace iie
