// IFEval and IFBench end to end: verdict files, accuracies, and what is wrong with such files.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/string_util.h"
#include "e2e/cli_fixture.h"
#include "support/chat_server.h"
#include "support/shared_files.h"

namespace iie::test {
namespace {

namespace bj = boost::json;

class Instructions : public EndToEnd {
 protected:
  static std::string data(const std::string& path) { return shared_file(path).string(); }
  static std::vector<bj::value> lines(const std::filesystem::path& path) {
    std::vector<bj::value> values;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) values.push_back(json(line));
    return values;
  }

  // Prompts 1 and 2 in dataset.jsonl, the second with `ids` and `kwargs`.
  void write_prompts(const std::string& ids, const std::string& kwargs) {
    write("dataset.jsonl",
          R"({"key":1,"prompt":"First.","instruction_id_list":["punctuation:no_comma"],)"
          R"("kwargs":[{}]})"
          "\n"
          R"({"key":2,"prompt":"Second.","instruction_id_list":)" +
              ids + R"(,"kwargs":)" + kwargs + "}\n");
  }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(dir_ / name, text));
  }
  Outcome score(std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"score",   "responses.jsonl", "--dataset", "dataset.jsonl",
                                     "--store", "store.db",        "--format",  "json"};
    args.insert(args.end(), more.begin(), more.end());
    return iie(std::move(args));
  }
};

constexpr const char* kResponses =
    R"({"key":1,"prompt":"First.","response":"Well:\nno commas"})"
    "\n"
    R"({"key":2,"prompt":"Second.","response":"Sure, here it is:\nno *commas*"})"
    "\n";

TEST_F(Instructions, VerdictFilesAreThoseOfTheReference) {
  for (const std::string suite : {"ifeval", "ifbench"}) {
    IIE_NEEDS_SHARED(data(suite + "/expected.jsonl"));
    const Outcome outcome = iie({"score", data(suite + "/responses.jsonl"), "--dataset",
                                 data(suite + "/input_data.jsonl"), "--allow-missing", "--verdicts",
                                 suite + ".jsonl", "--store", suite + ".db", "--format", "json"});
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    const auto expected = lines(data(suite + "/expected.jsonl"));
    const auto got = lines(dir_ / (suite + ".jsonl"));
    ASSERT_EQ(got.size(), expected.size());
    std::size_t different = 0;
    std::size_t prompts = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].at("key"), expected[i].at("key"));
      EXPECT_EQ(got[i].at("instruction_id_list"), expected[i].at("instruction_id_list"));
      if (got[i] != expected[i]) ++different;
      bool all = true;
      for (const bj::value& strict : got[i].at("strict").as_array()) all &= strict.as_bool();
      if (all) ++prompts;
    }
    EXPECT_EQ(different, 0U) << suite;
    const auto report = json(outcome.out);
    EXPECT_EQ(report.at("overall").at("n"), expected.size());
    EXPECT_EQ(report.at("overall").at("passed"), prompts);
    EXPECT_EQ(report.at("instructions").at("prompt_level").at("strict").at("passed"), prompts);
  }
}

