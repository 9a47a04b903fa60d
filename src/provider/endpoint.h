// One model at one endpoint, as the codecs of the dialects take it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "net/transport.h"
#include "provider/profile.h"
#include "provider/provider.h"

namespace iie {

struct Endpoint {
  std::string name;      // "openai:gpt-4.1", as people and stores name it
  std::string base_url;  // canonical (provider/base_url.h)
  std::string model;
  Secret api_key = {};  // empty (a local server): not sent
  ModelProfile profile = {};
  // Events instead of one document: long answers do not look like silence, and an endpoint that is
  // stuck is found by first_byte_timeout.
  bool stream = false;
  // A streaming endpoint answers at once, if only with its head or a sign of life: one that is
  // silent for this long is stuck or has lost the request. Without a stream nothing comes before
  // the answer, and this does not count.
  std::chrono::milliseconds first_byte_timeout{120'000};
};

// A JSON object as text, member by member.
class JsonObjectText {
 public:
  void raw(std::string_view key, std::string_view json);
  void string(std::string_view key, std::string_view text);
  void number(std::string_view key, double number);  // finite
  void integer(std::string_view key, std::int64_t number);
  bool empty() const { return text_.size() == 1; }
  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

// A request to the endpoint without its body: URL, headers, key, deadlines.
HttpRequest request_to(const Endpoint& endpoint);

// The parameters as a JSON object's members behind those that `body` (open, unfinished) already
// has; the last thing that a codec does.
//
// `fields` is what the codec makes of the parameters, as JSON text of an object. The profile's body
// and the reasoning that is asked for are merged into it: objects into objects, at any depth,
// anything else replaces. usage as check_params(), which this calls first, so that nothing is
// silently left out; and for a schema where the profile takes none.
Result<void> close_body(std::string& body, const std::string& fields, const Endpoint& endpoint,
                        const GenerateRequest& request);

}  // namespace iie
