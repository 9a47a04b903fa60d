#include "report/published.h"

#include <gtest/gtest.h>

#include <cmath>

#include "report/fixture.h"
#include "report/render.h"

namespace iie {
namespace {

// All official questions of one language, every one passed.
void add_official(Fixture& fixture, Language language) {
  for (const InstructionType& type : headline_types()) {
    for (int i = 0; i < type.paper_samples; ++i) {
      fixture.add_sample(fmt::format("{}-{}-{}", type.code, i, to_string(language)), type.code,
                         language, "?");
      fixture.add_rollout(Verdict::pass("ok"));
    }
  }
}

Fixture official_fixture() {
  Fixture fixture = empty_fixture();
  fixture.run.spec.dataset_format = "official";
  return fixture;
}

TEST(Published, OverallsFollowFromCellsAndCounts) {
  const PublishedTable& table = published_table();
  ASSERT_EQ(table.rows.size(), 44u);
  for (const PublishedRow& row : table.rows) {
    double sum = 0;
    int n = 0;
    for (const InstructionType& type : headline_types()) {
      ASSERT_TRUE(row.cells.contains(type.code)) << row.model;
      EXPECT_EQ(table.samples.at(type.code), type.paper_samples);
      sum += row.cells.at(type.code) * type.paper_samples;
      n += type.paper_samples;
    }
    EXPECT_EQ(n, 506);
    EXPECT_NEAR(sum / n, row.overall, 0.011) << row.language << " " << row.model;
  }
}

TEST(Published, OverallsDoNotFollowFromTheLabelsAsPrinted) {
  // The control: with CC and CCF back under the printed labels most rows are off.
  int off = 0;
  for (const PublishedRow& row : published_table().rows) {
    double sum = 0;
    for (const InstructionType& type : headline_types()) {
      const std::string printed = type.code == "CC" ? "CCF" : type.code == "CCF" ? "CC" : type.code;
      sum += row.cells.at(printed) * type.paper_samples;
    }
    off += std::abs(sum / 506 - row.overall) > 0.011;
  }
  EXPECT_GT(off, 40);
}

TEST(Published, CellsAreSharesOfSixRolloutsPerQuestion) {
  int off = 0;
  for (const PublishedRow& row : published_table().rows) {
    for (const auto& [code, score] : row.cells) {
      const double passes = score / 100 * 6 * published_table().samples.at(code);
      // Printed to two decimals: at most 0.005 % of 6n rollouts from a whole number of passes.
      off += std::abs(passes - std::round(passes)) > 0.06;
    }
  }
  EXPECT_EQ(off, 2);  // one was printed to one decimal, one fits no count
}

TEST(Published, RanksOwnRunAmongThemOnTheOfficialQuestions) {
  Fixture fixture = official_fixture();
  add_official(fixture, Language::english);
  const PublishedComparison comparison = compare_with_published({fixture.report()});
  EXPECT_TRUE(comparison.comparable);
  ASSERT_EQ(comparison.sections.size(), 1u);
  EXPECT_EQ(comparison.sections[0].language, "english");
  ASSERT_EQ(comparison.sections[0].rows.size(), 23u);
  EXPECT_EQ(comparison.sections[0].rows[0].run, fixture.run.id);
  for (Rollout& rollout : fixture.rollouts) rollout.judgement->verdict = Verdict::fail("no");
  EXPECT_EQ(compare_with_published({fixture.report()}).sections[0].rows[22].run, fixture.run.id);
}

TEST(Published, SaysWhenTheQuestionsDiffer) {
  Fixture open = example_fixture();
  PublishedComparison comparison = compare_with_published({open.report()});
  EXPECT_FALSE(comparison.comparable);
  EXPECT_NE(comparison.remark.find("these runs asked others"), std::string::npos);
  EXPECT_EQ(comparison.sections.size(), 2u);
  for (const auto& section : comparison.sections) {
    EXPECT_EQ(section.rows[0].run, open.run.id);  // first, not ranked
  }

  Fixture part = official_fixture();
  add_official(part, Language::chinese);
  part.samples.pop_back();
  part.rollouts.pop_back();
  comparison = compare_with_published({part.report()});
  EXPECT_FALSE(comparison.comparable);
  EXPECT_NE(comparison.remark.find("only some"), std::string::npos);
}

TEST(Published, StandsBesideTheRunInEveryFormat) {
  const std::vector<Report> reports = {example_fixture().report()};
  for (const ReportFormat format :
       {ReportFormat::terminal, ReportFormat::json, ReportFormat::markdown, ReportFormat::csv}) {
    const std::string without = render(reports, format);
    const std::string with = render(reports, format, {.published = true});
    EXPECT_EQ(without.find("Kimi-K2"), std::string::npos);
    EXPECT_NE(with.find("Kimi-K2"), std::string::npos) << to_string(format);
  }
  const std::string text = render(reports, ReportFormat::terminal, {.published = true});
  EXPECT_NE(text.find("2509.04292"), std::string::npos);
  EXPECT_NE(text.find("CC and CCF"), std::string::npos);
}

}  // namespace
}  // namespace iie
