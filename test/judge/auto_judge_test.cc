#include "judge/auto_judge.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "judge/llm_judge.h"
#include "test/judge/fakes.h"

namespace iie {
namespace {

class FixedJudge final : public Judge {
 public:
  explicit FixedJudge(Result<Judgement> judgement) : judgement_(std::move(judgement)) {}
  const std::string& name() const override { return name_; }
  Async<Result<Judgement>> judge(const Sample&, const Response&, int) override {
    co_return judgement_;
  }

 private:
  std::string name_ = "rules";
  Result<Judgement> judgement_;
};

Judgement undecided(std::vector<CriterionVerdict> criteria) {
  Verdict verdict = Verdict::none(UnscoredReason::needs_judge, "c2 is open");
  verdict.criteria = std::move(criteria);
  return {std::move(verdict), "rules", {}};
}

TEST(AutoJudge, SpendsNoCallWhereRulesDecide) {
  ScriptedJudgeModel model;
  LlmJudge llm(model);
  for (const Verdict& verdict : {Verdict::pass("met"), Verdict::fail("broken")}) {
    FixedJudge rules(Judgement{verdict, "rules", {}});
    AutoJudge judge(rules, &llm);
    const auto judged = run_judge(judge, native_sample(), reply_of("B."));
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->verdict, verdict);
    EXPECT_EQ(judged->judge, "rules");
  }
  EXPECT_TRUE(model.requests.empty());
}

TEST(AutoJudge, AsksTheModelForTheRestAndKeepsWhatRulesDecided) {
  ScriptedJudgeModel model;
  model.script({reply_of("Fine.\n{\"answer_score\": 1}")});
  LlmJudge llm(model);
  FixedJudge rules(undecided(
      {{"c1", Outcome::pass, "rule: found it"}, {"c2", Outcome::unscored, "no check decides it"}}));
  AutoJudge judge(rules, &llm);
  const auto judged = run_judge(judge, native_sample(), reply_of("B."));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.outcome, Outcome::pass);
  EXPECT_EQ(judged->judge, "openai:judge");
  ASSERT_EQ(judged->verdict.criteria.size(), 2u);
  EXPECT_EQ(judged->verdict.criteria[0].reason, "rule: found it");
  EXPECT_EQ(judged->verdict.criteria[1].outcome, Outcome::pass);
  EXPECT_NE(model.requests.at(0).messages.back().content.find("(checked by a program: met)"),
            std::string::npos);
}

TEST(AutoJudge, LeavesTheRestUnscoredWithoutAModel) {
  FixedJudge rules(undecided({}));
  AutoJudge judge(rules, nullptr);
  EXPECT_EQ(judge.name(), "auto");
  const auto judged = run_judge(judge, native_sample(), reply_of("B."));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.unscored, UnscoredReason::needs_judge);
}

TEST(AutoJudge, IsNamedForItsModel) {
  ScriptedJudgeModel model;
  LlmJudge llm(model);
  FixedJudge rules(undecided({}));
  EXPECT_EQ(AutoJudge(rules, &llm).name(), "auto:openai:judge");
}

TEST(AutoJudge, PassesErrorsOn) {
  ScriptedJudgeModel model;
  LlmJudge llm(model);
  FixedJudge rules(fail(ErrorKind::bad_input, "unknown rule"));
  AutoJudge judge(rules, &llm);
  EXPECT_FALSE(run_judge(judge, native_sample(), reply_of("B.")));
  EXPECT_TRUE(model.requests.empty());
}

}  // namespace
}  // namespace iie
