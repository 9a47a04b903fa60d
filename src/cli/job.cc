#include "cli/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/string_util.h"
#include "cli/demonstrations.h"
#include "cli/endpoints.h"
#include "cli/stored_responses.h"
#include "core/twin.h"
#include "dataset/catalog.h"
#include "dataset/select.h"
#include "judge/judge_spec.h"
#include "judge/llm_judge.h"
#include "provider/model_spec.h"
#include "rules/rule.h"

namespace iie {
namespace {

// The paper's protocol: its published cells are multiples of 1/(6n).
constexpr int kPaperRollouts = 6;

Result<Selection> selection_of(const SelectionOptions& options) {
  Selection selection;
  selection.types = options.types;
  selection.languages = options.languages;
  selection.ids = options.ids;
  if (options.limit) selection.limit = static_cast<std::size_t>(*options.limit);
  return selection;
}

Result<RecordedResponses> read_recorded(const std::string& file, const Dataset& dataset,
                                        const ResponsesOptions& options) {
  if (file == kDemonstrations) return demonstrations(dataset, options);
  return load_responses(file, dataset, options);
}

// Where a dataset's samples stand in its file, by id.
using Places = std::unordered_map<std::string_view, std::string_view>;

Places places_of(const Dataset& dataset) {
  Places places;
  for (std::size_t i = 0; i < dataset.places.size(); ++i) {
    places.emplace(dataset.samples[i].id, dataset.places[i]);
  }
  return places;
}

// "data.jsonl:12: sample 1001"
std::string name_sample(const Sample& sample, const Places& places) {
  const auto place = places.find(sample.id);
  return fmt::format("{}{}sample {}", place == places.end() ? "" : place->second,
                     place == places.end() ? "" : ": ", one_line(sample.id, 80));
}

// Restricts recorded responses to `samples` and settles the number of rollouts: the one asked for,
// else what every sample has.
Result<void> match_recorded(Job& job, const Places& places, std::optional<std::int64_t> rollouts,
                            bool allow_missing) {
  RecordedResponses& recorded = *job.recorded;
  std::map<std::string, int> have;  // rollouts 0 ... n-1 without a gap
  for (const RecordedResponse& record : recorded.records) {
    int& count = have[record.sample_id];
    if (record.rollout != count) {
      return fail(
          ErrorKind::bad_input,
          fmt::format("{}: sample '{}' has rollout {} but not {}; rollouts count from 0",
                      recorded.name, one_line(record.sample_id, 80), record.rollout, count));
    }
    ++count;
  }
  int most = 0;
  for (const Sample& sample : job.samples) most = std::max(most, have[sample.id]);
  const int wanted = rollouts ? static_cast<int>(*rollouts) : std::max(1, most);

  std::vector<const Sample*> missing;
  for (const Sample& sample : job.samples) {
    if (have[sample.id] < wanted) missing.push_back(&sample);
  }
  if (!missing.empty() && !allow_missing) {
    const Sample& first = *missing.front();
    return fail(
        ErrorKind::bad_input,
        fmt::format("{} lacks {} for {} of {} samples (first: {}, which has {}); "
                    "--allow-missing scores the samples that have them all",
                    recorded.name, wanted == 1 ? "a response" : fmt::format("{} rollouts", wanted),
                    missing.size(), job.samples.size(), name_sample(first, places),
                    have[first.id]));
  }
  job.spec.left_out = static_cast<std::int64_t>(missing.size());
  for (const Sample* sample : missing) {
    if (job.spec.left_out_first.size() == kLeftOutNamed) break;
    job.spec.left_out_first.push_back(one_line(sample->id, 80));
  }
  std::erase_if(job.samples, [&](const Sample& sample) { return have[sample.id] < wanted; });
  if (job.samples.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} answers none of the selected samples", recorded.name));
  }
  job.spec.rollouts = wanted;
  return {};
}

// The records that the run uses, whatever else the file holds: their hash is in its key.
void keep_used(Job& job) {
  std::set<std::string_view> ids;
  for (const Sample& sample : job.samples) ids.insert(sample.id);
  std::erase_if(job.recorded->records, [&](const RecordedResponse& record) {
    return record.rollout >= job.spec.rollouts || !ids.contains(record.sample_id);
  });
  job.recorded->hash = responses_hash(job.recorded->records);
}

// The dataset, the selection and, for a replay, its responses.
Result<Job> job_with_samples(const SelectionOptions& options, const ModelSpec& model,
                             const std::string& model_in_file, std::optional<std::int64_t> rollouts,
                             bool allow_missing) {
  Job job;
  IIE_TRY(Dataset dataset, open_dataset(options.dataset));
  IIE_TRY(const Selection selection, selection_of(options));
  IIE_TRY(job.samples, select(dataset, selection));
  if (options.twins) {
    if (append_twins(job.samples) == 0) {
      return fail(ErrorKind::bad_input,
                  fmt::format("--twins: none of the selected samples of {} has a twin",
                              one_line(dataset.name, 80)));
    }
    append_twins(dataset.samples);  // so that recorded responses may name them
  }
  const Places places = places_of(dataset);
  IIE_CHECK_OK(validate_checks(job.samples,
                               [&](const Sample& sample) { return name_sample(sample, places); }));
  job.spec.dataset = dataset.name;
  job.spec.dataset_format = dataset.format;
  job.spec.rollouts = static_cast<int>(rollouts.value_or(1));
  if (model.provider == "replay") {
    IIE_TRY(job.recorded, read_recorded(model.name, dataset,
                                        {.model = model_in_file, .uneven = rollouts.has_value()}));
    IIE_CHECK_OK(match_recorded(job, places, rollouts, allow_missing));
    keep_used(job);
    job.spec.responses_hash = job.recorded->hash;
    job.spec.responses_model = model_in_file;
    if (model.name != kDemonstrations) {
      job.spec.responses_file =
          model.name == "-" ? "-" : std::filesystem::absolute(model.name).string();
    }
    std::string name =
        model.name == "-" ? "stdin" : std::filesystem::path(model.name).stem().string();
    if (!model_in_file.empty()) name += ':' + model_in_file;
    job.spec.model = "replay:" + name;
  } else {
    job.spec.model = model.to_string();
  }
  // What was selected stands in the dataset's order, so as many samples are all of them.
  const bool whole = !options.twins && job.samples.size() == dataset.samples.size();
  job.spec.dataset_hash = whole ? dataset.hash : dataset_hash(job.samples);
  return job;
}

}  // namespace

