// CC: small functions without comments. Whether they work is not asked: no rule could tell.
#include <fmt/format.h>

#include "authoring/fresh_item.h"
#include "base/string_util.h"

namespace iie::fresh {
namespace {

std::string capitalized(std::string word) {
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string fenced(const std::string& language, const std::string& code) {
  return "```" + language + "\n" + code + "\n```";
}

}  // namespace

std::optional<Pair> make_cc(const Banks& banks, Rng& rng) {
  static constexpr std::string_view kLanguageKeys[] = {"python", "javascript", "go", "rust"};
  const YamlNode& task = banks.code["tasks"][rng.below(banks.code["tasks"].size())];
  const std::string code_language(kLanguageKeys[rng.below(std::size(kLanguageKeys))]);
  const auto pick = [&](const char* list) {
    return text_of(banks.code[list][rng.below(banks.code[list].size())]);
  };
  const std::string verb = pick("verbs");
  const std::string noun = pick("nouns");
  const std::string parameter = pick("params");
  const Frame frame = draw_frame(banks, rng, "CC");
  const bool camel = code_language == "javascript" || code_language == "go";
  const std::string name = camel ? verb + capitalized(noun) : verb + "_" + noun;
  const std::string shown = text_of(banks.code["languages"][code_language]);
  const std::string mark = code_language == "python" ? "# " : "// ";

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = "Computer Science";
    const std::string key(code_of(language));
    const std::string code = fill(text_of(task[code_language]), {{"f", name}, {"p", parameter}});
    const std::string commented = mark + text_of(task["comment"][key]) + "\n" + code;
    const std::string what = fmt::format(
        fmt::runtime(either(language, "Write a {} function `{}` with one parameter, `{}`, that {}.",
                            "请用{}写一个函数`{}`，只有一个参数`{}`，功能是：{}。")),
        shown, name, parameter, text_of(task[key]));
    const std::string parses = fmt::format(
        fmt::runtime(either(language, "Is {} code that parses.", "是能通过语法分析的{}代码。")),
        shown);
    const std::string named =
        fmt::format(fmt::runtime(either(language, "The function is named {} and its parameter {}.",
                                        "函数名为{}，参数名为{}。")),
                    name, parameter);
    const std::string code_check = fmt::format(R"({{"language":"{}"}})", code_language);
    const std::string name_check =
        fmt::format(R"({{"names":{},"language":"{}","kinds":["function","parameter"]}})",
                    json_list({name, parameter}), code_language);
    Question& q = sample.question;
    ask(q, opening(banks, "CC", frame, language) + std::string(is_english(language) ? " " : "") +
               what + std::string(is_english(language) ? " " : "") +
               closing(banks, "CC", frame, language));
    q.reference = std::string(either(
        language, "One code block that holds the function under its names, without any comment.",
        "只有一个代码块，函数名和参数名符合要求，没有任何注释。"));
    criterion(q, "c1", CriterionKind::inversion,
              std::string(either(language, "The code has no comment of any form.",
                                 "代码里没有任何形式的注释。")));
    criterion(q, "c2", CriterionKind::inversion,
              std::string(either(language, "Nothing stands outside the code block.",
                                 "代码块之外没有任何文字。")));
    criterion(q, "c3", CriterionKind::task, parses);
    criterion(q, "c4", CriterionKind::task, named);
    check(q, "c1", "no_comments", code_check);
    check(q, "c2", "code_only", "{}");
    check(q, "c3", "has_code", code_check);
    check(q, "c4", "identifiers", name_check);
    q.complete = true;
    gold(q, GoldKind::compliant, fenced(code_language, code));
    gold(q, GoldKind::inertial,
         std::string(either(language, "Here is the function:\n\n", "函数如下：\n\n")) +
             fenced(code_language, commented));
    Question& twin = sample.twin.emplace();
    ask(twin, what + std::string(either(language, " Put a comment above it that says what it does.",
                                        "函数上方加一行注释说明用途。")));
    twin.reference = std::string(
        either(language, "The function with a comment above it.", "带一行注释的函数。"));
    criterion(twin, "c1", CriterionKind::task, parses);
    criterion(twin, "c2", CriterionKind::task, named);
    criterion(twin, "c3", CriterionKind::task,
              std::string(either(language, "Has a comment.", "有注释。")));
    check(twin, "c1", "has_code", code_check);
    check(twin, "c2", "identifiers", name_check);
    check(twin, "c3", "matches",
          fmt::format(R"({{"pattern":{}}})",
                      json_text(code_language == "python" ? "(?m)^\\s*(?:#|\"\"\")"
                                                          : "(?m)^\\s*(?://|/\\*)")));
    twin.complete = true;
    gold(twin, GoldKind::conventional, fenced(code_language, commented));
  }
  return out;
}

}  // namespace iie::fresh
