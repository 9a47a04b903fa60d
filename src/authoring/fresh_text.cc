// ITF, CCF and MIM: texts with flaws, advice in forms that advice never takes, and orders that are
// changed on the way.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authoring/fresh_item.h"
#include "base/string_util.h"
#include "text/segmentation.h"
#include "text/unicode.h"

namespace iie::fresh {
namespace {

// The word (or Chinese character) of `text` replaced once; words as wholes, capitals kept.
std::string with_flaw(const std::string& text, const std::string& from, const std::string& to,
                      Language language) {
  if (!is_english(language)) {
    std::string out = text;
    const std::size_t at = out.find(from);
    if (at != std::string::npos) out.replace(at, from.size(), to);
    return out;
  }
  for (const TextSpan& span : words(text)) {
    const std::string_view word = span.of(text);
    if (normalize(word, Case::fold) != from) continue;
    std::string wrong = to;
    if (word[0] >= 'A' && word[0] <= 'Z' && wrong[0] >= 'a' && wrong[0] <= 'z') {
      wrong[0] = static_cast<char>(wrong[0] - 32);
    }
    return text.substr(0, span.begin) + wrong + text.substr(span.end);
  }
  return text;
}

std::string without_marks(std::string_view text, bool small) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    if (is_letter_or_digit(c) || is_white_space(c)) out += text.substr(begin, at - begin);
  }
  return small ? ascii_lower(out) : out;
}

std::string quoted(std::string_view text, Language language) {
  return fmt::format("{}{}{}", either(language, "\"", "“"), text, either(language, "\"", "”"));
}

// A phrase that may begin or end a text.
struct Phrase {
  std::string_view en;
  std::string_view zh;

  std::string of(Language language) const { return std::string(either(language, en, zh)); }
};
constexpr auto kBeginnings = std::to_array<Phrase>({{"Well,", "这么说吧，"},
                                                    {"Listen,", "听我说，"},
                                                    {"Honestly,", "说实话，"},
                                                    {"Dear friend,", "亲爱的朋友，"},
                                                    {"All right,", "好吧，"},
                                                    {"Between us,", "悄悄告诉你，"}});
constexpr auto kEndings = std::to_array<Phrase>({{"Good luck!", "祝你顺利！"},
                                                 {"That is the whole secret.", "秘诀就这些。"},
                                                 {"Try it tonight.", "今晚就试试吧。"},
                                                 {"You will thank me later.", "以后你会感谢我的。"},
                                                 {"Nothing else matters.", "别的都不重要。"}});

// Sentences behind a beginning such as "Well,": the first one goes on with a small letter.
std::string advice(const std::vector<std::string>& sentences, std::string_view beginning,
                   std::string_view ending, Language language) {
  std::vector<std::string> all = sentences;
  if (!beginning.empty()) {
    std::string first = all.front();
    if (is_english(language)) {
      first[0] = ascii_lower(first[0]);
      first = fmt::format("{} {}", beginning, first);
    } else {
      first = std::string(beginning) + first;
    }
    all.front() = first;
  }
  if (!ending.empty()) all.emplace_back(ending);
  return join_sentences(all, language);
}

std::vector<std::string> some(const std::vector<std::string>& all, std::size_t n) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)};
}

void content_criterion(Question& question, const char* id, const YamlNode& topic,
                       Language language) {
  criterion(question, id, CriterionKind::task,
            std::string(either(language, "Gives at least two pieces of usual advice on the topic.",
                               "给出至少两条切题的常见建议。")));
  check(question, id, "mentions",
        fmt::format(R"({{"of":{},"min":2}})", json_list(texts(topic["terms"]))));
}

std::string count_check(const char* unit, std::size_t n) {
  return fmt::format(R"({{"unit":"{}","exactly":{}}})", unit, n);
}

std::string n_sentences(std::size_t n, Language language) {
  return fmt::format(fmt::runtime(either(language, "Has exactly {} sentences.", "恰好{}句话。")),
                     n);
}

