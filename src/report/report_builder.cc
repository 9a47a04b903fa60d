#include "report/report_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <ranges>
#include <set>
#include <utility>

#include "report/gathered.h"
#include "report/instruction_tally.h"
#include "report/latencies.h"
#include "report/plain_text.h"

namespace iie {

namespace {

constexpr std::size_t kPromptBytes = 300;
constexpr std::size_t kResponseBytes = 500;
constexpr std::size_t kReasonBytes = 300;
constexpr std::size_t kNameBytes = 120;
// Of a conversation: its rules stand at the beginning, what it has come to at the end.
constexpr std::size_t kFirstTurns = 4;
constexpr std::size_t kLastTurns = 8;

std::string key_or_none(std::string_view key) {
  return key.empty() ? std::string(kNoKey) : safe_excerpt(key, kNameBytes);
}

std::string language_key(const Sample& sample) {
  return std::string(sample.language ? to_string(*sample.language) : kNoKey);
}

// Where the message stands that the response answers; the messages' end where there is none.
auto last_user_message(const Question& question) {
  const auto found = std::ranges::find(question.messages.rbegin(), question.messages.rend(),
                                       Role::user, &Message::role);
  return found == question.messages.rend() ? question.messages.end() : found.base() - 1;
}

// The keys that occur: first those of `order`, then the others in byte order, kNoKey last.
std::vector<std::string> ordered_keys(const std::map<std::string, Gathered>& found,
                                      const std::vector<std::string>& order) {
  std::vector<std::string> keys;
  std::set<std::string> rest;
  for (const auto& entry : found) rest.insert(entry.first);
  for (const std::string& key : order) {
    if (rest.erase(key) > 0) keys.push_back(key);
  }
  const bool none = rest.erase(std::string(kNoKey)) > 0;
  keys.insert(keys.end(), rest.begin(), rest.end());
  if (none) keys.emplace_back(kNoKey);
  return keys;
}

}  // namespace

std::vector<const Group*> Report::headline_types() const {
  std::vector<const Group*> out;
  for (const Group& type : by_type) {
    if (type.headline) out.push_back(&type);
  }
  return out;
}

std::vector<const Group*> Report::further_types() const {
  std::vector<const Group*> out;
  for (const Group& type : by_type) {
    if (!type.headline) out.push_back(&type);
  }
  return out;
}

const Cell* Report::cell(std::string_view type, std::string_view language) const {
  const auto it = std::ranges::find_if(
      cells, [&](const Cell& cell) { return cell.type == type && cell.language == language; });
  return it == cells.end() ? nullptr : &*it;
}

namespace {

// How many ended so, and the first of them.
struct FirstUnscored {
  UnscoredCount count;
  RolloutId first{std::numeric_limits<std::int32_t>::max(), 0};
};

}  // namespace

// How each rollout of a sample ended, as the letters of SampleResult, in two bits each: a builder
// may be fed while its run goes on.
class Endings {
 public:
  bool has(std::size_t rollout) const { return at(rollout) != 0; }
  void set(std::size_t rollout, char how) {
    size_ = std::max(size_, rollout + 1);
    bits_.resize((size_ + 3) / 4);
    bits_[rollout / 4] |= static_cast<std::uint8_t>(kLetters.find(how) << (rollout % 4 * 2));
  }
  // Up to the last that ended.
  std::string letters() const {
    std::string out;
    for (std::size_t rollout = 0; rollout < size_; ++rollout) out += kLetters[at(rollout)];
    return out;
  }

 private:
  static constexpr std::string_view kLetters = "-pfu";

  unsigned at(std::size_t rollout) const {
    return rollout < size_ ? bits_[rollout / 4] >> (rollout % 4 * 2) & 3u : 0;
  }

