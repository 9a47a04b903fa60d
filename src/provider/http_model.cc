#include "provider/http_model.h"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/clock.h"
#include "base/string_util.h"
#include "provider/anthropic.h"
#include "provider/base_url.h"
#include "provider/gemini.h"
#include "provider/http_error.h"
#include "provider/openai_chat.h"
#include "provider/openai_responses.h"

namespace iie {

Result<HttpRequest> encode_request(const Endpoint& endpoint, const GenerateRequest& request) {
  switch (endpoint.profile.dialect) {
    case Dialect::openai_chat:
      return encode_chat(endpoint, request);
    case Dialect::openai_responses:
      return encode_responses(endpoint, request);
    case Dialect::anthropic:
      return encode_messages(endpoint, request);
    case Dialect::gemini:
      return encode_gemini(endpoint, request);
  }
  return fail(ErrorKind::bug, "no such dialect");
}

Result<Response> decode_reply(Dialect dialect, const HttpResponse& reply, std::string_view endpoint,
                              WallTime now) {
  switch (dialect) {
    case Dialect::openai_chat:
      return decode_chat(reply, endpoint, now);
    case Dialect::openai_responses:
      return decode_responses(reply, endpoint, now);
    case Dialect::anthropic:
      return decode_messages(reply, endpoint, now);
    case Dialect::gemini:
      return decode_gemini(reply, endpoint, now);
  }
  return fail(ErrorKind::bug, "no such dialect");
}

Result<std::unique_ptr<HttpModel>> HttpModel::make(Transport& transport, Endpoint endpoint) {
  IIE_TRY(endpoint.base_url, canonical_base_url(endpoint.profile.dialect, endpoint.base_url));
  if (trim(endpoint.model).empty()) return fail(ErrorKind::usage, "the model's name is empty");
  for (const char c : endpoint.api_key.reveal()) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      return fail(ErrorKind::usage,
                  "the API key holds white space or a character outside ASCII; was it copied with "
                  "something around it?");
    }
  }
  return std::unique_ptr<HttpModel>(new HttpModel(transport, std::move(endpoint)));
}

HttpModel::HttpModel(Transport& transport, Endpoint endpoint)
    : transport_(transport),
      endpoint_(std::move(endpoint)),
      host_(endpoint_name(endpoint_.base_url)) {}

Async<Result<Response>> HttpModel::generate(const GenerateRequest& request) {
  Result<HttpRequest> http = encode_request(endpoint_, request);
  if (!http) co_return std::unexpected(std::move(http).error());
  Result<HttpResponse> reply = co_await transport_.send(*std::move(http));
  if (!reply) co_return std::unexpected(std::move(reply).error());
  const WallTime now = system_clock().wall();
  Result<Response> response = decode_reply(endpoint_.profile.dialect, *reply, host_, now);
  if (response) response->answered = now;
  co_return response;
}

}  // namespace iie