// Texts as an assistant would lay them out.
std::string laid_out(const std::vector<std::string>& sentences, std::string_view title) {
  std::string out = fmt::format("## {}\n", title);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    out += fmt::format("\n{}. **{}**", i + 1, sentences[i]);
  }
  return out;
}

}  // namespace

std::optional<Pair> make_itf(const Banks& banks, Rng& rng) {
  const bool bare = rng.below(4) == 0;  // without marks and capitals, else with wrong words
  const std::size_t n = 2 + rng.below(2);
  const std::size_t flaws = 2 + rng.below(3);
  const auto chosen = choose(rng, banks.sentences["en"].size(), n);
  const std::uint64_t flaw_seed = rng();
  const Frame frame = draw_frame(banks, rng, "ITF");
  static constexpr auto kDomains = std::to_array<const char*>(
      {"Philology", "Pedagogy", "Media Studies", "Literature", "Daily Life"});
  const char* const domain = kDomains[rng.below(kDomains.size())];

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = domain;
    const std::string key(code_of(language));
    std::vector<std::string> clean;
    std::vector<std::array<std::string, 3>> possible;  // sentence, right, wrong
    for (std::size_t i = 0; i < n; ++i) {
      const YamlNode& sentence = banks.sentences[key][chosen[i]];
      clean.push_back(text_of(sentence["text"]));
      for (const auto& flaw : sentence["flaws"].members()) {
        possible.push_back({std::to_string(i), text_of(flaw.key), text_of(flaw.value)});
      }
    }
    std::vector<std::string> flawed = clean;
    Rng flaw_rng(flaw_seed);
    for (const std::size_t i : choose(flaw_rng, possible.size(), flaws)) {
      std::string& sentence = flawed[static_cast<std::size_t>(possible[i][0][0] - '0')];
      sentence = with_flaw(sentence, possible[i][1], possible[i][2], language);
    }
    const std::string text = join_sentences(clean, language);
    const std::string unit = is_english(language) ? "words" : "characters";
    const auto differs = [&](std::size_t count, bool replaced) {
      return fmt::format(R"({{"from":{},"unit":"{}","exactly":{}{}}})", json_text(text), unit,
                         count, replaced ? R"(,"replaced_only":true)" : "");
    };
    const std::string open = opening(banks, "ITF", frame, language);
    const std::string close = closing(banks, "ITF", frame, language);
    Question& q = sample.question;
    if (bare) {
      ask(q, fmt::format("{}{}{}{}{}\n\n{}", open, is_english(language) ? " " : "",
                         either(language,
                                "Copy the following text with the same words, but without a single "
                                "punctuation mark and without any capital letter.",
                                "把下面的文字原样抄一遍，但一个标点符号都不要加。"),
                         is_english(language) ? " " : "", close, text));
      q.reference = std::string(either(language, "All the same words in small letters, no marks.",
                                       "字词不变，没有任何标点。"));
      criterion(q, "c1", CriterionKind::inversion,
                std::string(either(language, "Contains no punctuation mark.", "没有任何标点。")));
      check(q, "c1", "punctuation", R"({"marks":"all","max":0})");
      if (is_english(language)) {
        criterion(q, "c2", CriterionKind::inversion, "Contains no capital letter.");
        check(q, "c2", "casing", R"({"is":"lower"})");
      }
      criterion(q, "c3", CriterionKind::task,
                std::string(either(language, "Keeps every word.", "字词全部保留。")));
      check(q, "c3", "differs", differs(0, false));
      gold(q, GoldKind::compliant, without_marks(text, true));
    } else {
      ask(q, fmt::format("{}{}{}{}{}\n\n{}", open, is_english(language) ? " " : "",
                         fmt::format(fmt::runtime(either(
                                         language,
                                         "Copy the following text with exactly {} misspelled words "
                                         "and leave all the others as they are.",
                                         "把下面的文字抄一遍，恰好把其中{}个字写成别的字，"
                                         "其余的字都不变，也不要加字漏字。")),
                                     flaws),
                         is_english(language) ? " " : "", close, text));
      q.reference =
          fmt::format(fmt::runtime(either(language, "The text with exactly {} misspelled words.",
                                          "原文中恰好{}个字写错。")),
                      flaws);
      criterion(
          q, "c1", CriterionKind::inversion,
          fmt::format(fmt::runtime(either(language, "Exactly {} words differ from the original.",
                                          "恰好{}个字与原文不同。")),
                      flaws));
      check(q, "c1", "differs", differs(flaws, true));
      criterion(q, "c2", CriterionKind::task, n_sentences(n, language));
      check(q, "c2", "count", count_check("sentences", n));
      gold(q, GoldKind::compliant, join_sentences(flawed, language));
    }
    q.complete = true;
    gold(q, GoldKind::inertial, text);
    Question& twin = sample.twin.emplace();
    ask(twin, std::string(either(language, "Copy the following text exactly, without any change. ",
                                 "把下面的文字一字不差地抄一遍。")) +
                  close + "\n\n" + text);
    twin.reference = std::string(either(language, "The text as it is.", "与原文相同。"));
    criterion(twin, "c1", CriterionKind::task,
              std::string(either(language, "No word differs from the original.",
                                 "没有一个字与原文不同。")));
    criterion(twin, "c2", CriterionKind::task, n_sentences(n, language));
    check(twin, "c1", "differs", differs(0, false));
    check(twin, "c2", "count", count_check("sentences", n));
    twin.complete = true;
    gold(twin, GoldKind::conventional, text);
  }
  return out;
}

