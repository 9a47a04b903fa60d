// `calibrate`: judges measured against people's labels. Each way of judging is a run of its own in
// the store, so that nothing is judged twice; what comes out is a table, a calibration file that
// reports correct scores with, and a judge matrix chosen by cross-validation.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/agreement.h"
#include "analysis/judge_choice.h"
#include "analysis/judge_error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/string_util.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/judging_runs.h"
#include "cli/output.h"
#include "cli/runner.h"
#include "cli/stores.h"
#include "core/calibration.h"
#include "dataset/catalog.h"
#include "dataset/labels.h"
#include "dataset/select.h"
#include "judge/judge_spec.h"
#include "judge/matrix.h"
#include "report/calibration_view.h"

namespace iie {
namespace {

// Resamples of a kappa's interval.
constexpr int kRounds = 1'000;
constexpr std::size_t kNamed = 5;

// One way of judging: the levels of the three levers, or a --judge as it stands.
struct Candidate {
  std::string name;
  std::string spec;   // --judge
  std::string label;  // of that matrix, in the run's spec
  std::string yaml;   // a matrix of one cell in its place; empty: as `spec` says
  std::string cell;   // what the matrix that is written says of it: "judge: ..., prompts: ..."
  std::size_t prompts = 0;
  bool system = true;
};

std::string yaml_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);  // a JSON string is a YAML one
  return out;
}

// A prompts file by its full name: the matrix that is written may stand elsewhere.
std::string prompts_name(const std::string& name) {
  if (name == "dataset" || name == "open" || name == "criteria") return name;
  return std::filesystem::absolute(name).string();
}

// The judges as given; with --ablation each model under every prompt set, without and with its
// system prompt.
Result<std::vector<Candidate>> candidates_of(const CalibrateOptions& options,
                                             const Profiles& profiles) {
  std::vector<Candidate> out;
  for (const std::string& text : options.judges) {
    IIE_TRY(const JudgeSpec judge, parse_judge_spec(text, profiles.names()));
    const std::string spec = judge.to_string();
    if (!options.ablation) {
      Candidate& one = out.emplace_back(Candidate{spec, spec});
      if (judge.kind == JudgeSpec::Kind::llm && judge.one_model()) {
        one.cell = fmt::format("judge: {}, prompts: dataset", yaml_string(judge.llm()));
      } else if (judge.kind == JudgeSpec::Kind::llm && !judge.matrix_model.empty() &&
                 judge.matrix != "card" && judge.matrix.find('.') == std::string::npos) {
        one.cell =
            fmt::format("judge: {}, prompts: {}", yaml_string(judge.matrix_model), judge.matrix);
      } else if (judge.kind == JudgeSpec::Kind::llm && !judge.panel.empty()) {
        std::vector<std::string> members;
        for (const std::string& member : judge.panel) members.push_back(yaml_string(member));
        one.cell = fmt::format("panel: [{}], rule: {}", join(members, ", "), to_string(judge.rule));
        if (!judge.tie_breaker.empty()) {
          one.cell += ", tie_breaker: " + yaml_string(judge.tie_breaker);
        }
      }
      continue;
    }
    if (judge.kind != JudgeSpec::Kind::llm || !judge.one_model()) {
      return fail(ErrorKind::usage, fmt::format("--ablation varies models: '{}' is no single model",
                                                one_line(text, 60)));
    }
    for (std::size_t i = 0; i < options.prompts.size(); ++i) {
      for (const bool system : {false, true}) {
        Candidate& one = out.emplace_back();
        one.name = fmt::format("{}, {} prompts{}", spec, options.prompts[i],
                               system ? "" : ", no system prompt");
        one.spec = spec;
        one.label = options.prompts[i] + (system ? "" : " (no system prompt)");
        one.cell = fmt::format("judge: {}, prompts: {}{}", yaml_string(spec),
                               yaml_string(prompts_name(options.prompts[i])),
                               system ? "" : ", system: none");
        one.yaml = fmt::format("schema: 1\ncells:\n  - {{type: any, {}}}\n", one.cell);
        one.prompts = i;
        one.system = system;
      }
    }
  }
  return out;
}

// The labelled responses as samples of their own, each with its recorded response.
struct Labelled {
  std::vector<Sample> samples;
  RecordedResponses recorded;
  std::vector<LabelledItem> items;  // without verdicts yet
  std::vector<std::string> tied;
  std::vector<std::vector<JudgeVote>> annotators;  // by response, in Labels::annotators' order
};

