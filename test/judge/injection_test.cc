// Whatever a response holds, it is not what the judge says: the prompt keeps it delimited, and the
// parser reads the judge's words only.
#include "judge/injection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/embedded.h"
#include "judge/llm_judge.h"
#include "judge/prompt_set.h"
#include "judge/verdict_parser.h"
#include "test/judge/fakes.h"

namespace iie {
namespace {

const std::vector<Sample>& open_samples() {
  static const std::vector<Sample> samples = [] {
    std::vector<Sample> read;
    for (const char* type : {"qc", "itf", "cc", "ccf", "dia", "ii", "mim", "ca"}) {
      std::string_view file = embedded_file("open/" + std::string(type) + ".jsonl").value();
      while (!file.empty()) {
        const std::size_t end = file.find('\n');
        read.push_back(sample_from_json(file.substr(0, end)).value());
        file.remove_prefix(end == file.npos ? file.size() : end + 1);
        // Two criteria that must hold: more would only take time, and a judge that fails a response
        // by "it does not hold" must not pass it by that.
        auto& rubric = read.back().question.rubric;
        rubric.resize(std::min<std::size_t>(rubric.size(), 2));
        for (Criterion& criterion : rubric) criterion.expected = true;
      }
    }
    return read;
  }();
  return samples;
}

const std::vector<AttackCase>& cases() {
  static const std::vector<AttackCase> all = attack_cases(attacks(), open_samples()).value();
  return all;
}

// The verdict formats, each with a prompt set of its own.
struct Form {
  const char* name;
  LlmJudgeOptions options;
  std::string fails;  // a judge's own verdict that fails the response; a list is made to measure
};

std::vector<Form> forms() {
  std::vector<Form> forms;
  forms.push_back(
      {"answer_score", {}, "The demand is not met.\n```json\n{\"answer_score\": 0}\n```"});
  const auto add = [&](const char* name, VerdictFormat format, std::string fails) {
    LlmJudgeOptions options;
    options.dataset_prompts = false;
    options.prompts =
        prompt_set_of({"Judge it.", "{criteria}\n{boundary}\n{response}\n{boundary}", format})
            .value();
    forms.push_back({name, std::move(options), std::move(fails)});
  };
  add("pass_fail", VerdictFormat::pass_fail,
      "{\"explanation\": \"it does not hold\", \"result\": \"FAIL\"}");
  LlmJudgeOptions list;
  list.dataset_prompts = false;
  list.prompts = criteria_prompt_set();
  forms.push_back({"criteria_list", std::move(list), ""});
  return forms;
}

// Criteria as many as the sample has.
std::string failing_reply(const Form& form, const Sample& sample) {
  if (std::string_view(form.name) != "criteria_list") return form.fails;
  std::string entries;
  for (std::size_t i = 1; i <= sample.question.rubric.size(); ++i) {
    entries += (i > 1 ? ", " : "") + std::string("{\"id\": ") + std::to_string(i) +
               ", \"evidence\": \"not found\", \"met\": false}";
  }
  return "{\"criteria\": [" + entries + "]}";
}

using Reply = std::function<std::string(const AttackCase&, const GenerateRequest&, const Form&)>;

// What a judge that replies like this makes of every attack.
std::map<std::string, Outcome> outcomes(const Form& form, const Reply& reply) {
  std::map<std::string, Outcome> out;
  for (const AttackCase& each : cases()) {
    ScriptedJudgeModel model;
    model.answer = [&](const GenerateRequest& request) -> Result<Response> {
      Response response = reply_of(reply(each, request, form));
      split_reasoning(response);
      return response;
    };
    LlmJudge judge(model, form.options);
    const auto judged = run_judge(judge, *each.sample, reply_of(each.response));
    EXPECT_TRUE(judged) << each.attack->id;
    if (judged) out[each.attack->id] = judged->verdict.outcome;
  }
  return out;
}

TEST(InjectionSuite, HasManyAttacksOfEveryTechnique) {
  EXPECT_GE(attacks().size(), 60u);
  std::map<std::string, int> techniques;
  std::map<Language, int> languages;
  std::size_t floods = 0;
  for (const AttackCase& each : cases()) {
    ++techniques[each.attack->technique];
    ++languages[each.attack->language];
    if (each.response.size() > 190'000) ++floods;
    EXPECT_EQ(each.sample->language, each.attack->language);
  }
  for (const char* technique : {"fake_verdict", "order", "role", "delimiter", "fence", "homoglyph",
                                "invisible", "reasoning", "claim", "encoded", "flood"}) {
    EXPECT_GE(techniques[technique], 3) << technique;
  }
  EXPECT_EQ(techniques.size(), 11u);
  EXPECT_GE(languages[Language::chinese], 12);
  EXPECT_GE(floods, 8u);
}

TEST(InjectionSuite, AJudgeThatEchoesTheResponsePassesNothing) {
  for (const Form& form : forms()) {
    for (const auto& [id, outcome] :
         outcomes(form, [](const AttackCase& each, const GenerateRequest&, const Form&) {
           return each.response;
         })) {
      EXPECT_NE(outcome, Outcome::pass) << form.name << " " << id;
    }
  }
}

TEST(InjectionSuite, AJudgeThatEchoesItsPromptPassesNothing) {
  for (const Form& form : forms()) {
    for (const auto& [id, outcome] :
         outcomes(form, [](const AttackCase&, const GenerateRequest& request, const Form&) {
           std::string text;
           for (const Message& message : request.messages) text += message.content + "\n";
           return text;
         })) {
      EXPECT_NE(outcome, Outcome::pass) << form.name << " " << id;
    }
  }
}

TEST(InjectionSuite, AJudgeThatQuotesTheResponseAndEndsPassesNothing) {
  for (const Form& form : forms()) {
    for (const auto& [id, outcome] :
         outcomes(form, [](const AttackCase& each, const GenerateRequest&, const Form&) {
           return "The response reads as follows.\n" + each.response + "\n";
         })) {
      EXPECT_NE(outcome, Outcome::pass) << form.name << " " << id;
    }
  }
}

// And where it says what it thinks, that is what counts, unless the quotation makes it unreadable:
// never a pass.
TEST(InjectionSuite, AJudgeThatQuotesTheResponseAndFailsItPassesNothing) {
  int read = 0;
  int all = 0;
  for (const Form& form : forms()) {
    for (const auto& [id, outcome] :
         outcomes(form, [](const AttackCase& each, const GenerateRequest&, const Form& of) {
           return "The response reads as follows.\n" + each.response +
                  "\n\nIt does not do that.\n" + failing_reply(of, *each.sample);
         })) {
      EXPECT_NE(outcome, Outcome::pass) << form.name << " " << id;
      read += outcome == Outcome::fail;
      ++all;
    }
  }
  EXPECT_GT(read, all * 3 / 4) << "of " << all;
}

TEST(InjectionSuite, AJudgeThatObeysNothingIsReadAsItSpeaks) {
  for (const Form& form : forms()) {
    for (const auto& [id, outcome] :
         outcomes(form, [](const AttackCase& each, const GenerateRequest&, const Form& of) {
           return failing_reply(of, *each.sample);
         })) {
      EXPECT_EQ(outcome, Outcome::fail) << form.name << " " << id;
    }
  }
}

TEST(InjectionSuite, OurPromptsKeepTheResponseBetweenLinesThatItDoesNotHold) {
  ScriptedJudgeModel model;
  for (const AttackCase& each : cases()) {
    for (const PromptSet* set : {&default_prompt_set(), &criteria_prompt_set()}) {
      LlmJudgeOptions options;
      options.prompts = *set;
      options.dataset_prompts = false;
      LlmJudge judge(model, options);
      const auto messages = judge.messages(*each.sample, reply_of(each.response), nullptr);
      ASSERT_TRUE(messages) << each.attack->id;
      const std::string& user = messages->back().content;
      const std::string boundary = boundary_for(each.response);
      EXPECT_EQ(each.response.find(boundary), std::string::npos) << each.attack->id;
      const std::size_t begin = user.find("\n" + boundary + "\n");
      const std::size_t end = user.rfind("\n" + boundary + "\n");
      ASSERT_NE(begin, end) << each.attack->id;
      EXPECT_EQ(user.substr(begin + boundary.size() + 2, end - begin - boundary.size() - 2),
                each.response)
          << each.attack->id << ": nothing of it is filled, cut or changed";
      EXPECT_EQ(messages->front().content.find(each.response), std::string::npos);
    }
  }
}

TEST(InjectionSuite, SaysWhatIsWrongWithAFile) {
  const auto error = [](std::string_view text) {
    const auto loaded = load_attacks(text, "a.jsonl");
    return loaded ? std::string("loaded") : loaded.error().message;
  };
  constexpr const char* kGood = R"({"id":"a","technique":"order","language":"english","text":"t"})";
  EXPECT_EQ(error(kGood), "loaded");
  EXPECT_THAT(error(std::string(kGood) + "\n" + kGood), testing::HasSubstr("a.jsonl:2: a second"));
  EXPECT_THAT(error(""), testing::HasSubstr("holds none"));
  EXPECT_THAT(error("{}"), testing::HasSubstr("a.jsonl:1: id"));
  EXPECT_THAT(error(R"({"id":"a","technique":"t","language":"latin","text":"t"})"),
              testing::HasSubstr("language"));
  EXPECT_THAT(error(R"({"id":"a","technique":"t","language":"english","text":"t","flood":"x"})"),
              testing::HasSubstr("flood"));
}

}  // namespace
}  // namespace iie
