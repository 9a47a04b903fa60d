#include "judge/quotation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/rng.h"

namespace iie {
namespace {

std::string spaces(std::size_t n) { return std::string(n, ' '); }

TEST(BlankCopies, LongCopiesGoAndTheRestStays) {
  const std::string source = "The quick brown fox jumps over the lazy dog near the river bank.";
  const std::string copy = source.substr(4, 50);
  EXPECT_EQ(blank_copies("It says: " + copy + "! No.", source, 32),
            "It says: " + spaces(50) + "! No.");
  EXPECT_EQ(blank_copies(source, source, 32), spaces(source.size()));
  EXPECT_EQ(blank_copies("quick brown fox", source, 32), "quick brown fox") << "too short";
  EXPECT_EQ(blank_copies("", source, 32), "");
  EXPECT_EQ(blank_copies("some reply that is long enough to be scanned", "", 32),
            "some reply that is long enough to be scanned");
}

TEST(BlankCopies, LineBreaksStay) {
  const std::string source = "first line of the response\nsecond line of the response";
  const std::string blanked = blank_copies("x\n" + source + "\ny", source, 32);
  EXPECT_EQ(std::count(blanked.begin(), blanked.end(), '\n'), 3);
  EXPECT_EQ(blanked.front(), 'x');
  EXPECT_EQ(blanked.back(), 'y');
}

// Against the plain definition, on texts of few letters, where copies are many and overlap.
TEST(BlankCopies, FindsWhatASlowSearchFinds) {
  Rng rng(7);
  for (int round = 0; round < 300; ++round) {
    std::string source;
    std::string reply;
    for (int i = 0; i < 120; ++i) source += static_cast<char>('a' + rng.below(20));
    for (int i = 0; i < 60; ++i) reply += static_cast<char>('a' + rng.below(20));
    const std::size_t from = rng.below(80);
    const std::size_t length = 10 + rng.below(30);
    reply.insert(rng.below(60), source.substr(from, length));
    std::string expected = reply;
    for (std::size_t at = 0; at + 16 <= reply.size(); ++at) {
      if (source.find(reply.substr(at, 16)) == source.npos) continue;
      for (std::size_t i = at; i < at + 16; ++i) expected[i] = ' ';
    }
    EXPECT_EQ(blank_copies(reply, source, 16), expected) << reply << '\n' << source;
  }
}

TEST(BlankCopies, FloodsTakeLinearTime) {
  const std::string flood(200'000, 'a');
  std::string broken = flood;
  for (std::size_t i = 40; i < broken.size(); i += 41) broken[i] = 'b';
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(blank_copies(flood, flood, 48), spaces(flood.size()));
  blank_copies(broken, flood, 48);
  blank_copies(flood, broken, 48);
  // Milliseconds; minutes for what is quadratic.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace iie
