// What every Store promises, held against each of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/hash.h"
#include "base/version.h"
#include "store/store.h"
#include "support/store_records.h"

namespace iie {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing_support::at;
using testing_support::await;
using testing_support::make_failure;
using testing_support::make_judgement;
using testing_support::make_response;
using testing_support::make_samples;
using testing_support::make_spec;

struct Backend {
  const char* name;
  std::function<std::unique_ptr<Store>(const fs::path& folder)> open;

  friend void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }
};

class StoreContract : public testing::TestWithParam<Backend> {
 protected:
  StoreContract() {
    std::string pattern = (fs::path(testing::TempDir()) / "iie-contract-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    store_ = GetParam().open(folder_);
  }
  ~StoreContract() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  RunInfo start(int samples = 3, int rollouts = 2) {
    samples_ = make_samples(samples);
    auto run = store_->create_run(make_spec(samples_, rollouts), samples_);
    EXPECT_TRUE(run) << run.error().message;
    return run.value_or(RunInfo{});
  }
  void flush() {
    const auto flushed = await(store_->flushed());
    ASSERT_TRUE(flushed) << flushed.error().message;
  }
  std::vector<StoredRollout> all(const RunInfo& run) {
    std::vector<StoredRollout> rollouts;
    const auto visited = store_->for_each_rollout(run, [&](const StoredRollout& rollout) {
      rollouts.push_back(rollout);
      return true;
    });
    EXPECT_TRUE(visited) << visited.error().message;
    return rollouts;
  }
  std::vector<RolloutProgress> progress(const RunInfo& run) {
    std::vector<RolloutProgress> rollouts;
    const auto visited = store_->for_each_progress(run, [&](const RolloutProgress& rollout) {
      rollouts.push_back(rollout);
      return true;
    });
    EXPECT_TRUE(visited) << visited.error().message;
    std::ranges::sort(rollouts, {}, &RolloutProgress::id);
    return rollouts;
  }

  fs::path folder_;
  std::unique_ptr<Store> store_;
  std::vector<Sample> samples_;
};

TEST_P(StoreContract, AFreshStoreHoldsNoRun) {
  EXPECT_THAT(store_->runs().value(), IsEmpty());
  EXPECT_THAT(store_->runs_with_key("k").value(), IsEmpty());
  const auto missing = store_->find_run("latest");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(await(store_->flushed()));
}

TEST_P(StoreContract, ARunKeepsItsSpecificationAndSamples) {
  const RunInfo run = start(3, 2);
  EXPECT_EQ(run.key, run_key(run.spec));
  EXPECT_EQ(run.id, run.key.substr(0, 12));
  EXPECT_EQ(run.samples, 3);
  EXPECT_EQ(run.planned, 6);
  EXPECT_EQ(run.tool_version, tool_version());
  EXPECT_GT(run.created, at(1'600'000'000'000));

  const auto runs = store_->runs().value();
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].id, run.id);
  EXPECT_EQ(runs[0].spec, run.spec);
  EXPECT_EQ(runs[0].created, run.created);
  EXPECT_EQ(runs[0].planned, 6);
  EXPECT_EQ(store_->samples(run).value(), samples_);
}

TEST_P(StoreContract, ARunWithoutRecordsIsEmpty) {
  const RunInfo run = start();
  EXPECT_EQ(store_->state(run).value(), RunState{});
  EXPECT_THAT(all(run), IsEmpty());
  EXPECT_THAT(progress(run), IsEmpty());
  EXPECT_THAT(store_->rollouts(run, 0).value(), IsEmpty());
}

TEST_P(StoreContract, RepeatsOfASpecificationAreNumbered) {
  const RunInfo first = start();
  const RunInfo second = start();
  const RunInfo third = start();
  EXPECT_EQ(second.id, first.id + "-2");
  EXPECT_EQ(third.id, first.id + "-3");
  EXPECT_EQ(second.key, first.key);
  const auto runs = store_->runs_with_key(first.key).value();
  std::vector<std::string> ids;
  for (const RunInfo& run : runs) ids.push_back(run.id);
  EXPECT_THAT(ids, ElementsAre(first.id, second.id, third.id));
}