Labelled labelled_of(const Labels& labels, const Dataset& dataset,
                     const std::set<std::string>& ids) {
  Labelled out;
  std::map<std::size_t, int> numbers;
  for (const LabelledResponse& response : labels.responses) {
    const Sample& question = dataset.samples[response.sample];
    if (!ids.contains(question.id)) continue;
    auto& votes = out.annotators.emplace_back();
    for (const std::string& annotator : labels.annotators) {
      const auto said = response.labels.find(annotator);
      votes.push_back(said == response.labels.end() ? JudgeVote() : JudgeVote(said->second));
    }
    const int number = numbers[response.sample]++;
    const std::optional<bool> label = response.label();
    if (!label) {
      out.tied.push_back(fmt::format("{} (response {})", question.id, number + 1));
      continue;
    }
    Sample sample = question;
    sample.id = fmt::format("{}#{}", question.id, number + 1);
    RecordedResponse record;
    record.sample = out.samples.size();
    record.sample_id = sample.id;
    record.response.text = response.response;
    record.response.finish = FinishReason::stop;
    out.recorded.records.push_back(std::move(record));
    out.items.push_back(
        {question.type, question.pair.empty() ? question.id : question.pair, *label, {}});
    out.samples.push_back(std::move(sample));
  }
  out.recorded.name = labels.name;
  out.recorded.rollouts = 1;
  out.recorded.hash = responses_hash(out.recorded.records);
  return out;
}

Result<Job> job_of(const Candidate& candidate, const Labelled& labelled, const Dataset& dataset,
                   const CalibrateOptions& options, const std::shared_ptr<const Profiles>& profiles,
                   const Environment& environment) {
  Job job;
  job.samples = labelled.samples;
  job.recorded = labelled.recorded;
  job.profiles = profiles;
  job.spec.model =
      "replay:" + std::filesystem::path(labelled.recorded.name).filename().string() + " (labels)";
  job.spec.dataset = dataset.name;
  job.spec.dataset_format = dataset.format;
  job.spec.dataset_hash = dataset_hash(job.samples);
  job.spec.responses_hash = labelled.recorded.hash;
  JudgeOptions judging = options.judging;
  judging.judge = candidate.spec;
  if (candidate.yaml.empty()) {
    IIE_CHECK_OK(settle_judge(job, judging, {options.base_url, "replay"}, environment));
    return job;
  }
  IIE_TRY(JudgeMatrix matrix, load_matrix(candidate.yaml, candidate.name, "",
                                          [](const std::string& name) { return read_file(name); }));
  JudgeSpec judge;
  judge.kind = JudgeSpec::Kind::llm;
  judge.matrix = candidate.label;
  judge.matrix_model = candidate.spec;
  job.spec.judge = judge.to_string();
  IIE_TRY(job.judges, settle_matrix(std::move(matrix), judge, judging, {options.base_url, "replay"},
                                    job.samples, *profiles, environment, job.spec));
  return job;
}

struct Measured {
  std::vector<JudgeVote> votes;  // by labelled response
  MeasuredJudge judge;
  std::vector<JudgeCell> cells;
};

Result<Measured> read_verdicts(Store& store, const RunInfo& run, const Candidate& candidate,
                               std::size_t responses, const PriceList& prices) {
  Measured out;
  out.votes.resize(responses);
  out.judge.name = candidate.name;
  out.judge.run = run.id;
  out.cells = run.spec.judge_cells;
  IIE_TRY(const std::vector<JudgeEndpoint> endpoints, judge_endpoints(run.spec));
  std::vector<std::int64_t> latencies;
  std::optional<double> cost = 0.0;
  IIE_CHECK_OK(store.for_each_rollout(run, [&](const StoredRollout& rollout) {
    const auto place = static_cast<std::size_t>(rollout.response.id.sample);
    if (!rollout.judgement || place >= responses) return true;
    const Verdict& verdict = rollout.judgement->verdict;
    if (verdict.outcome != Outcome::unscored) out.votes[place] = verdict.outcome == Outcome::pass;
    for (const JudgeCall& call : rollout.judgement->calls) {
      ++out.judge.calls;
      if (call.latency) latencies.push_back(call.latency->count());
      const auto model = std::ranges::find_if(endpoints, [&](const JudgeEndpoint& endpoint) {
        return endpoints.size() == 1 || endpoint.model == call.judge;
      });
      const auto price =
          model == endpoints.end() ? std::nullopt : prices.find(model->model, model->base_url);
      const auto one = price && price->currency == kDollars
                           ? cost_of(call.usage, *price, call_time(call.answered, call.latency))
                           : std::nullopt;
      cost = cost && one ? std::optional(*cost + *one) : std::nullopt;
    }
    return true;
  }));
  out.judge.cost = cost;
  if (!latencies.empty()) {
    const auto middle = latencies.begin() + std::ssize(latencies) / 2;
    std::ranges::nth_element(latencies, middle);
    out.judge.median_latency_ms = *middle;
  }
  return out;
}

