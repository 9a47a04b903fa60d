#include "report/failures.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/fixture.h"

namespace iie {
namespace {

// Two inverted demands and two of the task.
Sample sample_of_four() {
  Sample sample;
  sample.id = "a";
  sample.type = "CCF";
  sample.question.rubric = {{"i1", CriterionKind::inversion, "", true},
                            {"i2", CriterionKind::inversion, "", true},
                            {"t1", CriterionKind::task, "", true},
                            {"t2", CriterionKind::task, "", true}};
  return sample;
}

Response answer(std::string text, FinishReason finish = FinishReason::stop) {
  Response response;
  response.text = std::move(text);
  response.finish = finish;
  return response;
}

// "pf?-": pass, fail, unscored, no such verdict; of i1 i2 t1 t2.
FailureMode mode_of(std::string_view outcomes) {
  const Sample sample = sample_of_four();
  Verdict verdict = Verdict::fail("no");
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == '-') continue;
    verdict.criteria.push_back({sample.question.rubric[i].id,
                                outcomes[i] == 'p'   ? Outcome::pass
                                : outcomes[i] == 'f' ? Outcome::fail
                                                     : Outcome::unscored,
                                "why"});
  }
  const Response response = answer("An answer.");
  return classify_failure(sample, &response, verdict);
}

TEST(FailureMode, FollowsFromWhichKindsOfCriteriaAreBroken) {
  EXPECT_EQ(mode_of("ffpp"), FailureMode::inertia);
  EXPECT_EQ(mode_of("pfpp"), FailureMode::partial);
  EXPECT_EQ(mode_of("fpff"), FailureMode::partial);
  EXPECT_EQ(mode_of("ppfp"), FailureMode::incapacity);
  EXPECT_EQ(mode_of("ppff"), FailureMode::incapacity);
  EXPECT_EQ(mode_of("ffff"), FailureMode::off_task);
}

TEST(FailureMode, IsNotGuessedWhereTheVerdictLeavesItOpen) {
  EXPECT_EQ(mode_of(""), FailureMode::unclassified) << "judged as a whole";
  EXPECT_EQ(mode_of("ff?p"), FailureMode::unclassified);
  EXPECT_EQ(mode_of("ff--"), FailureMode::unclassified);
  EXPECT_EQ(mode_of("f?pp"), FailureMode::unclassified);
  EXPECT_EQ(mode_of("fffp"), FailureMode::unclassified) << "the task half done";
  EXPECT_EQ(mode_of("pf??"), FailureMode::partial) << "whatever became of the task";
  Sample no_task = sample_of_four();
  no_task.question.rubric.resize(2);
  Verdict verdict = Verdict::fail("no");
  verdict.criteria = {{"i1", Outcome::fail, ""}, {"i2", Outcome::fail, ""}};
  EXPECT_EQ(classify_failure(no_task, nullptr, verdict), FailureMode::unclassified);
}

TEST(FailureMode, LooksAtTheResponseFirst) {
  const Sample sample = sample_of_four();
  Verdict verdict = Verdict::fail("no");
  verdict.criteria = {{"i1", Outcome::fail, ""},
                      {"i2", Outcome::fail, ""},
                      {"t1", Outcome::pass, ""},
                      {"t2", Outcome::pass, ""}};
  const auto mode = [&](const Response& response) {
    return classify_failure(sample, &response, verdict);
  };
  EXPECT_EQ(mode(answer("Half a sen", FinishReason::length)), FailureMode::truncation);
  EXPECT_EQ(mode(answer("", FinishReason::length)), FailureMode::truncation);
  EXPECT_EQ(mode(answer(" \n　", FinishReason::stop)), FailureMode::blank);
  EXPECT_EQ(mode(answer("", FinishReason::refusal)), FailureMode::refusal);
  EXPECT_EQ(mode(answer("Fine.", FinishReason::content_filter)), FailureMode::refusal);
  EXPECT_EQ(mode(answer("\n I'm sorry, but I can't do that.")), FailureMode::refusal);
  EXPECT_EQ(mode(answer("抱歉，我无法故意答错。")), FailureMode::refusal);
  EXPECT_EQ(mode(answer("She said: I'm sorry, but I can't.")), FailureMode::inertia);
  EXPECT_EQ(classify_failure(sample, nullptr, verdict), FailureMode::inertia);
}

