// A caller that remembers: replies that are in the cache are taken from it, and those that were
// called for are put there. Failures are not kept.
//
// One thread (the event loop's). Hits take no place, no rate and no money.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/caller.h"
#include "engine/observer.h"
#include "engine/request_key.h"
#include "store/response_cache.h"

namespace iie {

struct CacheUse {
  bool read = true;
  bool write = true;
  std::string scope;  // ResponseCache's
};

class CachingCaller final : public Caller {
 public:
  // `inner`, `cache` and `observer` (which may be null) must outlive it. `caller` is for events.
  CachingCaller(Caller& inner, ResponseCache& cache, CacheUse use, Asked asked,
                std::string_view caller, Observer* observer);

  const std::string& name() const override { return inner_.name(); }
  Async<Result<Response>> generate(const GenerateRequest& request) override;
  // `attempts` is 0 for a hit.
  Async<Attempted> attempt(const GenerateRequest& request) override;
  void stop() override;
  void abandon() override { inner_.abandon(); }
  CallerGauge gauge() const override;
  std::optional<Error> given_up() const override { return inner_.given_up(); }

 private:
  Caller& inner_;
  ResponseCache& cache_;
  CacheUse use_;
  Asked asked_;
  std::string_view caller_;
  Observer* observer_;
  std::uint64_t hits_ = 0;
};

}  // namespace iie
