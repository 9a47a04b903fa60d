// `data validate` and `data card`, as scripts and writers use them.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <sstream>
#include <string>

#include "e2e/cli_fixture.h"

namespace iie::test {
namespace {

class DataCheck : public EndToEnd {};

TEST_F(DataCheck, TheEmbeddedSetIsCleanForScripts) {
  const Outcome text = iie({"data", "validate"});
  EXPECT_EQ(text.exit, 0) << text.out << text.err;
  EXPECT_NE(text.out.find("clean: 0 errors"), std::string::npos) << text.out;
  const Outcome outcome = iie({"data", "validate", "--format", "json"});
  EXPECT_EQ(outcome.exit, 0);
  const auto report = json(outcome.out);
  EXPECT_TRUE(report.at("clean").as_bool());
  EXPECT_EQ(number(report.at("errors")), 0);
  const auto& gold = report.at("counts").at("gold");
  EXPECT_GT(number(gold.at("compliant")), 60);
  EXPECT_EQ(number(gold.at("compliant")), number(gold.at("compliant_pass")));
}

TEST_F(DataCheck, AProblemIsNamedAndFails) {
  dir_.write("part.jsonl", R"({"schema":1,"id":"a-en","pair":"a","type":"QC","language":"english",)"
                           R"("messages":[{"role":"user","content":"Which is it?"}],)"
                           R"("rubric":[{"id":"c1","kind":"task","text":"Says so."}],)"
                           R"("checks":[{"rule":"mentons","criterion":"c1","params":{"any":"x"}}]})"
                           "\n{broken\n");
  const Outcome text = iie({"data", "validate", "part.jsonl"});
  EXPECT_EQ(text.exit, 3);
  for (const char* part : {"part.jsonl:1: error: a-en: checks[0]: ", "did you mean 'mentions'",
                           "[bad-check]", "part.jsonl:1: error: a-en: twin: missing",
                           "part.jsonl:2: error: ", "[schema]", "not clean: "}) {
    EXPECT_NE(text.out.find(part), std::string::npos) << part << "\n" << text.out;
  }
  const auto report = json(iie({"data", "validate", "part.jsonl", "--format", "json"}).out);
  EXPECT_FALSE(report.at("clean").as_bool());
  EXPECT_EQ(report.at("problems").as_array().size(), number(report.at("errors")));
  // Each place is named once, with its line.
  EXPECT_NE(text.out.find("a-en: checks[0]: unknown rule"), std::string::npos) << text.out;
  dir_.write("deep.jsonl", "\n" + std::string(5'000, '['));
  const auto deep = json(iie({"data", "validate", "deep.jsonl", "--format", "json"}).out);
  const auto& unreadable = deep.at("problems").at(0);
  EXPECT_EQ(unreadable.at("file"), "deep.jsonl");
  EXPECT_EQ(number(unreadable.at("line")), 2);
  EXPECT_EQ(unreadable.at("message").as_string().find("deep.jsonl"), boost::json::string::npos);
  expect_error(iie({"data", "validate", "absent.jsonl"}), 3, {"absent.jsonl"});
  expect_error(iie({"data", "validate", "open", "--against", "absent.jsonl"}), 3, {"absent.jsonl"});
}

TEST_F(DataCheck, StrictFailsOnWarnings) {
  dir_.write("sign.jsonl",
             R"({"schema":1,"id":"a","language":"english","messages":[{"role":"user","content":)"
             R"("What does the sign 出口 in the great railway station of Shanghai mean to a )"
             R"(traveller who is in a hurry and cannot read it?"}]})"
             "\n");
  const Outcome lax = iie({"data", "validate", "sign.jsonl", "--format", "json"});
  const Outcome strict = iie({"data", "validate", "sign.jsonl", "--strict", "--format", "json"});
  EXPECT_EQ(lax.exit, 0) << lax.out;
  EXPECT_EQ(strict.exit, 3);
  EXPECT_EQ(number(json(lax.out).at("warnings")), 1);
  EXPECT_FALSE(json(strict.out).at("clean").as_bool());
}

TEST_F(DataCheck, TheCardCountsWhatIsThere) {
  const Outcome card = iie({"data", "card"});
  EXPECT_EQ(card.exit, 0);
  EXPECT_TRUE(card.out.starts_with("---\nlicense: cc-by-4.0\n")) << card.out.substr(0, 80);
  ASSERT_EQ(iie({"data", "import", "open", "--out", "all.jsonl"}).exit, 0);
  ASSERT_EQ(iie({"data", "card", "all.jsonl", "--out", "card.md"}).exit, 0);
  EXPECT_NE(dir_.read("card.md").find("`all.jsonl`"), std::string::npos);
}

TEST_F(DataCheck, FreshQuestionsAreADatasetLikeAnyOther) {
  const Outcome first = iie({"data", "fresh", "--seed", "11", "--count", "32"});
  ASSERT_EQ(first.exit, 0) << first.err;
  ASSERT_EQ(iie({"data", "fresh", "--seed", "11", "--count", "32", "--out", "f.jsonl"}).exit, 0);
  EXPECT_EQ(dir_.read("f.jsonl"), first.out);
  EXPECT_EQ(iie({"data", "validate", "f.jsonl", "--against", "open", "--strict"}).exit, 0);
  // Their own compliant golds, scored by rules alone: every one passes.
  std::string responses;
  std::istringstream lines(first.out);
  for (std::string line; std::getline(lines, line);) {
    const auto sample = json(line);
    boost::json::object record{{"id", sample.at("id")},
                               {"response", sample.at("gold").at(0).at("response")}};
    responses += to_json(record) + "\n";
  }
  dir_.write("r.jsonl", responses);
  const Outcome score = iie({"score", "r.jsonl", "--dataset", "f.jsonl", "--judge", "rules",
                             "--store", "s.db", "--format", "json"});
  ASSERT_EQ(score.exit, 0) << score.err;
  EXPECT_EQ(number(json(score.out).at("overall").at("score")), 100) << score.out.substr(0, 600);
  expect_error(iie({"data", "fresh", "--seed", "1", "--count", "3"}), 2, {"even"});
  // A seed that is no number, or too large a one, is not another seed.
  for (const char* seed : {"", "x", "-1", "18446744073709551616"}) {
    expect_error(iie({"data", "fresh", "--seed", seed, "--count", "2"}), 2,
                 {"--seed: expected a whole number"});
  }
}

}  // namespace
}  // namespace iie::test
