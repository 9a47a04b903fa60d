// The transport alone, and with the codec, against a static endpoint: requests/s and CPU for each
// request. Beside `wrk` on the same endpoint in the same minute it gives the ratio that
// doc/performance.md keeps.
//
// Plain HTTP goes by the transport of its own, with --curl by libcurl.
//
//   bench_transport URL [--connections N] [--requests N] [--codec] [--curl]
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "net/curl_transport.h"
#include "net/file_limit.h"
#include "net/http_transport.h"
#include "provider/http_model.h"

namespace {

namespace asio = boost::asio;

struct Work {
  iie::Transport* transport = nullptr;
  iie::HttpModel* provider = nullptr;  // null: the transport alone
  iie::HttpRequest request;
  iie::GenerateRequest generate;
  long left = 0;
  long failed = 0;
};

iie::Async<void> worker(Work& work) {
  while (work.left-- > 0) {
    bool ok = false;
    if (work.provider != nullptr) {
      const iie::Result<iie::Response> response = co_await work.provider->generate(work.generate);
      ok = response && !response->text.empty();
      if (!ok && work.failed == 0) std::printf("%s\n", response.error().message.c_str());
    } else {
      iie::HttpRequest request = work.request;
      const iie::Result<iie::HttpResponse> reply =
          co_await work.transport->send(std::move(request));
      ok = reply && reply->status == 200;
      if (!ok && !reply && work.failed == 0) std::printf("%s\n", reply.error().message.c_str());
    }
    if (!ok) ++work.failed;
  }
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(
        stderr, "usage: bench_transport URL [--connections N] [--requests N] [--codec] [--curl]\n");
    return 2;
  }
  long connections = 256;
  long requests = 100'000;
  bool codec = false;
  bool curl = false;
  for (int i = 2; i < argc; ++i) {
    const std::string_view flag = argv[i];
    long* target = flag == "--connections" ? &connections
                   : flag == "--requests"  ? &requests
                                           : nullptr;
    if (flag == "--codec") codec = true;
    if (flag == "--curl") curl = true;
    if (target != nullptr && i + 1 < argc) {
      const std::string_view text = argv[++i];
      std::from_chars(text.data(), text.data() + text.size(), *target);
    }
  }
  (void)iie::raise_file_limit();

  asio::io_context context(1);
  const auto transport = curl ? iie::make_curl_transport(context.get_executor())
                              : iie::make_http_transport(context.get_executor());
  const iie::Endpoint endpoint{.name = "openai:static",
                               .base_url = argv[1],
                               .model = "static",
                               .api_key = iie::Secret("bench-key-0")};
  auto provider = iie::HttpModel::make(*transport, endpoint);
  if (!provider) {
    std::fprintf(stderr, "%s\n", provider.error().message.c_str());
    return 2;
  }
  Work work;
  work.transport = transport.get();
  if (codec) work.provider = provider->get();
  work.generate.messages = {{iie::Role::user, std::string(300, 'q')}};
  work.request = *iie::encode_request(endpoint, work.generate);

  const auto run = [&](long count) {
    work.left = count;
    for (long i = 0; i < connections; ++i) asio::co_spawn(context, worker(work), asio::detached);
    context.restart();
    context.run();
  };
  run(connections * 4);  // warm: connections are open
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  run(requests);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("connections %ld  requests/s %.0f  cpu us/request %.1f  peak MiB %.1f  failed %ld\n",
              connections, requests / seconds, (cpu_seconds() - cpu) / requests * 1e6,
              usage.ru_maxrss / 1024.0, work.failed);
  return work.failed == 0 ? 0 : 1;
}
