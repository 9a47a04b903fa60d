// How often rules decide as a reader would, on text that was labelled before they were run on it.
// One folder per family under test/cases/rules/quality/; doc/rule-quality.md says what was found.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "case_file.h"
#include "rules/rule.h"
#include "text/unicode.h"

namespace iie {
namespace {

// A family's cases are worth their name from so many on.
constexpr std::size_t kCasesPerFamily = 400;

bool is_chinese(std::string_view text) { return count_han_characters(text) > 0; }

TEST(RuleQuality, AgreesWithReadersInNinetyNineOfAHundredCases) {
  std::map<std::string, std::vector<std::filesystem::path>> families;
  const std::filesystem::path folder = IIE_SOURCE_DIR "/test/cases/rules/quality";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    families[entry.path().parent_path().filename().string()].push_back(entry.path());
  }
  EXPECT_EQ(families.size(), 5u);
  for (auto& [family, files] : families) {
    std::ranges::sort(files);
    std::size_t cases = 0;
    std::size_t chinese = 0;
    std::size_t missed = 0;
    std::string misses;
    for (const auto& path : files) {
      for (const RuleCase& one : read_rule_cases(path)) {
        Question question;
        question.checks.push_back({one.rule, "c1", one.params});
        const auto checks = compile_checks(question);
        ASSERT_TRUE(checks) << one.where << ": " << checks.error().message;
        const CheckResult result = checks->run(one.response).at(0);
        ++cases;
        chinese += is_chinese(one.response) ? 1 : 0;
        if (one.decision == to_string(result.decision)) continue;
        ++missed;
        misses += "  " + family + "/" + one.where + ": " + one.rule + " says " +
                  std::string(to_string(result.decision)) + ", a reader " + one.decision + ": " +
                  result.reason + "\n";
      }
    }
    std::cout << family << ": " << cases - missed << " of " << cases << " agree, " << chinese
              << " with Chinese\n"
              << misses;
    EXPECT_GE(cases, kCasesPerFamily) << family;
    EXPECT_LE(missed * 100, cases) << family << "\n" << misses;
  }
}

}  // namespace
}  // namespace iie
