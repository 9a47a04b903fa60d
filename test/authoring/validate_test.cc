#include "authoring/validate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "authoring/card.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"

namespace iie {
namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

// A pair of whole items, to be broken in one place.
constexpr std::string_view kEnglish =
    R"json({"schema":1,"id":"pens-en","pair":"pens","type":"QC","domain":"Math","language":"english","messages":[{"role":"user","content":"Three pens and a notebook of 5 euros cost 17 euros. Does a pen cost 3, 5 or 6 euros?"}],"reference":"None of the offers is right; each pen is 4 euros.","rubric":[{"id":"c1","kind":"inversion","text":"States that none of the options is right."},{"id":"c2","kind":"task","text":"Gives 4 euros."}],"checks":[{"rule":"mentions","criterion":"c1","params":{"any":["none"]}},{"rule":"mentions","criterion":"c2","params":{"any":["4"]}}],"complete":true,"gold":[{"kind":"compliant","response":"None of them: a pen costs 4 euros."},{"kind":"inertial","response":"5 euros."}],"twin":{"messages":[{"role":"user","content":"Three pens and a notebook of 5 euros cost 17 euros. Does a pen cost 3, 4 or 6 euros?"}],"reference":"4 euros.","rubric":[{"id":"t1","kind":"task","text":"Gives 4 euros."}],"checks":[{"rule":"mentions","criterion":"t1","params":{"any":["4"]}}],"complete":true,"gold":[{"kind":"conventional","response":"A pen costs 4 euros."}]},"author":"A. Writer","reviewed":"no","license":"CC-BY-4.0"})json";
constexpr std::string_view kChinese =
    R"json({"schema":1,"id":"pens-zh","pair":"pens","type":"QC","domain":"Math","language":"chinese","messages":[{"role":"user","content":"三支钢笔加一本5元的本子共17元，每支钢笔是3元、5元还是6元？"}],"reference":"三个数都不对，每支4元。","rubric":[{"id":"c1","kind":"inversion","text":"指出三个选项都不对。"},{"id":"c2","kind":"task","text":"答4元。"}],"checks":[{"rule":"mentions","criterion":"c1","params":{"any":["都不对"]}},{"rule":"mentions","criterion":"c2","params":{"any":["4"]}}],"complete":true,"gold":[{"kind":"compliant","response":"都不对，每支4元。"},{"kind":"inertial","response":"5元。"}],"twin":{"messages":[{"role":"user","content":"三支钢笔加一本5元的本子共17元，每支钢笔是3元、4元还是6元？"}],"reference":"4元。","rubric":[{"id":"t1","kind":"task","text":"答4元。"}],"checks":[{"rule":"mentions","criterion":"t1","params":{"any":["4"]}}],"complete":true,"gold":[{"kind":"conventional","response":"每支4元。"}]},"author":"A. Writer","reviewed":"no","license":"CC-BY-4.0"})json";

bj::object object_of(std::string_view json) { return parse_json(json)->as_object(); }

class Validate : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::temp_directory_path() / ("iie_validate_" + std::to_string(getpid()));
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = dir_ / name;
    EXPECT_TRUE(write_file(path, text));
    return path.string();
  }

  static Validation validate(std::vector<std::string> names,
                             std::vector<std::string> against = {}) {
    auto out = validate_dataset({std::move(names), std::move(against)});
    EXPECT_TRUE(out) << out.error().message;
    return out ? *std::move(out) : Validation{};
  }

  // The two forms, the first one changed.
  Validation with(const std::function<void(bj::object&)>& change) {
    bj::object english = object_of(kEnglish);
    change(english);
    return validate({write("part.jsonl", to_json(english) + "\n" + std::string(kChinese) + "\n")});
  }

  static std::string listed(const Validation& validation) {
    std::string out;
    for (const Problem& one : validation.problems) {
      out += "  " + one.code + " line " + std::to_string(one.line) + " " + one.field + ": " +
             one.message + "\n";
    }
    return out;
  }

  static bool has(const Validation& validation, std::string_view code, std::size_t line,
                  std::string_view field) {
    return std::ranges::any_of(validation.problems, [&](const Problem& one) {
      return one.code == code && one.line == line && one.field == field;
    });
  }

  fs::path dir_;
};