TEST(FailureMode, SeesTheInversionOverdoneWhereARuleMeasuredIt) {
  const Sample sample = sample_of_four();
  const Response response = answer("An answer.");
  const auto mode = [&](std::string reason, Outcome task = Outcome::pass) {
    Verdict verdict = Verdict::fail("no");
    verdict.criteria = {{"i1", Outcome::fail, std::move(reason)},
                        {"i2", Outcome::pass, ""},
                        {"t1", task, "why"},
                        {"t2", Outcome::pass, ""}};
    return classify_failure(sample, &response, verdict);
  };
  EXPECT_EQ(mode("count: 7 words, wanted exactly 5"), FailureMode::over_compliance);
  EXPECT_EQ(mode("k_of_n: 0 of 5 answers are right, wanted exactly 2"),
            FailureMode::over_compliance);
  EXPECT_EQ(mode("matches: at least 3 matches of /x/, wanted exactly 2; the first is \"x\""),
            FailureMode::over_compliance);
  EXPECT_EQ(mode("count: 3 words, wanted exactly 5"), FailureMode::partial);
  EXPECT_EQ(mode("matches: 3 matches of x, wanted exactly 0"), FailureMode::partial);
  EXPECT_EQ(mode("k_of_n: 4 of 5 answers are right, wanted exactly 2 (1: \"43\")"),
            FailureMode::partial);
  EXPECT_EQ(mode("count: 7 words, wanted exactly 5", Outcome::fail), FailureMode::partial)
      << "the task failed as well";
  EXPECT_EQ(mode("7 words, wanted exactly 5: the judge's own words"), FailureMode::partial);
}

TEST(Failures, AreCountedByTypeAndLanguageWithExamples) {
  Fixture fixture = empty_fixture();
  fixture.add_sample("q1", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::fail("no"), "");
  fixture.add_sample("q2", "QC", Language::chinese, "?");
  fixture.add_rollout(Verdict::fail("whole"), "Something.");
  fixture.add_sample("q3", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::pass("yes"), "Right.");
  fixture.add_sample("c1", "CA", Language::english, "?");
  fixture.add_rollout(Verdict::fail("cut"), "Some").response.response->finish =
      FinishReason::length;
  fixture.add_sample("c2", "CA", Language::english, "?");
  fixture.add_rollout(Verdict::none(UnscoredReason::needs_judge, "?"));
  const Report report = fixture.report();
  const FailureReport& failures = report.failures;
  EXPECT_EQ(failures.overall.total(), report.overall.failed);
  EXPECT_EQ(failures.overall[FailureMode::blank], 1);
  EXPECT_EQ(failures.overall[FailureMode::truncation], 1);
  EXPECT_EQ(failures.overall[FailureMode::unclassified], 1);
  ASSERT_EQ(failures.by_type.size(), 2u);
  EXPECT_EQ(failures.by_type[0].key, "QC");
  EXPECT_EQ(failures.by_type[0].counts.total(), 2);
  ASSERT_EQ(failures.by_language.size(), 2u);
  EXPECT_EQ(failures.by_language[0].counts.total(), 2);
  EXPECT_EQ(failures.cells.size(), 3u);
  ASSERT_EQ(failures.examples.at(FailureMode::truncation).size(), 1u);
  EXPECT_EQ(failures.examples.at(FailureMode::truncation)[0].sample, "c1");
  EXPECT_EQ(failures.examples.at(FailureMode::truncation)[0].reason, "cut");
}

TEST(Failures, AddUpToTheFailuresOfEveryFigure) {
  const Report report = example_fixture().report();
  EXPECT_EQ(report.failures.overall.total(), report.overall.failed);
  for (const FailureGroup& group : report.failures.by_type) {
    const auto type = std::ranges::find(report.by_type, group.key, &Group::key);
    ASSERT_NE(type, report.by_type.end());
    EXPECT_EQ(group.counts.total(), type->figure.failed) << group.key;
  }
  for (const FailureReport::Cell& cell : report.failures.cells) {
    EXPECT_EQ(cell.counts.total(), report.cell(cell.type, cell.language)->figure.failed);
  }
}

}  // namespace
}  // namespace iie
