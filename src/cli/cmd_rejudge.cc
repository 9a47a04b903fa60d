// `rejudge`: the responses of stored runs under other judges, without generating anything. Each
// judge's verdicts are a run of their own in the store, so every other command reads them, and a
// rejudge that was stopped goes on where it stopped.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/string_util.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/judging_runs.h"
#include "cli/output.h"
#include "cli/runner.h"
#include "cli/stored_responses.h"
#include "cli/stores.h"
#include "report/judges_view.h"
#include "report/plain_text.h"

namespace iie {
namespace {

// One stored run and what the judges made of it.
struct Rejudged {
  RunInfo source;
  std::vector<Sample> samples;
  std::vector<RunInfo> runs;  // by judge
};

std::vector<std::string> judges_of(const RejudgeOptions& options) {
  std::vector<std::string> judges = options.judges;
  judges.insert(judges.end(), options.judge.begin(), options.judge.end());
  return judges;
}

Result<Job> job_of(const Rejudged& work, const StoredSummary& summary, const std::string& judge,
                   const RejudgeOptions& options, Store& store,
                   const std::shared_ptr<const Profiles>& profiles,
                   const Environment& environment) {
  Job job;
  job.spec = work.source.spec;
  job.samples = work.samples;
  job.profiles = profiles;
  job.spec.model_endpoint.clear();  // nothing is asked for there
  job.spec.model_profile.clear();
  job.spec.responses_hash = summary.hash;
  job.spec.responses_file.clear();
  job.spec.judge_endpoint.clear();
  job.spec.judge_profile.clear();
  job.spec.judge_params = {};
  job.spec.judge_prompts.clear();
  job.spec.judge_matrix.clear();
  job.spec.judge_cells.clear();
  job.spec.rejudged = work.source.id;
  job.stored = std::make_shared<StoredResponses>(store, work.source, job.samples);
  JudgeOptions judging = options.judging;
  judging.judge = judge;
  IIE_CHECK_OK(settle_judge(job, judging, {options.base_url, "replay"}, environment));
  return job;
}

// By (sample, rollout): every judge's vote.
using Votes = std::map<std::pair<std::int32_t, std::int32_t>, std::vector<JudgeVote>>;

Result<void> add_votes(Store& store, const RunInfo& run, std::size_t judge, Votes& votes) {
  return store.for_each_progress(run, [&](const RolloutProgress& rollout) {
    const auto found = votes.find({rollout.id.sample, rollout.id.rollout});
    if (found == votes.end() || !rollout.outcome || *rollout.outcome == Outcome::unscored) {
      return true;
    }
    found->second[judge] = *rollout.outcome == Outcome::pass;
    return true;
  });
}

Result<Votes> votes_of(Store& store, const Rejudged& work, bool with_own, std::size_t judges) {
  Votes votes;
  IIE_CHECK_OK(store.for_each_progress(work.source, [&](const RolloutProgress& rollout) {
    if (!rollout.failed) {
      votes.emplace(std::pair(rollout.id.sample, rollout.id.rollout),
                    std::vector<JudgeVote>(judges));
    }
    return true;
  }));
  std::size_t judge = 0;
  if (with_own) IIE_CHECK_OK(add_votes(store, work.source, judge++, votes));
  for (const RunInfo& run : work.runs) IIE_CHECK_OK(add_votes(store, run, judge++, votes));
  return votes;
}

bool differ(const std::vector<JudgeVote>& votes) {
  const auto says = [&](bool what) {
    return std::ranges::find(votes, JudgeVote(what)) != votes.end();
  };
  return says(true) && says(false);
}

Result<Disagreement> read_disagreement(Store& store, const Rejudged& work, bool with_own,
                                       std::pair<std::int32_t, std::int32_t> place,
                                       const std::vector<JudgeVote>& votes) {
  const Sample& sample = work.samples[static_cast<std::size_t>(place.first)];
  Disagreement out;
  out.run = work.source.id;
  out.sample = sample.id;
  out.rollout = place.second;
  out.type = sample.type;
  out.language = sample.language;
  out.votes = votes;
  const RolloutId id{place.first, place.second};
  std::vector<RunInfo> runs = work.runs;
  if (with_own) runs.insert(runs.begin(), work.source);
  for (const RunInfo& run : runs) {
    IIE_TRY(const auto stored, store.rollout(run, id));
    if (stored && stored->response.response && out.response.empty()) {
      out.response = one_line(stored->response.response->text, 600);
    }
    out.reasons.push_back(stored && stored->judgement ? stored->judgement->verdict.reason : "");
  }
  return out;
}

}  // namespace

Result<int> cmd_rejudge(const RejudgeOptions& options) {
  const std::vector<std::string> judges = judges_of(options);
  if (judges.empty()) {
    return fail(ErrorKind::usage, "name the judges: --judges openai:A,openai:B, or --judge SPEC");
  }
  IIE_TRY(const Environment environment, load_environment(options.control));
  IIE_TRY(const auto profiles, profiles_in_force(options.calls.providers, environment));
  const std::string path = store_path(options.store, environment);
  // Looked for first: a misspelt path must not become a new, empty store.
  IIE_TRY(std::unique_ptr<Store> store, open_store_to_read(path));

  std::vector<Rejudged> all;
  std::vector<std::vector<Job>> jobs;
  std::vector<StoredSummary> summaries;
  for (const std::string& name : options.runs) {
    IIE_TRY(RunInfo source, store->find_run(name));
    // "latest" may be what rejudge itself made: its responses are another run's.
    if (!source.spec.rejudged.empty()) {
      IIE_TRY(source, store->find_run(source.spec.rejudged));
    }
    const bool twice = std::ranges::any_of(
        all, [&](const Rejudged& other) { return other.source.id == source.id; });
    if (twice) continue;
    Rejudged& work = all.emplace_back();
    work.source = source;
    IIE_TRY(work.samples, store->samples(source));
    IIE_TRY(summaries.emplace_back(), stored_summary(*store, source, work.samples));
    if (summaries.back().answered == 0) {
      return fail(ErrorKind::bad_input, fmt::format("run {} has no responses to judge", source.id));
    }
    // Everything that can be wrong is found before the first call.
    auto& of_run = jobs.emplace_back();
    for (const std::string& judge : judges) {
      IIE_TRY(of_run.emplace_back(),
              job_of(work, summaries.back(), judge, options, *store, profiles, environment));
    }
  }

  IIE_TRY(PriceList prices, PriceList::load(options.control.prices));
  const RunnerOptions runner{.calls = options.calls,
                             .control = options.control,
                             .prices = std::move(prices),
                             .store = path,
                             .output = options.output};
  std::vector<JudgingRun> wanted;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const RunInfo& source = all[i].source;
    if (summaries[i].missing > 0) {
      note(options.output, fmt::format("Run {} lacks {} of {} responses: they are judged by nobody",
                                       source.id, summaries[i].missing, source.planned));
    }
    for (const Job& job : jobs[i]) {
      wanted.push_back({&job,
                        fmt::format("{} judges the responses of run {}",
                                    one_line(job.spec.judge, 80), source.id),
                        summaries[i].missing});
    }
  }
  if (options.control.dry_run) return dry_run_all(wanted, store.get(), runner, options.fresh);
  IIE_TRY(const JudgedRuns judged, judge_all(wanted, *store, runner, options.fresh));
  if (judged.stopped) return kExitIncomplete;
  for (std::size_t i = 0; i < judged.runs.size(); ++i) {
    all[i / judges.size()].runs.push_back(judged.runs[i]);
  }

