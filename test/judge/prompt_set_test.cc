#include "judge/prompt_set.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "judge/verdict_parser.h"
#include "test/judge/fakes.h"

namespace iie {
namespace {

std::string error_of(std::string_view yaml) {
  const auto loaded = load_prompt_set(yaml, "p.yaml");
  if (loaded) return "loaded";
  EXPECT_EQ(loaded.error().kind, ErrorKind::bad_input);
  return loaded.error().message;
}

TEST(DefaultPromptSet, JudgesEveryTypeInBothLanguages) {
  for (const InstructionType& type : instruction_types()) {
    for (const Language language : kLanguages) {
      const auto* entry = default_prompt_set().find(type.code, language, false);
      ASSERT_NE(entry, nullptr);
      EXPECT_EQ(entry->language, language);
      EXPECT_EQ(entry->type, type.code);
    }
  }
  for (const Language language : kLanguages) {
    EXPECT_NE(default_prompt_set().find("", language, false), nullptr);
    EXPECT_NE(default_prompt_set().find("", language, true), nullptr);
  }
}

TEST(DefaultPromptSet, DelimitsTheResponse) {
  for (const auto& entry : default_prompt_set().entries()) {
    EXPECT_TRUE(entry.user.has_slot("boundary"));
    EXPECT_TRUE(entry.user.has_slot("response"));
    EXPECT_TRUE(entry.user.has_slot("prompt"));
  }
}

// A judge that echoes its prompt, or any beginning or end of it, has not judged.
TEST(DefaultPromptSet, HoldsNothingThatReadsAsAVerdict) {
  for (const auto& entry : default_prompt_set().entries()) {
    for (const std::string& text : {entry.prompt.system, entry.prompt.user_template,
                                    entry.prompt.system + "\n" + entry.prompt.user_template}) {
      for (std::size_t cut = 0; cut <= text.size(); cut += 3) {
        EXPECT_FALSE(parse_verdict(entry.prompt.format, text.substr(0, cut)).met.has_value());
        if (cut % 5 == 0) {
          EXPECT_FALSE(parse_verdict(entry.prompt.format, text.substr(cut)).met.has_value());
        }
      }
    }
  }
}

TEST(DefaultPromptSet, TakesTheFormOfItsOwnReplies) {
  const auto* entry = default_prompt_set().find("QC", Language::english, false);
  std::string reply = entry->prompt.system.substr(entry->prompt.system.rfind("```json"));
  reply.replace(reply.find(": N"), 3, ": 0");
  EXPECT_EQ(parse_answer_score("It names no flaw.\n" + reply).met, false);
}

constexpr std::string_view kSmall = R"(schema: 1
parts: {user: &user "{response}"}
prompts:
  - type: [QC, "question correction two"]
    format: answer_score
    user: *user
)";

TEST(PromptSet, ReadsSharedPartsAndSeveralTypes) {
  const auto set = load_prompt_set(R"(schema: 1
parts:
  role: &role |
    Be strict.
prompts:
  - type: [QC, code without comments]
    language: zh
    format: answer_score
    system: [*role, "More."]
    user: "{response}"
  - type: any
    format: yes_no
    user: "{response}{criteria}"
)",
                                   "p.yaml");
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->entries().size(), 3u);
  const auto* entry = set->find("CC", Language::chinese, false);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->prompt.system, "Be strict.\n\nMore.");
  EXPECT_EQ(set->find("CC", Language::english, false), nullptr);
  EXPECT_NE(set->find("CC", Language::english, true), nullptr);
  EXPECT_EQ(set->find("CA", Language::chinese, false), nullptr);
}

TEST(PromptSet, PrefersTheTypeThenTheLanguage) {
  const auto set = load_prompt_set(R"(schema: 1
prompts:
  - {type: any, format: answer_score, user: "1{response}"}
  - {type: any, language: english, format: answer_score, user: "2{response}"}
  - {type: QC, format: answer_score, user: "3{response}"}
  - {type: QC, language: english, format: answer_score, user: "4{response}"}
)",
                                   "p.yaml");
  ASSERT_TRUE(set) << set.error().message;
  const auto found = [&](std::string_view type, std::optional<Language> language) {
    return set->find(type, language, false)->prompt.user_template[0];
  };
  EXPECT_EQ(found("CA", Language::chinese), '1');
  EXPECT_EQ(found("CA", Language::english), '2');
  EXPECT_EQ(found("QC", Language::chinese), '3');
  EXPECT_EQ(found("QC", Language::english), '4');
  EXPECT_EQ(found("QC", std::nullopt), '4');
}

TEST(PromptSet, FillsItsGapsFromAnother) {
  auto set = load_prompt_set(R"(schema: 1
prompts:
  - {type: QC, language: english, format: answer_score, user: "mine {response}"}
)",
                             "p.yaml");
  ASSERT_TRUE(set);
  set->add_missing(default_prompt_set());
  EXPECT_EQ(set->entries().size(), default_prompt_set().entries().size());
  EXPECT_EQ(set->find("QC", Language::english, false)->prompt.user_template, "mine {response}");
  EXPECT_NE(set->find("QC", Language::chinese, false)->prompt.user_template, "mine {response}");
}

