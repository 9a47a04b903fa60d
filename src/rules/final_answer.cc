// final_answer: what a response settles on, as opposed to what it mentions on the way.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// Where an answer is announced. Compared with the folded text; the last announcement counts.
constexpr auto kAnnouncements = std::to_array<std::string_view>({"answer is",
                                                                 "answer:",
                                                                 "answer would be",
                                                                 "answer must be",
                                                                 "answer =",
                                                                 "answer should be",
                                                                 "the result is",
                                                                 "i would choose",
                                                                 "i would select",
                                                                 "i would pick",
                                                                 "i choose",
                                                                 "i select",
                                                                 "i pick",
                                                                 "i'd choose",
                                                                 "i'd pick",
                                                                 "i'll go with",
                                                                 "i would go with",
                                                                 "correct option is",
                                                                 "correct choice is",
                                                                 "solution is",
                                                                 "solution:",
                                                                 "conclusion:",
                                                                 "答案是",
                                                                 "答案为",
                                                                 "答案:",
                                                                 "答案应为",
                                                                 "答案应该是",
                                                                 "答案应是",
                                                                 "结果是",
                                                                 "结果为",
                                                                 "我选择",
                                                                 "我选",
                                                                 "应选",
                                                                 "故选",
                                                                 "所以选",
                                                                 "因此选",
                                                                 "最终答案",
                                                                 "结论是",
                                                                 "结论:",
                                                                 "答:"});

struct Region {
  std::string text;      // in search form
  bool settled = false;  // announced: what it does not hold was not answered
};

// The content of the last \boxed{...}, braces balanced.
std::optional<std::string_view> last_boxed(std::string_view text) {
  const std::string_view open = "\\boxed{";
  const std::size_t at = text.rfind(open);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + open.size();
  std::size_t depth = 1;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return text.substr(begin, i - begin);
  }
  return text.substr(begin, 200);
}

// From `at` to the end of its sentence; the next line that is not blank when nothing stands there.
std::string_view sentence_from(std::string_view text, std::size_t at) {
  std::string_view rest = text.substr(at);
  std::size_t start = 0;
  while (start < rest.size() &&
         (is_ascii_space(rest[start]) || rest[start] == ':' || rest[start] == '*')) {
    ++start;
  }
  rest.remove_prefix(start);
  const std::size_t line = std::min(rest.find('\n'), rest.size());
  const auto found = sentences(rest.substr(0, line));
  return found.empty() ? rest.substr(0, line) : rest.substr(0, found.front().end);
}

// Folded text with its lines kept, in which announcements are looked for.
Region region_of(std::string_view text) {
  if (const auto boxed = last_boxed(text)) {
    return {search_form(*boxed, Case::keep, true), true};
  }
  const std::string folded = normalize(text, Case::fold);
  std::size_t best = std::string::npos;
  std::size_t behind = 0;
  for (const std::string_view announcement : kAnnouncements) {
    const std::size_t at = folded.rfind(announcement);
    if (at == std::string::npos) continue;
    if (best == std::string::npos || at + announcement.size() > behind) {
      best = at;
      behind = at + announcement.size();
    }
  }
  if (best != std::string::npos) {
    const std::string_view sentence = sentence_from(folded, behind);
    if (!trim(sentence).empty()) return {std::string(sentence), true};
  }
  const auto all = lines(text);
  if (all.empty()) return {};
  return {std::string(all.back().of(text)), false};
}

// Without what stands in round brackets, an open one included. The text is folded: full-width
// brackets are ASCII ones.
std::string outside_brackets(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0) out += c;
    if (c == ')' && depth > 0) --depth;
  }
  return out;
}

bool affirms(const SearchText& text, const Term& term) {
  for (auto span = text.find(term); span; span = text.find(term, span->begin + 1)) {
    if (!is_negated(text.form(term), *span)) return true;
  }
  return false;
}

const Term* first_affirmed(const SearchText& text, const std::vector<Term>& terms) {
  const auto found = std::ranges::find_if(terms, [&](const Term& t) { return affirms(text, t); });
  return found == terms.end() ? nullptr : &*found;
}

CompiledRule compile_final_answer(JsonFields& params) {
  std::vector<Term> accept;
  std::vector<Term> reject;
  for (const std::string& text : read_texts(params, "accept", true))
    accept.emplace_back(text, Case::fold);
  for (const std::string& text : read_texts(params, "reject", false))
    reject.emplace_back(text, Case::fold);
  return [accept, reject](const ResponseView& view) {
    if (trim(view.text()).empty()) return Finding::broken("no answer");
    const Region region = region_of(view.text());
    const SearchText settled(region.text, Case::fold);
    const std::string shown = one_line(trim(region.text), 100);
    const Term* wrong = first_affirmed(settled, reject);
    const Term* right = first_affirmed(settled, accept);
    if (wrong != nullptr && right != nullptr) {
      // "24 (the 47 of the other puzzle)", "24 (or rather 47)": brackets explain or correct.
      const std::string rest = outside_brackets(normalize(region.text, Case::fold));
      const SearchText outside(rest, Case::fold);
      if (first_affirmed(outside, reject) == nullptr &&
          first_affirmed(outside, accept) != nullptr) {
        return Finding::undecided(fmt::format("settles on '{}', and names '{}' in brackets: \"{}\"",
                                              one_line(right->written(), 40),
                                              one_line(wrong->written(), 40), shown));
      }
    }
    if (wrong != nullptr) {
      return Finding::broken(
          fmt::format("settles on '{}': \"{}\"", one_line(wrong->written(), 40), shown));
    }
    if (right != nullptr) {
      return Finding::met(
          fmt::format("settles on '{}': \"{}\"", one_line(right->written(), 40), shown));
    }
    if (region.settled) {
      return Finding::broken(fmt::format("settles on none of the accepted answers: \"{}\"", shown));
    }
    // Nothing announced and nothing in the last line: the whole text.
    const SearchText& whole = view.search(Case::fold);
    right = first_affirmed(whole, accept);
    wrong = first_affirmed(whole, reject);
    if (right != nullptr && wrong != nullptr) {
      return Finding::undecided(fmt::format("affirms both '{}' and '{}' without settling on one",
                                            one_line(right->written(), 40),
                                            one_line(wrong->written(), 40)));
    }
    if (right != nullptr) {
      return Finding::met(fmt::format("gives '{}'", one_line(right->written(), 40)));
    }
    if (wrong != nullptr) {
      return Finding::broken(fmt::format("gives '{}'", one_line(wrong->written(), 40)));
    }
    return Finding::broken("gives none of the accepted answers");
  };
}

}  // namespace

RuleFamily final_answer_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"final_answer", R"({"accept": [..], "reject"?: [..]})",
        "the answer that the response settles on (boxed, announced, or its last line; else the "
        "whole "
        "text) mentions one of accept and none of reject"},
       &compile_final_answer},
  });
  return kRules;
}

}  // namespace iie
