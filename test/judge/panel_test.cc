#include "judge/panel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "test/judge/fakes.h"

namespace iie {
namespace {

using enum Outcome;

class FixedModelJudge final : public ModelJudge {
 public:
  FixedModelJudge(std::string name, Result<Judgement> judgement)
      : name_(std::move(name)), judgement_(std::move(judgement)) {}
  const std::string& name() const override { return name_; }
  Async<Result<Judgement>> judge_rest(const Sample&, const Response&, int,
                                      std::vector<CriterionVerdict>) override {
    ++asked;
    co_return judgement_;
  }
  int asked = 0;

 private:
  std::string name_;
  Result<Judgement> judgement_;
};

FixedModelJudge says(const std::string& name, Outcome outcome,
                     UnscoredReason why = UnscoredReason::unreadable_reply) {
  Judgement judgement;
  judgement.verdict.outcome = outcome;
  if (outcome == unscored) judgement.verdict.unscored = why;
  judgement.verdict.reason = name + " says so";
  judgement.verdict.criteria = {{"c1", outcome, name}};
  judgement.judge = name;
  judgement.calls = {{.judge = name, .reply = "reply of " + name}};
  return {name, std::move(judgement)};
}

TEST(PanelRule, WhatTheMembersSettle) {
  const auto of = [](PanelRule rule, std::vector<Outcome> members) {
    return panel_outcome(rule, members);
  };
  using enum PanelRule;
  EXPECT_EQ(of(majority, {pass, pass, fail}), pass);
  EXPECT_EQ(of(majority, {fail, pass, fail}), fail);
  EXPECT_EQ(of(majority, {pass, fail}), std::nullopt);
  EXPECT_EQ(of(majority, {pass, unscored, unscored}), std::nullopt)
      << "one of three is no majority";
  EXPECT_EQ(of(majority, {pass, pass, unscored}), pass);
  EXPECT_EQ(of(unanimous, {pass, pass}), pass);
  EXPECT_EQ(of(unanimous, {pass, fail}), fail);
  EXPECT_EQ(of(unanimous, {pass, unscored}), std::nullopt);
  EXPECT_EQ(of(unanimous, {fail, unscored}), fail);
  EXPECT_EQ(of(any, {pass, unscored}), pass);
  EXPECT_EQ(of(any, {fail, unscored}), std::nullopt);
  EXPECT_EQ(of(any, {fail, fail}), fail);
}

TEST(PanelJudge, KeepsEveryMembersVerdictAndCalls) {
  FixedModelJudge a = says("a", fail);
  FixedModelJudge b = says("b", pass);
  FixedModelJudge c = says("c", pass);
  PanelJudge panel("panel", {&a, &b, &c}, {});
  const auto judged = run_judge(panel, native_sample(), reply_of("text"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.outcome, pass);
  EXPECT_EQ(judged->judge, "panel");
  EXPECT_EQ(judged->verdict.members,
            (std::vector<MemberVerdict>{{"a", fail, UnscoredReason::none, "a says so"},
                                        {"b", pass, UnscoredReason::none, "b says so"},
                                        {"c", pass, UnscoredReason::none, "c says so"}}));
  EXPECT_EQ(judged->calls.size(), 3u);
  EXPECT_EQ(judged->verdict.criteria.front().reason, "b") << "of the first that says the same";
  EXPECT_EQ(judged->verdict.reason, "2 of 3 judges pass it; b: b says so");
}

TEST(PanelJudge, ATieGoesToTheTieBreaker) {
  FixedModelJudge a = says("a", fail);
  FixedModelJudge b = says("b", pass);
  {
    PanelJudge panel("panel", {&a, &b}, {});
    const auto judged = run_judge(panel, native_sample(), reply_of("text"));
    EXPECT_EQ(judged->verdict.outcome, unscored);
    EXPECT_EQ(judged->verdict.unscored, UnscoredReason::panel_undecided);
  }
  {
    PanelJudge panel("panel", {&a, &b}, {.tie_member = 0});
    const auto judged = run_judge(panel, native_sample(), reply_of("text"));
    EXPECT_EQ(judged->verdict.outcome, fail);
    EXPECT_THAT(judged->verdict.reason, testing::HasSubstr("so a decides"));
    EXPECT_EQ(judged->verdict.members.size(), 2u);
  }
  FixedModelJudge c = says("c", pass);
  PanelJudge panel("panel", {&a, &b}, {.tie_breaker = &c});
  const auto judged = run_judge(panel, native_sample(), reply_of("text"));
  EXPECT_EQ(judged->verdict.outcome, pass);
  EXPECT_EQ(judged->verdict.members.size(), 3u);
  EXPECT_EQ(judged->calls.size(), 3u);
  EXPECT_EQ(c.asked, 1);
}

TEST(PanelJudge, ATieBreakerIsAskedOnlyThen) {
  FixedModelJudge a = says("a", fail);
  FixedModelJudge b = says("b", fail);
  FixedModelJudge c = says("c", pass);
  PanelJudge panel("panel", {&a, &b}, {.tie_breaker = &c});
  EXPECT_EQ(run_judge(panel, native_sample(), reply_of("text"))->verdict.outcome, fail);
  EXPECT_EQ(c.asked, 0);
}

TEST(PanelJudge, AFailedCallIsLeftToResumeUnlessTheOthersDecide) {
  FixedModelJudge down = says("down", unscored, UnscoredReason::judge_failed);
  FixedModelJudge b = says("b", pass);
  FixedModelJudge c = says("c", pass);
  {
    PanelJudge panel("panel", {&down, &b}, {.tie_member = 1});
    const auto judged = run_judge(panel, native_sample(), reply_of("text"));
    EXPECT_EQ(judged->verdict.unscored, UnscoredReason::judge_failed);
    EXPECT_THAT(judged->verdict.reason, testing::HasSubstr("down says so"));
  }
  PanelJudge panel("panel", {&down, &b, &c}, {});
  EXPECT_EQ(run_judge(panel, native_sample(), reply_of("text"))->verdict.outcome, pass);
}

TEST(PanelJudge, BlankResponsesNeedNoCallAndErrorsStop) {
  FixedModelJudge a = says("a", fail);
  FixedModelJudge broken("broken", std::unexpected(Error{ErrorKind::auth, "no key"}));
  PanelJudge panel("panel", {&a, &broken}, {});
  EXPECT_EQ(run_judge(panel, native_sample(), reply_of("  "))->judge, "blank");
  EXPECT_EQ(a.asked, 0);
  const auto judged = run_judge(panel, native_sample(), reply_of("text"));
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().kind, ErrorKind::auth);
}

}  // namespace
}  // namespace iie
