#include "engine/recording.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/string_util.h"
#include "base/version.h"

namespace iie {
namespace {

namespace bj = boost::json;

// The first field of a recording, and its version.
constexpr std::string_view kMark = "inverse_ifeval_recording";
constexpr std::int64_t kVersion = 1;
// A year, in milliseconds: sums of latencies must not overflow, whoever wrote the file.
constexpr std::int64_t kLongest = std::int64_t{366} * 24 * 3600 * 1000;
// The year 9999, in milliseconds.
constexpr std::int64_t kLatest = 253'402'300'799'999;
constexpr std::int64_t kMostAttempts = 1'000'000;
constexpr std::int64_t kMostTokens = 1'000'000'000'000;

Error file_error(const std::string& path, const char* action, int number) {
  return Error{ErrorKind::bad_input,
               fmt::format("{}: cannot {}: {}", path, action, std::strerror(number))};
}

template <typename T>
void put(bj::object& out, std::string_view key, const std::optional<T>& value) {
  if (value) out.emplace(key, *value);
}

bj::object write_usage(const Usage& usage) {
  bj::object out;
  put(out, "input", usage.input_tokens);
  put(out, "output", usage.output_tokens);
  put(out, "reasoning", usage.reasoning_tokens);
  put(out, "cached", usage.cached_tokens);
  put(out, "cache_write", usage.cache_write_tokens);
  put(out, "cache_write_long", usage.cache_write_long_tokens);
  return out;
}

bj::object write_response(const Response& response) {
  bj::object out;
  out.emplace("text", response.text);
  if (!response.reasoning.empty()) out.emplace("reasoning", response.reasoning);
  out.emplace("finish", to_string(response.finish));
  if (response.usage != Usage{}) out.emplace("usage", write_usage(response.usage));
  if (!response.model.empty()) out.emplace("model", response.model);
  if (response.latency) out.emplace("latency_ms", response.latency->count());
  if (response.answered) out.emplace("at", response.answered->time_since_epoch().count());
  if (response.mended_utf8) out.emplace("mended_utf8", true);
  if (response.unpaired_reasoning) out.emplace("unpaired_reasoning", true);
  return out;
}

bj::object write_error(const Error& error) {
  bj::object out;
  out.emplace("kind", to_string(error.kind));
  out.emplace("message", redact(error.message));
  if (error.http_status != 0) out.emplace("http_status", error.http_status);
  if (error.retry_after) out.emplace("retry_after_ms", error.retry_after->count());
  return out;
}

Result<Response> read_response(const bj::value& value) {
  JsonFields fields(value, "response");
  Response response;
  response.text = fields.required_string("text");
  response.reasoning = fields.string_or("reasoning", "");
  response.finish = finish_reason_from(fields.required_string("finish"));
  response.model = fields.string_or("model", "");
  if (const auto latency = fields.optional_int("latency_ms")) {
    if (*latency < 0 || *latency > kLongest) fields.reject("latency_ms", "is no latency");
    response.latency = std::chrono::milliseconds(*latency);
  }
  if (const auto at = fields.optional_int("at")) {
    if (*at < 0 || *at > kLatest) fields.reject("at", "is no time");
    response.answered = WallTime(std::chrono::milliseconds(*at));
  }
  response.mended_utf8 = fields.bool_or("mended_utf8", false);
  response.unpaired_reasoning = fields.bool_or("unpaired_reasoning", false);
  if (const bj::value* usage = fields.optional_value("usage")) {
    JsonFields counts(*usage, "response.usage");
    response.usage = {.input_tokens = counts.optional_int("input"),
                      .output_tokens = counts.optional_int("output"),
                      .reasoning_tokens = counts.optional_int("reasoning"),
                      .cached_tokens = counts.optional_int("cached"),
                      .cache_write_tokens = counts.optional_int("cache_write"),
                      .cache_write_long_tokens = counts.optional_int("cache_write_long")};
    IIE_CHECK_OK(counts.finish(true));
  }
  IIE_CHECK_OK(fields.finish(true));
  return response;
}

Result<Error> read_error(const bj::value& value) {
  JsonFields fields(value, "error");
  const std::string kind = fields.required_string("kind");
  Error error;
  error.message = fields.required_string("message");
  const std::int64_t status = fields.optional_int("http_status").value_or(0);
  if (status < 0 || status > 999) fields.reject("http_status", "is no status");
  error.http_status = static_cast<int>(status);
  if (const auto wait = fields.optional_int("retry_after_ms")) {
    if (*wait < 0 || *wait > kLongest) fields.reject("retry_after_ms", "is no duration");
    error.retry_after = std::chrono::milliseconds(*wait);
  }
  IIE_CHECK_OK(fields.finish(true));
  const auto known = error_kind_from(kind);
  if (!known) return fail(ErrorKind::bad_input, "error.kind: unknown");
  error.kind = *known;
  return error;
}

struct Call {
  std::string key;
  Caller::Attempted attempted{Response{}, 0};
};

Result<Call> read_call(const bj::value& value) {
  JsonFields fields(value, "");
  Call call;
  call.key = fields.required_string("key");
  const std::int64_t attempts = fields.optional_int("attempts").value_or(0);
  if (attempts < 0 || attempts > kMostAttempts) fields.reject("attempts", "is no count");
  call.attempted.attempts = static_cast<int>(attempts);
  const bj::value* response = fields.optional_value("response");
  const bj::value* error = fields.optional_value("error");
  IIE_CHECK_OK(fields.finish(true));
  if ((response == nullptr) == (error == nullptr)) {
    return fail(ErrorKind::bad_input, "expected either a response or an error");
  }
  if (response != nullptr) {
    IIE_TRY(call.attempted.result, read_response(*response));
  } else {
    IIE_TRY(Error failed, read_error(*error));
    call.attempted.result = std::unexpected(std::move(failed));
  }
  return call;
}

// As `value` of a line's "broken_off".
Result<std::pair<std::string, BrokenOff>> read_broken_off(const bj::value& value) {
  JsonFields fields(value, "broken_off");
  std::pair<std::string, BrokenOff> out;
  out.first = fields.required_string("run");
  BrokenOff& calls = out.second;
  calls.caller = fields.required_string("caller");
  calls.model = fields.required_string("model");
  for (const auto& [name, count] : {std::pair{"calls", &calls.calls},
                                    {"input_tokens", &calls.input_tokens},
                                    {"output_tokens", &calls.output_tokens}}) {
    *count = fields.optional_int(name).value_or(-1);
    if (*count < 0 || *count > kMostTokens) fields.reject(name, "is no count");
  }
  IIE_CHECK_OK(fields.finish(true));
  return out;
}

// The key of the run whose recording the line begins.
Result<std::string> read_header(std::string_view line, const std::string& path) {
  const auto not_ours = [&](std::string_view why) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: is no recording of a run ({}); --record writes one", path, why));
  };
  const auto value = parse_json(line);
  if (!value || !value->is_object()) return not_ours("its first line is no JSON object");
  JsonFields fields(*value, "");
  const auto version = fields.optional_int(kMark);
  const std::string key = fields.string_or("run_key", "");
  if (const auto read = fields.finish(true); !read) return not_ours(read.error().message);
  if (!version || key.empty()) return not_ours("its first line does not say so");
  if (*version != kVersion) {
    return not_ours(fmt::format("it has version {}, and this is version {}", *version, kVersion));
  }
  return key;
}

}  // namespace

