#include "rules/numbered_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/string_util.h"
#include "rules/search_text.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// A number with its delimiter, as a mark in front of an answer.
struct Mark {
  std::size_t number = 0;
  std::size_t begin = 0;  // of the mark in the text
  std::size_t end = 0;    // behind it
};

bool is_ordinal_sign(char32_t c) { return U'①' <= c && c <= U'⑳'; }

std::size_t chinese_number(std::string_view text, std::size_t& at) {
  static constexpr std::u32string_view kDigits = U"零一二三四五六七八九";
  std::size_t value = 0;
  bool any = false;
  while (at < text.size()) {
    std::size_t next = at;
    const char32_t c = next_code_point(text, next);
    const std::size_t digit = c < 0x80 ? std::u32string_view::npos : kDigits.find(c);
    if (c == U'十') {
      value = (value == 0 ? 1 : value) * 10;
    } else if (digit != std::u32string_view::npos && value % 10 == 0) {
      value += digit;
    } else {
      break;
    }
    any = true;
    at = next;
  }
  return any ? value : 0;
}

std::size_t arabic_number(std::string_view text, std::size_t& at) {
  std::size_t value = 0;
  std::size_t end = at;
  while (end < text.size() && end - at < 4 && is_ascii_digit(text[end])) {
    value = value * 10 + static_cast<std::size_t>(text[end++] - '0');
  }
  if (end == at || end - at > 3) return 0;
  at = end;
  return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view part) {
  if (!starts_with_nocase(text.substr(at), part)) return false;
  at += part.size();
  return true;
}

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
}

// The mark that starts at `at`, if one does. `strict` (inside a line) takes only "1." "1)" "1、"
// "(1)" and circled numbers; at the start of a line also "Question 1:", "1:", "1 -" and "| 1 |".
std::optional<Mark> mark_at(std::string_view text, std::size_t at, bool strict) {
  Mark mark;
  mark.begin = at;
  std::size_t i = at;
  bool named = false;
  if (!strict) {
    // Decoration of lists, headings, tables and emphasis.
    for (bool more = true; more;) {
      skip_blanks(text, i);
      more = false;
      while (i < text.size() && (text[i] == '*' || text[i] == '_' || text[i] == '#' ||
                                 text[i] == '|' || text[i] == '>' || text[i] == '-')) {
        ++i;
        more = true;
      }
    }
    for (const std::string_view name : {"question", "answer", "q", "a", "no.", "问题", "答案",
                                        "回答", "题目", "第", "题", "问", "答"}) {
      if (skip(text, i, name)) {
        named = true;
        break;
      }
    }
    skip_blanks(text, i);
    if (named && i < text.size() && text[i] == '#') ++i;
  }
  std::size_t peek = i;
  if (i >= text.size()) return std::nullopt;
  const char32_t first = next_code_point(text, peek);
  if (is_ordinal_sign(first)) {
    mark.number = first - U'①' + 1;
    mark.end = peek;
    return mark;
  }
  const bool open = first == '(' || first == U'（' || first == '[';
  if (open) i = peek;
  const bool arabic = i < text.size() && is_ascii_digit(text[i]);
  mark.number = arabic ? arabic_number(text, i) : chinese_number(text, i);
  if (mark.number == 0 || mark.number > kMaxQuestions) return std::nullopt;
  for (const std::string_view unit : {"题", "问", "个问题"}) {
    if (!strict && skip(text, i, unit)) named = true;
  }
  while (!strict && i < text.size() && text[i] == '*') ++i;  // "**1**."
  // The keycap emoji "1️⃣", with or without its variation selector.
  for (const std::string_view keycap : {"\uFE0F\u20E3", "\u20E3"}) {
    if (arabic && !open && text.substr(i).starts_with(keycap)) {
      mark.end = i + keycap.size();
      while (mark.end < text.size() && text[mark.end] == '*') ++mark.end;
      return mark;
    }
  }
  if (i < text.size() && text[i] == '\\') ++i;  // "1\."
  const std::size_t before_delimiter = i;
  std::size_t j = i;
  const char32_t delimiter = j < text.size() ? next_code_point(text, j) : U'\0';
  switch (delimiter) {
    case ')':
    case U'）':
    case ']':
      mark.end = j;
      break;
    case '.':
    case U'．':
      if (open || (j < text.size() && is_ascii_digit(text[j]))) return std::nullopt;  // 3.14
      mark.end = j;
      break;
    case U'、':
      if (open) return std::nullopt;
      mark.end = j;
      break;
    case ':':
    case U'：':
      if (open || strict) return std::nullopt;
      if (j < text.size() && is_ascii_digit(text[j])) return std::nullopt;  // 12:30
      mark.end = j;
      break;
    default: {
      if (open || strict) return std::nullopt;
      skip_blanks(text, i);
      const std::string_view rest = text.substr(i);
      if (rest.starts_with("|")) {
        mark.end = i + 1;
      } else if (rest.starts_with("- ") || rest.starts_with("– ") || rest.starts_with("— ")) {
        mark.end = i + rest.find(' ');
      } else if (named) {
        mark.end = before_delimiter;
      } else {
        return std::nullopt;
      }
    }
  }
  while (mark.end < text.size() && text[mark.end] == '*') ++mark.end;
  return mark;
}