TEST_P(StoreContract, RunsOnDifferentSamplesStayApart) {
  const auto some = make_samples(2, "a");
  const auto others = make_samples(3, "b");
  const RunInfo a = store_->create_run(make_spec(some), some).value();
  const RunInfo b = store_->create_run(make_spec(others), others).value();
  EXPECT_NE(a.id, b.id);
  store_->append(a, make_response({0, 0}, "of a"));
  store_->append(b, make_response({0, 0}, "of b"));
  store_->append(b, make_judgement({0, 0}));
  flush();
  EXPECT_EQ(store_->samples(a).value(), some);
  EXPECT_EQ(store_->samples(b).value(), others);
  EXPECT_EQ(all(a).at(0).response.response->text, "of a");
  EXPECT_FALSE(all(a).at(0).judgement);
  EXPECT_EQ(all(b).at(0).response.response->text, "of b");
  EXPECT_TRUE(all(b).at(0).judgement);
}

TEST_P(StoreContract, FindsARunByIdPrefixOrLatest) {
  const RunInfo first = start(1);
  const RunInfo again = start(1);
  const RunInfo other = start(2);
  EXPECT_EQ(store_->find_run(first.id).value().id, first.id) << "although a prefix of another";
  EXPECT_EQ(store_->find_run(again.id).value().id, again.id);
  EXPECT_EQ(store_->find_run(other.id.substr(0, 8)).value().id, other.id);
  EXPECT_EQ(store_->find_run("latest").value().id, other.id);

  const auto ambiguous = store_->find_run(first.id.substr(0, 8));
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(ambiguous.error().message, HasSubstr(first.id + ", " + again.id));
  for (const char* wrong : {"zzz", "", "%", "_", "Latest"}) {
    const auto missing = store_->find_run(wrong);
    ASSERT_FALSE(missing) << wrong;
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found) << wrong;
  }
}

TEST_P(StoreContract, AnUnknownRunIsNotFound) {
  RunInfo run = start();
  run.id = "elsewhere";
  EXPECT_EQ(store_->samples(run).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store_->state(run).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store_->rollouts(run, 0).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store_->claim(run).error().kind, ErrorKind::not_found);
}

TEST_P(StoreContract, AResponseReadsBackWhole) {
  const RunInfo run = start();
  ResponseRecord record;
  record.id = {1, 1};
  record.attempts = 4;
  record.at = at(1'700'000'000'123);
  record.response = Response{.text = std::string("a\0b \n é 汉字 \xF0\x9F\x98\x80", 20),
                             .reasoning = "thought it over",
                             .finish = FinishReason::length,
                             .usage = {10, 20, 5, 0, 7, 3},
                             .model = "test-2026",
                             .latency = std::chrono::milliseconds(1234),
                             .answered = WallTime(std::chrono::milliseconds(1'700'000'000'123)),
                             .mended_utf8 = true};
  store_->append(run, record);
  flush();
  const auto stored = store_->rollouts(run, 1).value();
  ASSERT_THAT(stored, SizeIs(1));
  const ResponseRecord& back = stored[0].response;
  EXPECT_EQ(back.id, record.id);
  EXPECT_EQ(back.attempts, 4);
  EXPECT_EQ(back.at, record.at);
  EXPECT_EQ(back.response, record.response);
  EXPECT_FALSE(back.error);
  EXPECT_FALSE(stored[0].judgement);
}

TEST_P(StoreContract, WhatIsUnknownStaysUnknown) {
  const RunInfo run = start();
  ResponseRecord record;
  record.response = Response{};
  store_->append(run, record);
  store_->append(run, make_judgement({0, 0}));
  flush();
  const auto stored = all(run);
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].response.response, Response{});
  EXPECT_EQ(stored[0].response.response->usage.input_tokens, std::nullopt);
  EXPECT_EQ(stored[0].response.response->latency, std::nullopt);
  EXPECT_THAT(stored[0].judgement->calls, IsEmpty());
  EXPECT_THAT(stored[0].judgement->verdict.criteria, IsEmpty());
}

TEST_P(StoreContract, AFailureReadsBackWhole) {
  const RunInfo run = start();
  ResponseRecord limited = make_failure({0, 0}, ErrorKind::rate_limited);
  limited.error->retry_after = std::chrono::milliseconds(1500);
  limited.error->http_status = 429;
  ResponseRecord lost = make_failure({0, 1}, ErrorKind::transient);
  lost.error->http_status = 0;
  store_->append(run, limited);
  store_->append(run, lost);
  flush();
  const auto stored = store_->rollouts(run, 0).value();
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_FALSE(stored[0].response.response);
  EXPECT_EQ(stored[0].response.attempts, 3);
  EXPECT_EQ(stored[0].response.error->kind, ErrorKind::rate_limited);
  EXPECT_EQ(stored[0].response.error->message, "the endpoint failed");
  EXPECT_EQ(stored[0].response.error->retry_after, std::chrono::milliseconds(1500));
  EXPECT_EQ(stored[0].response.error->http_status, 429);
  EXPECT_EQ(stored[1].response.error->retry_after, std::nullopt);
  EXPECT_EQ(stored[1].response.error->http_status, 0);
}