Result<std::unique_ptr<RecordingFile>> RecordingFile::open(const std::string& path,
                                                           std::string_view run_key) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return std::unexpected(file_error(path, "write the recording", errno));
  std::unique_ptr<RecordingFile> file(new RecordingFile(path, fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorKind::busy, path + ": another process is writing this recording");
  }
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::bad_input, path + ": a recording is a regular file");
  }
  if (status.st_size > 0) {
    IIE_TRY(LineReader reader, LineReader::open(path));
    IIE_TRY(const auto header, reader.next());
    IIE_TRY(const std::string key, read_header(header.value_or(""), path));
    if (key != run_key) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: is the recording of another run; name a new file", path));
    }
    IIE_TRY(const auto first, reader.next());
    file->went_on_ = first.has_value();
    // A killed process may have left half a line.
    off_t end = status.st_size;
    char last = 0;
    while (end > 0 && ::pread(fd, &last, 1, end - 1) == 1 && last != '\n') --end;
    if (end != status.st_size && ::ftruncate(fd, end) != 0) {
      return std::unexpected(file_error(path, "write the recording", errno));
    }
    if (::lseek(fd, 0, SEEK_END) < 0) {
      return std::unexpected(file_error(path, "write the recording", errno));
    }
    if (end > 0) {
      IIE_CHECK_OK(file->write_line(to_json(bj::object{{"session", "goes on"}})));
      return file;
    }
  }
  const bj::object header{
      {kMark, kVersion}, {"run_key", run_key}, {"tool_version", tool_version()}};
  IIE_CHECK_OK(file->write_line(to_json(header)));
  return file;
}

