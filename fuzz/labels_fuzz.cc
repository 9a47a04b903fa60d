// People's labels on arbitrary bytes: no crash, and every response that was read answers a sample,
// has a label, and stands there once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/string_util.h"
#include "dataset/labels.h"

namespace {

iie::Dataset two_samples() {
  iie::Dataset dataset;
  for (const char* id : {"a", "1"}) {
    iie::Sample sample;
    sample.id = id;
    sample.question.messages.push_back({iie::Role::user, id});
    dataset.samples.push_back(std::move(sample));
  }
  return dataset;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iie::set_log_level(iie::LogLevel::off);
  static const iie::Dataset dataset = two_samples();
  const auto labels =
      iie::parse_labels({reinterpret_cast<const char*>(data), size}, "fuzz", dataset);
  if (!labels) {
    if (labels.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  if (labels->responses.empty()) std::abort();
  const std::set<std::string> annotators(labels->annotators.begin(), labels->annotators.end());
  std::set<std::pair<std::size_t, std::string>> seen;
  for (const iie::LabelledResponse& response : labels->responses) {
    if (response.sample >= dataset.samples.size() || response.labels.empty() ||
        !iie::is_valid_utf8(response.response) ||
        !seen.emplace(response.sample, response.response).second) {
      std::abort();
    }
    for (const auto& [annotator, label] : response.labels) {
      if (!annotator.empty() && !annotators.contains(annotator)) std::abort();
    }
  }
  return 0;
}
