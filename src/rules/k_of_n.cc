// k_of_n: of N easy questions, exactly k answered rightly and every one answered.
// gives: one answer, judged the same way.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <map>
#include <optional>

#include "base/string_util.h"
#include "rules/accepted_answer.h"
#include "rules/numbered_answers.h"
#include "rules/registry.h"

namespace iie {
namespace {

bool asks(std::string_view item) {
  const std::string_view text = trim(item);
  return text.ends_with('?') || text.ends_with("？");
}

CompiledRule compile_k_of_n(JsonFields& params) {
  const Case mode = read_case(params);
  const auto correct = params.optional_int("correct");
  const auto* const array = params.optional_array("answers");
  std::vector<AcceptedAnswer> answers;
  if (array == nullptr || array->empty()) {
    params.reject("answers", "needs the accepted forms for each question");
  } else {
    for (std::size_t i = 0; i < array->size(); ++i) {
      answers.push_back(
          AcceptedAnswer::read((*array)[i], mode, params, fmt::format("answers[{}]", i)));
    }
    if (answers.size() > kMaxQuestions) {
      params.reject("answers", fmt::format("more than {} questions", kMaxQuestions));
    }
  }
  if (!correct) {
    params.reject("correct", "missing");
  } else if (*correct < 0 || static_cast<std::size_t>(*correct) > answers.size()) {
    params.reject("correct", fmt::format("{} is not between 0 and the {} questions", *correct,
                                         answers.size()));
  }
  return [answers, correct](const ResponseView& view) {
    const AnswerSplit split = split_answers(view.text(), answers.size());
    if (trim(view.text()).empty()) return Finding::broken("no answers");
    if (split.failure) return *split.failure;
    std::string right;
    std::int64_t count = 0;
    std::int64_t unknown = 0;
    std::string first_unknown;
    const bool all_ask = std::ranges::all_of(split.answers, asks);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      // A remark may hold a question mark, behind which the answer would be looked for.
      const std::string answer(bare_answer(without_remarks(split.answers[i])));
      if (!is_answered(answer)) {
        // "Sydney, what else?" Or a question that was repeated and left open.
        if (!all_ask && asks(split.answers[i]) && answer.empty()) {
          if (unknown++ == 0) {
            first_unknown = fmt::format("question {}: an answer or only the question: \"{}\"",
                                        i + 1, one_line(trim(split.answers[i]), 60));
          }
          continue;
        }
        return Finding::broken(fmt::format("question {} is not answered: \"{}\"", i + 1,
                                           one_line(trim(split.answers[i]), 60)));
      }
      const Finding finding = answers[i].judge(answer);
      if (finding.decision == Decision::undecided && unknown++ == 0) {
        first_unknown = fmt::format("question {}: {}", i + 1, finding.reason);
      }
      if (finding.decision != Decision::met) continue;
      ++count;
      right += fmt::format("{}{}: \"{}\"", right.empty() ? "" : ", ", i + 1, one_line(answer, 40));
    }
    if (unknown > 0 && count <= *correct && *correct <= count + unknown) {
      return Finding::undecided(first_unknown);
    }
    std::string reason = fmt::format("{} of {} answers are right, wanted exactly {}", count,
                                     answers.size(), *correct);
    if (count > 0) reason += fmt::format(" ({})", right);
    return count == *correct ? Finding::met(std::move(reason)) : Finding::broken(std::move(reason));
  };
}

CompiledRule compile_gives(JsonFields& params) {
  const AcceptedAnswer answer = AcceptedAnswer::read_fields(params, read_case(params));
  if (answer.empty()) params.reject("accept", "one of accept, number, date and yes is needed");
  return [answer](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("no answer");
    return answer.judge(without_remarks(view.text()));
  };
}

}  // namespace

RuleFamily k_of_n_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"gives",
        R"({"accept"?: [..], "exact"?: bool, "number"?: x, "unit"?: [..], "tolerance"?: x, "date"?: D, "yes"?: bool, "reject"?: [..], "case"?: bool})",
        "the answer is an accepted form, the number, the date, or the yes or no that is wanted"},
       &compile_gives},
      {{"k_of_n",
        R"({"answers": [["Sun", "the Sun"], {"number": 27, "unit": "km"}, ...], "correct": k, "case"?: bool})",
        "every numbered question is answered and exactly k answers are right"},
       &compile_k_of_n},
  });
  return kRules;
}

}  // namespace iie