TEST(PromptSet, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("a: [b"),
            "p.yaml:1: did not find expected ',' or ']' while parsing a flow sequence");
  EXPECT_EQ(error_of(""), "p.yaml: expected the prompt set as a map");
  EXPECT_EQ(error_of("schema: 2\nprompts: []"), "p.yaml:1: expected 'schema: 1'");
  EXPECT_EQ(error_of("schema: 1\nprompts: []"),
            "p.yaml:2: expected 'prompts' as a list of at least one entry");
  EXPECT_EQ(error_of("schema: 1\npromts: []"),
            "p.yaml:2: unknown key 'promts' in the prompt set; did you mean 'prompts'?");
  EXPECT_EQ(error_of("schema: 1\nschema: 1\nprompts: []"),
            "p.yaml:2: 'schema' stands twice in the prompt set");
  const std::string head = "schema: 1\nprompts:\n  - ";
  EXPECT_EQ(error_of(head + "{type: QC, format: answer_score}"),
            "p.yaml:3: a prompt has no 'user'");
  EXPECT_EQ(error_of(head + "{type: QC, format: answer_scor, user: \"{response}\"}"),
            "p.yaml:3: unknown format 'answer_scor'; did you mean 'answer_score'?");
  EXPECT_EQ(error_of(head + "{type: QC, format: answer_score, user: \"{respnse}\"}"),
            "p.yaml:3: the template has an unknown slot {respnse}; did you mean '{response}'?");
  EXPECT_EQ(error_of(head + "{type: QC, format: pass_fail, user: \"{response}\"}"),
            "p.yaml:3: the template has no slot {criteria}");
  EXPECT_EQ(error_of(head + "{type: QC, format: answer_score, user: [[x]]}"),
            "p.yaml:3: expected 'user' as text");
  EXPECT_NE(error_of(kSmall).find("question correction two"), std::string::npos);
  EXPECT_EQ(error_of(head + "{type: [QC, qc], format: answer_score, user: \"{response}\"}"),
            "p.yaml:3: a second prompt for type QC in the same language");
  EXPECT_NE(
      error_of(head + "{type: QC, language: englsh, format: answer_score, user: \"{response}\"}")
          .find("p.yaml:3:"),
      std::string::npos);
}

TEST(PromptSet, HashCoversEachField) {
  std::set<std::string> hashes;
  for (const char* entry :
       {"{type: QC, format: answer_score, user: \"{response}\"}",
        "{type: CC, format: answer_score, user: \"{response}\"}",
        "{type: QC, language: english, format: answer_score, user: \"{response}\"}",
        "{type: QC, format: answer_score, user: \"{response} \"}",
        "{type: QC, format: answer_score, system: s, user: \"{response}\"}",
        "{type: QC, format: yes_no, user: \"{response}{criteria}\"}",
        "{type: QC, format: pass_fail, user: \"{response}{criteria}\"}"}) {
    const auto set = load_prompt_set(std::string("schema: 1\nprompts:\n  - ") + entry, "p");
    ASSERT_TRUE(set) << set.error().message;
    hashes.insert(set->hash());
  }
  EXPECT_EQ(hashes.size(), 7u);
}

TEST(PromptInForce, IsTheSamplesOwnWhereItHasOne) {
  Sample sample = native_sample();
  sample.judge_prompt = JudgePrompt{"s", "{response}", VerdictFormat::answer_score};
  const auto prompt = prompt_in_force(default_prompt_set(), sample);
  ASSERT_TRUE(prompt);
  EXPECT_EQ(prompt->prompt, &*sample.judge_prompt);
}

TEST(PromptInForce, AsksOneByOneWhereNotAllCriteriaMustHold) {
  Sample sample = native_sample();
  EXPECT_EQ(prompt_in_force(default_prompt_set(), sample)->prompt->format,
            VerdictFormat::answer_score);
  sample.question.rubric[1].expected = false;
  EXPECT_EQ(prompt_in_force(default_prompt_set(), sample)->prompt->format,
            VerdictFormat::pass_fail);
  sample.question.rubric[1].expected = true;
  sample.aggregation = Aggregation::any;
  EXPECT_EQ(prompt_in_force(default_prompt_set(), sample)->prompt->format,
            VerdictFormat::pass_fail);
}

TEST(JudgePromptsHash, CoversThePromptsInUseAndNoOthers) {
  Sample sample = native_sample();
  Sample chinese = native_sample();
  chinese.language = Language::chinese;
  const Sample english_only[] = {sample};
  const Sample twice[] = {sample, sample};
  const Sample both[] = {sample, chinese};
  const Sample both_reversed[] = {chinese, sample};
  const auto hash = [](std::span<const Sample> samples) {
    return judge_prompts_hash(default_prompt_set(), samples).value();
  };
  EXPECT_EQ(hash(english_only), hash(twice));
  EXPECT_NE(hash(english_only), hash(both));
  EXPECT_EQ(hash(both), hash(both_reversed));
  Sample own = sample;
  own.judge_prompt = JudgePrompt{"s", "{response}", VerdictFormat::answer_score};
  const Sample owned[] = {own};
  EXPECT_NE(hash(english_only), hash(owned));
}

TEST(CheckJudgePrompts, NamesTheSampleAndTheSlot) {
  Sample sample = native_sample();
  const Sample good[] = {sample};
  EXPECT_TRUE(check_judge_prompts(default_prompt_set(), good));
  sample.judge_prompt = JudgePrompt{"", "{respons}", VerdictFormat::answer_score};
  const Sample bad[] = {sample};
  EXPECT_EQ(check_judge_prompts(default_prompt_set(), bad).error().message,
            "sample qc-001-en: judge prompt: the template has an unknown slot {respons}; did you "
            "mean '{response}'?");
  sample.judge_prompt = JudgePrompt{"", "{response}{criteria}", VerdictFormat::yes_no};
  sample.question.rubric.clear();
  const Sample none[] = {sample};
  EXPECT_FALSE(check_judge_prompts(default_prompt_set(), none));
  sample.judge_prompt.reset();
  const Sample unprompted[] = {sample};
  EXPECT_EQ(check_judge_prompts(PromptSet{}, unprompted).error().message,
            "sample qc-001-en: judge prompt: the prompt set has none for type 'QC'");
}

}  // namespace
}  // namespace iie
