// A model behind a Transport: a dialect's codec around one exchange.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "net/transport.h"
#include "provider/endpoint.h"
#include "provider/provider.h"

namespace iie {

// The codec of the endpoint's dialect (endpoint.profile.dialect).
Result<HttpRequest> encode_request(const Endpoint& endpoint, const GenerateRequest& request);
Result<Response> decode_reply(Dialect dialect, const HttpResponse& reply, std::string_view endpoint,
                              WallTime now);

class HttpModel final : public Provider {
 public:
  // `transport` must outlive it. usage for a base URL, model name or key that cannot be right.
  static Result<std::unique_ptr<HttpModel>> make(Transport& transport, Endpoint endpoint);

  const std::string& name() const override { return endpoint_.name; }
  Async<Result<Response>> generate(const GenerateRequest& request) override;

 private:
  HttpModel(Transport& transport, Endpoint endpoint);

  Transport& transport_;
  const Endpoint endpoint_;
  const std::string host_;
};

}  // namespace iie