TEST_P(StoreContract, AJudgementReadsBackWhole) {
  const RunInfo run = start();
  JudgementRecord record = make_judgement({0, 0});
  record.verdict = Verdict::none(UnscoredReason::unreadable_reply, "neither 0 nor 1 \"…\"");
  record.verdict.criteria = {{"c1", Outcome::pass, "said so"}, {"c2", Outcome::unscored, "?"}};
  record.judge = "openai:judge";
  record.verdict.members = {
      {"openai:a", Outcome::pass, UnscoredReason::none, "met"},
      {"openai:b", Outcome::unscored, UnscoredReason::unreadable_reply, "no verdict"}};
  record.calls = {{.judge = "openai:a",
                   .criterion = "c1",
                   .reply = "{\"result\":\n\"PASS\"}",
                   .reasoning = "hm",
                   .usage = {1, 2, std::nullopt, std::nullopt, 6, 5},
                   .latency = std::chrono::milliseconds(7),
                   .answered = WallTime(std::chrono::milliseconds(1'700'000'000'456))},
                  {.reply = "no idea", .readable = false}};
  store_->append(run, make_response({0, 0}));
  store_->append(run, record);
  flush();
  const auto stored = all(run);
  ASSERT_THAT(stored, SizeIs(1));
  ASSERT_TRUE(stored[0].judgement);
  EXPECT_EQ(stored[0].judgement->id, record.id);
  EXPECT_EQ(stored[0].judgement->verdict, record.verdict);
  EXPECT_EQ(stored[0].judgement->judge, record.judge);
  EXPECT_EQ(stored[0].judgement->calls, record.calls);
  EXPECT_EQ(stored[0].judgement->at, record.at);
}

TEST_P(StoreContract, RolloutsComeInOrderWhateverOrderTheyWereWrittenIn) {
  const RunInfo run = start(12, 3);
  for (const RolloutId id : {RolloutId{11, 0}, {2, 1}, {0, 2}, {2, 0}, {11, 2}, {0, 0}}) {
    store_->append(run, make_response(id));
  }
  flush();
  std::vector<RolloutId> ids;
  for (const StoredRollout& rollout : all(run)) ids.push_back(rollout.response.id);
  EXPECT_THAT(ids, ElementsAre(RolloutId{0, 0}, RolloutId{0, 2}, RolloutId{2, 0}, RolloutId{2, 1},
                               RolloutId{11, 0}, RolloutId{11, 2}));
  std::vector<RolloutId> same;
  for (const RolloutProgress& rollout : progress(run)) same.push_back(rollout.id);
  EXPECT_EQ(same, ids);
  EXPECT_THAT(store_->rollouts(run, 2).value(), SizeIs(2));
  EXPECT_THAT(store_->rollouts(run, 1).value(), IsEmpty());
}

TEST_P(StoreContract, OneRolloutReadsBackAlone) {
  const auto samples = make_samples(2);
  const RunInfo run = store_->create_run(make_spec(samples, 3), samples).value();
  for (int rollout = 0; rollout < 3; ++rollout) store_->append(run, make_response({1, rollout}));
  ASSERT_TRUE(await(store_->flushed()));
  const auto found = store_->rollout(run, {1, 2}).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->response.id, (RolloutId{1, 2}));
  EXPECT_FALSE(store_->rollout(run, {0, 0}).value().has_value());
  EXPECT_FALSE(store_->rollout(run, {1, 3}).value().has_value());
}

