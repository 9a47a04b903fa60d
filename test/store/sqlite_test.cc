// What only the SQLite store can get wrong: its file, its schema, crashes, other processes.
#include "store/sqlite.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/rng.h"
#include "store/migrations.h"
#include "store/rollout_cursor.h"
#include "store/store.h"
#include "support/store_records.h"

namespace iie {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sqlite::Database;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing_support::await;
using testing_support::make_failure;
using testing_support::make_judgement;
using testing_support::make_response;
using testing_support::make_samples;
using testing_support::make_spec;

// Runs `body` in a child process and gives its exit status. The child never returns into the test.
class Child {
 public:
  explicit Child(const std::function<int()>& body) : pid_(::fork()) {
    if (pid_ == 0) ::_exit(body());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      kill();
      (void)wait();
    }
  }

  pid_t pid() const { return pid_; }
  void kill() const { ::kill(pid_, SIGKILL); }
  // The exit code, or minus the signal.
  int wait() {
    int status = 0;
    if (::waitpid(std::exchange(pid_, -1), &status, 0) < 0) return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

// One byte at a time between a child and the test.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void signal(char byte = '.') { EXPECT_EQ(::write(ends_[1], &byte, 1), 1); }
  char wait() {
    char byte = 0;
    EXPECT_EQ(::read(ends_[0], &byte, 1), 1);
    return byte;
  }

 private:
  int ends_[2] = {-1, -1};
};

class SqliteStoreFile : public testing::Test {
 protected:
  SqliteStoreFile() {
    std::string pattern = (fs::path(testing::TempDir()) / "iie-sqlite-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    ::chmod(folder_.c_str(), 0755);
    path_ = (folder_ / "runs.sqlite").string();
  }
  ~SqliteStoreFile() override { fs::remove_all(folder_); }

  std::unique_ptr<Store> open(StoreOptions options = {}) {
    auto store = open_sqlite_store(path_, options);
    if (!store) {
      ADD_FAILURE() << store.error().message;
      std::abort();
    }
    return *std::move(store);
  }
  Error refused(StoreOptions options = {}) {
    auto store = open_sqlite_store(path_, options);
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
  // A run of one answered, judged rollout in a store that was closed.
  RunInfo leave_a_run() {
    const auto store = open();
    const auto samples = make_samples(2);
    const RunInfo run = store->create_run(make_spec(samples), samples).value();
    store->append(run, make_response({0, 0}));
    store->append(run, make_judgement({0, 0}));
    EXPECT_TRUE(await(store->flushed()));
    return run;
  }
  Database raw() { return Database::open(path_, Database::Mode::read_write, 1s).value(); }
  void write(std::string_view bytes) { ASSERT_TRUE(write_file(path_, bytes)); }
  std::string bytes() { return read_file(path_).value(); }

  fs::path folder_;
  std::string path_;
};

TEST_F(SqliteStoreFile, MakesMissingFolders) {
  path_ = (folder_ / "a" / "b" / "runs.sqlite").string();
  EXPECT_THAT(open()->runs().value(), IsEmpty());
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SqliteStoreFile, OddFileNamesAreFileNames) {
  for (const char* name : {":memory:", "50% of?it#.db", "with space", "汉字.db", "file:x"}) {
    path_ = (folder_ / name).string();
    leave_a_run();
    EXPECT_TRUE(fs::exists(path_)) << name;
    EXPECT_THAT(open()->runs().value(), SizeIs(1)) << name;
  }
}

TEST_F(SqliteStoreFile, KeepsRunsAcrossOpenings) {
  const RunInfo run = leave_a_run();
  const auto store = open({.must_exist = true});
  const RunInfo found = store->find_run("latest").value();
  EXPECT_EQ(found.id, run.id);
  EXPECT_EQ(found.spec, run.spec);
  EXPECT_EQ(store->state(found).value().passed, 1);
  EXPECT_EQ(store->samples(found).value(), make_samples(2));
  ASSERT_TRUE(store->claim(found));
  store->append(found, make_response({1, 0}));
  ASSERT_TRUE(await(store->flushed()));
  EXPECT_EQ(store->state(found).value().responded, 2);
}

TEST_F(SqliteStoreFile, ClosingWritesWhatIsQueuedAndLeavesOneDataFile) {
  {
    const auto store = open();
    const auto samples = make_samples(500);
    const RunInfo run = store->create_run(make_spec(samples), samples).value();
    for (int i = 0; i < 500; ++i) store->append(run, make_response({i, 0}));
  }
  EXPECT_FALSE(fs::exists(path_ + "-wal"));
  const auto store = open();
  EXPECT_EQ(store->state(store->find_run("latest").value()).value().responded, 500);
}

TEST_F(SqliteStoreFile, SamplesAreStoredOncePerContent) {
  {
    const auto store = open();
    const auto all = make_samples(10);
    const std::vector<Sample> some(all.begin(), all.begin() + 4);
    ASSERT_TRUE(store->create_run(make_spec(all), all));
    ASSERT_TRUE(store->create_run(make_spec(all, 1, "openai:other"), all));
    const RunInfo part = store->create_run(make_spec(some), some).value();
    EXPECT_EQ(store->samples(part).value(), some);
  }
  auto database = raw();
  EXPECT_EQ(database.integer("SELECT count(*) FROM sample").value(), 10);
  EXPECT_EQ(database.integer("SELECT count(*) FROM dataset").value(), 2);
}

// --- What is at the path ---------------------------------------------------------------------

TEST_F(SqliteStoreFile, AMissingFileIsNotFoundWhereItMustExist) {
  path_ = (folder_ / "no" / "such.sqlite").string();
  const Error error = refused({.must_exist = true});
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_THAT(error.message, StartsWith(path_ + ": "));
  EXPECT_FALSE(fs::exists(folder_ / "no"));
}

TEST_F(SqliteStoreFile, AnEmptyFileIsTakenOverUnlessItMustExist) {
  write("");
  EXPECT_EQ(refused({.must_exist = true}).kind, ErrorKind::not_found);
  EXPECT_EQ(bytes(), "");
  EXPECT_THAT(open()->runs().value(), IsEmpty());
}

TEST_F(SqliteStoreFile, ADirectoryIsRefused) {
  path_ = folder_.string();
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.message, HasSubstr("is a directory"));
}

TEST_F(SqliteStoreFile, APipeIsRefusedInsteadOfWaitedFor) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refused().kind, ErrorKind::bad_input);
}