void count(JudgeCounts& counts, bool label, bool verdict) {
  if (label) {
    ++(verdict ? counts.true_pass : counts.false_fail);
  } else {
    ++(verdict ? counts.false_pass : counts.true_fail);
  }
}

std::optional<double> kappa_of(const JudgeCounts& counts) {
  return cohen_kappa(
      {{counts.true_pass, counts.false_fail}, {counts.false_pass, counts.true_fail}});
}

// Quantiles of kappa over resampled clusters (Efron and Tibshirani, as analysis/rank.h).
std::optional<CorrelationInterval> kappa_interval(const std::vector<JudgeCounts>& clusters) {
  if (clusters.size() < 2) return std::nullopt;
  Rng rng(1);
  std::vector<double> kappas;
  for (int round = 0; round < kRounds; ++round) {
    JudgeCounts drawn;
    for (std::size_t i = 0; i < clusters.size(); ++i) drawn += clusters[rng.below(clusters.size())];
    if (const auto kappa = kappa_of(drawn)) kappas.push_back(*kappa);
  }
  if (2 * kappas.size() < kRounds) return std::nullopt;
  std::ranges::sort(kappas);
  const auto at = [&](double share) {
    return kappas[static_cast<std::size_t>(share * static_cast<double>(kappas.size() - 1))];
  };
  return CorrelationInterval{at(0.025), at(0.975), kDefaultLevel, std::ssize(kappas)};
}

using CellKey = std::pair<std::string, std::optional<Language>>;

// One cell's counts, or with `key` null those of all.
MeasuredCell measure(const Labelled& labelled, const std::vector<JudgeVote>& votes,
                     const CellKey* key, std::int64_t least) {
  MeasuredCell cell;
  cell.all = key == nullptr;
  if (key != nullptr) std::tie(cell.type, cell.language) = *key;
  std::map<std::string, JudgeCounts> clusters;
  for (std::size_t i = 0; i < labelled.items.size(); ++i) {
    const Sample& sample = labelled.samples[i];
    if (key != nullptr && CellKey(sample.type, sample.language) != *key) continue;
    if (!votes[i]) {
      ++cell.unscored;
      continue;
    }
    count(cell.counts, labelled.items[i].label, *votes[i]);
    count(clusters[labelled.items[i].cluster], labelled.items[i].label, *votes[i]);
  }
  cell.kappa = kappa_of(cell.counts);
  std::vector<JudgeCounts> list;
  for (const auto& [cluster, counts] : clusters) list.push_back(counts);
  if (cell.kappa) cell.kappa_interval = kappa_interval(list);
  if (cell.counts.passes() == 0) cell.warnings.emplace_back("no sensitivity: no labelled pass");
  if (cell.counts.fails() == 0) cell.warnings.emplace_back("no specificity: no labelled fail");
  if (cell.counts.n() < least) {
    cell.warnings.push_back(fmt::format("only {} labels", cell.counts.n()));
  }
  return cell;
}

std::vector<CalibrationCell> calibration_cells(const Labelled& labelled, const Measured& measured) {
  std::vector<CalibrationCell> out;
  for (const JudgeCell& judge : measured.cells) {
    CalibrationCell cell;
    cell.type = judge.type;
    cell.language = judge.language;
    cell.judge = measured.judge.name;
    cell.fingerprint = judge.fingerprint;
    std::set<std::string> samples;
    for (std::size_t i = 0; i < labelled.items.size(); ++i) {
      const Sample& sample = labelled.samples[i];
      if (sample.type != judge.type || sample.language != judge.language) continue;
      samples.insert(sample.id.substr(0, sample.id.rfind('#')));
      const bool label = labelled.items[i].label;
      const JudgeVote vote = measured.votes[i];
      if (!vote) {
        ++(label ? cell.unscored_pass : cell.unscored_fail);
      } else if (label) {
        ++(*vote ? cell.true_pass : cell.false_fail);
      } else {
        ++(*vote ? cell.false_pass : cell.true_fail);
      }
    }
    cell.samples = std::ssize(samples);
    out.push_back(std::move(cell));
  }
  return out;
}

