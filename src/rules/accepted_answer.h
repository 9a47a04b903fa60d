// What counts as a right answer to one question: words, a number with its unit, a date, yes or no.
// Internal to rules/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "rules/registry.h"

namespace iie {

// Immutable once read.
class AcceptedAnswer {
 public:
  // From a string, a list of strings, or an object:
  //   accept     forms of words, as `mentions` finds them
  //   exact      true: a form has to be the whole answer or a whole clause of it, "the answer is"
  //              and the like aside. For forms of one Chinese character, which other words hold: 是
  //              in 不是 and 还是, 金 in 黄金
  //   number     its value, in digits or (whole numbers to 100) in English or Chinese words
  //   unit       what may follow the number; a number without any unit counts as well
  //   tolerance  how far off the number may be; 0
  //   date       "1789-07-14" or "07-14", in the ways that English and Chinese write it
  //   yes        true or false
  //   reject     forms that make it wrong whatever else it says
  // What is wrong with it goes into `params` at `where`.
  static AcceptedAnswer read(const boost::json::value& value, Case mode, JsonFields& params,
                             const std::string& where);
  // From an object whose fields `params` holds beside others.
  static AcceptedAnswer read_fields(JsonFields& params, Case mode);

  // met: right; broken: wrong; undecided: neither yes nor no can be read from it. The reason quotes
  // what decided.
  Finding judge(std::string_view answer) const;
  // Accepts nothing.
  bool empty() const;

 private:
  Case mode_ = Case::fold;
  std::vector<Term> accept_;
  std::vector<std::string> exact_;  // the same forms where only whole clauses count
  std::vector<Term> reject_;
  std::optional<double> number_;
  std::vector<Term> number_words_;
  double tolerance_ = 0;
  std::vector<std::string> units_;  // in search form
  std::vector<Term> dates_;         // with a year where there is one
  std::vector<Term> short_dates_;   // day and month of a date with a year
  std::optional<bool> yes_;
};

}  // namespace iie
