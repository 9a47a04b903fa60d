#include "cli/dry_run.h"

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
#include "cli/spending.h"
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
