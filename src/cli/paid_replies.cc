#include "cli/paid_replies.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "cli/loop.h"
#include "core/price.h"
#include "engine/request_key.h"
#include "judge/auto_judge.h"
#include "judge/judge_spec.h"
#include "judge/rule_judge.h"
#include "store/response_cache.h"

namespace iie {
namespace {

// Answers with what the cache holds, and keeps what it found.
class FromCache final : public Provider {
 public:
  FromCache(ResponseCache& cache, const std::vector<std::string>& scopes, const JudgeModel& judge,
            std::vector<PaidReply>& found)
      : cache_(cache), scopes_(scopes), judge_(judge), found_(found) {}

  const std::string& name() const override { return judge_.model; }
  Async<Result<Response>> generate(const GenerateRequest& request) override {
    const std::string key =
        request_key({judge_.model, judge_.base_url, judge_.profile_hash}, request);
    for (const std::string& scope : scopes_) {
      if (auto reply = cache_.get(scope, key)) {
        found_.push_back({&judge_, *reply, estimated_tokens(request.messages)});
        co_return *std::move(reply);
      }
    }
    co_return fail(ErrorKind::bad_request, "it is not in the cache");
  }

 private:
  ResponseCache& cache_;
  const std::vector<std::string>& scopes_;
  const JudgeModel& judge_;
  std::vector<PaidReply>& found_;
};

}  // namespace

std::string reply_cache_path(const ControlOptions& control, const std::string& store) {
  if (!control.cache_file.empty()) return control.cache_file;
  return store == "memory" ? std::string() : store + "-cache";
}

std::string reply_cache_scope(const RunInfo& run) {
  return fmt::format("{} {}", run.id, run.created.time_since_epoch().count());
}

struct PaidReplies::Parts {
  std::unique_ptr<ResponseCache> cache;
  std::vector<std::string> scopes;
  std::vector<PaidReply> found;
  std::map<std::string, FromCache> models;  // by the judge's name in the matrix
  RuleJudge rules;
  std::optional<MatrixJudge> llm;
  std::optional<AutoJudge> automatic;
  Judge* judge = nullptr;
};

PaidReplies::PaidReplies(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PaidReplies::~PaidReplies() = default;

Result<std::unique_ptr<PaidReplies>> PaidReplies::open(const Job& job, const RunInfo& run,
                                                       const ControlOptions& control,
                                                       const std::string& store) {
  const std::string path = reply_cache_path(control, store);
  std::error_code none;
  if (!job.judges || path.empty() || !std::filesystem::exists(path, none)) return nullptr;
  auto cache = ResponseCache::open(path);
  if (!cache) {
    log(LogLevel::warn, cache.error().message + "; what it holds is not counted as spent");
    return nullptr;
  }
  auto parts = std::make_unique<Parts>();
  parts->cache = *std::move(cache);
  if (const std::string own = reply_cache_scope(run); parts->cache->holds(own)) {
    parts->scopes.push_back(own);
  }
  if (control.cache != "off" && control.cache != "resume" && parts->cache->holds("")) {
    parts->scopes.emplace_back();
  }
  if (parts->scopes.empty()) return nullptr;
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(job.spec.judge, job.profiles->names()));
  for (const auto& [name, model] : job.judges->matrix.judges()) {
    parts->models.try_emplace(name, *parts->cache, parts->scopes, model, parts->found);
  }
  parts->llm.emplace(
      judge.llm(), job.judges->matrix, GenerationParams{},
      [raw = parts.get()](const std::string& name) -> Provider& { return raw->models.at(name); });
  parts->judge = &*parts->llm;
  if (judge.kind == JudgeSpec::Kind::automatic) {
    parts->judge = &parts->automatic.emplace(parts->rules, &*parts->llm);
  }
  return std::unique_ptr<PaidReplies>(new PaidReplies(std::move(parts)));
}

Result<std::vector<PaidReply>> PaidReplies::of(const Sample& sample, const Response& response,
                                               int rollout) {
  parts_->found.clear();
  boost::asio::io_context loop(1);
  IIE_CHECK_OK(run_to_end(loop, parts_->judge->judge(sample, response, rollout)));
  return std::exchange(parts_->found, {});
}

}  // namespace iie
