// Anthropic's Messages API. Pure: bytes in, values out.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/transport.h"
#include "provider/endpoint.h"
#include "provider/provider.h"

namespace iie {

// System messages, wherever they stand, become the top-level "system", in their order. The API
// insists on a token limit: the profile's default where none is asked for. A schema goes into
// output_config.format. usage as close_body(), and for a request without any token limit.
Result<HttpRequest> encode_messages(const Endpoint& endpoint, const GenerateRequest& request);

// `endpoint` and `now` as in decode_chat(). The answer is the text blocks, the reasoning the
// thinking blocks; input tokens include those read from and written to the cache.
//
// Events of a stream carry their block's index. A block that starts again after it has grown, that
// grows before it started or after it stopped is a stream out of order: transient, as is one
// without message_stop that did not at least close its blocks and name a stop_reason. Events of
// other types are ignored, as the API's versioning asks for.
Result<Response> decode_messages(const HttpResponse& reply, std::string_view endpoint,
                                 WallTime now);

}  // namespace iie
