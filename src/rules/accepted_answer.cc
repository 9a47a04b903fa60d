#include "rules/accepted_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/string_util.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr auto kMonths =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July",
                                     "August", "September", "October", "November", "December"});

std::string english_number(int n) {
  static constexpr auto kSmall = std::to_array<std::string_view>(
      {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
       "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
       "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"});
  static constexpr auto kTens = std::to_array<std::string_view>(
      {"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"});
  if (n == 100) return "one hundred";
  if (n < 20) return std::string(kSmall[static_cast<std::size_t>(n)]);
  std::string out(kTens[static_cast<std::size_t>(n / 10)]);
  if (n % 10 != 0) out += fmt::format("-{}", kSmall[static_cast<std::size_t>(n % 10)]);
  return out;
}

std::string chinese_number(int n) {
  static constexpr auto kDigits =
      std::to_array<std::string_view>({"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"});
  if (n == 100) return "一百";
  if (n < 10) return std::string(kDigits[static_cast<std::size_t>(n)]);
  std::string out = n / 10 == 1 ? "" : std::string(kDigits[static_cast<std::size_t>(n / 10)]);
  out += "十";
  if (n % 10 != 0) out += kDigits[static_cast<std::size_t>(n % 10)];
  return out;
}

struct Date {
  std::optional<int> year;
  int month = 0;
  int day = 0;
};

std::optional<Date> parse_date(std::string_view text) {
  std::vector<int> numbers;
  for (const std::string_view part : split(text, '-')) {
    int value = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || read.ec != std::errc() || read.ptr != part.data() + part.size()) {
      return std::nullopt;
    }
    numbers.push_back(value);
  }
  if (numbers.size() != 2 && numbers.size() != 3) return std::nullopt;
  Date out;
  if (numbers.size() == 3) out.year = numbers[0];
  out.month = numbers[numbers.size() - 2];
  out.day = numbers.back();
  if (out.month < 1 || out.month > 12 || out.day < 1 || out.day > 31) return std::nullopt;
  return out;
}

// Day and month, then (where `year`) the year behind them.
std::vector<std::string> date_forms(const Date& date, std::optional<int> year) {
  const std::string_view month = kMonths[static_cast<std::size_t>(date.month - 1)];
  const int d = date.day;
  const std::string_view ending = d % 100 / 10 == 1 ? "th"
                                  : d % 10 == 1     ? "st"
                                  : d % 10 == 2     ? "nd"
                                  : d % 10 == 3     ? "rd"
                                                    : "th";
  std::vector<std::string> out;
  for (const std::string& name : {std::string(month), std::string(month.substr(0, 3)),
                                  std::string(month.substr(0, 3)) + "."}) {
    for (const std::string& day : {std::to_string(d), fmt::format("{}{}", d, ending)}) {
      for (const std::string& form :
           {fmt::format("{} {}", name, day), fmt::format("{} {}", day, name),
            fmt::format("{} of {}", day, name), fmt::format("{} the {}", name, day)}) {
        if (!year) {
          out.push_back(form);
        } else {
          out.push_back(fmt::format("{}, {}", form, *year));
          out.push_back(fmt::format("{} {}", form, *year));
        }
      }
    }
  }
  const std::string chinese = fmt::format("{}月{}日", date.month, d);
  const std::string words = chinese_number(date.month) + "月" + chinese_number(d) + "日";
  if (!year) {
    out.push_back(chinese);
    out.push_back(fmt::format("{}月{}号", date.month, d));
    out.push_back(words);
  } else {
    out.push_back(fmt::format("{}年{}", *year, chinese));
    out.push_back(fmt::format("{}年{}月{}号", *year, date.month, d));
    out.push_back(fmt::format("{}-{:02}-{:02}", *year, date.month, d));
    out.push_back(fmt::format("{}/{}/{}", *year, date.month, d));
    out.push_back(fmt::format("{}.{}.{}", *year, date.month, d));
  }
  return out;
}

const Term* affirmed(const SearchText& text, const std::vector<Term>& terms, TextSpan* where) {
  for (const Term& term : terms) {
    for (auto span = text.find(term); span; span = text.find(term, span->begin + 1)) {
      if (is_negated(text.form(term), *span)) continue;
      if (where != nullptr) *where = *span;
      return &term;
    }
  }
  return nullptr;
}

