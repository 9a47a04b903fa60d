// The kill test at full size: a run is ended by a signal at random moments and started again until
// it is done. After each end the store is looked at: what had been durable is still there, whole;
// at the end every rollout is there exactly once, and no request was sent twice but for those whose
// answers the killed process had not stored yet.
//
//   ninja -C build bench_kill && build/bench/bench_kill [--kills 500] [--rollouts 2000]
//     [--signal KILL|INT|TERM] [--seed 1]
//
// Where a run is done before there were enough kills, another begins. Exits with 1 where anything
// was lost or doubled. test/e2e/run_test.cc does fifty of these.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "store/sqlite.h"
#include "test/support/chat_server.h"
#include "test/support/process.h"

namespace {

using namespace std::chrono_literals;
using iie::test::ChatServer;
using iie::test::Running;
using iie::test::TempDir;

constexpr int kSamples = 50;
constexpr int kConnections = 8;

struct Durable {
  std::int64_t answered = 0;  // rollouts with an answer
  std::int64_t judged = 0;    // rollouts with a verdict
  std::int64_t answers = 0;   // rows: more than `answered` where one was asked for twice
  std::int64_t verdicts = 0;
  bool whole = false;
};

// Nothing where there is no store yet.
std::optional<Durable> look(const std::string& path) {
  using iie::sqlite::Database;
  auto database = Database::open(path, Database::Mode::read_write, 1s);
  if (!database) return std::nullopt;
  const auto number = [&](const char* sql) { return database->integer(sql).value_or(-1); };
  if (number("SELECT count(*) FROM sqlite_schema WHERE name = 'response'") != 1) {
    return std::nullopt;
  }
  Durable now;
  now.answers = number("SELECT count(*) FROM response WHERE error_kind IS NULL");
  now.answered = number(
      "SELECT count(*) FROM (SELECT DISTINCT sample, rollout FROM response "
      "WHERE error_kind IS NULL)");
  now.verdicts = number("SELECT count(*) FROM judgement");
  now.judged = number("SELECT count(*) FROM (SELECT DISTINCT sample, rollout FROM judgement)");
  now.whole = database->text("PRAGMA quick_check").value_or("") == "ok";
  return now;
}

std::string dataset() {
  std::string lines;
  for (int i = 0; i < kSamples; ++i) {
    lines += fmt::format(
        R"({{"schema":1,"id":"s{}","type":"CCF","language":"english","messages":[{{"role":"user",)"
        R"("content":"Say {}."}}],"rubric":[{{"id":"c1","kind":"inversion","text":"t"}}],)"
        R"("checks":[{{"rule":"mentions","criterion":"c1","params":{{"any":["yes"]}}}}],)"
        R"("complete":true}})"
        "\n",
        i, i);
  }
  return lines;
}

int fail(std::string_view what) {
  fmt::print(stderr, "bench_kill: {}\n", what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  int kills_wanted = 500;
  int rollouts = 2000;
  int number = SIGKILL;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const std::string_view value = argv[i + 1];
    if (flag == "--kills") kills_wanted = std::atoi(argv[i + 1]);
    if (flag == "--rollouts") rollouts = std::atoi(argv[i + 1]);
    if (flag == "--seed") seed = static_cast<std::uint64_t>(std::atoi(argv[i + 1]));
    if (flag == "--signal") number = value == "INT" ? SIGINT : value == "TERM" ? SIGTERM : SIGKILL;
  }
  iie::Rng random(seed);
  ChatServer server(iie::test::delayed(iie::test::static_answer("Yes."), 25ms));
  int kills = 0;
  int runs = 0;
  int lives = 0;
  std::int64_t asked_again = 0;
  std::int64_t most_in_flight = 0;
  const auto begun = std::chrono::steady_clock::now();
  while (kills < kills_wanted) {
    ++runs;
    const TempDir folder;
    folder.write("dataset.jsonl", dataset());
    const std::string store = (folder / "runs.db").string();
    const std::int64_t planned = rollouts / kSamples * kSamples;
    const std::vector<std::string> args = {"run",
                                           "--model",
                                           "openai:m",
                                           "--base-url",
                                           server.base_url(),
                                           "--judge",
                                           "rules",
                                           "--dataset",
                                           "dataset.jsonl",
                                           "--rollouts",
                                           std::to_string(rollouts / kSamples),
                                           "--max-connections",
                                           std::to_string(kConnections),
                                           "--store",
                                           store,
                                           "--quiet"};
    const std::size_t requests_before = server.counters().requests;
    Durable last;
    std::int64_t lost_before = 0;
    int exit = -1;
    while (exit != 0) {
      ++lives;
      Running run(IIE_BINARY, folder.path(), {.args = args});
      if (kills < kills_wanted) {
        std::this_thread::sleep_for(
            std::chrono::microseconds(static_cast<std::int64_t>(random.uniform() * 80'000)));
        run.signal(number);
      }
      exit = run.wait();
      // 5: stopped gently, with something left to do.
      const bool killed = exit == -number || exit == 5;
      if (!killed && exit != 0) return fail(fmt::format("exit {}: {}", exit, run.err()));
      if (killed) ++kills;
      const auto now = look(store);
      if (!now) continue;  // it ended before there was a store
      if (!now->whole) return fail("the store is damaged");
      if (now->answered < last.answered || now->judged < last.judged) {
        return fail("something durable was lost");
      }
      if (now->answers != now->answered || now->verdicts != now->judged) {
        return fail("something is there twice");
      }
      // What was sent and is not in the store: in flight, or on the way to the disk.
      const auto sent = static_cast<std::int64_t>(server.counters().requests - requests_before);
      const std::int64_t lost = sent - now->answered;
      most_in_flight = std::max(most_in_flight, lost - lost_before);
      lost_before = lost;
      last = *now;
    }
    if (last.judged != planned) return fail(fmt::format("{} of {} done", last.judged, planned));
    asked_again += lost_before;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  fmt::print(
      "{} kills in {} lives of {} runs of {} rollouts, {:.0f} s: nothing lost, nothing doubled\n"
      "asked for again: {} requests, {:.2f} for each kill; at most {} after one ({} connections)\n",
      kills, lives, runs, rollouts, seconds, asked_again, static_cast<double>(asked_again) / kills,
      most_in_flight, kConnections);
  return most_in_flight <= 2 * kConnections ? 0
                                            : fail("more was asked for again than was in flight");
}