TEST_F(SqliteStoreFile, AFileInThePlaceOfAFolderIsNamed) {
  write("text");
  path_ += "/runs.sqlite";
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.message, StartsWith(path_ + ": "));
}

TEST_F(SqliteStoreFile, OtherFilesAreRefusedAndKept) {
  for (const std::string& content :
       {std::string("{\"id\": 1}\n"), std::string("x"), std::string(100'000, 'a'),
        std::string("SQLite format 3\0 but only so far", 32)}) {
    write(content);
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::bad_input) << error.message;
    EXPECT_THAT(error.message, AllOf(StartsWith(path_ + ": "), HasSubstr("not a database")));
    EXPECT_TRUE(bytes() == content);
  }
}

TEST_F(SqliteStoreFile, AnotherProgramsDatabaseIsRefusedAndKept) {
  for (const char* sql : {"CREATE TABLE notes (text)", "PRAGMA user_version = 7",
                          "PRAGMA application_id = 252006674; CREATE TABLE run (id)",
                          "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)"}) {
    fs::remove(path_);
    {
      auto foreign = Database::open(path_, Database::Mode::create, 1s).value();
      ASSERT_TRUE(foreign.execute(sql));
    }
    const std::string before = bytes();
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::bad_input) << sql;
    EXPECT_THAT(error.message, HasSubstr("another program")) << sql;
    EXPECT_TRUE(bytes() == before) << sql;
  }
}

TEST_F(SqliteStoreFile, ANewerVersionIsRefusedAndKept) {
  leave_a_run();
  ASSERT_TRUE(raw().execute("PRAGMA user_version = 99"));
  const std::string before = bytes();
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.message, AllOf(HasSubstr("newer version"), HasSubstr("99")));
  EXPECT_TRUE(bytes() == before);
}

TEST_F(SqliteStoreFile, ALockedFileIsBusy) {
  leave_a_run();
  auto other = raw();
  ASSERT_TRUE(other.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"));
  const Error error = refused({.busy_timeout = 20ms});
  EXPECT_EQ(error.kind, ErrorKind::busy);
  EXPECT_THAT(error.message, AllOf(StartsWith(path_ + ": "), HasSubstr("locked")));
}

TEST_F(SqliteStoreFile, AWriteLockedFileCanStillBeRead) {
  leave_a_run();
  auto other = raw();
  ASSERT_TRUE(other.execute("BEGIN IMMEDIATE"));
  const auto store = open({.must_exist = true, .busy_timeout = 20ms});
  EXPECT_EQ(store->state(store->find_run("latest").value()).value().passed, 1);
  const auto samples = make_samples(1);
  const auto run = store->create_run(make_spec(samples), samples);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::busy);
}

