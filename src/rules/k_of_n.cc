// k_of_n: of N easy questions, exactly k answered rightly and every one answered.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <map>
#include <optional>

#include "base/string_util.h"
#include "rules/numbered_answers.h"
#include "rules/registry.h"

namespace iie {
namespace {

CompiledRule compile_k_of_n(JsonFields& params) {
  const Case mode = read_case(params);
  const auto correct = params.optional_int("correct");
  const auto* const array = params.optional_array("answers");
  std::vector<std::vector<Term>> answers;
  if (array == nullptr || array->empty()) {
    params.reject("answers", "needs a list of accepted forms for each question");
  } else {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string here = fmt::format("answers[{}]", i);
      const boost::json::value& entry = (*array)[i];
      std::vector<std::string> forms;
      if (entry.is_string()) {
        forms.emplace_back(entry.get_string());
      } else if (entry.is_array()) {
        for (const boost::json::value& form : entry.get_array()) {
          if (!form.is_string()) {
            params.reject(here, fmt::format("expected strings, got {}", json_type_name(form)));
            continue;
          }
          forms.emplace_back(form.get_string());
        }
      } else {
        params.reject(here,
                      fmt::format("expected a list of strings, got {}", json_type_name(entry)));
      }
      if (forms.empty()) params.reject(here, "needs at least one accepted form");
      std::vector<Term>& terms = answers.emplace_back();
      for (const std::string& form : forms) {
        terms.emplace_back(form, mode);
        if (terms.back().empty())
          params.reject(here, "holds nothing that could be found in a text");
      }
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
  return [mode, answers, correct](const ResponseView& view) {
    const AnswerSplit split = split_answers(view.text(), answers.size());
    if (trim(view.text()).empty()) return Finding::broken("no answers");
    if (split.failure) return *split.failure;
    std::string right;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::string answer = without_remarks(bare_answer(split.answers[i]));
      if (!is_answered(answer)) {
        return Finding::broken(fmt::format("question {} is not answered: \"{}\"", i + 1,
                                           one_line(trim(split.answers[i]), 60)));
      }
      const SearchText text(answer, mode);
      const bool hit = std::ranges::any_of(answers[i], [&](const Term& term) {
        for (auto span = text.find(term); span; span = text.find(term, span->begin + 1)) {
          if (!is_negated(text.form(term), *span)) return true;
        }
        return false;
      });
      if (!hit) continue;
      ++count;
      right += fmt::format("{}{}: \"{}\"", right.empty() ? "" : ", ", i + 1, one_line(answer, 40));
    }
    std::string reason = fmt::format("{} of {} answers are right, wanted exactly {}", count,
                                     answers.size(), *correct);
    if (count > 0) reason += fmt::format(" ({})", right);
    return count == *correct ? Finding::met(std::move(reason)) : Finding::broken(std::move(reason));
  };
}

}  // namespace

RuleFamily k_of_n_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"k_of_n", R"({"answers": [["Sun", "the Sun"], ...], "correct": k, "case"?: bool})",
        "every numbered question is answered and exactly k answers mention an accepted form"},
       &compile_k_of_n},
  });
  return kRules;
}

}  // namespace iie
