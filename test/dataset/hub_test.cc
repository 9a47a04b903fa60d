#include "dataset/hub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/embedded.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "dataset/catalog.h"
#include "dataset/hub_set.h"
#include "dataset/responses.h"
#include "support/shared_files.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

// Gives prepared replies in order and keeps what was asked.
class FakeTransport : public Transport {
 public:
  void reply(int status, std::string body, Headers headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    replies_.push_back(std::move(response));
  }
  void redirect(std::string to, int status = 302) {
    reply(status, "", {{"location", std::move(to)}});
  }

  Async<Result<HttpResponse>> send(HttpRequest request) override {
    requests.push_back(std::move(request));
    if (replies_.empty()) co_return fail(ErrorKind::transient, "nothing more to say");
    HttpResponse response = std::move(replies_.front());
    replies_.pop_front();
    co_return response;
  }

  // The token that request `i` carried; empty for none.
  std::string token(std::size_t i) const {
    for (const auto& [name, value] : requests.at(i).headers) {
      if (name == "authorization") return value;
    }
    return {};
  }

  std::vector<HttpRequest> requests;

 private:
  std::deque<HttpResponse> replies_;
};

class Hub : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    cache_ = fs::path(testing::TempDir()) / (std::string("iie_hub_") + info->name());
    fs::remove_all(cache_);
    options_.cache = cache_;
    options_.endpoint = "https://hub.example/";
    options_.token = Secret("hf_a_secret_token");
    set_log_level(LogLevel::off);
  }
  void TearDown() override {
    set_log_level(LogLevel::warn);
    fs::remove_all(cache_);
  }

  Result<FetchReport> fetch(const std::string& name) {
    boost::asio::io_context io;
    std::optional<Result<FetchReport>> out;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
          out.emplace(co_await fetch_dataset(transport_, name, options_));
        },
        boost::asio::detached);
    io.run();
    return out ? *out : Result<FetchReport>(fail(ErrorKind::bug, "never ended"));
  }
  std::string error(const std::string& name) {
    const auto got = fetch(name);
    return got ? "no error" : got.error().message;
  }

  FakeTransport transport_;
  HubOptions options_;
  fs::path cache_;
};

// `rows` rows of the nemotron set; `mark` makes the bytes differ.
std::string nemotron(int rows, std::string_view mark = "") {
  std::string out;
  for (int i = 0; i < rows; ++i) {
    out += R"({"uuid":"u-)" + std::to_string(i) +
           R"(","prompt":"p","llm_judge":[{"uid":1,"content":"Is it?)" + std::string(mark) +
           "\"}]}\n";
  }
  return out;
}

// The official set's shape: the right counts unless `skip` names a type to leave a row out of.
std::string official(std::string_view skip = "") {
  std::string out = "[";
  for (const auto& [cell, count] : find_hub_set("official")->counts) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0 && cell.first == skip) continue;
      if (out.size() > 1) out += ',';
      out += R"({"instruction_types":")" + cell.first + R"(","prompt":"p)" + std::to_string(i) +
             R"(","response_reference":"r","language":")" + std::string(to_string(cell.second)) +
             R"(","judge_prompt_template":"{response}","judge_system_prompt":""})";
    }
  }
  return out + "]";
}

TEST(HubSets, AreThoseOfTheNotes) {
  const HubSet* set = find_hub_set("official");
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->repo, "m-a-p/Inverse_IFEval");
  EXPECT_TRUE(set->pinned());
  std::size_t sum = 0;
  for (const auto& [cell, count] : set->counts) sum += count;
  EXPECT_EQ(sum, set->rows);
  EXPECT_EQ(set->rows, 1012u);
  ASSERT_NE(find_hub_set("nemotron"), nullptr);
  EXPECT_FALSE(find_hub_set("nemotron")->pinned());
  EXPECT_EQ(find_hub_set("ifeval")->sha256.size(), 64u);
  EXPECT_NE(find_hub_set("ifbench"), nullptr);
  EXPECT_EQ(find_hub_set("open"), nullptr);
}