// A number of the text and where it stands.
struct Number {
  double value = 0;
  TextSpan span;
};

std::vector<Number> numbers_of(std::string_view form) {
  std::vector<Number> out;
  for (std::size_t at = 0; at < form.size();) {
    if (!is_ascii_digit(form[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < form.size() && is_ascii_digit(form[at])) ++at;
    if (at + 1 < form.size() && form[at] == '.' && is_ascii_digit(form[at + 1])) {
      ++at;
      while (at < form.size() && is_ascii_digit(form[at])) ++at;
    }
    // Part of a word ("H2O") or of a power.
    if (begin > 0 &&
        (is_ascii_alpha(form[begin - 1]) || form[begin - 1] == '^' || form[begin - 1] == '_')) {
      continue;
    }
    Number number{std::strtod(std::string(form.substr(begin, at - begin)).c_str(), nullptr),
                  {begin, at}};
    // A sign, not a range or a hyphen.
    if (begin > 0 && form[begin - 1] == '-' &&
        (begin == 1 || !(is_ascii_alnum(form[begin - 2]) || form[begin - 2] == ')'))) {
      number.value = -number.value;
    }
    // "1/2" and "1 1/2".
    if (at + 1 < form.size() && form[at] == '/' && is_ascii_digit(form[at + 1])) {
      std::size_t end = at + 1;
      while (end < form.size() && is_ascii_digit(form[end])) ++end;
      const double below =
          std::strtod(std::string(form.substr(at + 1, end - at - 1)).c_str(), nullptr);
      if (below != 0) {
        number.value /= below;
        number.span.end = end;
        at = end;
        if (!out.empty() && out.back().span.end + 1 == begin && form[begin - 1] == ' ') {
          number.value += out.back().value;
          number.span.begin = out.back().span.begin;
          out.pop_back();
        }
      }
    }
    out.push_back(number);
  }
  return out;
}

// The clauses of an answer in search form, each without what only leads to it ("the answer is",
// 答案是) and without the marks around it.
std::vector<std::string_view> clauses_of(std::string_view form) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  const auto add = [&](std::size_t end) {
    std::string_view clause = trim(form.substr(begin, end - begin));
    for (const std::string_view lead :
         {"the answer is ", "answer is ", "it is ", "it's ", "that is ", "they are ", "answer ",
          "正确答案", "答案", "回答", "应该", "应当", "应", "答", "它", "这", "就", "是", "为"}) {
      if (clause.size() > lead.size() && clause.starts_with(lead)) {
        clause = trim(clause.substr(lead.size()));
      }
    }
    if (!clause.empty()) out.push_back(clause);
  };
  for (std::size_t at = 0; at < form.size();) {
    const std::size_t here = at;
    const char32_t c = next_code_point(form, at);
    // What joins words and numbers is no border: "don't", "well-known", "3.14".
    if (is_letter_or_digit(c) || c == ' ' || c == '\'' || c == '-' || c == '_') continue;
    if (c == '.' && at < form.size() && form[at] != ' ') continue;
    add(here);
    begin = at;
  }
  add(form.size());
  return out;
}

enum class Polarity { yes, no, unknown };

Polarity polarity_of(std::string_view answer) {
  std::string form = search_form(answer, Case::fold, true);
  std::string_view text = form;
  while (!text.empty()) {
    std::size_t at = 0;
    if (is_letter_or_digit(next_code_point(text, at))) break;
    text.remove_prefix(at);
  }
  const auto starts = [&](std::string_view word) {
    if (!text.starts_with(word)) return false;
    std::size_t at = word.size();
    if (at >= text.size() || !is_ascii_alpha(word.back())) return true;
    return !is_letter_or_digit(next_code_point(text, at));
  };
  for (const std::string_view yes : {"没错", "没问题", "不错"}) {
    if (starts(yes)) return Polarity::yes;
  }
  for (const std::string_view no :
       {"no", "nope", "not", "never", "hardly", "unlikely", "false", "incorrect", "wrong", "untrue",
        "n", "否", "不", "没", "错", "假", "非", "未", "无"}) {
    if (starts(no)) return Polarity::no;
  }
  for (const std::string_view yes :
       {"yes",       "yeah", "yep",  "true", "correct", "right", "indeed", "certainly",
        "of course", "sure", "y",    "是",   "对",      "正确",  "真",     "有",
        "会",        "能",   "可以", "当然", "属于",    "算",    "行"}) {
    if (starts(yes)) {
      // "是不是" and "会不会" ask.
      return text.find("不") != std::string_view::npos && text.find("不") <= 6 ? Polarity::unknown
                                                                               : Polarity::yes;
    }
  }
  std::string padded = " " + std::string(text.substr(0, 200)) + " ";
  for (char& c : padded) c = c == '.' || c == ',' || c == '!' || c == ';' ? ' ' : c;
  for (const std::string_view no : {" not ", "n't ", " never ", " cannot ", "不是", "不会", "不能",
                                    "没有", "并非", "不属于", "不对", "不行", "不可"}) {
    if (padded.find(no) != std::string::npos) return Polarity::no;
  }
  for (const std::string_view yes :
       {" yes ", " certainly ", " definitely ", " absolutely ", " it is ", " it does ", " it can ",
        " they are ", " they do ", " it was ", " it did ", " is true", "是的", "会的"}) {
    if (padded.find(yes) != std::string::npos) return Polarity::yes;
  }
  return Polarity::unknown;
}

}  // namespace

