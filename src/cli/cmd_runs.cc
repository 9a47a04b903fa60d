// `runs` and `show`: what the store holds.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/stores.h"
#include "core/twin.h"
#include "report/judges_view.h"
#include "report/plain_text.h"
#include "report/several_judges.h"
#include "store/store.h"

namespace iie {
namespace {

namespace bj = boost::json;

// The overall scores of runs as reports give them: over the items of headline types, neither twins
// nor further types.
class Scores {
 public:
  explicit Scores(Store& store) : store_(store) {}

  // nullopt while the run is not complete, and where no sample counts.
  Result<std::optional<double>> of(const RunInfo& run, const RunState& state) {
    if (!is_complete(run, state)) return std::optional<double>();
    IIE_TRY(const std::vector<bool>* counted, counted_samples(run));
    std::int64_t passed = state.passed;
    std::int64_t n = state.judged;
    if (std::ranges::find(*counted, false) != counted->end()) {
      passed = n = 0;
      IIE_CHECK_OK(store_.for_each_progress(run, [&](const RolloutProgress& rollout) {
        const auto index = static_cast<std::size_t>(rollout.id.sample);
        if (index < counted->size() && (*counted)[index] && rollout.outcome) {
          ++n;
          passed += *rollout.outcome == Outcome::pass ? 1 : 0;
        }
        return true;
      }));
    }
    if (n == 0) return std::optional<double>();
    return std::optional(100.0 * static_cast<double>(passed) / static_cast<double>(n));
  }

 private:
  // By sample. Runs of the same samples share it.
  Result<const std::vector<bool>*> counted_samples(const RunInfo& run) {
    const auto [at, fresh] = counted_.try_emplace(run.spec.dataset_hash);
    if (fresh) {
      IIE_TRY(const std::vector<Sample> samples, store_.samples(run));
      const std::size_t items = twins_begin(samples);
      for (std::size_t i = 0; i < samples.size(); ++i) {
        at->second.push_back(i < items && is_headline(samples[i].type));
      }
    }
    return &at->second;
  }

