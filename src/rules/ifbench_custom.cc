// IFBench's custom: instructions that are whole tasks.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/string_util.h"
#include "rules/ifbench_text.h"
#include "rules/instruction_registry.h"
#include "text/ascii_form.h"
#include "text/pattern_sentences.h"
#include "text/python_csv.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

InstructionCheck multiples(JsonFields&) {
  return [](std::string_view text) {
    static constexpr auto kMultiples =
        std::to_array<std::string_view>({"14", "21", "28", "35", "42", "49"});
    return std::ranges::equal(decimal_runs(text), kMultiples);
  };
}

bool is_one_of(char c, std::string_view set) { return set.find(c) != set.npos; }

// The end of r"Question \d+[\.|\):;]?\s*" at `at`, or npos.
std::size_t question_label_end(std::string_view text, std::size_t at) {
  constexpr std::string_view kLabel = "Question ";
  if (!text.substr(at).starts_with(kLabel)) return text.npos;
  at += kLabel.size();
  const std::size_t number = at;
  for (std::size_t next = at; next < text.size(); at = next) {
    if (!is_decimal_digit(next_code_point(text, next))) break;
  }
  if (at == number) return text.npos;
  if (at < text.size() && is_one_of(text[at], ".|):;")) ++at;
  for (std::size_t next = at; next < text.size(); at = next) {
    if (!is_python_space(next_code_point(text, next))) break;
  }
  return at;
}

// What stands between the labels, without white space around it; blank parts are left out.
std::vector<std::string_view> questions_of(std::string_view text) {
  std::vector<std::string_view> questions;
  std::size_t begin = 0;
  const auto add = [&](std::size_t end) {
    const std::string_view part = python_strip(text.substr(begin, end - begin));
    if (!part.empty()) questions.push_back(part);
  };
  for (std::size_t at = text.find("Question "); at != text.npos;
       at = text.find("Question ", at + 1)) {
    const std::size_t end = question_label_end(text, at);
    if (end == text.npos) continue;
    add(at);
    begin = at = end;
    if (at == text.size()) break;
    --at;  // the next label may begin here
  }
  add(text.size());
  return questions;
}

// re.match(r"^[A-Ea-e][\.|\)]\s*\w+").
bool is_option(std::string_view line) {
  if (line.size() < 3 || !is_one_of(line[0], "ABCDEabcde") || !is_one_of(line[1], ".|)")) {
    return false;
  }
  const std::string_view rest = python_lstrip(line.substr(2));
  return !rest.empty() && is_python_word(first_character(rest));
}

InstructionCheck mcq_count_length(JsonFields&) {
  return [](std::string_view text) {
    if (!text.starts_with("Question")) return false;
    const auto questions = questions_of(text);
    if (questions.size() != 4) return false;
    std::optional<std::size_t> previous;
    for (const std::string_view question : questions) {
      std::string wording;
      std::size_t options = 0;
      for (const std::string_view line : ifbench::lines(question)) {
        const std::string_view bare = python_strip(line);
        if (is_option(bare)) {
          ++options;
        } else if (options == 0) {
          wording += ' ';
          wording += bare;
        }
      }
      if (options != 5) return false;
      const std::size_t length = python_length(python_strip(wording));
      if (previous && length <= *previous) return false;
      previous = length;
    }
    return true;
  };
}

InstructionCheck reverse_newline(JsonFields&) {
  return [](std::string_view text) {
    // From the line with Zimbabwe on, in reverse order. Which countries they are is not looked at,
    // only that there are 52.
    std::vector<std::string> countries;
    for (const std::string_view line : ifbench::lines(text)) {
      const std::string_view bare = python_strip(line, kPythonPunctuationAndSpace);
      if (bare.empty()) continue;
      if (countries.empty() && bare.find("Zimbabwe") == bare.npos) continue;
      countries.push_back(ascii_form(bare));
    }
    return countries.size() >= 52 && std::ranges::is_sorted(countries, std::ranges::greater());
  };
}