bool AcceptedAnswer::empty() const {
  return accept_.empty() && exact_.empty() && !number_ && dates_.empty() && !yes_;
}

AcceptedAnswer AcceptedAnswer::read_fields(JsonFields& params, Case mode) {
  AcceptedAnswer out;
  out.mode_ = mode;
  const bool exact = params.bool_or("exact", false);
  for (const std::string& text : read_texts(params, "accept", false)) {
    if (exact) {
      out.exact_.push_back(search_form(text, mode, true));
    } else {
      out.accept_.emplace_back(text, mode);
    }
  }
  if (exact && out.exact_.empty()) params.reject("exact", "belongs to accept");
  for (const std::string& text : read_texts(params, "reject", false)) {
    out.reject_.emplace_back(text, mode);
  }
  out.number_ = params.optional_number("number");
  if (out.number_) {
    const double whole = std::round(*out.number_);
    if (whole == *out.number_ && whole >= 0 && whole <= 100) {
      const int n = static_cast<int>(whole);
      std::string english = english_number(n);
      out.number_words_.emplace_back(english, mode);
      std::ranges::replace(english, '-', ' ');
      out.number_words_.emplace_back(english, mode);
      out.number_words_.emplace_back(chinese_number(n), mode);
      if (n == 2) out.number_words_.emplace_back("两", mode);
    }
  }
  for (const std::string& unit : params.strings_or_empty("unit", true)) {
    out.units_.push_back(search_form(unit, Case::fold, true));
    if (!out.number_) params.reject("unit", "belongs to a number");
  }
  if (const auto tolerance = params.optional_number("tolerance")) {
    if (!out.number_) params.reject("tolerance", "belongs to a number");
    if (*tolerance < 0) params.reject("tolerance", "cannot be negative");
    out.tolerance_ = *tolerance;
  }
  if (params.has("date")) {
    const std::string text = params.required_string("date");
    const auto date = parse_date(text);
    if (params.ok() && !date) params.reject("date", "expected YYYY-MM-DD or MM-DD");
    if (date) {
      for (const std::string& form : date_forms(*date, date->year)) {
        out.dates_.emplace_back(form, Case::fold);
      }
      if (date->year) {
        for (const std::string& form : date_forms(*date, std::nullopt)) {
          out.short_dates_.emplace_back(form, Case::fold);
        }
      }
    }
  }
  if (params.has("yes")) out.yes_ = params.bool_or("yes", true);
  return out;
}

