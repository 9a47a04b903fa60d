// How libcurl and the event loop meet.
//
// libcurl's multi_socket interface tells which sockets to watch and when to be called back. A
// rollout that is nothing but an HTTP exchange costs tens of microseconds, so what each event
// costs matters:
//
// - Sockets are watched by an epoll set of our own, level-triggered, and Asio watches that one
//   descriptor. Asio's own waits are one-shot and cost a system call for each event; here a batch
//   of up to kEventBatch events costs two.
// - libcurl drops its interest in a socket at the end of each exchange and takes it up again at
//   the next one. For its connections (known from the open-socket callback; its name resolver has
//   sockets too, which close without notice) the set keeps the interest until the socket closes or
//   an event proves it unwanted, so that a kept connection costs no epoll_ctl at all.
// - One timer serves all multi handles; it is armed anew only when a deadline comes before the one
//   that it is armed for. A deadline of zero ("call me at once", after each start) is not a timer
//   but one posted call for all the handles that asked.
// - Starts go to the first multi handle with a free place, so that handles which have open
//   connections are used first.
//
// Completions are posted, never called from inside the loop: what a resumed coroutine does
// (starting, cancelling, destroying the transport) never meets a loop half done.
#include "net/curl_transport.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "net/curl_transfer.h"
#include "net/file_limit.h"
#include "net/proxy.h"