  Store& store_;
  std::map<std::string, std::vector<bool>> counted_;  // by dataset hash
};

bj::object run_json(const RunInfo& run, const RunState& state, std::optional<double> score) {
  bj::object out;
  out["id"] = run.id;
  out["key"] = run.key;
  out["created"] = to_iso8601(run.created);
  if (state.last_write) out["last_write"] = to_iso8601(*state.last_write);
  out["tool_version"] = run.tool_version;
  out["complete"] = is_complete(run, state);
  out["samples"] = run.samples;
  out["planned"] = run.planned;
  out["responded"] = state.responded;
  out["failed"] = state.failed;
  out["judged"] = state.judged;
  out["judge_failed"] = state.judge_failed;
  out["passed"] = state.passed;
  out["unscored"] = state.unscored;
  out["score"] = score ? bj::value(std::round(*score * 1e4) / 1e4) : bj::value(nullptr);
  auto spec = parse_json(run_spec_to_json(run.spec));
  if (spec) out["spec"] = *std::move(spec);
  return out;
}

std::string progress_text(const RunInfo& run, const RunState& state) {
  if (is_complete(run, state)) return "complete";
  return fmt::format("{}/{}", state.judged, run.planned);
}

bj::object response_json(const StoredRollout& rollout) {
  bj::object out;
  out["rollout"] = rollout.response.id.rollout;
  out["at"] = to_iso8601(rollout.response.at);
  out["attempts"] = rollout.response.attempts;
  if (const auto& response = rollout.response.response) {
    out["response"] = response->text;
    if (!response->reasoning.empty()) out["reasoning"] = response->reasoning;
    out["finish_reason"] = std::string(to_string(response->finish));
    if (!response->model.empty()) out["model"] = response->model;
    if (response->usage.input_tokens) out["input_tokens"] = *response->usage.input_tokens;
    if (response->usage.output_tokens) out["output_tokens"] = *response->usage.output_tokens;
    if (response->latency) out["latency_ms"] = response->latency->count();
  } else if (const auto& error = rollout.response.error) {
    out["error"] =
        bj::object{{"kind", std::string(to_string(error->kind))}, {"message", error->message}};
  }
  if (const auto& judgement = rollout.judgement) {
    bj::object verdict;
    verdict["outcome"] = std::string(to_string(judgement->verdict.outcome));
    if (judgement->verdict.outcome == Outcome::unscored) {
      verdict["unscored"] = std::string(to_string(judgement->verdict.unscored));
    }
    verdict["reason"] = judgement->verdict.reason;
    verdict["judge"] = judgement->judge;
    if (!judgement->verdict.members.empty()) {
      if (auto members = parse_json(members_to_json(judgement->verdict.members))) {
        verdict["members"] = *std::move(members);
      }
    }
    if (auto criteria = parse_json(criteria_to_json(judgement->verdict.criteria))) {
      verdict["criteria"] = *std::move(criteria);
    }
    if (auto calls = parse_json(judge_calls_to_json(judgement->calls))) {
      verdict["calls"] = *std::move(calls);
    }
    out["verdict"] = std::move(verdict);
  }
  return out;
}

// A text from outside, indented, every line safe for a terminal.
std::string indented(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    out += "    " + safe_excerpt(line, line.size() + 3) + '\n';
  }
  return out;
}

// What the text of a response does not show: what was thought, and why it ended.
std::string response_note(const Response& response) {
  std::vector<std::string> notes;
  if (!response.reasoning.empty()) {
    notes.push_back(fmt::format("{} bytes of reasoning apart from it: --format json shows them",
                                response.reasoning.size()));
  }
  switch (response.finish) {
    case FinishReason::length:
      notes.emplace_back("cut off at the token limit");
      break;
    case FinishReason::content_filter:
      notes.emplace_back("stopped by a content filter");
      break;
    case FinishReason::refusal:
      notes.emplace_back("marked as a refusal by the endpoint");
      break;
    case FinishReason::stop:
    case FinishReason::other:
    case FinishReason::unknown:
      break;
  }
  return notes.empty() ? "" : "  [" + join(notes, "; ") + "]\n";
}

// A judge may give its verdict without a word more.
std::string colon_and(const std::string& reason) {
  return reason.empty() ? " (it gave no reason)" : ": " + reason;
}

std::string sample_text(const Sample& sample, const std::vector<StoredRollout>& rollouts) {
  std::string out = fmt::format("{}  {}  {}  {}\n", safe_excerpt(sample.id, 80),
                                safe_excerpt(sample.type, 40), safe_excerpt(sample.domain, 60),
                                sample.language ? to_string(*sample.language) : "");
  for (const Message& message : sample.question.messages) {
    out += fmt::format("\n  [{}]\n{}", to_string(message.role), indented(message.content));
  }
  if (!sample.question.reference.empty()) {
    out += "\n  [reference]\n" + indented(sample.question.reference);
  }
  for (const StoredRollout& rollout : rollouts) {
    out += fmt::format("\nRollout {}\n", rollout.response.id.rollout + 1);  // as in reports
    if (const auto& response = rollout.response.response) {
      out += is_blank(response->text) ? "    (blank)\n" : indented(response->text);
      out += response_note(*response);
    } else if (rollout.response.error) {
      out += "  no response: " + safe_excerpt(rollout.response.error->message, 400) + '\n';
    }
    if (const auto& judgement = rollout.judgement) {
      out += fmt::format("  => {} by {}{}\n", to_string(judgement->verdict.outcome),
                         safe_excerpt(judgement->judge, 80),
                         colon_and(safe_excerpt(judgement->verdict.reason, 400)));
      for (const MemberVerdict& member : judgement->verdict.members) {
        out += fmt::format("     {} says {}{}\n", safe_excerpt(member.judge, 60),
                           to_string(member.outcome), colon_and(safe_excerpt(member.reason, 300)));
      }
      for (const CriterionVerdict& criterion : judgement->verdict.criteria) {
        out += fmt::format("     {} {}{}\n", safe_excerpt(criterion.id, 40),
                           to_string(criterion.outcome),
                           colon_and(safe_excerpt(criterion.reason, 300)));
      }
    } else if (rollout.response.response) {
      out += "  => not judged yet\n";
    }
  }
  return out;
}

Result<int> show_sample(Store& store, const RunInfo& run, const ShowOptions& options) {
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].id != options.sample) {
      ids.push_back(samples[i].id);
      continue;
    }
    IIE_TRY(const std::vector<StoredRollout> rollouts,
            store.rollouts(run, static_cast<std::int32_t>(i)));
    if (options.output.format == "json") {
      bj::array array;
      for (const StoredRollout& rollout : rollouts) array.push_back(response_json(rollout));
      IIE_TRY(bj::value sample, parse_json(sample_to_json(samples[i])));
      print(to_pretty_json(bj::object{
          {"run", run.id}, {"sample", std::move(sample)}, {"rollouts", std::move(array)}}));
    } else {
      print(sample_text(samples[i], rollouts));
    }
    return kExitOk;
  }
  return fail(ErrorKind::not_found,
              fmt::format("run {} has no sample '{}'{}", run.id, one_line(options.sample, 80),
                          did_you_mean(options.sample, ids)));
}

