// Recorded replies, decoded: for the tests of each dialect.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "provider/http_model.h"
#include "test/provider/wire.h"

namespace iie::test {

class Decoded {
 public:
  explicit Decoded(Dialect dialect) : dialect_(dialect) {}

  Result<Response> reply(const HttpResponse& reply) const {
    return decode_reply(dialect_, reply, "host:1", WallTime{});
  }
  Result<Response> body(std::string body) const {
    return reply({.status = 200, .body = std::move(body)});
  }

  // Of test/wire/<dialect>/<name>.http.
  HttpResponse recorded(const std::string& name) const {
    return wire(std::string(to_string(dialect_)) + "/" + name);
  }
  Response response(const std::string& name) const {
    auto response = reply(recorded(name));
    if (!response) {
      ADD_FAILURE() << name << ": " << response.error().message;
      return {};
    }
    return *std::move(response);
  }
  Error error(const std::string& name) const { return failed(reply(recorded(name)), name); }

  static Error failed(const Result<Response>& response, const std::string& name) {
    if (response) {
      ADD_FAILURE() << name << ": decoded to '" << response->text << "'";
      return {};
    }
    return response.error();
  }

  // A stream that is cut anywhere before its last `tail` bytes never becomes an answer.
  void expect_transient_wherever_cut(const std::string& name, std::size_t tail) const {
    HttpResponse whole = recorded(name);
    ASSERT_GT(whole.body.size(), tail);
    for (std::size_t cut = 0; cut < whole.body.size() - tail; cut += 11) {
      HttpResponse part = whole;
      part.body.resize(cut);
      const auto response = reply(part);
      ASSERT_FALSE(response) << name << " cut at " << cut << ": " << response->text;
      ASSERT_EQ(response.error().kind, ErrorKind::transient) << response.error().message;
    }
  }

 private:
  Dialect dialect_;
};

}  // namespace iie::test
