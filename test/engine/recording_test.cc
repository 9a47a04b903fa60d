#include "engine/recording.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "base/file.h"
#include "engine/caching_caller.h"
#include "engine/fakes.h"
#include "engine/governor.h"
#include "support/process.h"

namespace iie {
namespace {

namespace asio = boost::asio;

GenerateRequest request_of(std::string text, int rollout = 0, int ask = 0) {
  GenerateRequest request;
  request.messages = {{Role::user, std::move(text)}};
  request.sample_id = "s-1";
  request.rollout = rollout;
  request.ask = ask;
  return request;
}

class RecordingTest : public testing::Test {
 protected:
  Caller::Attempted ask(Caller& caller, const GenerateRequest& request) {
    std::optional<Caller::Attempted> out;
    asio::io_context loop;
    asio::co_spawn(
        loop, [&]() -> Async<void> { out = co_await caller.attempt(request); }, asio::detached);
    loop.run();
    return *std::move(out);
  }
  std::unique_ptr<RecordingFile> record(const std::string& key = "run-key") {
    auto file = RecordingFile::open(path_, key);
    EXPECT_TRUE(file.has_value()) << file.error().message;
    return file ? *std::move(file) : nullptr;
  }
  Recording load() {
    auto recording = Recording::load(path_);
    EXPECT_TRUE(recording.has_value()) << recording.error().message;
    return *std::move(recording);
  }