TEST_F(SqliteStoreFile, ADamagedFileIsCorrupt) {
  leave_a_run();
  std::string content = bytes();
  // Past the header page: the tree pages become nonsense.
  for (std::size_t i = 16384; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  write(content);
  const auto store = open_sqlite_store(path_);
  const auto runs = store ? (*store)->runs() : std::unexpected(store.error());
  ASSERT_FALSE(runs);
  EXPECT_EQ(runs.error().kind, ErrorKind::corrupt) << runs.error().message;
}

// Permission is never refused to root: such a test goes on as somebody else.
int as_nobody(const std::function<void()>& body) {
  return Child([&] {
           if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 77;
           body();
           return testing::Test::HasFailure() ? 1 : 0;
         })
      .wait();
}

TEST_F(SqliteStoreFile, AReadOnlyFileCanBeReadAndNotWritten) {
  leave_a_run();
  ASSERT_EQ(::chmod(path_.c_str(), 0444), 0);
  const int code = as_nobody([&] {
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::bad_input);
    EXPECT_THAT(error.message, HasSubstr("read-only"));
    const auto store = open({.must_exist = true});
    const RunInfo run = store->find_run("latest").value();
    EXPECT_EQ(store->state(run).value().passed, 1);
    EXPECT_EQ(store->claim(run).error().kind, ErrorKind::bad_input);
    const auto samples = make_samples(1);
    EXPECT_EQ(store->create_run(make_spec(samples), samples).error().kind, ErrorKind::bad_input);
  });
  if (code == 77) GTEST_SKIP() << "cannot become another user";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteStoreFile, AFileInAReadOnlyFolderCanBeRead) {
  leave_a_run();
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  ASSERT_EQ(::chmod(folder_.c_str(), 0555), 0);
  const int code = as_nobody([&] {
    EXPECT_EQ(refused().kind, ErrorKind::bad_input);
    const auto store = open({.must_exist = true});
    EXPECT_EQ(store->state(store->find_run("latest").value()).value().passed, 1);
  });
  ::chmod(folder_.c_str(), 0755);
  if (code == 77) GTEST_SKIP() << "cannot become another user";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteStoreFile, AFolderThatMayNotBeWrittenIsNamed) {
  ASSERT_EQ(::chmod(folder_.c_str(), 0555), 0);
  const int code = as_nobody([&] {
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::bad_input);
    EXPECT_THAT(error.message, AllOf(StartsWith(path_), HasSubstr("Permission denied")));
    path_ = (folder_ / "sub" / "runs.sqlite").string();
    EXPECT_THAT(refused().message, AllOf(StartsWith(path_), HasSubstr("Permission denied")));
  });
  ::chmod(folder_.c_str(), 0755);
  if (code == 77) GTEST_SKIP() << "cannot become another user";
  EXPECT_EQ(code, 0);
}

// --- Schema ----------------------------------------------------------------------------------

TEST_F(SqliteStoreFile, RecordsAreNeverChangedOrDeleted) {
  leave_a_run();
  auto database = raw();
  for (const char* table :
       {"sample", "dataset", "dataset_sample", "run", "event", "response", "judgement"}) {
    const std::string name = table;
    const std::string column = name == "dataset_sample" ? "position" : "id";
    EXPECT_FALSE(database.execute(("DELETE FROM " + name).c_str())) << table;
    EXPECT_FALSE(
        database.execute(("UPDATE " + name + " SET " + column + " = " + column + " + 100").c_str()))
        << table;
  }
  EXPECT_EQ(database.integer("SELECT count(*) FROM response").value(), 1);
}

TEST_F(SqliteStoreFile, SettingsAreTheDurableOnes) {
  leave_a_run();
  auto database = raw();
  EXPECT_EQ(database.text("PRAGMA journal_mode").value(), "wal");
  EXPECT_EQ(database.integer("PRAGMA application_id").value(), kApplicationId);
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), std::ssize(migrations()));
  EXPECT_EQ(database.text("PRAGMA integrity_check").value(), "ok");
}

TEST_F(SqliteStoreFile, ProgressIsReadFromIndexesOnly) {
  leave_a_run();
  auto database = raw();
  using Part = RolloutPart;
  for (const Part& part :
       {Part{}, Part{.sample = 1}, Part{.sample = 1, .rollout = 1}, Part{.sorted = false}}) {
    for (const std::string& query :
         {RolloutCursor::responses_query(part), RolloutCursor::judgements_query(part)}) {
      auto plan = database.prepare("EXPLAIN QUERY PLAN " + query).value();
      std::string text;
      while (plan.step().value()) text += std::string(plan.text(3)) + "\n";
      EXPECT_THAT(text, HasSubstr("COVERING INDEX")) << query;
      EXPECT_THAT(text, testing::Not(HasSubstr("SCAN response"))) << query;
      EXPECT_THAT(text, testing::Not(HasSubstr("SCAN judgement"))) << query;
      // One sample is looked up, never searched for.
      if (part.sample) {
        EXPECT_THAT(text, HasSubstr("(run=? AND rollout=? AND sample=?)")) << query;
      }
      if (!part.sorted) {
        EXPECT_THAT(text, testing::Not(HasSubstr("B-TREE"))) << query;
      }
    }
  }
}

