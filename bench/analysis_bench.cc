// How long a report over a great many rollouts takes, and what memory: runs of one dataset in one
// store, as people compare them, read back and rendered in one process.
//
//   bench_analysis_bench [FOLDER] [MODELS] [SAMPLES] [ROLLOUTS]
//
// FOLDER (default: the current one) holds the store while it lasts; 20 models x 1,000 samples x 50
// rollouts by default. Writing the store is not part of what is measured. One thread does the work:
// CPU seconds are seconds on one core.
#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/rng.h"
#include "report/comparison.h"
#include "report/render.h"
#include "report/report_builder.h"
#include "store/store.h"
#include "support/store_records.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "bench_analysis_bench: {}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

rusage used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double cpu_seconds() {
  const rusage usage = used();
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Questions of every type in pairs, each with two inverted demands and a task.
std::vector<Sample> questions(int count) {
  std::vector<Sample> out;
  const std::vector<InstructionType>& types = headline_types();
  for (int i = 0; i < count; ++i) {
    Sample sample;
    sample.pair = fmt::format("p{:04}", i / 2);
    sample.id = fmt::format("{}-{}", sample.pair, i % 2 == 0 ? "en" : "zh");
    sample.type = types[static_cast<std::size_t>(i / 2) % types.size()].code;
    sample.domain = domains()[static_cast<std::size_t>(i / 2) % domains().size()];
    sample.language = i % 2 == 0 ? Language::english : Language::chinese;
    sample.question.messages = {{Role::user, fmt::format("Question {} of the benchmark?", i)}};
    sample.question.rubric = {{"i1", CriterionKind::inversion, "Keeps the first demand.", true},
                              {"i2", CriterionKind::inversion, "Keeps the second demand.", true},
                              {"t1", CriterionKind::task, "Does the task.", true}};
    out.push_back(std::move(sample));
  }
  return out;
}

Verdict verdict_of(Rng& rng, double strength) {
  Verdict verdict;
  bool all = true;
  for (const char* id : {"i1", "i2", "t1"}) {
    const bool kept = rng.uniform() < strength;
    all = all && kept;
    verdict.criteria.push_back({id, kept ? Outcome::pass : Outcome::fail,
                                kept ? "the answer keeps it" : "the answer does not keep it"});
  }
  verdict.outcome = all ? Outcome::pass : Outcome::fail;
  verdict.reason = all ? "all criteria met" : "a criterion is broken";
  return verdict;
}

Async<Result<void>> fill(Store& store, const RunInfo& run, int samples, int rollouts, int model) {
  Rng rng(static_cast<std::uint64_t>(model) + 1);
  const std::string text(400, 'x');
  for (int s = 0; s < samples; ++s) {
    const double strength = 0.5 + 0.4 * rng.uniform() + 0.005 * model;
    for (int r = 0; r < rollouts; ++r) {
      ResponseRecord response;
      response.id = {s, r};
      response.response = Response{.text = text,
                                   .finish = FinishReason::stop,
                                   .usage = {200, 700, 300, std::nullopt},
                                   .model = "model",
                                   .latency = std::chrono::milliseconds(500 + rng.below(2000))};
      JudgementRecord judgement;
      judgement.id = response.id;
      judgement.verdict = verdict_of(rng, strength);
      judgement.judge = "openai:judge";
      store.append(run, std::move(response));
      store.append(run, std::move(judgement));
    }
    if (s % 40 == 0) {
      if (auto flushed = co_await store.flushed(); !flushed) co_return flushed;
    }
  }
  co_return co_await store.flushed();
}

void measure(Store& store, const std::vector<RunInfo>& runs) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  double last = cpu_begin;
  const auto lap = [&](std::string_view what, std::size_t size) {
    const double now = cpu_seconds();
    fmt::print("  {:<22} {:>7.2f} s CPU{}\n", what, now - last,
               size > 0 ? fmt::format(", {} KB", size / 1024) : std::string());
    last = cpu_seconds();
  };
  std::vector<Report> reports;
  std::int64_t rollouts = 0;
  for (const RunInfo& run : runs) {
    const std::vector<Sample> samples = must(store.samples(run));
    ReportBuilder builder(run, samples);
    must(store.for_each_rollout_unordered(run, [&](const StoredRollout& rollout) {
      must(builder.add(rollout.response.id, &rollout.response,
                       rollout.judgement ? &*rollout.judgement : nullptr));
      ++rollouts;
      return true;
    }));
    reports.push_back(builder.finish());
  }
  lap("records to reports", 0);
  for (const ReportFormat format :
       {ReportFormat::terminal, ReportFormat::json, ReportFormat::markdown, ReportFormat::csv,
        ReportFormat::latex, ReportFormat::html}) {
    lap(to_string(format), render(reports, format).size());
  }
  if (reports.size() > 1) {
    const Comparison found = must(compare_reports(reports.front(), reports.back()));
    lap("compare first and last", 0);
    fmt::print("  {}\n", conclusion(found));
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{} rollouts: {:.1f} s, {:.1f} s CPU, peak memory {} MiB\n", rollouts, seconds,
             cpu_seconds() - cpu_begin, used().ru_maxrss / 1024);
}

}  // namespace
}  // namespace iie

int main(int argc, char** argv) {
  using namespace iie;
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  const bool measure_only = argc > 2 && std::string_view(argv[2]) == "measure";
  const auto number = [&](int index, int fallback) {
    return argc > index && !measure_only ? std::atoi(argv[index]) : fallback;
  };
  const int models = number(2, 20);
  const int count = number(3, 1'000);
  const int rollouts = number(4, 50);
  if (models < 1 || count < 2 || rollouts < 1) {
    fmt::print(stderr, "usage: bench_analysis_bench [FOLDER] [MODELS] [SAMPLES] [ROLLOUTS]\n");
    return 2;
  }
  const std::string file = (folder / "bench-analysis.sqlite").string();
  if (!measure_only) {
    // Written by another process, so that its memory is not in the peak.
    const auto store = must(open_sqlite_store(file, {.group = 4096}));
    const std::vector<Sample> samples = questions(count);
    for (int model = 0; model < models; ++model) {
      RunSpec spec =
          testing_support::make_spec(samples, rollouts, fmt::format("openai:model-{:02}", model));
      const RunInfo run = must(store->create_run(spec, samples));
      must(testing_support::await(fill(*store, run, count, rollouts, model)));
    }
  }
  if (!measure_only) {
    const std::string command = fmt::format("'{}' '{}' measure", argv[0], folder.string());
    const int status = std::system(command.c_str());
    for (const char* suffix : {"", "-wal", "-shm", "-claims"}) fs::remove(file + suffix);
    return status == 0 ? 0 : 1;
  }
  const auto store = must(open_sqlite_store(file, {.must_exist = true}));
  measure(*store, must(store->runs()));
  return 0;
}
