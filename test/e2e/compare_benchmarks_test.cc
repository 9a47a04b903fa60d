// compare-benchmarks from the command line: models scored on IFEval and on Inverse IFEval in one
// store.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli_fixture.h"

namespace iie::test {
namespace {

class CompareBenchmarks : public EndToEnd {
 protected:
  static constexpr int kPrompts = 12;

  // Model `name` follows `on_ifeval` of the IFEval prompts and `on_inverse` of the questions here.
  void score(const std::string& name, int on_ifeval, int on_inverse) {
    std::string ifeval;
    std::string inverse;
    for (int i = 0; i < kPrompts; ++i) {
      ifeval += fmt::format(R"({{"key":{},"model":"{}","response":"{}"}})"
                            "\n",
                            1000 + i, name, i < on_ifeval ? "no marks" : "one, two");
      inverse += fmt::format(R"({{"id":"q{}","model":"{}","response":"{}"}})"
                             "\n",
                             i, name, i < on_inverse ? "It is 4." : "It is 5.");
    }
    dir_.write("ifeval_" + name, ifeval);
    dir_.write("inverse_" + name, inverse);
    for (const std::string set : {"ifeval", "inverse"}) {
      const Outcome outcome = iie(
          {"score", set + "_" + name, "--dataset", set + ".jsonl", "--judge", "rules", "--quiet"});
      ASSERT_EQ(outcome.exit, 0) << outcome.err;
    }
  }

  void write_datasets() {
    std::string ifeval;
    std::string inverse;
    for (int i = 0; i < kPrompts; ++i) {
      ifeval += fmt::format(
          R"({{"key":{},"prompt":"Prompt {}","instruction_id_list":["punctuation:no_comma"],"kwargs":[{{}}]}})"
          "\n",
          1000 + i, i);
      inverse += fmt::format(
          R"({{"schema":1,"id":"q{}","type":"QC","language":"english","messages":[{{"role":"user","content":"Is it 3 or 5, question {}?"}}],"rubric":[{{"id":"c1","kind":"inversion","text":"Says 4."}}],"checks":[{{"rule":"mentions","criterion":"c1","params":{{"any":["4"]}}}}],"complete":true}})"
          "\n",
          i, i);
    }
    dir_.write("ifeval.jsonl", ifeval);
    dir_.write("inverse.jsonl", inverse);
  }

  std::vector<std::string> run_ids() {
    std::vector<std::string> ids;
    const auto runs = json(iie({"runs", "--format", "json"}).out);
    for (const auto& run : runs.as_array()) {
      ids.emplace_back(run.at("id").as_string());
    }
    return ids;
  }

  Outcome compare(std::vector<std::string> runs, std::vector<std::string> flags = {}) {
    runs.insert(runs.begin(), "compare-benchmarks");
    runs.insert(runs.end(), flags.begin(), flags.end());
    return iie(runs);
  }
};

TEST_F(CompareBenchmarks, RanksScoredModelsInEveryFormat) {
  write_datasets();
  score("alpha", 11, 2);
  score("beta", 6, 10);
  score("gamma", 2, 1);
  const auto runs = run_ids();
  ASSERT_EQ(runs.size(), 6U);
  for (const std::string format : {"terminal", "md", "csv", "json"}) {
    const Outcome outcome = compare(runs, {"--format", format});
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    for (const char* name : {"alpha", "beta", "gamma"}) {
      EXPECT_NE(outcome.out.find(name), std::string::npos) << format << outcome.out;
    }
  }
  const auto all = json(compare(runs, {"--format", "json"}).out);
  const auto& found = all.at("comparisons").at(0);
  EXPECT_EQ(found.at("conventional").at("dataset").as_string(), "ifeval.jsonl");
  EXPECT_NEAR(number(found.at("tau_b").at("value")), 0.3333, 1e-9);
  EXPECT_NEAR(number(found.at("rho").at("value")), 0.5, 1e-9);
  const auto& best = found.at("models").at(0);
  EXPECT_EQ(best.at("model").as_string(), "beta");
  EXPECT_EQ(number(best.at("conventional").at("rank")), 2);
  EXPECT_EQ(number(best.at("change")), 1);
  ASSERT_EQ(found.at("inversions").as_array().size(), 1U);
  EXPECT_EQ(found.at("inversions").at(0).at("ahead_inverse").as_string(), "beta");

  const Outcome file = compare(runs, {"--format", "md", "--out", "x/ranks.md"});
  EXPECT_EQ(file.exit, 0) << file.err;
  EXPECT_NE(dir_.read("x/ranks.md").find("beta"), std::string::npos);
  EXPECT_EQ(compare(runs, {"--metric", "instruction_loose", "--seed", "3"}).exit, 0);
}

TEST_F(CompareBenchmarks, SaysWhatIsMissing) {
  write_datasets();
  score("alpha", 11, 2);
  const auto one = run_ids();
  expect_error(compare(one), 3, {"two models at least", "only alpha has"});
  score("beta", 6, 10);
  auto runs = run_ids();
  ASSERT_EQ(runs.size(), 4U);
  // beta's run on one of the two is not given.
  std::erase_if(runs, [&](const std::string& id) {
    return std::ranges::find(one, id) == one.end() && id != runs.back();
  });
  expect_error(compare(runs), 3, {"missing on", "beta"});
  expect_error(compare({"nothing"}), 3, {"nothing"});
  EXPECT_EQ(compare(run_ids(), {"--metric", "promt"}).exit, 2);
  EXPECT_EQ(iie({"compare-benchmarks"}).exit, 2);
}

}  // namespace
}  // namespace iie::test
