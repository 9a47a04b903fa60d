// `status`: how a run is doing, read from its store: while another process writes it, after a
// crash, or when it is done. Writes nothing.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/progress_line.h"
#include "cli/stores.h"
#include "report/plain_text.h"
#include "store/activity.h"
#include "store/store.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::chrono::seconds kFollowEvery{2};

// Names are part of the JSON: never renamed.
enum class Situation { complete, running, interrupted, stopped };

std::string_view to_string(Situation situation) {
  switch (situation) {
    case Situation::complete:
      return "complete";
    case Situation::running:
      return "running";
    case Situation::interrupted:  // its process was killed
      return "interrupted";
    case Situation::stopped:  // its process ended in order before the run did
      return "stopped";
  }
  return "stopped";
}

struct Status {
  RunInfo run;
  RunState state;
  RunActivity activity;
  Situation situation = Situation::stopped;
};

Result<Status> look(const std::string& path, const std::string& name) {
  Status status;
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_read(path));
  IIE_TRY(status.run, store->find_run(name));
  // First: a process that ends between the looks has then written all that the second sees.
  IIE_TRY(status.activity, run_activity(path, status.run));
  IIE_TRY(status.state, store->state(status.run));
  if (status.activity.claimed) {
    status.situation = Situation::running;
  } else if (is_complete(status.run, status.state)) {
    status.situation = Situation::complete;
  } else {
    status.situation = status.activity.released ? Situation::stopped : Situation::interrupted;
  }
  return status;
}

std::int64_t failures_of(const Status& status) {
  return status.state.failed + status.state.judge_failed;
}

// How long the rest takes at the present rate; absent where nobody works on it.
std::optional<std::chrono::seconds> time_left(const Status& status) {
  if (status.situation != Situation::running || !status.activity.per_second) return std::nullopt;
  const auto left = static_cast<double>(status.run.planned - status.state.judged);
  return std::chrono::seconds(static_cast<std::int64_t>(left / *status.activity.per_second) + 1);
}

std::string what_next(const Status& status) {
  const std::string& id = status.run.id;
  switch (status.situation) {
    case Situation::complete:
      return "inverse-ifeval report " + id;
    case Situation::running:
      return failures_of(status) > 0
                 ? fmt::format("wait; then inverse-ifeval resume {} asks again for what failed", id)
                 : fmt::format("wait; inverse-ifeval status {} --follow shows how it goes on", id);
    case Situation::interrupted:
    case Situation::stopped:
      break;
  }
  for (const FailureCount& failure : status.activity.failures) {
    if (failure.kind == "auth") return "check the key, then inverse-ifeval resume " + id;
    if (failure.kind == "bad_request") {
      return fmt::format(
          "the endpoint refuses these requests: check its message with "
          "inverse-ifeval doctor, then inverse-ifeval resume {}",
          id);
    }
  }
  return "inverse-ifeval resume " + id;
}

bj::object status_json(const Status& status) {
  const RunState& state = status.state;
  bj::object out;
  out["run"] = status.run.id;
  out["situation"] = to_string(status.situation);
  out["planned"] = status.run.planned;
  out["done"] = state.judged;
  out["responded"] = state.responded;
  out["passed"] = state.passed;
  out["unscored"] = state.unscored;
  out["left"] = status.run.planned - state.judged;
  bj::array failures;
  for (const FailureCount& failure : status.activity.failures) {
    failures.push_back(bj::object{{"kind", failure.kind},
                                  {"count", failure.count},
                                  {"message", safe_excerpt(failure.message, 400)}});
  }
  out["failures"] = std::move(failures);
  out["per_second"] = nullptr;
  if (status.activity.per_second) out["per_second"] = *status.activity.per_second;
  out["seconds_left"] = nullptr;
  if (const auto left = time_left(status)) out["seconds_left"] = left->count();
  out["claimed"] = status.activity.claimed;
  out["pid"] = nullptr;
  if (status.activity.holder) out["pid"] = *status.activity.holder;
  out["created"] = to_iso8601(status.run.created);
  out["last_write"] = nullptr;
  if (state.last_write) out["last_write"] = to_iso8601(*state.last_write);
  out["next"] = what_next(status);
  return out;
}

