// Latencies of any number of calls, summed up exactly.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "report/usage.h"

namespace iie {

// Memory: one entry per distinct millisecond.
class Latencies {
 public:
  void add(std::chrono::milliseconds latency) {
    ++counts_[latency.count()];
    ++calls_;
    sum_ += latency;
  }
  std::optional<LatencySummary> summary() const {
    if (calls_ == 0) return std::nullopt;
    return LatencySummary{calls_, sum_, quantile(50), quantile(95)};
  }

 private:
  // The smallest latency that at least `percent` of the calls do not exceed.
  std::chrono::milliseconds quantile(std::int64_t percent) const {
    const std::int64_t rank = (calls_ * percent + 99) / 100;
    std::int64_t seen = 0;
    for (const auto& [latency, count] : counts_) {
      seen += count;
      if (seen >= rank) return std::chrono::milliseconds(latency);
    }
    return {};
  }

  std::map<std::int64_t, std::int64_t> counts_;
  std::int64_t calls_ = 0;
  std::chrono::milliseconds sum_{};
};

}  // namespace iie