TEST_P(StoreContract, UnorderedVisitsTheSameRollouts) {
  const RunInfo run = start(7, 3);
  for (int i = 20; i >= 0; --i) {
    const RolloutId id{i % 7, i / 7};
    store_->append(run, make_response(id));
    if (i % 2 == 0) store_->append(run, make_judgement(id, Verdict::pass("ok")));
    if (i % 5 == 0) store_->append(run, make_response(id));  // a later one, not judged yet
  }
  flush();
  std::vector<StoredRollout> seen;
  ASSERT_TRUE(store_->for_each_rollout_unordered(run, [&](const StoredRollout& rollout) {
    seen.push_back(rollout);
    return true;
  }));
  std::ranges::sort(seen, {}, [](const StoredRollout& rollout) { return rollout.response.id; });
  const std::vector<StoredRollout> sorted = all(run);
  ASSERT_THAT(sorted, SizeIs(21));
  ASSERT_THAT(seen, SizeIs(21));
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    EXPECT_EQ(seen[i].response.id, sorted[i].response.id);
    EXPECT_EQ(seen[i].response.response, sorted[i].response.response);
    EXPECT_EQ(seen[i].judgement.has_value(), sorted[i].judgement.has_value());
  }
}

TEST_P(StoreContract, AVisitorCanStopAndMayReadOn) {
  const RunInfo run = start(5, 1);
  for (int i = 0; i < 5; ++i) store_->append(run, make_response({i, 0}));
  flush();
  int seen = 0;
  ASSERT_TRUE(store_->for_each_rollout(run, [&](const StoredRollout& rollout) {
    EXPECT_THAT(store_->rollouts(run, rollout.response.id.sample).value(), SizeIs(1));
    EXPECT_EQ(store_->state(run).value().responded, 5);
    return ++seen < 3;
  }));
  EXPECT_EQ(seen, 3);
  seen = 0;
  ASSERT_TRUE(store_->for_each_progress(run, [&](const RolloutProgress&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreContract, TheLatestRecordWins) {
  const RunInfo run = start(3, 1);
  store_->append(run, make_failure({0, 0}));
  store_->append(run, make_response({0, 0}, "second try"));
  store_->append(run, make_response({1, 0}));
  store_->append(run, make_judgement({1, 0}, Verdict::none(UnscoredReason::judge_failed, "down")));
  store_->append(run, make_judgement({1, 0}, Verdict::pass("up again")));
  store_->append(run, make_judgement({1, 0}, Verdict::fail("on second thoughts")));
  flush();
  const auto stored = all(run);
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_EQ(stored[0].response.response->text, "second try");
  EXPECT_EQ(stored[1].judgement->verdict.outcome, Outcome::fail);
  EXPECT_EQ(progress(run).at(1).outcome, Outcome::fail);
}

TEST_P(StoreContract, AJudgementOfAnEarlierRecordCountsNoMore) {
  const RunInfo run = start(1, 1);
  store_->append(run, make_failure({0, 0}));
  store_->append(run, make_judgement({0, 0}, Verdict::none(UnscoredReason::no_response, "lost")));
  flush();
  EXPECT_EQ(store_->state(run).value().judged, 1);
  EXPECT_EQ(progress(run).at(0),
            (RolloutProgress{{0, 0}, true, Outcome::unscored, UnscoredReason::no_response}));

  store_->append(run, make_response({0, 0}, "mended"));
  flush();
  EXPECT_FALSE(all(run).at(0).judgement);
  EXPECT_EQ(store_->state(run).value().judged, 0);
  EXPECT_EQ(progress(run).at(0), (RolloutProgress{.id = {0, 0}, .length = 1}));

  store_->append(run, make_judgement({0, 0}, Verdict::pass("now")));
  flush();
  EXPECT_EQ(store_->state(run).value().passed, 1);
}

TEST_P(StoreContract, TheStateAddsUpTheRecords) {
  const RunInfo run = start(8, 1);
  for (const int i : {0, 1, 2, 3, 4}) store_->append(run, make_response({i, 0}));
  store_->append(run, make_failure({5, 0}));
  store_->append(run, make_failure({6, 0}));
  store_->append(run, make_judgement({0, 0}, Verdict::pass("")));
  store_->append(run, make_judgement({1, 0}, Verdict::fail("")));
  store_->append(run, make_judgement({2, 0}, Verdict::none(UnscoredReason::needs_judge, "")));
  store_->append(run, make_judgement({3, 0}, Verdict::none(UnscoredReason::judge_failed, "")));
  store_->append(run, make_judgement({5, 0}, Verdict::none(UnscoredReason::no_response, "")));
  flush();
  const RunState state = store_->state(run).value();
  EXPECT_EQ(state.responded, 5);
  EXPECT_EQ(state.failed, 2);
  EXPECT_EQ(state.judged, 4);
  EXPECT_EQ(state.judge_failed, 1);
  EXPECT_EQ(state.passed, 1);
  EXPECT_EQ(state.unscored, 2);
  EXPECT_EQ(state.last_write, at(1'700'000'001'005));
}

TEST_P(StoreContract, CallsThatBrokeOffAddUpByCallerAndModel) {
  const RunInfo run = start();
  const RunInfo other =
      store_->create_run(make_spec(samples_, 1, "openai:other"), samples_).value();
  EXPECT_THAT(store_->broken_off(run).value(), IsEmpty());
  const RunState before = store_->state(run).value();
  store_->append(run, BrokenOff{"judge", "openai:j", 1, 900, 100});
  store_->append(run, BrokenOff{"candidate", "openai:m", 1, 10, 200});
  store_->append(other, BrokenOff{"candidate", "openai:m", 5, 1, 1});
  store_->append(run, BrokenOff{"candidate", "openai:m", 3, 40, 600});
  store_->append(run, BrokenOff{"judge", "openai:i", 1, 0, 0});
  flush();
  EXPECT_THAT(store_->broken_off(run).value(),
              ElementsAre(BrokenOff{"candidate", "openai:m", 4, 50, 800},
                          BrokenOff{"judge", "openai:i", 1, 0, 0},
                          BrokenOff{"judge", "openai:j", 1, 900, 100}));
  EXPECT_THAT(store_->broken_off(other).value(), SizeIs(1));
  EXPECT_EQ(store_->state(run).value(), before) << "they are no records of a rollout";
}

TEST_P(StoreContract, AppendingToARunNobodyClaimedIsABug) {
  RunInfo run = start();
  RunInfo stranger = run;
  stranger.id = "stranger";
  store_->append(run, make_response({0, 0}));
  store_->append(stranger, make_response({1, 0}));
  store_->append(run, make_response({2, 0}));
  const auto flushed = await(store_->flushed());
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::bug);
}

TEST_P(StoreContract, JudgingWhatHasNoResponseIsABug) {
  const RunInfo run = start();
  store_->append(run, make_judgement({0, 0}));
  const auto flushed = await(store_->flushed());
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::bug);
  EXPECT_FALSE(await(store_->flushed())) << "the error stays";
}

TEST_P(StoreContract, ClaimingTwiceIsHarmless) {
  const RunInfo run = start();
  EXPECT_TRUE(store_->claim(run));
  EXPECT_TRUE(store_->claim(run));
}

TEST_P(StoreContract, ThousandsMayWaitAtOnceAndAllAreWoken) {
  constexpr int kRollouts = 3000;
  const RunInfo run = start(kRollouts, 1);
  asio::io_context loop;
  int woken = 0;
  const auto rollout = [&](int i) -> Async<void> {
    store_->append(run, make_response({i, 0}));
    const auto first = co_await store_->flushed();
    EXPECT_TRUE(first);
    store_->append(run, make_judgement({i, 0}));
    const auto second = co_await store_->flushed();
    EXPECT_TRUE(second);
    ++woken;
  };
  for (int i = 0; i < kRollouts; ++i) asio::co_spawn(loop, rollout(i), asio::detached);
  loop.run();
  EXPECT_EQ(woken, kRollouts);
  const RunState state = store_->state(run).value();
  EXPECT_EQ(state.responded, kRollouts);
  EXPECT_EQ(state.passed, kRollouts);
}

TEST_P(StoreContract, WhatIsFlushedCanBeRead) {
  const RunInfo run = start(50, 1);
  asio::io_context loop;
  const auto rollout = [&](int i) -> Async<void> {
    store_->append(run, make_response({i, 0}));
    const auto flushed = co_await store_->flushed();
    EXPECT_TRUE(flushed);
    EXPECT_THAT(store_->rollouts(run, i).value(), SizeIs(1));
  };
  for (int i = 0; i < 50; ++i) asio::co_spawn(loop, rollout(i), asio::detached);
  loop.run();
}

INSTANTIATE_TEST_SUITE_P(
    All, StoreContract,
    testing::Values(Backend{"Memory", [](const fs::path&) { return make_memory_store(); }},
                    Backend{"Sqlite",
                            [](const fs::path& folder) {
                              return open_sqlite_store((folder / "runs.sqlite").string()).value();
                            }}),
    [](const testing::TestParamInfo<Backend>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace iie