std::string ago(WallTime time) {
  const auto passed =
      std::chrono::duration_cast<std::chrono::seconds>(system_clock().wall() - time);
  return passed.count() < 0 ? to_iso8601(time) : fmt::format("{} ago", format_duration(passed));
}

std::string situation_text(const Status& status) {
  std::string text(to_string(status.situation));
  switch (status.situation) {
    case Situation::running:
      if (status.activity.holder) text += fmt::format(", process {}", *status.activity.holder);
      break;
    case Situation::interrupted:
      text += ": its process is gone and did not end in order";
      break;
    case Situation::stopped:
      text += ": nobody works on it";
      break;
    case Situation::complete:
      break;
  }
  return text;
}

std::string status_text(const Status& status) {
  const RunState& state = status.state;
  std::string out = fmt::format(
      "Run        {}  {}\nJudge      {}\nState      {}\nDone       {} of {}, {} passed, {} "
      "unscored\n",
      status.run.id, safe_excerpt(status.run.spec.model, 120),
      safe_excerpt(status.run.spec.judge, 120), situation_text(status), state.judged,
      status.run.planned, state.passed, state.unscored);
  if (const std::int64_t waiting = state.responded - state.judged - state.judge_failed;
      waiting > 0) {
    out += fmt::format("To judge   {} responses\n", waiting);
  }
  if (status.activity.per_second) {
    const double rate = *status.activity.per_second;
    out += fmt::format("Rate       {} a second",
                       rate >= 10 ? fmt::format("{:.0f}", rate) : fmt::format("{:.2g}", rate));
    if (const auto left = time_left(status)) {
      out += fmt::format(", {} left at that rate", format_duration(*left));
    } else {
      out += " when it last wrote";
    }
    out += '\n';
  }
  if (state.last_write) out += fmt::format("Last write {}\n", ago(*state.last_write));
  for (const FailureCount& failure : status.activity.failures) {
    out += fmt::format("Failed     {} {}: {}\n", failure.count, safe_excerpt(failure.kind, 40),
                       safe_excerpt(failure.message, 200));
  }
  return out + "Next       " + what_next(status) + '\n';
}

std::string follow_text(const Status& status) {
  return fmt::format("{}/{}  {} passed  {} unscored  {} failed calls{}\n", status.state.judged,
                     status.run.planned, status.state.passed, status.state.unscored,
                     failures_of(status),
                     time_left(status) ? "  ETA " + format_duration(*time_left(status)) : "");
}

}  // namespace

Result<int> cmd_status(const StatusOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  const std::string path = store_path(options.store, environment);
  const bool json = options.output.format == "json";
  IIE_TRY(Status status, look(path, options.run));
  if (options.follow) {
    const std::string run = status.run.id;  // "latest" may become another
    std::optional<RunState> shown;
    while (status.situation == Situation::running) {
      if (shown != status.state) {
        print(json ? to_json(status_json(status)) + '\n' : follow_text(status));
        IIE_CHECK_OK(finish_output());
        shown = status.state;
      }
      std::this_thread::sleep_for(kFollowEvery);
      IIE_TRY(status, look(path, run));
    }
    if (json) {  // one line for each state, so that programs read them as they come
      print(to_json(status_json(status)) + '\n');
      return is_complete(status.run, status.state) ? kExitOk : kExitIncomplete;
    }
  }
  print(json ? to_pretty_json(status_json(status)) : status_text(status));
  const bool fine =
      status.situation == Situation::running || status.situation == Situation::complete;
  return fine ? kExitOk : kExitIncomplete;
}

}  // namespace iie