struct Step {
  std::string name;
  std::vector<std::size_t> candidates;
  bool per_type = false;
};

// Each step may choose from all that the step before could, and more.
std::vector<Step> steps_of(const std::vector<Candidate>& candidates, bool ablation) {
  const auto pick = [&](const auto& take) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (take(candidates[i])) out.push_back(i);
    }
    return out;
  };
  const auto all = pick([](const Candidate&) { return true; });
  if (!ablation) return {{"single judge", all, false}, {"judge per type", all, true}};
  const auto models = pick([](const Candidate& c) { return c.prompts == 0 && !c.system; });
  const auto templates = pick([](const Candidate& c) { return !c.system; });
  return {{"single judge", models, false},
          {"+ model per type", models, true},
          {"+ template per type", templates, true},
          {"+ system prompt", all, true}};
}

std::vector<AblationStep> ablate(const std::vector<Candidate>& candidates,
                                 const std::vector<LabelledItem>& items,
                                 const CalibrateOptions& options, std::vector<std::string>& thin,
                                 std::map<std::string, std::size_t>& chosen) {
  ChoiceOptions choosing;
  choosing.folds = static_cast<int>(options.folds);
  choosing.seed = static_cast<std::uint64_t>(options.seed);
  std::vector<AblationStep> out;
  std::vector<bool> before;
  for (const Step& step : steps_of(candidates, options.ablation)) {
    JudgeChoice choice = choose_judge(items, step.candidates, step.per_type, choosing);
    AblationStep& row = out.emplace_back();
    row.name = step.name;
    row.accuracy = choice.accuracy();
    for (const auto& [type, candidate] : choice.chosen) {
      row.chosen.emplace(type, candidates[candidate].name);
    }
    if (!before.empty()) {
      std::map<std::string, PairedCluster> clusters;
      for (std::size_t i = 0; i < items.size(); ++i) {
        PairedCluster& cluster = clusters[items[i].cluster];
        ++cluster.a.n;
        ++cluster.b.n;
        cluster.a.passed += before[i];
        cluster.b.passed += choice.right[i];
      }
      std::vector<PairedCluster> list;
      for (const auto& [name, cluster] : clusters) list.push_back(cluster);
      row.gain = compare_paired(list);
    }
    before = choice.right;
    thin = choice.thin;
    chosen = choice.chosen;
  }
  return out;
}

Result<void> write_matrix(const std::string& file, const std::vector<Candidate>& candidates,
                          const std::map<std::string, std::size_t>& chosen, const Labels& labels) {
  std::string yaml =
      fmt::format("# Chosen by `inverse-ifeval calibrate` on {} (SHA-256 {}).\nschema: 1\ncells:\n",
                  one_line(labels.name, 120), labels.hash);
  for (const auto& [type, candidate] : chosen) {
    yaml += fmt::format("  - {{type: {}, {}}}\n", type.empty() ? "any" : type,
                        candidates[candidate].cell);
  }
  return write_file(file, yaml);
}

}  // namespace

