#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/version.h"
#include "core/answer_length.h"
#include "store/derive.h"
#include "store/store.h"

namespace iie {
namespace {

class MemoryStore final : public Store {
 public:
  Result<RunInfo> create_run(const RunSpec& spec, const std::vector<Sample>& samples) override {
    Run run;
    run.info.key = run_key(spec);
    run.info.id = new_run_id(run.info.key, [this](const std::string& id) {
      return std::ranges::any_of(runs_, [&](const Run& other) { return other.info.id == id; });
    });
    run.info.spec = spec;
    run.info.created = system_clock().wall();
    run.info.tool_version = tool_version();
    run.info.samples = static_cast<std::int64_t>(samples.size());
    run.info.planned = run.info.samples * spec.rollouts;
    run.samples = samples;
    run.claimed = true;
    return runs_.emplace_back(std::move(run)).info;
  }

  Result<std::vector<RunInfo>> runs_with_key(std::string_view key) override {
    std::vector<RunInfo> found;
    for (const Run& run : runs_) {
      if (run.info.key == key) found.push_back(run.info);
    }
    return found;
  }

  Result<std::vector<RunInfo>> runs() override {
    std::vector<RunInfo> all;
    for (const Run& run : runs_) all.push_back(run.info);
    return all;
  }

  Result<RunInfo> find_run(std::string_view id_or_prefix) override {
    IIE_TRY(const std::vector<RunInfo> all, runs());
    return pick_run(all, id_or_prefix);
  }

  Result<std::vector<Sample>> samples(const RunInfo& info) override {
    IIE_TRY(const Run* run, find(info));
    return run->samples;
  }

  Result<RunState> state(const RunInfo& info) override {
    IIE_TRY(const Run* run, find(info));
    RunState state;
    for (const auto& [id, rollout] : run->rollouts) count(state, progress_of(rollout));
    if (run->newest_response) state.last_write = run->newest_response;
    if (run->newest_judgement) state.last_write = std::max(state.last_write, run->newest_judgement);
    return state;
  }

  Result<void> for_each_rollout(const RunInfo& info,
                                const std::function<bool(const StoredRollout&)>& visit) override {
    IIE_TRY(const Run* run, find(info));
    for (const auto& [id, rollout] : run->rollouts) {
      if (!visit(rollout)) break;
    }
    return {};
  }

  Result<void> for_each_rollout_unordered(
      const RunInfo& info, const std::function<bool(const StoredRollout&)>& visit) override {
    return for_each_rollout(info, visit);
  }

  Result<void> for_each_progress(
      const RunInfo& info, const std::function<bool(const RolloutProgress&)>& visit) override {
    IIE_TRY(const Run* run, find(info));
    for (const auto& [id, rollout] : run->rollouts) {
      if (!visit(progress_of(rollout))) break;
    }
    return {};
  }

  Result<std::vector<StoredRollout>> rollouts(const RunInfo& info, std::int32_t sample) override {
    IIE_TRY(const Run* run, find(info));
    std::vector<StoredRollout> found;
    for (auto at = run->rollouts.lower_bound({sample, 0});
         at != run->rollouts.end() && at->first.sample == sample; ++at) {
      found.push_back(at->second);
    }
    return found;
  }

  Result<std::optional<StoredRollout>> rollout(const RunInfo& info, RolloutId id) override {
    IIE_TRY(const Run* run, find(info));
    const auto found = run->rollouts.find(id);
    if (found == run->rollouts.end()) return std::nullopt;
    return found->second;
  }

  Result<std::vector<BrokenOff>> broken_off(const RunInfo& info) override {
    IIE_TRY(const Run* run, find(info));
    std::vector<BrokenOff> sums;
    for (const auto& [who, sum] : run->broken_off) sums.push_back(sum);
    return sums;
  }

  Result<void> claim(const RunInfo& info) override {
    IIE_TRY(Run * run, find(info));
    run->claimed = true;
    return {};
  }

  void append(const RunInfo& info, ResponseRecord record) override {
    Run* run = claimed(info);
    if (run == nullptr) return;
    if (!record.response && !record.error) {
      error_ = Error{ErrorKind::bug, "a response record without response or error"};
      return;
    }
    run->newest_response = record.at;
    // A newer record makes the judgement of the older one void.
    const RolloutId id = record.id;
    run->rollouts.insert_or_assign(id, StoredRollout{std::move(record), std::nullopt});
  }

  void append(const RunInfo& info, JudgementRecord record) override {
    Run* run = claimed(info);
    if (run == nullptr) return;
    const auto rollout = run->rollouts.find(record.id);
    if (rollout == run->rollouts.end()) {
      error_ = Error{ErrorKind::bug, fmt::format("sample {}, rollout {}: judged without a response",
                                                 record.id.sample, record.id.rollout)};
      return;
    }
    run->newest_judgement = record.at;
    rollout->second.judgement = std::move(record);
  }

  void append(const RunInfo& info, BrokenOff calls) override {
    Run* run = claimed(info);
    if (run == nullptr) return;
    const auto [place, first] = run->broken_off.try_emplace({calls.caller, calls.model}, calls);
    if (first) return;
    place->second.calls += calls.calls;
    place->second.input_tokens += calls.input_tokens;
    place->second.output_tokens += calls.output_tokens;
  }

  Async<Result<void>> flushed() override {
    if (error_) co_return std::unexpected(*error_);
    co_return Result<void>{};
  }

 private:
  struct Run {
    RunInfo info;
    std::vector<Sample> samples;
    std::map<RolloutId, StoredRollout> rollouts;
    std::map<std::pair<std::string, std::string>, BrokenOff> broken_off;  // by caller and model
    std::optional<WallTime> newest_response;
    std::optional<WallTime> newest_judgement;
    bool claimed = false;
  };

  static RolloutProgress progress_of(const StoredRollout& rollout) {
    RolloutProgress progress{.id = rollout.response.id,
                             .failed = !rollout.response.response.has_value()};
    if (rollout.response.response) progress.length = answer_length(*rollout.response.response);
    if (rollout.judgement) {
      progress.outcome = rollout.judgement->verdict.outcome;
      progress.unscored = rollout.judgement->verdict.unscored;
    }
    return progress;
  }

  Result<Run*> find(const RunInfo& info) {
    for (Run& run : runs_) {
      if (run.info.id == info.id) return &run;
    }
    return fail(ErrorKind::not_found, fmt::format("the store holds no run '{}'", info.id));
  }

  // Null after an error, and where there is one to report.
  Run* claimed(const RunInfo& info) {
    if (error_) return nullptr;
    if (auto run = find(info); run && (*run)->claimed) return *run;
    error_ =
        Error{ErrorKind::bug, fmt::format("a record of run {}, which was not claimed", info.id)};
    return nullptr;
  }

  std::vector<Run> runs_;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace iie
