#include "cli/backend.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/caller_group.h"
#include "engine/governor.h"
#include "judge/auto_judge.h"
#include "judge/judge_spec.h"
#include "judge/matrix.h"
#include "judge/rule_judge.h"
#include "net/deadlines.h"
#include "net/http_transport.h"
#include "provider/http_model.h"
#include "provider/model_spec.h"
#include "provider/replay.h"

namespace iie {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kCandidate = "candidate";
constexpr std::string_view kJudge = "judge";

// Threads for rule checks. One keeps up with any endpoint, and a second costs more in wake-ups than
// it gives; hostile code that holds it delays other checks, never a call.
constexpr std::size_t kCheckThreads = 1;

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

Deadlines deadlines_of(const CallOptions& calls) {
  Deadlines deadlines;
  deadlines.total = milliseconds_of(calls.timeout_seconds);
  deadlines.connect = milliseconds_of(calls.connect_timeout_seconds);
  deadlines.idle = milliseconds_of(calls.idle_timeout_seconds);
  if (calls.first_byte_timeout_seconds) {
    deadlines.first_byte = milliseconds_of(*calls.first_byte_timeout_seconds);
  }
  return deadlines;
}

GovernorOptions governor_options(std::int64_t connections, const BackendOptions& backend) {
  const CallOptions& calls = backend.calls;
  GovernorOptions options;
  options.concurrency = static_cast<std::size_t>(connections);
  options.max_attempts = static_cast<int>(calls.max_attempts);
  options.max_elapsed = milliseconds_of(calls.retry_seconds);
  options.longest_wait = options.max_elapsed;
  if (calls.max_retries) {
    options.free_retries = *calls.max_retries;
    options.retry_share = 0;
  }
  options.observer = backend.observer;
  options.broke_off = backend.broke_off;
  return options;
}

// The rate limits of judges. Limits that the user gives are an account's: one for all calls with
// the same endpoint and key, the candidate's too where the judges are given none of their own.
// Limits that an endpoint states with its answers are a model's almost everywhere, so only the same
// model shares those.
class JudgeRates {
 public:
  JudgeRates(const Job& job, const CallOptions& calls, std::shared_ptr<RateLimit> candidate)
      : job_(job), calls_(calls), candidate_(std::move(candidate)) {}

  std::shared_ptr<RateLimit> of(const std::string& model, const Target& target) {
    const bool own = calls_.judge_rpm || calls_.judge_tpm;
    const bool candidates_account = job_.live() && job_.spec.model_endpoint == target.base_url &&
                                    job_.model_key.reveal() == target.key.reveal();
    const bool given = calls_.rpm || calls_.tpm;
    if (candidates_account && !own && (given || job_.spec.model == model)) return candidate_;
    const std::string account =
        target.base_url + '\n' + std::string(target.key.reveal()) + (own ? "" : '\n' + model);
    std::shared_ptr<RateLimit>& rate = rates_[account];
    if (!rate) {
      rate = std::make_shared<RateLimit>(RateLimit::Options{calls_.judge_rpm, calls_.judge_tpm});
    }
    return rate;
  }

 private:
  const Job& job_;
  const CallOptions& calls_;
  std::shared_ptr<RateLimit> candidate_;
  std::map<std::string, std::shared_ptr<RateLimit>> rates_;
};

Result<std::unique_ptr<Provider>> replay(const Job& job) {
  std::vector<ReplayEntry> entries;
  entries.reserve(job.recorded->records.size());
  for (const RecordedResponse& record : job.recorded->records) {
    entries.push_back({record.sample_id, record.rollout, record.response});
  }
  IIE_TRY(ReplayProvider provider, ReplayProvider::make(job.spec.model, std::move(entries)));
  return std::make_unique<ReplayProvider>(std::move(provider));
}

Result<std::unique_ptr<Provider>> endpoint(Transport& transport, const std::string& name,
                                           const std::string& model, const std::string& base_url,
                                           const Secret& key, const ModelProfile& profile,
                                           const CallOptions& calls) {
  Endpoint options;
  options.name = name;
  options.base_url = base_url;
  options.model = model;
  options.api_key = key;
  options.profile = profile;
  options.stream = calls.stream || (profile.stream && !calls.no_stream);
  IIE_TRY(std::unique_ptr<HttpModel> provider, HttpModel::make(transport, std::move(options)));
  return provider;
}

// A model behind everything that surrounds its calls. From the outside in: recording, cache,
// governor, endpoint; or a recording that answers in their place.
class Surrounded {
 public:
  Surrounded(std::shared_ptr<Provider> model, GovernorOptions governor)
      : model_(std::move(model)),
        governor_(std::in_place, *model_, std::move(governor), system_clock()),
        caller_(&*governor_) {}
  Surrounded(Recording& recording, Asked asked)
      : replaying_(std::in_place, recording, std::move(asked)), caller_(&*replaying_) {}
  Surrounded(const Surrounded&) = delete;
  Surrounded& operator=(const Surrounded&) = delete;

  void keep_in(ResponseCache& cache, const CacheUse& use, const Asked& asked, std::string_view who,
               Observer* observer) {
    caller_ = &cached_.emplace(*caller_, cache, use, asked, who, observer);
  }
  void record_to(RecordingFile& file, const Asked& asked, std::string_view who) {
    caller_ = &recorded_.emplace(*caller_, file, asked, who);
  }
  Caller& caller() { return *caller_; }

