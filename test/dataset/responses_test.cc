#include "dataset/responses.h"

#include <gtest/gtest.h>

#include <string>

#include "base/log.h"
#include "dataset/reader.h"
#include "support/shared_files.h"

namespace iie {
namespace {

Dataset three_samples() {
  const auto set = parse_native(
      R"({"schema":1,"id":"a-1","messages":[{"role":"user","content":"First?"}]}
{"schema":1,"id":"a-2","messages":[{"role":"user","content":"Second?"}]}
{"schema":1,"id":"7","messages":[{"role":"user","content":"Second?"}]}
)",
      "three");
  return set ? *set : Dataset{};
}

Result<RecordedResponses> read(std::string_view lines, const ResponsesOptions& options = {}) {
  return parse_responses(lines, "r.jsonl", three_samples(), options);
}

std::string error_of(const Result<RecordedResponses>& result) {
  return result ? "no error" : result.error().message;
}

TEST(Responses, MatchByIdRowAndPrompt) {
  const auto got = read(R"({"id":"a-2","response":"two"}
{"row":0,"response":"one","model":"m"}
{"key":7,"response":"seven"}
{"prompt":" First?\n","response":"one again"}
)",
                        {.uneven = true});
  ASSERT_TRUE(got) << error_of(got);
  ASSERT_EQ(got->records.size(), 4u);
  EXPECT_EQ(got->records[0].sample_id, "a-1");
  EXPECT_EQ(got->records[0].response.text, "one");
  EXPECT_EQ(got->records[0].response.model, "m");
  EXPECT_EQ(got->records[0].rollout, 0);
  EXPECT_EQ(got->records[1].response.text, "one again");
  EXPECT_EQ(got->records[1].rollout, 1);
  EXPECT_EQ(got->records[2].sample, 1u);
  EXPECT_EQ(got->records[3].sample_id, "7");
  EXPECT_EQ(got->rollouts, 2);
  EXPECT_EQ(got->models, std::vector<std::string>{"m"});
  EXPECT_EQ(got->name, "r.jsonl");
}

TEST(Responses, AForeignIdFallsBackToThePrompt) {
  const auto got = read(R"({"id":"theirs","prompt":"First?","response":"x"})");
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->records[0].sample_id, "a-1");
}

TEST(Responses, AResponseThatStandsTwiceIsNoRollout) {
  const std::string once = R"({"id":"a-1","response":"x"}
{"id":"a-2","response":"x"}
{"key":7,"response":"x"}
)";
  EXPECT_EQ(error_of(read(once + R"({"id":"a-2","response":"y"})")),
            "r.jsonl:4: sample 'a-2' has a response on line 2 already, and most samples have 1; "
            "remove one, or number all with \"rollout\"");
  // Two of each are two rollouts, and one that is missing is a gap, not two duplicates.
  EXPECT_EQ(read(once + once)->rollouts, 2);
  EXPECT_EQ(read(once + R"({"id":"a-1","response":"x"}
{"id":"a-2","response":"x"})")
                ->records.size(),
            5u);
  EXPECT_EQ(read(R"({"id":"a-1","response":"x"}
{"id":"a-2","rollout":0,"response":"x"}
{"id":"a-2","rollout":1,"response":"x"})")
                ->rollouts,
            2);
}

TEST(Responses, RefuseWhatAnswersNoSample) {
  EXPECT_EQ(
      error_of(read("{\"id\":\"a-1\",\"response\":\"x\"}\n{\"id\":\"a-3\",\"response\":\"x\"}")),
      "r.jsonl:2: id: the dataset has no sample 'a-3'; did you mean 'a-1'?");
  EXPECT_EQ(error_of(read(R"({"row":3,"response":"x"})")),
            "r.jsonl:1: row: 3 is not in the dataset, whose rows are 0 to 2");
  EXPECT_EQ(error_of(read(R"({"row":-1,"response":"x"})")),
            "r.jsonl:1: row: -1 is not in the dataset, whose rows are 0 to 2");
  EXPECT_EQ(error_of(read(R"({"prompt":"Third?","response":"x"})")),
            "r.jsonl:1: prompt: no sample has the prompt 'Third?'");
  EXPECT_EQ(error_of(read(R"({"prompt":"Second?","response":"x"})")),
            "r.jsonl:1: prompt: several samples have this prompt; name the sample by id");
  EXPECT_EQ(error_of(read(R"({"response":"x"})")),
            "r.jsonl:1: names no sample; expected one of id, uuid, key, task_id, row, prompt");
  EXPECT_NE(error_of(read(R"({"id":"a-1","prompt":"Another?","response":"x"})"))
                .find("is not the prompt of sample 'a-1'"),
            std::string::npos);
}

