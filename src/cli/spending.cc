#include "cli/spending.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/string_util.h"
#include "cli/loop.h"
#include "cli/output.h"
#include "cli/paid_replies.h"
#include "judge/judge_spec.h"
#include "judge/matrix.h"
#include "report/plain_text.h"

namespace iie {
namespace {

// Tokens that an answer is assumed to have where nothing is known of the model. The written
// demonstrations have 40 to 400; chat models answer such questions at three times the length.
constexpr std::int64_t kAssumedAnswer = 700;
// A judge's reasons and verdict; those that think take several times as many.
constexpr std::int64_t kAssumedVerdict = 300;

// As records of calls that broke off name the caller.
constexpr std::string_view kCandidateCalls = "candidate";

bool calls_model(const RunSpec& spec) { return !spec.model_endpoint.empty(); }

// Where an endpoint reported no usage, and where the right tier is asked for before there is one,
// a prompt may have that many times its estimate.
constexpr double kPromptMargin = 1.5;

std::int64_t with_margin(std::int64_t prompt) {
  return std::llround(kPromptMargin * static_cast<double>(prompt));
}

// Prompts that would be sent, and what they cost; estimated by their characters, and in the dearest
// tier that their lengths could mean.
struct Estimate {
  std::optional<Price> price = std::nullopt;
  double requests = 0;
  double input_tokens = 0;
  double input_cost = 0;  // times a million; 0 without a price
  double most_input_cost = 0;
  double output_rates = 0;  // summed over the requests

  void add(std::int64_t prompt) {
    ++requests;
    input_tokens += static_cast<double>(prompt);
    if (!price) return;
    const Rates rates = dearest_rates(with_margin(prompt), *price);
    input_cost += static_cast<double>(prompt) * rates.input;
    most_input_cost += 1e6 * most_cost(prompt, 0, *price);
    output_rates += rates.output;
  }
  // `part` of `whole` as many such prompts.
  void scale(std::int64_t part, std::int64_t whole) {
    const double by = whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
    for (double* figure :
         {&requests, &input_tokens, &input_cost, &most_input_cost, &output_rates}) {
      *figure *= by;
    }
  }
  void add(const Estimate& other) {
    requests += other.requests;
    input_tokens += other.input_tokens;
    input_cost += other.input_cost;
    most_input_cost += other.most_input_cost;
    output_rates += other.output_rates;
  }
};

// Counts what it is asked, and answers nothing.
class CountingProvider final : public Provider {
 public:
  Estimate estimate;

  const std::string& name() const override { return name_; }
  Async<Result<Response>> generate(const GenerateRequest& request) override {
    estimate.add(estimated_tokens(request.messages));
    co_return fail(ErrorKind::bad_request, "counted, not sent");
  }

 private:
  std::string name_ = "counting";
};

struct Line {
  std::string role;
  std::string model;
  std::string endpoint;
  Estimate sent = {};
  std::int64_t output_tokens = 0;
  std::optional<std::int64_t> most_output_tokens = 0;  // where a token limit bounds it
  double output_cost = 0;                              // times a million; 0 without a price
  double most_output_cost = 0;

  std::int64_t requests() const { return std::llround(sent.requests); }
  std::int64_t input_tokens() const { return std::llround(sent.input_tokens); }
  std::optional<double> cost() const {
    return sent.price ? std::optional((sent.input_cost + output_cost) / 1e6) : std::nullopt;
  }
  std::optional<double> most_cost() const {
    if (!sent.price || !most_output_tokens) return std::nullopt;
    return (sent.most_input_cost + most_output_cost) / 1e6;
  }
};

void expect_output(Line& line, std::int64_t assumed, const std::optional<std::int64_t>& limit) {
  const std::int64_t expected = std::min(assumed, limit.value_or(assumed));
  line.output_tokens = line.requests() * expected;
  line.output_cost = line.sent.output_rates * static_cast<double>(expected);
  line.most_output_tokens = limit ? std::optional(line.requests() * *limit) : std::nullopt;
  line.most_output_cost = line.sent.output_rates * static_cast<double>(limit.value_or(0));
}

// Several runs may ask one model.
void add_line(std::vector<Line>& lines, Line line) {
  for (Line& other : lines) {
    if (std::tie(other.role, other.model, other.endpoint) !=
        std::tie(line.role, line.model, line.endpoint)) {
      continue;
    }
    other.sent.add(line.sent);
    other.output_tokens += line.output_tokens;
    other.output_cost += line.output_cost;
    other.most_output_cost += line.most_output_cost;
    other.most_output_tokens =
        other.most_output_tokens && line.most_output_tokens
            ? std::optional(*other.most_output_tokens + *line.most_output_tokens)
            : std::nullopt;
    return;
  }
  lines.push_back(std::move(line));
}

Line model_line(const Job& job, const PriceList& prices, std::int64_t left) {
  const RunSpec& spec = job.spec;
  Line line{"model", spec.model, spec.model_endpoint};
  line.sent.price = prices.find(spec.model, spec.model_endpoint);
  std::int64_t system = 0;
  if (spec.params.system_prompt) {
    system = estimated_tokens({Message{Role::system, *spec.params.system_prompt}});
  }
  for (const Sample& sample : job.samples) {
    line.sent.add(system + estimated_tokens(sample.question.messages));
  }
  line.sent.scale(left, std::ssize(job.samples));
  expect_output(line, kAssumedAnswer, spec.params.max_tokens);
  return line;
}

// What a judge would read, one response per sample: the first rollout's where it is there already,
// else one of the assumed length.
class ResponsesToJudge {
 public:
  explicit ResponsesToJudge(const Job& job) : job_(job) {
    while (assumed_.text.size() < kAssumedAnswer * 4) assumed_.text += "as long ";
    if (!job.recorded) return;
    for (const RecordedResponse& record : job.recorded->records) {
      recorded_.emplace(record.sample_id, &record.response);
    }
  }

