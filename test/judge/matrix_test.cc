#include "judge/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/instruction_type.h"
#include "judge/rule_judge.h"
#include "test/judge/fakes.h"

namespace iie {
namespace {

using testing::HasSubstr;

Result<std::string> no_file(const std::string& name) {
  return fail(ErrorKind::not_found, name + ": no such file");
}

Result<JudgeMatrix> matrix(std::string_view yaml, const std::string& model = "") {
  return load_matrix(yaml, "m.yaml", model, no_file);
}

std::string error(std::string_view yaml, const std::string& model = "") {
  const auto loaded = matrix(yaml, model);
  if (loaded) return "loaded";
  EXPECT_EQ(loaded.error().kind, ErrorKind::bad_input);
  return loaded.error().message;
}

Sample sample_of(std::string type, std::optional<Language> language) {
  Sample sample = native_sample();
  sample.id = type + "-1";
  sample.type = std::move(type);
  sample.language = language;
  return sample;
}

constexpr const char* kTwo = R"(schema: 1
judges:
  strict: {model: "openai:strict", temperature: none, max_tokens: 500, structured: true}
  fast: {model: "openai:fast", base_url: "http://localhost:1/v1"}
cells:
  - type: [QC, CC]
    judge: strict
  - type: QC
    language: chinese
    judge: fast
    system: none
    aggregation: any
  - type: MIM
    panel: [strict, fast]
    rule: unanimous
    tie_breaker: strict
)";

TEST(JudgeMatrix, TheBestFittingCellJudges) {
  const auto loaded = matrix(kTwo);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->find("QC", Language::english)->judges, std::vector<std::string>{"strict"});
  EXPECT_EQ(loaded->find("QC", Language::chinese)->judges, std::vector<std::string>{"fast"});
  EXPECT_EQ(loaded->find("QC", std::nullopt)->judges, std::vector<std::string>{"strict"});
  EXPECT_EQ(loaded->find("MIM", Language::chinese)->rule, PanelRule::unanimous);
  EXPECT_EQ(loaded->find("CA", Language::english), nullptr);
  const MatrixCell& chinese = *loaded->find("QC", Language::chinese);
  EXPECT_EQ(chinese.system, "");
  EXPECT_EQ(chinese.aggregation, Aggregation::any);
}

TEST(JudgeMatrix, AJudgesOwnParametersGoBeforeTheRuns) {
  const auto loaded = matrix(kTwo);
  ASSERT_TRUE(loaded);
  const GenerationParams run = {.temperature = 0.0, .max_tokens = 16'384};
  const LlmJudgeOptions strict = loaded->options(*loaded->find("QC", {}), "strict", run);
  EXPECT_EQ(strict.params.temperature, std::nullopt);
  EXPECT_EQ(strict.params.max_tokens, 500);
  EXPECT_TRUE(strict.structured);
  const LlmJudgeOptions fast = loaded->options(loaded->cells()[2], "fast", run);
  EXPECT_EQ(fast.params, run);
}

TEST(JudgeMatrix, MissingCellsAreNamedAllAtOnce) {
  const auto loaded = matrix(kTwo);
  ASSERT_TRUE(loaded);
  const std::vector<Sample> samples = {sample_of("QC", Language::english),
                                       sample_of("CA", Language::chinese),
                                       sample_of("II", Language::english)};
  const auto checked = loaded->check(samples);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "the judge matrix has no cell for CA chinese, II english");
  EXPECT_TRUE(loaded->check(std::span(samples).first(1)));
}