TEST_F(SqliteStoreFile, MigrationsRunInOrderAndOnce) {
  const Migration steps[] = {{"CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1)"},
                             {"ALTER TABLE one ADD COLUMN b INTEGER"},
                             {"INSERT INTO one VALUES (2, 3)"}};
  auto database = Database::open(path_, Database::Mode::create, 1s).value();
  const std::span all(steps);
  ASSERT_TRUE(migrate(database, all.first(1)));
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 1);
  EXPECT_EQ(inspect(database, all).value(), FileState::old);
  ASSERT_TRUE(migrate(database, all));
  EXPECT_EQ(inspect(database, all).value(), FileState::current);
  ASSERT_TRUE(migrate(database, all));
  EXPECT_EQ(database.integer("SELECT count(*) FROM one").value(), 2);
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 3);
}

TEST_F(SqliteStoreFile, AFailingMigrationChangesNothing) {
  const Migration steps[] = {{"CREATE TABLE one (a INTEGER) STRICT"},
                             {"CREATE TABLE two (a INTEGER) STRICT; CREATE TABLE one (b INTEGER)"}};
  auto database = Database::open(path_, Database::Mode::create, 1s).value();
  const std::span all(steps);
  ASSERT_TRUE(migrate(database, all.first(1)));
  EXPECT_FALSE(migrate(database, all));
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 1);
  EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema").value(), 1);
  EXPECT_TRUE(database.execute("BEGIN IMMEDIATE; COMMIT")) << "no transaction is left open";
}

// Each published version of the schema has a file here, and it must always open. v1.sqlite was made
// by the code of that version: two runs of one dataset, every kind of record among them.
TEST_F(SqliteStoreFile, FilesOfEveryVersionOpen) {
  const fs::path samples = fs::path(IIE_SOURCE_DIR) / "test" / "runs";
  for (std::size_t version = 1; version <= migrations().size(); ++version) {
    const fs::path file = samples / ("v" + std::to_string(version) + ".sqlite");
    ASSERT_TRUE(fs::exists(file)) << file << ": add a file that this version of the code made";
    path_ = (folder_ / file.filename()).string();
    fs::copy_file(file, path_);
    {
      const auto store = open({.must_exist = true});
      const auto runs = store->runs().value();
      ASSERT_THAT(runs, SizeIs(2));
      EXPECT_EQ(runs[0].id, "e26faf7251dc");
      EXPECT_EQ(runs[0].spec.model, "openai:test");
      EXPECT_EQ(runs[1].id, runs[0].id + "-2");
      EXPECT_EQ(store->samples(runs[0]).value(), make_samples(3));
      const RunState state = store->state(runs[0]).value();
      EXPECT_EQ(state.responded, 3);
      EXPECT_EQ(state.failed, 1);
      EXPECT_EQ(state.judged, 2);
      EXPECT_EQ(state.judge_failed, 1);
      EXPECT_EQ(state.passed, 1);
      const auto rollouts = store->rollouts(runs[0], 0).value();
      ASSERT_THAT(rollouts, SizeIs(2));
      EXPECT_EQ(rollouts[0].response.response->text, "mended");
      EXPECT_EQ(rollouts[0].response.response->usage.reasoning_tokens, 5);
      EXPECT_EQ(rollouts[0].judgement->verdict.criteria,
                (std::vector<CriterionVerdict>{{"c1", Outcome::pass, "says so"}}));
      EXPECT_THAT(rollouts[0].judgement->calls, SizeIs(1));
      EXPECT_THAT(store->broken_off(runs[0]).value(), SizeIs(version < 4 ? 0 : 2));
      EXPECT_EQ(store->state(runs[1]).value(), RunState{});
      ASSERT_TRUE(store->claim(runs[1]));
      store->append(runs[1], make_response({0, 0}));
      store->append(runs[1], BrokenOff{"candidate", "openai:test", 1, 10, 20});
      EXPECT_TRUE(await(store->flushed()));
      EXPECT_THAT(store->broken_off(runs[1]).value(), SizeIs(1));
    }
    EXPECT_EQ(raw().integer("PRAGMA user_version").value(), std::ssize(migrations()));
  }
}

