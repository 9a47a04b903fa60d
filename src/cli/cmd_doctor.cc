// `doctor`: does what a run needs work? One call to the model, one verdict from the judge.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/json.h"
#include "cli/backend.h"
#include "cli/commands.h"
#include "cli/endpoints.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/loop.h"
#include "cli/output.h"
#include "judge/judge_spec.h"
#include "provider/model_spec.h"
#include "report/plain_text.h"

namespace iie {
namespace {

struct Finding {
  std::string name;
  std::string target;
  bool ok = false;
  std::string detail;
  std::optional<std::chrono::milliseconds> latency;
};

// A question with one right answer, so that a judge that works gives a verdict.
Sample probe() {
  Sample sample;
  sample.id = "doctor";
  sample.language = Language::english;
  sample.question.messages = {{Role::user, "Reply with the single word OK."}};
  sample.question.reference = "The single word OK.";
  sample.question.rubric = {{"c1", CriterionKind::task, "The response is the single word OK."}};
  return sample;
}

Async<Result<Finding>> ask_model(Caller& model, const GenerationParams& params, Finding finding) {
  GenerateRequest request;
  request.messages = probe().question.messages;
  request.sample_id = "doctor";
  request.params = params;
  const Result<Response> response = co_await model.generate(request);
  finding.ok = response.has_value();
  if (response) {
    finding.latency = response->latency;
    finding.detail = fmt::format("answered '{}'", safe_excerpt(response->text, 60));
    if (response->usage.output_tokens) {
      finding.detail += fmt::format(", {} tokens", *response->usage.output_tokens);
    } else {
      finding.detail += ", reports no token usage";
    }
    const bool reasoned =
        !response->reasoning.empty() || response->usage.reasoning_tokens.value_or(0) > 0;
    if (reasoned) finding.detail += ", its reasoning apart";
    // Some servers take what they do not know and do as they always do.
    if (reasoned && params.reasoning && params.reasoning->mode == Reasoning::Mode::off) {
      finding.ok = false;
      finding.detail += ": it reasons although --reasoning off was asked for";
    }
  } else {
    finding.detail = response.error().message;
  }
  co_return finding;
}

Async<Result<Finding>> ask_judge(Judge& judge, Finding finding) {
  const Sample sample = probe();
  Response response;
  response.text = "OK";
  const Result<Judgement> judgement = co_await judge.judge(sample, response, 0);
  if (!judgement) {
    finding.detail = judgement.error().message;
    co_return finding;
  }
  const Verdict& verdict = judgement->verdict;
  finding.ok = verdict.outcome != Outcome::unscored;
  if (!judgement->calls.empty()) finding.latency = judgement->calls.back().latency;
  finding.detail =
      finding.ok ? fmt::format("gave a readable verdict: {}{}{}", to_string(verdict.outcome),
                               verdict.reason.empty() ? "" : ", ", safe_excerpt(verdict.reason, 80))
                 : verdict.reason;
  co_return finding;
}

void print_checks(const std::vector<Finding>& checks, bool all_ok, const OutputOptions& output) {
  if (output.format == "json") {
    boost::json::array array;
    for (const Finding& finding : checks) {
      boost::json::object one{{"check", finding.name},
                              {"target", finding.target},
                              {"ok", finding.ok},
                              {"detail", finding.detail}};
      if (finding.latency) one["latency_ms"] = finding.latency->count();
      array.push_back(std::move(one));
    }
    print(to_pretty_json(boost::json::object{{"ok", all_ok}, {"checks", std::move(array)}}));
    return;
  }
  for (const Finding& finding : checks) {
    print(fmt::format("{}  {:<6} {}{}\n        {}\n", finding.ok ? "ok  " : "FAIL", finding.name,
                      safe_excerpt(finding.target, 200),
                      finding.latency ? fmt::format("  ({} ms)", finding.latency->count()) : "",
                      safe_excerpt(finding.detail, 600)));
  }
}

}  // namespace

Result<int> cmd_doctor(const DoctorOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const auto profiles, profiles_in_force(options.providers, environment));
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(options.judge.judge, profiles->names()));
  if (options.model.empty() && !judge.has_llm()) {
    return fail(ErrorKind::usage, "nothing to check: give --model PROFILE:NAME, --judge, or both");
  }
  CallOptions calls;
  calls.max_attempts = 1;
  calls.timeout_seconds = options.timeout_seconds;
  calls.providers = options.providers;
  calls.stream = options.stream;
  calls.no_stream = options.no_stream;

  RunOptions run;
  run.model = options.model.empty() ? "replay:demonstrations" : options.model;
  run.base_url = options.base_url;
  run.judge = options.judge;
  run.reasoning = options.reasoning;
  run.calls = calls;
  // The question does not matter: the job is made for its endpoints, keys and prompts.
  run.selection.limit = 1;
  IIE_TRY(const Job job, job_from(run, environment));

  boost::asio::io_context loop(1);
  IIE_TRY(const std::unique_ptr<Backend> backend,
          Backend::make(loop.get_executor(), job, {.calls = calls}));
  std::vector<Finding> checks;
  if (!job.recorded) {
    const std::string target = fmt::format("{} at {}", job.spec.model, job.spec.model_endpoint);
    IIE_TRY(Finding finding,
            run_to_end(loop, ask_model(backend->candidate(), job.spec.params, {"model", target})));
    checks.push_back(std::move(finding));
  }
  if (judge.has_llm()) {
    const std::string target = fmt::format("{} at {}", judge.llm(), job.spec.judge_endpoint);
    IIE_TRY(Finding finding, run_to_end(loop, ask_judge(backend->judge(), {"judge", target})));
    checks.push_back(std::move(finding));
  }
  bool all_ok = true;
  for (const Finding& finding : checks) all_ok = all_ok && finding.ok;
  print_checks(checks, all_ok, options.output);
  return all_ok ? kExitOk : kExitEndpoint;
}

}  // namespace iie
