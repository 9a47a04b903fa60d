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

// Counts what it is asked, and answers nothing.
class CountingProvider final : public Provider {
 public:
  std::int64_t calls = 0;
  std::int64_t input_tokens = 0;

  const std::string& name() const override { return name_; }
  Async<Result<Response>> generate(const GenerateRequest& request) override {
    ++calls;
    input_tokens += estimated_tokens(request.messages);
    co_return fail(ErrorKind::bad_request, "counted, not sent");
  }

 private:
  std::string name_ = "counting";
};

struct Line {
  std::string role;
  std::string model;
  std::string endpoint;
  std::int64_t requests = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::optional<std::int64_t> most_output_tokens;  // where a token limit bounds it
  std::optional<Price> price;

  std::optional<double> cost(std::int64_t output) const {
    return price ? cost_of({.input_tokens = input_tokens, .output_tokens = output}, *price)
                 : std::nullopt;
  }
};

// Several runs may ask one model.
void add_line(std::vector<Line>& lines, Line line) {
  for (Line& other : lines) {
    if (std::tie(other.role, other.model, other.endpoint) !=
        std::tie(line.role, line.model, line.endpoint)) {
      continue;
    }
    other.requests += line.requests;
    other.input_tokens += line.input_tokens;
    other.output_tokens += line.output_tokens;
    other.most_output_tokens =
        other.most_output_tokens && line.most_output_tokens
            ? std::optional(*other.most_output_tokens + *line.most_output_tokens)
            : std::nullopt;
    return;
  }
  lines.push_back(std::move(line));
}

std::int64_t share(std::int64_t tokens, std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return 0;
  return std::llround(static_cast<double>(tokens) * static_cast<double>(part) /
                      static_cast<double>(whole));
}

void expect_output(Line& line, std::int64_t assumed, const std::optional<std::int64_t>& limit) {
  line.output_tokens = line.requests * std::min(assumed, limit.value_or(assumed));
  if (limit) line.most_output_tokens = line.requests * *limit;
}

Line model_line(const Job& job, const PriceList& prices, std::int64_t left) {
  const RunSpec& spec = job.spec;
  Line line{"model", spec.model, spec.model_endpoint};
  line.requests = left;
  std::int64_t once = 0;
  for (const Sample& sample : job.samples) once += estimated_tokens(sample.question.messages);
  if (spec.params.system_prompt) {
    once += static_cast<std::int64_t>(job.samples.size()) *
            estimated_tokens({Message{Role::system, *spec.params.system_prompt}});
  }
  line.input_tokens = share(once, left, static_cast<std::int64_t>(job.samples.size()));
  expect_output(line, kAssumedAnswer, spec.params.max_tokens);
  line.price = prices.find(spec.model, spec.model_endpoint);
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
  const auto samples = static_cast<std::int64_t>(job.samples.size());
  std::vector<Line> lines;
  for (const auto& [name, model] : matrix.judges()) {
    Line& line = lines.emplace_back(Line{"judge", model.model, model.base_url});
    line.price = prices.find(model.model, model.base_url);
    line.requests = share(counters[name].calls, left, samples);
    line.input_tokens = share(counters[name].input_tokens, left, samples);
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
    return price ? cost_of(call.usage, *price) : std::nullopt;
  }

 private:
  std::map<std::string, std::optional<Price>> prices_;
  std::string only_;
};

// Where an endpoint reported no usage, what it may have been: the prompt at that many times its
// estimate, for a judge with a template that is longer than any of ours, and the texts that came.
constexpr double kPromptMargin = 1.5;
constexpr std::int64_t kLongTemplate = 2000;

