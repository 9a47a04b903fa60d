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
