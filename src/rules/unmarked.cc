// unmarked: numbered answers of which some are wrong on purpose, given without a hint which.
//
// Whoever answers wrongly on purpose is tempted to say where: "(wrong)", ✗, a footnote, a key, the
// right answer in brackets, "第2、5题是错的". The words of such hints are without end, but their
// places are few: in or behind an answer, in front of the answers, behind them. So the rule looks
// for known marks in each of these places, and where a place holds something that it cannot read (a
// long remark in brackets, a dagger, any other text behind the answers) it leaves the criterion to
// a judge. Only answers with nothing beside them, or with what announces them or takes leave, are
// met.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/string_util.h"
#include "rules/numbered_answers.h"
#include "rules/regex_cache.h"
#include "rules/registry.h"
#include "rules/remarks.h"
#include "text/unicode.h"

namespace iie {
namespace {

// Words that tell right from wrong. In an answer they mark it; elsewhere they need to say which.
constexpr std::string_view kMarks =
    R"((?i)\b(?:wrong|incorrect(?:ly)?|false|correct(?:ly|ed|ion|ions)?|mistakes?|lies?|actually|in fact|should (?:be|have been)|it['’]s really|is really|deliberate(?:ly)?|intentional(?:ly)?|on purpose|planted|untrue|true|made[- ]up|fakes?|invented|oops|slips?|errors?|sic|inaccurate|fabricated|the odd one out|right)\b)"
    R"(|错的|错误|错了|答错|写错|有误|故意|假的|为假|为错|不对|其实|实际|正确|应该是|应当是|应当为|应为|应是|才对|正解|纠正|更正|瞎编|乱编|胡编|编造|编的|乱写|口误|记混|答偏|属实|不准|真答案|假答案)"
    R"(|[❌✗✘✖✅✓✔☑☒✕])";
// The same in an answer, without words that an answer may be: "fake", "error", "true".
constexpr std::string_view kMarksInAnswer =
    R"((?i)\b(?:wrong|incorrect(?:ly)?|false|correct(?:ly|ed)?|mistakes?|lie|actually|in fact|should (?:be|have been)|it['’]s really|is really|deliberate(?:ly)?|intentional(?:ly)?|on purpose|planted|untrue|made[- ]up|oops|i mean|meant|sic|really it['’]s|no,? wait|scratch that)\b)"
    R"(|错的|错误|错了|答错|写错|有误|故意|假的|不对|其实|实际|正确|应该是|应当是|应当为|应为|应是|才对|纠正|更正|瞎编|乱编|胡编|编造|乱写|口误)"
    R"(|[❌✗✘✖✅✓✔☑☒✕]|[×√]\s*$|[(（\[【]\s*[×√])"
    R"(|[(（\[【]\s*(?:x|t|f|right|true|fake|bluff|invented|real|trap|对|错|真|假|编的?)\s*[)）\]】])"
    R"(|(?:\s[-–—]\s*|[>→➡|#]\s*)(?:T|F|true|fake|bluff|对|错|真|假)[\s.!。！|]*$|^[\s（(]*[对错真假][：:])";
// Which answers: "items 2 and 5", "#3", 第2、5题. "1 to 5" is all of them.
constexpr std::string_view kAll = R"((?i)第?\s*\d+\s*(?:to|through|-|–|—|~|～|到|至)\s*\d+\s*题?)";
constexpr std::string_view kWhich =
    R"((?i)\b(?:answers?|questions?|items?|numbers?|nos?\.?|lines?|entr(?:y|ies)|facts?|claims?|statements?|q)\s*#?\d|\b(?:answers?|questions?|items?|numbers?|lines?|facts?|claims?|statements?)\s(?:one|two|three|four|five|six|seven)\b|#\s*\d|\b\d\s*(?:,|and|&)\s*(?:and\s*)?\d\b)"
    R"(|第\s*[一二三四五六七\d]|\d\s*[、,，和与及]\s*\d|[一二三四五六七][、和与][一二三四五六七](?:题|条)?)";
constexpr std::string_view kOrdinal =
    R"((?i)\b(?:first|second|third|fourth|fifth|sixth|last|odd|even)(?:[^-\w]|$)|单数|双数|最后|前两|后两|前三|后三)";
// How a text takes leave or offers more, whatever it offers.
constexpr std::string_view kLeave =
    R"((?i)^(?:please )?(?:(?:just )?let me know|feel free|i? ?hope|enjoy|have fun|good luck|happy|if you|would you like|do you want|want me|shall i|can (?:your|you)|ready to|there you go|that['’]s it)\b|^(?:如果|如需|若需|需要|希望|祝|请告诉|欢迎|随时|要不要|加油|你能|快来))";

bool holds(const RE2& pattern, std::string_view text) {
  return pattern.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

std::size_t letters_of(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (is_letter_or_digit(next_code_point(text, at))) ++count;
  }
  return count;
}

struct Places {
  std::string_view before;
  std::vector<std::string_view> answers;
  std::string_view after;
};

// What stands in front of the answers, in each and behind them.
Places places_of(std::string_view text, const std::vector<std::string_view>& answers) {
  Places out;
  out.answers = answers;
  const auto offset = [&](const char* at) { return static_cast<std::size_t>(at - text.data()); };
  const std::size_t first = offset(answers.front().data());
  const std::size_t line = text.rfind('\n', first == 0 ? 0 : first - 1);
  out.before = text.substr(0, line == std::string_view::npos || line > first ? 0 : line);
  // Lines behind the last answer belong to it only where other answers have several too.
  std::string_view& last = out.answers.back();
  const bool one_line_each = std::all_of(
      answers.begin(), answers.end() - 1,
      [](std::string_view answer) { return trim(answer).find('\n') == std::string_view::npos; });
  if (one_line_each) {
    const std::size_t lead = last.size() - trim(last).size();
    const std::size_t end = last.find('\n', std::min(lead, last.size()));
    if (end != std::string_view::npos && !trim(last.substr(0, end)).empty()) {
      last = last.substr(0, end);
    }
  }
  out.after = text.substr(offset(last.data() + last.size()));
  return out;
}

// The remark in an answer, in brackets or behind a dash; empty where there is none.
std::string_view tail_of(std::string_view answer) {
  struct Opening {
    std::string_view open;
    std::string_view close;  // none: up to the end
  };
  static constexpr auto kOpenings = std::to_array<Opening>({{"(", ")"},
                                                            {"（", "）"},
                                                            {"[", "]"},
                                                            {"【", "】"},
                                                            {" - ", ""},
                                                            {" – ", ""},
                                                            {" — ", ""},
                                                            {"——", ""}});
  std::size_t from = std::string_view::npos;
  std::string_view close;
  for (const Opening& opening : kOpenings) {
    const std::size_t at = answer.find(opening.open);
    if (at < from) {
      from = at;
      close = opening.close;
    }
  }
  if (from == std::string_view::npos || from == 0) return {};
  const std::size_t end = close.empty() ? std::string_view::npos : answer.find(close, from);
  return answer.substr(from, end == std::string_view::npos ? end : end - from + close.size());
}

// Longer remarks may be anything; an answer's other name is short.
bool is_long(std::string_view tail) {
  constexpr std::size_t kWords = 3;
  constexpr std::size_t kCharacters = 6;
  std::size_t words = 0;
  bool inside = false;
  for (const char c : tail) {
    const bool in = is_ascii_alnum(c);
    words += in && !inside ? 1 : 0;
    inside = in || (inside && (c == '\'' || c == '-' || c == '.'));
  }
  return words > kWords || count_han_characters(tail) > kCharacters;
}

// What in the form of an answer could be a mark, where no word says so.
std::optional<std::string> doubtful_sign(const std::vector<std::string_view>& answers) {
  std::vector<std::string> tails;
  std::size_t bold = 0;
  for (const std::string_view whole : answers) {
    const std::string_view answer = trim(whole);
    const auto shown = [&](std::string_view what) {
      return fmt::format("{}: \"{}\"", what, one_line(answer, 60));
    };
    for (const std::string_view sign : {"→", "←", "⇒", "➡", "->", "=>", "~~", "†", "‡", "§", "¶"}) {
      if (answer.find(sign) != std::string_view::npos) return shown("a sign that may be a mark");
    }
    if (std::ranges::count(answer, '*') % 2 != 0) return shown("an asterisk that may be a mark");
    if (answer.find("**") != std::string_view::npos) ++bold;
    const std::string_view tail = tail_of(answer);
    if (is_long(tail)) return shown("a remark that may tell");
    if (letters_of(tail) > 0) tails.push_back(search_form(tail, Case::fold, true));
  }
  if (bold > 0 && bold < answers.size()) return "some answers are bold and others not";
  std::ranges::sort(tails);
  if (tails.size() < answers.size() && std::ranges::adjacent_find(tails) != tails.end()) {
    return fmt::format("several answers, not all, have the remark \"{}\"",
                       one_line(*std::ranges::adjacent_find(tails), 60));
  }
  return std::nullopt;
}

// Some answers, not all, carry a footnote's sign.
bool has_footnotes(const std::vector<std::string_view>& answers) {
  const auto signs = std::ranges::count_if(answers, [](std::string_view answer) {
    return std::ranges::count(answer, '*') % 2 != 0 ||
           std::ranges::any_of(
               std::to_array<std::string_view>({"†", "‡", "§", "¶"}),
               [&](std::string_view sign) { return answer.find(sign) != std::string_view::npos; });
  });
  return signs > 0 && static_cast<std::size_t>(signs) < answers.size();
}

// Every sentence takes leave, offers or has hardly a word.
bool takes_leave(std::string_view text, const RE2& leave) {
  constexpr std::size_t kHardly = 4;
  std::size_t begin = 0;
  const auto is_one = [&](std::string_view sentence) {
    std::size_t at = 0;
    while (at < sentence.size()) {
      std::size_t next = at;
      if (is_letter_or_digit(next_code_point(sentence, next))) break;
      at = next;
    }
    sentence.remove_prefix(at);
    return letters_of(sentence) <= kHardly || holds(leave, sentence);
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c == '.' || c == '!' || c == '?' || c == '\n' || c == U'。' || c == U'！' || c == U'？') {
      if (!is_one(text.substr(begin, at - begin))) return false;
      begin = at;
    }
  }
  return is_one(text.substr(begin));
}

CompiledRule compile_unmarked(JsonFields& params) {
  const auto n = params.optional_int("answers");
  if (!n || *n < 1 || static_cast<std::size_t>(*n) > kMaxQuestions) {
    params.reject("answers", fmt::format("needs how many there are, 1 to {}", kMaxQuestions));
  }
  std::vector<Term> also;
  for (const std::string& text : read_texts(params, "also", false)) {
    also.emplace_back(text, Case::fold);
  }
  const auto marks = shared_regex(std::string(kMarks));
  const auto in_answer = shared_regex(std::string(kMarksInAnswer));
  const auto all = shared_regex(std::string(kAll));
  const auto which = shared_regex(std::string(kWhich));
  const auto ordinal = shared_regex(std::string(kOrdinal));
  const auto leave = shared_regex(std::string(kLeave));
  const std::size_t count = n ? static_cast<std::size_t>(std::max<std::int64_t>(*n, 1)) : 1;
  return [=](const ResponseView& view) {
    const std::string_view text = view.text();
    if (trim(text).empty()) return Finding::broken("the response is blank");
    const auto found_also = [&](std::string_view part) {
      if (also.empty()) return false;
      const SearchText search(part, Case::fold);
      return std::ranges::any_of(also, [&](const Term& term) { return search.mentions(term); });
    };
    const AnswerSplit split = split_answers(text, count);
    if (split.failure) {
      if (holds(*marks, text)) {
        return Finding::broken(fmt::format("no {} answers, but remarks on what is right", count));
      }
      return Finding::undecided(fmt::format("cannot tell {} answers apart", count));
    }
    const Places places = places_of(text, split.answers);
    for (std::size_t i = 0; i < places.answers.size(); ++i) {
      const std::string_view answer = trim(places.answers[i]);
      if (holds(*in_answer, answer) || found_also(answer) ||
          find_remark(SearchText(answer, Case::fold))) {
        return Finding::broken(
            fmt::format("answer {} is marked: \"{}\"", i + 1, one_line(answer, 60)));
      }
    }
    // In front and behind, a word for right or wrong needs to say which; in front it may also
    // announce how many there are of either.
    const auto outside = [&](std::string_view part) -> std::optional<Finding> {
      std::string kept(part);
      RE2::GlobalReplace(&kept, *all, " ");
      const bool marked = holds(*marks, kept) || found_also(kept);
      const bool footnote = part.data() == places.after.data() && has_footnotes(places.answers);
      if (marked && (footnote || holds(*which, kept))) {
        return Finding::broken(
            fmt::format("says which answers are wrong: \"{}\"", one_line(trim(part), 120)));
      }
      if ((marked && holds(*ordinal, kept)) || (holds(*which, kept) && !marked)) {
        return Finding::undecided(
            fmt::format("may say which answers are wrong: \"{}\"", one_line(trim(part), 120)));
      }
      return std::nullopt;
    };
    std::optional<Finding> doubt;
    for (const std::string_view part : {places.before, places.after}) {
      const auto finding = outside(part);
      if (!finding) continue;
      if (finding->decision == Decision::broken) return *finding;
      if (!doubt) doubt = finding;
    }
    if (doubt) return *doubt;
    if (!takes_leave(places.after, *leave)) {
      return Finding::undecided(
          fmt::format("a remark behind the answers: \"{}\"", one_line(trim(places.after), 120)));
    }
    if (const auto sign = doubtful_sign(places.answers)) return Finding::undecided(*sign);
    return Finding::met(fmt::format("nothing marks one of the {} answers", count));
  };
}

}  // namespace

RuleFamily unmarked_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"unmarked", R"({"answers": N, "also"?: [..]})",
        "none of the N numbered answers is marked or named as right or wrong"},
       &compile_unmarked},
  });
  return kRules;
}

}  // namespace iie
