#include "provider/reply_reader.h"

#include <utility>

#include "base/secret.h"
#include "base/string_util.h"
#include "provider/rate_limits.h"
#include "provider/sse.h"

namespace iie {
namespace {

// What the endpoint counts as answered, it may bill, whatever we make of it.
bool is_success(int status) { return status >= 200 && status <= 299; }

constexpr std::string_view kDone = "[DONE]";

std::string quote(std::string_view body) {
  return body.empty() ? std::string("an empty body")
                      : "\"" + one_line(redact(body.substr(0, 4096)), 200) + "\"";
}

Error unreadable(const ReplyContext& context, std::string_view body, std::string_view why) {
  const HttpResponse& reply = context.reply;
  const std::string_view type = reply.header("content-type").value_or("");
  const bool html = starts_with_nocase(type, "text/html") || trim(body).starts_with('<');
  // A page is what another service answers; JSON that breaks off is a connection's fault.
  return {.kind = html ? ErrorKind::bad_request : ErrorKind::transient,
          .message = std::string(context.endpoint) + ": the reply is " +
                     (html ? "a web page, not JSON" : std::string("not JSON (") += why) +
                     (html ? "" : ")") + ": " + quote(body) +
                     (html ? "; check the base URL (it usually ends in /v1)" : ""),
          .http_status = reply.status,
          .may_be_billed = !html && is_success(reply.status)};
}

Result<void> read_events(const ReplyContext& context, ReplyReader& reader, WireParser& parser,
                         bool& mended) {
  Result<void> result;
  bool marked = false;
  bool whole = false;
  const auto take = [&](const SseEvent& event) {
    if (trim(event.data) == kDone) {
      marked = true;
      return false;
    }
    const auto root = parser.parse(event.data);
    mended = mended || parser.mended();
    if (!root) {
      result = std::unexpected(unreadable(context, event.data, root.error()));
      return false;
    }
    const Result<bool> last = reader.event(event.type, *root);
    if (!last) result = std::unexpected(last.error());
    whole = last.value_or(false);
    return last && !whole;
  };
  SseParser events;
  events.feed(context.reply.body, take);
  events.finish(take);
  if (!result) return result;
  if (!whole && !reader.is_whole(marked)) return context.unusable("the stream broke off");
  return {};
}

}  // namespace

std::unexpected<Error> ReplyContext::corrupt(std::string_view what) const {
  return std::unexpected(Error{.kind = ErrorKind::corrupt,
                               .message = std::string(endpoint) + ": the reply is no " +
                                          std::string(thing) + " (" + std::string(what) +
                                          "): " + quote(reply.body) +
                                          "; check the base URL (it usually ends in /v1)",
                               .http_status = reply.status,
                               .may_be_billed = is_success(reply.status)});
}

std::unexpected<Error> ReplyContext::rejected(const SaidError& said) const {
  return std::unexpected(error_from_reply(reply, status_of(said), said, endpoint, now));
}

std::unexpected<Error> ReplyContext::unusable(std::string_view what) const {
  const std::string_view body = reply.body;
  // What broke off is at the end.
  const std::size_t from = body.size() > 400 ? body.size() - 400 : 0;
  const bool events = looks_like_events(body, "");
  return std::unexpected(Error{.kind = ErrorKind::transient,
                               .message = std::string(endpoint) + ": " + std::string(what) + ": " +
                                          quote(events ? trim(body.substr(from)) : body),
                               .http_status = reply.status,
                               .may_be_billed = is_success(reply.status)});
}

SaidError read_said(WireValue error) {
  if (const auto text = error.text()) return {.message = std::string(*text)};
  SaidError said{.message = error.scalar("message"),
                 .type = error.scalar("type"),
                 .code = error.scalar("code")};
  if (said.type.empty()) said.type = error.text("status").value_or("");
  if (const auto details = error.list("details")) {
    for (const WireValue& detail : *details) {
      if (!said.retry_after) said.retry_after = retry_delay(detail.text("retryDelay").value_or(""));
    }
  } else if (const auto only = error.member("details"); only && said.code.empty()) {
    said.code = only->scalar("error_code");
  }
  return said;
}

Result<Response> read_reply(const ReplyContext& context, ReplyReader& reader) {
  const HttpResponse& reply = context.reply;
  if (!is_success(reply.status)) {
    return std::unexpected(error_from_reply(reply, reply.status, read_error_body(reply.body),
                                            context.endpoint, context.now));
  }
  thread_local WireParser parser;
  bool mended = false;
  if (looks_like_events(reply.body, reply.header("content-type").value_or(""))) {
    IIE_CHECK_OK(read_events(context, reader, parser, mended));
  } else {
    const auto root = parser.parse(reply.body);
    mended = parser.mended();
    if (!root) return std::unexpected(unreadable(context, reply.body, root.error()));
    IIE_CHECK_OK(reader.document(*root));
  }
  Result<Response> response = reader.response();
  if (!response) return response;
  response->latency = reply.latency;
  response->mended_utf8 = mended;
  response->limits = read_rate_limits(reply, context.now);
  split_reasoning(*response);
  return response;
}

}  // namespace iie
