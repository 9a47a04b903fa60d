#include "report/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/json.h"
#include "report/fixture.h"
#include "report/render.h"
#include "report/side_by_side.h"

namespace iie {
namespace {

// One rollout of 20 pairs of QC and 20 of CA; `passes(type, pair, language)` says which pass.
template <typename Passes>
Fixture run_of(std::string id, Passes passes) {
  Fixture fixture = empty_fixture();
  fixture.run.id = std::move(id);
  for (const char* type : {"QC", "CA"}) {
    for (int pair = 0; pair < 20; ++pair) {
      for (const Language language : kLanguages) {
        fixture
            .add_sample(fmt::format("{}-{}-{}", type, pair, to_string(language)), type, language,
                        "?")
            .pair = fmt::format("{}-{}", type, pair);
        fixture.add_rollout(passes(std::string_view(type), pair, language) ? Verdict::pass("")
                                                                           : Verdict::fail(""));
      }
    }
  }
  return fixture;
}

Fixture weaker() {
  return run_of("aaa", [](std::string_view, int pair, Language) { return pair < 8; });
}
// Ten pairs of QC more, in both languages; CA as before.
Fixture better() {
  return run_of("bbb", [](std::string_view type, int pair, Language) {
    return pair < (type == "QC" ? 18 : 8);
  });
}

TEST(Compare, TakesTwinsAsOneClusterAndTypesOneByOne) {
  const auto found = compare_reports(weaker().report(), better().report());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->overall.samples, 80);
  EXPECT_EQ(found->overall.clusters, 40);
  EXPECT_NEAR(found->overall.share_a, 40, 1e-9);
  EXPECT_NEAR(found->overall.share_b, 65, 1e-9);
  EXPECT_NEAR(found->overall.difference, 25, 1e-9);
  EXPECT_GT(found->overall.low, 5);
  // Ten clusters differ, all one way: 2 / 2^10.
  EXPECT_NEAR(found->overall.p, 2.0 / 1024, 1e-12);
  EXPECT_FALSE(found->overall.mcnemar) << "twins are no single verdicts";
  ASSERT_EQ(found->by_type.size(), 2u);
  EXPECT_EQ(found->by_type[0].key, "QC");
  EXPECT_NEAR(found->by_type[0].difference, 50, 1e-9);
  EXPECT_NEAR(*found->by_type[0].p_holm, 2 * found->by_type[0].p, 1e-12);
  EXPECT_EQ(found->by_type[1].difference, 0);
  EXPECT_EQ(found->by_type[1].p_holm, 1);
  ASSERT_EQ(found->by_language.size(), 2u);
  EXPECT_EQ(found->by_language[0].clusters, 40);
  ASSERT_TRUE(found->by_language[0].mcnemar);
  EXPECT_EQ(found->by_language[0].mcnemar->only_b, 10);
  EXPECT_NEAR(found->by_language[0].mcnemar->p, 2.0 / 1024, 1e-12);
  EXPECT_NE(conclusion(*found).find("B is better by 25.00 points"), std::string::npos);
}

TEST(Compare, SaysWhatItCouldHaveFoundWhereNothingShows) {
  const auto found = compare_reports(weaker().report(), weaker().report());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->overall.difference, 0);
  EXPECT_GT(found->overall.smallest_detectable, 1);
  EXPECT_NE(conclusion(*found).find("No difference shown"), std::string::npos);
}

TEST(Compare, RefusesRunsThatDoNotShareTheirSamples) {
  Fixture other = better();
  for (Sample& sample : other.samples) sample.question.messages[0].content = "another";
  const auto apart = compare_reports(weaker().report(), other.report());
  ASSERT_FALSE(apart);
  EXPECT_EQ(apart.error().kind, ErrorKind::bad_input);
  EXPECT_NE(apart.error().message.find("no sample in common"), std::string::npos);

  Fixture part = better();
  part.samples.resize(60);
  part.rollouts.resize(60);
  const auto partly = compare_reports(weaker().report(), part.report());
  ASSERT_FALSE(partly);
  EXPECT_NE(partly.error().message.find("--common"), std::string::npos);
  const auto common = compare_reports(weaker().report(), part.report(), {.common_samples = true});
  ASSERT_TRUE(common);
  EXPECT_EQ(common->overall.samples, 60);
  EXPECT_EQ(common->only_a, 20);
  EXPECT_EQ(common->cautions.size(), 1u);

  Fixture pending = better();
  for (Rollout& rollout : pending.rollouts) rollout.judgement.reset();
  EXPECT_FALSE(compare_reports(weaker().report(), pending.report()));
}

