// Google's Gemini API (generateContent and streamGenerateContent). Pure: bytes in, values out.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/transport.h"
#include "provider/endpoint.h"
#include "provider/provider.h"

namespace iie {

// System messages become systemInstruction, assistant messages the role "model". A schema goes
// into generationConfig.responseJsonSchema. usage as close_body().
Result<HttpRequest> encode_gemini(const Endpoint& endpoint, const GenerateRequest& request);

// `endpoint` and `now` as in decode_chat(). Parts that are thoughts are the reasoning, and their
// tokens are counted to the output's. A prompt that was blocked is a blank answer with
// FinishReason::content_filter: that is what this model does with it. No candidates for another
// reason, a stream without any finishReason and a reply that the server calls malformed are
// transient; an account that is cut off for what it was used for is an error of the key.
Result<Response> decode_gemini(const HttpResponse& reply, std::string_view endpoint, WallTime now);

}  // namespace iie
