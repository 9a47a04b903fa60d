// How often rules decide as a reader would, on text that was labelled before they were run on it.
// One file per family under test/cases/rules/quality/; doc/rule-quality.md says what was found.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "case_file.h"
#include "rules/rule.h"

namespace iie {
namespace {

TEST(RuleQuality, AgreesWithReadersInNinetyNineOfAHundredCases) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(IIE_SOURCE_DIR "/test/cases/rules/quality")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  for (const auto& path : files) {
    std::size_t cases = 0;
    std::string misses;
    std::size_t missed = 0;
    for (const RuleCase& one : read_rule_cases(path)) {
      Question question;
      question.checks.push_back({one.rule, "c1", one.params});
      const auto checks = compile_checks(question);
      ASSERT_TRUE(checks) << one.where << ": " << checks.error().message;
      const CheckResult result = checks->run(one.response).at(0);
      ++cases;
      if (one.decision == to_string(result.decision)) continue;
      ++missed;
      misses += "  " + one.where + ": " + one.rule + " says " +
                std::string(to_string(result.decision)) + ", a reader " + one.decision + ": " +
                result.reason + "\n";
    }
    std::cout << path.stem().string() << ": " << cases - missed << " of " << cases << " agree\n"
              << misses;
    EXPECT_LE(missed * 100, cases) << path << "\n" << misses;
  }
}

}  // namespace
}  // namespace iie