RecordingFile::~RecordingFile() {
  ::fsync(fd_);
  ::close(fd_);
}

Result<void> RecordingFile::write_line(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return std::unexpected(file_error(path_, "write the recording", errno));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> RecordingFile::add(std::string_view caller, const std::string& key,
                                const GenerateRequest& request,
                                const Caller::Attempted& attempted) {
  bj::object line;
  line.emplace("key", key);
  line.emplace("caller", caller);
  line.emplace("sample", request.sample_id);
  line.emplace("rollout", request.rollout);
  if (request.ask > 0) line.emplace("ask", request.ask);
  line.emplace("attempts", attempted.attempts);
  if (attempted.result) {
    line.emplace("response", write_response(*attempted.result));
  } else {
    line.emplace("error", write_error(attempted.result.error()));
  }
  return write_line(to_json(line));
}

Result<void> RecordingFile::add(std::string_view run_key, const BrokenOff& calls) {
  return write_line(to_json(bj::object{{"broken_off",
                                        {{"run", run_key},
                                         {"caller", calls.caller},
                                         {"model", calls.model},
                                         {"calls", calls.calls},
                                         {"input_tokens", calls.input_tokens},
                                         {"output_tokens", calls.output_tokens}}}}));
}

Recording::Recording(Recording&& other) noexcept
    : path_(std::move(other.path_)),
      run_key_(std::move(other.run_key_)),
      fd_(std::exchange(other.fd_, -1)),
      entries_(std::move(other.entries_)),
      broken_off_(std::move(other.broken_off_)) {}

Recording& Recording::operator=(Recording&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(run_key_, other.run_key_);
  std::swap(fd_, other.fd_);
  std::swap(entries_, other.entries_);
  std::swap(broken_off_, other.broken_off_);
  return *this;
}

Recording::~Recording() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Recording> Recording::load(const std::string& path) {
  Recording recording;
  recording.path_ = path;
  recording.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (recording.fd_ < 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::bad_input,
                fmt::format("{}: cannot read the recording: {}", path, std::strerror(errno)));
  }
  struct stat status{};
  if (::fstat(recording.fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::bad_input, path + ": a recording is a regular file");
  }
  IIE_TRY(LineReader reader, LineReader::open(path));
  std::int64_t offset = 0;
  std::int64_t session = 1;
  while (true) {
    IIE_TRY(const auto line, reader.next());
    if (!line) break;
    const auto size = static_cast<std::int64_t>(line->size());
    // The line break is missing where the process was killed in the middle.
    const bool unfinished = offset + size >= status.st_size;
    if (reader.line_number() == 1) {
      IIE_TRY(recording.run_key_, read_header(*line, path));
    } else {
      auto value = parse_json(*line);
      if (value && value->is_object() && value->as_object().contains("session")) {
        ++session;
        offset += size + 1;
        continue;
      }
      if (value && value->is_object() && value->as_object().contains("broken_off")) {
        auto calls = read_broken_off(value->as_object().at("broken_off"));
        if (!calls) {
          return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", path, reader.line_number(),
                                                        one_line(calls.error().message, 200)));
        }
        recording.broken_off_.push_back(*std::move(calls));
        offset += size + 1;
        continue;
      }
      auto call = value ? read_call(*value) : std::unexpected(std::move(value).error());
      if (!call && unfinished) break;
      if (!call) {
        return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", path, reader.line_number(),
                                                      one_line(call.error().message, 200)));
      }
      Entry& entry = recording.entries_[call->key];
      if (std::exchange(entry.session, session) != session) entry.places.clear();
      entry.places.push_back({offset, size});
    }
    offset += size + 1;
  }
  if (recording.run_key_.empty()) {
    return fail(ErrorKind::bad_input, path + ": is empty; --record writes a recording");
  }
  return recording;
}

