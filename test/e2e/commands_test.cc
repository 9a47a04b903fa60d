// The commands around the main job, and what scripts rely on.
#include <filesystem>
#include <fstream>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"
#include "support/shared_files.h"

namespace iie::test {
namespace {

namespace fs = std::filesystem;

class Commands : public EndToEnd {};

TEST_F(Commands, HelpAndVersionGoToStandardOutput) {
  const Outcome version = iie({"--version"});
  EXPECT_EQ(version.exit, 0);
  EXPECT_TRUE(version.out.starts_with("inverse-ifeval ")) << version.out;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"--help"},
                                               {"run", "--help"},
                                               {"score", "--help"},
                                               {"resume", "--help"},
                                               {"runs", "--help"},
                                               {"show", "--help"},
                                               {"report", "--help"},
                                               {"compare", "--help"},
                                               {"compare-benchmarks", "--help"},
                                               {"data", "--help"},
                                               {"data", "fetch", "--help"},
                                               {"doctor", "--help"},
                                               {"completion", "--help"}}) {
    const Outcome help = iie(args);
    EXPECT_EQ(help.exit, 0) << args.front();
    EXPECT_GT(help.out.size(), 200u) << args.front();
    EXPECT_EQ(help.err, "") << args.front();
  }
}

TEST_F(Commands, EveryListingHasAJsonForm) {
  ASSERT_EQ(iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--quiet"}).exit, 0);
  for (const std::vector<std::string>& args : {std::vector<std::string>{"runs"},
                                               {"show", "latest"},
                                               {"show", "latest", "cc-001-en"},
                                               {"report", "latest"},
                                               {"report", "latest", "latest"},
                                               {"data", "list"},
                                               {"data", "show", "open"},
                                               {"data", "show", "open", "cc-001-en"}}) {
    auto with_format = args;
    with_format.insert(with_format.end(), {"--format", "json"});
    const Outcome outcome = iie(with_format);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    json(outcome.out);
    const Outcome text = iie(args);
    EXPECT_EQ(text.exit, 0) << text.err;
    EXPECT_FALSE(text.out.empty());
  }
}

TEST_F(Commands, ReportsCompareRunsInEveryFormat) {
  ASSERT_EQ(iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--quiet"}).exit, 0);
  ASSERT_EQ(
      iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--types", "CC", "--quiet"})
          .exit,
      0);
  const auto runs = json(iie({"runs", "--format", "json"}).out).as_array();
  ASSERT_EQ(runs.size(), 2u);
  const std::string a(runs[0].at("id").as_string());
  const std::string b(runs[1].at("id").as_string());
  for (const std::string format : {"terminal", "md", "csv", "json"}) {
    const Outcome report = iie({"report", a, b.substr(0, 8), "--format", format});
    EXPECT_EQ(report.exit, 0) << report.err;
    EXPECT_NE(report.out.find(a), std::string::npos) << format;
    EXPECT_NE(report.out.find(b), std::string::npos) << format;
  }
  const Outcome published = iie({"report", a, "--published"});
  EXPECT_NE(published.out.find("o3-high"), std::string::npos) << published.out;
  EXPECT_EQ(iie({"report", a, "--format", "md", "--out", "x/cmp.md"}).exit, 0);
  EXPECT_FALSE(dir_.read("x/cmp.md").empty());
}

TEST_F(Commands, CompareTellsTwoRunsApartOrWhyItCannot) {
  ASSERT_EQ(iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--quiet"}).exit, 0);
  ASSERT_EQ(
      iie({"run", "--model", "replay:demonstrations", "--limit", "64", "--types", "CC", "--quiet"})
          .exit,
      0);
  const auto runs = json(iie({"runs", "--format", "json"}).out).as_array();
  const std::string a(runs[0].at("id").as_string());
  const std::string b(runs[1].at("id").as_string());
  const Outcome apart = iie({"compare", a, b});
  EXPECT_EQ(apart.exit, 3);
  EXPECT_NE(apart.err.find("--common"), std::string::npos) << apart.err;
  for (const std::string format : {"terminal", "md", "csv", "json"}) {
    const Outcome found = iie({"compare", a, b, "--common", "--format", format});
    EXPECT_EQ(found.exit, 0) << found.err;
    EXPECT_NE(found.out.find("CC"), std::string::npos) << format;
  }
  const auto same = json(iie({"compare", a, a, "--format", "json"}).out);
  EXPECT_EQ(same.at("overall").at("difference").to_number<double>(), 0);
  EXPECT_EQ(iie({"compare", a}).exit, 2);
  EXPECT_EQ(iie({"compare", a, b, "--format", "latex"}).exit, 2);
  EXPECT_EQ(iie({"compare", "published:GPT-4.1", a}).exit, 3);
  EXPECT_EQ(iie({"report", a, "--best-of", "1,4"}).exit, 3) << "one rollout each";
  const Outcome latex = iie({"report", a, b, "--format", "latex"});
  EXPECT_EQ(latex.exit, 0) << latex.err;
  EXPECT_NE(latex.out.find("\\toprule"), std::string::npos);
}

TEST_F(Commands, ImportWritesNativeLinesWithTheSameHash) {
  const std::string official = shared_file("official_style/dataset.json").string();
  IIE_NEEDS_SHARED(official);
  ASSERT_EQ(iie({"data", "import", official, "--out", "native.jsonl"}).exit, 0);
  const auto before = json(iie({"data", "show", official, "--format", "json"}).out);
  const auto after = json(iie({"data", "show", "native.jsonl", "--format", "json"}).out);
  EXPECT_EQ(before.at("hash"), after.at("hash"));
  EXPECT_EQ(after.at("format"), "native");
  EXPECT_EQ(after.at("samples"), 8);
}

TEST_F(Commands, FetchChecksCountsAndCaches) {
  // A set of the right shape and size, written for this test.
  static constexpr std::pair<const char*, int> kTypes[] = {
      {"Question Correction", 45},
      {"Intentional Textual Flaws", 43},
      {"Code without Comments", 99},
      {"Counter-Conventional Formatting", 41},
      {"Deliberately Incorrect Answers", 93},
      {"Instructional Induction", 77},
      {"Mid-turn Instruction Modification", 54},
      {"Counterfactual Answering", 54}};
  std::string rows = "[";
  for (const auto& [type, count] : kTypes) {
    for (const char* language : {"english", "chinese"}) {
      for (int i = 0; i < count; ++i) {
        if (rows.size() > 1) rows += ',';
        rows += std::string(R"({"instruction_types":")") + type + R"(","prompt":"Question )" +
                type + ' ' + language + std::to_string(i) +
                R"(","response_reference":"r","language":")" + language +
                R"(","judge_prompt_template":"{response}","judge_system_prompt":"s"})";
      }
    }
  }
  rows += "]";
  ChatServer hub([&](const Request& request) {
    if (request.path.find("Inverse_IFEval_Dataset.json") == std::string::npos) {
      return error_reply(404, "no such file");
    }
    return json_reply(rows);
  });
  const Env env = {{"HF_ENDPOINT", hub.url()}, {"HF_TOKEN", "hf_canary_token_1"}};
  expect_error(iie({"run", "--model", "replay:x.jsonl", "--dataset", "official"}), 3,
               {"data fetch official"});
  const Outcome fetched = iie({"data", "fetch", "official", "--format", "json"}, env);
  ASSERT_EQ(fetched.exit, 0) << fetched.err;
  EXPECT_EQ(json(fetched.out).at("samples"), 1012);
  EXPECT_EQ(json(iie({"data", "show", "official", "--format", "json"}).out).at("samples"), 1012);
  const std::size_t requests = hub.counters().requests;
  EXPECT_EQ(iie({"data", "fetch", "official"}, env).exit, 0);
  EXPECT_EQ(hub.counters().requests, requests);

  rows.resize(rows.size() / 2);
  const std::size_t last = rows.rfind("},{");
  rows = rows.substr(0, last) + "}]";
  const Outcome short_file = iie({"data", "fetch", "official", "--force"}, env);
  EXPECT_EQ(short_file.exit, 3) << short_file.err;
  EXPECT_EQ(json(iie({"data", "show", "official", "--format", "json"}).out).at("samples"), 1012);
  expect_error(iie({"data", "fetch", "offical"}, env), 3, {"did you mean 'official'"});
}

TEST_F(Commands, DoctorNamesWhatWorksAndWhatDoesNot) {
  ChatServer model(static_answer("OK"));
  ChatServer judge([](const Request&) { return error_reply(404, "no model 'j'"); });
  const std::vector<std::string> args = {
      "doctor",         "--model",  "openai:m", "--base-url",
      model.base_url(), "--judge",  "openai:j", "--judge-base-url",
      judge.base_url(), "--format", "json"};
  const Outcome broken = iie(args);
  EXPECT_EQ(broken.exit, 4);
  const auto found = json(broken.out);
  EXPECT_EQ(found.at("ok"), false);
  EXPECT_EQ(found.at("checks").as_array()[0].at("ok"), true);
  EXPECT_EQ(found.at("checks").as_array()[1].at("ok"), false);
  EXPECT_EQ(model.counters().requests, 1u);
  EXPECT_EQ(judge.counters().requests, 1u);
  judge.set_handler(static_answer("【JSON】：\n```\n{\"answer_score\": 1}\n```"));
  EXPECT_EQ(iie(args).exit, 0);
}

TEST_F(Commands, CompletionScriptsAreValidShell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Outcome script = iie({"completion", shell});
    EXPECT_EQ(script.exit, 0) << script.err;
    EXPECT_NE(script.out.find("--judge-base-url"), std::string::npos)
        << (shell == "fish" ? "" : shell);
  }
  dir_.write("c.bash", iie({"completion", "bash"}).out);
  dir_.write("try.bash",
             "source c.bash\nCOMP_WORDS=(inverse-ifeval data fe)\nCOMP_CWORD=2\n_inverse_ifeval\n"
             "echo \"${COMPREPLY[@]}\"\nCOMP_WORDS=(inverse-ifeval run --prot)\n_inverse_ifeval\n"
             "echo \"${COMPREPLY[@]}\"\n");
  const Outcome tried = run_program("/bin/bash", dir_.path(), {.args = {"try.bash"}});
  EXPECT_EQ(tried.out, "fetch\n--protocol\n") << tried.err;
  expect_error(iie({"completion", "tcsh"}), 2, {"tcsh"});
}