  // The judge that a run was made with is the first, where all runs have the same.
  const std::string own = all.front().source.spec.judge;
  const bool with_own =
      std::ranges::all_of(all,
                          [&](const Rejudged& work) { return work.source.spec.judge == own; }) &&
      std::ranges::find(judges, own) == judges.end();
  JudgesView view;
  if (with_own) view.judges.push_back(own + " (stored)");
  for (const Job& job : jobs.front()) view.judges.push_back(job.spec.judge);
  std::vector<JudgedResponse> responses;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Rejudged& work = all[i];
    view.models.push_back(fmt::format("{} ({})", work.source.spec.model, work.source.id));
    view.runs.push_back(work.source.id);
    auto& judged_in = view.judged_in.emplace_back();
    if (with_own) judged_in.emplace_back();
    for (const RunInfo& run : work.runs) judged_in.push_back(run.id);
    IIE_TRY(const Votes votes, votes_of(*store, work, with_own, view.judges.size()));
    for (const auto& [place, vote] : votes) {
      const Sample& sample = work.samples[static_cast<std::size_t>(place.first)];
      responses.push_back({i, sample.type, sample.language, sample.id, vote});
      if (!differ(vote)) continue;
      ++view.all_disagreements;
      if (std::ssize(view.disagreements) >= options.disagreements) continue;
      IIE_TRY(view.disagreements.emplace_back(),
              read_disagreement(*store, work, with_own, place, vote));
    }
  }
  view.comparison = compare_judges(responses, all.size(), view.judges.size());
  if (options.output.format == "json") {
    print(judges_json(view));
  } else if (options.output.format == "md") {
    print(judges_markdown(view));
  } else if (options.output.format == "csv") {
    print(judges_csv(view));
  } else {
    print(judges_text(view));
  }
  return judged.complete ? kExitOk : kExitIncomplete;
}

}  // namespace iie