TEST(Responses, RefuseMistypedRecords) {
  EXPECT_EQ(error_of(read("")), "r.jsonl: holds no responses");
  EXPECT_EQ(error_of(read("[]")), "r.jsonl: holds no responses");
  EXPECT_NE(error_of(read("id,response\n")).find("r.jsonl: is not JSON"), std::string::npos);
  EXPECT_EQ(error_of(read("[3]")), "r.jsonl: row 1: expected an object, got a number");
  EXPECT_EQ(error_of(read(R"({"id":"a-1"})")), "r.jsonl:1: response: missing");
  EXPECT_EQ(error_of(read(R"({"id":"a-1","response":null})")),
            "r.jsonl:1: response: expected a string, got null");
  EXPECT_EQ(error_of(read(R"({"id":"a-1","response":"x","rollout":-1})")),
            "r.jsonl:1: rollout: expected 0 to 99999, got -1");
  EXPECT_EQ(error_of(read(R"({"id":"a-1","response":"x","rollout":"0"})")),
            "r.jsonl:1: rollout: expected a whole number, got a string");
  EXPECT_EQ(error_of(read("{\"id\":\"a-1\",\"response\":\"x\"}\n{\"id\" 2}\n")).substr(0, 15),
            "r.jsonl:2:7: no");
}

// The same rules as for replies of these vendors.
TEST(Responses, UsageIsReadAsItsVendorMeansIt) {
  const auto got = read(
      R"({"id":"a-1","response":"x","usage":{"prompt_tokens":31,"completion_tokens":9,"total_tokens":134,"completion_tokens_details":{"reasoning_tokens":94},"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":8}}}
{"id":"a-2","response":"x","usage":{"input_tokens":12,"output_tokens":80,"cache_read_input_tokens":32,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":5}}}
)");
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->records[0].response.usage, (Usage{31, 103, 94, 6, 8}));
  EXPECT_EQ(got->records[1].response.usage, (Usage{64, 80, std::nullopt, 32, 20, 5}));
}

TEST(Responses, MissingRolloutsTakeTheLowestFreeIndex) {
  const auto got = read(R"({"id":"a-1","response":"p"}
{"id":"a-1","response":"fixed","rollout":0}
{"id":"a-1","response":"q"}
{"id":"a-1","response":"far","rollout":4}
)");
  ASSERT_TRUE(got) << error_of(got);
  ASSERT_EQ(got->records.size(), 4u);
  EXPECT_EQ(got->records[0].response.text, "fixed");
  EXPECT_EQ(got->records[1].response.text, "p");
  EXPECT_EQ(got->records[2].response.text, "q");
  EXPECT_EQ(got->records[3].rollout, 4);
  EXPECT_EQ(got->rollouts, 5);
  EXPECT_EQ(error_of(read(R"({"id":"a-1","response":"p","rollout":1}

{"id":"a-1","response":"p","rollout":1})")),
            "r.jsonl:3: rollout 1 of sample 'a-1' is on line 1 already; number the rollouts");
}

TEST(Responses, KeepReasoningApart) {
  const auto got = read(R"({"id":"a-1","response":"<think>hm</think>yes","finish_reason":"length"}
{"id":"a-2","response":"yes","reasoning":"because"}
)");
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->records[0].response.text, "yes");
  EXPECT_EQ(got->records[0].response.reasoning, "hm");
  EXPECT_EQ(got->records[0].response.finish, FinishReason::length);
  EXPECT_EQ(got->records[1].response.reasoning, "because");
  EXPECT_EQ(got->records[1].response.finish, FinishReason::unknown);
}

TEST(Responses, ReadUsageOfEitherFamily) {
  const auto got = read(
      R"({"id":"a-1","response":"x","usage":{"prompt_tokens":3,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":2}}}
{"id":"a-2","response":"x","usage":{"input_tokens":"three"}}
)");
  ASSERT_TRUE(got) << error_of(got);
  const Usage& usage = got->records[0].response.usage;
  EXPECT_EQ(usage.input_tokens, 3);
  EXPECT_EQ(usage.output_tokens, 5);
  EXPECT_EQ(usage.reasoning_tokens, 2);
  EXPECT_FALSE(usage.cached_tokens);
  EXPECT_EQ(got->records[1].response.usage, Usage{});
}