TEST(Compare, RefusesRunsThatWereJudgedDifferently) {
  Fixture other = better();
  other.run.spec.judge = "auto:openai:other";
  const auto refused = compare_reports(weaker().report(), other.report());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_NE(refused.error().message.find("--any-judge"), std::string::npos);
  const auto allowed = compare_reports(weaker().report(), other.report(), {.any_judge = true});
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->cautions.size(), 1u);
  other.run.spec.judge = weaker().run.spec.judge;
  other.run.spec.judge_prompts = "other";
  EXPECT_FALSE(compare_reports(weaker().report(), other.report()));
}

TEST(Compare, SetsThinkingBesideItsReasoningTokens) {
  Fixture off = weaker();
  Fixture high = better();
  off.run.spec.params.reasoning = Reasoning{Reasoning::Mode::off, 0};
  high.run.spec.params.reasoning = Reasoning{Reasoning::Mode::high, 0};
  for (Rollout& rollout : high.rollouts) {
    rollout.response.response->usage = {.output_tokens = 700, .reasoning_tokens = 600};
  }
  const std::vector<Report> reports = {high.report(), off.report()};
  const auto pairs = thinking_pairs(reports);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].plain, 1u);
  EXPECT_EQ(pairs[0].thinking, 0u);
  EXPECT_TRUE(pairs[0].comparison.thinking_pair);
  EXPECT_NEAR(pairs[0].comparison.overall.difference, 25, 1e-9);
  EXPECT_EQ(pairs[0].comparison.b.reasoning_tokens_per_response, 600);
  EXPECT_FALSE(pairs[0].comparison.a.reasoning_tokens_per_response);
  const std::vector<Signature> found = signatures_of(reports);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "thinking_gap");
  EXPECT_TRUE(found[0].present);
  EXPECT_EQ(found[0].runs, "B A");
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown}) {
    EXPECT_NE(render(reports, format).find("Thinking against non-thinking"), std::string::npos);
  }
  off.run.spec.params.reasoning.reset();
  EXPECT_TRUE(thinking_pairs({high.report(), off.report()}).empty())
      << "what nobody asked for has no place in the order";
}

TEST(Compare, RanksModelsOnIfevalAndHere) {
  std::vector<Report> reports;
  const auto add = [&](const std::string& model, int here, int there) {
    Fixture inverse =
        run_of(model, [&](std::string_view, int pair, Language) { return pair < here; });
    inverse.run.spec.model = model;
    reports.push_back(inverse.report());
    Fixture ifeval = empty_fixture();
    ifeval.run.spec.model = model;
    for (int i = 0; i < 40; ++i) {
      ifeval.add_sample(std::to_string(i), "", std::nullopt, "?").instructions = {
          {"punctuation:no_comma", "{}"}};
      Verdict verdict = i < there ? Verdict::pass("") : Verdict::fail("");
      verdict.criteria = {{instruction_criterion(0, ifeval.samples.back().instructions[0]),
                           verdict.outcome, "", i < there}};
      ifeval.add_rollout(verdict);
    }
    reports.push_back(ifeval.report());
  };
  add("one", 4, 36);
  add("two", 10, 25);
  add("three", 16, 10);
  const auto ranks = ifeval_ranks(reports);
  ASSERT_TRUE(ranks);
  ASSERT_EQ(ranks->rows.size(), 3u);
  EXPECT_EQ(ranks->rows[0].model, "three");
  EXPECT_EQ(ranks->rows[0].rank_ifeval, 3);
  EXPECT_EQ(ranks->tau, -1);
  ASSERT_TRUE(ranks->interval);
  EXPECT_LT(ranks->interval->high, -0.3);
  const auto found = signatures_of(reports);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "rank_inversion");
  EXPECT_TRUE(found[0].present);
  reports.resize(2);
  EXPECT_FALSE(ifeval_ranks(reports)) << "one model has no order";
}

