#include "core/answer_length.h"

namespace iie {

std::int64_t answer_length(const Response& response) {
  constexpr std::size_t kBytesPerToken = 4;
  if (response.usage.output_tokens) return *response.usage.output_tokens;
  return static_cast<std::int64_t>((response.text.size() + response.reasoning.size()) /
                                   kBytesPerToken);
}

}  // namespace iie