TEST_F(Validate, AWholePairIsCleanAndCounted) {
  const Validation out = with([](bj::object&) {});
  EXPECT_TRUE(out.problems.empty()) << listed(out);
  EXPECT_FALSE(out.whole);
  EXPECT_EQ(out.counts.samples, 2);
  EXPECT_EQ(out.counts.pairs, 1);
  EXPECT_EQ(out.counts.complete, 2);
  EXPECT_EQ(out.counts.inversions_decided, 2);
  EXPECT_EQ(out.counts.twins, 2);
  EXPECT_EQ(out.counts.gold.compliant_pass, 2);
  EXPECT_EQ(out.counts.gold.inertial_fail, 2);
  EXPECT_EQ(out.counts.gold.conventional_pass, 2);
  EXPECT_EQ(out.counts.rules.at("mentions"), 6);
}

struct Broken {
  const char* code;
  const char* field;
  std::function<void(bj::object&)> change;
};

bj::object& twin(bj::object& item) { return item["twin"].as_object(); }
bj::object& entry(bj::object& item, const char* list, std::size_t i) {
  return item[list].as_array()[i].as_object();
}

TEST_F(Validate, NamesLineAndFieldOfWhatIsBroken) {
  const std::vector<Broken> cases = {
      {"schema", "type", [](auto& o) { o["type"] = "QX"; }},
      {"schema", "nots", [](auto& o) { o["nots"] = "a typing slip"; }},
      {"schema", "rubric[1].kind", [](auto& o) { entry(o, "rubric", 1)["kind"] = "tasks"; }},
      {"schema", "complete", [](auto& o) { o["checks"].as_array().pop_back(); }},
      {"schema", "complete", [](auto& o) { o["checks"].as_array().clear(); }},
      {"bad-check", "checks[0]", [](auto& o) { entry(o, "checks", 0)["rule"] = "mention"; }},
      {"bad-check", "checks[1].params.anny",
       [](auto& o) { entry(o, "checks", 1)["params"].as_object()["anny"] = "x"; }},
      {"bad-check", "twin.checks[0]",
       [](auto& o) { entry(twin(o), "checks", 0)["rule"] = "no_such_rule"; }},
      {"missing-field", "reference", [](auto& o) { o.erase("reference"); }},
      {"missing-field", "twin", [](auto& o) { o.erase("twin"); }},
      {"missing-field", "author", [](auto& o) { o["author"] = " "; }},
      {"missing-field", "reviewed", [](auto& o) { o.erase("reviewed"); }},
      {"missing-field", "license", [](auto& o) { o.erase("license"); }},
      {"missing-field", "twin.reference", [](auto& o) { twin(o).erase("reference"); }},
      {"unknown-domain", "domain", [](auto& o) { o["domain"] = "Maths"; }},
      {"unknown-domain", "domain", [](auto& o) { o["domain"] = "math"; }},
      {"turns", "messages[1].role",
       [](auto& o) { o["messages"].as_array().push_back(bj::value(entry(o, "messages", 0))); }},
      {"turns", "messages[0].role",
       [](auto& o) {
         auto& turns = o["messages"].as_array();
         turns.insert(turns.begin(), bj::object{{"role", "assistant"}, {"content", "Hello."}});
       }},
      {"bad-id", "id", [](auto& o) { o["id"] = "pens-english"; }},
      {"bad-id", "id", [](auto& o) { o["id"] = "Pens_en"; }},
      {"rubric-kind", "rubric", [](auto& o) { entry(o, "rubric", 0)["kind"] = "task"; }},
      {"rubric-kind", "twin.rubric",
       [](auto& o) { entry(twin(o), "rubric", 0)["kind"] = "inversion"; }},
      {"missing-gold", "gold", [](auto& o) { o["gold"].as_array().pop_back(); }},
      {"missing-gold", "twin.gold", [](auto& o) { twin(o).erase("gold"); }},
      {"gold-kind", "gold", [](auto& o) { entry(o, "gold", 1)["kind"] = "conventional"; }},
      {"compliant-fails", "gold[0]",
       [](auto& o) { entry(o, "gold", 0)["response"] = "None of them, it is 40."; }},
      {"inertial-passes", "gold[1]",
       [](auto& o) { entry(o, "gold", 1)["response"] = "None, but say 4."; }},
      {"inertial-passes", "gold[1]",  // only the task is missed
       [](auto& o) { entry(o, "gold", 1)["response"] = "None, I think."; }},
      {"conventional-fails", "twin.gold[0]",
       [](auto& o) { entry(twin(o), "gold", 0)["response"] = "3 euros"; }},
      {"twin-passes-item", "twin.gold[0]",
       [](auto& o) { entry(twin(o), "gold", 0)["response"] = "None but 4 is right."; }},
      {"twin-same-prompt", "twin.messages", [](auto& o) { twin(o)["messages"] = o["messages"]; }},
      {"language", "messages[0].content",
       [](auto& o) {
         entry(o, "messages", 0)["content"] = "三支钢笔加一本本子共17元，一支多少钱？";
       }},
      {"language", "rubric[1].text",
       [](auto& o) { entry(o, "rubric", 1)["text"] = "Says 4 in 中文."; }},
      {"bad-text", "reference", [](auto& o) { o["reference"] = "None\u00a0\xE2\x80\x8B of them"; }},
      {"bad-text", "gold[0].response",
       [](auto& o) { entry(o, "gold", 0)["response"] = "None, 4 \xEF\xBF\xBD"; }},
      {"blank-text", "rubric[0].text", [](auto& o) { entry(o, "rubric", 0)["text"] = " "; }},
      {"leaked-reference", "reference",
       [](auto& o) { o["reference"] = "Three pens and a notebook of 5 euros cost 17 euros."; }},
  };
  for (const Broken& one : cases) {
    SCOPED_TRACE(std::string(one.code) + " at " + one.field);
    const Validation out = with(one.change);
    EXPECT_TRUE(has(out, one.code, 1, one.field)) << listed(out);
    for (const Problem& problem : out.problems) {
      EXPECT_EQ(problem.message.find('\n'), std::string::npos);
      EXPECT_FALSE(problem.message.empty());
    }
  }
}

