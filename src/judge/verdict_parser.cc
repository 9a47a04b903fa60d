#include "judge/verdict_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "judge/quotation.h"
#include "judge/reply_reader.h"

namespace iie {
namespace {

constexpr std::size_t kReasonBytes = 400;
constexpr std::string_view kScoreKey = "answer_score";
constexpr std::string_view kReasonsMarker = "【评分依据】";
constexpr std::string_view kScoreMarker = "【评分】";

ParsedVerdict no_verdict(std::string reason) { return {std::nullopt, std::move(reason)}; }

struct Split {
  std::string_view answer;
  // What an unpaired "</think>" cut off: reasoning, or a quotation that happens to hold the tag.
  std::string_view front;
};

Split without_reasoning(std::string_view reply) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  reply = trim(reply);
  bool paired = false;
  while (reply.starts_with(kOpen)) {
    const std::size_t close = reply.find(kClose);
    if (close == reply.npos) return {};
    reply = trim(reply.substr(close + kClose.size()));
    paired = true;
  }
  const std::size_t close = paired ? reply.npos : reply.find(kClose);
  if (close == reply.npos || reply.find(kOpen) < close) return {reply, {}};
  return {trim(reply.substr(close + kClose.size())), reply.substr(0, close)};
}

// The verdict of the answer, unless what an unpaired "</think>" cut off states the opposite and is
// not known to be reasoning: a judge that quotes the response may quote the tag and a verdict.
template <typename Read>
ParsedVerdict read_answer(std::string_view reply, std::string_view key, bool either_way,
                          const Read& read) {
  const Split split = without_reasoning(reply);
  ParsedVerdict verdict = read(split.answer);
  if (!verdict.met || split.front.empty() || !(*verdict.met || either_way)) return verdict;
  // `key` in an object that the tag cuts in two: the tag stands in one of its strings.
  if (const std::size_t at = split.front.rfind(key);
      at != split.front.npos && split.front.find('}', at) == split.front.npos) {
    return no_verdict("a </think> inside the JSON");
  }
  const ParsedVerdict front = read(split.front);
  if (!front.met || *front.met == *verdict.met) return verdict;
  return no_verdict("another verdict stands in front of an unpaired </think>");
}

std::string_view skip_space(std::string_view text) {
  const auto first = std::ranges::find_if_not(text, is_ascii_space);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

// Drops any of `tokens` (and white space) from the front.
template <std::size_t N>
std::string_view skip_any(std::string_view text, const std::array<std::string_view, N>& tokens) {
  while (true) {
    text = skip_space(text);
    const auto token =
        std::ranges::find_if(tokens, [&](std::string_view each) { return text.starts_with(each); });
    if (token == tokens.end()) return text;
    text.remove_prefix(token->size());
  }
}

// One digit, ASCII or full-width; -1 where there is none. Advances `text`.
int take_digit(std::string_view& text) {
  if (text.empty()) return -1;
  if (is_ascii_digit(text[0])) {
    const int digit = text[0] - '0';
    text.remove_prefix(1);
    return digit;
  }
  // U+FF10..U+FF19: EF BC 90..99
  if (text.size() >= 3 && text.starts_with("\xEF\xBC")) {
    const int digit = static_cast<unsigned char>(text[2]) - 0x90;
    if (digit >= 0 && digit <= 9) {
      text.remove_prefix(3);
      return digit;
    }
  }
  return -1;
}

// 0 or 1 at the front of `text`: "1", "1.0", "１", "1分". nullopt for any other number and for
// anything else; `text` is advanced over what was read.
std::optional<bool> take_score(std::string_view& text) {
  const int digit = take_digit(text);
  if (digit != 0 && digit != 1) return std::nullopt;
  if (text.starts_with(".") || text.starts_with("．")) {
    std::string_view behind = text.substr(text[0] == '.' ? 1 : std::string_view("．").size());
    int decimals = 0;
    for (int next = take_digit(behind); next >= 0; next = take_digit(behind)) {
      if (next != 0) return std::nullopt;
      ++decimals;
    }
    if (decimals > 0) text = behind;
  } else if (take_digit(text) >= 0) {
    return std::nullopt;
  }
  const std::string_view behind = skip_space(text);
  if (behind.starts_with("分")) text = behind.substr(std::string_view("分").size());
  return digit == 1;
}

// The whole of `text` as a score.
std::optional<bool> score_of(std::string_view text) {
  text = trim(text);
  const std::optional<bool> score = take_score(text);
  return trim(text).empty() ? score : std::nullopt;
}

std::optional<bool> score_of(const ReplyMember& member) {
  if (member.kind == ReplyMember::Kind::nested) return std::nullopt;
  return score_of(std::string_view(member.text));
}

// What one place of the reply says about the score.
struct Reading {
  enum class State { silent, cut_off, refused, score };

  State state = State::silent;
  bool score = false;
  std::size_t begin = 0;  // of what decided, in the searched text
  std::size_t end = 0;
  std::string reason;  // why refused, or the explanation inside the object

  static Reading refuse(std::string reason) {
    return {.state = State::refused, .reason = std::move(reason)};
  }
};

std::string explanation_in(const ReplyObject& object) {
  for (const std::string_view key : {"explanation", "reasons", "reason", "reasoning", "analysis"}) {
    const ReplyMember* member = object.find(key);
    if (member && member->kind == ReplyMember::Kind::string) {
      return one_line(trim(to_valid_utf8(member->text)), kReasonBytes);
    }
  }
  return {};
}

std::string quoted_value(const ReplyMember& member) {
  if (member.kind == ReplyMember::Kind::nested) return "a nested value";
  return "'" + one_line(to_valid_utf8(member.text), 40) + "'";
}

Reading read_object(const ReplyObject& object) {
  if (object.count(kScoreKey) > 1)
    return Reading::refuse("answer_score stands twice in one object");
  const ReplyMember& member = *object.find(kScoreKey);
  const std::optional<bool> score = score_of(member);
  if (!score) {
    return Reading::refuse("answer_score is " + quoted_value(member) + ", neither 0 nor 1");
  }
  return {.state = Reading::State::score,
          .score = *score,
          .begin = object.begin,
          .end = object.end,
          .reason = explanation_in(object)};
}

// A mention of the key outside any object that could be read.
struct Mention {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<bool> score;  // nullopt: a value that is no score
  bool own_line = false;      // nothing else stands on its line
  bool at_end = false;        // the text ends with it
};

// Every `answer_score: value` in `text`, but for those inside `objects`. Only mentions with a
// separator behind the key count; prose that names the key does not.
std::vector<Mention> bare_mentions(std::string_view text, const std::vector<ReplyObject>& objects) {
  constexpr std::array<std::string_view, 9> kDecoration = {"\"", "'",  "*", "`", "”",
                                                           "“",  "＂", "#", "-"};
  constexpr std::array<std::string_view, 12> kBefore = {"\"", "'", "*", "`", "“",  "＂",
                                                        "#",  "-", "{", ":", "：", "｛"};
  // As much of a line as is looked at on either side, so that one line of many mentions stays
  // cheap.
  constexpr std::size_t kLineBytes = 64;
  std::vector<Mention> mentions;
  auto object = objects.begin();
  for (std::size_t at = text.find(kScoreKey); at != text.npos;
       at = text.find(kScoreKey, at + kScoreKey.size())) {
    while (object != objects.end() && object->end <= at) ++object;
    if (object != objects.end() && object->begin <= at) continue;
    std::string_view behind = skip_any(text.substr(at + kScoreKey.size()), kDecoration);
    if (behind.starts_with("：")) {
      behind.remove_prefix(std::string_view("：").size());
    } else if (behind.starts_with(":") || behind.starts_with("=")) {
      behind.remove_prefix(1);
    } else {
      continue;
    }
    behind = skip_any(behind, kDecoration);
    Mention mention;
    mention.begin = at;
    mention.score = take_score(behind);
    mention.end = text.size() - behind.size();
    mention.at_end = behind.empty();
    // A score must end where it seems to: not "1/5", "1 out of 5", "1|0".
    std::string_view rest = behind.substr(0, kLineBytes);
    rest = rest.substr(0, std::min(rest.find('\n'), rest.size()));
    const std::string_view next = skip_any(rest, kDecoration);
    if (!next.empty() && !next.starts_with(",") && !next.starts_with("，") &&
        !next.starts_with("}") && !next.starts_with("｝") && !next.starts_with(".") &&
        !next.starts_with("。") && !next.starts_with("//")) {
      mention.score.reset();
    }
    std::string_view before = text.substr(0, at);
    if (at > kLineBytes) before.remove_prefix(at - kLineBytes);
    if (const std::size_t line = before.rfind('\n'); line != before.npos) {
      before.remove_prefix(line + 1);
    }
    const bool starts_line = before.size() < kLineBytes && skip_any(before, kBefore).empty();
    const bool ends_line = next.empty() || trim(next) == "." || trim(next) == "。" ||
                           trim(next) == "}" || trim(next) == "," || trim(next) == "｝";
    mention.own_line = starts_line && ends_line;
    mentions.push_back(mention);
  }
  return mentions;
}

// The score inside one fenced block.
Reading read_block(std::string_view block, bool closed) {
  const ReplyObjects found = find_objects(block, kScoreKey);
  if (found.gave_up) return Reading::refuse("the JSON is too tangled to read");
  if (found.broken_verdict) return Reading::refuse("the JSON object cannot be read to its end");
  Reading result;
  for (const ReplyObject& object : found.objects) {
    if (object.count(kScoreKey) == 0) continue;
    Reading reading = read_object(object);
    if (reading.state == Reading::State::refused) return reading;
    if (result.state == Reading::State::score && result.score != reading.score) {
      return Reading::refuse("one block states two different scores");
    }
    result = std::move(reading);
  }
  const std::vector<Mention> mentions = bare_mentions(block, found.objects);
  if (result.state == Reading::State::score) {
    for (const Mention& mention : mentions) {
      if (mention.score != result.score) {
        return Reading::refuse("one block states two different scores");
      }
    }
    return result;
  }
  if (!closed && found.cut_off) return {.state = Reading::State::cut_off};
  if (mentions.empty()) {
    return !closed ? Reading{.state = Reading::State::cut_off}
                   : Reading::refuse("the JSON holds no answer_score value");
  }
  if (mentions.size() > 1) return Reading::refuse("answer_score stands twice in one block");
  const Mention& mention = mentions.front();
  if (!closed && mention.at_end) return {.state = Reading::State::cut_off};
  if (!mention.score) return Reading::refuse("answer_score is neither 0 nor 1");
  return {.state = Reading::State::score,
          .score = *mention.score,
          .begin = mention.begin,
          .end = mention.end};
}

// An object begins behind nothing but an info string.
bool begins_object(std::string_view block) {
  const std::size_t brace = block.find_first_of("{\xEF");
  if (brace == block.npos) return false;
  return std::ranges::all_of(block.substr(0, brace),
                             [](char c) { return is_ascii_space(c) || is_ascii_alnum(c); });
}

// The score in `region`: fenced, then in an object, then bare.
Reading read_region(std::string_view region) {
  const ReplyObjects found = find_objects(region, kScoreKey);
  const std::vector<Mention> mentions = bare_mentions(region, found.objects);
  Reading result;
  const std::vector<FencedBlock> blocks = find_fenced_blocks(region);
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    const std::string_view content = region.substr(block->begin, block->end - block->begin);
    const bool unfinished = !block->closed && begins_object(content);
    if (content.find(kScoreKey) == content.npos && !unfinished) continue;
    result = read_block(content, block->closed);
    result.begin += block->begin;
    result.end += block->begin;
    if (result.state == Reading::State::score) result.end = std::max(result.end, block->end);
    break;
  }
  if (result.state == Reading::State::refused || result.state == Reading::State::cut_off) {
    return result;
  }
  if (found.gave_up) return Reading::refuse("the reply is too tangled to read");
  if (result.state == Reading::State::silent) {
    if (found.broken_verdict) return Reading::refuse("the JSON object cannot be read to its end");
    for (const ReplyObject& object : found.objects) {
      if (object.count(kScoreKey) > 0) result = read_object(object);
    }
    if (result.state == Reading::State::refused) return result;
  }
  if (result.state == Reading::State::silent) {
    for (const Mention& mention : mentions) {
      if (!mention.own_line) continue;
      if (!mention.score) return Reading::refuse("answer_score is neither 0 nor 1");
      if (result.state == Reading::State::score && result.score != *mention.score) {
        return Reading::refuse("the reply states two different scores");
      }
      result = {.state = Reading::State::score,
                .score = *mention.score,
                .begin = mention.begin,
                .end = mention.end};
    }
    // Inside an object that the reply ends in, and at its very end: 1, or the start of 1.5?
    if (result.state == Reading::State::score && found.cut_off && mentions.back().at_end) {
      return {.state = Reading::State::cut_off};
    }
    if (result.state == Reading::State::silent && found.cut_off) {
      return {.state = Reading::State::cut_off};
    }
    return result;
  }
  // Nothing behind what decided may disagree with it.
  for (const ReplyObject& object : found.objects) {
    if (object.begin < result.end || object.count(kScoreKey) == 0) continue;
    if (object.count(kScoreKey) > 1 || score_of(*object.find(kScoreKey)) != result.score) {
      return Reading::refuse("the reply states two different scores");
    }
  }
  for (const Mention& mention : mentions) {
    if (mention.begin >= result.end && mention.score != result.score) {
      return Reading::refuse("the reply states two different scores");
    }
  }
  if (found.cut_off && *found.cut_off >= result.end) {
    return Reading::refuse("the reply ends inside a further JSON object");
  }
  return result;
}

// Behind the last 【JSON】, in any case and spacing; npos without one.
std::size_t behind_json_marker(std::string_view reply) {
  constexpr std::string_view kOpen = "【";
  constexpr std::string_view kClose = "】";
  for (std::size_t at = reply.rfind(kOpen); at != reply.npos;
       at = at == 0 ? reply.npos : reply.rfind(kOpen, at - 1)) {
    const std::string_view inside = skip_space(reply.substr(at + kOpen.size()));
    if (!starts_with_nocase(inside, "json")) continue;
    const std::string_view behind = skip_space(inside.substr(4));
    if (behind.starts_with(kClose)) return reply.size() - behind.size() + kClose.size();
  }
  return reply.npos;
}

// What a 【评分】 marker says, given the text behind it.
Reading read_score_line(std::string_view behind) {
  behind = skip_any(behind, std::array<std::string_view, 3>{"*", ":", "："});
  behind = behind.substr(0, std::min(behind.find('\n'), behind.size()));
  if (behind.empty()) return {.state = Reading::State::cut_off};
  const std::optional<bool> score = take_score(behind);
  const std::string_view rest =
      skip_any(behind, std::array<std::string_view, 4>{"*", "。", ".", "；"});
  // The next section may stand on the same line.
  if (!score || (!rest.empty() && !rest.starts_with("【"))) {
    return Reading::refuse("the 【评分】 line states neither 0 nor 1");
  }
  return {.state = Reading::State::score, .score = *score};
}

// The judge's own words in front of its verdict, for people: what follows 【评分依据】, else the
// last line that says something.
std::string explanation_before(std::string_view text) {
  if (const std::size_t at = text.rfind(kReasonsMarker); at != text.npos) {
    text.remove_prefix(at + kReasonsMarker.size());
    for (const std::string_view next : {std::string_view("【JSON"), kScoreMarker}) {
      text = text.substr(0, std::min(text.rfind(next), text.size()));
    }
    text = skip_any(text, std::array<std::string_view, 3>{"*", ":", "："});
    text = text.substr(0, 4 * kReasonBytes);
    return one_line(trim(to_valid_utf8(text)), kReasonBytes);
  }
  for (int lines = 0; lines < 8 && !text.empty(); ++lines) {
    const std::size_t at = text.rfind('\n');
    const std::string_view line = trim(at == text.npos ? text : text.substr(at + 1));
    text = at == text.npos ? std::string_view{} : text.substr(0, at);
    if (line.empty() || line.starts_with("```") || line.starts_with("~~~") ||
        line.starts_with("{") || line.ends_with(":") || line.ends_with("：") ||
        line.starts_with("【")) {
      continue;
    }
    return one_line(to_valid_utf8(line.substr(0, 4 * kReasonBytes)), kReasonBytes);
  }
  return {};
}

std::optional<bool> word_verdict(std::string_view text, std::string_view yes, std::string_view no) {
  const std::string word = ascii_lower(trim(text));
  if (word == yes) return true;
  if (word == no) return false;
  return std::nullopt;
}

// The last object with `key`, as far as it can be told apart from quotations.
struct KeyedObject {
  const ReplyObject* object = nullptr;
  std::string refusal;
};

KeyedObject last_object_with(std::string_view key, const ReplyObjects& found,
                             std::string_view reply) {
  if (found.gave_up) return {nullptr, "the reply is too tangled to read"};
  if (found.broken_verdict) return {nullptr, "the JSON object cannot be read to its end"};
  KeyedObject last;
  for (const ReplyObject& object : found.objects) {
    if (object.count(key) > 0) last.object = &object;
  }
  if (found.cut_off) return {nullptr, "the reply ends inside its JSON"};
  if (!last.object) return last;
  if (last.object->count(key) > 1) {
    return {nullptr, std::string(key) + " stands twice in one object"};
  }
  // A later object that could not be read and has the key too: `"key":` outside all objects.
  const std::string quoted = "\"" + std::string(key) + "\"";
  auto object = found.objects.begin();
  for (std::size_t at = reply.find(quoted, last.object->end); at != reply.npos;
       at = reply.find(quoted, at + quoted.size())) {
    while (object != found.objects.end() && object->end <= at) ++object;
    const bool inside = object != found.objects.end() && object->begin <= at;
    if (!inside && skip_space(reply.substr(at + quoted.size())).starts_with(":")) {
      return {nullptr, "a later JSON object cannot be read"};
    }
  }
  return last;
}

ParsedVerdict read_answer_score(std::string_view reply) {
  if (reply.empty()) return no_verdict("the reply is empty");

  const std::size_t marker = behind_json_marker(reply);
  const std::size_t base = marker == reply.npos ? 0 : marker;
  Reading reading = read_region(reply.substr(base));
  if (reading.state == Reading::State::refused) return no_verdict(std::move(reading.reason));

  const std::size_t last_reasons = reply.rfind(kReasonsMarker);
  const std::size_t last_score_line = reply.rfind(kScoreMarker);
  if (reading.state == Reading::State::score) {
    const std::size_t end = base + reading.end;
    if (last_reasons != reply.npos && last_reasons >= end) {
      return no_verdict("the reply begins another verdict and does not finish it");
    }
    if (last_score_line != reply.npos && last_score_line >= end) {
      const Reading line = read_score_line(reply.substr(last_score_line + kScoreMarker.size()));
      if (line.state != Reading::State::score || line.score != reading.score) {
        return no_verdict("the 【评分】 line behind the JSON disagrees with it");
      }
    }
    std::string reason = std::move(reading.reason);
    if (reason.empty()) reason = explanation_before(reply.substr(0, base + reading.begin));
    return {reading.score, std::move(reason)};
  }

  const bool cut = reading.state == Reading::State::cut_off;
  if (last_score_line == reply.npos ||
      (last_reasons != reply.npos && last_reasons > last_score_line)) {
    return no_verdict(cut ? "the reply ends inside its JSON" : "the reply states no score");
  }
  Reading line = read_score_line(reply.substr(last_score_line + kScoreMarker.size()));
  if (line.state == Reading::State::refused) return no_verdict(std::move(line.reason));
  if (line.state == Reading::State::cut_off) return no_verdict("the reply ends inside its verdict");
  return {line.score, explanation_before(reply.substr(0, last_score_line))};
}

ParsedVerdict read_pass_fail(std::string_view reply) {
  if (reply.empty()) return no_verdict("the reply is empty");
  const ReplyObjects found = find_objects(reply, "result");
  const KeyedObject last = last_object_with("result", found, reply);
  if (!last.refusal.empty()) return no_verdict(last.refusal);
  if (!last.object) return no_verdict("the reply holds no JSON object with a result");
  const ReplyMember& member = *last.object->find("result");
  const std::optional<bool> met = member.kind == ReplyMember::Kind::nested
                                      ? std::nullopt
                                      : word_verdict(member.text, "pass", "fail");
  if (!met) return no_verdict("result is " + quoted_value(member) + ", neither PASS nor FAIL");
  return {met, explanation_in(*last.object)};
}

ParsedVerdict read_yes_no(std::string_view reply) {
  if (reply.empty()) return no_verdict("the reply is empty");

  const ReplyObjects found = find_objects(reply, "answer");
  const KeyedObject last = last_object_with("answer", found, reply);
  if (!last.refusal.empty()) return no_verdict(last.refusal);
  std::optional<bool> stated;
  if (last.object) {
    const ReplyMember& member = *last.object->find("answer");
    if (member.kind != ReplyMember::Kind::nested) stated = word_verdict(member.text, "yes", "no");
    if (!stated) return no_verdict("answer is " + quoted_value(member) + ", neither YES nor NO");
  }

  const std::size_t line_break = reply.rfind('\n');
  std::string_view line = line_break == reply.npos ? reply : reply.substr(line_break + 1);
  constexpr std::array<std::string_view, 10> kDecoration = {"*", "_", "`", "\"", "'",
                                                            "“", "”", "#", "-",  ">"};
  line = skip_any(line, kDecoration);
  for (const std::string_view label :
       {"final answer", "answer", "verdict", "judgment", "judgement", "答案", "最终答案", "结论"}) {
    if (!starts_with_nocase(line, label)) continue;
    const std::string_view behind = skip_any(line.substr(label.size()), kDecoration);
    if (!behind.starts_with(":") && !behind.starts_with("：")) continue;
    line =
        skip_any(behind.substr(behind[0] == ':' ? 1 : std::string_view("：").size()), kDecoration);
    break;
  }
  const std::size_t letters =
      static_cast<std::size_t>(std::ranges::find_if_not(line, is_ascii_alpha) - line.begin());
  std::optional<bool> said = word_verdict(line.substr(0, letters), "yes", "no");
  if (!skip_any(line.substr(letters),
                std::array<std::string_view, 9>{"*", "_", "`", "\"", "'", "”", ".", "。", "!"})
           .empty()) {
    said.reset();
  }
  if (stated && said && *stated != *said) return no_verdict("the JSON and the last line disagree");
  if (!stated && !said) return no_verdict("the reply ends in neither YES nor NO");
  std::string reason = last.object ? explanation_in(*last.object) : std::string{};
  if (reason.empty() && line_break != reply.npos) {
    reason = explanation_before(reply.substr(0, last.object ? last.object->begin : line_break));
  }
  return {stated ? stated : said, std::move(reason)};
}

}  // namespace

