// Near misses and unusual wordings, written by the second reader of the further items: what their
// rules say of responses that are no gold. One case a line: item, response, verdict.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "authoring/items.h"
#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "rules/rule.h"

namespace iie {
namespace {

TEST(FurtherItems, RulesDecideNearMisses) {
  Problems problems;
  const auto set = read_items("further", problems);
  ASSERT_TRUE(set && problems.empty());
  std::map<std::string, const Question*> questions;
  for (const Item& item : set->items) {
    EXPECT_TRUE(item.sample.question.complete) << item.sample.id;
    questions.emplace(item.sample.id, &item.sample.question);
  }
  const auto text = read_file(IIE_SOURCE_DIR "/test/cases/further_items.jsonl");
  ASSERT_TRUE(text) << text.error().message;
  int cases = 0;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    const auto one = parse_json(line).value();
    const std::string id(one.at("item").as_string());
    ASSERT_TRUE(questions.contains(id)) << id;
    const auto checks = compile_checks(*questions.at(id));
    ASSERT_TRUE(checks) << checks.error().message;
    const std::string response(one.at("response").as_string());
    bool met = true;      // every check
    bool broken = false;  // some check
    std::string why;
    for (const CheckResult& result : checks->run(response)) {
      if (result.decision == Decision::met) continue;
      met = false;
      broken = broken || result.decision == Decision::broken;
      why += result.reason + "; ";
    }
    const bool wanted = one.at("pass").as_bool();
    EXPECT_EQ(met, wanted) << id << ": " << response << "\n" << why;
    EXPECT_EQ(broken, !wanted) << id << ": " << response << "\n" << why;
    ++cases;
  }
  EXPECT_GE(cases, 40);
}

}  // namespace
}  // namespace iie
