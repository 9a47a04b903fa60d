#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/string_util.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

class TempFile {
 public:
  explicit TempFile(std::string_view bytes) {
    static int count = 0;
    path_ = fs::temp_directory_path() /
            ("iie_base_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TempFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> lines_of(std::string_view bytes) {
  const TempFile file(bytes);
  auto reader = LineReader::open(file.path());
  EXPECT_TRUE(reader.has_value());
  std::vector<std::string> lines;
  while (true) {
    const auto line = reader->next();
    EXPECT_TRUE(line.has_value());
    if (!line->has_value()) return lines;
    lines.emplace_back(**line);
  }
}

TEST(LineReader, StripsByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                     "a\r\nb\n\nc"),
            (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(lines_of(""), std::vector<std::string>{});
  EXPECT_EQ(lines_of("x\n"), std::vector<std::string>{"x"});
}

TEST(LineReader, ReadsLinesLongerThanAnyBuffer) {
  const std::string line(3'000'000, 'x');
  const auto lines = lines_of(line + "\nshort\n" + line);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].size(), line.size());
  EXPECT_EQ(lines[1], "short");
  EXPECT_EQ(lines[2].size(), line.size());
}

TEST(File, ErrorsNameThePathAndKind) {
  EXPECT_EQ(read_file("/nonexistent/x").error().kind, ErrorKind::not_found);
  EXPECT_NE(read_file("/nonexistent/x").error().message.find("/nonexistent/x"), std::string::npos);
  EXPECT_EQ(read_file(fs::temp_directory_path()).error().kind, ErrorKind::bad_input);
}

TEST(File, WritesWholeFilesAndLeavesNothingBeside) {
  const TempFile place("old");
  ASSERT_TRUE(write_file(place.path(), "new").has_value());
  EXPECT_EQ(read_file(place.path()).value(), "new");
  EXPECT_FALSE(write_file("/proc/nope/x", "y").has_value());
}

// FIPS 180-4's examples.
TEST(Hash, Sha256MatchesTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 parts;
  parts.update("a");
  parts.update("bc");
  EXPECT_EQ(parts.hex(), sha256_hex("abc"));
}

TEST(Rng, SequenceIsFixedAndUniformEnough) {
  Rng a(42);
  Rng b(42);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a(), b());
  // Computed once by the authors' reference C code (splitmix64 seeding, xoshiro256**).
  Rng c(0);
  EXPECT_EQ(c(), 11091344671253066420ull);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum += a.uniform();
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
  for (int i = 0; i < 1'000; ++i) ASSERT_LT(a.below(7), 7u);
}

TEST(Secret, IsRedactedInEveryFormItTakes) {
  const Secret key("sk-te/st+canary\"1");
  EXPECT_EQ(redact("Bearer sk-te/st+canary\"1!"), "Bearer [redacted]!");
  EXPECT_EQ(redact("q=sk-te%2Fst%2Bcanary%221"), "q=[redacted]");
  EXPECT_EQ(redact("{\"k\":\"sk-te\\/st+canary\\\"1\"}"), "{\"k\":\"[redacted]\"}");
  EXPECT_EQ(redact("Basic c2stdGUvc3QrY2FuYXJ5IjE="), "Basic [redacted]=");
}

TEST(Secret, ShortValuesAreNotSearchedFor) {
  const Secret dummy("abc");
  EXPECT_EQ(redact("abcabc"), "abcabc");
}

TEST(StringUtil, MendsUtf8ByMaximalSubparts) {
  // Unicode 15, table 3-8.
  EXPECT_EQ(to_valid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
            "A");
  EXPECT_EQ(to_valid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD"
            "A");
  EXPECT_TRUE(is_valid_utf8("漢字 \U0001F600"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
}

TEST(StringUtil, OneLineKeepsTerminalsSafe) {
  EXPECT_EQ(one_line("a\nb\x1b[31mc"), "a b?[31mc");
  EXPECT_EQ(one_line("汉汉汉汉", 10), "汉汉...");
}

TEST(StringUtil, SuggestsOnlyNearNames) {
  EXPECT_EQ(did_you_mean("dataste", {"dataset", "model"}), "; did you mean 'dataset'?");
  EXPECT_EQ(did_you_mean("zzzzzz", {"dataset", "model"}), "");
}

TEST(Clock, FormatsUtcToTheSecond) {
  EXPECT_EQ(to_iso8601(WallTime(std::chrono::milliseconds(1'700'000'000'999))),
            "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace iie
