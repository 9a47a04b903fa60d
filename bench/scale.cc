// Runs of growing size against the static endpoint, each killed half way and resumed: memory, the
// store's size, and how long resuming takes to decide what is left.
//
//   ninja -C build benches && build/bench/bench_scale [--rollouts 10000,100000,1000000]
//     [--samples 1000] [--connections 256] [--folder /tmp]
//
// Memory is sampled from /proc: what is the process's own (RssAnon) and all that is resident, while
// it runs and while it reports. Needs 1.7 KB of disk for each rollout.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

pid_t start(const std::vector<std::string>& words, const std::string& out) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ::dup2(fd, STDOUT_FILENO);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return pid;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

double mib_of(const std::string& status, std::string_view field) {
  const std::size_t at = status.find(field);
  return at == std::string::npos ? 0
                                 : std::strtod(status.c_str() + at + field.size(), nullptr) / 1024;
}

bool has_socket(pid_t pid) {
  std::error_code failed;
  for (const auto& fd : fs::directory_iterator(fmt::format("/proc/{}/fd", pid), failed)) {
    if (fs::read_symlink(fd.path(), failed).string().starts_with("socket:")) return true;
  }
  return false;
}

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

struct Life {
  double seconds = 0;
  double until_first_request = 0;
  double own_mib = 0;       // the most at any moment
  double resident_mib = 0;  // likewise, mapped files included
  int status = 0;
};

// Runs until the end, or until the store holds `kill_at` bytes.
Life live(const std::vector<std::string>& words, const fs::path& store, std::uintmax_t kill_at,
          const std::string& out) {
  Life life;
  const auto from = Clock::now();
  const pid_t pid = start(words, out);
  const std::string status_file = fmt::format("/proc/{}/status", pid);
  while (::waitpid(pid, &life.status, WNOHANG) == 0) {
    if (life.until_first_request == 0 && has_socket(pid)) {
      life.until_first_request = seconds_since(from);
    }
    const std::string status = text_of(status_file);
    life.own_mib = std::max(life.own_mib, mib_of(status, "RssAnon:"));
    life.resident_mib = std::max(life.resident_mib, mib_of(status, "VmHWM:"));
    std::error_code none;
    if (kill_at != 0 && fs::file_size(store, none) > kill_at && !none) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  life.seconds = seconds_since(from);
  return life;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<long> sizes = {10'000, 100'000, 1'000'000};
  long samples = 1000;
  std::string connections = "256";
  std::string parent = "/tmp";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--samples") samples = std::atol(argv[i + 1]);
    if (flag == "--connections") connections = argv[i + 1];
    if (flag == "--folder") parent = argv[i + 1];
    if (flag == "--rollouts") {
      sizes.clear();
      std::stringstream list(argv[i + 1]);
      for (std::string one; std::getline(list, one, ',');) sizes.push_back(std::stol(one));
    }
  }
  const fs::path here = fs::canonical("/proc/self/exe").parent_path();
  std::string name = parent + "/iie_scale_XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const fs::path folder = name;
  const pid_t server = start({(here / "bench_static_server").string(), "--seconds", "900"},
                             (folder / "port").string());
  while (text_of(folder / "port").find('\n') == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::string port = std::to_string(std::atoi(text_of(folder / "port").c_str()));
  {
    std::ofstream dataset(folder / "dataset.jsonl");
    for (long i = 0; i < samples; ++i) {
      dataset << fmt::format(
          R"({{"schema":1,"id":"s{}","type":"CCF","language":"english","messages":[{{"role":)"
          R"("user","content":"Question {}: why do rivers bend?"}}],"rubric":[{{"id":"c1",)"
          R"("kind":"inversion","text":"t"}}],"checks":[{{"rule":"mentions","criterion":"c1",)"
          R"("params":{{"any":["words"]}}}}],"complete":true}})"
          "\n",
          i, i);
    }
  }
  fmt::print("{:>10} {:>9} {:>12} {:>12} {:>12} {:>12} {:>10}\n", "rollouts", "run s", "rollouts/s",
             "own MiB", "resident", "B/rollout", "resume s");
  int exit = 0;
  double bytes_for_each = 1700;
  for (const long size : sizes) {
    const fs::path store = folder / fmt::format("{}.db", size);
    const std::vector<std::string> words = {(here.parent_path() / "inverse-ifeval").string(),
                                            "run",
                                            "--model",
                                            "openai:static",
                                            "--base-url",
                                            "http://127.0.0.1:" + port + "/v1",
                                            "--judge",
                                            "rules",
                                            "--dataset",
                                            (folder / "dataset.jsonl").string(),
                                            "--rollouts",
                                            std::to_string(size / samples),
                                            "--max-connections",
                                            connections,
                                            "--store",
                                            store.string(),
                                            "--out",
                                            (folder / "report").string(),
                                            "--format",
                                            "json",
                                            "--quiet"};
    const auto half = static_cast<std::uintmax_t>(bytes_for_each * static_cast<double>(size) / 2);
    const std::string out = (folder / "out").string();
    const Life first = live(words, store, half, out);
    const Life second = live(words, store, 0, out);
    const std::string report = text_of(out);
    const bool whole = WIFSIGNALED(first.status) && WIFEXITED(second.status) &&
                       WEXITSTATUS(second.status) == 0 &&
                       report.find(fmt::format("\"n\": {}", size)) != std::string::npos;
    const auto bytes = static_cast<double>(fs::file_size(store));
    bytes_for_each = bytes / static_cast<double>(size);
    fmt::print("{:>10} {:>9.1f} {:>12.0f} {:>12.1f} {:>12.1f} {:>12.0f} {:>10.2f}{}\n", size,
               first.seconds + second.seconds,
               static_cast<double>(size) / (first.seconds + second.seconds),
               std::max(first.own_mib, second.own_mib),
               std::max(first.resident_mib, second.resident_mib), bytes_for_each,
               second.until_first_request, whole ? "" : "  NOT WHOLE");
    std::fflush(stdout);
    if (!whole) exit = 1;
    fs::remove(store);
  }
  ::kill(server, SIGTERM);
  ::waitpid(server, nullptr, 0);
  fs::remove_all(folder);
  return exit;
}
