// A dataset of no stated format: whatever the bytes are, no crash, one line of error, and what was
// read has samples with ids of their own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/string_util.h"
#include "dataset/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iie::set_log_level(iie::LogLevel::off);
  const auto dataset = iie::parse_dataset({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!dataset) {
    if (dataset.error().message.find('\n') != std::string::npos ||
        !iie::is_valid_utf8(dataset.error().message)) {
      std::abort();
    }
    return 0;
  }
  std::set<std::string_view> ids;
  for (const iie::Sample& sample : dataset->samples) {
    if (sample.question.messages.empty() || !ids.insert(sample.id).second) std::abort();
  }
  if (ids.empty()) std::abort();
  return 0;
}