InstructionCheck word_reverse(JsonFields&) {
  return [](std::string_view text) {
    const ifbench::PlainWords words(text);
    // The reference also asks whether the words in their right order are one sentence; without
    // punctuation they always are.
    for (std::size_t i = 1; i < words.size(); ++i) {
      // Part of the joined text: "the bald eagles" is enough.
      if (words[i].ends_with("bald") && words[i - 1].starts_with("eagle")) return true;
    }
    return false;
  };
}

InstructionCheck character_reverse(JsonFields&) {
  return [](std::string_view text) {
    return python_lower(text).find("elgae dlab") != std::string::npos;
  };
}

InstructionCheck sentence_alphabet(JsonFields&) {
  return [](std::string_view text) {
    const auto sentences = pattern_sentences(text);
    if (sentences.size() != 26) return false;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      const std::string_view sentence = sentences[i];
      if (sentence.empty()) return false;  // the reference crashes
      std::size_t end = 0;
      next_code_point(sentence, end);
      if (python_lower(sentence.substr(0, end))[0] != static_cast<char>('a' + i)) return false;
    }
    return true;
  };
}

InstructionCheck european_capitals_sort(JsonFields&) {
  return [](std::string_view text) {
    static constexpr auto kCapitals = std::to_array<std::string_view>(
        {"Reykjavik",  "Helsinki", "Oslo",     "Tallinn",    "Stockholm", "Riga",      "Moscow",
         "Copenhagen", "Vilnius",  "Minsk",    "Dublin",     "Berlin",    "Amsterdam", "Warsaw",
         "London",     "Brussels", "Prague",   "Luxembourg", "Paris",     "Vienna",    "Bratislava",
         "Budapest",   "Vaduz",    "Chisinau", "Bern",       "Ljubljana", "Zagreb"});
    const std::string plain = ascii_form(text);
    std::vector<std::string_view> capitals;
    for (const std::string_view part : split(plain, ',')) {
      const std::string_view capital = python_strip(part);
      if (!capital.empty()) capitals.push_back(capital);
    }
    return std::ranges::equal(capitals, kCapitals);
  };
}

InstructionCheck csv_city(JsonFields&) {
  return [](std::string_view text) {
    static constexpr auto kHeader =
        std::to_array<std::string_view>({"ID", "Country", "City", "Year", "Count"});
    const auto rows = python_csv(text);
    return rows && rows->size() == 8 && std::ranges::equal(rows->front(), kHeader) &&
           std::ranges::all_of(*rows, [](const CsvRow& row) { return row.size() == 5; });
  };
}

// Whether the first line is the names, each bare or in quotation marks, with `padding` allowed
// behind each separator.
bool has_header(std::string_view text, std::span<const std::string_view> names, char separator,
                std::string_view padding) {
  std::string_view line = python_strip(text.substr(0, text.find('\n')));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) {
      if (!line.starts_with(separator)) return false;
      line.remove_prefix(1);
      line = python_lstrip(line, padding);
    }
    const std::string quoted = '"' + std::string(names[i]) + '"';
    if (line.starts_with(quoted)) {
      line.remove_prefix(quoted.size());
    } else if (line.starts_with(names[i])) {
      line.remove_prefix(names[i].size());
    } else {
      return false;
    }
  }
  return line.empty();
}

// The reference triples quotation marks before it parses, so that they stay in the fields.
std::string keeping_quotes(std::string_view text) {
  std::string tripled;
  for (const char c : text) tripled.append(c == '"' ? 3 : 1, c);
  return tripled;
}

// re.match(r'".*[^\d\w\s].*"', field): within its first line.
bool has_quoted_special_character(std::string_view field) {
  field = field.substr(0, field.find('\n'));
  if (!field.starts_with('"')) return false;
  const std::size_t last = field.rfind('"');
  for (std::size_t at = 1; at < last;) {
    const char32_t c = next_code_point(field, at);
    if (!is_decimal_digit(c) && !is_python_word(c) && !is_python_space(c)) return true;
  }
  return false;
}