// The first marks 1, 2, ... at line starts, as sequences: each time a 1 comes, another begins.
std::vector<std::vector<Mark>> line_sequences(std::string_view text) {
  std::vector<std::vector<Mark>> out;
  for (const TextSpan& line : lines(text)) {
    const auto mark = mark_at(text.substr(0, line.end), line.begin, false);
    if (!mark) continue;
    if (mark->number == 1) {
      out.push_back({*mark});
    } else if (!out.empty() && mark->number == out.back().size() + 1) {
      out.back().push_back(*mark);
    }
  }
  return out;
}

// Marks 1 to n anywhere, in order, each behind white space or punctuation.
std::vector<Mark> inline_sequence(std::string_view text, std::size_t n) {
  std::vector<Mark> out;
  bool border = true;
  for (std::size_t at = 0; at < text.size() && out.size() < n;) {
    if (border) {
      const auto mark = mark_at(text, at, true);
      if (mark && mark->number == out.size() + 1) {
        out.push_back(*mark);
        at = mark->end;
        continue;
      }
    }
    const char32_t c = next_code_point(text, at);
    border = !is_letter_or_digit(c) && c != '.' && c != '-' && c != '$';
  }
  return out;
}

std::vector<std::string_view> items_of(std::string_view text, const std::vector<Mark>& marks,
                                       std::size_t n, std::size_t limit) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t begin = marks[i].end;
    std::size_t end = i + 1 < marks.size() ? marks[i + 1].begin : limit;
    end = std::max(begin, end);
    // Behind the last answer, a blank line starts a closing remark.
    if (i + 1 == n) {
      const std::string_view rest = text.substr(begin, end - begin);
      const std::size_t lead = rest.size() - trim(rest).size();
      for (std::size_t at = rest.find('\n', lead); at != std::string_view::npos;
           at = rest.find('\n', at + 1)) {
        const std::size_t line_end = std::min(rest.find('\n', at + 1), rest.size());
        if (trim(rest.substr(at, line_end - at)).empty() &&
            is_answered(bare_answer(rest.substr(0, at)))) {
          end = begin + at;
          break;
        }
      }
    }
    out.push_back(text.substr(begin, end - begin));
  }
  return out;
}

}  // namespace

std::string_view bare_answer(std::string_view item) {
  item = trim(item);
  // "Answer: 31", "A: 31": behind the last label.
  for (const std::string_view label : {"answer:", "answer**:", "answer：", "答案：",
                                       "答案:", "回答：", "回答:", "答：", "答:", "\na:", "**a:"}) {
    std::size_t found = std::string_view::npos;
    for (std::size_t at = 0; at + label.size() <= item.size(); ++at) {
      if (starts_with_nocase(item.substr(at), label)) found = at + label.size();
    }
    if (found != std::string_view::npos) return trim(item.substr(found));
  }
  // The question repeated in front.
  std::size_t question = std::string_view::npos;
  for (const std::string_view mark : {"?", "？"}) {
    const std::size_t at = item.rfind(mark);
    if (at != std::string_view::npos) {
      const std::size_t end = at + mark.size();
      if (question == std::string_view::npos || end > question) question = end;
    }
  }
  if (question != std::string_view::npos) {
    std::string_view rest = trim(item.substr(question));
    while (!rest.empty() && (rest.front() == '*' || rest.front() == '_' || rest.front() == '-' ||
                             rest.front() == '|' || rest.front() == '>')) {
      rest = trim(rest.substr(1));
    }
    return rest;
  }
  return item;
}

