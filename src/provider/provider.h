// A model that answers messages: an endpoint's dialect over a Transport, or recorded responses.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/response.h"
#include "core/run.h"
#include "core/sample.h"

namespace iie {

// What a reply must be: a JSON document of this shape (structured output).
struct OutputSchema {
  std::string name;  // [A-Za-z0-9_-]{1,64}, for endpoints that want one
  // A JSON Schema, as text. What every vendor takes: an object with "properties", all of them
  // "required", "additionalProperties" false, and no recursion.
  std::string json;

  bool operator==(const OutputSchema&) const = default;
};

struct GenerateRequest {
  std::vector<Message> messages;  // system prompt already in front
  GenerationParams params;        // params.system_prompt is not looked at
  // Which unit of work asks: for recorded responses, caches and logs. Never sent.
  std::string sample_id;
  int rollout = 0;
  // Counts askings of the very same thing whose reply could not be used (a judge's, unreadable).
  int ask = 0;
  // Null: free text. Where the endpoint takes no schema (its profile says: structured_output), a
  // request with one is an error of kind usage, and nothing is sent.
  std::shared_ptr<const OutputSchema> schema = nullptr;
};

// One attempt's result; retries, limits and deadlines are the engine's (engine/governor.h).
class Provider {
 public:
  virtual ~Provider() = default;

  // "openai:gpt-4.1": how people and stores name it.
  virtual const std::string& name() const = 0;
  // One attempt. Errors have kinds a caller can act on: rate_limited (with retry_after when the
  // endpoint gave one), transient, auth, not_found (no such model or path), bad_request. Messages
  // name the endpoint and quote what it said, redacted.
  virtual Async<Result<Response>> generate(const GenerateRequest& request) = 0;
};

}  // namespace iie
