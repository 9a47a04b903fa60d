// The concrete classes of a run: transport, providers, governors, judge. Chosen here and nowhere
// else.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/broken_off.h"
#include "engine/budget.h"
#include "engine/caching_caller.h"
#include "engine/caller.h"
#include "engine/observer.h"
#include "engine/recording.h"
#include "judge/judge.h"
#include "provider/prices.h"

namespace boost::asio {
class any_io_executor;
}

namespace iie {

struct BackendOptions {
  CallOptions calls;
  PriceList prices = {};
  // Of the whole run; null: spend what it takes. Needs every model's price.
  std::shared_ptr<Budget> budget = nullptr;
  Observer* observer = nullptr;  // may be null
  // Told of each call that broke off, and of judges' replies that nothing keeps because the run
  // stopped before their judgement was made; may be empty.
  std::function<void(const BrokenOff&)> broke_off = nullptr;
  // Null: replies are not kept.
  ResponseCache* cache = nullptr;
  CacheUse cache_use = {};
  bool cache_candidate = false;  // else the judge's replies alone
  // At most one of the two.
  RecordingFile* record = nullptr;
  Recording* replay = nullptr;
  // Where the recording holds several runs: this one's key.
  std::string recorded_run = {};
};

class Backend {
 public:
  // Everything runs on `executor`, which must outlive it.
  static Result<std::unique_ptr<Backend>> make(const boost::asio::any_io_executor& executor,
                                               const Job& job, const BackendOptions& options);
  ~Backend();

  Caller& candidate();
  Judge& judge();
  // Null without an LLM judge.
  Calls* judge_calls();

 private:
  struct Parts;
  explicit Backend(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace iie
