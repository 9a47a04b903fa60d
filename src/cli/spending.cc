#include "cli/spending.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "cli/paid_replies.h"
#include "judge/judge_spec.h"

namespace iie {

std::int64_t with_margin(std::int64_t prompt) {
  // Where an endpoint reported no usage, or no call was made yet, a prompt may have so many times
  // its estimate.
  constexpr double kPromptMargin = 1.5;
  return std::llround(kPromptMargin * static_cast<double>(prompt));
}

namespace {

// As records of calls that broke off name the caller.
constexpr std::string_view kCandidateCalls = "candidate";

bool calls_model(const RunSpec& spec) { return !spec.model_endpoint.empty(); }

// What a judge's calls cost, call by call: each by the price of the model that it went to.
class JudgePrices {
 public:
  JudgePrices(const std::vector<JudgeEndpoint>& judges, const PriceList& prices) {
    for (const JudgeEndpoint& judge : judges) {
      const auto price = prices.find(judge.model, judge.base_url);
      const auto [place, fresh] = prices_.emplace(judge.model, price);
      // One model at two endpoints: the dearer one, as nobody says which was asked.
      if (!fresh && price && place->second && price->rates.output > place->second->rates.output) {
        place->second = price;
      }
      if (!price) place->second.reset();
    }
    only_ = judges.size() == 1 ? judges.front().model : std::string();
  }

  // `judge` as JudgeCall names it.
  std::optional<Price> find(const std::string& judge) const {
    const auto price = prices_.find(judge.empty() ? only_ : judge);
    return price == prices_.end() ? std::nullopt : price->second;
  }
  std::optional<double> cost(const JudgeCall& call) const {
    const auto price = find(call.judge);
    return price ? cost_of(call.usage, *price, call_time(call.answered, call.latency))
                 : std::nullopt;
  }

 private:
  std::map<std::string, std::optional<Price>> prices_;
  std::string only_;
};

// Where an endpoint reported no usage, the most that it may have been: the prompt with a margin,
// for a judge with a template that is longer than any of ours, and the texts that came.
constexpr std::int64_t kLongTemplate = 2000;

double assumed_cost(std::int64_t prompt, std::string_view text, std::string_view reasoning,
                    const Price& price) {
  return most_cost(with_margin(prompt), estimated_tokens(text) + estimated_tokens(reasoning),
                   price);
}

// The most that they may cost; no amount where the price is unknown.
std::vector<CallCost> costs_of_broken_off(const RunSpec& spec,
                                          const std::vector<BrokenOff>& broken_off,
                                          const JudgePrices& judges, const PriceList& prices) {
  std::vector<CallCost> costs;
  for (const BrokenOff& calls : broken_off) {
    CallCost& cost = costs.emplace_back();
    cost.calls = calls.calls;
    cost.price = calls.caller == kCandidateCalls ? prices.find(spec.model, spec.model_endpoint)
                                                 : judges.find(calls.model);
    if (!cost.price) continue;
    cost.amount = most_cost(calls.input_tokens, calls.output_tokens, *cost.price);
    cost.priced = cost.calls;
    cost.currency = cost.price->currency;
  }
  return costs;
}

struct Spent {
  double amount = 0;
  double estimated = 0;  // of it: for calls that broke off or report no usage