Result<void> settle_judge(Job& job, const JudgeOptions& options, const SharedEndpoint& shared,
                          const Environment& environment) {
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(options.judge, job.profiles->names()));
  job.spec.judge = judge.to_string();
  if (judge.has_llm()) {
    IIE_TRY(job.judges, settle_judges(judge, options, shared, job.samples, *job.profiles,
                                      environment, job.spec));
    return {};
  }
  // What would silently do nothing.
  for (const auto& [flag, value] : {std::pair("--judge-reasoning", &options.reasoning),
                                    std::pair("--judge-prompts", &options.prompts)}) {
    if (!value->empty()) {
      return fail(ErrorKind::usage, fmt::format("{} needs a judge that is a model", flag));
    }
  }
  job.spec.judge_cells = rule_judge_cells(job.samples, job.spec.judge);
  return {};
}

Result<Job> job_from(const RunOptions& options, const Environment& environment) {
  if (options.model.empty()) {
    return fail(ErrorKind::usage,
                "--model is missing: openai:NAME, or replay:demonstrations to look around");
  }
  IIE_TRY(auto profiles, profiles_in_force(options.calls.providers, environment));
  IIE_TRY(const ModelSpec model, parse_model_spec(options.model, *profiles));
  IIE_TRY(const auto reasoning, reasoning_option(options.reasoning, "--reasoning"));
  std::optional<std::int64_t> rollouts = options.rollouts;
  if (options.protocol == "paper") {
    if (options.system) {
      return fail(ErrorKind::usage, "--protocol paper has no system prompt: leave --system out");
    }
    if (rollouts.value_or(kPaperRollouts) != kPaperRollouts) {
      return fail(
          ErrorKind::usage,
          fmt::format("--protocol paper is {} rollouts: leave --rollouts out", kPaperRollouts));
    }
    rollouts = kPaperRollouts;
  }
  IIE_TRY(Job job, job_with_samples(options.selection, model, "", rollouts, options.allow_missing));
  job.profiles = std::move(profiles);
  job.spec.protocol = options.protocol;
  if (job.recorded && reasoning) {
    return fail(ErrorKind::usage, "--reasoning: recorded responses are asked nothing");
  }
  if (!job.recorded) {
    job.spec.params = {.temperature = options.temperature,
                       .top_p = options.top_p,
                       .max_tokens = options.max_tokens,
                       .seed = options.seed,
                       .system_prompt = options.system,
                       .reasoning = reasoning};
    IIE_TRY(Target target, find_target(*job.profiles, model.provider, model.name, options.base_url,
                                       KeyUse::model, environment));
    IIE_CHECK_OK(settle_params(target.profile, job.spec.params));
    job.spec.model_endpoint = target.base_url;
    job.spec.model_profile = target.user_hash;
    job.model_key = std::move(target.key);
    job.model_profile = std::move(target.profile);
  }
  IIE_CHECK_OK(settle_judge(job, options.judge, {options.base_url, model.provider}, environment));
  return job;
}

