#include "cli/event_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/json.h"
#include "base/secret.h"

namespace iie {
namespace {

// Builds a line field by field: an event costs a microsecond, and a document would cost ten.
class Line {
 public:
  Line(std::string_view event, WallTime time) {
    const std::string seconds = to_iso8601(time);
    const auto fraction = time.time_since_epoch().count() % 1000;
    out_ = fmt::format(R"({{"time":"{}.{:03}Z","event":)",
                       std::string_view(seconds).substr(0, seconds.size() - 1), fraction);
    append_json_string(out_, event);
  }

  // Nothing for an empty text.
  Line& text(std::string_view key, std::string_view value) {
    if (value.empty()) return *this;
    start(key);
    append_json_string(out_, redact(value));
    return *this;
  }
  Line& number(std::string_view key, std::int64_t value) {
    start(key);
    out_ += std::to_string(value);
    return *this;
  }
  template <typename T>
  Line& maybe(std::string_view key, const std::optional<T>& value) {
    if (value) number(key, static_cast<std::int64_t>(*value));
    return *this;
  }
  Line& maybe(std::string_view key, const std::optional<std::chrono::milliseconds>& value) {
    if (value) number(key, value->count());
    return *this;
  }
  Line& amount(std::string_view key, const std::optional<double>& value) {
    if (!value) return *this;
    start(key);
    append_json_number(out_, *value);
    return *this;
  }
  // Said where it is so.
  Line& flag(std::string_view key) {
    start(key);
    out_ += "true";
    return *this;
  }
  Line& usage(const Usage& usage) {
    maybe("input_tokens", usage.input_tokens);
    maybe("output_tokens", usage.output_tokens);
    maybe("reasoning_tokens", usage.reasoning_tokens);
    maybe("cached_tokens", usage.cached_tokens);
    maybe("cache_write_tokens", usage.cache_write_tokens);
    return *this;
  }
  Line& error(const Error& error) {
    text("status", to_string(error.kind));
    if (error.http_status != 0) number("http_status", error.http_status);
    if (error.may_be_billed) flag("may_be_billed");
    text("message", error.message);
    return *this;
  }
  std::string finish() { return std::move(out_) + "}\n"; }

 private:
  void start(std::string_view key) {
    out_ += ',';
    append_json_string(out_, key);
    out_ += ':';
  }

  std::string out_;
};

}  // namespace

Result<std::unique_ptr<EventLog>> EventLog::open(const std::string& path, const Clock& clock) {
  if (path.empty()) return std::unique_ptr<EventLog>(new EventLog(stderr, false, clock));
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: cannot write the log: {}", path, std::strerror(errno)));
  }
  std::unique_ptr<EventLog> log(new EventLog(file, true, clock));
  // Whole lines: who follows the file never sees half of one, nor does who reads it after a crash.
  std::setvbuf(file, nullptr, _IOLBF, 1u << 16);
  return log;
}

EventLog::~EventLog() {
  if (ours_) std::fclose(file_);
}

void EventLog::write(std::string line) { std::fwrite(line.data(), 1, line.size(), file_); }

void EventLog::on(const Event& event) {
  Line line(to_string(event.kind), clock_.wall());
  line.text("caller", event.caller);
  line.text("model", event.model);
  if (event.caller == "candidate") line.text("endpoint", model_endpoint_);
  if (event.caller == "judge") line.text("endpoint", judge_endpoint_);
  if (!event.sample.empty()) {
    line.text("sample", event.sample);
    line.number("rollout", event.rollout);
  }
  if (event.attempt > 0) line.number("attempt", event.attempt);
  if (event.kind == Event::Kind::call_ended && event.error == nullptr) line.text("status", "ok");
  line.maybe("latency_ms", event.latency);
  line.maybe("delay_ms", event.delay);
  line.maybe("limit", event.limit);
  if (event.usage != nullptr) line.usage(*event.usage);
  if (event.outcome) line.text("outcome", to_string(*event.outcome));
  if (event.error != nullptr) line.error(*event.error);
  write(line.finish());
}

void EventLog::run_started(const RunInfo& run) {
  model_endpoint_ = run.spec.model_endpoint;
  judge_endpoint_ = run.spec.judge_endpoint;
  Line line("run_started", clock_.wall());
  line.text("run", run.id).text("model", run.spec.model).text("endpoint", model_endpoint_);
  line.text("judge", run.spec.judge).text("judge_endpoint", judge_endpoint_);
  line.number("samples", run.samples).number("planned", run.planned);
  write(line.finish());
}

void EventLog::run_ended(const Progress& progress, const Error* error) {
  Line line("run_ended", clock_.wall());
  line.number("planned", progress.planned).number("done", progress.done);
  line.number("passed", progress.passed).number("failed", progress.failed);
  line.number("unscored", progress.unscored).number("failed_calls", progress.errors);
  const auto of = [&](std::string_view who, const CallerGauge& gauge) {
    const auto field = [&](std::string_view name) { return fmt::format("{}_{}", who, name); };
    line.number(field("attempts"), static_cast<std::int64_t>(gauge.attempts));
    line.number(field("retries"), static_cast<std::int64_t>(gauge.retries));
    line.number(field("throttled"), static_cast<std::int64_t>(gauge.throttled));
    line.number(field("hedged"), static_cast<std::int64_t>(gauge.hedged));
    line.number(field("cached"), static_cast<std::int64_t>(gauge.cached));
    line.number(field("maybe_billed"), static_cast<std::int64_t>(gauge.maybe_billed));
    line.amount(field("cost_usd"), gauge.cost);
  };
  of("candidate", progress.candidate);
  if (progress.judge) of("judge", *progress.judge);
  if (error != nullptr) line.error(*error);
  write(line.finish());
}

std::string diagnostic_line(std::string_view event, std::string_view message, WallTime time) {
  return Line(event, time).text("message", message).finish();
}

}  // namespace iie
