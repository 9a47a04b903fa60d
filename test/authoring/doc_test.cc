// doc/authoring.md: its example is an item that passes, and its table lists the codes that exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "authoring/item_checks.h"
#include "base/file.h"

namespace iie {
namespace {

std::string doc() {
  const auto text = read_file(IIE_SOURCE_DIR "/doc/authoring.md");
  EXPECT_TRUE(text) << text.error().message;
  return text.value_or("");
}

TEST(AuthoringDoc, ItsExampleIsAWholeItem) {
  const std::string text = doc();
  const std::string open = "```json-item\n";
  const std::size_t begin = text.find(open) + open.size();
  std::string json = text.substr(begin, text.find("```", begin) - begin);
  std::ranges::replace(json, '\n', ' ');
  const auto sample = sample_from_json(json);
  ASSERT_TRUE(sample) << sample.error().message;
  Problems problems;
  GoldCounts gold;
  check_item({*sample, "doc", 1}, true, problems, gold);
  for (const Problem& one : problems) ADD_FAILURE() << one.field << ": " << one.message;
  EXPECT_EQ(gold.compliant_pass, 1);
  EXPECT_EQ(gold.inertial_fail, 1);
  EXPECT_EQ(gold.conventional_pass, 1);
}

// Codes are written as string literals where they are reported.
TEST(AuthoringDoc, ListsEveryCode) {
  const std::string text = doc();
  std::set<std::string> listed;
  const std::size_t table = text.find("| code | meaning |");
  const std::regex code("`([a-z]+(?:-[a-z]+)*)`");
  const std::string rows = text.substr(table);
  for (std::sregex_iterator at(rows.begin(), rows.end(), code), end; at != end; ++at) {
    listed.insert((*at)[1]);
  }
  std::string sources;
  for (const char* file : {"items.cc", "item_checks.cc", "validate.cc"}) {
    sources += read_file(std::string(IIE_SOURCE_DIR "/src/authoring/") + file).value();
  }
  for (const std::string& one : listed) {
    if (one == "complete") continue;  // a field
    const bool composed = one.ends_with("-fails") || one.ends_with("-undecided");
    EXPECT_TRUE(composed || sources.find('"' + one + '"') != std::string::npos) << one;
  }
  const std::regex reported(R"re((?:error|warning|share_of)\(\s*"([a-z-]+)")re");
  int found = 0;
  for (std::sregex_iterator at(sources.begin(), sources.end(), reported), end; at != end; ++at) {
    ++found;
    EXPECT_TRUE(listed.contains((*at)[1])) << (*at)[1];
  }
  EXPECT_GT(found, 15);
}

}  // namespace
}  // namespace iie
