#include "store/response_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "base/file.h"
#include "store/sqlite.h"
#include "support/process.h"

namespace iie {
namespace {

using namespace std::chrono_literals;

Response full_response(std::string text) {
  Response response;
  response.text = std::move(text);
  response.reasoning = "because";
  response.finish = FinishReason::length;
  response.usage = {.input_tokens = 1,
                    .output_tokens = 2,
                    .reasoning_tokens = 3,
                    .cached_tokens = std::nullopt,
                    .cache_write_tokens = 4,
                    .cache_write_long_tokens = 0};
  response.model = "m-1";
  response.latency = std::chrono::milliseconds(12);
  response.mended_utf8 = true;
  response.unpaired_reasoning = true;
  response.answered = WallTime(std::chrono::milliseconds(1'700'000'000'123));
  return response;
}

class ResponseCacheTest : public testing::Test {
 protected:
  std::unique_ptr<ResponseCache> open() {
    auto cache = ResponseCache::open(path_);
    EXPECT_TRUE(cache.has_value()) << cache.error().message;
    return cache ? *std::move(cache) : nullptr;
  }

  test::TempDir dir_;
  std::string path_ = (dir_ / "sub/replies").string();
};

TEST_F(ResponseCacheTest, GivesBackWhatWasPutEvenToTheNextProcess) {
  std::string text = "汉字\0with a NUL";
  text += std::string("\0x", 2);
  const Response response = full_response(text);
  open()->put("", "k", response);
  const auto again = open();
  EXPECT_EQ(again->get("", "k"), std::optional(response));
  EXPECT_EQ(again->get("", "other"), std::nullopt);
  EXPECT_EQ(again->get("scope", "k"), std::nullopt);
}

TEST_F(ResponseCacheTest, AFileOfTheFirstVersionGoesOn) {
  open()->put("", "old", full_response("kept"));
  {
    auto database = sqlite::Database::open(path_, sqlite::Database::Mode::create, 1s).value();
    ASSERT_TRUE(
        database.execute("ALTER TABLE reply DROP COLUMN cache_write_tokens;"
                         "ALTER TABLE reply DROP COLUMN cache_write_long_tokens;"
                         "PRAGMA user_version = 1"));
  }
  EXPECT_EQ(open()->get("", "old")->text, "kept");
  open()->put("", "new", full_response("new"));
  EXPECT_EQ(open()->get("", "new"), std::optional(full_response("new")));
}

TEST_F(ResponseCacheTest, KnowsWhichScopesHaveReplies) {
  open()->put("run a", "k", full_response("first"));
  EXPECT_TRUE(open()->holds("run a"));
  EXPECT_FALSE(open()->holds("run b"));
  EXPECT_FALSE(open()->holds(""));
}

TEST_F(ResponseCacheTest, TheFirstReplyStays) {
  open()->put("", "k", full_response("first"));
  open()->put("", "k", full_response("second"));
  EXPECT_EQ(open()->get("", "k")->text, "first");
}

TEST_F(ResponseCacheTest, AScopeIsRemovedAloneAndWithWhatIsQueued) {
  const auto cache = open();
  for (int i = 0; i < 1000; ++i) cache->put("run a", std::to_string(i), full_response("a"));
  cache->put("run b", "0", full_response("b"));
  cache->drop("run a");
  EXPECT_EQ(cache->get("run a", "999"), std::nullopt);
  EXPECT_TRUE(cache->get("run b", "0").has_value());
}

TEST_F(ResponseCacheTest, SeveralProcessesMayUseOneFile) {
  // Connections exclude each other the same way within a process as between two.
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto cache = open();
      for (int i = 0; i < 200; ++i) {
        cache->put("", std::to_string(i), full_response(std::to_string(t)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto cache = open();
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(cache->get("", std::to_string(i)).has_value()) << i;
}

TEST_F(ResponseCacheTest, AFileOfSomethingElseIsRefusedAndLeftAlone) {
  const auto refused = [](const std::string& path) {
    const auto cache = ResponseCache::open(path);
    ASSERT_FALSE(cache.has_value()) << path;
    EXPECT_EQ(cache.error().kind, ErrorKind::bad_input);
    EXPECT_NE(cache.error().message.find(path), std::string::npos) << cache.error().message;
    EXPECT_NE(cache.error().message.find("--cache-file"), std::string::npos)
        << cache.error().message;
  };
  const std::string text(5000, 'x');
  const std::string file = dir_.write("notes.txt", text);
  refused(file);
  EXPECT_EQ(dir_.read("notes.txt"), text);
  refused(dir_.path().string());
  // A store is no cache.
  std::filesystem::copy_file(IIE_SOURCE_DIR "/test/runs/v1.sqlite", dir_ / "store.db");
  refused((dir_ / "store.db").string());
}

TEST_F(ResponseCacheTest, ADamagedFileIsNoCrashAndNoAnswer) {
  {
    const auto cache = open();
    for (int i = 0; i < 500; ++i) {
      cache->put("", std::to_string(i), full_response(std::string(3000, 'y')));
    }
  }
  std::string bytes = read_file(path_).value();
  for (std::size_t i = 4096; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(i);
  ASSERT_TRUE(write_file(path_, bytes));
  std::filesystem::remove(path_ + "-wal");
  const auto cache = ResponseCache::open(path_);
  if (!cache) {
    EXPECT_NE(cache.error().message.find("damaged"), std::string::npos) << cache.error().message;
    return;
  }
  testing::internal::CaptureStderr();
  for (int i = 0; i < 500; ++i) {
    const auto found = (*cache)->get("", std::to_string(i));
    EXPECT_TRUE(!found || found->usage.output_tokens.has_value());
    (*cache)->put("", "new " + std::to_string(i), full_response("z"));
  }
  (*cache)->drop("scope");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("the run goes on without it"), std::string::npos) << said;
  EXPECT_EQ(said.find("the run goes on without it"), said.rfind("the run goes on without it"));
}

}  // namespace
}  // namespace iie
