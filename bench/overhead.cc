// What the pipeline costs: the real binary (schedule, encode, send, parse,
// check by rules, store durably) against a static endpoint on loopback, beside
// wrk posting the same body to the same endpoint. Rounds alternate, so that a
// machine whose speed drifts still gives honest ratios.
//
//   ninja -C build benches && build/bench/bench_overhead [--rounds N]
//   [--connections 1,64,...]
//     [--delay-ms M] [--tls 1]
//
// With --tls 1 everything goes through TLS, one connection for each call under
// way: the endpoint speaks HTTP/1.1. The client trusts the system's authorities
// besides the endpoint's, as one that asks a vendor does.
//
// Prints, for each number of connections: rollouts/s, wrk's requests/s, their
// ratio, CPU per rollout and per wrk request, and peak memory; then memory per
// rollout in flight.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kSamples = 64;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr const char* kPrompt =
    "Explain in a few plain sentences, without any list, why rivers bend more "
    "as they grow older, "
    "and name the word oxbow once.";

struct Child {
  pid_t pid = -1;
  int out = -1;
};

Child start(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::exit(1);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    std::perror(argv[0]);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {pid, ends[0]};
}

struct Finished {
  std::string output;
  double seconds = 0;
  double cpu_seconds = 0;
  double peak_mib = 0;
  int status = 0;
};

Finished run(const std::vector<std::string>& words) {
  const auto from = Clock::now();
  const Child child = start(words);
  Finished done;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(child.out, buffer, sizeof buffer)) > 0;) {
    done.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(child.out);
  rusage usage{};
  ::wait4(child.pid, &done.status, 0, &usage);
  done.seconds = std::chrono::duration<double>(Clock::now() - from).count();
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  done.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  done.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024.0;
  return done;
}

double number_behind(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + label.size(), nullptr);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

struct Round {
  double rate = 0;
  double wrk_rate = 0;
  double cpu_us = 0;
  double wrk_cpu_us = 0;
  double peak_mib = 0;
};

}  // namespace

