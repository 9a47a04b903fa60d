#include "judge/judge_spec.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

TEST(JudgeSpec, ReadsEveryFormAndWritesItBack) {
  for (const char* text :
       {"rules", "auto", "auto:openai:gpt-4.1", "openai:gpt-4.1", "openai:org/model:free"}) {
    const auto spec = parse_judge_spec(text);
    ASSERT_TRUE(spec) << text;
    EXPECT_EQ(spec->to_string(), text);
  }
  const auto spec = parse_judge_spec("auto:openai:m:1");
  EXPECT_EQ(spec->kind, JudgeSpec::Kind::automatic);
  EXPECT_EQ(spec->dialect, "openai");
  EXPECT_EQ(spec->model, "m:1");
  EXPECT_EQ(spec->llm(), "openai:m:1");
  EXPECT_FALSE(parse_judge_spec("auto")->has_llm());
}

TEST(JudgeSpec, AMatrixIsAFileOrPresetWithAModelForItsOpenCells) {
  for (const char* text : {"matrix:open=openai:gpt-4.1", "auto:matrix:judges/mine.yaml",
                           "matrix:dataset=openai:org/model:free"}) {
    const auto spec = parse_judge_spec(text);
    ASSERT_TRUE(spec) << text;
    EXPECT_EQ(spec->to_string(), text);
    EXPECT_TRUE(spec->several());
    EXPECT_FALSE(spec->one_model());
  }
  EXPECT_EQ(parse_judge_spec("matrix:open=openai:m")->matrix_model, "openai:m");
  EXPECT_EQ(parse_judge_spec("matrix:open=openai:m")->matrix, "open");
  EXPECT_FALSE(parse_judge_spec("matrix:"));
  EXPECT_FALSE(parse_judge_spec("matrix:=openai:m"));
  EXPECT_FALSE(parse_judge_spec("matrix:open=m"));
}

TEST(JudgeSpec, APanelHasMembersARuleAndATieBreaker) {
  const auto spec = parse_judge_spec("panel:openai:a, openai:b:1");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->panel, (std::vector<std::string>{"openai:a", "openai:b:1"}));
  EXPECT_EQ(spec->rule, PanelRule::majority);
  EXPECT_EQ(spec->to_string(), "panel:majority:openai:a,openai:b:1");
  const char* full = "auto:panel:unanimous:openai:a,openai:b,tie:openai:c";
  EXPECT_EQ(parse_judge_spec(full)->to_string(), full);
  EXPECT_EQ(parse_judge_spec(full)->tie_breaker, "openai:c");
  for (const char* text :
       {"panel:openai:a", "panel:", "panel:openai:a,openai:a", "panel:openai:a,b",
        "panel:openai:a,openai:b,tie:c", "panel:openai:a,openai:b,tie:openai:c,tie:openai:d"}) {
    const auto refused = parse_judge_spec(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  }
}

TEST(JudgeSpec, SuggestsTheNearestMatch) {
  const auto message = [](std::string_view text) {
    const auto spec = parse_judge_spec(text);
    EXPECT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().kind, ErrorKind::usage);
    return spec ? std::string() : spec.error().message;
  };
  EXPECT_NE(message("rule").find("did you mean 'rules'?"), std::string::npos);
  EXPECT_NE(message("opnai:x").find("did you mean 'openai'?"), std::string::npos);
  EXPECT_NE(message("auto:opnai:x").find("did you mean 'openai'?"), std::string::npos);
  EXPECT_NE(message("atuo:openai:x").find("did you mean 'auto'?"), std::string::npos);
  EXPECT_NE(message("openai").find("names no model"), std::string::npos);
  EXPECT_NE(message("openai: ").find("names no model"), std::string::npos);
  EXPECT_NE(message("auto:openai:").find("names no model"), std::string::npos);
  EXPECT_NE(message("auto:gpt-4.1").find("expected rules, auto, openai:MODEL"), std::string::npos);
  EXPECT_NE(message("").find("expected rules"), std::string::npos);
}

}  // namespace
}  // namespace iie
