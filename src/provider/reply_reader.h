// One reply of an endpoint, whole or as a stream of events, becomes a Response or an Error. What is
// the same in every dialect is here: statuses, JSON, events, limits, mended bytes, blocks of
// thinking. A dialect is a ReplyReader.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "core/response.h"
#include "net/transport.h"
#include "provider/http_error.h"
#include "provider/wire_json.h"

namespace iie {

// A reply and where it came from; makes the errors that name both.
struct ReplyContext {
  const HttpResponse& reply;
  std::string_view endpoint;  // "api.openai.com", for messages
  WallTime now;               // for Retry-After dates
  std::string_view thing;     // what the reply should be: "chat completion"

  // corrupt: it is JSON, but not a `thing`.
  std::unexpected<Error> corrupt(std::string_view what) const;
  // The error that the reply says it is, inside a 200.
  std::unexpected<Error> rejected(const SaidError& said) const;
  // transient: there is nothing in it, or it is not whole; a later reply may be.
  std::unexpected<Error> unusable(std::string_view what) const;
};

// {"message", "type" or "status", "code", "details"}, or a string: as read_error_body() reads it.
SaidError read_said(WireValue error);

class ReplyReader {
 public:
  virtual ~ReplyReader() = default;

  // The one document of a call that does not stream.
  virtual Result<void> document(WireValue root) = 0;
  // One event of a stream. True: the stream is complete, nothing behind it matters.
  virtual Result<bool> event(std::string_view type, WireValue root) = 0;
  // Whether a stream that ends here is whole; `marked`: it said "[DONE]".
  virtual bool is_whole(bool marked) const = 0;
  // After everything was taken. text, reasoning, finish, usage, model; the rest is filled in.
  virtual Result<Response> response() = 0;
};

// Errors: as error_from_reply() for a status outside 200-299 and for error objects inside a 200
// (those that end a stream included); transient for JSON or a stream that breaks off; bad_request
// for a web page; corrupt for another service's JSON.
Result<Response> read_reply(const ReplyContext& context, ReplyReader& reader);

}  // namespace iie
