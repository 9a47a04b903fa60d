#include "cli/stored_responses.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/hash.h"
#include "base/string_util.h"

namespace iie {

Result<StoredSummary> stored_summary(Store& store, const RunInfo& run,
                                     const std::vector<Sample>& samples) {
  StoredSummary summary;
  Sha256 hash;
  IIE_CHECK_OK(store.for_each_rollout(run, [&](const StoredRollout& stored) {
    if (!stored.response.response) return true;
    const RolloutId id = stored.response.id;
    const auto place = static_cast<std::size_t>(id.sample);
    if (place >= samples.size()) return true;
    ++summary.answered;
    hash.update(fmt::format("{}\n{}\n{}\n", samples[place].id, id.rollout,
                            stored.response.response->text.size()));
    hash.update(stored.response.response->text);
    return true;
  }));
  summary.missing = run.planned - summary.answered;
  summary.hash = hash.hex();
  return summary;
}

StoredResponses::StoredResponses(Store& store, RunInfo run, const std::vector<Sample>& samples)
    : store_(store), run_(std::move(run)) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    places_.emplace(samples[i].id, static_cast<std::int32_t>(i));
  }
}

Async<Result<Response>> StoredResponses::generate(const GenerateRequest& request) {
  const auto place = places_.find(request.sample_id);
  if (place == places_.end()) {
    co_return fail(ErrorKind::bug, fmt::format("run {} has no sample '{}'", run_.id,
                                               one_line(request.sample_id, 60)));
  }
  auto stored = store_.rollout(run_, {place->second, request.rollout});
  if (!stored) co_return std::unexpected(std::move(stored).error());
  if (!*stored || !(*stored)->response.response) {
    co_return fail(ErrorKind::bad_request,
                   fmt::format("run {} has no response to sample '{}', rollout {}", run_.id,
                               one_line(request.sample_id, 60), request.rollout + 1));
  }
  co_return *std::move((*stored)->response.response);
}

}  // namespace iie