int main(int argc, char** argv) {
  int rounds = 3;
  std::string delay = "0";
  bool tls = false;
  std::vector<int> connections = {1, 64, 256, 1024};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--delay-ms") == 0) delay = argv[i + 1];
    if (std::strcmp(argv[i], "--tls") == 0) tls = std::atoi(argv[i + 1]) != 0;
    if (std::strcmp(argv[i], "--connections") == 0) {
      connections.clear();
      std::stringstream list(argv[i + 1]);
      for (std::string one; std::getline(list, one, ',');) connections.push_back(std::stoi(one));
    }
  }
  const fs::path here = fs::canonical("/proc/self/exe").parent_path();
  const std::string binary = (here.parent_path() / "inverse-ifeval").string();
  char folder_name[] = "/tmp/iie_overhead_XXXXXX";
  if (::mkdtemp(folder_name) == nullptr) return 1;
  const fs::path folder = folder_name;

  const std::string authority = (folder / "authority.pem").string();
  std::vector<std::string> serve = {(here / "bench_static_server").string(), "--seconds", "600",
                                    "--delay-ms", delay};
  if (tls) {
    serve.insert(serve.end(), {"--tls", authority});
    ::setenv("CURL_CA_BUNDLE", (folder / "authorities.pem").c_str(), 1);
  }
  const Child server = start(serve);
  char line[256] = {};
  if (::read(server.out, line, sizeof line - 1) <= 0) return 1;
  if (tls) {
    std::ofstream all(folder / "authorities.pem");
    for (const std::string& file : {authority, std::string(kSystemAuthorities)}) {
      if (std::ifstream one(file); one.peek() != EOF) all << one.rdbuf();
    }
  }
  const std::string port = std::to_string(std::atoi(std::strpbrk(line, "0123456789")));
  const std::string base = (tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + port + "/v1";

  {
    std::ofstream dataset(folder / "dataset.jsonl");
    for (int i = 0; i < kSamples; ++i) {
      dataset << fmt::format(
          R"({{"schema":1,"id":"bench-{}","type":"CCF","language":"english",)"
          R"("messages":[{{"role":"user","content":"{}"}}],)"
          R"("rubric":[{{"id":"c1","kind":"inversion","text":"Short."}}],)"
          R"("checks":[{{"rule":"mentions","criterion":"c1","params":{{"any":["the"]}}}}],)"
          R"("complete":true}})"
          "\n",
          i, kPrompt);
    }
    std::ofstream script(folder / "post.lua");
    script << "wrk.method = 'POST'\nwrk.headers['Content-Type'] = "
              "'application/json'\n"
           << R"(wrk.body = '{"model":"bench","messages":[{"role":"user","content":")" << kPrompt
           << R"("}]}')" << '\n';
  }

  std::map<int, std::vector<Round>> results;
  for (int round = 0; round < rounds; ++round) {
    for (const int c : connections) {
      const int rollouts = c == 1 ? 100 : 600;
      const double planned = kSamples * rollouts;
      Round one;
      const Finished wrk = run({"wrk", "-t1", "-c" + std::to_string(c), "-d3s", "-s",
                                (folder / "post.lua").string(), base + "/chat/completions"});
      one.wrk_rate = number_behind(wrk.output, "Requests/sec:");
      one.wrk_cpu_us = wrk.cpu_seconds / (one.wrk_rate * 3.0) * 1e6;
      const Finished ours = run({binary,
                                 "run",
                                 "--model",
                                 "openai:bench",
                                 "--base-url",
                                 base,
                                 "--judge",
                                 "rules",
                                 "--dataset",
                                 (folder / "dataset.jsonl").string(),
                                 "--rollouts",
                                 std::to_string(rollouts),
                                 "--max-connections",
                                 std::to_string(c),
                                 "--store",
                                 (folder / fmt::format("{}-{}.db", round, c)).string(),
                                 "--out",
                                 (folder / "report").string(),
                                 "--format",
                                 "json",
                                 "--quiet"});
      if (!WIFEXITED(ours.status) || WEXITSTATUS(ours.status) != 0 ||
          number_behind(ours.output, "\"n\": ") != planned) {
        fmt::print(stderr, "the run failed: status {}, n {}\n", ours.status,
                   number_behind(ours.output, "\"n\": "));
        ::kill(server.pid, SIGTERM);
        return 1;
      }
      one.rate = planned / ours.seconds;
      one.cpu_us = ours.cpu_seconds / planned * 1e6;
      one.peak_mib = ours.peak_mib;
      results[c].push_back(one);
    }
  }
  ::kill(server.pid, SIGTERM);
  ::waitpid(server.pid, nullptr, 0);
  fs::remove_all(folder);

  fmt::print("{:>12} {:>12} {:>12} {:>8} {:>14} {:>12} {:>10}\n", "connections", "rollouts/s",
             "wrk req/s", "ratio", "CPU us/rollout", "wrk CPU us", "peak MiB");
  std::map<int, double> peaks;
  for (const auto& [c, list] : results) {
    const auto of = [&list = list](double Round::* field) {
      std::vector<double> values;
      for (const Round& one : list) values.push_back(one.*field);
      return median(values);
    };
    std::vector<double> ratios;
    for (const Round& one : list) ratios.push_back(one.rate / one.wrk_rate);
    peaks[c] = of(&Round::peak_mib);
    fmt::print("{:>12} {:>12.0f} {:>12.0f} {:>8.3f} {:>14.1f} {:>12.1f} {:>10.1f}\n", c,
               of(&Round::rate), of(&Round::wrk_rate), median(ratios), of(&Round::cpu_us),
               of(&Round::wrk_cpu_us), peaks[c]);
  }
  peaks.erase(1);  // a shorter run: its store, which the report maps, is smaller
  if (peaks.size() > 1) {
    const auto [few, low] = *peaks.begin();
    const auto [many, high] = *peaks.rbegin();
    fmt::print("memory per rollout in flight: {:.1f} KiB\n", (high - low) * 1024.0 / (many - few));
  }
  return 0;
}