TEST_F(SqliteStoreFile, TheDocumentedQueryWorks) {
  leave_a_run();
  const std::string doc = read_file(fs::path(IIE_SOURCE_DIR) / "doc" / "run-format.md").value();
  const std::size_t begin = doc.find("```sql\n") + 7;
  const std::string query = doc.substr(begin, doc.find("```", begin) - begin);
  EXPECT_EQ(raw().integer(query).value(), 1) << query;
}

// Such a file is a small one. For a new version of the schema, keep the one that this test makes:
//   IIE_KEEP_STORE=test/runs/v5.sqlite test_store --gtest_filter='*AFileOfEveryKindOfRecordIsSmall'
TEST_F(SqliteStoreFile, AFileOfEveryKindOfRecordIsSmall) {
  {
    const auto store = open();
    const auto samples = make_samples(3);
    const RunInfo run = store->create_run(make_spec(samples, 2), samples).value();
    ASSERT_TRUE(store->create_run(make_spec(samples, 2), samples));
    store->append(run, make_failure({0, 0}));
    ResponseRecord whole = make_response({0, 0}, "mended");
    whole.response->reasoning = "thought";
    whole.response->usage = {10, 20, 5, 0, 4, 2};
    whole.response->answered = WallTime(1'700'000'000'000ms);
    whole.response->model = "test-1";
    whole.response->latency = 120ms;
    store->append(run, whole);
    JudgementRecord judged = make_judgement({0, 0});
    judged.verdict.criteria = {{"c1", Outcome::pass, "says so"}};
    judged.judge = "openai:judge";
    judged.calls = {{.criterion = "c1",
                     .reply = "YES",
                     .usage = {.cache_write_tokens = 7},
                     .latency = 30ms,
                     .answered = WallTime(1'700'000'000'500ms)}};
    store->append(run, judged);
    store->append(run, make_response({0, 1}));
    store->append(run, make_judgement({0, 1}, Verdict::fail("as always")));
    store->append(run, make_response({1, 0}));
    store->append(run, make_judgement({1, 0}, Verdict::none(UnscoredReason::judge_failed, "down")));
    store->append(run, make_failure({1, 1}, ErrorKind::bad_request));
    store->append(run, BrokenOff{"candidate", "openai:test", 1, 10, 20});
    store->append(run, BrokenOff{"judge", "openai:judge", 2, 30, 40});
    ASSERT_TRUE(await(store->flushed()));
  }
  ASSERT_TRUE(raw().execute("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM"));
  EXPECT_LT(fs::file_size(path_), 60'000u);
  if (const auto target = get_env("IIE_KEEP_STORE")) {
    ASSERT_TRUE(write_file(*target, bytes()));
  }
  EXPECT_THAT(open({.must_exist = true})->runs().value(), SizeIs(2));
}

// --- Other processes ---------------------------------------------------------------------------

TEST_F(SqliteStoreFile, ARunHasOneWriter) {
  const RunInfo run = leave_a_run();
  Pipe claimed;
  Child holder([&] {
    const auto store = open();
    if (!store->claim(run)) return 1;
    claimed.signal();
    ::pause();
    return 0;
  });
  claimed.wait();

  const auto store = open();
  const auto refused = store->claim(run);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr(run.id), HasSubstr("process " + std::to_string(holder.pid()))));
  const auto samples = make_samples(2);
  const auto repeat = store->create_run(make_spec(samples), samples);
  ASSERT_FALSE(repeat) << "the same specification is being run";
  EXPECT_EQ(repeat.error().kind, ErrorKind::busy);
  EXPECT_TRUE(store->create_run(make_spec(samples, 1, "openai:other"), samples));
  EXPECT_EQ(store->state(run).value().passed, 1) << "reading goes on";

  holder.kill();
  EXPECT_EQ(holder.wait(), -SIGKILL);
  EXPECT_TRUE(store->claim(run)) << "a dead holder's claim is void at once";
}

TEST_F(SqliteStoreFile, AClaimEndsWithItsStore) {
  const RunInfo run = leave_a_run();
  auto first = open();
  const auto second = open();
  ASSERT_TRUE(first->claim(run));
  EXPECT_EQ(second->claim(run).error().kind, ErrorKind::busy);
  first.reset();
  EXPECT_TRUE(second->claim(run));
}

TEST_F(SqliteStoreFile, AnotherNameOfTheFileIsTheSameStore) {
  const RunInfo run = leave_a_run();
  const auto first = open();
  ASSERT_TRUE(first->claim(run));
  const fs::path alias = folder_ / "alias.sqlite";
  fs::create_symlink(path_, alias);
  const auto second = open_sqlite_store(alias.string()).value();
  EXPECT_EQ(second->claim(run).error().kind, ErrorKind::busy);
}