TEST_F(Hub, FetchesVerifiesAndCaches) {
  transport_.reply(200, official(),
                   {{"x-repo-commit", "35f1da157640526e62b7685b682d748fa55ccfd0"}});
  const auto report = fetch("official");
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(transport_.requests.size(), 1u);
  EXPECT_EQ(transport_.requests[0].method, "GET");
  EXPECT_EQ(transport_.requests[0].url,
            "https://hub.example/datasets/m-a-p/Inverse_IFEval/resolve/"
            "35f1da157640526e62b7685b682d748fa55ccfd0/Inverse_IFEval_Dataset.json");
  EXPECT_EQ(transport_.token(0), "Bearer hf_a_secret_token");
  EXPECT_EQ(report->rows, 1012u);
  EXPECT_EQ(report->sha256, sha256_hex(official()));
  EXPECT_EQ(report->commit, "35f1da157640526e62b7685b682d748fa55ccfd0");
  EXPECT_FALSE(report->changed);
  EXPECT_EQ(read_file(report->path).value_or(""), official());

  const auto set = open_dataset("official", cache_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->name, "official");
  EXPECT_EQ(set->samples.size(), 1012u);

  const auto entries = catalog(cache_);
  const auto entry = std::ranges::find(entries, "official", &CatalogEntry::name);
  ASSERT_NE(entry, entries.end());
  EXPECT_TRUE(entry->present);
  EXPECT_EQ(entry->path, report->path);
  const auto other = std::ranges::find(entries, "nemotron", &CatalogEntry::name);
  ASSERT_NE(other, entries.end());
  EXPECT_FALSE(other->present);
}

TEST_F(Hub, RefusesWrongCountsAndCachesNothing) {
  transport_.reply(200, official("QC"));
  EXPECT_EQ(error("official"),
            "official: the fetched file has 1010 rows, expected 1012; nothing was cached");
  std::string moved = official("QC");
  moved.pop_back();
  for (const std::string_view prompt : {"x1", "x2"}) {
    moved +=
        R"(,{"instruction_types":"CC","prompt":")" + std::string(prompt) +
        R"(","response_reference":"r","language":"english","judge_prompt_template":"{response}","judge_system_prompt":""})";
  }
  transport_.reply(200, moved + "]");
  EXPECT_EQ(
      error("official"),
      "official: the fetched file has 101 rows of CC english, expected 99; nothing was cached");
  transport_.reply(200, nemotron(1000));
  EXPECT_NE(error("official").find("has the format 'llm_judge', expected 'official'"),
            std::string::npos);
  transport_.reply(200, "<html>");
  EXPECT_NE(error("official").find("cannot be read, and nothing was cached"), std::string::npos);
  EXPECT_FALSE(fs::exists(cached_file(*find_hub_set("official"), cache_)));
  const auto set = open_dataset("official", cache_);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, ErrorKind::not_found);
  EXPECT_NE(set.error().message.find("inverse-ifeval data fetch official"), std::string::npos);
}

TEST_F(Hub, RefusesAFileWithAnotherHash) {
  transport_.reply(200, "x");
  const auto got = fetch("ifeval");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::corrupt);
  EXPECT_NE(got.error().message.find("expected 6a85310ca8ce"), std::string::npos);
}

TEST_F(Hub, FirstFetchIsTheReferenceForLaterOnes) {
  transport_.reply(200, nemotron(1000), {{"x-repo-commit", "c1"}});
  ASSERT_TRUE(fetch("nemotron"));
  transport_.reply(200, nemotron(1000), {{"x-repo-commit", "c2"}});
  const auto same = fetch("nemotron");
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_FALSE(same->changed);
  // The branch moved on: another file is legitimate.
  transport_.reply(200, nemotron(1000, "v2"), {{"x-repo-commit", "c3"}});
  const auto moved = fetch("nemotron");
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_TRUE(moved->changed);
  // The same commit cannot hold two files.
  transport_.reply(200, nemotron(1000, "v3"), {{"x-repo-commit", "c3"}});
  EXPECT_NE(error("nemotron").find("the same revision gave another file"), std::string::npos);
  EXPECT_EQ(read_file(moved->path).value_or(""), nemotron(1000, "v2"));
}

