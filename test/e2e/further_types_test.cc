// The further types, as one asks them: beside the open questions, alone, and as conversations.
#include <algorithm>
#include <mutex>
#include <set>

#include "e2e/cli_fixture.h"
#include "support/chat_server.h"

namespace iie::test {
namespace {

class FurtherTypes : public EndToEnd {
 protected:
  boost::json::value run(const std::string& dataset, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {
        "run",  "--model", "replay:demonstrations", "--dataset", dataset, "--quiet", "--format",
        "json", "--store", dataset + ".db"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome outcome = iie(args);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    return json(outcome.out);
  }
  // The SCORE of the store's only run.
  boost::json::value listed_score(const std::string& dataset) {
    return json(iie({"runs", "--store", dataset + ".db", "--format", "json"}).out)
        .at(0)
        .at("score");
  }
};

TEST_F(FurtherTypes, TheOverallIsTheSameWithAndWithoutThem) {
  const auto open = run("open");
  const auto both = run("open+further");
  EXPECT_EQ(number(open.at("dataset").at("samples")), 1012);
  EXPECT_EQ(number(both.at("dataset").at("samples")), 1084);
  for (const char* part :
       {"overall", "by_type", "cells", "by_language", "by_domain", "unscored", "language_gap"}) {
    EXPECT_EQ(both.at(part), open.at(part)) << part;
  }
  EXPECT_TRUE(open.at("further_types").as_array().empty());
  const auto& further = both.at("further_types").as_array();
  ASSERT_EQ(further.size(), 3u);
  for (const auto& type : further) {
    EXPECT_EQ(number(type.at("n")), 48);
    EXPECT_EQ(number(type.at("passed")), 24);  // each compliant gold, no inertial one
  }
  EXPECT_EQ(both.at("further_cells").as_array().size(), 6u);
  EXPECT_EQ(listed_score("open"), open.at("overall").at("score"));
  EXPECT_EQ(listed_score("open+further"), open.at("overall").at("score"));

  const std::string text = iie({"report", "latest", "--store", "open+further.db"}).out;
  EXPECT_NE(text.find("\nFurther types\n"), std::string::npos) << text;
  EXPECT_LT(text.find("\n  all "), text.find("\nFurther types\n"));
}

TEST_F(FurtherTypes, AloneHaveNoOverallScoreAndSaySo) {
  const auto report = run("further", {"--twins"});
  EXPECT_EQ(report.at("complete"), true);
  EXPECT_TRUE(report.at("overall").at("score").is_null());
  EXPECT_EQ(number(report.at("overall").at("n")), 0);
  EXPECT_TRUE(report.at("by_type").as_array().empty());
  EXPECT_TRUE(report.at("by_language").as_array().empty());
  EXPECT_TRUE(report.at("by_domain").as_array().empty());
  EXPECT_EQ(report.at("further_types").as_array().size(), 3u);
  EXPECT_TRUE(report.at("twins").at("overall").is_null());
  ASSERT_EQ(report.at("twins").at("further_types").as_array().size(), 3u);
  EXPECT_EQ(number(report.at("twins").at("further_types").at(0).at("gap")), 50);
  EXPECT_TRUE(listed_score("further").is_null());
  for (const char* format : {"terminal", "md", "html"}) {
    const Outcome shown =
        iie({"report", "latest", "--store", "further.db", "--format", format, "--published"});
    EXPECT_EQ(shown.exit, 0) << shown.err;
    EXPECT_NE(shown.out.find("no overall score: none of the questions is of the benchmark's eight"),
              std::string::npos)
        << format;
  }
}

TEST_F(FurtherTypes, AreChosenByTypeOnlyWhereTheyAre) {
  expect_error(iie({"run", "--model", "replay:demonstrations", "--types", "PT"}), 3,
               {"open has no questions of type PT", "--dataset further"});
  expect_error(iie({"run", "--model", "replay:demonstrations", "--types", "QC,PT"}), 3,
               {"open has no questions of type PT"});
  const auto report = run("open+further", {"--types", "PT,QC"});
  ASSERT_EQ(report.at("by_type").as_array().size(), 1u);
  ASSERT_EQ(report.at("further_types").as_array().size(), 1u);
  EXPECT_EQ(report.at("further_types").at(0).at("code").as_string(), "PT");
  expect_error(iie({"data", "fresh", "--seed", "1", "--count", "2", "--types", "PT"}), 2,
               {"PT has no procedural questions"});
}

// Every dialect sends a conversation's turns in their order, each as who said it.
TEST_F(FurtherTypes, AConversationReachesTheEndpointTurnByTurn) {
  std::mutex mutex;
  std::set<std::string> seen;
  ChatServer server([&](const Request& request) {
    std::string roles;
    for (const ChatMessage& message : request.messages()) roles += message.role + ' ';
    const std::lock_guard lock(mutex);
    seen.insert(roles);
    return static_answer("- a list")(request);
  });
  const Outcome outcome =
      iie({"run", "--model", "openai:m", "--base-url", server.base_url(), "--dataset", "further",
           "--ids", "pt-001-en,tc-001-en", "--quiet", "--judge", "rules"},
          {{"OPENAI_API_KEY", "k"}});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(seen, (std::set<std::string>{"user ", "user assistant user assistant user "}));
  // And a reader sees what was said before the answer that failed.
  const std::size_t rule = outcome.out.find("I follow our chat by voice");
  const std::size_t asked = outcome.out.find("And now the steps for changing the tube");
  ASSERT_NE(rule, std::string::npos) << outcome.out;
  EXPECT_LT(rule, asked);
}

}  // namespace
}  // namespace iie::test
