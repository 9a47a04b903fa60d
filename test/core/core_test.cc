#include <gtest/gtest.h>

#include <chrono>

#include "core/instruction_type.h"
#include "core/response.h"
#include "core/run.h"
#include "core/sample.h"
#include "core/verdict.h"

namespace iie {
namespace {

constexpr std::string_view kSample =
    R"({"schema":1,"id":"qc-1-en","pair":"qc-1","type":"Question Correction","domain":"Math",)"
    R"("language":"en","messages":[{"role":"user","content":"Which?"}],"reference":"None.",)"
    R"("rubric":[{"id":"c1","kind":"inversion","text":"Says none."},)"
    R"({"id":"c2","kind":"task","text":"Is long.","expected":false}],)"
    R"("checks":[{"rule":"mentions","criterion":"c1","params":{"b":1,"any":["none"]}}],)"
    R"("gold":[{"kind":"compliant","response":"None."}],)"
    R"("twin":{"messages":[{"role":"user","content":"Which one?"}]},)"
    R"("judge_prompt":{"system":"s","user_template":"{response}","format":"pass_fail"},)"
    R"("aggregation":"any","instructions":[{"id":"a:b","kwargs":{"n":1}}],"author":"x"})";

TEST(Sample, ReadsBackAsWritten) {
  const auto sample = sample_from_json(kSample);
  ASSERT_TRUE(sample.has_value()) << sample.error().message;
  EXPECT_EQ(sample->type, "QC");
  EXPECT_EQ(sample->language, Language::english);
  EXPECT_FALSE(sample->question.rubric[1].expected);
  EXPECT_EQ(sample->question.checks[0].params, R"({"any":["none"],"b":1})");
  const auto again = sample_from_json(sample_to_json(*sample));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(*again, *sample);
  EXPECT_EQ(sample_hash(*again), sample_hash(*sample));
}

TEST(Sample, AnIdThatIsANumberStaysOne) {
  const std::string line =
      R"({"schema":1,"id":1000,"messages":[{"role":"user","content":"Which?"}]})";
  const auto sample = sample_from_json(line);
  ASSERT_TRUE(sample.has_value()) << sample.error().message;
  EXPECT_EQ(sample->id, "1000");
  EXPECT_TRUE(sample->numeric_id);
  EXPECT_EQ(sample_to_json(*sample), line);
  Sample text = *sample;
  text.numeric_id = false;
  EXPECT_NE(sample_to_json(text).find(R"("id":"1000")"), std::string::npos);
  EXPECT_FALSE(sample_from_json(sample_to_json(text))->numeric_id);
  // As large as JSON's readers take whole numbers.
  text.id = "18446744073709551615";
  text.numeric_id = true;
  EXPECT_EQ(sample_from_json(sample_to_json(text))->id, text.id);
}

struct BadSample {
  std::string from;
  std::string to;
  std::string message;
};

class SampleErrors : public testing::TestWithParam<BadSample> {};

TEST_P(SampleErrors, NameTheField) {
  std::string json(kSample);
  const std::size_t at = json.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  json.replace(at, GetParam().from.size(), GetParam().to);
  const auto sample = sample_from_json(json);
  ASSERT_FALSE(sample.has_value());
  EXPECT_EQ(sample.error().kind, ErrorKind::bad_input);
  EXPECT_NE(sample.error().message.find(GetParam().message), std::string::npos)
      << sample.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, SampleErrors,
    testing::Values(
        BadSample{R"("schema":1)", R"("schema":2)", "schema: this version reads schema 1, not 2"},
        BadSample{R"("id":"qc-1-en")", R"("id":[7])", "id: expected a string, got an array"},
        BadSample{R"("type":"Question Correction")", R"("type":"Question Corection")",
                  "did you mean 'Question Correction'?"},
        BadSample{R"("language":"en")", R"("language":"englsh")", "did you mean 'english'?"},
        BadSample{R"("criterion":"c1")", R"("criterion":"c9")",
                  "checks[0].criterion: the rubric has no criterion 'c9'"},
        BadSample{R"("kind":"task")", R"("kind":"tusk")", "rubric[1].kind: unknown value 'tusk'"},
        BadSample{R"("id":"c2")", R"("id":"c1")", "rubric[1].id: 'c1' is used twice"},
        BadSample{R"("role":"user","content":"Which?")", R"("role":"assistant","content":"Which?")",
                  "messages: the last message must be the user's"},
        BadSample{R"("gold":)", R"("complete":true,"gold":)",
                  "complete: is true, but no check decides criterion 'c2'"},
        BadSample{R"("author":"x")", R"("auther":"x")", "did you mean 'author'?"},
        BadSample{R"("twin":{"messages":[{"role":"user","content":"Which one?"}]})",
                  R"("twin":{"messages":[]})", "twin.messages: missing or empty"},
        BadSample{R"("format":"pass_fail")", R"("format":"stars")",
                  "judge_prompt.format: unknown value 'stars'"}));

TEST(DatasetHash, DependsOnContentAndOrderOnly) {
  Sample a;
  a.id = "a";
  Sample b;
  b.id = "b";
  EXPECT_EQ(dataset_hash({a, b}), dataset_hash({a, b}));
  EXPECT_NE(dataset_hash({a, b}), dataset_hash({b, a}));
  b.question.reference = "x";
  EXPECT_NE(dataset_hash({a, b}), dataset_hash({a, Sample{.id = "b"}}));
}

TEST(InstructionTypes, AreThePapersEightWithItsCounts) {
  std::string codes;
  int samples = 0;
  for (const InstructionType& type : headline_types()) {
    codes += type.code + ' ';
    samples += type.paper_samples;
  }
  EXPECT_EQ(codes, "QC ITF CC CCF DIA II MIM CA ");
  EXPECT_EQ(samples, 506);
  EXPECT_EQ(domains().size(), 23u);
}

TEST(InstructionTypes, FurtherOnesStandBehindTheEightAndInNoOverall) {
  std::string codes;
  for (const InstructionType& type : instruction_types()) codes += type.code + ' ';
  EXPECT_EQ(codes, "QC ITF CC CCF DIA II MIM CA TC TS PT ");
  for (const char* code : {"TC", "TS", "PT"}) {
    EXPECT_FALSE(is_headline(code)) << code;
    EXPECT_EQ(find_instruction_type(code)->paper_samples, 0) << code;
  }
  // Whatever a dataset of one's own calls its types, it has an overall score.
  for (const char* code : {"QC", "CA", "", "(none)", "mine"})
    EXPECT_TRUE(is_headline(code)) << code;
  EXPECT_EQ(parse_instruction_type("persistence across turns").value_or("?"), "PT");
}

TEST(InstructionTypes, AreKnownByCodeAndByName) {
  for (const char* name :
       {"ccf", "Counter-Conventional Formatting", "counter conventional formatting"}) {
    EXPECT_EQ(parse_instruction_type(name).value_or("?"), "CCF") << name;
  }
  EXPECT_EQ(parse_instruction_type("Counterfactual Answering (explicit constraints)").value(),
            "CA");
  EXPECT_FALSE(parse_instruction_type("").has_value());
}

struct Thought {
  std::string raw;
  std::string answer;
  std::string reasoning;
};

// Milliseconds when each tag is looked for once, minutes when the rest is searched again for each.
TEST(Response, ManyClosingTagsTakeLinearTime) {
  Response response;
  for (int i = 0; i < 200'000; ++i) response.text += "<think></think>";
  response.text += "answer";
  const auto start = std::chrono::steady_clock::now();
  split_reasoning(response);
  EXPECT_TRUE(response.text == "answer");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

class SplitReasoning : public testing::TestWithParam<Thought> {};

TEST_P(SplitReasoning, KeepsThinkingApart) {
  Response response;
  response.text = GetParam().raw;
  split_reasoning(response);
  EXPECT_EQ(response.text, GetParam().answer);
  EXPECT_EQ(response.reasoning, GetParam().reasoning);
}

INSTANTIATE_TEST_SUITE_P(
    All, SplitReasoning,
    testing::Values(Thought{"plain  ", "plain  ", ""}, Thought{"<think>a</think>\n\nb", "b", "a"},
                    Thought{"a</think>b", "b", "a"}, Thought{"\n<think>cut off", "", "cut off"},
                    Thought{"<think>a</think><think>c</think>b", "b", "a\n\nc"},
                    Thought{"The tag <think>x</think> marks thinking.",
                            "The tag <think>x</think> marks thinking.", ""},
                    Thought{"<think></think>b", "b", ""}, Thought{"", "", ""},
                    Thought{"[THINK]a[/THINK]b", "b", "a"}, Thought{"[THINK]cut", "", "cut"},
                    Thought{"<seed:think>a</think></seed:think>\nb", "b", "a</think>"},
                    Thought{"\u25C1think\u25B7a\u25C1/think\u25B7b", "b", "a"},
                    Thought{"a[/THINK]b", "a[/THINK]b", ""}, Thought{"\n</think>\n\nb", "b", ""},
                    Thought{"<think>a</think>\n</think>b", "b", "a"}));

TEST(Response, ATagBehindReasoningOfItsOwnIsPartOfTheAnswer) {
  Response response;
  response.reasoning = "sent in a field";
  response.text = "int x; // a comment\nThe tag </think> closes it.";
  const std::string text = response.text;
  split_reasoning(response);
  EXPECT_EQ(response.text, text);
  EXPECT_FALSE(response.unpaired_reasoning);
}

TEST(Response, AClosingTagThatNothingPrecedesIsNoPartOfTheAnswer) {
  Response response;
  response.reasoning = "sent in a field";
  response.text = "\n</think>\n\nThe answer.";
  split_reasoning(response);
  EXPECT_EQ(response.text, "The answer.");
  EXPECT_EQ(response.reasoning, "sent in a field");
}

TEST(Response, BlankIsUnicodeWhiteSpaceOnly) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \n\t\u3000\u200B\uFEFF\u00A0"));
  EXPECT_FALSE(is_blank("\u3000。"));
  EXPECT_FALSE(is_blank("\xff"));
}

TEST(Usage, SumsWhatIsKnown) {
  Usage sum;
  sum += Usage{.output_tokens = 3};
  sum += Usage{.input_tokens = 1, .output_tokens = 2};
  EXPECT_EQ(sum, (Usage{.input_tokens = 1, .output_tokens = 5}));
}

TEST(Run, SpecReadsBackAndItsKeyIgnoresTheFilesPlace) {
  RunSpec spec;
  spec.model = "replay:x";
  spec.params.temperature = 0.1;
  spec.params.system_prompt = "";
  spec.rollouts = 6;
  spec.responses_file = "a.jsonl";
  spec.left_out = 12;
  spec.left_out_first = {"1001", "x,\"y"};
  const auto back = run_spec_from_json(run_spec_to_json(spec));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(*back, spec);
  RunSpec moved = spec;
  moved.responses_file = "b.jsonl";
  EXPECT_EQ(run_key(moved), run_key(spec));
  moved.left_out = 0;
  EXPECT_NE(run_key(moved), run_key(spec));  // another statement about another selection
  moved = spec;
  moved.rollouts = 5;
  EXPECT_NE(run_key(moved), run_key(spec));
}

TEST(Run, ReasoningAndProfilesArePartOfTheKeyAndLeaveOldKeysAsTheyWere) {
  RunSpec spec;
  spec.model = "openai:m";
  // Written before these fields were: what is absent adds nothing.
  EXPECT_EQ(run_spec_to_json(spec), R"({"model":"openai:m","rollouts":1})");
  for (const char* text : {"off", "low", "medium", "high", "auto", "budget:4096"}) {
    RunSpec other = spec;
    other.params.reasoning = reasoning_from(text);
    ASSERT_TRUE(other.params.reasoning) << text;
    EXPECT_EQ(to_string(*other.params.reasoning), text);
    EXPECT_NE(run_key(other), run_key(spec));
    const auto back = run_spec_from_json(run_spec_to_json(other));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, other);
  }
  RunSpec other = spec;
  other.model_profile = "ab12";
  other.judge_profile = "cd34";
  EXPECT_NE(run_key(other), run_key(spec));
  EXPECT_EQ(run_spec_from_json(run_spec_to_json(other)), other);
  EXPECT_FALSE(run_spec_from_json(R"({"model":"m","params":{"reasoning":"huge"}})"));
}

TEST(Run, ReasoningIsReadStrictly) {
  for (const char* text : {"", "none", "High", "budget", "budget:", "budget:0", "budget:-1",
                           "budget:1k", "budget:01", "budget:9999999999", "off "}) {
    EXPECT_EQ(reasoning_from(text), std::nullopt) << text;
  }
}

TEST(Run, JudgeCallsAndCriteriaReadBack) {
  const std::vector<JudgeCall> calls = {{.criterion = "c1",
                                         .reply = "r\"\n",
                                         .usage = {.input_tokens = 3},
                                         .latency = std::chrono::milliseconds(5),
                                         .readable = false},
                                        {.reply = "x"}};
  EXPECT_EQ(judge_calls_from_json(judge_calls_to_json(calls)), calls);
  const std::vector<CriterionVerdict> criteria = {{"c1", Outcome::fail, "why"},
                                                  {"c2", Outcome::unscored, ""},
                                                  {"1:a:b", Outcome::fail, "not", true},
                                                  {"2:a:b", Outcome::pass, "", false}};
  EXPECT_EQ(criteria_from_json(criteria_to_json(criteria)), criteria);
}

}  // namespace
}  // namespace iie