  void add(const std::optional<double>& stated, const std::optional<double>& assumed) {
    amount += stated ? *stated : assumed.value_or(0);
    if (!stated) estimated += assumed.value_or(0);
  }
  void add(const Spent& other) {
    amount += other.amount;
    estimated += other.estimated;
  }
};

// Judged for good: `resume` would not ask again.
bool is_judged(const StoredRollout& rollout) {
  return rollout.judgement && rollout.judgement->verdict.unscored != UnscoredReason::judge_failed;
}

Result<Spent> spent_on_replies(PaidReplies& replies, const Sample& sample, const Response& response,
                               int rollout, const PriceList& prices) {
  Spent spent;
  IIE_TRY(const std::vector<PaidReply> paid, replies.of(sample, response, rollout));
  for (const PaidReply& one : paid) {
    const auto price = prices.find(one.judge->model, one.judge->base_url);
    if (!price) continue;
    const Response& reply = one.reply;
    spent.add(cost_of(reply.usage, *price, call_time(reply.answered, reply.latency)),
              assumed_cost(one.prompt_tokens, reply.text, reply.reasoning, *price));
  }
  return spent;
}

// What a run has cost so far, as the store says; `unjudged` may be null.
Result<Spent> spent_on(Store& store, const RunInfo& run, const PriceList& prices,
                       PaidReplies* unjudged) {
  const auto model =
      calls_model(run.spec) ? prices.find(run.spec.model, run.spec.model_endpoint) : std::nullopt;
  IIE_TRY(const std::vector<JudgeEndpoint> endpoints, judge_endpoints(run.spec));
  const JudgePrices judges(endpoints, prices);
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  Spent spent;
  std::optional<Error> failure;
  IIE_CHECK_OK(store.for_each_rollout_unordered(run, [&](const StoredRollout& rollout) {
    const auto place = static_cast<std::size_t>(rollout.response.id.sample);
    const auto& response = rollout.response.response;
    if (place >= samples.size()) return true;
    const Question& question = samples[place].question;
    std::int64_t prompt = estimated_tokens(question.messages);
    if (model && response) {
      const std::int64_t system =
          estimated_tokens(run.spec.params.system_prompt.value_or(std::string()));
      spent.add(cost_of(response->usage, *model, call_time(response->answered, response->latency)),
                assumed_cost(prompt + system, response->text, response->reasoning, *model));
    }
    Spent judging;
    if (unjudged != nullptr && response && !is_judged(rollout)) {
      auto replies = spent_on_replies(*unjudged, samples[place], *response,
                                      rollout.response.id.rollout, prices);
      if (!replies) {
        failure = std::move(replies).error();
        return false;
      }
      judging = *replies;
    }
    if (!rollout.judgement) {
      spent.add(judging);
      return true;
    }
    Spent judged;
    prompt += kLongTemplate + estimated_tokens(question.reference);
    for (const Criterion& criterion : question.rubric) prompt += estimated_tokens(criterion.text);
    if (response) prompt += estimated_tokens(response->text);
    for (const JudgeCall& call : rollout.judgement->calls) {
      const auto price = judges.find(call.judge);
      if (!price) continue;
      judged.add(judges.cost(call), assumed_cost(prompt, call.reply, call.reasoning, *price));
    }
    // Of a judgement that failed, the cache has the replies too, and perhaps more.
    spent.add(judging.amount > judged.amount ? judging : judged);
    return true;
  }));
  if (failure) return std::unexpected(*std::move(failure));
  IIE_TRY(const std::vector<BrokenOff> broken_off, store.broken_off(run));
  for (const CallCost& most : costs_of_broken_off(run.spec, broken_off, judges, prices)) {
    spent.add(std::nullopt, most.amount);
  }
  return spent;
}

}  // namespace

struct RunCosts::Parts {
  const PriceList& prices;
  RunSpec spec;
  std::vector<JudgeEndpoint> endpoints;
  JudgePrices judge_prices;
  CostTally model;
  std::map<std::string, CostTally> judges;  // by JudgeCall::judge; the only one's is ""