Result<Job> job_from(const ScoreOptions& options, const Environment& environment) {
  IIE_TRY(Job job,
          job_with_samples(options.run.selection, {"replay", options.responses}, options.model,
                           options.run.rollouts, options.run.allow_missing));
  IIE_TRY(job.profiles, profiles_in_force(options.run.calls.providers, environment));
  IIE_CHECK_OK(settle_judge(job, options.run.judge, {options.run.base_url, "replay"}, environment));
  return job;
}

Result<Job> job_from(const ResumeOptions& options, const RunInfo& run, std::vector<Sample> samples,
                     Store& store, const Environment& environment) {
  Job job;
  job.spec = run.spec;
  job.samples = std::move(samples);
  IIE_TRY(job.profiles, profiles_in_force(options.calls.providers, environment));
  IIE_TRY(const ModelSpec model, parse_model_spec(run.spec.model, *job.profiles));
  if (!run.spec.rejudged.empty()) {
    IIE_TRY(const RunInfo source, store.find_run(run.spec.rejudged));
    job.stored = std::make_shared<StoredResponses>(store, source, job.samples);
  } else if (model.provider == "replay") {
    std::string file = options.responses.empty() ? run.spec.responses_file : options.responses;
    if (file.empty()) file = kDemonstrations;
    const Dataset dataset{run.spec.dataset, run.spec.dataset_format, run.spec.dataset_hash,
                          job.samples};
    auto recorded = read_recorded(
        file, dataset, {.model = run.spec.responses_model, .skip_unmatched = true, .uneven = true});
    if (!recorded) {
      recorded.error().message += "; --responses says where the recorded responses are now";
      return std::unexpected(std::move(recorded).error());
    }
    job.recorded = *std::move(recorded);
    keep_used(job);
    if (job.recorded->hash != run.spec.responses_hash) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{} does not hold the responses that run {} began with",
                              job.recorded->name, run.id));
    }
  } else {
    IIE_TRY(Target target, find_target(*job.profiles, model.provider, model.name,
                                       run.spec.model_endpoint, KeyUse::model, environment));
    IIE_CHECK_OK(check_same_profile(target.user_hash, run.spec.model_profile, model.provider));
    job.model_key = std::move(target.key);
    job.model_profile = std::move(target.profile);
  }
  IIE_TRY(const JudgeSpec judge, parse_judge_spec(job.spec.judge, job.profiles->names()));
  if (judge.has_llm()) {
    IIE_TRY(job.judges, stored_judges(judge, options.judge_prompts, job.samples, *job.profiles,
                                      environment, job.spec));
  }
  return job;
}

}  // namespace iie
