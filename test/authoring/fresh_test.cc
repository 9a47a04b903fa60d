#include "authoring/fresh.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "authoring/expression.h"
#include "authoring/validate.h"
#include "base/hash.h"
#include "base/string_util.h"
#include "rules/rule.h"

namespace iie {
namespace {

std::vector<Sample> fresh(FreshOptions options) {
  auto samples = fresh_samples(options);
  EXPECT_TRUE(samples) << samples.error().message;
  return samples ? *std::move(samples) : std::vector<Sample>{};
}

std::set<std::string> prompts(const std::vector<Sample>& samples) {
  std::set<std::string> out;
  for (const Sample& sample : samples) out.insert(sample.question.messages.back().content);
  return out;
}

TEST(Fresh, AThousandItemsAreCleanAndComplete) {
  ItemSet set;
  set.name = "fresh";
  std::size_t line = 0;
  for (Sample& sample : fresh({.seed = 3, .count = 1000})) {
    set.items.push_back({std::move(sample), "fresh.jsonl", ++line});
  }
  const Validation out = validate_items(set);
  for (const Problem& one : out.problems) {
    ADD_FAILURE() << one.id << " " << one.code << " " << one.field << ": " << one.message;
  }
  EXPECT_EQ(out.counts.samples, 1000);
  EXPECT_EQ(out.counts.pairs, 500);
  EXPECT_EQ(out.counts.complete, 1000);
  EXPECT_EQ(out.counts.inversions_decided, 1000);
  EXPECT_EQ(out.counts.twins, 1000);
  EXPECT_EQ(out.counts.gold.compliant_pass, 1000);
  EXPECT_EQ(out.counts.gold.inertial_fail, 1000);
  EXPECT_EQ(out.counts.gold.conventional_pass, 1000);
  // The paper's mix: 99 of 506 are CC, 45 are QC.
  EXPECT_EQ((out.counts.cells.at({"CC", "english"}).samples), 98);
  EXPECT_EQ((out.counts.cells.at({"QC", "chinese"}).samples), 44);
}

// What a seed gives is part of this program's behaviour: when this changes, kFreshVersion has to.
TEST(Fresh, TheSameSeedGivesTheSameBytes) {
  std::string text;
  for (const Sample& sample : fresh({.seed = 7, .count = 160}))
    text += sample_to_json(sample) + "\n";
  EXPECT_EQ(kFreshVersion, 3);
  EXPECT_EQ(sha256_hex(text), "88a51d6e035b78de849ccb4bae39f6ebadea7db88bb37419e7ff255396a464b8");
}

// "3 (4)": the text's answer with the real one behind it takes the text back.
TEST(Fresh, ARealFactInBracketsIsACorrection) {
  std::size_t all = 0;
  std::size_t refused = 0;
  for (const Sample& sample : fresh({.seed = 3, .count = 60, .types = {"CA"}})) {
    const Question& question = sample.question;
    const auto stated = split(question.gold.at(0).response, '\n');
    const auto real = split(question.gold.at(1).response, '\n');
    ASSERT_EQ(stated.size(), real.size());
    const auto checks = compile_checks(question);
    ASSERT_TRUE(checks) << checks.error().message;
    for (std::size_t i = 0; i < stated.size(); ++i) {
      std::string response;
      for (std::size_t j = 0; j < stated.size(); ++j) {
        response += std::string(stated[j]);
        if (j == i) response += " (" + std::string(real[j].substr(3)) + ")";
        response += "\n";
      }
      const auto results = checks->run(response);
      ++all;
      refused += std::ranges::any_of(
          results, [](const CheckResult& one) { return one.decision == Decision::broken; });
    }
  }
  EXPECT_GT(all, 200U);
  // Where the question names the fact itself (羽毛球), naming it again tells nothing.
  EXPECT_GE(refused * 100, all * 97);
}

TEST(Fresh, SeedsShareLessThanOnePercent) {
  std::vector<std::set<std::string>> sets;
  for (const std::uint64_t seed : {0, 1, 1'000'003}) {
    sets.push_back(prompts(fresh({.seed = seed, .count = 1000})));
    EXPECT_EQ(sets.back().size(), 1000U) << "a prompt comes twice, seed " << seed;
  }
  for (std::size_t a = 0; a < sets.size(); ++a) {
    for (std::size_t b = a + 1; b < sets.size(); ++b) {
      std::vector<std::string> both;
      std::ranges::set_intersection(sets[a], sets[b], std::back_inserter(both));
      EXPECT_LT(both.size(), 10U) << a << " and " << b;
    }
  }
}

TEST(Fresh, ALargerCountBeginsWithASmallerOnesItems) {
  std::map<std::string, std::string> large;
  for (const Sample& sample : fresh({.seed = 5, .count = 200, .types = {"QC", "mim"}})) {
    large[sample.id] = sample_to_json(sample);
  }
  EXPECT_EQ(large.size(), 200U);
  for (const Sample& sample : fresh({.seed = 5, .count = 60, .types = {"MIM"}})) {
    EXPECT_EQ(large[sample.id], sample_to_json(sample)) << sample.id;
  }
}

TEST(Fresh, EveryTypeAloneAndInOneLanguage) {
  for (const InstructionType& type : headline_types()) {
    const auto both = fresh({.seed = 9, .count = 120, .types = {type.code}});
    EXPECT_EQ(both.size(), 120U) << type.code;
    const auto chinese =
        fresh({.seed = 9, .count = 60, .types = {type.code}, .language = Language::chinese});
    ASSERT_EQ(chinese.size(), 60U) << type.code;
    EXPECT_EQ(chinese[0].question, both[1].question);
    EXPECT_EQ(chinese[0].pair, "");
  }
}

TEST(Fresh, RefusesWhatCannotBeHad) {
  for (const FreshOptions& options :
       {FreshOptions{.count = 0}, FreshOptions{.count = -2}, FreshOptions{.count = 7},
        FreshOptions{.count = kMaxFresh + 2}, FreshOptions{.count = 2, .types = {"XY"}}}) {
    const auto out = fresh_samples(options);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().kind, ErrorKind::usage);
  }
}

TEST(Expression, ComputesWithNames) {
  const Values values{{"a", 7}, {"n2", 3}};
  EXPECT_EQ(evaluate("a*n2 - 1", values), 20);
  EXPECT_EQ(evaluate("2*(a+n2)/4", values), 5);
  EXPECT_EQ(evaluate("a%n2", values), 1);
  for (const char* broken : {"", "a+", "(a", "a b", "b", "a/0", "a%(n2-3)", "1x", "*a"}) {
    EXPECT_FALSE(evaluate(broken, values)) << broken;
  }
}

}  // namespace
}  // namespace iie
