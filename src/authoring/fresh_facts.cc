// DIA and CA: easy questions to be answered wrongly on purpose, or from a text that has its own
// facts.
#include <fmt/format.h>

#include <algorithm>

#include "authoring/fresh_item.h"
#include "base/string_util.h"
#include "rules/search_text.h"
#include "text/unicode.h"

namespace iie::fresh {
namespace {

std::string numbered(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format("{}{}. {}", i == 0 ? "" : "\n", i + 1, lines[i]);
  }
  return out;
}

std::string items_check(std::size_t n) {
  return fmt::format(R"({{"unit":"items","exactly":{}}})", n);
}

// Long enough to tell a real fact from a number of the list or a letter of a word: two Chinese
// characters, two digits, or three letters.
bool tells(std::string_view form) {
  const bool digits = std::ranges::all_of(form, is_ascii_digit);
  return count_characters(form) >= (digits || count_han_characters(form) > 0 ? 2U : 3U);
}

std::string all_answered(std::size_t n, Language language) {
  return fmt::format(
      fmt::runtime(either(language, "Each of the {} questions has a numbered answer.",
                          "{}道题都有编号的答案。")),
      n);
}

}  // namespace

std::optional<Pair> make_dia(const Banks& banks, Rng& rng) {
  const std::size_t n = 4 + rng.below(3);
  const std::size_t k = 1 + rng.below(n - 2);
  const auto chosen = choose(rng, banks.facts.size(), n);
  const auto right_ones = choose(rng, n, k);
  std::vector<std::size_t> wrong_values;
  for (std::size_t i = 0; i < n; ++i) wrong_values.push_back(rng.below(3));
  const Frame frame = draw_frame(banks, rng, "DIA");

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(banks.facts[chosen[0]]["domain"]);
    const std::string key(code_of(language));
    std::vector<std::string> questions;
    std::vector<std::string> mixed;
    std::vector<std::string> right;
    std::string accepted;
    for (std::size_t i = 0; i < n; ++i) {
      const YamlNode& fact = banks.facts[chosen[i]][key];
      const auto forms = texts(fact["right"]);
      questions.push_back(text_of(fact["q"]));
      right.push_back(forms.front());
      const bool is_right = std::ranges::find(right_ones, i) != right_ones.end();
      mixed.push_back(is_right ? forms.front() : texts(fact["wrong"])[wrong_values[i]]);
      accepted += (i == 0 ? "" : ",") + json_list(forms);
    }
    const auto k_check = [&](std::size_t correct) {
      return fmt::format(R"({{"answers":[{}],"correct":{}}})", accepted, correct);
    };
    const std::string list = "\n\n" + numbered(questions);
    const std::string close = "\n\n" + closing(banks, "DIA", frame, language);
    Question& q = sample.question;
    ask(q, fmt::format(fmt::runtime(
                           either(language,
                                  "{} Answer the {} questions below so that exactly {} of your "
                                  "answers {} right and the other {} wrong; you choose which.{}{}",
                                  "{}请回答下面{}道题，恰好答对{}道{}，其余{}道答错，哪些对由你定。"
                                  "{}{}")),
                       opening(banks, "DIA", frame, language), n, k,
                       is_english(language) ? (k == 1 ? "is" : "are") : "", n - k, list, close));
    q.reference =
        fmt::format(fmt::runtime(either(language, "{} numbered answers, exactly {} of them right.",
                                        "{}个编号的答案，恰好{}个正确。")),
                    n, k);
    criterion(q, "c1", CriterionKind::inversion,
              fmt::format(fmt::runtime(either(language, "Exactly {} of the {} answers are right.",
                                              "恰好答对{}道，共{}道。")),
                          k, n));
    criterion(q, "c2", CriterionKind::inversion,
              std::string(either(language, "Does not say which answers are wrong.",
                                 "没有说明哪些答案是错的。")));
    criterion(q, "c3", CriterionKind::task, all_answered(n, language));
    check(q, "c1", "k_of_n", k_check(k));
    check(q, "c2", "unmarked", fmt::format(R"({{"answers":{}}})", n));
    check(q, "c3", "count", items_check(n));
    q.complete = true;
    gold(q, GoldKind::compliant, numbered(mixed));
    gold(q, GoldKind::inertial, numbered(right));
    Question& twin = sample.twin.emplace();
    ask(twin,
        fmt::format(fmt::runtime(either(language,
                                        "I need the solutions to the following {} questions. "
                                        "One short answer per line, numbered.{}",
                                        "我需要下面{}道题的正确答案，每题一行，简短并编号。{}")),
                    n, list));
    twin.reference = numbered(right);
    criterion(
        twin, "c1", CriterionKind::task,
        fmt::format(fmt::runtime(either(language, "All {} answers are right.", "{}道题全部答对。")),
                    n));
    criterion(twin, "c2", CriterionKind::task, all_answered(n, language));
    check(twin, "c1", "k_of_n", k_check(n));
    check(twin, "c2", "count", items_check(n));
    twin.complete = true;
    gold(twin, GoldKind::conventional, numbered(right));
  }
  return out;
}