std::optional<Pair> make_ccf(const Banks& banks, Rng& rng) {
  const YamlNode& topic = banks.topics[rng.below(banks.topics.size())];
  const std::size_t n = 3 + rng.below(3);
  const bool heading = rng.below(2) == 0;
  const bool emphasis = rng.below(2) == 0;
  const bool paragraph = rng.below(3) != 0;
  const std::size_t begins = rng.below(kBeginnings.size() + 3);
  const std::size_t ends = rng.below(kEndings.size() + 3);
  const Frame frame = draw_frame(banks, rng, "CCF");
  const bool has_beginning = begins < kBeginnings.size();
  const bool has_ending = ends < kEndings.size();

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(topic["domain"]);
    const std::string key(code_of(language));
    const YamlNode& here = topic[key];
    const std::string subject = text_of(here["topic"]);
    const std::string beginning = has_beginning ? kBeginnings[begins].of(language) : "";
    const std::string ending = has_ending ? kEndings[ends].of(language) : "";
    const auto sentences = some(texts(here["s"]), has_ending ? n - 1 : n);
    std::vector<std::string> demands;
    demands.push_back(
        fmt::format(fmt::runtime(either(language, "exactly {} sentences", "恰好{}句话")), n));
    demands.emplace_back(either(language, "no list and no table", "不用列表和表格"));
    if (heading) demands.emplace_back(either(language, "no heading", "不要标题"));
    if (emphasis) demands.emplace_back(either(language, "no bold or italics", "不用粗体和斜体"));
    if (paragraph) demands.emplace_back(either(language, "a single paragraph", "只写一段"));
    if (has_beginning) {
      demands.push_back(fmt::format(fmt::runtime(either(language, "beginning with {}", "以{}开头")),
                                    quoted(beginning, language)));
    }
    if (has_ending) {
      demands.push_back(fmt::format(
          fmt::runtime(either(language, "with {} as the last sentence", "最后一句是{}")),
          quoted(ending, language)));
    }
    const std::string ask_for =
        fmt::format(fmt::runtime(either(language, "What is your advice on {}? I want {}.",
                                        "关于怎样{}，请给我一些建议。要求：{}。")),
                    subject, join(demands, either(language, ", ", "，")));
    const std::string space(is_english(language) ? " " : "");
    Question& q = sample.question;
    ask(q, opening(banks, "CCF", frame, language) + space + ask_for + space +
               closing(banks, "CCF", frame, language));
    q.reference = std::string(either(language, "Advice as running text in the form that was asked.",
                                     "按要求的形式写成的连贯建议。"));
    criterion(q, "c1", CriterionKind::inversion,
              std::string(either(language, "Contains no list and no table.", "没有列表和表格。")));
    check(q, "c1", "markdown", R"({"element":"list","max":0})");
    check(q, "c1", "markdown", R"({"element":"table","max":0})");
    if (heading || emphasis || paragraph) {
      criterion(q, "c2", CriterionKind::inversion,
                std::string(either(language, "Keeps to the other bans on layout.",
                                   "没有使用其他被禁止的排版。")));
      if (heading) check(q, "c2", "markdown", R"({"element":"heading","max":0})");
      if (emphasis) check(q, "c2", "markdown", R"({"element":"emphasis","max":0})");
      if (paragraph) check(q, "c2", "count", count_check("paragraphs", 1));
    }
    criterion(q, "c3", CriterionKind::task, n_sentences(n, language));
    check(q, "c3", "count", count_check("sentences", n));
    if (has_beginning || has_ending) {
      criterion(q, "c4", CriterionKind::task,
                std::string(either(language, "Begins and ends as asked.", "开头和结尾符合要求。")));
      if (has_beginning) {
        check(q, "c4", "starts_with", fmt::format(R"({{"any":{}}})", json_list({beginning})));
      }
      if (has_ending) {
        check(q, "c4", "ends_with", fmt::format(R"({{"any":{}}})", json_list({ending})));
      }
    }
    content_criterion(q, "c5", here, language);
    q.complete = true;
    gold(q, GoldKind::compliant, advice(sentences, beginning, ending, language));
    gold(q, GoldKind::inertial, laid_out(texts(here["s"]), subject));
    Question& twin = sample.twin.emplace();
    ask(twin, fmt::format(fmt::runtime(either(language,
                                              "What is your advice on {}? Give me a numbered list.",
                                              "关于怎样{}，请给我一些建议，用编号列表。")),
                          subject));
    twin.reference =
        std::string(either(language, "A numbered list of advice.", "编号的建议列表。"));
    criterion(twin, "c1", CriterionKind::task,
              std::string(either(language, "Is a list.", "是一个列表。")));
    check(twin, "c1", "markdown", R"({"element":"list","min":1})");
    content_criterion(twin, "c2", here, language);
    twin.complete = true;
    gold(twin, GoldKind::conventional, laid_out(texts(here["s"]), subject));
  }
  return out;
}

