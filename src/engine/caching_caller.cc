#include "engine/caching_caller.h"

#include <boost/asio/awaitable.hpp>
#include <utility>

namespace iie {

CachingCaller::CachingCaller(Caller& inner, ResponseCache& cache, CacheUse use, Asked asked,
                             std::string_view caller, Observer* observer)
    : inner_(inner),
      cache_(cache),
      use_(std::move(use)),
      asked_(std::move(asked)),
      caller_(caller),
      observer_(observer) {}

Async<Result<Response>> CachingCaller::generate(const GenerateRequest& request) {
  Attempted attempted = co_await attempt(request);
  co_return std::move(attempted.result);
}

Async<Caller::Attempted> CachingCaller::attempt(const GenerateRequest& request) {
  const std::string key = request_key(asked_, request);
  if (use_.read) {
    if (auto found = cache_.get(use_.scope, key)) {
      ++hits_;
      if (observer_ != nullptr) {
        Event event;
        event.kind = Event::Kind::cached;
        event.caller = caller_;
        event.model = name();
        event.sample = request.sample_id;
        event.rollout = request.rollout;
        event.usage = &found->usage;
        observer_->on(event);
      }
      co_return Attempted{*std::move(found), 0};
    }
  }
  Attempted attempted = co_await inner_.attempt(request);
  if (use_.write && attempted.result) cache_.put(use_.scope, key, *attempted.result);
  co_return attempted;
}

void CachingCaller::stop() { inner_.stop(); }

CallerGauge CachingCaller::gauge() const {
  CallerGauge gauge = inner_.gauge();
  gauge.cached += hits_;
  return gauge;
}

}  // namespace iie
