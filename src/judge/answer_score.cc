#include "judge/answer_score.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "judge/explanation.h"
#include "judge/reply_reader.h"
#include "judge/verdict_text.h"

namespace iie {
namespace {

constexpr std::string_view kScoreKey = "answer_score";

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

}  // namespace

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

}  // namespace iie
