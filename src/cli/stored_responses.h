// The responses of a stored run in a model's place: judged again without being generated again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/run.h"
#include "core/sample.h"
#include "provider/provider.h"
#include "store/store.h"

namespace iie {

// What a run holds to be judged again.
struct StoredSummary {
  std::string hash;           // over what was answered: RunSpec::responses_hash
  std::int64_t answered = 0;  // rollouts with a response
  std::int64_t missing = 0;   // planned rollouts without one: failed, or never asked
};
Result<StoredSummary> stored_summary(Store& store, const RunInfo& run,
                                     const std::vector<Sample>& samples);

// Reads each response from the store when it is asked for, so that memory does not grow with the
// run. One thread (the store's).
class StoredResponses final : public Provider {
 public:
  // `store` must outlive it.
  StoredResponses(Store& store, RunInfo run, const std::vector<Sample>& samples);

  const std::string& name() const override { return run_.spec.model; }
  // bad_request where the run has no response: asking again would bring none either.
  Async<Result<Response>> generate(const GenerateRequest& request) override;

 private:
  Store& store_;
  RunInfo run_;
  std::unordered_map<std::string, std::int32_t> places_;  // by sample id
};

}  // namespace iie
