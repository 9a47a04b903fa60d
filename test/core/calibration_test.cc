#include "core/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/run.h"

namespace iie {
namespace {

using testing::HasSubstr;

Calibration two_cells() {
  Calibration calibration;
  calibration.tool_version = "1.2.3";
  calibration.labels = "labels.jsonl";
  calibration.labels_hash = "abc";
  calibration.annotators = 2;
  calibration.cells = {{"QC", Language::english, "openai:a", "f1", 10, 1, 8, 2, 0, 3, 12},
                       {"", std::nullopt, "openai:a", "f1", 1, 2, 3, 4, 5, 6, 7}};
  return calibration;
}

std::string with(std::string json, std::string_view what, std::string_view by) {
  return json.replace(json.find(what), what.size(), by);
}

TEST(Calibration, ReadsBackAsItWasWritten) {
  const Calibration calibration = two_cells();
  const auto read = calibration_from_json(calibration_to_json(calibration), "c.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, calibration);
}

TEST(Calibration, ACellIsOfOneTypeLanguageAndFingerprint) {
  const Calibration calibration = two_cells();
  ASSERT_TRUE(calibration.find("QC", Language::english, "f1"));
  EXPECT_EQ(calibration.find("QC", Language::english, "f1")->false_pass, 2);
  EXPECT_FALSE(calibration.find("QC", Language::chinese, "f1"));
  EXPECT_FALSE(calibration.find("QC", Language::english, "f2"));
  EXPECT_FALSE(calibration.find("CC", Language::english, "f1"));
}

TEST(Calibration, SaysWhatIsWrongWithAFile) {
  const std::string good = calibration_to_json(two_cells());
  const auto error = [](const std::string& json) {
    const auto read = calibration_from_json(json, "c.json");
    return read ? std::string("read") : read.error().message;
  };
  EXPECT_THAT(error("{}"), HasSubstr("c.json: no calibration"));
  EXPECT_THAT(error(with(good, "\"calibration\": 1", "\"calibration\": 2")), HasSubstr("version"));
  EXPECT_THAT(error(with(good, "\"QC\"", "\"QQ\"")), HasSubstr("cells[0].type"));
  EXPECT_THAT(error(with(good, "\"true_pass\": 10", "\"true_pass\": -1")), HasSubstr("below 0"));
  EXPECT_THAT(error(with(good, "\"true_pass\": 10,", "")), HasSubstr("cells[0].true_pass"));
  EXPECT_THAT(error(with(good, "\"true_pass\"", "\"passes\"")), HasSubstr("cells[0]"));
  EXPECT_THAT(error(with(good, "english", "latin")), HasSubstr("cells[0].language"));
  Calibration twice = two_cells();
  twice.cells.push_back(twice.cells.front());
  EXPECT_THAT(error(calibration_to_json(twice)), HasSubstr("cells[2]: a second cell"));
}

TEST(RunSpecJudges, CellsAreStoredButNotPartOfTheKey) {
  RunSpec spec;
  spec.model = "openai:a";
  RunSpec told = spec;
  told.judge_cells = {{"QC", Language::chinese, "openai:j", "f1"},
                      {"", std::nullopt, "rules", "f2"}};
  told.rejudged = "0123456789ab";
  EXPECT_EQ(run_spec_from_json(run_spec_to_json(told)).value(), told);
  EXPECT_EQ(run_key(told), run_key(spec));
  told.judge_matrix = "{}";
  EXPECT_EQ(run_spec_from_json(run_spec_to_json(told)).value(), told);
  EXPECT_NE(run_key(told), run_key(spec));
}

}  // namespace
}  // namespace iie