namespace iie {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kEventBatch = 256;
// Cached connections for each place of a multi handle: a candidate's and a judge's endpoint can
// then alternate without closing each other's connections.
constexpr std::size_t kConnectionsPerTransfer = 2;
// Looks at the deadlines are at least this far apart.
constexpr std::chrono::milliseconds kScanInterval{20};
constexpr SteadyTime kNever = SteadyTime::max();

void init_curl_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

using Handler = std::move_only_function<void(Result<HttpResponse>)>;

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const asio::any_io_executor& executor, CurlOptions options);
  ~Core() { close(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const asio::any_io_executor& executor() const { return executor_; }

  void start(HttpRequest request, Handler handler, const asio::any_io_executor& handler_executor,
             asio::cancellation_slot slot);
  // Ends everything in flight with Error{cancelled}; nothing may be started afterwards.
  void close();

 private:
  struct Shard;

  struct Transfer : CurlTransfer {
    using CurlTransfer::CurlTransfer;
    enum class State { pooled, queued, active };
    State state = State::pooled;
    Shard* shard = nullptr;    // while active
    std::size_t position = 0;  // in active_
    std::uint64_t serial = 0;  // tells this use of the handle from earlier ones
    Handler handler;
    asio::any_io_executor handler_executor;
    asio::cancellation_slot slot;
  };

  // One multi handle, with its own connection cache.
  struct Shard {
    Core* core = nullptr;
    std::size_t index = 0;
    CURLM* multi = nullptr;
    std::size_t active = 0;
    SteadyTime deadline = kNever;
    bool due = false;           // asked to be called at once
    bool timer_called = false;  // libcurl stated its deadline since we last looked
    bool touched = false;       // has had events in this batch
  };

  // A descriptor that libcurl uses, indexed by its number.
  struct Socket {
    Shard* shard = nullptr;
    std::uint32_t wanted = 0;      // EPOLLIN, EPOLLOUT
    std::uint32_t registered = 0;  // in the epoll set
    bool connection = false;       // opened through on_open: closes through on_close
  };

  static int on_socket(CURL*, curl_socket_t fd, int what, void* shard, void*);
  static int on_timer(CURLM*, long milliseconds, void* shard);
  static curl_socket_t on_open(void* core, curlsocktype, curl_sockaddr* address);
  static int on_close(void* core, curl_socket_t fd);

  Transfer* acquire();
  void launch(Transfer* transfer);
  void detach(Transfer* transfer);
  void complete(Transfer* transfer, Result<HttpResponse> result);
  void cancel(Transfer* transfer, std::uint64_t serial);
  Shard& free_shard();
  void harvest(Shard& shard);
  void launch_queued();

  void watch(curl_socket_t fd, Shard* shard, std::uint32_t wanted);
  void set_registered(int fd, std::uint32_t events);
  Socket& socket(int fd);

  void wait_for_events();
  void on_events();
  void run_timeouts(Shard& shard);
  void call_soon(Shard& shard);
  void run_due();
  void arm_timer(SteadyTime deadline);
  void on_timer_fired();
  SteadyTime scan_deadlines(SteadyTime now);
  void notice_moved_deadlines();
  void settle_soon();

  const asio::any_io_executor executor_;
  const CurlOptions options_;
  std::size_t max_transfers_ = 0;
  CURLSH* share_ = nullptr;  // DNS cache and TLS sessions, for all handles
  std::optional<TlsTrust> trust_;
  CurlSetup setup_;
  int epoll_ = -1;
  asio::posix::stream_descriptor epoll_wait_;  // owns epoll_
  asio::steady_timer timer_;

  std::vector<std::unique_ptr<Transfer>> transfers_;  // all there are
  std::vector<Transfer*> pool_;
  std::vector<Transfer*> active_;
  std::deque<Transfer*> queue_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::size_t first_free_ = 0;  // no shard before it has a free place
  std::vector<Socket> sockets_;
  std::vector<Shard*> due_;
  std::vector<Shard*> touched_;
  std::uint64_t next_serial_ = 1;

  SteadyTime timer_at_ = kNever;  // what timer_ is armed for
  SteadyTime scan_at_ = kNever;   // the next look at the transfers' deadlines
  bool deadline_moved_ = false;   // one came nearer than its transfer had said
  bool waiting_ = false;          // epoll_wait_ has a wait outstanding
  bool due_posted_ = false;
  bool settle_posted_ = false;
  bool closed_ = false;
};

Core::Core(const asio::any_io_executor& executor, CurlOptions options)
    : executor_(executor),
      options_(std::move(options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      epoll_wait_(executor),
      timer_(executor) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
  epoll_wait_.assign(epoll_);
  init_curl_once();

  const std::size_t allowed = transfers_allowed();
  max_transfers_ =
      options_.max_transfers == 0 ? allowed : std::min(options_.max_transfers, allowed);

  share_ = curl_share_init();
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);

  setup_.share = share_;
  std::string ca_file = options_.ca_file;
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (ca_file.empty()) ca_file = get_env(name).value_or("");
  }
  setup_.trust = &trust_.emplace(std::move(ca_file));
  setup_.proxies = environment_names_proxy();
  if (setup_.proxies) keep_proxy_credentials_secret();
  setup_.max_header_bytes = options_.max_header_bytes;
  setup_.deadline_moved = &deadline_moved_;
  setup_.open_socket = &Core::on_open;
  setup_.close_socket = &Core::on_close;
  setup_.socket_context = this;
}

void Core::close() {
  if (closed_) return;
  closed_ = true;
  for (Transfer* transfer : queue_) complete(transfer, std::unexpected(transfer->cancelled()));
  queue_.clear();
  while (!active_.empty()) {
    Transfer* transfer = active_.back();
    detach(transfer);
    complete(transfer, std::unexpected(transfer->cancelled()));
  }
  pool_.clear();
  transfers_.clear();
  for (const auto& shard : shards_) curl_multi_cleanup(shard->multi);  // closes the connections
  shards_.clear();
  curl_share_cleanup(share_);
  boost::system::error_code ignored;
  epoll_wait_.close(ignored);
  timer_.cancel();
}

// ---- Transfers ----

Core::Transfer* Core::acquire() {
  if (pool_.empty()) {
    transfers_.push_back(std::make_unique<Transfer>(setup_));
    return transfers_.back().get();
  }
  Transfer* transfer = pool_.back();
  pool_.pop_back();
  return transfer;
}