Result<int> cmd_calibrate(const CalibrateOptions& options) {
  if (options.judges.empty()) return fail(ErrorKind::usage, "name a judge: --judge openai:NAME");
  IIE_TRY(const Environment environment, load_environment(options.control));
  IIE_TRY(const auto profiles, profiles_in_force(options.calls.providers, environment));
  IIE_TRY(const PriceList prices, PriceList::load(options.control.prices));
  IIE_TRY(const Dataset dataset, open_dataset(options.dataset));
  IIE_TRY(const Labels labels, load_labels(options.labels, dataset));
  Selection selection;
  selection.types = options.types;
  selection.languages = options.languages;
  IIE_TRY(const std::vector<Sample> selected, select(dataset, selection));
  std::set<std::string> ids;
  for (const Sample& sample : selected) ids.insert(sample.id);
  Labelled labelled = labelled_of(labels, dataset, ids);
  if (labelled.items.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: no label is left of the selected types and languages{}",
                            labels.name, labelled.tied.empty() ? "" : " (others are ties)"));
  }
  IIE_TRY(const std::vector<Candidate> candidates, candidates_of(options, *profiles));
  if (!options.matrix_out.empty()) {
    for (const Candidate& candidate : candidates) {
      if (!candidate.cell.empty()) continue;
      return fail(ErrorKind::usage,
                  fmt::format("--matrix-out: '{}' cannot be a cell of a matrix; name models, "
                              "presets with a model, or panels",
                              one_line(candidate.name, 80)));
    }
  }
  std::vector<Job> jobs;
  for (const Candidate& candidate : candidates) {
    IIE_TRY(jobs.emplace_back(),
            job_of(candidate, labelled, dataset, options, profiles, environment));
  }

  const std::string path = store_path(options.store, environment);
  const RunnerOptions runner{.calls = options.calls,
                             .control = options.control,
                             .prices = prices,
                             .store = path,
                             .output = options.output};
  std::vector<JudgingRun> wanted;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    wanted.push_back(
        {&jobs[i], fmt::format("{} on {} labelled responses", one_line(candidates[i].name, 100),
                               jobs[i].samples.size())});
  }
  if (options.control.dry_run) {
    IIE_TRY(const std::unique_ptr<Store> begun, open_store_if_there(path));
    return dry_run_all(wanted, begun.get(), runner, options.fresh);
  }
  IIE_CHECK_OK(check_max_cost(wanted, runner));
  IIE_TRY(const std::unique_ptr<Store> store, open_store_to_write(path));
  IIE_TRY(const JudgedRuns judged, judge_all(wanted, *store, runner, options.fresh));
  if (judged.stopped) return kExitIncomplete;
  std::vector<Measured> measured;
  for (std::size_t i = 0; i < judged.runs.size(); ++i) {
    RunInfo run = judged.runs[i];
    // What a run of an earlier version does not say of its cells is said by this one.
    if (run.spec.judge_cells.empty()) run.spec.judge_cells = jobs[i].spec.judge_cells;
    IIE_TRY(measured.emplace_back(),
            read_verdicts(*store, run, candidates[i], labelled.items.size(), prices));
  }

  CalibrationView view;
  view.labels = labels.name;
  view.responses = std::ssize(labelled.items);
  view.ties = std::ssize(labelled.tied);
  view.tied.assign(
      labelled.tied.begin(),
      labelled.tied.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, labelled.tied.size())));
  Calibration calibration;
  calibration.tool_version = tool_version();
  calibration.labels = labels.name;
  calibration.labels_hash = labels.hash;
  calibration.annotators = std::ssize(labels.annotators);
  for (Measured& each : measured) {
    each.judge.cells.push_back(measure(labelled, each.votes, nullptr, options.least));
    for (const JudgeCell& cell : each.cells) {
      const CellKey key{cell.type, cell.language};
      each.judge.cells.push_back(measure(labelled, each.votes, &key, options.least));
    }
    for (CalibrationCell& cell : calibration_cells(labelled, each)) {
      // The same judge under two names is one judge.
      if (calibration.find(cell.type, cell.language, cell.fingerprint) != nullptr) continue;
      calibration.cells.push_back(std::move(cell));
    }
    view.judges.push_back(each.judge);
    for (std::size_t i = 0; i < labelled.items.size(); ++i) {
      labelled.items[i].verdicts.push_back(each.votes[i]);
    }
  }
  std::map<std::string, std::size_t> chosen;
  if (candidates.size() > 1) {
    view.steps = ablate(candidates, labelled.items, options, view.thin, chosen);
  } else {
    for (const LabelledItem& item : labelled.items) chosen.emplace(item.type, 0);
  }
  view.annotators = labels.annotators;
  if (labels.annotators.size() > 1) {
    view.annotator_agreement = judge_agreement(labelled.annotators, labels.annotators.size());
  }
  if (!options.calibration_out.empty()) {
    IIE_CHECK_OK(write_file(options.calibration_out, calibration_to_json(calibration)));
  }
  if (!options.matrix_out.empty()) {
    IIE_CHECK_OK(write_matrix(options.matrix_out, candidates, chosen, labels));
  }
  if (options.output.format == "json") {
    print(calibration_view_json(view));
  } else if (options.output.format == "md") {
    print(calibration_markdown(view));
  } else if (options.output.format == "csv") {
    print(calibration_csv(view));
  } else {
    print(calibration_text(view));
  }
  return judged.complete ? kExitOk : kExitIncomplete;
}

}  // namespace iie