TEST_F(SqliteStoreFile, OfManyThatRaceForARunOneWins) {
  constexpr int kRacers = 8;
  for (int round = 0; round < 3; ++round) {
    // All at once, the file included: nobody has made it yet.
    path_ = (folder_ / ("race" + std::to_string(round))).string();
    Pipe start;
    Pipe finish;
    std::vector<std::unique_ptr<Child>> racers;
    for (int i = 0; i < kRacers; ++i) {
      racers.push_back(std::make_unique<Child>([&] {
        start.wait();
        const auto store = open();
        const auto samples = make_samples(2);
        const auto run = store->create_run(make_spec(samples), samples);
        finish.signal(run ? 'w' : run.error().kind == ErrorKind::busy ? 'b' : '?');
        ::pause();
        return 0;
      }));
    }
    for (int i = 0; i < kRacers; ++i) start.signal();
    std::string outcomes;
    for (int i = 0; i < kRacers; ++i) outcomes += finish.wait();
    std::ranges::sort(outcomes);
    EXPECT_EQ(outcomes, "bbbbbbbw");
    const auto store = open();
    EXPECT_THAT(store->runs().value(), SizeIs(1));
    racers.clear();
    EXPECT_TRUE(store->claim(store->find_run("latest").value()));
  }
}

TEST_F(SqliteStoreFile, AnotherProcessReadsWhileARunIsWritten) {
  constexpr int kRollouts = 2000;
  Pipe started;
  Child writer([&] {
    const auto store = open();
    const auto samples = make_samples(kRollouts);
    const RunInfo run = store->create_run(make_spec(samples), samples).value();
    started.signal();
    for (int i = 0; i < kRollouts; ++i) {
      store->append(run, make_response({i, 0}));
      store->append(run, make_judgement({i, 0}));
      if (i % 16 == 0 && !await(store->flushed())) return 1;
    }
    return await(store->flushed()) ? 0 : 1;
  });
  started.wait();
  const auto store = open({.must_exist = true});
  const RunInfo run = store->find_run("latest").value();
  std::int64_t before = 0;
  while (before < kRollouts) {
    const auto state = store->state(run);
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_GE(state->passed, before);
    EXPECT_LE(state->passed, state->responded);
    before = state->passed;
  }
  EXPECT_EQ(writer.wait(), 0);
}

TEST_F(SqliteStoreFile, TwoProcessesWriteTwoRunsOfOneStore) {
  const auto write_one = [&](const std::string& model) {
    const auto store = open();
    const auto samples = make_samples(300);
    const auto run = store->create_run(make_spec(samples, 1, model), samples);
    if (!run) return 1;
    for (int i = 0; i < 300; ++i) {
      store->append(*run, make_response({i, 0}, model));
      if (i % 8 == 0 && !await(store->flushed())) return 2;
    }
    return await(store->flushed()) ? 0 : 3;
  };
  Child a([&] { return write_one("openai:a"); });
  Child b([&] { return write_one("openai:b"); });
  EXPECT_EQ(a.wait(), 0);
  EXPECT_EQ(b.wait(), 0);
  const auto store = open();
  const auto runs = store->runs().value();
  ASSERT_THAT(runs, SizeIs(2));
  for (const RunInfo& run : runs) {
    ASSERT_TRUE(store->for_each_rollout(run, [&](const StoredRollout& rollout) {
      EXPECT_EQ(rollout.response.response->text, run.spec.model);
      return true;
    }));
    EXPECT_EQ(store->state(run).value().responded, 300);
  }
}

// --- Crashes -----------------------------------------------------------------------------------

// Reports each sample whose record is durable through `out`, as the engine would count it.
int write_until_killed(Store& store, const RunInfo& run, int first, int samples, int out) {
  asio::io_context loop;
  int next = first;
  const auto rollouts = [&]() -> Async<void> {
    while (next < samples) {
      const int sample = next++;
      store.append(run, make_response({sample, 0}, std::string(1000 + sample % 3000, 'x')));
      store.append(run, make_judgement({sample, 0}));
      const auto flushed = co_await store.flushed();
      if (!flushed) ::_exit(3);
      if (::write(out, &sample, sizeof sample) != sizeof sample) ::_exit(4);
    }
  };
  for (int i = 0; i < 32; ++i) asio::co_spawn(loop, rollouts(), asio::detached);
  loop.run();
  return 0;
}