TEST(Responses, ReadResponsesApiPayloads) {
  const auto got = read(
      R"({"id":"a-1","response":{"model":"m-1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},)"
      R"("output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"thought"}]},)"
      R"({"type":"message","content":[{"type":"output_text","text":"par"},{"type":"output_text","text":"tial"}]}, 3]}})");
  ASSERT_TRUE(got) << error_of(got);
  const Response& response = got->records[0].response;
  EXPECT_EQ(response.text, "partial");
  EXPECT_EQ(response.reasoning, "thought");
  EXPECT_EQ(response.finish, FinishReason::length);
  EXPECT_EQ(response.model, "m-1");
}

TEST(Responses, HashIgnoresTheOrderOfRecordsOnly) {
  const auto hash = [](std::string_view lines) {
    const auto got = read(lines);
    return got ? got->hash : error_of(got);
  };
  const std::string one = R"({"id":"a-1","response":"x"})";
  const std::string two = R"({"id":"a-2","response":"y"})";
  EXPECT_EQ(hash(one + "\n" + two), hash(two + "\n\n" + one));
  EXPECT_EQ(hash(one).size(), 64u);
  EXPECT_NE(hash(one), hash(two));
  EXPECT_NE(hash(one), hash(R"({"id":"a-1","response":"x","model":"m"})"));
  EXPECT_NE(hash(one), hash(R"({"id":"a-1","response":"x","rollout":1})"));
}

TEST(Responses, MarkInvalidUtf8) {
  set_log_level(LogLevel::off);
  const auto got =
      read("{\"id\":\"a-1\",\"response\":\"x\xC3\"}\n{\"id\":\"a-2\",\"response\":\"y\"}");
  set_log_level(LogLevel::warn);
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->records[0].response.text, "x\xEF\xBF\xBD");
  EXPECT_TRUE(got->records[0].response.mended_utf8);
  EXPECT_FALSE(got->records[1].response.mended_utf8);
}

struct Recorded {
  const char* dataset;
  const char* responses;
  std::size_t records;
  int rollouts;
};

class SharedResponses : public testing::TestWithParam<Recorded> {};

TEST_P(SharedResponses, Match) {
  const auto data = test::shared_file(GetParam().dataset);
  const auto file = test::shared_file(GetParam().responses);
  IIE_NEEDS_SHARED(data);
  IIE_NEEDS_SHARED(file);
  const auto set = load_dataset(data);
  ASSERT_TRUE(set) << set.error().message;
  const auto got = load_responses(file, *set);
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->records.size(), GetParam().records);
  EXPECT_EQ(got->rollouts, GetParam().rollouts);
  for (const RecordedResponse& record : got->records) {
    EXPECT_EQ(set->samples[record.sample].id, record.sample_id);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Responses, SharedResponses,
    testing::Values(Recorded{"official_style/dataset.json",
                             "official_style/labelled_responses.jsonl", 16, 2},
                    Recorded{"rubric/example.jsonl", "rubric/example_rollouts.jsonl", 5, 1},
                    Recorded{"ifeval/input_data.jsonl", "ifeval/responses.jsonl", 270, 1},
                    Recorded{"ifbench/input_data.jsonl", "ifbench/responses.jsonl", 147, 1}));

TEST(Responses, RecordedRolloutsKeepModelAndUsage) {
  const auto data = test::shared_file("rubric/example.jsonl");
  const auto file = test::shared_file("rubric/example_rollouts.jsonl");
  IIE_NEEDS_SHARED(data);
  IIE_NEEDS_SHARED(file);
  const auto set = load_dataset(data);
  ASSERT_TRUE(set);
  const auto got = load_responses(file, *set);
  ASSERT_TRUE(got) << error_of(got);
  EXPECT_EQ(got->models, std::vector<std::string>{"gpt-4.1-2025-04-14"});
  for (const RecordedResponse& record : got->records) {
    EXPECT_TRUE(record.response.usage.output_tokens) << record.sample_id;
    EXPECT_EQ(record.response.finish, FinishReason::stop);
    EXPECT_FALSE(record.response.text.empty());
  }
}

}  // namespace
}  // namespace iie