TEST_F(Hub, FollowsRedirectsAndKeepsTheTokenAtHome) {
  transport_.reply(307, "", {{"location", "/api/resolve-cache/x?etag=1"}, {"x-repo-commit", "c1"}});
  transport_.redirect("https://cdn.example/blob?signature=s");
  transport_.redirect("//hub.example/back");
  transport_.reply(200, nemotron(1000));
  const auto report = fetch("nemotron");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->commit, "c1");
  ASSERT_EQ(transport_.requests.size(), 4u);
  EXPECT_EQ(transport_.requests[1].url, "https://hub.example/api/resolve-cache/x?etag=1");
  EXPECT_EQ(transport_.token(1), "Bearer hf_a_secret_token");
  EXPECT_EQ(transport_.requests[2].url, "https://cdn.example/blob?signature=s");
  EXPECT_EQ(transport_.token(2), "");
  EXPECT_EQ(transport_.requests[3].url, "https://hub.example/back");
  EXPECT_EQ(transport_.token(3), "");
}

TEST_F(Hub, ResolvesRelativeRedirects) {
  transport_.redirect("other.jsonl?x=1", 301);
  transport_.redirect("?y=2", 303);
  transport_.reply(200, nemotron(1000));
  ASSERT_TRUE(fetch("nemotron"));
  const std::string folder =
      "https://hub.example/datasets/nvidia/Nemotron-RL-InverseIFEval-v1/resolve/main/data/";
  EXPECT_EQ(transport_.requests[1].url, folder + "other.jsonl?x=1");
  EXPECT_EQ(transport_.requests[2].url, folder + "other.jsonl?y=2");
}

TEST_F(Hub, RefusesBadRedirects) {
  transport_.redirect("http://cdn.example/blob?signature=s");
  EXPECT_EQ(error("official"),
            "https://hub.example/datasets/m-a-p/Inverse_IFEval/resolve/"
            "35f1da157640526e62b7685b682d748fa55ccfd0/Inverse_IFEval_Dataset.json: redirects to "
            "cleartext http://cdn.example/blob; refused");
  transport_.redirect("file:///etc/passwd");
  EXPECT_NE(error("official").find("redirects to no http or https URL"), std::string::npos);
  transport_.reply(302, "");
  EXPECT_NE(error("official").find("redirects to no http or https URL"), std::string::npos);
  for (int i = 0; i < 7; ++i) transport_.redirect("https://hub.example/again");
  EXPECT_NE(error("official").find("more than 5 redirects"), std::string::npos);
  EXPECT_EQ(transport_.requests.size(), 3u + 6u);
}

TEST_F(Hub, CleartextCarriesATokenToThisMachineOnly) {
  options_.endpoint = "http://mirror.example";
  EXPECT_FALSE(fetch("nemotron"));
  EXPECT_EQ(transport_.token(0), "");
  options_.endpoint = "http://127.0.0.1:8080";
  EXPECT_FALSE(fetch("nemotron"));
  EXPECT_EQ(transport_.token(1), "Bearer hf_a_secret_token");
  options_.endpoint = "http://127.0.0.1.example";
  EXPECT_FALSE(fetch("nemotron"));
  EXPECT_EQ(transport_.token(2), "");
  options_.endpoint = "ftp://x";
  EXPECT_EQ(error("nemotron"), "HF_ENDPOINT is no http or https URL");
}

TEST_F(Hub, ASetWithItsOwnUrlGetsNoToken) {
  EXPECT_FALSE(fetch("ifbench"));
  EXPECT_TRUE(transport_.requests.at(0).url.ends_with("/IFBench_test.jsonl"));
  EXPECT_EQ(transport_.token(0), "");
}