void Core::start(HttpRequest request, Handler handler,
                 const asio::any_io_executor& handler_executor, asio::cancellation_slot slot) {
  if (closed_) {
    asio::post(handler_executor, [handler = std::move(handler)]() mutable {
      handler(fail(ErrorKind::cancelled, "the transport was closed"));
    });
    return;
  }
  Transfer* transfer = acquire();
  transfer->serial = next_serial_++;
  transfer->handler = std::move(handler);
  transfer->handler_executor = handler_executor;
  transfer->slot = slot;
  if (auto ready = transfer->prepare(std::move(request)); !ready) {
    complete(transfer, std::unexpected(std::move(ready).error()));
    return;
  }
  if (slot.is_connected()) {
    slot.assign(
        [weak = weak_from_this(), transfer, serial = transfer->serial](asio::cancellation_type) {
          if (const auto core = weak.lock()) core->cancel(transfer, serial);
        });
  }
  if (active_.size() >= max_transfers_) {
    transfer->state = Transfer::State::queued;
    queue_.push_back(transfer);
    return;
  }
  launch(transfer);
}

Core::Shard& Core::free_shard() {
  while (first_free_ < shards_.size() &&
         shards_[first_free_]->active >= options_.transfers_per_handle) {
    ++first_free_;
  }
  if (first_free_ == shards_.size()) {
    auto shard = std::make_unique<Shard>();
    shard->core = this;
    shard->index = first_free_;
    shard->multi = curl_multi_init();
    if (shard->multi == nullptr) throw std::bad_alloc();
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, &Core::on_socket);
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard.get());
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, &Core::on_timer);
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard.get());
    curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS,
                      static_cast<long>(options_.transfers_per_handle * kConnectionsPerTransfer));
    shards_.push_back(std::move(shard));
  }
  return *shards_[first_free_];
}

void Core::launch(Transfer* transfer) {
  Shard& shard = free_shard();
  const SteadyTime now = std::chrono::steady_clock::now();
  transfer->begin(now);
  transfer->state = Transfer::State::active;
  transfer->shard = &shard;
  transfer->position = active_.size();
  active_.push_back(transfer);
  ++shard.active;
  curl_easy_setopt(transfer->easy(), CURLOPT_PRIVATE, static_cast<void*>(transfer));
  if (const CURLMcode code = curl_multi_add_handle(shard.multi, transfer->easy());
      code != CURLM_OK) {
    detach(transfer);
    complete(transfer, std::unexpected(transfer->finish(CURLE_OUT_OF_MEMORY).error()));
    return;
  }
  if (!waiting_) wait_for_events();
  if (const SteadyTime deadline = transfer->deadline(now); deadline < scan_at_) {
    scan_at_ = deadline;
    arm_timer(deadline);
  }
}

// Takes an active transfer from its multi handle; whoever calls completes it.
void Core::detach(Transfer* transfer) {
  Shard& shard = *transfer->shard;
  curl_multi_remove_handle(shard.multi, transfer->easy());
  --shard.active;
  first_free_ = std::min(first_free_, shard.index);
  active_[transfer->position] = active_.back();
  active_[transfer->position]->position = transfer->position;
  active_.pop_back();
}

// Gives the result to whoever waits for it, later, and returns the transfer to the pool.
void Core::complete(Transfer* transfer, Result<HttpResponse> result) {
  asio::post(transfer->handler_executor,
             [slot = transfer->slot, handler = std::move(transfer->handler),
              result = std::move(result)]() mutable {
               slot.clear();
               handler(std::move(result));
             });
  transfer->handler = nullptr;
  transfer->handler_executor = {};
  transfer->slot = {};
  transfer->serial = 0;
  transfer->shard = nullptr;
  transfer->state = Transfer::State::pooled;
  transfer->recycle();
  pool_.push_back(transfer);
  settle_soon();
}

void Core::cancel(Transfer* transfer, std::uint64_t serial) {
  if (transfer->serial != serial) return;  // it ended; the news is on its way
  if (transfer->state == Transfer::State::active) {
    detach(transfer);
  } else {
    std::erase(queue_, transfer);
  }
  complete(transfer, std::unexpected(transfer->cancelled()));
  launch_queued();
}

void Core::launch_queued() {
  while (!queue_.empty() && active_.size() < max_transfers_) {
    Transfer* transfer = queue_.front();
    queue_.pop_front();
    launch(transfer);
  }
}

