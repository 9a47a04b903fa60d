// How fast records become durable, and how fast a long run's state is found again.
//
//   bench_store [FOLDER] [ROWS] [ROLLOUTS]
//
// FOLDER (default: the current one) is where the files go, so that the disk is the one in question;
// ROWS is how many records each writing line takes (default 60,000), ROLLOUTS how long the run is
// that gets read back (default 1,000,000).
//
// The yardstick is the disk itself: the same bytes appended to a plain file with one fdatasync per
// 64 records, in the same minute.
#include "store/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/string_util.h"

namespace iie {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "bench_store: {}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Like an answer: 3 KB of text that differs from record to record.
std::string answer(int i) {
  std::string text = fmt::format("Answer {}. ", i);
  while (text.size() < 3000) text += "None of the options is right, and here is why. ";
  text.resize(3000);
  return text;
}

ResponseRecord response(int i, std::string text) {
  ResponseRecord record;
  record.id = {i, 0};
  record.response = Response{.text = std::move(text),
                             .finish = FinishReason::stop,
                             .usage = {200, 700, 300, std::nullopt},
                             .model = "model-2026-01",
                             .latency = std::chrono::milliseconds(900)};
  record.at = WallTime(std::chrono::milliseconds(1'760'000'000'000 + i));
  return record;
}

JudgementRecord judgement(int i) {
  JudgementRecord record;
  record.id = {i, 0};
  record.verdict = i % 3 == 0 ? Verdict::fail("mentions the usual answer")
                              : Verdict::pass("says that none is right");
  record.judge = "rules";
  record.at = WallTime(std::chrono::milliseconds(1'760'000'000'000 + i));
  return record;
}

RunInfo start(Store& store) {
  Sample sample;
  sample.id = "s";
  sample.question.messages = {{Role::user, "?"}};
  RunSpec spec;
  spec.model = "bench";
  return must(store.create_run(spec, {sample}));
}

double plain_disk(const fs::path& file, int rows) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  std::string block;
  for (int i = 0; i < 64; ++i) block += answer(i);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rows; i += 64) {
    if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) std::exit(1);
  }
  const double seconds = seconds_since(begin);
  ::close(fd);
  fs::remove(file);
  return rows / seconds;
}

void write_rows(const fs::path& file, int rows, int waiting, std::size_t group, double disk) {
  double seconds = 0;
  double cpu = 0;
  {
    const auto store = must(open_sqlite_store(file.string(), {.group = group}));
    const RunInfo run = start(*store);
    std::vector<std::string> answers;
    for (int i = 0; i < 1000; ++i) answers.push_back(answer(i));
    asio::io_context loop;
    int next = 0;
    const auto rollouts = [&]() -> Async<void> {
      while (next < rows) {
        const int i = next++;
        store->append(run, response(i, answers[i % answers.size()]));
        must(co_await store->flushed());
      }
    };
    const auto begin = std::chrono::steady_clock::now();
    const double cpu_begin = cpu_seconds();
    for (int i = 0; i < waiting; ++i) asio::co_spawn(loop, rollouts(), asio::detached);
    loop.run();
    seconds = seconds_since(begin);
    cpu = cpu_seconds() - cpu_begin;
  }
  fmt::print("  {:>7} {:>6} {:>10.0f} {:>11.1f} {:>12.2f}\n", waiting, group, rows / seconds,
             1e6 * cpu / rows, rows / seconds / disk);
  for (const char* suffix : {"", "-wal", "-shm", "-claims"}) fs::remove(file.string() + suffix);
}

void read_back(const fs::path& file, int rollouts) {
  RunInfo run;
  {
    const auto store = must(open_sqlite_store(file.string(), {.group = 4096}));
    run = start(*store);
    asio::io_context loop;
    const auto fill = [&]() -> Async<void> {
      for (int i = 0; i < rollouts; ++i) {
        store->append(run, response(i, "short"));
        store->append(run, judgement(i));
        if (i % 4096 == 0) must(co_await store->flushed());
      }
      must(co_await store->flushed());
    };
    const auto begin = std::chrono::steady_clock::now();
    asio::co_spawn(loop, fill(), asio::detached);
    loop.run();
    fmt::print("\n{} rollouts with judgements: written in {:.1f} s, ", rollouts,
               seconds_since(begin));
  }
  fmt::print("{} bytes each\n", fs::file_size(file) / static_cast<std::uintmax_t>(rollouts));
  const auto timed = [](const char* what, const auto& body) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    fmt::print("  {:<26} {:>7.3f} s\n", what, seconds_since(begin));
  };
  std::unique_ptr<Store> store;
  timed("open", [&] { store = must(open_sqlite_store(file.string(), {.must_exist = true})); });
  timed("state", [&] {
    if (must(store->state(run)).responded != rollouts) std::exit(1);
  });
  timed("for_each_progress", [&] {
    std::int64_t seen = 0;
    must(store->for_each_progress(run, [&](const RolloutProgress&) { return ++seen > 0; }));
    if (seen != rollouts) std::exit(1);
  });
  timed("for_each_rollout_unordered", [&] {
    std::int64_t seen = 0;
    must(store->for_each_rollout_unordered(run, [&](const StoredRollout&) { return ++seen > 0; }));
    if (seen != rollouts) std::exit(1);
  });
  timed("for_each_rollout", [&] {
    std::int64_t seen = 0;
    must(store->for_each_rollout(run, [&](const StoredRollout&) { return ++seen > 0; }));
    if (seen != rollouts) std::exit(1);
  });
  timed("rollouts, one sample", [&] { must(store->rollouts(run, rollouts / 2)); });
  store.reset();
  for (const char* suffix : {"", "-wal", "-shm", "-claims"}) fs::remove(file.string() + suffix);
}

}  // namespace
}  // namespace iie

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  const int rows = argc > 2 ? std::atoi(argv[2]) : 60'000;
  const int rollouts = argc > 3 ? std::atoi(argv[3]) : 1'000'000;
  if (rows < 1 || rollouts < 1) {
    fmt::print(stderr, "usage: bench_store [FOLDER] [ROWS] [ROLLOUTS]\n");
    return 2;
  }
  const std::filesystem::path file = folder / "bench-store.sqlite";
  const double disk = iie::plain_disk(file, rows);
  fmt::print("3 KB records, each durable before its writer goes on; synchronous=FULL\n");
  fmt::print("plain file, fdatasync per 64 records: {:.0f} records/s\n\n", disk);
  fmt::print("  {:>7} {:>6} {:>10} {:>11} {:>12}\n", "waiting", "group", "rows/s", "CPU us/row",
             "x plain file");
  for (const int waiting : {64, 256, 1024, 4096}) {
    for (const std::size_t group : {64u, 256u, 1024u}) {
      iie::write_rows(file, rows, waiting, group, disk);
    }
  }
  iie::read_back(file, rollouts);
}