  Response of(const Sample& sample) const {
    if (const auto found = recorded_.find(sample.id); found != recorded_.end()) {
      return *found->second;
    }
    if (!job_.stored) return assumed_;
    boost::asio::io_context loop(1);
    GenerateRequest request;
    request.sample_id = sample.id;
    return run_to_end(loop, job_.stored->generate(request)).value_or(assumed_);
  }

 private:
  const Job& job_;
  Response assumed_;
  std::unordered_map<std::string_view, const Response*> recorded_;
};

// The judge itself says what it would ask.
Result<std::vector<Line>> judge_lines(const Job& job, const PriceList& prices,
                                      const JudgeSpec& judge, std::int64_t left) {
  const JudgeMatrix& matrix = job.judges->matrix;
  std::map<std::string, CountingProvider> counters;
  for (const auto& [name, model] : matrix.judges()) {
    counters[name].estimate.price = prices.find(model.model, model.base_url);
  }
  MatrixJudge llm(judge.llm(), matrix, {},
                  [&](const std::string& name) -> Provider& { return counters[name]; });
  const ResponsesToJudge responses(job);
  for (const Sample& sample : job.samples) {
    // Rules decide these without a call.
    if (judge.kind == JudgeSpec::Kind::automatic && sample.question.complete) continue;
    boost::asio::io_context loop(1);
    const auto judged = run_to_end(loop, llm.judge(sample, responses.of(sample), 0));
    if (!judged && judged.error().kind == ErrorKind::bug) return std::unexpected(judged.error());
  }
  std::vector<Line> lines;
  for (const auto& [name, model] : matrix.judges()) {
    Line& line = lines.emplace_back(Line{"judge", model.model, model.base_url});
    line.sent = counters[name].estimate;
    line.sent.scale(left, std::ssize(job.samples));
    expect_output(line, kAssumedVerdict, model.params({}).max_tokens);
  }
  return lines;
}

// What a judge's calls cost, call by call: each by the price of the model that it went to.
class JudgePrices {
 public:
  JudgePrices(const std::vector<JudgeEndpoint>& judges, const PriceList& prices) {
    for (const JudgeEndpoint& judge : judges) {
      const auto price = prices.find(judge.model, judge.base_url);
      const auto [place, fresh] = prices_.emplace(judge.model, price);
      // One model at two endpoints: the dearer one, as nobody says which was asked.
      if (!fresh && price && place->second && price->output > place->second->output) {
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

std::string money(const std::optional<double>& amount, const std::optional<Price>& price) {
  return amount ? fmt::format("{:.2f} {}", *amount, price->currency) : "unknown price";
}

boost::json::value money_json(const std::optional<double>& amount) {
  return amount ? boost::json::value(std::round(*amount * 1e6) / 1e6) : boost::json::value(nullptr);
}

boost::json::object line_json(const Line& line) {
  boost::json::object out{{"role", line.role},
                          {"model", line.model},
                          {"endpoint", line.endpoint},
                          {"requests", line.requests()},
                          {"input_tokens", line.input_tokens()},
                          {"output_tokens", line.output_tokens},
                          {"most_output_tokens", nullptr},
                          {"currency", nullptr},
                          {"cost", money_json(line.cost())},
                          {"most_cost", money_json(line.most_cost())}};
  if (line.most_output_tokens) out["most_output_tokens"] = *line.most_output_tokens;
  if (line.sent.price) out["currency"] = line.sent.price->currency;
  return out;
}

// Of all lines in one currency; absent where a price is unknown.
std::optional<double> total_of(const std::vector<Line>& lines) {
  double sum = 0;
  for (const Line& line : lines) {
    const auto cost = line.cost();
    if (!cost || line.sent.price->currency != lines.front().sent.price->currency) {
      return std::nullopt;
    }
    sum += *cost;
  }
  return lines.empty() ? std::nullopt : std::optional(sum);
}

const std::string kHowEstimated = fmt::format(
    "Estimates: 4 ASCII characters or 1 other character to a token; {} tokens to an answer "
    "that is not there yet and {} to a verdict. Models that think take several times as many; the "
    "most is what the token limits allow. Prices are those of the dearest hours; the most has "
    "input "
    "at what writing it to the endpoint's cache costs.",
    kAssumedAnswer, kAssumedVerdict);

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

void RunCosts::add(const StoredRollout& rollout) {
  if (const auto& response = rollout.response.response) {
    parts_->model.add(response->usage, call_time(response->answered, response->latency));
  }
  if (!rollout.judgement) return;
  for (const JudgeCall& call : rollout.judgement->calls) {
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

CallsLeft calls_left(const RunInfo& run, const RunState& state) {
  return {run.planned - state.responded, run.planned - state.judged};
}

Result<void> print_dry_run(const std::vector<PlannedCalls>& runs, const PriceList& prices,
                           const ControlOptions& control, const OutputOptions& output) {
  std::vector<Line> lines;
  CallsLeft left;
  for (const PlannedCalls& run : runs) {
    const Job& job = *run.job;
    IIE_TRY(const JudgeSpec judge, parse_judge_spec(job.spec.judge, job.profiles->names()));
    if (job.live()) {
      add_line(lines, model_line(job, prices, run.left.responses));
      left.responses += run.left.responses;
    }
    left.judgements += run.left.judgements;
    if (!judge.has_llm()) continue;
    IIE_TRY(std::vector<Line> judging, judge_lines(job, prices, judge, run.left.judgements));
    for (Line& line : judging) add_line(lines, std::move(line));
  }
  const auto total = total_of(lines);
  if (output.format == "json") {
    boost::json::array calls;
    for (const Line& line : lines) calls.push_back(line_json(line));
    boost::json::object out{
        {"dry_run", true},           {"runs", runs.size()},         {"samples", nullptr},
        {"rollouts", nullptr},       {"responses", left.responses}, {"judgements", left.judgements},
        {"calls", std::move(calls)}, {"cost", money_json(total)},   {"currency", nullptr},
        {"max_cost", nullptr},       {"how", kHowEstimated}};
    if (runs.size() == 1) {
      out["samples"] = runs.front().job->samples.size();
      out["rollouts"] = runs.front().job->spec.rollouts;
    }
    if (total) out["currency"] = lines.front().sent.price->currency;
    if (control.max_cost) out["max_cost"] = *control.max_cost;
    print(to_pretty_json(out));
    return {};
  }
  const auto counted = [](std::int64_t n, std::string_view what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
  };
  if (runs.size() == 1) {
    const Job& job = *runs.front().job;
    print(fmt::format("Dry run of {} x {}: nothing is sent.\n\n",
                      counted(std::ssize(job.samples), "sample"),
                      counted(job.spec.rollouts, "rollout")));
  } else {
    print(fmt::format("Dry run of {} with {}: nothing is sent.\n\n",
                      counted(std::ssize(runs), "run"), counted(left.judgements, "judgement")));
  }
  if (lines.empty()) {
    print("Recorded responses and rules: there is nothing to send.\n");
    return {};
  }
  Listing table({"", "MODEL", "ENDPOINT", ">REQUESTS", ">INPUT TOKENS", ">OUTPUT TOKENS", ">COST",
                 ">AT MOST"});
  for (const Line& line : lines) {
    table.add({line.role, safe_excerpt(line.model, 60), safe_excerpt(line.endpoint, 60),
               format_count(line.requests()), format_count(line.input_tokens()),
               format_count(line.output_tokens), money(line.cost(), line.sent.price),
               line.most_output_tokens ? money(line.most_cost(), line.sent.price) : "no limit"});
  }
  print(table.text());
  if (lines.size() > 1 && total) {
    print(fmt::format("total {}\n", money(total, lines.front().sent.price)));
  }
  if (total && control.max_cost && *total > *control.max_cost) {
    print(fmt::format("That is more than --max-cost {:g}: the run would stop before its end.\n",
                      *control.max_cost));
  }
  print('\n' + kHowEstimated + '\n');
  return {};
}

}  // namespace iie