// What the members of a panel made of the run; nullopt where no panel judged it.
Result<std::optional<JudgesView>> panel_view(Store& store, const RunInfo& run,
                                             const std::vector<Sample>& samples) {
  constexpr std::int64_t kShown = 20;
  JudgesView view;
  PanelVotes panel;
  IIE_CHECK_OK(store.for_each_rollout(run, [&](const StoredRollout& rollout) {
    const std::int32_t sample = rollout.response.id.sample;
    if (rollout.judgement && static_cast<std::size_t>(sample) < samples.size()) {
      panel.add(sample, rollout.judgement->verdict.members);
    }
    return true;
  }));
  if (panel.samples().empty()) return std::optional<JudgesView>();
  view.judges = panel.judges();
  std::vector<JudgedResponse> responses;
  std::vector<std::vector<JudgeVote>> votes = panel.votes();
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const Sample& sample = samples[static_cast<std::size_t>(panel.samples()[i])];
    responses.push_back({0, sample.type, sample.language, sample.id, std::move(votes[i])});
  }
  IIE_CHECK_OK(store.for_each_rollout(run, [&](const StoredRollout& rollout) {
    if (!rollout.judgement || !rollout.response.response) return true;
    const std::vector<MemberVerdict>& members = rollout.judgement->verdict.members;
    const auto says = [&](Outcome what) {
      return std::ranges::find(members, what, &MemberVerdict::outcome) != members.end();
    };
    if (!says(Outcome::pass) || !says(Outcome::fail)) return true;
    ++view.all_disagreements;
    if (std::ssize(view.disagreements) >= kShown) return true;
    const Sample& sample = samples[static_cast<std::size_t>(rollout.response.id.sample)];
    Disagreement& each = view.disagreements.emplace_back();
    each.run = run.id;
    each.sample = sample.id;
    each.rollout = rollout.response.id.rollout;
    each.type = sample.type;
    each.language = sample.language;
    each.response = one_line(rollout.response.response->text, 600);
    for (const std::string& judge : view.judges) {
      const auto member = std::ranges::find(members, judge, &MemberVerdict::judge);
      const bool spoke = member != members.end() && member->outcome != Outcome::unscored;
      each.votes.push_back(spoke ? JudgeVote(member->outcome == Outcome::pass) : JudgeVote());
      each.reasons.push_back(member == members.end() ? "" : member->reason);
    }
    return true;
  }));
  view.models = {run.spec.model};
  view.runs = {run.id};
  view.judged_in = {std::vector<std::string>(view.judges.size())};
  view.comparison = compare_judges(responses, 1, view.judges.size());
  return view;
}

