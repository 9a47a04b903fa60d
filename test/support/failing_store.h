// A store whose disk fills up: for tests of what the engine does then.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "store/store.h"

namespace iie::testing_support {

// Passes everything on to a memory store until `records` were appended; the rest are dropped, and
// flushed() then fails with `error`, as the SQLite store does.
class FailingStore final : public Store {
 public:
  FailingStore(int records, Error error) : left_(records), error_(std::move(error)) {}

  Result<RunInfo> create_run(const RunSpec& spec, const std::vector<Sample>& samples) override {
    return store_->create_run(spec, samples);
  }
  Result<std::vector<RunInfo>> runs_with_key(std::string_view key) override {
    return store_->runs_with_key(key);
  }
  Result<std::vector<RunInfo>> runs() override { return store_->runs(); }
  Result<RunInfo> find_run(std::string_view id) override { return store_->find_run(id); }
  Result<std::vector<Sample>> samples(const RunInfo& run) override { return store_->samples(run); }
  Result<RunState> state(const RunInfo& run) override { return store_->state(run); }
  Result<void> for_each_rollout(const RunInfo& run,
                                const std::function<bool(const StoredRollout&)>& visit) override {
    return store_->for_each_rollout(run, visit);
  }
  Result<void> for_each_rollout_unordered(
      const RunInfo& run, const std::function<bool(const StoredRollout&)>& visit) override {
    return store_->for_each_rollout_unordered(run, visit);
  }
  Result<void> for_each_progress(
      const RunInfo& run, const std::function<bool(const RolloutProgress&)>& visit) override {
    return store_->for_each_progress(run, visit);
  }
  Result<std::vector<StoredRollout>> rollouts(const RunInfo& run, std::int32_t sample) override {
    return store_->rollouts(run, sample);
  }
  Result<std::optional<StoredRollout>> rollout(const RunInfo& run, RolloutId id) override {
    return store_->rollout(run, id);
  }
  Result<std::vector<BrokenOff>> broken_off(const RunInfo& run) override {
    return store_->broken_off(run);
  }
  Result<void> claim(const RunInfo& run) override { return store_->claim(run); }
  void append(const RunInfo& run, ResponseRecord record) override {
    if (take()) store_->append(run, std::move(record));
  }
  void append(const RunInfo& run, JudgementRecord record) override {
    if (take()) store_->append(run, std::move(record));
  }
  void append(const RunInfo& run, BrokenOff calls) override {
    if (take()) store_->append(run, std::move(calls));
  }
  Async<Result<void>> flushed() override {
    if (left_ < 0) co_return std::unexpected(error_);
    co_return co_await store_->flushed();
  }

 private:
  bool take() {
    if (left_ >= 0) --left_;
    return left_ >= 0;
  }

  int left_;  // below 0: the disk is full
  Error error_;
  std::unique_ptr<Store> store_ = make_memory_store();
};

}  // namespace iie::testing_support