ParsedVerdict parse_answer_score(std::string_view reply) {
  return read_answer(reply, "\"answer_score\"", false, read_answer_score);
}

ParsedVerdict parse_pass_fail(std::string_view reply) {
  return read_answer(reply, "\"result\"", false, read_pass_fail);
}

// What YES means depends on the criterion, so neither side may flip.
ParsedVerdict parse_yes_no(std::string_view reply) {
  return read_answer(reply, "\"answer\"", true, read_yes_no);
}

ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply) {
  switch (format) {
    case VerdictFormat::answer_score:
      return parse_answer_score(reply);
    case VerdictFormat::pass_fail:
      return parse_pass_fail(reply);
    case VerdictFormat::yes_no:
      return parse_yes_no(reply);
    case VerdictFormat::criteria_list:
      break;
  }
  return no_verdict("this format has no verdict on the whole");
}

ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n) {
  const auto none = [](std::string reason) { return ParsedCriteria{{}, std::move(reason)}; };
  const std::string_view answer = without_reasoning(reply).answer;
  if (answer.empty()) return none("the reply is empty");
  const ReplyObjects found = find_objects(answer, "criteria");
  const KeyedObject last = last_object_with("criteria", found, answer);
  if (!last.refusal.empty()) return none(last.refusal);
  if (!last.object) return none("the reply holds no JSON object with criteria");
  const ReplyMember& list = *last.object->find("criteria");
  if (list.kind != ReplyMember::Kind::nested || !list.text.starts_with("[")) {
    return none("criteria is no list");
  }
  std::vector<ParsedVerdict> criteria(n);
  for (const ReplyObject& entry : find_objects(list.text, "met").objects) {
    if (entry.count("id") != 1 || entry.count("met") != 1) {
      return none("an entry of the list has not one id and one met");
    }
    const std::string id = entry.find("id")->text;
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (code != std::errc() || end != id.data() + id.size() || number < 1 || number > n) {
      return none("the list has an entry for " + quoted_value(*entry.find("id")) +
                  ", and there are " + std::to_string(n) + " criteria");
    }
    ParsedVerdict& verdict = criteria[number - 1];
    if (verdict.met) return none("criterion " + id + " stands twice in the list");
    const ReplyMember& met = *entry.find("met");
    for (const auto& [yes, no] : {std::pair<std::string_view, std::string_view>{"true", "false"},
                                  {"yes", "no"},
                                  {"pass", "fail"},
                                  {"1", "0"}}) {
      if (!verdict.met) verdict.met = word_verdict(met.text, yes, no);
    }
    if (!verdict.met) {
      return none("met of criterion " + id + " is " + quoted_value(met) +
                  ", neither true nor false");
    }
    if (const ReplyMember* evidence = entry.find("evidence")) {
      verdict.reason =
          one_line(to_valid_utf8(evidence->text.substr(0, 4 * kReasonBytes)), kReasonBytes);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!criteria[i].met) return none("criterion " + std::to_string(i + 1) + " is not in the list");
  }
  return {std::move(criteria), {}};
}

