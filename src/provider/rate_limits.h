// What an endpoint says of its limits in the headers of an answer.
#pragma once

#include <memory>

#include "base/clock.h"
#include "core/response.h"
#include "net/transport.h"

namespace iie {

// OpenAI's and its followers' x-ratelimit-{limit,remaining,reset}-{requests,tokens} ("6m0s",
// "120ms", or seconds) and Anthropic's anthropic-ratelimit-{requests,tokens}-{limit,remaining,
// reset} (RFC 3339, against `now`; the input tokens' where there are no common ones). Null where
// none of them is there; figures that cannot be read are absent.
std::shared_ptr<const RateLimits> read_rate_limits(const HttpResponse& reply, WallTime now);

}  // namespace iie
