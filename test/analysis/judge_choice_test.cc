#include "analysis/judge_choice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.h"

namespace iie {
namespace {

// Two types; candidate 0 is right on QC, candidate 1 on CC.
std::vector<LabelledItem> specialists() {
  std::vector<LabelledItem> items;
  for (int i = 0; i < 40; ++i) {
    LabelledItem item;
    item.type = i % 2 == 0 ? "QC" : "CC";
    item.cluster = item.type + std::to_string(i / 4);
    item.label = i % 3 == 0;
    item.verdicts = {item.type == "QC" ? item.label : !item.label,
                     item.type == "CC" ? item.label : !item.label};
    items.push_back(item);
  }
  return items;
}

TEST(ChooseJudge, TheBestOfEachTypeIsFoundAndScoredOnOtherLabels) {
  const auto items = specialists();
  const std::vector<std::size_t> both = {0, 1};
  const JudgeChoice choice = choose_judge(items, both, true);
  EXPECT_EQ(choice.chosen, (std::map<std::string, std::size_t>{{"CC", 1}, {"QC", 0}}));
  EXPECT_EQ(choice.accuracy(), 1.0);
  EXPECT_TRUE(choice.thin.empty());
  const JudgeChoice one = choose_judge(items, both, false);
  EXPECT_EQ(one.chosen, (std::map<std::string, std::size_t>{{"", 0}})) << "a tie goes to the first";
  EXPECT_LT(one.accuracy(), 0.6);
}

TEST(ChooseJudge, NoVerdictIsRightAboutNothing) {
  auto items = specialists();
  for (LabelledItem& item : items) item.verdicts = {std::nullopt};
  EXPECT_EQ(choose_judge(items, std::vector<std::size_t>{0}, true).accuracy(), 0.0);
}

TEST(ChooseJudge, ATypeThatCannotBeCrossValidatedIsNamed) {
  auto items = specialists();
  items.push_back({"MIM", "MIM0", true, {false, true}});
  items.push_back({"MIM", "MIM0", true, {false, true}});
  const JudgeChoice choice = choose_judge(items, std::vector<std::size_t>{0, 1}, true);
  EXPECT_EQ(choice.thin, std::vector<std::string>{"MIM"});
  EXPECT_EQ(choice.chosen.at("MIM"), 1u);
}

// Fifty judges that guess: the best of them on all labels looks better than a guess; scored on
// labels that did not choose it, it is one.
TEST(ChooseJudge, IsNotScoredOnTheLabelsThatChose) {
  double apparent = 0;
  double honest = 0;
  constexpr int kRounds = 40;
  for (int round = 0; round < kRounds; ++round) {
    Rng rng(static_cast<std::uint64_t>(round) + 1);
    std::vector<LabelledItem> items;
    for (int i = 0; i < 60; ++i) {
      LabelledItem item{"QC", "c" + std::to_string(i), rng.below(2) == 1, {}};
      for (int judge = 0; judge < 50; ++judge) item.verdicts.emplace_back(rng.below(2) == 1);
      items.push_back(item);
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < 50; ++i) all.push_back(i);
    const JudgeChoice choice = choose_judge(items, all, true);
    honest += choice.accuracy() / kRounds;
    int right = 0;
    for (const LabelledItem& item : items) {
      right += item.verdicts[choice.chosen.at("QC")] == item.label;
    }
    apparent += right / 60.0 / kRounds;
  }
  EXPECT_GT(apparent, 0.6);
  EXPECT_NEAR(honest, 0.5, 0.04);
}

TEST(ChooseJudge, ResponsesOfOneSampleStayTogether) {
  // Each cluster is its own world: candidate i is right on cluster i alone. Chosen without the
  // cluster, nobody is right on it but by the tie.
  std::vector<LabelledItem> items;
  for (std::size_t cluster = 0; cluster < 10; ++cluster) {
    for (int copy = 0; copy < 3; ++copy) {
      LabelledItem item{"QC", "c" + std::to_string(cluster), true, {}};
      for (std::size_t judge = 0; judge < 10; ++judge) item.verdicts.emplace_back(judge == cluster);
      items.push_back(item);
    }
  }
  std::vector<std::size_t> all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(choose_judge(items, all, true).accuracy(), 0.0);
}

}  // namespace
}  // namespace iie