  std::string judge_of(const JudgeCall& call) const {
    return endpoints.size() == 1 ? std::string() : call.judge;
  }
};

RunCosts::RunCosts(const RunSpec& spec, const PriceList& prices) {
  auto endpoints = judge_endpoints(spec).value_or(std::vector<JudgeEndpoint>());
  JudgePrices judge_prices(endpoints, prices);
  const auto model =
      calls_model(spec) ? prices.find(spec.model, spec.model_endpoint) : std::nullopt;
  parts_ = std::make_unique<Parts>(Parts{.prices = prices,
                                         .spec = spec,
                                         .endpoints = std::move(endpoints),
                                         .judge_prices = std::move(judge_prices),
                                         .model = CostTally(model),
                                         .judges = {}});
}
RunCosts::~RunCosts() = default;

void RunCosts::add(const ResponseRecord& response, const JudgementRecord* judgement) {
  if (const auto& answer = response.response) {
    parts_->model.add(answer->usage, call_time(answer->answered, answer->latency));
  }
  if (judgement == nullptr) return;
  for (const JudgeCall& call : judgement->calls) {
    const std::string judge = parts_->judge_of(call);
    auto tally = parts_->judges.find(judge);
    if (tally == parts_->judges.end()) {
      // Of several, one that names none of them has no price.
      tally = parts_->judges.emplace(judge, CostTally(parts_->judge_prices.find(judge))).first;
    }
    tally->second.add(call.usage, call_time(call.answered, call.latency));
  }
}

void RunCosts::state(Report& report, const std::vector<BrokenOff>& broken_off) const {
  RunCost& cost = report.cost;
  if (calls_model(parts_->spec) && report.model_tokens.calls > 0) cost.model = parts_->model.cost();
  if (!broken_off.empty()) {
    cost.may_be_billed = sum_cost(
        costs_of_broken_off(parts_->spec, broken_off, parts_->judge_prices, parts_->prices));
  }
  if (parts_->judges.empty()) return;
  if (parts_->endpoints.size() == 1) {
    cost.judge = parts_->judges.begin()->second.cost();
    return;
  }
  std::vector<CallCost> each;
  for (const auto& [name, tally] : parts_->judges) each.push_back(tally.cost());
  cost.judge = sum_cost(each);
  if (!report.judges) return;
  for (OneOfTheJudges& one : report.judges->judges) {
    const auto tally = parts_->judges.find(one.judge);
    if (tally != parts_->judges.end()) one.cost = tally->second.cost();
  }
}

bool has_price(const RunSpec& spec, const PriceList& prices) {
  if (calls_model(spec) && prices.find(spec.model, spec.model_endpoint)) return true;
  const auto judges = judge_endpoints(spec);
  return judges && std::ranges::any_of(*judges, [&](const JudgeEndpoint& judge) {
           return prices.find(judge.model, judge.base_url).has_value();
         });
}

Result<void> check_max_cost(const RunSpec& spec, const PriceList& prices,
                            const std::optional<double>& max_cost) {
  if (!max_cost) return {};
  const auto known = [&](const std::string& model, const std::string& endpoint) -> Result<void> {
    const auto price = prices.find(model, endpoint);
    if (!price) {
      return fail(ErrorKind::usage,
                  fmt::format("--max-cost cannot be kept: the price of {} at {} is not known; give "
                              "it with --prices FILE",
                              one_line(model, 80), one_line(endpoint, 120)));
    }
    if (price->currency != kDollars) {
      return fail(ErrorKind::usage,
                  fmt::format("--max-cost is in USD, and the price of {} is in {}; give it in USD "
                              "with --prices FILE",
                              one_line(model, 80), price->currency));
    }
    return {};
  };
  if (calls_model(spec)) IIE_CHECK_OK(known(spec.model, spec.model_endpoint));
  IIE_TRY(const std::vector<JudgeEndpoint> judges, judge_endpoints(spec));
  for (const JudgeEndpoint& judge : judges) IIE_CHECK_OK(known(judge.model, judge.base_url));
  return {};
}

Result<std::shared_ptr<Budget>> make_budget(Store& store, const std::vector<BegunRun>& runs,
                                            const PriceList& prices, const ControlOptions& control,
                                            const std::string& store_path) {
  if (!control.max_cost) return nullptr;
  Spent spent;
  for (const auto& [job, run] : runs) {
    IIE_CHECK_OK(check_max_cost(run.spec, prices, control.max_cost));
    IIE_TRY(const auto unjudged, PaidReplies::open(*job, run, control, store_path));
    IIE_TRY(const Spent one, spent_on(store, run, prices, unjudged.get()));
    spent.add(one);
  }
  return std::make_shared<Budget>(*control.max_cost, spent.amount, spent.estimated);
}

}  // namespace iie