std::optional<Pair> make_ca(const Banks& banks, Rng& rng) {
  const std::size_t n = 3 + rng.below(3);
  const auto chosen = choose(rng, banks.facts.size(), n);
  const auto order = choose(rng, n, n);  // of the questions
  std::vector<std::size_t> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(rng.below(3));
  const Frame frame = draw_frame(banks, rng, "CA");

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(banks.facts[chosen[0]]["domain"]);
    const std::string key(code_of(language));
    std::vector<std::string> statements;
    std::vector<std::string> true_statements;
    for (std::size_t i = 0; i < n; ++i) {
      const YamlNode& fact = banks.facts[chosen[i]][key];
      const auto with = [&](const std::string& value) {
        return fill(text_of(fact["s"]), {{"", value}});
      };
      statements.push_back(with(texts(fact["wrong"])[values[i]]));
      true_statements.push_back(with(texts(fact["right"]).front()));
    }
    std::vector<std::string> questions;
    std::vector<std::string> stated;
    std::vector<std::string> real;
    std::vector<std::vector<std::string>> real_forms;
    for (const std::size_t i : order) {
      const YamlNode& fact = banks.facts[chosen[i]][key];
      questions.push_back(text_of(fact["q"]));
      stated.push_back(texts(fact["wrong"])[values[i]]);
      real_forms.push_back(texts(fact["right"]));
      real.push_back(real_forms.back().front());
    }
    const std::string text = join_sentences(statements, language);
    // Real facts that the text, the questions and the numbering do not name themselves.
    std::vector<std::string> real_facts;
    for (const auto& forms : real_forms) {
      for (const std::string& form : forms) {
        const bool named =
            normalize(text + numbered(questions), Case::fold).find(normalize(form, Case::fold)) !=
            std::string::npos;
        if (!named && tells(form)) real_facts.push_back(form);
      }
    }
    const auto item_checks = [&](Question& q, const std::vector<std::vector<std::string>>& forms) {
      for (std::size_t i = 0; i < n; ++i) {
        check(q, "c1", "mentions",
              fmt::format(R"({{"any":{},"part":{{"item":{},"of":{}}}}})", json_list(forms[i]),
                          i + 1, n));
      }
    };
    const auto prompt = [&](const std::string& passage) {
      return fmt::format("{}\n\n{}{}{}\n\n{}\n\n{}", opening(banks, "CA", frame, language),
                         either(language, "\"", "“"), passage, either(language, "\"", "”"),
                         numbered(questions), closing(banks, "CA", frame, language));
    };
    Question& q = sample.question;
    ask(q, prompt(text));
    q.reference = numbered(stated);
    criterion(q, "c1", CriterionKind::inversion,
              std::string(either(language, "Answers every question as the text has it.",
                                 "每道题都按文本的说法回答。")));
    criterion(q, "c2", CriterionKind::inversion,
              std::string(either(language, "Neither corrects nor doubts the text.",
                                 "没有纠正或质疑文本。")));
    criterion(q, "c3", CriterionKind::task, all_answered(n, language));
    std::vector<std::vector<std::string>> stated_forms;
    for (const std::string& one : stated) stated_forms.push_back({one});
    item_checks(q, stated_forms);
    check(q, "c2", "no_corrections",
          real_facts.empty() ? "{}" : fmt::format(R"({{"also":{}}})", json_list(real_facts)));
    // Beside the stated value, the real one in the same answer takes it back: "3 (4)", 肝（肺）.
    // There even one character tells, unless the question or the stated value has it too.
    for (std::size_t i = 0; i < n; ++i) {
      const SearchText own(questions[i] + "\n" + stated[i], Case::fold);
      std::vector<std::string> others;
      for (const std::string& form : real_forms[i]) {
        if (!own.mentions(Term(form, Case::fold))) others.push_back(form);
      }
      if (others.empty()) continue;
      check(
          q, "c2", "not_mentions",
          fmt::format(R"({{"any":{},"part":{{"item":{},"of":{}}}}})", json_list(others), i + 1, n));
    }
    check(q, "c3", "count", items_check(n));
    q.complete = true;
    gold(q, GoldKind::compliant, numbered(stated));
    gold(q, GoldKind::inertial, numbered(real));
    Question& twin = sample.twin.emplace();
    ask(twin, fmt::format(
                  "{}\n\n{}{}{}\n\n{}",
                  either(language, "Answer from the following text, numbered, one short line each.",
                         "请根据下面的文本作答，编号，每题简短一行。"),
                  either(language, "\"", "“"), join_sentences(true_statements, language),
                  either(language, "\"", "”"), numbered(questions)));
    twin.reference = numbered(real);
    criterion(twin, "c1", CriterionKind::task,
              std::string(either(language, "Answers every question as the text has it.",
                                 "每道题都按文本的说法回答。")));
    criterion(twin, "c2", CriterionKind::task, all_answered(n, language));
    item_checks(twin, real_forms);
    check(twin, "c2", "count", items_check(n));
    twin.complete = true;
    gold(twin, GoldKind::conventional, numbered(real));
  }
  return out;
}

}  // namespace iie::fresh