TEST(Compare, CountsWhereJudgesDifferOnTheSameResponses) {
  Fixture one = weaker();
  Fixture other = better();
  one.run.spec.judge = "openai:strict";
  other.run.spec.judge = "openai:mild";
  EXPECT_FALSE(judge_flips({one.report(), other.report()})) << "responses of their own";
  other.run.spec.rejudged = one.run.id;
  other.rollouts[0].judgement->verdict = Verdict::none(UnscoredReason::unreadable_reply, "?");
  const std::vector<Report> reports = {better().report(), one.report(), other.report()};
  const auto flips = judge_flips(reports);
  ASSERT_TRUE(flips);
  EXPECT_EQ(flips->reports, (std::vector<std::size_t>{1, 2}));
  const JudgeFlips::Pair& pair = flips->pairs[0][1];
  EXPECT_EQ(pair.n, 79) << "what one left open counts for neither";
  EXPECT_EQ(pair.only_first, 0);
  EXPECT_EQ(pair.only_second, 20);
  EXPECT_EQ(flips->pairs[1][0].only_first, 20);
  EXPECT_NE(render(reports, ReportFormat::terminal).find("25.3 %"), std::string::npos);

  Fixture recorded = weaker();
  recorded.run.spec.responses_hash = "h";
  Fixture again = better();
  again.run.spec.responses_hash = "h";
  EXPECT_TRUE(judge_flips({recorded.report(), again.report()}));
}

// All official questions of one language; `passes` of ten pass.
Report official(int passes) {
  Fixture fixture = empty_fixture();
  fixture.run.spec.dataset_format = "official";
  int step = 0;
  for (const InstructionType& type : headline_types()) {
    for (int i = 0; i < type.paper_samples; ++i) {
      fixture.add_sample(fmt::format("{}-{}", type.code, i), type.code, Language::english, "?");
      fixture.add_rollout(step++ % 10 < passes ? Verdict::pass("") : Verdict::fail(""));
    }
  }
  return fixture.report();
}

TEST(Compare, SetsARunAgainstAPublishedRow) {
  const auto found = compare_with_published_row(official(9), "gpt-4.1");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->a.model, "GPT-4.1");
  EXPECT_NEAR(found->overall.share_a, 50.33, 0.011);
  EXPECT_NEAR(found->overall.share_b, 90, 0.3);
  EXPECT_GT(found->overall.low, 30);
  EXPECT_LT(found->overall.high, 48);
  EXPECT_LT(found->overall.p, 1e-9);
  EXPECT_EQ(found->overall.clusters, 0);
  EXPECT_EQ(found->by_type.size(), 8u);
  EXPECT_EQ(found->by_language.size(), 1u);
  EXPECT_GE(found->cautions.size(), 2u);

  const auto wrong = compare_with_published_row(official(9), "GPT-4.2");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("GPT-4.1"), std::string::npos);
  const auto other = compare_with_published_row(weaker().report(), "GPT-4.1");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::bad_input);
}

TEST(Compare, RendersEveryFormatItNames) {
  Fixture hostile = better();
  hostile.run.spec.model = "openai:<b>|`x`\x1b[31m";
  Fixture plain = weaker();
  const auto found = compare_reports(plain.report(), hostile.report());
  ASSERT_TRUE(found);
  for (const ReportFormat format :
       {ReportFormat::terminal, ReportFormat::json, ReportFormat::markdown, ReportFormat::csv}) {
    const auto text = render_comparison(*found, format, {});
    ASSERT_TRUE(text) << to_string(format);
    EXPECT_EQ(text->find('\x1b'), std::string::npos);
    EXPECT_NE(text->find("QC"), std::string::npos);
  }
  EXPECT_EQ(render_comparison(*found, ReportFormat::markdown, {})->find("<b>"), std::string::npos);
  EXPECT_FALSE(render_comparison(*found, ReportFormat::latex, {}));
  const auto json =
      parse_json(*render_comparison(*found, ReportFormat::json, {})).value().as_object();
  EXPECT_EQ(json.at("overall").at("difference").to_number<double>(), 25);
  EXPECT_EQ(json.at("schema").as_int64(), 1);
}

}  // namespace
}  // namespace iie
