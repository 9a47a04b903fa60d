// A scriptable HTTP server for tests: real sockets on 127.0.0.1, an ephemeral port, a thread of its
// own. It speaks enough HTTP/1.1 for an OpenAI-compatible client, and misbehaves on request.
//
//   ChatServer server(static_answer("Paris."));
//   run_against(server.base_url());
//   EXPECT_EQ(server.counters().requests, 6);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iie::test {

struct ChatMessage {
  std::string role;
  std::string content;
};

struct Request {
  std::string method;
  std::string path;                                          // with its query
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::size_t connection = 0;  // which connection it came over, from 0

  std::string header(std::string_view name) const;  // empty where absent
  // The chat request's messages; empty for a body that is none.
  std::vector<ChatMessage> messages() const;
  std::string last_user_message() const;
  std::string model() const;
};

struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds delay{0};  // before the first byte

  struct Chunk {
    std::string data;
    std::chrono::milliseconds delay{0};
  };
  // Sent in place of `body` with chunked transfer coding, each after its delay.
  std::vector<Chunk> chunks = {};

  // Sends only this many bytes of the reply (head included), then does `then`.
  std::optional<std::size_t> cut_after = {};
  enum class Then { close, reset, stall };
  Then then = Then::close;

  // Where set, each byte of `raw`, or of head and body, comes so long after the one before it.
  std::chrono::milliseconds trickle{0};

  bool close = false;  // says "Connection: close" and does
  // Sent as it stands in place of everything above but delay, cut_after and close.
  std::string raw = {};
};

// Runs on the server's thread.
using Handler = std::function<Reply(const Request&)>;

struct Counters {
  std::size_t connections = 0;  // accepted
  std::size_t requests = 0;     // read completely
  std::size_t in_flight_peak = 0;
  std::map<std::string, std::size_t> by_path = {};
};

class ChatServer {
 public:
  explicit ChatServer(Handler handler);
  ~ChatServer();
  ChatServer(const ChatServer&) = delete;
  ChatServer& operator=(const ChatServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;       // "http://127.0.0.1:PORT"
  std::string base_url() const;  // url() + "/v1"
  std::string host_port() const;

  // Thread-safe.
  Counters counters() const;
  // Every request so far, in the order of their ends, when recording (the default is not to).
  void record_requests(bool on);
  std::vector<Request> requests() const;
  void set_handler(Handler handler);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

// ---- Replies ----

// A chat completion's JSON.
struct Completion {
  std::string text;
  std::string reasoning = {};  // as reasoning_content
  std::string finish_reason = "stop";
  std::string model = "test-model";
  std::int64_t prompt_tokens = 10;
  std::int64_t completion_tokens = 20;
};
std::string completion_json(const Completion& completion);

Reply json_reply(std::string body, int status = 200);
Reply answer(std::string text);
Reply error_reply(int status, std::string_view message, std::string_view type = "",
                  std::string_view code = "");
// Text as server-sent events, one per piece.
Reply stream_reply(const std::vector<std::string>& pieces, std::chrono::milliseconds between = {});

// ---- Handlers ----

// The same answer to everything.
Handler static_answer(std::string text);
// Looks the last user message up; 404 for one that is not there.
Handler answer_by_prompt(std::map<std::string, std::string> answers);
// The replies in turn; the last one again for all further requests.
Handler in_sequence(std::vector<Reply> replies);
// A judge that repeats the prompt that it saw, worked examples and all, then gives its verdict in
// the official format: what `passes` says of the prompt.
Handler echo_judge(std::function<bool(std::string_view prompt)> passes);
// Another handler's replies, later.
Handler delayed(Handler handler, std::chrono::milliseconds delay);

}  // namespace iie::test
