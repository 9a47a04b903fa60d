#include "core/reported_usage.h"

#include <gtest/gtest.h>

#include <limits>

namespace iie {
namespace {

TEST(ReportedUsage, ReasoningBesideTheCompletionIsOutputToo) {
  const Usage xai = usage_of(OpenAiCounts{.input = 31, .output = 9, .total = 134, .reasoning = 94});
  EXPECT_EQ(xai, (Usage{31, 103, 94}));
  const Usage openai =
      usage_of(OpenAiCounts{.input = 31, .output = 103, .total = 134, .reasoning = 94});
  EXPECT_EQ(openai, xai);
  // Nobody can tell without the total.
  EXPECT_EQ(usage_of(OpenAiCounts{.input = 31, .output = 9, .reasoning = 94}).output_tokens, 9);
}

TEST(ReportedUsage, AnthropicsInputIsWhatIsNeitherReadNorWritten) {
  const Usage usage = usage_of(AnthropicCounts{.input = 12,
                                               .output = 80,
                                               .cache_read = 32,
                                               .cache_written = 20,
                                               .cache_written_1h = 5,
                                               .thinking = 60});
  EXPECT_EQ(usage, (Usage{64, 80, 60, 32, 20, 5}));
  EXPECT_EQ(usage_of(AnthropicCounts{.output = 80, .cache_read = 32}).input_tokens, std::nullopt);
}

TEST(ReportedUsage, LaterPiecesOfAStreamGoBeforeEarlierOnes) {
  AnthropicCounts counts{.input = 12, .output = 1, .cache_read = 3};
  counts.update({.output = 80});
  EXPECT_EQ(usage_of(counts), (Usage{15, 80, std::nullopt, 3}));
}

TEST(ReportedUsage, AbsurdCountsDoNotOverflow) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(usage_of(AnthropicCounts{.input = kMost, .cache_read = kMost}).input_tokens, kMost);
  EXPECT_EQ(usage_of(OpenAiCounts{.input = kMost, .output = kMost, .total = kMost, .reasoning = 1})
                .output_tokens,
            kMost);
}

}  // namespace
}  // namespace iie