TEST_F(Instructions, AModelIsRunAndItsAccuraciesReported) {
  write_prompts(R"(["punctuation:no_comma","length_constraints:number_words"])",
                R"([{},{"num_words":3,"relation":"at least"}])");
  ChatServer model([](const Request& request) {
    return answer(request.last_user_message() == "First." ? "No commas." : "Sure, here:\nAnd a b");
  });
  const Outcome run =
      iie({"run", "--model", "openai:m", "--base-url", model.base_url(), "--dataset",
           "dataset.jsonl", "--verdicts", "verdicts.jsonl", "--format", "json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto report = json(run.out);
  EXPECT_EQ(report.at("overall").at("passed"), 1);
  const auto& accuracy = report.at("instructions");
  EXPECT_EQ(accuracy.at("prompt_level").at("strict").at("passed"), 1);
  EXPECT_EQ(accuracy.at("prompt_level").at("loose").at("passed"), 2);
  EXPECT_EQ(accuracy.at("instruction_level").at("strict").at("passed"), 2);
  EXPECT_EQ(accuracy.at("instruction_level").at("loose").at("n"), 3);
  EXPECT_EQ(read_file(dir_ / "verdicts.jsonl").value_or(""),
            R"({"key": 1, "instruction_id_list": ["punctuation:no_comma"], "strict": [true], )"
            R"("loose": [true]})"
            "\n"
            R"({"key": 2, "instruction_id_list": ["punctuation:no_comma", )"
            R"("length_constraints:number_words"], "strict": [false, true], )"
            R"("loose": [true, true]})"
            "\n");
}

TEST_F(Instructions, ABlankResponseHasItsLine) {
  write_prompts(R"(["punctuation:no_comma"])", "[{}]");
  write("responses.jsonl", R"({"key":1,"prompt":"First.","response":" \n"})"
                           "\n"
                           R"({"key":2,"prompt":"Second.","response":""})"
                           "\n");
  const Outcome outcome = score({"--verdicts", "verdicts.jsonl"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  for (const auto& line : lines(dir_ / "verdicts.jsonl")) {
    EXPECT_EQ(line.at("strict"), bj::array{false});
    EXPECT_EQ(line.at("loose"), bj::array{false});
  }
  EXPECT_EQ(lines(dir_ / "verdicts.jsonl").size(), 2U);
}

TEST_F(Instructions, WhatIsWrongIsNamedBeforeAnythingRuns) {
  write("responses.jsonl", kResponses);
  struct Wrong {
    std::string ids;
    std::string kwargs;
    std::vector<std::string> fragments;
  };
  const std::vector<Wrong> all = {
      {R"(["punctuation:no_coma"])",
       "[{}]",
       {"instructions[0]: unknown instruction 'punctuation:no_coma'",
        "did you mean 'punctuation:no_comma'?"}},
      {R"(["punctuation:no_comma","keywords:frequency"])",
       R"([{},{"keyword":"a","relation":"at least"}])",
       {"instructions[1] (keywords:frequency): frequency: missing"}},
      {R"(["keywords:frequency"])",
       R"([{"keyword":"a","frequency":null,"relation":"at least"}])",
       {"instructions[0] (keywords:frequency): frequency: missing"}},
      {R"(["keywords:frequency"])",
       R"([{"keyword":"a","frequency":"2","relation":"at least"}])",
       {"(keywords:frequency): frequency: expected a whole number, got a string"}},
      {R"(["keywords:existence"])",
       R"([{"keywords":"a"}])",
       {"(keywords:existence): keywords: expected an array of strings, got a string"}},
      {R"(["punctuation:no_comma"])",
       R"([{"commas":2}])",
       {"(punctuation:no_comma): commas: unknown field"}},
  };
  for (const Wrong& wrong : all) {
    write_prompts(wrong.ids, wrong.kwargs);
    std::vector<std::string> fragments = wrong.fragments;
    fragments.emplace_back("dataset.jsonl:2: sample 2: ");
    expect_error(score(), 3, fragments);
    expect_error(iie({"data", "import", "dataset.jsonl"}), 3, wrong.fragments);
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / "store.db"));
}

TEST_F(Instructions, KeysAndFieldsStandOnce) {
  write("responses.jsonl", kResponses);
  const std::string one =
      R"({"key":1,"prompt":"First.","instruction_id_list":["punctuation:no_comma"],"kwargs":[{}]})"
      "\n";
  write("dataset.jsonl", one + one);
  expect_error(score(), 3, {"dataset.jsonl:2: sample id '1' is that of line 1"});
  write_prompts(R"(["length_constraints:number_words"])",
                R"([{"num_words":1,"num_words":2,"relation":"at least"}])");
  expect_error(score(), 3, {"dataset.jsonl:2:", "duplicate key"});
}

TEST_F(Instructions, APromptWithoutAResponseIsAnErrorUnlessAllowed) {
  write_prompts(R"(["punctuation:no_comma"])", "[{}]");
  write("responses.jsonl", R"({"key":1,"prompt":"First.","response":"No commas."})"
                           "\n");
  expect_error(score(), 3,
               {"responses.jsonl lacks a response for 1 of 2 samples", "dataset.jsonl:2: sample 2",
                "--allow-missing"});
  const Outcome outcome = score({"--allow-missing", "--verdicts", "verdicts.jsonl"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto report = json(outcome.out);
  EXPECT_EQ(report.at("overall").at("n"), 1);
  EXPECT_EQ(report.at("dataset").at("left_out").at("count"), 1);
  EXPECT_EQ(report.at("dataset").at("left_out").at("first"), bj::array{"2"});
  EXPECT_EQ(lines(dir_ / "verdicts.jsonl").size(), 1U);
}

}  // namespace
}  // namespace iie::test