TEST_F(Validate, ABlankResponsePassesNothing) {
  const Validation out = with([](bj::object& o) {
    for (std::size_t i : {0, 1}) {
      entry(o, "checks", i)["rule"] = "not_mentions";
      entry(o, "checks", i)["params"] = bj::object{{"any", bj::array{"5"}}};
    }
  });
  EXPECT_TRUE(has(out, "blank-passes", 1, "checks")) << listed(out);
}

TEST_F(Validate, PairsAreOneEnglishAndOneChineseForm) {
  const Validation alone = validate({write("a.jsonl", std::string(kEnglish) + "\n")});
  EXPECT_TRUE(has(alone, "broken-pair", 1, "pair")) << listed(alone);
  EXPECT_EQ(alone.counts.pairs, 0);
  const Validation domain = with([](bj::object& o) { o["domain"] = "Physics"; });
  EXPECT_TRUE(has(domain, "broken-pair", 2, "domain")) << listed(domain);
  const Validation type = with([](bj::object& o) { o["type"] = "II"; });
  EXPECT_TRUE(has(type, "broken-pair", 2, "type")) << listed(type);
}

TEST_F(Validate, BrokenLinesDoNotHideTheOthers) {
  const std::string path = write("b.jsonl", "{\"schema\":1,\n\n" + std::string(kEnglish) + "\n" +
                                                std::string(kChinese) + "\n{\"schema\":2}\n");
  const Validation out = validate({path});
  EXPECT_EQ(out.counts.samples, 2);
  ASSERT_EQ(out.problems.size(), 2U) << listed(out);
  EXPECT_EQ(out.problems[0].line, 1U);
  EXPECT_EQ(out.problems[0].file, path);
  EXPECT_NE(out.problems[0].message.find("column"), std::string::npos);
  EXPECT_EQ(out.problems[1].line, 5U);
  EXPECT_EQ(out.problems[1].field, "schema");
}

TEST_F(Validate, FindsRepeatedIdsAndQuestions) {
  bj::object again = object_of(kEnglish);
  again["id"] = "pencils-en";
  again["pair"] = "pencils";
  bj::object similar = object_of(kEnglish);
  entry(similar, "messages", 0)["content"] =
      "Three pens and a notebook of 5 euros cost 17 euros. So: does a pen cost two, three or six "
      "euros?";
  similar["id"] = "crayons-en";
  const Validation out =
      validate({write("c.jsonl", std::string(kEnglish) + "\n" + std::string(kChinese) + "\n" +
                                     std::string(kChinese) + "\n" + to_json(again) + "\n" +
                                     to_json(similar) + "\n")});
  EXPECT_TRUE(has(out, "duplicate-id", 3, "id")) << listed(out);
  EXPECT_TRUE(has(out, "duplicate", 3, "messages")) << listed(out);
  EXPECT_TRUE(has(out, "duplicate", 4, "messages")) << listed(out);
  EXPECT_TRUE(has(out, "near-duplicate", 5, "messages")) << listed(out);
}