  test::TempDir dir_;
  std::string path_ = (dir_ / "run.rec").string();
  Asked asked_{"fake:model", "http://h/v1", ""};
  FakeClock clock_;
  ScriptedProvider provider_;
};

TEST(RequestKey, CoversEverythingThatIsAskedAndNothingElse) {
  const Asked asked{"openai:m", "http://h/v1", ""};
  GenerateRequest base = request_of("Hi");
  const std::string key = request_key(asked, base);
  EXPECT_EQ(key, request_key(asked, request_of("Hi")));
  std::vector<std::string> keys = {key};
  const auto differs = [&](const Asked& who, const GenerateRequest& what) {
    const std::string other = request_key(who, what);
    EXPECT_EQ(std::count(keys.begin(), keys.end(), other), 0);
    keys.push_back(other);
  };
  differs({"openai:n", "http://h/v1", ""}, base);
  differs({"openai:m", "http://i/v1", ""}, base);
  differs({"openai:m", "http://h/v1", "p"}, base);
  differs(asked, request_of("Hi!"));
  differs(asked, request_of("Hi", 1));
  differs(asked, request_of("Hi", 0, 1));
  GenerateRequest changed = base;
  changed.params.temperature = 0.5;
  differs(asked, changed);
  changed = base;
  changed.messages.front().role = Role::system;
  differs(asked, changed);
  changed = base;
  changed.messages = {{Role::user, "H"}, {Role::user, "i"}};
  differs(asked, changed);
  changed = base;
  changed.schema = std::make_shared<OutputSchema>(OutputSchema{"verdict", "{}"});
  differs(asked, changed);
  changed = base;
  changed.sample_id = "s-2";
  differs(asked, changed);
}

TEST_F(RecordingTest, RepeatsWhatCallsCameToWithoutCalling) {
  provider_.script = {Error{ErrorKind::bad_request, "refused", std::chrono::milliseconds(7), 400}};
  {
    const auto file = record();
    Governor governor(provider_, {}, clock_);
    RecordingCaller recorder(governor, *file, asked_, "candidate");
    EXPECT_FALSE(ask(recorder, request_of("one")).result.has_value());
    EXPECT_TRUE(ask(recorder, request_of("two")).result.has_value());
    EXPECT_TRUE(ask(recorder, request_of("two", 1)).result.has_value());
  }
  Recording recording = load();
  EXPECT_EQ(recording.run_key(), "run-key");
  EXPECT_EQ(recording.calls(), 3u);
  ReplayingCaller replay(recording, asked_);
  const int calls = provider_.calls;
  const auto refused = ask(replay, request_of("one"));
  ASSERT_FALSE(refused.result.has_value());
  EXPECT_EQ(refused.result.error().kind, ErrorKind::bad_request);
  EXPECT_EQ(refused.result.error().message, "refused");
  EXPECT_EQ(refused.result.error().http_status, 400);
  EXPECT_EQ(refused.result.error().retry_after, std::chrono::milliseconds(7));
  const auto two = ask(replay, request_of("two", 1));
  EXPECT_EQ(two.result->text, "an answer");
  EXPECT_EQ(two.result->finish, FinishReason::stop);
  EXPECT_EQ(two.attempts, 1);
  EXPECT_EQ(provider_.calls, calls);
  const auto missing = ask(replay, request_of("three"));
  ASSERT_FALSE(missing.result.has_value());
  EXPECT_EQ(missing.result.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.result.error().message.find("s-1"), std::string::npos);
  EXPECT_NE(missing.result.error().message.find(path_), std::string::npos);
}

TEST_F(RecordingTest, ARunThatGoesOnMendsItsFailuresAndItsTornLine) {
  const auto once = [&](bool fails) {
    const auto file = record();
    if (fails) provider_.script = {Error{ErrorKind::bad_request, "not yet"}};
    Governor governor(provider_, {}, clock_);
    RecordingCaller recorder(governor, *file, asked_, "candidate");
    ask(recorder, request_of("q"));
    return file->went_on();
  };
  EXPECT_FALSE(once(true));
  std::string bytes = read_file(path_).value();
  ASSERT_TRUE(write_file(path_, bytes + R"({"key":"abc","resp)"));
  // A torn line is no reason not to read the rest.
  EXPECT_EQ(load().calls(), 1u);
  EXPECT_TRUE(once(false));
  Recording recording = load();
  EXPECT_EQ(recording.calls(), 1u);
  ReplayingCaller replay(recording, asked_);
  EXPECT_TRUE(ask(replay, request_of("q")).result.has_value());
}

TEST_F(RecordingTest, HoldsWhatBrokeOffByRun) {
  const BrokenOff one{"candidate", "openai:m", 1, 40, 100};
  const BrokenOff two{"judge", "openai:j", 2, 50, 60};
  for (const BrokenOff& calls : {one, two}) {
    const auto file = record();
    ASSERT_TRUE(file->add("a", calls));
    ASSERT_TRUE(file->add("b", two));
  }
  const Recording recording = load();
  EXPECT_EQ(recording.broken_off("a"), (std::vector<BrokenOff>{one, two}));
  EXPECT_EQ(recording.broken_off("b").size(), 2u);
  EXPECT_TRUE(recording.broken_off("c").empty());
  EXPECT_EQ(recording.calls(), 0u);
  const std::string negative = dir_.write(
      "negative",
      "{\"inverse_ifeval_recording\":1,\"run_key\":\"k\"}\n"
      R"({"broken_off":{"run":"k","caller":"judge","model":"m","calls":-1,"input_tokens":0,)"
      "\"output_tokens\":0}}\n");
  const auto loaded = Recording::load(negative);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("negative:2: "), std::string::npos);
}

TEST_F(RecordingTest, BelongsToOneRunAndOneProcess) {
  const auto file = record();
  const auto second = RecordingFile::open(path_, "run-key");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
}

TEST_F(RecordingTest, RefusesFilesThatAreNoRecordingOfThisRun) {
  record("another");
  EXPECT_EQ(RecordingFile::open(path_, "run-key").error().kind, ErrorKind::bad_input);
  for (const char* content :
       {"hello\n", "{}\n", "[1]\n", "{\"inverse_ifeval_recording\":9,\"run_key\":\"k\"}\n"}) {
    const std::string file = dir_.write("other", content);
    EXPECT_EQ(RecordingFile::open(file, "k").error().kind, ErrorKind::bad_input) << content;
    EXPECT_EQ(dir_.read("other"), content);
    EXPECT_EQ(Recording::load(file).error().kind, ErrorKind::bad_input) << content;
  }
  EXPECT_EQ(Recording::load(dir_.path().string()).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(Recording::load((dir_ / "nothing").string()).error().kind, ErrorKind::not_found);
  const std::string broken =
      dir_.write("broken", "{\"inverse_ifeval_recording\":1,\"run_key\":\"k\"}\n{\"key\":1}\n{}\n");
  const auto loaded = Recording::load(broken);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("broken:2: "), std::string::npos) << loaded.error().message;
}

TEST_F(RecordingTest, ACallThatWasCalledOffIsNotWritten) {
  const auto file = record();
  Governor governor(provider_, {}, clock_);
  RecordingCaller recorder(governor, *file, asked_, "candidate");
  recorder.stop();
  EXPECT_FALSE(ask(recorder, request_of("q")).result.has_value());
  EXPECT_EQ(load().calls(), 0u);
}

TEST_F(RecordingTest, ACacheAnswersOnceItHasTheReplyAndKeepsNoFailures) {
  auto cache = ResponseCache::open((dir_ / "cache").string()).value();
  Governor governor(provider_, {}, clock_);
  CachingCaller caller(governor, *cache, {}, asked_, "judge", nullptr);
  provider_.script = {Error{ErrorKind::bad_request, "no"}};
  EXPECT_FALSE(ask(caller, request_of("q")).result.has_value());
  EXPECT_TRUE(ask(caller, request_of("q")).result.has_value());
  EXPECT_EQ(provider_.calls, 2);
  cache.reset();  // written
  cache = ResponseCache::open((dir_ / "cache").string()).value();
  CachingCaller later(governor, *cache, {}, asked_, "judge", nullptr);
  const auto hit = ask(later, request_of("q"));
  EXPECT_TRUE(hit.result.has_value());
  EXPECT_EQ(hit.attempts, 0);
  EXPECT_EQ(provider_.calls, 2);
  EXPECT_EQ(later.gauge().cached, 1u);
  ask(later, request_of("q", 1));
  EXPECT_EQ(provider_.calls, 3);
  CachingCaller writer(governor, *cache, {.read = false, .write = true}, asked_, "judge", nullptr);
  ask(writer, request_of("q"));
  EXPECT_EQ(provider_.calls, 4);
}

}  // namespace
}  // namespace iie