TEST(JudgeMatrix, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error("cells: []"), HasSubstr("m.yaml:1: expected 'schema: 1'"));
  EXPECT_THAT(error("schema: 1\ncells: []"), HasSubstr("at least one cell"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - type: any"), HasSubstr("names no judge"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: any, judge: nobody}"),
              HasSubstr("m.yaml:3: there is no judge 'nobody'"));
  EXPECT_THAT(error("schema: 1\njudges: {strict: {model: 'openai:x'}}\ncells:\n"
                    "  - {type: any, judge: strct}"),
              HasSubstr("did you mean 'strict'?"));
  EXPECT_THAT(error("schema: 1\njudges: {a: {modl: x}}\ncells: []"),
              HasSubstr("did you mean 'model'?"));
  EXPECT_THAT(error("schema: 1\njudges: {a: {model: x}}\ncells: []"),
              HasSubstr("expected DIALECT:MODEL"));
  EXPECT_THAT(error("schema: 1\njudges: {a: {model: 'openai:x', temperature: 9}}\ncells: []"),
              HasSubstr("'temperature': expected a number from 0 to 2"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QX, judge: 'openai:x'}"), HasSubstr("QX"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, judge: 'openai:x'}\n"
                    "  - {type: [CC, QC], judge: 'openai:x'}"),
              HasSubstr("m.yaml:4: a second cell for QC"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, panel: ['openai:x']}"),
              HasSubstr("at least two"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, panel: ['openai:x', 'openai:x']}"),
              HasSubstr("stands twice"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, judge: 'openai:x', rule: any}"),
              HasSubstr("'rule' is for panels"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, judge: 'openai:x', prompts: gone.yaml}"),
              HasSubstr("gone.yaml: no such file"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, judge: 'openai:x', user: '{respons}', "
                    "format: answer_score}"),
              HasSubstr("did you mean '{response}'?"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: QC, judge: 'openai:x', user: '{response}'}"),
              HasSubstr("a prompt has no 'format'"));
  EXPECT_THAT(error("schema: 1\ncells: [{type: QC, judge: 'openai:x', aggregation: sum}]"),
              HasSubstr("unknown aggregation 'sum'"));
  EXPECT_THAT(error("a: [b"), HasSubstr("m.yaml:"));
  EXPECT_THAT(error("schema: 1\ncells:\n  - {type: any, judge: 'openai:\x8E'}"),
              HasSubstr("is not UTF-8"));
}

TEST(JudgeMatrix, NamesAFileOnOneLineWhateverItIsCalled) {
  const auto loaded =
      load_matrix("schema: 1\ncells:\n  - {type: any, prompts: \"my\\nfile\"}\n", "m.yaml",
                  "openai:x", [](const std::string&) -> Result<std::string> { return "{}"; });
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "my file:1: expected 'schema: 1'");
}

TEST(JudgeMatrix, ReadsBackFromWhatARunStores) {
  const std::map<std::string, std::string> files = {
      {"mine.yaml",
       "schema: 1\nprompts:\n  - {type: any, format: answer_score, user: '{response}'}"}};
  const auto loaded =
      load_matrix("schema: 1\ncells:\n  - {type: QC, prompts: mine.yaml}\n  - {type: CC}\n",
                  "m.yaml", "openai:given",
                  [&](const std::string& name) -> Result<std::string> { return files.at(name); });
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto again = matrix_from_json(loaded->source());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->source(), loaded->source());
  EXPECT_EQ(again->cells()[0].prompts.hash(), loaded->cells()[0].prompts.hash());
  EXPECT_FALSE(again->cells()[0].dataset_prompts);
  EXPECT_EQ(again->judges().begin()->second.model, "openai:given");
  std::string other = loaded->source();
  other[other.find("\"embedded\":\"") + 12] ^= 1;
  EXPECT_THAT(matrix_from_json(other).error().message, HasSubstr("prompts that come with"));
}

TEST(JudgeMatrix, EveryPresetCoversEveryTypeAndLanguage) {
  for (const std::string& preset : matrix_presets()) {
    std::vector<Sample> samples;
    // The official set's card is about the eight types that this set has.
    for (const auto& type : preset == "card" ? headline_types() : instruction_types()) {
      for (const Language language : kLanguages) samples.push_back(sample_of(type.code, language));
    }
    const auto loaded = load_matrix_preset(preset, "openai:x");
    ASSERT_TRUE(loaded) << preset << ": " << loaded.error().message;
    EXPECT_TRUE(loaded->check(samples)) << preset;
    EXPECT_TRUE(matrix_from_json(loaded->source())) << preset;
  }
  EXPECT_THAT(load_matrix_preset("opn", "openai:x").error().message,
              HasSubstr("did you mean 'open'?"));
  const auto card = load_matrix_preset("card", "");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->judges().size(), 5u);
  EXPECT_EQ(card->find("CCF", {})->judges, std::vector<std::string>{"o4-mini-high"});
  EXPECT_EQ(card->find("II", {})->judges, std::vector<std::string>{"deepseek-v3-0324"});
}