namespace {

// A copy of the response that holds a verdict is longer than the verdict's own form; no response
// that is not made for it holds one. The prompt holds its worked examples and the form itself,
// which every reply repeats, so a copy of it must be longer than the form.
constexpr std::size_t kResponseCopy = 48;
constexpr std::size_t kPromptCopy = 160;

// The reply without what it copies, where that may change what is read. `mock`: the response itself
// reads as a verdict, so that a copy of it counts however short it is.
std::optional<std::string> own_words(std::string_view reply, const JudgedText& judged, bool mock) {
  std::string own = blank_copies(reply, judged.response, kResponseCopy);
  const std::string_view whole = trim(judged.response);
  for (std::size_t at = 0; mock && (at = own.find(whole, at)) != own.npos; at += whole.size()) {
    own.replace(at, whole.size(), whole.size(), ' ');
  }
  own = blank_copies(own, judged.prompt, kPromptCopy);
  if (own == reply) return std::nullopt;
  return own;
}

constexpr std::string_view kQuoted =
    "what reads like a verdict is a copy of the response or of the prompt";

}  // namespace

ParsedVerdict parse_verdict(VerdictFormat format, std::string_view reply,
                            const JudgedText& judged) {
  ParsedVerdict verdict = parse_verdict(format, reply);
  if (!verdict.met) return verdict;
  // Many a good answer is a bare YES.
  const bool mock = format != VerdictFormat::yes_no && parse_verdict(format, judged.response).met;
  const std::optional<std::string> own = own_words(reply, judged, mock);
  if (own && parse_verdict(format, *own).met != verdict.met) {
    return no_verdict(std::string(kQuoted));
  }
  return verdict;
}

ParsedCriteria parse_criteria_list(std::string_view reply, std::size_t n,
                                   const JudgedText& judged) {
  ParsedCriteria parsed = parse_criteria_list(reply, n);
  if (parsed.criteria.empty()) return parsed;
  const bool mock = !parse_criteria_list(judged.response, n).criteria.empty();
  const std::optional<std::string> own = own_words(reply, judged, mock);
  if (!own) return parsed;
  const auto same = [](const ParsedVerdict& a, const ParsedVerdict& b) { return a.met == b.met; };
  const ParsedCriteria without = parse_criteria_list(*own, n);
  if (!std::ranges::equal(parsed.criteria, without.criteria, same)) {
    return {{}, std::string(kQuoted)};
  }
  return parsed;
}

}  // namespace iie