Usage assumed_usage(std::int64_t prompt, std::string_view text, std::string_view reasoning) {
  return {.input_tokens = std::llround(kPromptMargin * static_cast<double>(prompt)),
          .output_tokens = estimated_tokens(text) + estimated_tokens(reasoning)};
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
    cost.amount = cost_of(
        {.input_tokens = calls.input_tokens, .output_tokens = calls.output_tokens}, *cost.price);
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
    const Usage assumed = assumed_usage(one.prompt_tokens, one.reply.text, one.reply.reasoning);
    spent.add(cost_of(one.reply.usage, *price), cost_of(assumed, *price));
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
      spent.add(
          cost_of(response->usage, *model),
          cost_of(assumed_usage(prompt + system, response->text, response->reasoning), *model));
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
    for (JudgeCall call : rollout.judgement->calls) {
      const auto stated = judges.cost(call);
      call.usage = assumed_usage(prompt, call.reply, call.reasoning);
      judged.add(stated, judges.cost(call));
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
                          {"requests", line.requests},
                          {"input_tokens", line.input_tokens},
                          {"output_tokens", line.output_tokens},
                          {"most_output_tokens", nullptr},
                          {"currency", nullptr},
                          {"cost", money_json(line.cost(line.output_tokens))},
                          {"most_cost", nullptr}};
  if (line.most_output_tokens) {
    out["most_output_tokens"] = *line.most_output_tokens;
    out["most_cost"] = money_json(line.cost(*line.most_output_tokens));
  }
  if (line.price) out["currency"] = line.price->currency;
  return out;
}

// Of all lines in one currency; absent where a price is unknown.
std::optional<double> total_of(const std::vector<Line>& lines) {
  double sum = 0;
  for (const Line& line : lines) {
    const auto cost = line.cost(line.output_tokens);
    if (!cost || line.price->currency != lines.front().price->currency) return std::nullopt;
    sum += *cost;
  }
  return lines.empty() ? std::nullopt : std::optional(sum);
}

const std::string kHowEstimated = fmt::format(
    "Estimates: 4 ASCII characters or 1 other character to a token; {} tokens to an answer "
    "that is not there yet and {} to a verdict. Models that think take several times as many; the "
    "most is what the token limits "
    "allow.",
    kAssumedAnswer, kAssumedVerdict);

}  // namespace

void add_costs(Report& report, const PriceList& prices, const std::vector<BrokenOff>& broken_off) {
  RunCost& cost = report.cost;
  const RunSpec& spec = report.spec;
  if (calls_model(spec) && report.model_tokens.calls > 0) {
    cost.model = call_cost(report.model_tokens, prices.find(spec.model, spec.model_endpoint));
  }
  const std::vector<JudgeEndpoint> endpoints =
      judge_endpoints(spec).value_or(std::vector<JudgeEndpoint>());
  const JudgePrices of_judge(endpoints, prices);
  if (!broken_off.empty()) {
    cost.may_be_billed = sum_cost(costs_of_broken_off(spec, broken_off, of_judge, prices));
  }
  if (report.judge_tokens.calls == 0) return;
  if (endpoints.size() == 1) {
    const JudgeEndpoint& judge = endpoints.front();
    cost.judge = call_cost(report.judge_tokens, prices.find(judge.model, judge.base_url));
    return;
  }
  // Of several, each by its own price; a call that names none of them has none.
  std::vector<CallCost> each;
  std::int64_t named = 0;
  if (report.judges) {
    for (OneOfTheJudges& one : report.judges->judges) {
      if (one.calls == 0) continue;
      one.cost = call_cost(one.tokens, of_judge.find(one.judge));
      each.push_back(*one.cost);
      named += one.calls;
    }
  }
  if (named < report.judge_tokens.calls) {
    each.push_back({.amount = {}, .calls = report.judge_tokens.calls - named});
  }
  cost.judge = sum_cost(each);
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
    if (total) out["currency"] = lines.front().price->currency;
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
               format_count(line.requests), format_count(line.input_tokens),
               format_count(line.output_tokens), money(line.cost(line.output_tokens), line.price),
               line.most_output_tokens ? money(line.cost(*line.most_output_tokens), line.price)
                                       : "no limit"});
  }
  print(table.text());
  if (lines.size() > 1 && total) {
    print(fmt::format("total {}\n", money(total, lines.front().price)));
  }
  if (total && control.max_cost && *total > *control.max_cost) {
    print(fmt::format("That is more than --max-cost {:g}: the run would stop before its end.\n",
                      *control.max_cost));
  }
  print('\n' + kHowEstimated + '\n');
  return {};
}

}  // namespace iie