std::string without_remarks(std::string_view answer) {
  static constexpr auto kBrackets = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"(", ")"}, {"（", "）"}, {"[", "]"}, {"【", "】"}});
  std::string out(answer);
  for (const auto& [open, close] : kBrackets) {
    for (std::size_t at = 0; (at = out.find(open, at)) != std::string::npos;) {
      std::size_t end = out.find(close, at);
      end = end == std::string::npos ? out.size() : end + close.size();
      const std::string remark = ascii_lower(std::string_view(out).substr(at, end - at));
      const bool about = std::ranges::any_of(
          std::to_array<std::string_view>({"wrong", "incorrect", "correct", "actual", "in fact",
                                           "should be", "right", "false", "错", "正确", "实际",
                                           "应为", "应该", "事实", "故意"}),
          [&](std::string_view word) { return remark.find(word) != std::string::npos; });
      if (about) {
        out.erase(at, end - at);
      } else {
        at = end;
      }
    }
  }
  return out;
}

bool is_answered(std::string_view answer) {
  const std::string form = search_form(answer, Case::fold, true);
  std::string bare;
  for (std::size_t at = 0; at < form.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(form, at);
    if (is_letter_or_digit(c) || c == ' ' || c == '\'' || is_emoji_symbol(c) || c == '/') {
      bare += form.substr(begin, at - begin);
    }
  }
  const std::string_view words = trim(bare);
  if (words.empty()) return false;
  for (const std::string_view refusal :
       {"n/a",        "none given", "skip",       "skipped",  "pass",   "no answer", "blank",
        "unanswered", "unknown",    "left blank", "不知道",   "不清楚", "无法回答",  "跳过",
        "略",         "未作答",     "不回答",     "拒绝回答", "无答案", "空",        "未回答"}) {
    if (words == refusal) return false;
  }
  for (const std::string_view refusal :
       {"i don't know", "i do not know", "i cannot answer", "i can't answer", "i won't answer",
        "i refuse", "i will not answer", "no answer", "not answered", "i'm not sure", "我不知道",
        "我无法回答", "我不能回答", "我拒绝", "抱歉", "对不起", "无法作答", "不予回答"}) {
    if (words.starts_with(refusal)) return false;
  }
  return true;
}

AnswerSplit split_answers(std::string_view text, std::size_t n) {
  const auto sequences = line_sequences(text);
  std::size_t most = 0;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    most = std::max(most, sequences[s].size());
    if (sequences[s].size() < n) continue;
    const std::size_t limit =
        s + 1 < sequences.size() ? sequences[s + 1].front().begin : text.size();
    auto items = items_of(text, sequences[s], n, limit);
    // The questions repeated as a list, the answers in another one behind it.
    const bool questions = std::ranges::all_of(items, [](std::string_view item) {
      const std::string_view body = trim(item);
      return (body.ends_with('?') || body.ends_with("？")) && bare_answer(item).empty();
    });
    if (questions && s + 1 < sequences.size()) continue;
    return {std::move(items), {}};
  }
  const auto inline_marks = inline_sequence(text, n);
  if (inline_marks.size() == n) return {items_of(text, inline_marks, n, text.size()), {}};
  if (most > 1 || inline_marks.size() > 1) {
    return {{},
            Finding::broken(fmt::format("only {} of {} questions are answered",
                                        std::max(most, inline_marks.size()), n))};
  }
  const auto all = lines(text);
  if (all.size() == n) {
    AnswerSplit out;
    for (const TextSpan& line : all) out.answers.push_back(line.of(text));
    return out;
  }
  return {{}, Finding::undecided(fmt::format("cannot tell {} answers apart", n))};
}

std::vector<std::string_view> numbered_answers(std::string_view text) {
  const auto sequences = line_sequences(text);
  std::size_t best = sequences.size();
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    if (best == sequences.size() || sequences[s].size() >= sequences[best].size()) best = s;
  }
  if (best < sequences.size() && sequences[best].size() > 1) {
    const std::size_t limit =
        best + 1 < sequences.size() ? sequences[best + 1].front().begin : text.size();
    return items_of(text, sequences[best], sequences[best].size(), limit);
  }
  const auto marks = inline_sequence(text, kMaxQuestions);
  if (marks.size() > 1) return items_of(text, marks, marks.size(), text.size());
  if (best < sequences.size()) return items_of(text, sequences[best], 1, text.size());
  return {};
}

}  // namespace iie