std::optional<Pair> make_mim(const Banks& banks, Rng& rng) {
  const YamlNode& topic = banks.topics[rng.below(banks.topics.size())];
  const auto lengths = choose(rng, 3, 3);  // of 3, 4 and 5 sentences, in some order
  const std::size_t first_n = 3 + lengths[0];
  const std::size_t middle_n = 3 + lengths[1];
  const std::size_t last_n = 3 + lengths[2];
  const auto begins = choose(rng, kBeginnings.size(), 2);
  const std::size_t ends = rng.below(kEndings.size());
  const bool keeps_beginning = rng.below(3) != 0;
  const bool list_first = rng.below(2) == 0;
  const std::uint64_t order = rng.below(3);
  const std::uint64_t wording = rng.below(3);
  const Frame frame = draw_frame(banks, rng, "MIM");

  Pair out;
  for (const Language language : kLanguages) {
    Sample& sample = out.of(language);
    sample.domain = text_of(topic["domain"]);
    const std::string key(code_of(language));
    const YamlNode& here = topic[key];
    const std::string subject = text_of(here["topic"]);
    const std::string old_beginning = kBeginnings[begins[0]].of(language);
    const std::string new_beginning = kBeginnings[begins[1]].of(language);
    const std::string ending = kEndings[ends].of(language);
    const auto say = [&](std::string_view en, std::string_view zh, auto... values) {
      return fmt::format(fmt::runtime(either(language, en, zh)), values...);
    };
    std::vector<std::string> steps;
    steps.push_back(say("Write a short piece of advice on {}. {} sentences, beginning with {}.",
                        "请写一小段建议，主题是怎样{}。写{}句话，以{}开头。", subject, first_n,
                        quoted(old_beginning, language)));
    if (list_first) {
      steps.push_back(say("Set it as a bulleted list so that it looks organised.",
                          "排成项目符号列表，显得有条理。"));
    }
    const std::string add_ending =
        say("The last sentence shall be {}.", "最后一句写成{}。", quoted(ending, language));
    const std::string longer =
        say("Hm, {} sentences would be better.", "嗯，还是写{}句比较好。", middle_n);
    steps.push_back(order == 0 ? add_ending : longer);
    steps.push_back(order == 0 ? longer : add_ending);
    if (list_first) {
      steps.push_back(say("No list after all: one paragraph of plain text.",
                          "还是不要列表了，写成一段普通文字。"));
    }
    steps.push_back(
        keeps_beginning
            ? say("That beginning is worn out. Begin with {} instead.",
                  "那个开头太老套，改成以{}开头。", quoted(new_beginning, language))
            : say("That beginning is worn out. Do not use it; start right away with the advice.",
                  "那个开头太老套，不要用了，直接进入正题。"));
    steps.push_back(say("And drop the closing sentence that I asked for.",
                        "另外，前面要求的最后那句话也去掉。"));
    steps.push_back(wording == 0   ? say("Finally: {} sentences, and that is settled.",
                                         "最后定下来：{}句话，不再改了。", last_n)
                    : wording == 1 ? say("My boss says {} sentences, so {} it is.",
                                         "老板说{}句，那就{}句。", last_n, last_n)
                                   : say("One more change: it has to be {} sentences long.",
                                         "再改一处：篇幅必须是{}句话。", last_n));
    const std::string beginning = keeps_beginning ? new_beginning : "";
    Question& q = sample.question;
    ask(q, opening(banks, "MIM", frame, language) + "\n\n" + join(steps, "\n\n") + "\n\n" +
               closing(banks, "MIM", frame, language));
    q.reference = say(
        "Plain text of {} sentences{}, without the closing sentence.",
        "一段{}句的文字{}，没有那句结尾。", last_n,
        keeps_beginning ? say(" that begins with {}", "，以{}开头", quoted(new_beginning, language))
                        : say(" without a set beginning", "，没有固定开头"));
    criterion(q, "c1", CriterionKind::inversion, n_sentences(last_n, language));
    check(q, "c1", "count", count_check("sentences", last_n));
    criterion(q, "c2", CriterionKind::inversion,
              std::string(either(language, "Follows the last word on the beginning.",
                                 "开头遵照最后的要求。")));
    if (keeps_beginning) {
      check(q, "c2", "starts_with", fmt::format(R"({{"any":{}}})", json_list({beginning})));
    } else {
      check(q, "c2", "not_mentions",
            fmt::format(R"({{"any":{},"part":{{"sentence":1}}}})", json_list({old_beginning})));
    }
    criterion(q, "c3", CriterionKind::inversion,
              std::string(either(language, "Follows no withdrawn order on closing and layout.",
                                 "没有遵照已撤回的结尾和排版要求。")));
    check(q, "c3", "not_mentions", fmt::format(R"({{"any":{}}})", json_list({ending})));
    check(q, "c3", "markdown", R"({"element":"list","max":0})");
    content_criterion(q, "c4", here, language);
    q.complete = true;
    const std::string compliant = advice(some(texts(here["s"]), last_n), beginning, "", language);
    gold(q, GoldKind::compliant, compliant);
    gold(q, GoldKind::inertial,
         advice(some(texts(here["s"]), first_n - 1), old_beginning, ending, language));
    Question& twin = sample.twin.emplace();
    ask(twin,
        say("Write a short piece of advice on {} as plain text without a list: {} sentences{}."
            " Send just the text.",
            "请写一小段建议，主题是怎样{}，用普通文字，不要列表，共{}句话{}。直接给出文字。",
            subject, last_n,
            keeps_beginning
                ? say(", beginning with {}", "，以{}开头", quoted(new_beginning, language))
                : std::string()));
    twin.reference = q.reference;
    for (const Criterion& one : q.rubric) {
      twin.rubric.push_back({one.id, CriterionKind::task, one.text});
    }
    twin.checks = q.checks;
    twin.complete = true;
    gold(twin, GoldKind::conventional, compliant);
  }
  return out;
}

}  // namespace iie::fresh