  std::vector<std::uint8_t> bits_;
  std::size_t size_ = 0;
};

struct ReportBuilder::State {
  const std::vector<Sample>& samples;
  ReportOptions options;
  Report report;
  std::vector<SampleTally> tallies;
  InstructionTally instructions{samples};
  std::vector<Endings> endings;
  std::vector<PartlyLabelled> labelled;  // by sample; empty without labels
  std::set<std::size_t> text_labels;     // those that a rollout has had
  std::map<UnscoredReason, FirstUnscored> unscored;
  std::map<UnscoredReason, FirstUnscored> further_unscored;
  std::map<FailureMode, std::map<RolloutId, FailureExample>> failure_examples;
  std::map<std::string, std::vector<Example>> examples;                   // by type
  std::map<std::pair<std::string, std::string>, FailureCounts> failures;  // by type and language
  bool resumable = false;  // a call failed for good: `resume` asks again
  Latencies model_latencies;
  Latencies judge_latencies;
  SeveralJudgesTally judges;

  void count_response(const Response& response);
  void count_judge(const Sample& sample, const JudgementRecord& judgement);
  void count_failure(const RolloutId& id, const ResponseRecord* response,
                     const JudgementRecord& judgement);
  // A decided rollout, for the prediction-powered score.
  void count_label(const RolloutId& id, const ResponseRecord* response, bool passed);
  void keep_example(const RolloutId& id, const ResponseRecord* response,
                    const JudgementRecord& judgement, FailureMode mode);
  void add_failures(const std::vector<std::string>& types,
                    const std::vector<std::string>& languages);
  void count_unscored(const RolloutId& id, UnscoredReason reason, std::string_view message);
};

void ReportBuilder::State::count_response(const Response& response) {
  report.model_tokens.add(response.usage);
  if (response.latency) model_latencies.add(*response.latency);
  ++report.model.finish[std::string(to_string(response.finish))];
  if (response.model.empty()) return;
  auto& served = report.model.served_as;
  const std::string name = safe_excerpt(response.model, kNameBytes);
  ++served[name];
  // An endpoint that names itself anew each time must not fill the memory. Whatever order they come
  // in, the first in byte order stay, and with all their calls.
  if (served.size() > kMaxServedNames) served.erase(std::prev(served.end()));
}

void ReportBuilder::State::count_judge(const Sample& sample, const JudgementRecord& judgement) {
  if (judgement.verdict.outcome != Outcome::unscored) {
    ++report.judge.decided_by[judgement.judge.empty() ? std::string(kNoKey) : judgement.judge];
  }
  judges.add(judgement, is_headline(sample.type));
  for (const JudgeCall& call : judgement.calls) {
    ++report.judge.calls;
    report.judge.unreadable += call.readable ? 0 : 1;
    report.judge_tokens.add(call.usage);
    if (call.latency) judge_latencies.add(*call.latency);
  }
}

void ReportBuilder::State::count_failure(const RolloutId& id, const ResponseRecord* response,
                                         const JudgementRecord& judgement) {
  const Sample& sample = samples[static_cast<std::size_t>(id.sample)];
  const Response* answer =
      response != nullptr && response->response ? &*response->response : nullptr;
  const FailureMode mode = classify_failure(sample, answer, judgement.verdict);
  ++failures[{key_or_none(sample.type), language_key(sample)}][mode];
  std::map<RolloutId, FailureExample>& kept = failure_examples[mode];
  if (kept.size() < kFailureExamples || id < std::prev(kept.end())->first) {
    kept.emplace(id, FailureExample{safe_excerpt(sample.id, kNameBytes), id.rollout,
                                    safe_excerpt(judgement.verdict.reason, kReasonBytes)});
    if (kept.size() > kFailureExamples) kept.erase(std::prev(kept.end()));
  }
  keep_example(id, response, judgement, mode);
}

void ReportBuilder::State::count_label(const RolloutId& id, const ResponseRecord* response,
                                       bool passed) {
  if (options.labels == nullptr) return;
  PartlyLabelled& part = labelled[static_cast<std::size_t>(id.sample)];
  const std::string_view text = response != nullptr && response->response
                                    ? std::string_view(response->response->text)
                                    : std::string_view();
  if (const auto by_text = options.labels->text_label(id, text)) text_labels.insert(*by_text);
  const std::optional<bool> label = options.labels->label(id, text);
  if (!label) {
    ++(passed ? part.other_passed : part.other_failed);
  } else if (*label) {
    ++(passed ? part.labelled.true_pass : part.labelled.false_fail);
  } else {
    ++(passed ? part.labelled.false_pass : part.labelled.true_fail);
  }
}

void ReportBuilder::State::add_failures(const std::vector<std::string>& types,
                                        const std::vector<std::string>& languages) {
  FailureReport& out = report.failures;
  std::map<std::string, FailureCounts> by_language;
  const auto add = [](FailureCounts& sum, const FailureCounts& counts) {
    for (std::size_t i = 0; i < kFailureModes; ++i) sum.by_mode[i] += counts.by_mode[i];
  };
  for (const std::string& type : types) {
    FailureGroup group{type, {}};
    for (const std::string& language : languages) {
      const auto cell = failures.find({type, language});
      if (cell == failures.end()) continue;
      add(group.counts, cell->second);
      out.cells.push_back({type, language, cell->second});
      if (!is_headline(type)) continue;
      add(out.overall, cell->second);
      add(by_language[language], cell->second);
    }
    if (group.counts.total() > 0) out.by_type.push_back(std::move(group));
  }
  for (const std::string& language : languages) {
    const auto found = by_language.find(language);
    if (found != by_language.end()) out.by_language.push_back({language, found->second});
  }
}

void ReportBuilder::State::keep_example(const RolloutId& id, const ResponseRecord* response,
                                        const JudgementRecord& judgement, FailureMode mode) {
  const Sample& sample = samples[static_cast<std::size_t>(id.sample)];
  std::vector<Example>& kept = examples[key_or_none(sample.type)];
  const auto limit = static_cast<std::size_t>(std::max(0, options.examples_per_type));
  // The first failing rollout of the first samples that have one, by sample.
  auto place = std::ranges::lower_bound(kept, id.sample, {}, &Example::index);
  const bool known = place != kept.end() && place->index == id.sample;
  if (known ? place->rollout <= id.rollout : place == kept.end() && kept.size() >= limit) return;

  Example example;
  example.sample = safe_excerpt(sample.id, kNameBytes);
  example.index = id.sample;
  example.rollout = id.rollout;
  example.type = key_or_none(sample.type);
  example.language = language_key(sample);
  const std::vector<Message>& messages = sample.question.messages;
  const auto asked = last_user_message(sample.question);
  const auto earlier = static_cast<std::size_t>(asked - messages.begin());
  for (std::size_t i = 0; i < earlier; ++i) {
    if (earlier > kFirstTurns + kLastTurns && i == kFirstTurns) {
      i = earlier - kLastTurns;
      example.earlier.push_back({"...", fmt::format("{} turns left out", i - kFirstTurns)});
    }
    example.earlier.push_back({std::string(to_string(messages[i].role)),
                               safe_excerpt(messages[i].content, kPromptBytes)});
  }
  if (asked != messages.end()) example.prompt = safe_excerpt(asked->content, kPromptBytes);
  if (response != nullptr && response->response) {
    example.response = safe_excerpt(response->response->text, kResponseBytes);
  }
  example.reason = safe_excerpt(judgement.verdict.reason, kReasonBytes);
  example.judge = safe_excerpt(judgement.judge, kNameBytes);
  example.failure = mode;
  for (const CriterionVerdict& verdict : judgement.verdict.criteria) {
    if (verdict.outcome != Outcome::fail) continue;
    BrokenCriterion broken{safe_excerpt(verdict.id, kNameBytes), "",
                           safe_excerpt(verdict.reason, kReasonBytes)};
    const auto criterion = std::ranges::find(sample.question.rubric, verdict.id, &Criterion::id);
    if (criterion != sample.question.rubric.end()) {
      broken.text = safe_excerpt(criterion->text, kReasonBytes);
    }
    example.broken.push_back(std::move(broken));
  }
  if (known) {
    *place = std::move(example);
    return;
  }
  kept.insert(place, std::move(example));
  if (kept.size() > limit) kept.pop_back();
}

void ReportBuilder::State::count_unscored(const RolloutId& id, UnscoredReason reason,
                                          std::string_view message) {
  const Sample& sample = samples[static_cast<std::size_t>(id.sample)];
  auto& [count, first] = (is_headline(sample.type) ? unscored : further_unscored)[reason];
  ++count.count;
  if (first < id) return;
  first = id;
  count.reason = reason;
  count.sample = safe_excerpt(sample.id, kNameBytes);
  count.message = safe_excerpt(message, kReasonBytes);
}

ReportBuilder::ReportBuilder(const RunInfo& run, const std::vector<Sample>& samples,
                             const ReportOptions& options)
    : state_(new State{.samples = samples, .options = options}) {
  Report& report = state_->report;
  report.run_id = run.id;
  report.run_key = run.key;
  report.tool_version = run.tool_version;
  report.spec = run.spec;
  report.samples = static_cast<std::int64_t>(samples.size());
  report.planned = report.samples * run.spec.rollouts;
  state_->tallies.resize(samples.size());
  state_->endings.resize(samples.size());
  if (options.labels != nullptr) state_->labelled.resize(samples.size());
}

ReportBuilder::~ReportBuilder() = default;

Result<void> ReportBuilder::add(const RolloutId& id, const ResponseRecord* response,
                                const JudgementRecord* judgement) {
  State& state = *state_;
  if (id.sample < 0 || std::cmp_greater_equal(id.sample, state.samples.size()) || id.rollout < 0 ||
      id.rollout >= state.report.spec.rollouts) {
    return fail(
        ErrorKind::corrupt,
        fmt::format("run {}: it holds a record of sample {}, rollout {}, but has {} samples "
                    "with {} rollouts each",
                    state.report.run_id, id.sample, id.rollout, state.samples.size(),
                    state.report.spec.rollouts));
  }
  Endings& endings = state.endings[static_cast<std::size_t>(id.sample)];
  const auto at = static_cast<std::size_t>(id.rollout);
  if (endings.has(at)) {
    return fail(ErrorKind::corrupt, fmt::format("run {}: sample {}, rollout {} comes twice",
                                                state.report.run_id, id.sample, id.rollout));
  }
  if (response != nullptr && response->response) state.count_response(*response->response);

  SampleTally& tally = state.tallies[static_cast<std::size_t>(id.sample)];
  const auto ended = [&](char how) { endings.set(at, how); };
  if (judgement != nullptr) {
    state.instructions.add(static_cast<std::size_t>(id.sample), &judgement->verdict);
    state.count_judge(state.samples[static_cast<std::size_t>(id.sample)], *judgement);
    const Verdict& verdict = judgement->verdict;
    state.count_label(id, response, verdict.outcome == Outcome::pass);
    switch (verdict.outcome) {
      case Outcome::pass:
        ended('p');
        ++tally.passed;
        break;
      case Outcome::fail:
        ended('f');
        ++tally.failed;
        state.count_failure(id, response, *judgement);
        break;
      case Outcome::unscored:
        ended('u');
        ++tally.unscored;
        state.count_unscored(id, verdict.unscored, verdict.reason);
        if (verdict.unscored == UnscoredReason::judge_failed) state.resumable = true;
        break;
    }
  } else if (response != nullptr && response->error) {
    state.instructions.add(static_cast<std::size_t>(id.sample), nullptr);
    state.count_label(id, response, false);
    ended('u');
    ++tally.unscored;
    state.count_unscored(id, UnscoredReason::no_response, response->error->message);
    state.resumable = true;
  }
  return {};
}

std::vector<ClusterCount> ReportBuilder::clusters() const {
  std::vector<ClusterCount> out;
  for (std::size_t i = 0; i < state_->samples.size(); ++i) {
    if (!is_headline(state_->samples[i].type)) continue;
    out.push_back({state_->tallies[i].passed, state_->tallies[i].n()});
  }
  return out;
}

std::vector<ClusterCount> ReportBuilder::clusters(InstructionMetric metric) const {
  return state_->instructions.clusters(metric);
}

Report ReportBuilder::finish() {
  State& state = *state_;
  Report& report = state.report;
  const double level = state.options.level;

  Gathered all;
  Gathered headline;
  std::map<std::string, Gathered> by_type;
  std::map<std::string, Gathered> by_language;
  std::map<std::string, Gathered> by_domain;
  std::map<std::pair<std::string, std::string>, Gathered> cells;
  std::map<std::string, Gathered> languages_found;  // further types' too, for the cells
  for (std::size_t i = 0; i < state.samples.size(); ++i) {
    const Sample& sample = state.samples[i];
    const std::string type = key_or_none(sample.type);
    const std::string language = language_key(sample);
    const auto add_to = [&](Gathered& gathered) {
      gathered.add(state.tallies[i], report.spec.rollouts);
    };
    add_to(all);
    add_to(by_type[type]);
    add_to(cells[{type, language}]);
    add_to(languages_found[language]);
    if (!is_headline(sample.type)) continue;
    add_to(headline);
    add_to(by_language[language]);
    add_to(by_domain[key_or_none(sample.domain)]);
  }
  report.overall = headline.finish(level);
  // What an endpoint failed to do is still to do.
  report.complete = all.counts().pending == 0 && !state.resumable;

  std::vector<std::string> order;
  for (const Language language : kLanguages) order.emplace_back(to_string(language));
  const std::vector<std::string> languages = ordered_keys(languages_found, order);
  for (const std::string& key : ordered_keys(by_language, order)) {
    report.by_language.push_back({key, key, true, by_language[key].finish(level)});
  }

  order.clear();
  for (const InstructionType& type : instruction_types()) order.push_back(type.code);
  const std::vector<std::string> types = ordered_keys(by_type, order);
  for (const std::string& code : types) {
    const InstructionType* type = find_instruction_type(code);
    report.by_type.push_back({code, type != nullptr ? type->name : code, is_headline(code),
                              by_type[code].finish(level)});
    for (const std::string& language : languages) {
      const auto cell = cells.find({code, language});
      if (cell == cells.end()) continue;
      report.cells.push_back({code, language, cell->second.finish(level)});
    }
    std::ranges::move(state.examples[code], std::back_inserter(report.examples));
  }

  const bool domains_known = by_domain.size() > 1 || !by_domain.contains(std::string(kNoKey));
  for (const std::string& key : ordered_keys(by_domain, domains())) {
    if (!domains_known) break;
    report.by_domain.push_back({key, key, true, by_domain[key].finish(level)});
  }

  state.add_failures(types, languages);
  for (auto& [mode, kept] : state.failure_examples) {
    std::ranges::move(kept | std::views::values,
                      std::back_inserter(report.failures.examples[mode]));
  }
  for (std::size_t i = 0; i < state.samples.size(); ++i) {
    const Sample& sample = state.samples[i];
    report.sample_results.push_back(
        {sample.id, state.options.comparable ? sample_hash(sample) : std::string(), sample.pair,
         key_or_none(sample.type), language_key(sample), is_headline(sample.type),
         state.tallies[i].passed, state.tallies[i].n(), state.endings[i].letters()});
  }
  const std::vector<std::int64_t> at =
      state.options.best_of.empty() ? default_best_of(report.spec.rollouts) : state.options.best_of;
  if (!at.empty()) report.best_of = best_of_report(report.sample_results, at, level);
  report.language_gap = language_gap(report.sample_results, level);

  report.instructions = state.instructions.finish(report.spec.rollouts, level);
  for (auto& [reason, found] : state.unscored) {
    report.unscored.push_back(std::move(found.count));
  }
  for (auto& [reason, found] : state.further_unscored) {
    report.further_unscored.push_back(std::move(found.count));
  }
  report.model_time = state.model_latencies.summary();
  report.judge_time = state.judge_latencies.summary();
  report.judges = state.judges.finish(level);
  report.signatures = signatures_of(report);
  if (state.options.calibration != nullptr) {
    report.corrected = correct_by_calibration(report, *state.options.calibration, level);
  }
  if (state.options.labels != nullptr) {
    report.powered = correct_by_labels(
        report, state.labelled, *state.options.labels,
        static_cast<std::int64_t>(state.options.labels->text_labels() - state.text_labels.size()),
        level);
  }
  return std::move(report);
}

}  // namespace iie