// Completes what has ended in a shard.
void Core::harvest(Shard& shard) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(shard.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message dies with detach()
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto* transfer = reinterpret_cast<Transfer*>(self);
    Result<HttpResponse> result = transfer->finish(code);
    detach(transfer);
    complete(transfer, std::move(result));
  }
  launch_queued();
  notice_moved_deadlines();
}

// ---- Sockets ----

Core::Socket& Core::socket(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size()) sockets_.resize(std::max(index + 1, sockets_.size() * 2));
  return sockets_[index];
}

int Core::on_socket(CURL*, curl_socket_t fd, int what, void* shard, void*) {
  std::uint32_t wanted = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) wanted |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) wanted |= EPOLLOUT;
  auto* self = static_cast<Shard*>(shard);
  self->core->watch(fd, self, wanted);
  return 0;
}

void Core::watch(curl_socket_t fd, Shard* shard, std::uint32_t wanted) {
  Socket& state = socket(fd);
  state.shard = shard;
  state.wanted = wanted;
  if (wanted == 0 && state.connection) return;
  if (state.registered != wanted) set_registered(fd, wanted);
}

void Core::set_registered(int fd, std::uint32_t events) {
  Socket& state = socket(fd);
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (events == 0) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &event);  // may be closed already: then it is gone too
  } else if (epoll_ctl(epoll_, state.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) !=
             0) {
    // A descriptor of the resolver's that was closed and opened again between two looks.
    const int operation = errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) events = 0;
  }
  state.registered = events;
}

curl_socket_t Core::on_open(void* core, curlsocktype, curl_sockaddr* address) {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  static_cast<Core*>(core)->socket(fd) = {.connection = true};
  return fd;
}

int Core::on_close(void* core, curl_socket_t fd) {
  static_cast<Core*>(core)->socket(fd) = {};  // closing takes it out of the epoll set
  return ::close(fd);
}

// ---- The loop ----

void Core::wait_for_events() {
  waiting_ = true;
  epoll_wait_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [weak = weak_from_this()](boost::system::error_code) {
                           const auto core = weak.lock();
                           if (!core || core->closed_) return;
                           core->waiting_ = false;
                           core->on_events();
                         });
}

void Core::on_events() {
  std::array<epoll_event, kEventBatch> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    const Socket state = socket(fd);
    if (state.wanted == 0) {  // a kept connection that its server closed, or one of no interest
      set_registered(fd, 0);
      continue;
    }
    int mask = 0;
    std::uint32_t happened = events[i].events;
    // libcurl finds out what went wrong by trying what it wanted to do.
    if ((happened & (EPOLLERR | EPOLLHUP)) != 0) happened |= state.wanted;
    if ((happened & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
    if ((happened & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    int running = 0;
    curl_multi_socket_action(state.shard->multi, fd, mask, &running);
    if (!state.shard->touched) {
      state.shard->touched = true;
      touched_.push_back(state.shard);
    }
  }
  for (Shard* shard : touched_) {
    shard->touched = false;
    harvest(*shard);
  }
  touched_.clear();
  if (!active_.empty() && !waiting_) wait_for_events();
}

int Core::on_timer(CURLM*, long milliseconds, void* shard) {
  auto& self = *static_cast<Shard*>(shard);
  self.timer_called = true;
  if (milliseconds < 0) {
    self.deadline = kNever;
  } else if (milliseconds == 0) {
    self.deadline = SteadyTime::min();
    self.core->call_soon(self);
  } else {
    self.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    self.core->arm_timer(self.deadline);
  }
  return 0;
}

void Core::run_timeouts(Shard& shard) {
  shard.deadline = kNever;
  shard.timer_called = false;
  int running = 0;
  curl_multi_socket_action(shard.multi, CURL_SOCKET_TIMEOUT, 0, &running);
  if (!shard.timer_called) {
    // libcurl states a deadline only when it changes: one that it found not quite due yet would be
    // lost.
    long milliseconds = -1;
    curl_multi_timeout(shard.multi, &milliseconds);
    if (milliseconds >= 0) on_timer(shard.multi, std::max(milliseconds, 1L), &shard);
  }
  harvest(shard);
}

void Core::call_soon(Shard& shard) {
  if (closed_ || shard.due) return;
  shard.due = true;
  due_.push_back(&shard);
  if (due_posted_) return;
  due_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto core = weak.lock(); core && !core->closed_) core->run_due();
  });
}