TEST_F(Commands, ShowLetsNoEscapeSequenceThrough) {
  dir_.write(
      "q.jsonl",
      "{\"schema\":1,\"id\":\"a\\u001b[31m\",\"type\":\"CA\",\"domain\":\"x\\u001b]0;pwn\\u0007\","
      "\"language\":\"en\",\"messages\":[{\"role\":\"user\",\"content\":\"q\\u001b[2J\"}]}\n");
  dir_.write("r.jsonl", "{\"prompt\":\"q\\u001b[2J\",\"response\":\"r\\u001b[2J\"}\n");
  const Outcome score = iie({"score", "r.jsonl", "--dataset", "q.jsonl", "--judge", "rules"});
  ASSERT_EQ(score.exit, 0) << score.err;
  std::string printed = score.out + score.err;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"runs"},
                                               {"show", "latest"},
                                               {"show", "latest", "a\x1b[31m"},
                                               {"report", "latest", "--format", "md"},
                                               {"data", "show", "q.jsonl"}}) {
    const Outcome outcome = iie(args);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    printed += outcome.out + outcome.err;
  }
  EXPECT_EQ(printed.find('\x1b'), std::string::npos);
  EXPECT_EQ(printed.find('\x07'), std::string::npos);
}

TEST_F(Commands, AReaderThatLeavesIsNoError) {
  const Outcome outcome =
      run_program("/bin/bash", dir_.path(),
                  {.args = {"-c", "set -o pipefail; " + std::string(IIE_BINARY) +
                                      " data show open | head -1"}});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Commands, HelpShowsTheWholeCommand) {
  EXPECT_NE(iie({"data", "fetch", "--help"}).out.find("Usage: inverse-ifeval data fetch "),
            std::string::npos);
}

TEST_F(Commands, AFullOutputIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const Outcome outcome =
      run_program("/bin/sh", dir_.path(),
                  {.args = {"-c", std::string(IIE_BINARY) + " data show open >/dev/full"}});
  EXPECT_EQ(outcome.exit, 3) << outcome.err;
}

}  // namespace
}  // namespace iie::test