TEST_F(SqliteStoreFile, AKilledWriterLosesNothingThatWasDurable) {
  constexpr int kSamples = 200'000;  // more than it ever gets done
  RunInfo run;
  {
    const auto samples = make_samples(1);
    run = open()->create_run(make_spec(samples), samples).value();
  }
  Rng rng(20260301);
  std::vector<bool> durable;
  int next = 0;
  for (int round = 0; round < 30; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    Child writer([&] {
      ::close(ends[0]);
      auto store = open_sqlite_store(path_);
      if (!store) return 1;
      if (!(*store)->claim(run)) return 2;
      return write_until_killed(**store, run, next, kSamples, ends[1]);
    });
    ::close(ends[1]);
    // Killed after a random number of reports, then a random while.
    const std::uint64_t reports = rng.below(200);
    std::uint64_t read = 0;
    int sample = 0;
    bool killed = false;
    while (::read(ends[0], &sample, sizeof sample) == sizeof sample) {
      if (durable.size() <= static_cast<std::size_t>(sample)) durable.resize(sample + 1);
      durable[sample] = true;
      if (++read > reports && !killed) {
        std::this_thread::sleep_for(std::chrono::microseconds(rng.below(3000)));
        writer.kill();
        killed = true;
      }
    }
    ::close(ends[0]);
    ASSERT_EQ(writer.wait(), -SIGKILL);

    ASSERT_EQ(raw().text("PRAGMA integrity_check").value(), "ok");
    const auto store = open();
    std::map<int, int> seen;
    ASSERT_TRUE(store->for_each_rollout(run, [&](const StoredRollout& rollout) {
      const int at = rollout.response.id.sample;
      ++seen[at];
      EXPECT_EQ(rollout.response.response->text.size(), 1000u + at % 3000);
      const bool reported = static_cast<std::size_t>(at) < durable.size() && durable[at];
      EXPECT_TRUE(rollout.judgement || !reported) << at;
      next = std::max(next, at + 1);
      return true;
    }));
    for (std::size_t at = 0; at < durable.size(); ++at) {
      if (durable[at]) {
        EXPECT_EQ(seen[static_cast<int>(at)], 1) << at;
      }
    }
  }
  EXPECT_GT(std::ranges::count(durable, true), 1000);
  EXPECT_EQ(raw().integer("SELECT count(*) - count(DISTINCT sample) FROM response").value(), 0)
      << "each was written once";
}

// --- Failing disks -----------------------------------------------------------------------------

// The system's file access, of which every write from some number on fails as on a full disk, or
// every sync as on a broken one.
class FailingDisk {
 public:
  FailingDisk() {
    system_ = sqlite3_vfs_find(nullptr);
    vfs_ = *system_;
    vfs_.zName = "iie-failing";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = system_->xOpen(system_, name, file, flags, out);
      if (code == SQLITE_OK) file->pMethods = &patched(file->pMethods).methods;
      return code;
    };
    mend();
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingDisk() {
    sqlite3_vfs_register(system_, 1);
    sqlite3_vfs_unregister(&vfs_);
  }
  void fail_after(int writes) { writes_left_ = writes; }
  void fail_syncs() { syncs_fail_ = true; }
  void mend() {
    writes_left_ = 1 << 30;
    syncs_fail_ = false;
  }

 private:
  struct Patched {
    sqlite3_io_methods methods;  // first: a file points to it
    const sqlite3_io_methods* original;
  };

  static const sqlite3_io_methods& original(sqlite3_file* file) {
    return *reinterpret_cast<const Patched*>(file->pMethods)->original;
  }
  // Data files and logs have methods of their own.
  static const Patched& patched(const sqlite3_io_methods* methods) {
    static std::mutex mutex;
    static std::map<const sqlite3_io_methods*, Patched> all;
    const std::lock_guard lock(mutex);
    const auto [at, added] = all.try_emplace(methods, Patched{*methods, methods});
    if (added) {
      at->second.methods.xWrite = [](sqlite3_file* file, const void* data, int size,
                                     sqlite3_int64 offset) {
        if (writes_left_.fetch_sub(1) <= 0) return SQLITE_FULL;
        return original(file).xWrite(file, data, size, offset);
      };
      at->second.methods.xSync = [](sqlite3_file* file, int how) {
        return syncs_fail_ ? SQLITE_IOERR_FSYNC : original(file).xSync(file, how);
      };
    }
    return at->second;
  }

  inline static sqlite3_vfs* system_ = nullptr;
  inline static std::atomic<int> writes_left_;
  inline static std::atomic<bool> syncs_fail_;
  sqlite3_vfs vfs_;
};

