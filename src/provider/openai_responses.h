// OpenAI's Responses API. Pure: bytes in, values out.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/transport.h"
#include "provider/endpoint.h"
#include "provider/provider.h"

namespace iie {

// System messages go in as items of the role that the profile names, in their place. usage as
// close_body().
Result<HttpRequest> encode_responses(const Endpoint& endpoint, const GenerateRequest& request);

// `endpoint` and `now` as in decode_chat(). The answer is the text of the message items, the
// reasoning that of the reasoning items (their text, else their summary). What the model said in
// the "commentary" phase, on its way to the answer, stands with the reasoning; it is the answer
// where it is all that was said.
//
// Of a stream, the last event (response.completed, .incomplete, .failed) holds the whole response,
// so that events which are missing, repeated or out of order change nothing; where a server leaves
// the output out of it, the finished items count, in their order. A stream without a last event is
// transient, as is a response that failed on the server's side, is still in progress, or has no
// output at all.
Result<Response> decode_responses(const HttpResponse& reply, std::string_view endpoint,
                                  WallTime now);

}  // namespace iie
