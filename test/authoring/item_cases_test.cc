// Whether the checks of the open questions decide rightly about responses that their authors did
// not foresee: written as different models would answer, and labelled by reading before any rule
// was run on them. One case a line in test/cases/items/TYPE.jsonl:
//
//   {"id":"qc-001-en","expect":"fail","response":"...","criteria":{"c2":false}}
//
// `criteria` are those that the reader is sure of beside the verdict; `miss` says why a rule is
// known to decide otherwise. doc/rule-quality.md has the figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "authoring/items.h"
#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "judge/rule_judge.h"

namespace iie {
namespace {

namespace bj = boost::json;

struct Tally {
  int cases = 0;
  int decided = 0;
  int missed = 0;
};

// What the rules say against the reader; empty where they agree, or leave it to a judge.
std::string contradiction(const Verdict& verdict, const bj::value& one) {
  const std::string expected(one.at("expect").as_string());
  if (verdict.outcome != Outcome::unscored && to_string(verdict.outcome) != expected) {
    return "the rules say " + std::string(to_string(verdict.outcome)) + ": " + verdict.reason;
  }
  const bj::value* criteria = one.as_object().if_contains("criteria");
  if (criteria == nullptr) return {};
  for (const auto& [name, met] : criteria->as_object()) {
    const auto found = std::ranges::find(
        verdict.criteria, std::string_view(name.data(), name.size()), &CriterionVerdict::id);
    if (found == verdict.criteria.end()) return "there is no criterion " + std::string(name);
    const Outcome wanted = met.as_bool() ? Outcome::pass : Outcome::fail;
    if (found->outcome != Outcome::unscored && found->outcome != wanted) {
      return found->id + " is " + std::string(to_string(found->outcome)) + ": " + found->reason;
    }
  }
  return {};
}

TEST(ItemCases, ChecksDecideAsReadersDo) {
  Problems problems;
  const auto set = read_items("open", problems);
  ASSERT_TRUE(set && problems.empty());
  std::map<std::string, const Sample*> samples;
  for (const Item& item : set->items) samples.emplace(item.sample.id, &item.sample);

  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(IIE_SOURCE_DIR "/test/cases/items")) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  RuleJudge rules;
  for (const auto& file : files) {
    const auto text = read_file(file.string());
    ASSERT_TRUE(text) << text.error().message;
    Tally tally;
    int line_number = 0;
    for (const std::string_view line : split(*text, '\n')) {
      ++line_number;
      if (line.empty()) continue;
      const std::string where = file.filename().string() + ":" + std::to_string(line_number);
      const auto one = parse_json(line);
      ASSERT_TRUE(one) << where << ": " << one.error().message;
      const std::string id(one->at("id").as_string());
      ASSERT_TRUE(samples.contains(id)) << where << ": " << id;
      ASSERT_TRUE(one->at("expect") == "pass" || one->at("expect") == "fail") << where;
      Response response;
      response.text = one->at("response").as_string();
      const auto judged = rules.decide(*samples.at(id), response);
      ASSERT_TRUE(judged) << where << ": " << judged.error().message;

      const std::string against = contradiction(judged->verdict, *one);
      const bool listed = one->as_object().contains("miss");
      EXPECT_EQ(!against.empty(), listed)
          << where << " " << id << ": " << (listed ? "is no miss any more" : against) << "\n"
          << response.text;
      ++tally.cases;
      tally.decided += judged->verdict.outcome == Outcome::unscored ? 0 : 1;
      tally.missed += listed ? 1 : 0;
    }
    std::cout << file.stem().string() << ": " << tally.cases << " cases, " << tally.decided
              << " decided by rules, " << tally.missed << " known misses\n";
    EXPECT_LE(tally.missed * 100, tally.cases) << file;
  }
}

}  // namespace
}  // namespace iie