Result<int> show_run(Store& store, const RunInfo& run, const ShowOptions& options) {
  IIE_TRY(const RunState state, store.state(run));
  IIE_TRY(const std::vector<Sample> samples, store.samples(run));
  std::vector<std::int64_t> passed(samples.size());
  std::vector<std::int64_t> judged(samples.size());
  IIE_CHECK_OK(store.for_each_progress(run, [&](const RolloutProgress& rollout) {
    const auto index = static_cast<std::size_t>(rollout.id.sample);
    if (index < samples.size() && rollout.outcome &&
        rollout.unscored != UnscoredReason::judge_failed) {
      ++judged[index];
      if (*rollout.outcome == Outcome::pass) ++passed[index];
    }
    return true;
  }));
  if (options.output.format == "json") {
    IIE_TRY(const std::optional<double> score, Scores(store).of(run, state));
    bj::object out = run_json(run, state, score);
    bj::array array;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      array.push_back(bj::object{{"id", samples[i].id},
                                 {"type", samples[i].type},
                                 {"judged", judged[i]},
                                 {"passed", passed[i]}});
    }
    out["results"] = std::move(array);
    IIE_TRY(const std::optional<JudgesView> panel, panel_view(store, run, samples));
    if (panel) {
      IIE_TRY(out["panel"], parse_json(judges_json(*panel)));
    }
    print(to_pretty_json(out));
    return kExitOk;
  }
  print(fmt::format(
      "Run {}  {}\n  model   {}\n  judge   {}\n  dataset {} ({} samples x {})\n  "
      "created {}\n  state   {}, {} passed, {} unscored, {} failed calls\n\n",
      run.id, run.key.substr(0, 16), safe_excerpt(run.spec.model, 200),
      safe_excerpt(run.spec.judge, 200), safe_excerpt(run.spec.dataset, 200), run.samples,
      run.spec.rollouts, to_iso8601(run.created), progress_text(run, state), state.passed,
      state.unscored, state.failed + state.judge_failed));
  Listing table({"SAMPLE", "TYPE", "LANGUAGE", ">PASSED", ">JUDGED", "PROMPT"});
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    const std::string prompt =
        sample.question.messages.empty() ? "" : sample.question.messages.back().content;
    table.add({safe_excerpt(sample.id, 40), safe_excerpt(sample.type, 40),
               std::string(sample.language ? to_string(*sample.language) : ""),
               std::to_string(passed[i]), std::to_string(judged[i]),
               fit_columns(safe_excerpt(prompt, 200), 50)});
  }
  print(table.text());
  IIE_TRY(const std::optional<JudgesView> panel, panel_view(store, run, samples));
  if (panel) print('\n' + judges_text(*panel));
  return kExitOk;
}

}  // namespace

Result<int> cmd_runs(const RunsOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const std::unique_ptr<Store> store,
          open_store_to_read(store_path(options.store, environment)));
  IIE_TRY(const std::vector<RunInfo> runs, store->runs());
  bj::array array;
  Listing table({"RUN", "CREATED", "MODEL", "JUDGE", "DATASET", ">ROLLOUTS", "STATE", ">SCORE"});
  Scores scores(*store);
  for (const RunInfo& run : runs) {
    IIE_TRY(const RunState state, store->state(run));
    IIE_TRY(const std::optional<double> score, scores.of(run, state));
    array.push_back(run_json(run, state, score));
    table.add({run.id, to_iso8601(run.created), fit_columns(safe_excerpt(run.spec.model, 120), 36),
               fit_columns(safe_excerpt(run.spec.judge, 120), 28),
               fit_columns(safe_excerpt(run.spec.dataset, 120), 24),
               fmt::format("{}x{}", run.samples, run.spec.rollouts), progress_text(run, state),
               score ? format_score(*score) : "-"});
  }
  print(options.output.format == "json" ? to_pretty_json(array) : table.text());
  return kExitOk;
}

Result<int> cmd_show(const ShowOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  IIE_TRY(const std::unique_ptr<Store> store,
          open_store_to_read(store_path(options.store, environment)));
  IIE_TRY(const RunInfo run, store->find_run(options.run));
  if (!options.sample.empty()) return show_sample(*store, run, options);
  return show_run(*store, run, options);
}

}  // namespace iie