AcceptedAnswer AcceptedAnswer::read(const boost::json::value& value, Case mode, JsonFields& params,
                                    const std::string& where) {
  AcceptedAnswer out;
  out.mode_ = mode;
  const auto add = [&](const boost::json::value& form) {
    if (!form.is_string()) {
      params.reject(where, fmt::format("expected strings, got {}", json_type_name(form)));
      return;
    }
    out.accept_.emplace_back(std::string_view(form.get_string()), mode);
    if (out.accept_.back().empty()) {
      params.reject(where, "holds nothing that could be found in a text");
    }
  };
  if (value.is_object()) {
    JsonFields fields(value, where);
    out = read_fields(fields, mode);
    if (const auto ok = fields.finish(); !ok) params.reject(where, ok.error().message);
  } else if (value.is_array()) {
    for (const boost::json::value& form : value.get_array()) add(form);
  } else if (value.is_string()) {
    add(value);
  } else {
    params.reject(where, fmt::format("expected a list of strings or an object, got {}",
                                     json_type_name(value)));
  }
  if (out.empty()) params.reject(where, "needs at least one accepted form");
  return out;
}

Finding AcceptedAnswer::judge(std::string_view answer) const {
  const SearchText text(answer, mode_);
  const std::string shown = one_line(trim(answer), 60);
  const auto right = [&](std::string_view what) {
    return Finding::met(fmt::format("{}: \"{}\"", what, shown));
  };
  if (const Term* term = affirmed(text, reject_, nullptr)) {
    return Finding::broken(fmt::format("says '{}': \"{}\"", one_line(term->written(), 40), shown));
  }
  if (const Term* term = affirmed(text, accept_, nullptr)) {
    return right(fmt::format("gives '{}'", one_line(term->written(), 40)));
  }
  if (!exact_.empty()) {
    const std::string form = search_form(answer, mode_, true);
    for (const std::string_view clause : clauses_of(form)) {
      const auto found = std::ranges::find(exact_, clause);
      if (found != exact_.end()) return right(fmt::format("gives '{}'", one_line(*found, 40)));
    }
  }
  if (number_) {
    const std::string form = search_form(answer, Case::fold, true);
    std::string_view part = form;
    // "6 * 7 = 42": the result.
    if (const std::size_t sign = part.rfind('='); sign != std::string_view::npos) {
      part.remove_prefix(sign + 1);
    } else if (const std::size_t about = part.rfind("≈"); about != std::string_view::npos) {
      part.remove_prefix(about + std::string_view("≈").size());
    }
    const auto followed_by_unit = [&](std::string_view in, std::size_t end) {
      if (units_.empty()) return true;
      std::string_view rest = in.substr(end);
      while (rest.starts_with(' ') || rest.starts_with('-')) rest.remove_prefix(1);
      if (rest.empty()) return true;
      for (const std::string& unit : units_) {
        if (!rest.starts_with(unit)) continue;
        std::size_t at = unit.size();
        if (at >= rest.size()) return true;
        const char32_t next = next_code_point(rest, at);
        // "m" is not the unit of "9 mm".
        if (!is_letter(next) || is_unspaced_letter(next)) return true;
      }
      std::size_t at = 0;
      const char32_t next = next_code_point(rest, at);
      return !is_letter(next) && next != '%' && next != 0xB0;
    };
    for (const Number& number : numbers_of(part)) {
      if (std::abs(number.value - *number_) > tolerance_ + 1e-9 * std::abs(*number_)) continue;
      if (is_negated(part, number.span)) continue;
      if (followed_by_unit(part, number.span.end)) return right(fmt::format("gives {}", *number_));
    }
    const SearchText words(part, Case::fold);
    TextSpan span;
    if (const Term* term = affirmed(words, number_words_, &span)) {
      if (followed_by_unit(words.form(*term), span.end)) {
        return right(fmt::format("gives {}", *number_));
      }
    }
  }
  if (affirmed(text, dates_, nullptr) != nullptr) return right("gives the date");
  if (!short_dates_.empty() && affirmed(text, short_dates_, nullptr) != nullptr) {
    const std::string form = search_form(answer, Case::fold, true);
    const bool has_year =
        std::ranges::any_of(numbers_of(form), [](const Number& n) { return n.value >= 100; });
    if (!has_year) return right("gives the day");
  }
  if (yes_) {
    const Polarity said = polarity_of(answer);
    if (said == Polarity::unknown) {
      return Finding::undecided(fmt::format("neither a yes nor a no: \"{}\"", shown));
    }
    if ((said == Polarity::yes) == *yes_) return right(*yes_ ? "says yes" : "says no");
  }
  return Finding::broken(fmt::format("gives none of the accepted answers: \"{}\"", shown));
}

}  // namespace iie