TEST_F(Validate, ComparesWithOtherFilesInAnyFormat) {
  const std::string other = write(
      "other.json",
      R"([{"instruction_types":"Question Correction","prompt":"three pens, and a notebook of 5 euros, cost 17 euros: does a pen cost 3, 5 or 6 euros","response_reference":"None.","language":"english","judge_prompt_template":"{response}","judge_system_prompt":""}])");
  const std::string path =
      write("d.jsonl", std::string(kEnglish) + "\n" + std::string(kChinese) + "\n");
  const Validation out = validate({path}, {other});
  EXPECT_TRUE(has(out, "duplicate", 1, "messages")) << listed(out);
  EXPECT_EQ(out.problems.size(), 1U) << listed(out);
  // The same item in an earlier state of the set is no duplicate.
  EXPECT_TRUE(validate({path}, {path}).problems.empty());
  EXPECT_FALSE(validate_dataset({{path}, {(dir_ / "absent.jsonl").string()}}));
}

TEST_F(Validate, ForeignFormatsNeedNoTwinsOrGold) {
  const std::string path = write(
      "ifeval.jsonl",
      R"({"key":1,"prompt":"Write a haiku without commas.","instruction_id_list":["punctuation:no_comma"],"kwargs":[{}]})"
      "\n");
  const Validation out = validate({path});
  EXPECT_TRUE(out.problems.empty()) << listed(out);
  EXPECT_EQ(out.counts.samples, 1);
}

TEST_F(Validate, AFolderIsAWholeSetWithAMix) {
  write("set/qc.jsonl", std::string(kEnglish) + "\n" + std::string(kChinese) + "\n");
  write("set/recorded.jsonl", R"({"id":"pens-en","response":"4"})"
                              "\n");
  const Validation out = validate({(dir_ / "set").string()});
  EXPECT_TRUE(out.whole);
  EXPECT_EQ(out.name, "set");
  EXPECT_EQ(out.errors(), 0U) << listed(out);
  EXPECT_TRUE(has(out, "mix", 0, "type")) << listed(out);
  EXPECT_TRUE(has(out, "domain-balance", 0, "domain")) << listed(out);
  EXPECT_FALSE(validate_dataset({{(dir_ / "absent").string()}, {}}));
}

// Neither the mix nor the balance of the eight types is moved by what stands beside them.
TEST_F(Validate, FurtherTypesAreInNoMix) {
  const auto retyped = [](std::string text) {
    const std::size_t at = text.find(R"("type":"QC")");
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, 11, R"("type":"PT")") + "\n";
  };
  write("further/pt.jsonl", retyped(std::string(kEnglish)) + retyped(std::string(kChinese)));
  const Validation out = validate({(dir_ / "further").string()});
  EXPECT_EQ(out.counts.samples, 2);
  EXPECT_EQ(out.counts.further, 2);
  EXPECT_EQ(out.errors(), 0U) << listed(out);
  EXPECT_FALSE(has(out, "mix", 0, "type")) << listed(out);
  EXPECT_FALSE(has(out, "domain-balance", 0, "domain")) << listed(out);
}

// --- the embedded set ---

TEST(OpenSet, Validates) {
  const auto out = validate_dataset({});
  ASSERT_TRUE(out) << out.error().message;
  for (const Problem& one : out->problems) {
    EXPECT_EQ(one.severity, Severity::warning)
        << one.file << ":" << one.line << ": " << one.id << " " << one.field << ": " << one.message;
  }
  EXPECT_GE(out->counts.samples, 64);
  const GoldCounts& gold = out->counts.gold;
  EXPECT_EQ(gold.compliant_pass, gold.compliant);
  EXPECT_EQ(gold.inertial_fail + gold.inertial_judge, gold.inertial);
  EXPECT_EQ(gold.conventional_pass, gold.conventional);
  EXPECT_EQ(out->counts.pairs * 2, out->counts.samples);
  EXPECT_EQ(out->counts.domains.size(), 23U);
  // What the project promises of the whole set.
  EXPECT_GE(out->counts.complete * 100, 60 * out->counts.samples);
  EXPECT_GE(out->counts.inversions_decided * 100, 85 * out->counts.samples);
}

TEST(OpenSet, CardsAreTheGeneratedOnes) {
  for (const std::string name : {"open", "further"}) {
    const auto out = validate_dataset({.names = {name}});
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(out->counts.further, name == "open" ? 0 : out->counts.samples);
    const std::string card = dataset_card(*out);
    EXPECT_EQ(card.find("{{"), std::string::npos) << card.substr(card.find("{{"), 40);
    EXPECT_TRUE(embedded_file(name + "/README.md") == card)
        << "write it anew: inverse-ifeval data card data/" << name << " -o data/" << name
        << "/README.md";
  }
}

}  // namespace
}  // namespace iie
