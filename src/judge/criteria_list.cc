#include "judge/criteria_list.h"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "judge/explanation.h"
#include "judge/keyed_object.h"
#include "judge/reply_reader.h"
#include "judge/verdict_text.h"

namespace iie {

ParsedCriteria read_criteria_list(std::string_view answer, std::size_t n) {
  const auto none = [](std::string reason) { return ParsedCriteria{{}, std::move(reason)}; };
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

}  // namespace iie