void Core::run_due() {
  due_posted_ = false;
  const std::vector<Shard*> due = std::exchange(due_, {});
  for (Shard* shard : due) {
    shard->due = false;
    // Events may have made libcurl do it already; then its deadline has moved.
    if (shard->deadline == SteadyTime::min()) run_timeouts(*shard);
  }
}

void Core::arm_timer(SteadyTime deadline) {
  if (closed_ || deadline >= timer_at_) return;
  timer_at_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    if (failure) return;
    if (const auto core = weak.lock(); core && !core->closed_) core->on_timer_fired();
  });
}

void Core::on_timer_fired() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < timer_at_) return;  // an earlier wait, overtaken while its call was queued
  timer_at_ = kNever;
  SteadyTime next = kNever;
  for (std::size_t i = 0; i < shards_.size(); ++i) {  // harvest() may add shards
    Shard& shard = *shards_[i];
    if (shard.deadline <= now) run_timeouts(shard);
    if (shard.deadline != SteadyTime::min()) next = std::min(next, shard.deadline);
  }
  if (scan_at_ <= now) scan_at_ = scan_deadlines(now);
  next = std::min(next, scan_at_);
  if (!active_.empty() && next != kNever) arm_timer(next);
}

// Ends the transfers whose deadlines have passed; returns when to look again.
SteadyTime Core::scan_deadlines(SteadyTime now) {
  SteadyTime next = kNever;
  for (std::size_t i = active_.size(); i-- > 0;) {  // detach() moves the last one here
    Transfer* transfer = active_[i];
    const SteadyTime deadline = transfer->deadline(now);
    if (deadline > now) {
      next = std::min(next, deadline);
      continue;
    }
    Result<HttpResponse> result = transfer->expire();
    detach(transfer);  // in the middle of its reply: its connection is closed
    complete(transfer, std::move(result));
  }
  launch_queued();
  return std::max(next, now + kScanInterval);
}

void Core::notice_moved_deadlines() {
  if (!std::exchange(deadline_moved_, false)) return;
  scan_at_ = std::min(scan_at_, std::chrono::steady_clock::now() + kScanInterval);
  arm_timer(scan_at_);
}

// Once nothing is in flight, and whoever was resumed has started nothing new, the waits are given
// up, so that a context with nothing else to do can return from run().
void Core::settle_soon() {
  if (closed_ || settle_posted_ || !active_.empty()) return;
  settle_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto core = weak.lock();
    if (!core || core->closed_) return;
    core->settle_posted_ = false;
    if (!core->active_.empty()) return;
    core->timer_.cancel();
    core->timer_at_ = kNever;
    core->scan_at_ = kNever;
    if (core->waiting_) core->epoll_wait_.cancel();
  });
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(const asio::any_io_executor& executor, CurlOptions options)
      : core_(std::make_shared<Core>(executor, std::move(options))) {}
  ~CurlTransport() override { core_->close(); }

  // Not a coroutine of its own: async_initiate makes the one frame that is needed.
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<HttpResponse>)>(
        [core = core_](auto handler, HttpRequest moved) {
          const asio::cancellation_slot slot = asio::get_associated_cancellation_slot(handler);
          const asio::any_io_executor executor =
              asio::get_associated_executor(handler, core->executor());
          core->start(std::move(moved), Handler(std::move(handler)), executor, slot);
        },
        asio::use_awaitable, std::move(request));
  }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(const boost::asio::any_io_executor& executor,
                                               CurlOptions options) {
  return std::make_unique<CurlTransport>(executor, std::move(options));
}

}  // namespace iie
