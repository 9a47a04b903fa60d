#include "cli/backend.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/governor.h"
#include "judge/auto_judge.h"
#include "judge/judge_spec.h"
#include "judge/llm_judge.h"
#include "judge/rule_judge.h"
#include "net/http_transport.h"
#include "provider/model_spec.h"
#include "provider/openai_chat.h"
#include "provider/replay.h"

namespace iie {

namespace asio = boost::asio;

namespace {

// Threads for rule checks. One keeps up with any endpoint, and a second costs more in wake-ups than
// it gives; hostile code that holds it delays other checks, never a call.
constexpr std::size_t kCheckThreads = 1;

GovernorOptions governor_options(std::int64_t connections, const CallOptions& calls) {
  GovernorOptions options;
  options.concurrency = static_cast<std::size_t>(connections);
  options.max_attempts = static_cast<int>(calls.max_attempts);
  return options;
}

Result<std::unique_ptr<Provider>> replay(const Job& job) {
  std::vector<ReplayEntry> entries;
  entries.reserve(job.recorded->records.size());
  for (const RecordedResponse& record : job.recorded->records) {
    entries.push_back({record.sample_id, record.rollout, record.response});
  }
  IIE_TRY(ReplayProvider provider, ReplayProvider::make(job.spec.model, std::move(entries)));
  return std::make_unique<ReplayProvider>(std::move(provider));
}

Result<std::unique_ptr<Provider>> endpoint(Transport& transport, const std::string& model,
                                           const std::string& base_url, const Secret& key,
                                           const CallOptions& calls) {
  OpenAiChatOptions options;
  options.base_url = base_url;
  options.model = model;
  options.api_key = key;
  options.total_timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(calls.timeout_seconds * 1000));
  options.idle_timeout = std::min(options.idle_timeout, options.total_timeout);
  options.connect_timeout = std::min(options.connect_timeout, options.total_timeout);
  IIE_TRY(std::unique_ptr<OpenAiChat> provider, OpenAiChat::make(transport, std::move(options)));
  return provider;
}

}  // namespace

// In order of construction: later parts use earlier ones.
struct Backend::Parts {
  std::unique_ptr<Transport> transport;
  std::unique_ptr<Provider> model;
  std::unique_ptr<Provider> judge_model;
  std::optional<Governor> candidate;
  std::optional<Governor> judge_governor;
  std::optional<RuleJudge> rules;
  std::optional<LlmJudge> llm;
  std::optional<AutoJudge> automatic;
  Judge* judge = nullptr;  // one of the three
  // Last: its threads end before anything that they use.
  asio::thread_pool pool{kCheckThreads};
};

Backend::Backend(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Backend::~Backend() = default;

Caller& Backend::candidate() { return *parts_->candidate; }
Judge& Backend::judge() { return *parts_->judge; }
Caller* Backend::judge_caller() {
  return parts_->judge_governor ? &*parts_->judge_governor : nullptr;
}

Result<std::unique_ptr<Backend>> Backend::make(const boost::asio::any_io_executor& executor,
                                               const Job& job, const CallOptions& calls) {
  auto parts = std::make_unique<Parts>();
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(job.spec.judge));
  if (!job.recorded || judge.has_llm()) parts->transport = make_http_transport(executor);

  if (job.recorded) {
    IIE_TRY(parts->model, replay(job));
  } else {
    IIE_TRY(const ModelSpec model, parse_model_spec(job.spec.model));
    IIE_TRY(parts->model,
            endpoint(*parts->transport, model.name, job.spec.model_endpoint, job.model_key, calls));
  }
  parts->candidate.emplace(*parts->model, governor_options(calls.max_connections, calls),
                           system_clock());
  if (judge.has_llm()) {
    IIE_TRY(parts->judge_model, endpoint(*parts->transport, judge.model, job.spec.judge_endpoint,
                                         job.judge_key, calls));
    parts->judge_governor.emplace(*parts->judge_model,
                                  governor_options(calls.judge_connections, calls), system_clock());
    LlmJudgeOptions options;
    options.params = job.spec.judge_params;
    options.prompts = *job.prompts;
    parts->llm.emplace(*parts->judge_governor, std::move(options));
  }
  parts->rules.emplace(parts->pool.get_executor());
  switch (judge.kind) {
    case JudgeSpec::Kind::rules:
      parts->judge = &*parts->rules;
      break;
    case JudgeSpec::Kind::llm:
      parts->judge = &*parts->llm;
      break;
    case JudgeSpec::Kind::automatic:
      parts->automatic.emplace(*parts->rules, parts->llm ? &*parts->llm : nullptr);
      parts->judge = &*parts->automatic;
      break;
  }
  return std::unique_ptr<Backend>(new Backend(std::move(parts)));
}

}  // namespace iie