TEST_F(Hub, ErrorsSayWhatToDo) {
  options_.token = Secret();
  struct Case {
    int status;
    ErrorKind kind;
    std::string_view says;
  };
  for (const Case& c :
       {Case{401, ErrorKind::auth, "set HF_TOKEN"}, Case{403, ErrorKind::auth, "set HF_TOKEN"},
        Case{404, ErrorKind::not_found, "is HF_ENDPOINT right?"},
        Case{429, ErrorKind::rate_limited, "try again later"},
        Case{503, ErrorKind::transient, "run `data fetch nemotron` again"},
        Case{204, ErrorKind::bad_request, "unexpected status 204"}}) {
    transport_.reply(c.status, "", {{"retry-after", "7"}});
    const auto got = fetch("nemotron");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, c.kind) << c.status;
    EXPECT_EQ(got.error().http_status, c.status);
    EXPECT_NE(got.error().message.find(c.says), std::string::npos) << got.error().message;
    EXPECT_EQ(got.error().retry_after.has_value(), c.status == 429);
  }
  EXPECT_EQ(error("offical"),
            "'offical' is no dataset to fetch; did you mean 'official'? (there are: official, "
            "nemotron, ifeval, ifbench)");
}

TEST_F(Hub, OpenRefusesACopyThatChanged) {
  transport_.reply(200, nemotron(1000));
  const auto report = fetch("nemotron");
  ASSERT_TRUE(report);
  ASSERT_TRUE(write_file(report->path, nemotron(999)));
  const auto set = open_dataset("nemotron", cache_);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, ErrorKind::corrupt);
  ASSERT_TRUE(write_file(manifest_file(*find_hub_set("nemotron"), cache_), "{"));
  const auto broken = open_dataset("nemotron", cache_);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("data fetch nemotron"), std::string::npos);
}

TEST(Catalog, OpensTheEmbeddedSet) {
  const auto set = open_dataset("open");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->name, "open");
  EXPECT_EQ(set->format, "native");
  std::map<std::pair<std::string, std::optional<Language>>, int> cells;
  for (const Sample& sample : set->samples) ++cells[{sample.type, sample.language}];
  std::size_t paper = 0;
  for (const InstructionType& type : headline_types()) {
    for (const Language language : kLanguages) {
      EXPECT_EQ((cells[{type.code, language}]), type.paper_samples) << type.code;
      paper += static_cast<std::size_t>(type.paper_samples);
    }
  }
  EXPECT_EQ(set->samples.size(), paper);  // and nothing else: a default run is the benchmark
}

TEST(Catalog, FurtherTypesAreASetOfTheirOwnAndOneBesideTheOpenSet) {
  const auto open = open_dataset("open");
  const auto further = open_dataset("further");
  const auto both = open_dataset("open+further");
  ASSERT_TRUE(open && further && both) << (further ? both.error() : further.error()).message;
  std::map<std::pair<std::string, std::optional<Language>>, int> cells;
  for (const Sample& sample : further->samples) {
    EXPECT_FALSE(is_headline(sample.type)) << sample.id;
    ++cells[{sample.type, sample.language}];
  }
  EXPECT_EQ(cells.size(), 6u);
  for (const auto& [cell, count] : cells) EXPECT_EQ(count, 12) << cell.first;
  std::vector<Sample> joined = open->samples;
  joined.insert(joined.end(), further->samples.begin(), further->samples.end());
  EXPECT_EQ(both->hash, dataset_hash(joined));
  EXPECT_EQ(both->name, "open+further");
}

// Two rollouts each; samples without any are answered by their golds (cli/demonstrations.h).
TEST(Catalog, DemonstrationsAnswerSamplesOfTheEmbeddedSetTwice) {
  const auto set = open_dataset("open");
  ASSERT_TRUE(set) << set.error().message;
  const auto bytes = embedded_file("open/demonstrations.jsonl");
  ASSERT_TRUE(bytes);
  const auto got = parse_responses(*bytes, "demonstrations", *set);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rollouts, 2);
  std::map<std::string, int> rollouts;
  for (const RecordedResponse& record : got->records) ++rollouts[record.sample_id];
  EXPECT_EQ(rollouts.size(), 64u);
  for (const auto& [id, count] : rollouts) EXPECT_EQ(count, 2) << id;
}

TEST(Catalog, OpensFilesAndSuggestsNames) {
  const auto missing = open_dataset("offical", "/nonexistent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().message.find("did you mean 'official'?"), std::string::npos);
  const auto path = test::shared_file("official_style/dataset.json");
  IIE_NEEDS_SHARED(path);
  const auto set = open_dataset(path.string(), "/nonexistent");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->name, "dataset.json");
}

}  // namespace
}  // namespace iie