 private:
  std::shared_ptr<Provider> model_;
  std::optional<Governor> governor_;
  std::optional<ReplayingCaller> replaying_;
  std::optional<CachingCaller> cached_;
  std::optional<RecordingCaller> recorded_;
  Caller* caller_;
};

// Replies that the cache keeps are not paid for twice: judging goes on with them.
CallsDropped dropped_calls(const Job& job, const BackendOptions& options) {
  const bool kept = options.cache != nullptr && options.cache_use.write;
  if (kept || options.replay != nullptr || !options.broke_off) return nullptr;
  return [&job, tell = options.broke_off](const std::vector<JudgeCall>& calls) {
    for (const JudgeCall& call : calls) {
      const auto& models = job.judges->matrix.judges();
      tell({.caller = std::string(kJudge),
            .model = call.judge.empty() ? models.begin()->second.model : call.judge,
            .calls = 1,
            .input_tokens = call.usage.input_tokens.value_or(0),
            .output_tokens = call.usage.output_tokens.value_or(0)});
    }
  };
}

// As recordings name who asks; caches tell no runs apart.
Asked in_recording(Asked asked, const BackendOptions& options) {
  asked.run = options.recorded_run;
  return asked;
}

}  // namespace

// In order of construction: later parts use earlier ones.
struct Backend::Parts {
  std::unique_ptr<Transport> transport;
  std::optional<Surrounded> candidate;
  // Each model that judges, at its endpoint, has its own.
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Surrounded>> judge_callers;
  std::optional<CallerGroup> judge_calls;
  std::optional<RuleJudge> rules;
  std::optional<MatrixJudge> llm;
  std::optional<AutoJudge> automatic;
  Judge* judge = nullptr;  // one of the three
  // Last: its threads end before anything that they use.
  asio::thread_pool pool{kCheckThreads};
};

Backend::Backend(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Backend::~Backend() = default;

Caller& Backend::candidate() { return parts_->candidate->caller(); }
Judge& Backend::judge() { return *parts_->judge; }
Calls* Backend::judge_calls() { return parts_->judge_calls ? &*parts_->judge_calls : nullptr; }

Result<std::unique_ptr<Backend>> Backend::make(const boost::asio::any_io_executor& executor,
                                               const Job& job, const BackendOptions& options) {
  const CallOptions& calls = options.calls;
  auto parts = std::make_unique<Parts>();
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(job.spec.judge, job.profiles->names()));
  if (options.replay == nullptr && (job.live() || judge.has_llm())) {
    parts->transport = with_deadlines(make_http_transport(executor), deadlines_of(calls));
  }

  const auto rate = std::make_shared<RateLimit>(RateLimit::Options{calls.rpm, calls.tpm});
  GovernorOptions candidate = governor_options(calls.max_connections, options);
  candidate.caller = kCandidate;
  if (job.stored) {
    parts->candidate.emplace(job.stored, std::move(candidate));
  } else if (job.recorded) {
    IIE_TRY(auto model, replay(job));
    parts->candidate.emplace(std::move(model), std::move(candidate));
  } else {
    const Asked asked{job.spec.model, job.spec.model_endpoint, job.spec.model_profile};
    if (options.replay != nullptr) {
      parts->candidate.emplace(*options.replay, in_recording(asked, options));
    } else {
      IIE_TRY(const ModelSpec model, parse_model_spec(job.spec.model, *job.profiles));
      IIE_TRY(auto provider,
              endpoint(*parts->transport, model.to_string(), model.name, job.spec.model_endpoint,
                       job.model_key, job.model_profile, calls));
      candidate.rate = rate;
      candidate.price = options.prices.find(job.spec.model, job.spec.model_endpoint);
      candidate.budget = options.budget;
      parts->candidate.emplace(std::move(provider), std::move(candidate));
      if (options.cache != nullptr && options.cache_candidate) {
        parts->candidate->keep_in(*options.cache, options.cache_use, asked, kCandidate,
                                  options.observer);
      }
    }
    if (options.record != nullptr) {
      parts->candidate->record_to(*options.record, in_recording(asked, options), kCandidate);
    }
  }
  if (judge.has_llm()) {
    JudgeRates rates(job, calls, rate);
    for (const auto& [name, model] : job.judges->matrix.judges()) {
      std::unique_ptr<Surrounded>& caller = parts->judge_callers[{model.model, model.base_url}];
      if (caller) continue;
      const Target& target = job.judges->targets.at(name);
      const Asked asked{model.model, model.base_url, model.profile_hash};
      if (options.replay != nullptr) {
        caller = std::make_unique<Surrounded>(*options.replay, in_recording(asked, options));
      } else {
        IIE_TRY(const ModelSpec spec, parse_model_spec(model.model, *job.profiles));
        IIE_TRY(auto provider, endpoint(*parts->transport, model.model, spec.name, model.base_url,
                                        target.key, target.profile, calls));
        GovernorOptions governor =
            governor_options(model.connections.value_or(calls.judge_connections), options);
        governor.caller = kJudge;
        governor.rate = rates.of(model.model, target);
        governor.price = options.prices.find(model.model, model.base_url);
        governor.budget = options.budget;
        if (calls.hedge_judge) governor.hedge = Hedge::Options{};
        caller = std::make_unique<Surrounded>(std::move(provider), std::move(governor));
        if (options.cache != nullptr) {
          caller->keep_in(*options.cache, options.cache_use, asked, kJudge, options.observer);
        }
      }
      if (options.record != nullptr) {
        caller->record_to(*options.record, in_recording(asked, options), kJudge);
      }
    }
    std::vector<Calls*> judging;
    for (auto& [key, caller] : parts->judge_callers) judging.push_back(&caller->caller());
    parts->judge_calls.emplace(std::move(judging));
    parts->llm.emplace(
        judge.llm(), job.judges->matrix, GenerationParams{},
        [&](const std::string& name) -> Provider& {
          const JudgeModel& model = job.judges->matrix.judges().at(name);
          return parts->judge_callers.at({model.model, model.base_url})->caller();
        },
        dropped_calls(job, options));
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