TEST_F(SqliteStoreFile, AFullDiskStopsTheRunAndKeepsWhatWasDone) {
  FailingDisk disk;
  for (int writes = 0; writes < 60; writes += 3) {
    path_ = (folder_ / ("full" + std::to_string(writes))).string();
    RunInfo run;
    int durable = 0;
    {
      const auto store = open();
      const auto samples = make_samples(2);
      run = store->create_run(make_spec(samples), samples).value();
      disk.fail_after(writes);
      std::optional<Error> error;
      for (int i = 0; i < 200 && !error; ++i) {
        store->append(run, make_response({i, 0}, std::string(3000, 'x')));
        if (const auto flushed = await(store->flushed())) {
          ++durable;
        } else {
          error = flushed.error();
        }
      }
      ASSERT_TRUE(error);
      EXPECT_EQ(error->kind, ErrorKind::bad_input);
      EXPECT_THAT(error->message, AllOf(StartsWith(path_ + ": "), HasSubstr("disk is full")));
      // Space that comes back does not revive it: what was dropped between would be missing.
      disk.mend();
      store->append(run, make_response({900, 0}));
      EXPECT_FALSE(await(store->flushed()));
    }
    EXPECT_EQ(raw().text("PRAGMA integrity_check").value(), "ok");
    const auto store = open();
    EXPECT_EQ(store->state(run).value().responded, durable) << writes;
    ASSERT_TRUE(store->claim(run));
    store->append(run, make_response({durable, 0}));
    EXPECT_TRUE(await(store->flushed()));
  }
}

TEST_F(SqliteStoreFile, AFullDiskAtTheStartIsReported) {
  FailingDisk disk;
  for (int writes = 0; writes < 12; ++writes) {
    path_ = (folder_ / ("start" + std::to_string(writes))).string();
    const auto samples = make_samples(2);
    disk.fail_after(writes);
    const auto run = [&]() -> Result<RunInfo> {
      IIE_TRY(const auto store, open_sqlite_store(path_));
      return store->create_run(make_spec(samples), samples);
    }();
    disk.mend();
    if (!run) {
      EXPECT_THAT(run.error().message, HasSubstr("disk is full")) << writes;
    }
    // What it left can be used.
    const auto store = open();
    const auto again = store->create_run(make_spec(samples), samples);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(run || again->id.size() == 12) << "the run that failed left no trace";
  }
}

TEST_F(SqliteStoreFile, NothingIsDurableWhoseSyncFailed) {
  FailingDisk disk;
  const auto store = open();
  const auto samples = make_samples(2);
  const RunInfo run = store->create_run(make_spec(samples), samples).value();
  disk.fail_syncs();
  asio::io_context loop;
  int failed = 0;
  const auto rollout = [&](int i) -> Async<void> {
    store->append(run, make_response({i, 0}));
    const auto flushed = co_await store->flushed();
    if (!flushed && flushed.error().kind == ErrorKind::corrupt) ++failed;
  };
  for (int i = 0; i < 300; ++i) asio::co_spawn(loop, rollout(i), asio::detached);
  loop.run();
  EXPECT_EQ(failed, 300) << "everybody who waits is told";
  disk.mend();
}

// The writer's thread still held the executor of a loop that was gone: the process hung when it
// closed the store.
TEST_F(SqliteStoreFile, AnEventLoopMayEndAsSoonAsItsLastWaiterResumes) {
  const auto store = open();
  const auto samples = make_samples(1);
  const RunInfo run = store->create_run(make_spec(samples, 2'000), samples).value();
  for (int i = 0; i < 2'000; ++i) {
    auto loop = std::make_unique<asio::io_context>();
    bool done = false;
    const auto rollout = [&]() -> Async<void> {
      store->append(run, make_response({0, i}));
      done = (co_await store->flushed()).has_value();
    };
    asio::co_spawn(*loop, rollout(), asio::detached);
    while (!done) ASSERT_EQ(loop->run_one(), 1u);
  }
}

TEST_F(SqliteStoreFile, ClosingWakesWhoWaits) {
  auto store = open();
  const auto samples = make_samples(2);
  const RunInfo run = store->create_run(make_spec(samples), samples).value();
  asio::io_context loop;
  int woken = 0;
  const auto rollout = [&](int i) -> Async<void> {
    store->append(run, make_response({i, 0}));
    const auto flushed = co_await store->flushed();
    if (flushed) ++woken;
  };
  for (int i = 0; i < 100; ++i) asio::co_spawn(loop, rollout(i), asio::detached);
  while (woken == 0) loop.run_one();
  const int before = woken;
  EXPECT_GT(before, 0);
  store.reset();
  loop.run();
  EXPECT_EQ(woken, 100);
}

}  // namespace
}  // namespace iie