InstructionCheck csv_special_character(JsonFields&) {
  return [](std::string_view text) {
    static constexpr auto kHeader =
        std::to_array<std::string_view>({"ProductID", "Category", "Brand", "Price", "Stock"});
    if (!has_header(text, kHeader, ',', " \t")) return false;
    const auto rows = python_csv(keeping_quotes(text));
    if (!rows || rows->size() != 15) return false;
    for (auto row = rows->begin() + 1; row != rows->end(); ++row) {
      if (row->size() != 5) return false;
      // Rows behind the one that has it are not looked at.
      if (std::ranges::any_of(*row, has_quoted_special_character)) return true;
    }
    return false;
  };
}

InstructionCheck csv_quotes(JsonFields&) {
  return [](std::string_view text) {
    static constexpr auto kHeader =
        std::to_array<std::string_view>({"StudentID", "Subject", "Grade", "Semester", "Score"});
    if (!has_header(text, kHeader, '\t', " ")) return false;
    const auto rows = python_csv(keeping_quotes(text), '\t');
    return rows && rows->size() == 4 && std::ranges::all_of(*rows, [](const CsvRow& row) {
             return row.size() == 5 && std::ranges::all_of(row, [](std::string_view field) {
                      field = python_strip(field);  // where it is blank, the reference crashes
                      return field.starts_with('"') && field.ends_with('"');
                    });
           });
  };
}

// The number that `digits` decimal digits at `at` say; moves behind them.
std::optional<int> number_at(std::string_view text, std::size_t& at, int digits) {
  int number = 0;
  for (int i = 0; i < digits; ++i) {
    if (at == text.size()) return std::nullopt;
    const int digit = decimal_digit_value(next_code_point(text, at));
    if (digit < 0) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

// YYYY-MM-DD in Napoleon's life. There is a month 0 and a day 0, and every year is a leap year.
bool is_napoleonic_date(std::string_view text) {
  std::size_t at = 0;
  const auto year = number_at(text, at, 4);
  if (!year || at == text.size() || text[at++] != '-') return false;
  const auto month = number_at(text, at, 2);
  if (!month || at == text.size() || text[at++] != '-') return false;
  const auto day = number_at(text, at, 2);
  if (!day || at != text.size()) return false;
  static constexpr auto kDays =
      std::to_array<int>({99, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31});
  return *year >= 1769 && *year <= 1821 && *month <= 12 &&
         *day <= kDays[static_cast<std::size_t>(*month)];
}

InstructionCheck date_format_list(JsonFields&) {
  return [](std::string_view text) {
    return std::ranges::all_of(split(text, ','), [](std::string_view date) {
      return is_napoleonic_date(python_strip(date));
    });
  };
}

}  // namespace

InstructionFamily ifbench_custom_instructions() {
  static constexpr InstructionSuite kSuite = InstructionSuite::ifbench;
  static constexpr auto kInstructions = std::to_array<InstructionDefinition>({
      {{"custom:character_reverse", kSuite, "{}"}, &character_reverse},
      {{"custom:csv_city", kSuite, "{}"}, &csv_city},
      {{"custom:csv_quotes", kSuite, "{}"}, &csv_quotes},
      {{"custom:csv_special_character", kSuite, "{}"}, &csv_special_character},
      {{"custom:date_format_list", kSuite, "{}"}, &date_format_list},
      {{"custom:european_capitals_sort", kSuite, "{}"}, &european_capitals_sort},
      {{"custom:mcq_count_length", kSuite, "{}"}, &mcq_count_length},
      {{"custom:multiples", kSuite, "{}"}, &multiples},
      {{"custom:reverse_newline", kSuite, "{}"}, &reverse_newline},
      {{"custom:sentence_alphabet", kSuite, "{}"}, &sentence_alphabet},
      {{"custom:word_reverse", kSuite, "{}"}, &word_reverse},
  });
  return kInstructions;
}

}  // namespace iie
