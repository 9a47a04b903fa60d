#include "provider/model_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iie {
namespace {

using testing::HasSubstr;

TEST(ModelSpec, SplitsAtTheFirstColon) {
  EXPECT_EQ(parse_model_spec("openai:gpt-4.1"), (ModelSpec{"openai", "gpt-4.1"}));
  EXPECT_EQ(parse_model_spec("openai:llama3:8b"), (ModelSpec{"openai", "llama3:8b"}));
  EXPECT_EQ(parse_model_spec(" OpenAI : Qwen/Qwen3-8B "), (ModelSpec{"openai", "Qwen/Qwen3-8B"}));
  EXPECT_EQ(parse_model_spec("replay:runs/a.jsonl")->to_string(), "replay:runs/a.jsonl");
}

TEST(ModelSpec, ErrorsSayWhatToWrite) {
  const auto message = [](std::string_view text) {
    const auto spec = parse_model_spec(text);
    if (spec) return std::string("parsed");
    EXPECT_EQ(spec.error().kind, ErrorKind::usage);
    return spec.error().message;
  };
  EXPECT_THAT(message("gpt-4.1"), HasSubstr("openai:gpt-4.1"));
  EXPECT_THAT(message("opanai:gpt-4.1"), HasSubstr("did you mean 'openai'?"));
  EXPECT_THAT(message("telepathy:x"), HasSubstr("known: compatible, openai, "));
  EXPECT_THAT(message("dashscope:qwen-plus"), HasSubstr("that is 'qwen' here"));
  EXPECT_THAT(message("openai:"), HasSubstr("no name behind 'openai:'"));
  EXPECT_THAT(message(""), HasSubstr("PROVIDER:NAME"));
  EXPECT_THAT(message("openai:  "), HasSubstr("no name"));
}

}  // namespace
}  // namespace iie
