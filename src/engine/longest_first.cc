#include "engine/longest_first.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace iie {
namespace {

// Of the latest response in what is expected of the next.
constexpr float kLatest = 0.5F;
// Passes that are made as one, and at most this share of all.
constexpr std::size_t kPassesTogether = 3;
constexpr std::size_t kShareTogether = 2;
constexpr std::size_t kPassesUnanswered = 2;

}  // namespace

LongestFirst::LongestFirst(std::vector<float> guesses, std::size_t rollouts, std::size_t together)
    : lengths_(std::move(guesses)), rollouts_(rollouts), passes_(rollouts) {
  // A guess of nothing is still a guess.
  for (float& length : lengths_) length = -std::max(length, 1e-6F);
  if (!lengths_.empty() && rollouts > 1) {
    const std::size_t wanted = std::max(kPassesTogether, together / lengths_.size() + 1);
    passes_ = rollouts - std::max<std::size_t>(1, std::min(wanted, rollouts / kShareTogether));
  }
}

std::optional<RolloutId> LongestFirst::next() {
  if (lengths_.empty() || rollouts_ == 0) return std::nullopt;
  if (order_.empty() && heap_.empty() && done_.empty()) begin_pass();
  if (pass_ < passes_ && place_ == order_.size()) {
    ++pass_;
    if (pass_ < passes_) {
      begin_pass();
    } else {
      begin_last_passes();
    }
  }
  if (pass_ < passes_) {
    return RolloutId{static_cast<std::int32_t>(order_[place_++]), static_cast<std::int32_t>(pass_)};
  }
  while (!heap_.empty()) {
    const Entry longest = heap_.front();
    const bool current = longest.length == expected(longest.sample);
    if (current && done_[longest.sample] < rollouts_) {
      return RolloutId{static_cast<std::int32_t>(longest.sample),
                       static_cast<std::int32_t>(done_[longest.sample]++)};
    }
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
    // A guess whose scale has changed meanwhile.
    if (!current && lengths_[longest.sample] < 0 && done_[longest.sample] < rollouts_) {
      heap_.push_back({expected(longest.sample), longest.sample});
      std::push_heap(heap_.begin(), heap_.end());
    }
  }
  return std::nullopt;
}

void LongestFirst::observe(std::size_t sample, float length) {
  float& expectation = lengths_[sample];
  length = std::max(length, 1e-6F);
  longest_ = std::max(longest_, length);
  if (expectation > 0) {
    expectation += kLatest * (length - expectation);
  } else {
    guessed_ -= static_cast<double>(expectation);
    observed_ += static_cast<double>(length);
    expectation = length;
  }
  if (done_.empty() || done_[sample] >= rollouts_) return;
  if (heap_.size() > 2 * lengths_.size()) {
    begin_last_passes();
    return;
  }
  heap_.push_back({expectation, static_cast<std::uint32_t>(sample)});
  std::push_heap(heap_.begin(), heap_.end());
}

float LongestFirst::expected(std::size_t sample) const {
  const float length = lengths_[sample];
  if (length > 0) return length;
  // What was asked passes ago and has no answer yet is longer than what has.
  const float unanswered = pass_ >= kPassesUnanswered ? longest_ : 0;
  const double scale = guessed_ > 0 ? observed_ / guessed_ : 1;
  return unanswered + static_cast<float>(-static_cast<double>(length) * scale);
}

void LongestFirst::begin_pass() {
  place_ = 0;
  order_.resize(lengths_.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
  std::ranges::stable_sort(order_, std::greater<>(),
                           [&](std::uint32_t sample) { return expected(sample); });
}

void LongestFirst::begin_last_passes() {
  std::vector<std::uint32_t>().swap(order_);
  place_ = 0;
  if (done_.empty()) done_.assign(lengths_.size(), static_cast<std::uint32_t>(passes_));
  heap_.clear();
  for (std::size_t sample = 0; sample < lengths_.size(); ++sample) {
    if (done_[sample] < rollouts_) {
      heap_.push_back({expected(sample), static_cast<std::uint32_t>(sample)});
    }
  }
  std::make_heap(heap_.begin(), heap_.end());
}

}  // namespace iie
