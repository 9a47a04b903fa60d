// OpenAI's Chat Completions, the dialect that most servers speak (vLLM, SGLang, llama.cpp, Ollama,
// DeepSeek, Qwen, OpenRouter, ...). Pure: bytes in, values out. Where servers differ is data
// (provider/profile.h).
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/transport.h"
#include "provider/endpoint.h"
#include "provider/provider.h"

namespace iie {

// usage for what the endpoint's profile says cannot be asked (close_body()).
Result<HttpRequest> encode_chat(const Endpoint& endpoint, const GenerateRequest& request);

// `endpoint` names the endpoint in messages ("api.openai.com"); `now` is for Retry-After dates.
// Whether the reply is a stream is read from it, not from what was asked for.
//
// Reasoning is taken from reasoning_content, reasoning, reasoning_details, thinking parts and
// <think> blocks. A refusal's text is the answer when there is no other, with
// FinishReason::refusal. Bytes and escapes that are not Unicode are replaced by U+FFFD and marked.
// An error object inside a 200 is an error of the status that its code stands for; no choices at
// all (an overloaded gateway's habit) is transient, as are a body cut short, a stream that ends
// without a finish_reason or "[DONE]", text behind its finish_reason (events out of order), and a
// finish_reason that says that the server gave up.
Result<Response> decode_chat(const HttpResponse& reply, std::string_view endpoint, WallTime now);

}  // namespace iie