TEST(JudgeMatrix, FingerprintsTellJudgesApartAndNothingElse) {
  const std::vector<Sample> samples = {sample_of("QC", Language::english),
                                       sample_of("QC", Language::chinese)};
  const GenerationParams run = {.temperature = 0.0};
  const auto cells = [&](std::string_view yaml, bool automatic = false) {
    return matrix(yaml)->judge_cells(samples, automatic, run);
  };
  const auto base = cells("schema: 1\ncells: [{type: any, judge: 'openai:x'}]");
  ASSERT_EQ(base.size(), 2u);
  EXPECT_EQ(base[0].language, Language::english);
  EXPECT_EQ(base[0].judge, "openai:x");
  EXPECT_NE(base[0].fingerprint, base[1].fingerprint) << "each language has its own prompts";
  EXPECT_EQ(base, cells("# another file\nschema: 1\njudges: {j: {model: 'openai:x', base_url: "
                        "'http://elsewhere/v1'}}\ncells: [{type: QC, judge: j}]"));
  EXPECT_EQ(matrix_of("openai:x", default_prompt_set()).judge_cells(samples, false, run), base);
  EXPECT_EQ(cells("schema: 1\ncells: [{type: any, judge: 'openai:x'}]", true)[0].judge,
            "auto:openai:x");
  for (const char* other : {"schema: 1\ncells: [{type: any, judge: 'openai:y'}]",
                            "schema: 1\ncells: [{type: any, judge: 'openai:x', prompts: criteria}]",
                            "schema: 1\ncells: [{type: any, judge: 'openai:x', system: none}]",
                            "schema: 1\njudges: {j: {model: 'openai:x', temperature: 1}}\ncells: "
                            "[{type: QC, judge: j}]",
                            "schema: 1\ncells: [{type: any, panel: ['openai:x', 'openai:y']}]"}) {
    EXPECT_NE(cells(other)[0].fingerprint, base[0].fingerprint) << other;
  }
  EXPECT_NE(cells("schema: 1\ncells: [{type: any, judge: 'openai:x'}]", true)[0].fingerprint,
            base[0].fingerprint);
  // A further sample of the cell, asked about one criterion at a time, is judged by the same judge.
  std::vector<Sample> more = samples;
  more.push_back(sample_of("QC", Language::english));
  more.back().question.rubric[0].expected = false;
  EXPECT_EQ(matrix_of("openai:x", default_prompt_set()).judge_cells(more, false, run), base);
}

TEST(MatrixJudge, AsksTheModelOfTheCellWithItsPrompt) {
  const auto loaded = matrix(R"(schema: 1
judges: {one: {model: "openai:one"}, two: {model: "openai:two"}}
cells:
  - {type: QC, judge: one, user: "one {response}", format: answer_score, system: "be one"}
  - {type: CC, panel: [one, two], user: "both {response}", format: answer_score}
)");
  ASSERT_TRUE(loaded) << loaded.error().message;
  std::map<std::string, ScriptedJudgeModel> models;
  for (auto& [name, judge] : loaded->judges()) {
    models[name].answer = [](const GenerateRequest&) -> Result<Response> {
      return reply_of("{\"answer_score\": 1}");
    };
  }
  MatrixJudge judge("matrix:m.yaml", *loaded, {},
                    [&](const std::string& name) -> Provider& { return models.at(name); });
  auto judged = run_judge(judge, sample_of("QC", Language::english), reply_of("the answer"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.outcome, Outcome::pass);
  ASSERT_EQ(models.at("one").requests.size(), 1u);
  EXPECT_EQ(models.at("one").requests[0].messages,
            (std::vector<Message>{{Role::system, "be one"}, {Role::user, "one the answer"}}));
  EXPECT_TRUE(models.at("two").requests.empty());

  judged = run_judge(judge, sample_of("CC", Language::english), reply_of("the answer"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->verdict.members.size(), 2u);
  EXPECT_EQ(models.at("two").requests.size(), 1u);
  EXPECT_FALSE(run_judge(judge, sample_of("CA", Language::english), reply_of("the answer")));
}

}  // namespace
}  // namespace iie
