#include "report/report_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "report/fixture.h"
#include "report/render.h"

namespace iie {
namespace {

using std::chrono::milliseconds;

const Group* group(const std::vector<Group>& groups, std::string_view key) {
  for (const Group& group : groups) {
    if (group.key == key) return &group;
  }
  return nullptr;
}

std::vector<std::string> keys(const std::vector<Group>& groups) {
  std::vector<std::string> out;
  for (const Group& group : groups) out.push_back(group.key);
  return out;
}

TEST(ReportBuilder, PoolsVerdictsInsteadOfAveragingTypes) {
  Fixture fixture = empty_fixture();
  fixture.add_sample("a", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::pass("ok"));
  for (const char* id : {"b", "c", "d"}) {
    fixture.add_sample(id, "CC", Language::english, "?");
    fixture.add_rollout(Verdict::fail("no"));
  }
  const Report report = fixture.report();
  EXPECT_DOUBLE_EQ(report.overall.score.value(), 25.0);  // the mean of the types would be 50
  EXPECT_EQ(report.overall.n, 4);
  EXPECT_DOUBLE_EQ(group(report.by_type, "QC")->figure.score.value(), 100.0);
  EXPECT_DOUBLE_EQ(group(report.by_type, "CC")->figure.score.value(), 0.0);
  EXPECT_TRUE(report.complete);
}

TEST(ReportBuilder, CountsUnscoredAsNotPassedAndGivesBounds) {
  Fixture fixture = empty_fixture();
  fixture.add_sample("a", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::pass("ok"));
  fixture.add_sample("b", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::none(UnscoredReason::needs_judge, "no rule for c1"));
  fixture.add_sample("c", "QC", Language::english, "?");
  fixture.add_error("HTTP 500");
  fixture.add_sample("d", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::none(UnscoredReason::needs_judge, "no rule for c2"));
  const Report report = fixture.report();
  EXPECT_EQ(report.overall.n, 4);
  EXPECT_EQ(report.overall.unscored, 3);
  EXPECT_DOUBLE_EQ(report.overall.score.value(), 25.0);
  EXPECT_DOUBLE_EQ(report.overall.bounds->low, 25.0);
  EXPECT_DOUBLE_EQ(report.overall.bounds->high, 100.0);
  ASSERT_EQ(report.unscored.size(), 2u);
  EXPECT_EQ(report.unscored[0].reason, UnscoredReason::needs_judge);
  EXPECT_EQ(report.unscored[0].count, 2);
  EXPECT_EQ(report.unscored[0].sample, "b");
  EXPECT_EQ(report.unscored[0].message, "no rule for c1");
  EXPECT_EQ(report.unscored[1].reason, UnscoredReason::no_response);
  EXPECT_EQ(report.unscored[1].message, "HTTP 500");
  EXPECT_FALSE(report.complete);  // the failed call can be made again
  EXPECT_EQ(report.judge.decided_by, (std::map<std::string, std::int64_t>{{"rules", 1}}));
}

TEST(ReportBuilder, LeavesWhatIsNotDoneOutOfEveryShare) {
  Fixture fixture = empty_fixture(3);
  fixture.add_sample("a", "QC", Language::english, "?");
  fixture.add_rollout(Verdict::pass("ok"));
  fixture.add_pending();  // answered, not judged; the third rollout has no record at all
  fixture.add_sample("b", "QC", Language::chinese, "?");
  const Report report = fixture.report();
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.planned, 6);
  EXPECT_EQ(report.overall.n, 1);
  EXPECT_EQ(report.overall.pending, 5);
  EXPECT_DOUBLE_EQ(report.overall.score.value(), 100.0);
  const Cell* chinese = report.cell("QC", "chinese");
  ASSERT_NE(chinese, nullptr);
  EXPECT_EQ(chinese->figure.pending, 3);
  EXPECT_FALSE(chinese->figure.score);
  EXPECT_FALSE(chinese->figure.interval);
  EXPECT_FALSE(chinese->figure.bounds);
}

TEST(ReportBuilder, HasNoScoreWithoutVerdicts) {
  Fixture nothing = empty_fixture();
  EXPECT_FALSE(nothing.report().overall.score);
  EXPECT_TRUE(nothing.report().complete);
  EXPECT_TRUE(nothing.report().by_type.empty());

  Fixture fixture = empty_fixture();
  fixture.add_sample("a", "QC", Language::english, "?");
  const Report report = fixture.report();
  EXPECT_FALSE(report.overall.score);
  EXPECT_FALSE(report.overall.interval);
  EXPECT_EQ(report.overall.pending, 1);
  EXPECT_FALSE(report.complete);
}

TEST(ReportBuilder, KeepsUntypedSamplesInTheOverall) {
  Fixture fixture = empty_fixture();
  fixture.add_sample("a", "", std::nullopt, "?");
  fixture.add_rollout(Verdict::pass("ok"));
  fixture.add_sample("b", "CA", Language::chinese, "?");
  fixture.add_rollout(Verdict::fail("no"));
  fixture.add_sample("c", "ITF", Language::english, "?");
  fixture.add_rollout(Verdict::fail("no"));
  const Report report = fixture.report();
  EXPECT_EQ(report.overall.n, 3);
  EXPECT_EQ(keys(report.by_type), (std::vector<std::string>{"ITF", "CA", "(none)"}));
  EXPECT_EQ(keys(report.by_language), (std::vector<std::string>{"english", "chinese", "(none)"}));
  EXPECT_NE(report.cell("(none)", "(none)"), nullptr);
  EXPECT_EQ(report.cell("(none)", "english"), nullptr);
  EXPECT_TRUE(report.by_domain.empty());
}

TEST(ReportBuilder, ListsDomainsOnceOneIsNamed) {
  Fixture fixture = empty_fixture();
  for (const char* domain : {"", "Zymurgy", "Math", "Computer Science"}) {
    fixture.add_sample(std::string("s") + domain, "QC", Language::english, "?").domain = domain;
    fixture.add_rollout(Verdict::pass("ok"));
  }
  EXPECT_EQ(keys(fixture.report().by_domain),
            (std::vector<std::string>{"Computer Science", "Math", "Zymurgy", "(none)"}));
}

TEST(ReportBuilder, ClustersTheIntervalBySample) {
  Fixture alike = empty_fixture(4);
  Fixture mixed = empty_fixture(4);
  for (int i = 0; i < 40; ++i) {
    alike.add_sample(fmt::format("s{}", i), "QC", Language::english, "?");
    mixed.add_sample(fmt::format("s{}", i), "QC", Language::english, "?");
    for (int rollout = 0; rollout < 4; ++rollout) {
      alike.add_rollout(i % 2 == 0 ? Verdict::pass("") : Verdict::fail(""));
      mixed.add_rollout((i / 2 + rollout) % 2 == 0 ? Verdict::pass("") : Verdict::fail(""));
    }
  }
  const Figure few = alike.report().overall;
  EXPECT_DOUBLE_EQ(few.score.value(), 50.0);
  EXPECT_EQ(few.interval->n_effective, 40);
  EXPECT_EQ(few.interval->method, "clustered_wilson");
  EXPECT_NEAR(few.interval->low, 100 * wilson(20, 40)->low, 1e-9);
  EXPECT_NEAR(few.interval->high, 100 * wilson(20, 40)->high, 1e-9);
  EXPECT_DOUBLE_EQ(mixed.report().overall.score.value(), 50.0);
}

TEST(ReportBuilder, SumsOnlyTheTokensThatWereReported) {
  Fixture fixture = empty_fixture(3);
  fixture.add_sample("a", "QC", Language::english, "?");
  Rollout& first = fixture.add_rollout(Verdict::pass("ok"), "x", "openai:judge");
  first.response.response->usage = {.input_tokens = 10, .output_tokens = 5};
  JudgeCall call;
  call.usage.input_tokens = 100;
  call.latency = milliseconds(30);
  first.judgement->calls = {call, {.readable = false}};
  fixture.add_rollout(Verdict::pass("ok")).response.response->usage = {.input_tokens = 7};
  fixture.add_rollout(Verdict::pass("ok"));
  const Report report = fixture.report();
  EXPECT_EQ(report.model_tokens.calls, 3);
  EXPECT_EQ(report.model_tokens.input->tokens, 17);
  EXPECT_EQ(report.model_tokens.input->calls, 2);
  EXPECT_EQ(report.model_tokens.output->tokens, 5);
  EXPECT_FALSE(report.model_tokens.reasoning);
  EXPECT_FALSE(report.model_tokens.cached);
  EXPECT_EQ(report.judge_tokens.calls, 2);
  EXPECT_EQ(report.judge_tokens.input->tokens, 100);
  EXPECT_EQ(report.judge.calls, 2);
  EXPECT_EQ(report.judge.unreadable, 1);
  EXPECT_FALSE(report.model_time);
  EXPECT_EQ(report.judge_time->calls, 1);
}

TEST(ReportBuilder, DoesNotBelieveAbsurdTokenCounts) {
  Fixture fixture = empty_fixture(3);
  fixture.add_sample("a", "QC", Language::english, "?");
  for (const std::int64_t claimed :
       {std::numeric_limits<std::int64_t>::max(), std::int64_t{5}, std::int64_t{-3}}) {
    fixture.add_rollout(Verdict::pass("ok")).response.response->usage.input_tokens = claimed;
  }
  const Report report = fixture.report();
  EXPECT_EQ(report.model_tokens.input->tokens, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(report.model_tokens.input->calls, 2);
}

TEST(ReportBuilder, TakesNearestRankQuantilesOfLatency) {
  Fixture fixture = empty_fixture(20);
  fixture.add_sample("a", "QC", Language::english, "?");
  for (int i = 1; i <= 20; ++i) {
    fixture.add_rollout(Verdict::pass("ok")).response.response->latency = milliseconds(i * 10);
  }
  const LatencySummary time = fixture.report().model_time.value();
  EXPECT_EQ(time.calls, 20);
  EXPECT_EQ(time.sum, milliseconds(2100));
  EXPECT_EQ(time.median, milliseconds(100));  // the 10th of 20
  EXPECT_EQ(time.p95, milliseconds(190));     // the 19th
}

TEST(ReportBuilder, KeepsTheFirstFailureOfTheFirstSamples) {
  Fixture fixture = empty_fixture(2);
  for (const char* id : {"a", "b", "c"}) {
    fixture.add_sample(id, "QC", Language::english, "system aside\nWhat is it?");
    fixture.add_rollout(Verdict::fail("first of " + std::string(id)), "First\nline");
    fixture.add_rollout(Verdict::fail("second"));
  }
  Verdict broken = Verdict::fail("c1 broken");
  broken.criteria = {{"c0", Outcome::pass, "fine"}, {"c1", Outcome::fail, "has a list"}};
  fixture.add_sample("d", "CA", Language::chinese, "?");
  fixture.add_rollout(broken, "   ", "openai:judge");
  const Report report = fixture.report({.examples_per_type = 2});
  ASSERT_EQ(report.examples.size(), 3u);
  EXPECT_EQ(report.examples[0].sample, "a");
  EXPECT_EQ(report.examples[0].rollout, 0);
  EXPECT_EQ(report.examples[0].reason, "first of a");
  EXPECT_EQ(report.examples[0].response, "First ↵ line");
  EXPECT_EQ(report.examples[1].sample, "b");
  const Example& last = report.examples[2];
  EXPECT_EQ(last.type, "CA");
  EXPECT_EQ(last.judge, "openai:judge");
  EXPECT_EQ(last.response, "");
  ASSERT_EQ(last.broken.size(), 1u);
  EXPECT_EQ(last.broken[0].id, "c1");
  EXPECT_EQ(last.broken[0].text, "Keeps to what was asked.");
  EXPECT_EQ(last.broken[0].reason, "has a list");
}

TEST(ReportBuilder, IsTheSameWhateverTheOrderOfTheRollouts) {
  Fixture fixture = empty_fixture(3);
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    fixture.add_sample(id, "QC", Language::english, "What is it?");
    fixture.add_rollout(Verdict::fail("first of " + std::string(id)));
    fixture.add_error("HTTP 500 of " + std::string(id));
    fixture.add_rollout(Verdict::none(UnscoredReason::needs_judge, "open in " + std::string(id)));
  }
  const auto rendered = [&] {
    return render({fixture.report({.examples_per_type = 2})}, ReportFormat::json);
  };
  const std::string forwards = rendered();
  EXPECT_NE(forwards.find("first of b"), std::string::npos);
  EXPECT_EQ(forwards.find("first of d"), std::string::npos);
  std::ranges::reverse(fixture.rollouts);
  EXPECT_EQ(rendered(), forwards);
  std::ranges::sort(fixture.rollouts, {}, [](const auto& rollout) {
    return std::pair(rollout.response.id.rollout, rollout.response.id.sample);
  });
  EXPECT_EQ(rendered(), forwards);
}

TEST(ReportBuilder, NamesTheModelsThatAnsweredButNotWithoutEnd) {
  Fixture fixture = empty_fixture();
  for (int i = 0; i < 30; ++i) {
    fixture.add_sample(fmt::format("s{}", i), "QC", Language::english, "?");
    Response& response = *fixture.add_rollout(Verdict::pass("ok")).response.response;
    response.model = fmt::format("model-{:02}", 14 - i % 15);
    response.finish = i % 3 == 0 ? FinishReason::length : FinishReason::stop;
  }
  const Report report = fixture.report();
  EXPECT_EQ(report.model.served_as.size(), kMaxServedNames);
  EXPECT_EQ(report.model.served_as.at("model-00"), 2);
  EXPECT_EQ(report.model.finish.at("length"), 10);
}

TEST(ReportBuilder, RefusesRecordsThatCannotBe) {
  Fixture fixture = empty_fixture(2);
  fixture.add_sample("a", "QC", Language::english, "?");
  ReportBuilder builder(fixture.run, fixture.samples);
  ResponseRecord record;
  for (const RolloutId id :
       {RolloutId{1, 0}, RolloutId{-1, 0}, RolloutId{0, 2}, RolloutId{0, -1}}) {
    const auto added = builder.add(id, &record, nullptr);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().kind, ErrorKind::corrupt);
  }
  record.error = Error{ErrorKind::transient, "HTTP 500"};
  EXPECT_TRUE(builder.add({0, 1}, &record, nullptr));
  EXPECT_FALSE(builder.add({0, 1}, &record, nullptr));  // twice
  EXPECT_TRUE(builder.add({0, 0}, &record, nullptr));
}

}  // namespace
}  // namespace iie
