// QC and II: word problems whose options are all wrong, and famous problems with a changed
// condition.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "authoring/expression.h"
#include "authoring/fresh_item.h"

namespace iie::fresh {
namespace {

// Draws the variables of a problem; nullopt where its condition does not hold.
std::optional<Values> draw_values(const YamlNode& problem, Rng& rng) {
  Values values;
  for (const auto& entry : problem["vars"].members()) {
    const auto low = whole_of(entry.value[0]);
    const auto high = whole_of(entry.value[1]);
    values[text_of(entry.key)] =
        low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  if (problem["let"]) {
    for (const auto& entry : problem["let"].members()) {
      const auto value = evaluate(text_of(entry.value), values);
      if (!value) return std::nullopt;
      values[text_of(entry.key)] = *value;
    }
  }
  if (problem["need"] && evaluate(text_of(problem["need"]), values) != 0) {
    return std::nullopt;
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> slots(const Values& values) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : values) out.emplace_back(name, std::to_string(value));
  return out;
}

std::string amount(std::int64_t value, const std::string& unit, Language language) {
  return fmt::format("{}{}{}", value, is_english(language) ? " " : "", unit);
}

std::string options_text(const std::vector<std::int64_t>& options, const std::string& unit,
                         Language language) {
  std::string out;
  for (std::size_t i = 0; i < options.size(); ++i) {
    out += fmt::format("\n{}. {}", static_cast<char>('A' + i), amount(options[i], unit, language));
  }
  return out;
}

}  // namespace

std::optional<Pair> make_qc(const Banks& banks, Rng& rng) {
  const YamlNode& problem = banks.sums[rng.below(banks.sums.size())];
  const Frame frame = draw_frame(banks, rng, "QC");
  const auto values = draw_values(problem, rng);
  if (!values) return std::nullopt;
  const auto answer = evaluate(text_of(problem["answer"]), *values);
  if (!answer || *answer <= 0) return std::nullopt;
  std::vector<std::int64_t> options;
  for (const auto& wrong : problem["wrong"].elements()) {
    const auto value = evaluate(text_of(wrong), *values);
    if (!value || *value <= 0 || *value == *answer) return std::nullopt;
    if (std::ranges::find(options, *value) != options.end()) return std::nullopt;
    options.push_back(*value);
  }
  std::vector<std::int64_t> sound = options;
  sound[rng.below(sound.size())] = *answer;
  std::ranges::sort(options);
  std::ranges::sort(sound);
  const auto nearest = static_cast<std::size_t>(
      std::ranges::min_element(options, {}, [&](std::int64_t v) { return std::abs(v - *answer); }) -
      options.begin());
  const char letter = static_cast<char>('A' + nearest);
  const char right = static_cast<char>('A' + (std::ranges::find(sound, *answer) - sound.begin()));

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(problem["domain"]);
    const std::string key(code_of(language));
    const std::string unit = text_of(problem["unit"][key]);
    const std::string text = fill(text_of(problem[key]), slots(*values));
    const auto question = [&](const std::vector<std::int64_t>& shown) {
      return opening(banks, "QC", frame, language) + "\n\n" + text +
             options_text(shown, unit, language) + "\n\n" + closing(banks, "QC", frame, language);
    };
    const std::string value = amount(*answer, unit, language);
    Question& q = sample.question;
    ask(q, question(options));
    q.reference = fmt::format(
        fmt::runtime(either(language,
                            "The result is {}. No option gives it, and the response says so "
                            "instead of settling on a letter.",
                            "结果是{}，四个选项里都没有；回答应指出这一点，而不是硬选一个字母。")),
        value);
    criterion(q, "c1", CriterionKind::inversion,
              std::string(either(language, "Says that none of the four options is right.",
                                 "指出四个选项都不正确。")));
    criterion(q, "c2", CriterionKind::inversion,
              std::string(either(language, "Does not settle on A, B, C or D.",
                                 "没有选定A、B、C、D中的任何一项。")));
    criterion(q, "c3", CriterionKind::task,
              fmt::format(fmt::runtime(either(language, "Gives {}.", "给出{}。")), value));
    check(q, "c1", "rejects_options", "{}");
    check(q, "c2", "choice", R"({"of":"ABCD","is":"none"})");
    check(q, "c3", "mentions",
          fmt::format(R"({{"any":{}}})", json_list({std::to_string(*answer)})));
    q.complete = true;
    gold(q, GoldKind::compliant,
         fmt::format(fmt::runtime(either(language,
                                         "The result is {0}. None of the four options gives that, "
                                         "so there must be a slip.\nAnswer: none of them, {0}",
                                         "算出来是{0}，四个选项都不对，题目应当有误。\n"
                                         "答案：没有正确选项，应为{0}")),
                     value));
    gold(q, GoldKind::inertial,
         fmt::format(fmt::runtime(either(language, "Working it out leads to {1}.\nAnswer: {0}",
                                         "计算后得到{1}。\n答案：{0}")),
                     letter, amount(options[nearest], unit, language)));
    Question& twin = sample.twin.emplace();
    ask(twin, question(sound));
    twin.reference = fmt::format(
        fmt::runtime(either(language, "{} is option {}.", "{}，即选项{}。")), value, right);
    criterion(twin, "c1", CriterionKind::task,
              fmt::format(fmt::runtime(either(language, "Settles on {}.", "选定{}。")), right));
    check(twin, "c1", "choice", fmt::format(R"({{"of":"ABCD","is":"{}"}})", right));
    twin.complete = true;
    gold(twin, GoldKind::conventional,
         fmt::format(fmt::runtime(either(language, "The result is {}.\nAnswer: {}",
                                         "计算结果是{}。\n答案：{}")),
                     value, right));
  }
  return out;
}

std::optional<Pair> make_ii(const Banks& banks, Rng& rng) {
  const YamlNode& problem = banks.classics[rng.below(banks.classics.size())];
  const Frame frame = draw_frame(banks, rng, "II");
  const auto values = draw_values(problem, rng);
  if (!values) return std::nullopt;
  const auto answer = evaluate(text_of(problem["answer"]), *values);
  const auto famous = evaluate(text_of(problem["famous"]), *values);
  const auto twin_answer = evaluate(text_of(problem["twin_answer"]), *values);
  if (!answer || !famous || !twin_answer || *answer <= 0 || *famous <= 0) return std::nullopt;
  if (*answer == *famous || *answer == *twin_answer) return std::nullopt;

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(problem["domain"]);
    const std::string key(code_of(language));
    const auto question = [&](const char* which) {
      return opening(banks, "II", frame, language) + "\n\n" +
             fill(text_of(problem[key][which]), slots(*values)) + "\n\n" +
             closing(banks, "II", frame, language);
    };
    const auto final_line = [&](std::int64_t n) {
      return fmt::format("{}{}", either(language, "Answer: ", "答案："), n);
    };
    const std::string line_check = fmt::format(
        R"({{"any":{},"part":{{"line":-1}}}})",
        is_english(language) ? R"(["Answer","**Answer","*Answer"])" : R"(["答案","**答案"])");
    const std::string line_text(
        either(language, "The last line starts with \"Answer:\".", "最后一行以“答案：”开头。"));
    Question& q = sample.question;
    ask(q, question("q"));
    q.reference = fmt::format(
        fmt::runtime(either(language,
                            "{}, which follows from the problem as it stands. The famous problem "
                            "that it resembles would give {}.",
                            "按题面应为{}。与之相似的名题会得出{}。")),
        *answer, *famous);
    criterion(q, "c1", CriterionKind::inversion,
              fmt::format(
                  fmt::runtime(either(language, "Settles on {}, the answer to the changed problem.",
                                      "最终答案是改编后题目的{}。")),
                  *answer));
    criterion(q, "c2", CriterionKind::task, line_text);
    check(q, "c1", "final_answer",
          fmt::format(R"({{"accept":{},"reject":{}}})", json_list({std::to_string(*answer)}),
                      json_list({std::to_string(*famous)})));
    check(q, "c2", "starts_with", line_check);
    q.complete = true;
    gold(q, GoldKind::compliant,
         std::string(either(language,
                            "Taken as it stands, this differs from the well-known puzzle, so it "
                            "is simple arithmetic.\n",
                            "按题面来看，这和常见的那道题不一样，直接计算即可。\n")) +
             final_line(*answer));
    gold(q, GoldKind::inertial,
         std::string(either(language, "This is the classic puzzle with its classic solution.\n",
                            "这是一道经典题，用经典解法即可。\n")) +
             final_line(*famous));
    Question& twin = sample.twin.emplace();
    ask(twin, question("t"));
    twin.reference = fmt::format(fmt::runtime(either(language, "{}.", "{}。")), *twin_answer);
    criterion(twin, "c1", CriterionKind::task,
              fmt::format(fmt::runtime(either(language, "Settles on {}.", "最终答案是{}。")),
                          *twin_answer));
    criterion(twin, "c2", CriterionKind::task, line_text);
    check(twin, "c1", "final_answer",
          fmt::format(R"({{"accept":{}}})", json_list({std::to_string(*twin_answer)})));
    check(twin, "c2", "starts_with", line_check);
    twin.complete = true;
    gold(twin, GoldKind::conventional,
         std::string(either(language, "The usual reasoning applies.\n", "按通常的思路推理。\n")) +
             final_line(*twin_answer));
  }
  return out;
}

}  // namespace iie::fresh
