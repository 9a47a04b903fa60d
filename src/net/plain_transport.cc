// The loop: exchanges (plain_exchange.h) are begun, wait their turn, meet their connections
// (plain_connections.h) and their deadlines, and their results are handed over.
//
// - Asio watches the epoll set's own descriptor, as in curl_transport.cc.
// - Deadlines are looked at together, when the nearest of them has passed: an exchange that ends in
//   time never touches a timer.
// - Results are handed over outside of the loop that reads events, all that a batch brought in one
//   posted call: what a resumed coroutine does (starting, cancelling, destroying the transport)
//   never meets a loop half done. That call owns them, not the Core: a coroutine that waits holds
//   the Core, so the two would keep each other alive where the call is never made.
#include "net/plain_transport.h"

#include <sys/epoll.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/exchange_errors.h"
#include "net/plain_connections.h"
#include "net/plain_exchange.h"
#include "net/plain_url.h"

namespace iie {
namespace {

namespace asio = boost::asio;

// Looks at the deadlines are at least this far apart.
constexpr std::chrono::milliseconds kScanInterval{20};
// Different URLs remembered, with their addresses: a run asks one or two.
constexpr std::size_t kMostTargets = 256;
constexpr SteadyTime kNever = SteadyTime::max();

using Handler = std::move_only_function<void(Result<HttpResponse>)>;

struct Target {
  PlainUrl url;
  PlainConnections::Origin* origin = nullptr;
};

// One send(): its exchange, what that goes over and who waits for it.
struct Call {
  enum class State { pooled, queued, active };
  State state = State::pooled;
  std::uint64_t serial = 0;              // tells this use of the object from earlier ones
  std::size_t position = 0;              // in active_
  std::shared_ptr<const Target> target;  // the exchange and its connection refer to it
  PlainExchange exchange;
  PlainConnection* connection = nullptr;
  Handler handler;
  asio::any_io_executor executor;
  asio::cancellation_slot slot;
};

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const asio::any_io_executor& executor, const PlainOptions& options)
      : executor_(executor),
        options_(options),
        connections_(options.max_transfers),
        epoll_wait_(executor, connections_.descriptor()),
        timer_(executor) {}
  ~Core() { close(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const asio::any_io_executor& executor() const { return executor_; }
  void start(HttpRequest request, Handler handler, const asio::any_io_executor& handler_executor,
             asio::cancellation_slot slot);
  // Ends everything in flight with Error{cancelled}; nothing may be started afterwards.
  void close();

 private:
  Call& acquire();
  std::shared_ptr<const Target> find_target(const std::string& url);
  void launch(Call& call);
  void launch_queued();
  void cancel(Call* call, std::uint64_t serial);
  void finish(Call& call, Result<HttpResponse> result);
  void complete(Call& call, Result<HttpResponse> result);

  void connect(Call& call);
  void on_opened(Call& call, const PlainConnections::Opened& opened);
  void send_request(Call& call);
  void receive(Call& call);

  void wait_for_events();
  void on_events();
  void on_event(const epoll_event& event);
  void look_at_deadlines_by(SteadyTime deadline);
  void on_timer();
  void settle_soon();

  const asio::any_io_executor executor_;
  const PlainOptions options_;
  PlainConnections connections_;
  asio::posix::stream_descriptor epoll_wait_;  // theirs, until close() gives it back
  asio::steady_timer timer_;

  std::vector<std::unique_ptr<Call>> calls_;  // all there are
  std::vector<Call*> pool_;
  std::vector<Call*> active_;
  std::deque<Call*> queue_;
  std::unordered_map<std::string, std::shared_ptr<const Target>> targets_;
  std::uint64_t next_serial_ = 1;

  struct Completed {
    Handler handler;
    asio::cancellation_slot slot;
    Result<HttpResponse> result;
  };
  using Batch = std::vector<Completed>;
  std::weak_ptr<Batch> batch_;  // of a posted call that has not begun

  SteadyTime timer_at_ = kNever;
  bool waiting_ = false;  // epoll_wait_ has a wait outstanding
  bool settle_posted_ = false;
  bool closed_ = false;
};

// ---- Calls ----

void Core::start(HttpRequest request, Handler handler,
                 const asio::any_io_executor& handler_executor, asio::cancellation_slot slot) {
  if (closed_) {
    asio::post(handler_executor, [handler = std::move(handler)]() mutable {
      handler(fail(ErrorKind::cancelled, "the transport was closed"));
    });
    return;
  }
  Call& call = acquire();
  call.serial = next_serial_++;
  call.handler = std::move(handler);
  call.executor = handler_executor;
  call.slot = slot;
  call.target = find_target(request.url);
  if (!call.target) {
    complete(call, fail(ErrorKind::bad_request, "'" + public_url(request.url) +
                                                    "' is not a URL for plain HTTP to an address"));
    return;
  }
  if (auto ready = call.exchange.prepare(std::move(request), call.target->url); !ready) {
    complete(call, std::unexpected(std::move(ready).error()));
    return;
  }
  if (slot.is_connected()) {
    slot.assign([weak = weak_from_this(), &call, serial = call.serial](asio::cancellation_type) {
      if (const auto core = weak.lock()) core->cancel(&call, serial);
    });
  }
  if (active_.size() >= options_.max_transfers) {
    call.state = Call::State::queued;
    queue_.push_back(&call);
    return;
  }
  launch(call);
}

Call& Core::acquire() {
  if (pool_.empty()) {
    calls_.push_back(std::make_unique<Call>());
    return *calls_.back();
  }
  Call* call = pool_.back();
  pool_.pop_back();
  return *call;
}

std::shared_ptr<const Target> Core::find_target(const std::string& url) {
  if (const auto known = targets_.find(url); known != targets_.end()) return known->second;
  auto parsed = parse_plain_url(url);
  if (!parsed) return nullptr;
  PlainConnections::Origin& origin = connections_.origin(parsed->host_port);
  auto target = std::make_shared<const Target>(Target{*std::move(parsed), &origin});
  if (targets_.size() >= kMostTargets) targets_.clear();
  targets_.emplace(url, target);
  return target;
}

void Core::launch(Call& call) {
  const SteadyTime now = std::chrono::steady_clock::now();
  call.state = Call::State::active;
  call.position = active_.size();
  active_.push_back(&call);
  call.exchange.begin(now, options_.max_header_bytes);
  if (!waiting_) wait_for_events();
  call.connection = connections_.reuse(*call.target->origin, &call);
  if (call.connection == nullptr) {
    connect(call);
  } else {
    call.exchange.connected(now, /*kept=*/true);
    send_request(call);
  }
  if (call.state == Call::State::active) look_at_deadlines_by(call.exchange.deadline());
}

void Core::launch_queued() {
  while (!queue_.empty() && active_.size() < options_.max_transfers) {
    Call* call = queue_.front();
    queue_.pop_front();
    launch(*call);
  }
}

void Core::cancel(Call* call, std::uint64_t serial) {
  if (call->serial != serial) return;  // it ended; the news is on its way
  const Error cancelled = call->exchange.cancelled();
  if (call->state == Call::State::active) {
    finish(*call, std::unexpected(cancelled));
  } else {
    std::erase(queue_, call);
    complete(*call, std::unexpected(cancelled));
  }
  launch_queued();
}

// Ends an active call; its connection is kept where the reply let it be.
void Core::finish(Call& call, Result<HttpResponse> result) {
  if (PlainConnection* connection = std::exchange(call.connection, nullptr)) {
    if (result && call.exchange.keeps_connection()) {
      connections_.keep(*connection);
    } else {
      connections_.drop(*connection);
    }
  }
  active_[call.position] = active_.back();
  active_[call.position]->position = call.position;
  active_.pop_back();
  complete(call, std::move(result));
}

// Gives the result to whoever waits for it, later, and returns the call to the pool.
void Core::complete(Call& call, Result<HttpResponse> result) {
  if (call.executor == executor_) {
    std::shared_ptr<Batch> batch = batch_.lock();
    if (!batch) {
      batch = std::make_shared<Batch>();
      batch_ = batch;
      asio::post(executor_, [shared = batch]() mutable {
        // What the resumed coroutines complete, by cancelling another call or by starting one that
        // fails at once, goes into the next batch: nobody looks into this one again.
        Batch results = std::move(*std::exchange(shared, nullptr));
        for (Completed& one : results) {
          one.slot.clear();
          one.handler(std::move(one.result));
        }
      });
    }
    batch->push_back({std::move(call.handler), call.slot, std::move(result)});
  } else {
    asio::post(call.executor, [slot = call.slot, handler = std::move(call.handler),
                               result = std::move(result)]() mutable {
      slot.clear();
      handler(std::move(result));
    });
  }
  call.state = Call::State::pooled;
  call.serial = 0;
  call.handler = nullptr;
  call.executor = {};
  call.slot = {};
  call.exchange.recycle();
  call.target.reset();
  pool_.push_back(&call);
  settle_soon();
}

void Core::close() {
  if (closed_) return;
  closed_ = true;
  for (Call* call : std::exchange(queue_, {})) {
    complete(*call, std::unexpected(call->exchange.cancelled()));
  }
  while (!active_.empty()) {
    Call& call = *active_.back();
    finish(call, std::unexpected(call.exchange.cancelled()));
  }
  epoll_wait_.release();
  connections_.close();
  timer_.cancel();
}

// ---- Their connections ----

void Core::connect(Call& call) {
  on_opened(call, connections_.open(*call.target->origin, call.target->url.addresses, &call));
}

void Core::on_opened(Call& call, const PlainConnections::Opened& opened) {
  call.connection = opened.value_or(nullptr);
  if (!opened) return finish(call, std::unexpected(call.exchange.not_connected(opened.error())));
  if (!call.connection->connected) {  // an event will tell, or the deadline
    return look_at_deadlines_by(call.exchange.deadline());
  }
  call.exchange.connected(std::chrono::steady_clock::now(), /*kept=*/false);
  send_request(call);
}

void Core::send_request(Call& call) {
  while (!call.exchange.all_sent()) {
    const std::size_t sent = connections_.send(*call.connection, call.exchange.unsent());
    if (sent == 0) break;
    call.exchange.sent(sent, std::chrono::steady_clock::now());
  }
  // Connected and sent, it may be nearer than before.
  look_at_deadlines_by(call.exchange.deadline());
}

void Core::receive(Call& call) {
  const auto bytes = connections_.receive(*call.connection);
  if (bytes && bytes->empty()) return;
  auto result = bytes ? call.exchange.take(*bytes, std::chrono::steady_clock::now())
                      : call.exchange.end(bytes.error());
  if (result) return finish(call, *std::move(result));
  if (!bytes) {  // for its second try
    connections_.drop(*std::exchange(call.connection, nullptr));
    return connect(call);
  }
  if (call.exchange.is_ending()) look_at_deadlines_by(call.exchange.deadline());
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
  for (const epoll_event& event : connections_.events()) on_event(event);
  launch_queued();
  if (!active_.empty() && !waiting_) wait_for_events();
}

void Core::on_event(const epoll_event& event) {
  PlainConnection* connection = connections_.find(event);
  if (connection == nullptr) return;
  Call& call = *static_cast<Call*>(connection->user);
  if (!connection->connected) {
    return on_opened(call, connections_.go_on_connecting(*connection, event.events));
  }
  if ((event.events & EPOLLOUT) != 0) send_request(call);
  if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) receive(call);
}

void Core::look_at_deadlines_by(SteadyTime deadline) {
  if (closed_ || deadline >= timer_at_) return;
  timer_at_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    if (failure) return;
    if (const auto core = weak.lock(); core && !core->closed_) core->on_timer();
  });
}

void Core::on_timer() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < timer_at_) return;  // an earlier wait, overtaken while its call was queued
  timer_at_ = kNever;
  SteadyTime next = kNever;
  for (std::size_t i = active_.size(); i-- > 0;) {  // finish() moves the last one here
    Call& call = *active_[i];
    const SteadyTime at = call.exchange.deadline();
    if (at > now) {
      next = std::min(next, at);
      continue;
    }
    finish(call, call.exchange.expire(now));  // which keeps no connection
  }
  launch_queued();
  if (!active_.empty() && next != kNever) look_at_deadlines_by(std::max(next, now + kScanInterval));
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
    if (core->waiting_) core->epoll_wait_.cancel();
  });
}

class PlainTransport final : public Transport {
 public:
  PlainTransport(const asio::any_io_executor& executor, const PlainOptions& options)
      : core_(std::make_shared<Core>(executor, options)) {}
  ~PlainTransport() override { core_->close(); }

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

bool is_plain_url(std::string_view url) { return parse_plain_url(url).has_value(); }

std::unique_ptr<Transport> make_plain_transport(const boost::asio::any_io_executor& executor,
                                                const PlainOptions& options) {
  return std::make_unique<PlainTransport>(executor, options);
}

}  // namespace iie