std::vector<BrokenOff> Recording::broken_off(std::string_view run_key) const {
  std::vector<BrokenOff> out;
  for (const auto& [key, calls] : broken_off_) {
    if (key == run_key) out.push_back(calls);
  }
  return out;
}

Result<Caller::Attempted> Recording::next(const std::string& key, const GenerateRequest& request) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    return fail(ErrorKind::not_found,
                fmt::format("{}: no call is recorded for sample '{}', rollout {}{}: the recorded "
                            "run ended before it, or asked something else",
                            path_, one_line(request.sample_id, 80), request.rollout + 1,
                            request.ask > 0 ? fmt::format(", asked again {}", request.ask) : ""));
  }
  Entry& entry = found->second;
  const Place place = entry.places[std::min(entry.next, entry.places.size() - 1)];
  ++entry.next;
  std::string line(static_cast<std::size_t>(place.size), '\0');
  std::size_t have = 0;
  while (have < line.size()) {
    const ssize_t got = ::pread(fd_, line.data() + have, line.size() - have,
                                place.offset + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  auto value = parse_json(std::string_view(line).substr(0, have));
  auto call = value ? read_call(*value) : std::unexpected(std::move(value).error());
  if (!call || call->key != key) {
    return fail(ErrorKind::corrupt, path_ + ": the recording has changed while it was read");
  }
  return std::move(call->attempted);
}

Async<Result<Response>> RecordingCaller::generate(const GenerateRequest& request) {
  Attempted attempted = co_await attempt(request);
  co_return std::move(attempted.result);
}

Async<Caller::Attempted> RecordingCaller::attempt(const GenerateRequest& request) {
  Attempted attempted = co_await inner_.attempt(request);
  const bool called_off =
      !attempted.result && attempted.result.error().kind == ErrorKind::cancelled;
  if (called_off) co_return attempted;
  const auto written = file_.add(caller_, request_key(asked_, request), request, attempted);
  if (!written) {
    broken_ = written.error();
    stop();
    co_return Attempted{fail(ErrorKind::cancelled, broken_->message), attempted.attempts};
  }
  co_return attempted;
}

Async<Result<Response>> ReplayingCaller::generate(const GenerateRequest& request) {
  Attempted attempted = co_await attempt(request);
  co_return std::move(attempted.result);
}

Async<Caller::Attempted> ReplayingCaller::attempt(const GenerateRequest& request) {
  if (stopped_) co_return Attempted{fail(ErrorKind::cancelled, "stopped before an answer"), 0};
  auto attempted = recording_.next(request_key(asked_, request), request);
  if (!attempted) co_return Attempted{std::unexpected(std::move(attempted).error()), 0};
  ++answered_;
  co_return *std::move(attempted);
}

CallerGauge ReplayingCaller::gauge() const {
  CallerGauge gauge;
  gauge.cached = answered_;
  return gauge;
}

}  // namespace iie
