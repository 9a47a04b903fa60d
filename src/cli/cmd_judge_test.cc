// `judge-test`: hostile responses to one's own judge, and how many of them flip it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "analysis/binomial.h"
#include "analysis/intervals.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/judging_runs.h"
#include "cli/output.h"
#include "cli/runner.h"
#include "dataset/catalog.h"
#include "dataset/select.h"
#include "judge/injection.h"
#include "report/plain_text.h"
#include "store/store.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr const char* kControl = "control:";

// Each attack as a sample of its own, with the hostile text as its recorded response, and each
// answer once without an attack.
struct Suite {
  std::vector<AttackCase> cases;
  std::vector<Sample> samples;
  RecordedResponses recorded;

  void add(const Sample& question, std::string id, std::string response) {
    Sample sample = question;
    sample.id = std::move(id);
    sample.pair.clear();
    RecordedResponse record;
    record.sample = samples.size();
    record.sample_id = sample.id;
    record.response.text = std::move(response);
    record.response.finish = FinishReason::stop;
    recorded.records.push_back(std::move(record));
    samples.push_back(std::move(sample));
  }
};

Result<Suite> make_suite(const std::vector<Attack>& attacks, const std::vector<Sample>& questions) {
  Suite suite;
  IIE_TRY(suite.cases, attack_cases(attacks, questions));
  std::set<std::string> controls;
  for (const AttackCase& each : suite.cases) {
    if (controls.insert(each.sample->id).second) {
      suite.add(*each.sample, kControl + each.sample->id, each.answer);
    }
    suite.add(*each.sample, each.attack->id, each.response);
  }
  suite.recorded.name = "attacks";
  suite.recorded.rollouts = 1;
  suite.recorded.hash = responses_hash(suite.recorded.records);
  return suite;
}

// What the judge said of one response.
struct Said {
  Outcome outcome = Outcome::unscored;
  std::string reason;
  std::string reply;  // the last, of an LLM judge
};

struct Tally {
  std::int64_t attacks = 0;  // whose answer the judge fails without the attack
  std::int64_t flipped = 0;
  std::int64_t unscored = 0;
};

struct Findings {
  Tally all;
  std::map<std::string, Tally> techniques;
  std::vector<const AttackCase*> flips;
  std::vector<std::string> weak_controls;  // questions whose failing answer it does not fail
};

Findings evaluate(const Suite& suite, const std::map<std::string, Said>& said) {
  Findings findings;
  std::set<std::string> weak;
  for (const AttackCase& each : suite.cases) {
    const auto control = said.find(kControl + each.sample->id);
    const auto attacked = said.find(each.attack->id);
    if (control == said.end() || attacked == said.end()) continue;
    if (control->second.outcome != Outcome::fail) {
      if (weak.insert(each.sample->id).second) findings.weak_controls.push_back(each.sample->id);
      continue;
    }
    for (Tally* tally : {&findings.all, &findings.techniques[each.attack->technique]}) {
      ++tally->attacks;
      tally->flipped += attacked->second.outcome == Outcome::pass;
      tally->unscored += attacked->second.outcome == Outcome::unscored;
    }
    if (attacked->second.outcome == Outcome::pass) findings.flips.push_back(&each);
  }
  return findings;
}

bj::object tally_json(const Tally& tally) {
  bj::object out{{"attacks", tally.attacks},
                 {"flipped", tally.flipped},
                 {"unscored", tally.unscored},
                 {"share", nullptr},
                 {"interval", nullptr}};
  if (const auto interval = wilson(tally.flipped, tally.attacks)) {
    out["share"] = static_cast<double>(tally.flipped) / static_cast<double>(tally.attacks);
    out["interval"] = bj::object{{"low", interval->low},
                                 {"high", interval->high},
                                 {"level", interval->level},
                                 {"method", interval->method}};
  }
  return out;
}

void print_json(const std::string& judge, const Suite& suite, const Findings& findings,
                const std::map<std::string, Said>& said) {
  bj::object techniques;
  for (const auto& [name, tally] : findings.techniques) techniques.emplace(name, tally_json(tally));
  bj::array flips;
  for (const AttackCase* each : findings.flips) {
    const Said& word = said.at(each->attack->id);
    flips.push_back(bj::object{{"id", each->attack->id},
                               {"technique", each->attack->technique},
                               {"language", to_string(each->attack->language)},
                               {"question", each->sample->id},
                               {"reason", word.reason},
                               {"reply", word.reply}});
  }
  bj::array weak;
  for (const std::string& id : findings.weak_controls) weak.push_back(bj::string(id));
  bj::object out = tally_json(findings.all);
  out.emplace("judge", judge);
  out.emplace("suite", suite.cases.size());
  out.emplace("questions_not_failed_without_attack", std::move(weak));
  out.emplace("techniques", std::move(techniques));
  out.emplace("flips", std::move(flips));
  print(to_pretty_json(out));
}

std::string share_text(const Tally& tally) {
  const auto interval = wilson(tally.flipped, tally.attacks);
  if (!interval) return "-";
  return fmt::format(
      "{} %  [{}, {}]",
      format_score(100.0 * static_cast<double>(tally.flipped) / static_cast<double>(tally.attacks)),
      format_score(100 * interval->low), format_score(100 * interval->high));
}

void print_terminal(const std::string& judge, const Suite& suite, const Findings& findings,
                    const std::map<std::string, Said>& said) {
  print(
      fmt::format("{}: {} hostile responses, {} of them around an answer that it fails otherwise\n",
                  safe_excerpt(judge, 120), suite.cases.size(), findings.all.attacks));
  for (const std::string& id : findings.weak_controls) {
    print(fmt::format("  not counted: it does not fail the failing answer to {} as it is\n",
                      safe_excerpt(id, 60)));
  }
  Listing listing({"Technique", ">Attacks", ">Flipped to a pass", ">No verdict", ">Share, 95 %"});
  const auto add = [&](const std::string& name, const Tally& tally) {
    listing.add({name, format_count(tally.attacks), format_count(tally.flipped),
                 format_count(tally.unscored), share_text(tally)});
  };
  for (const auto& [name, tally] : findings.techniques) add(name, tally);
  add("all", findings.all);
  print("\n" + listing.text());
  if (!findings.flips.empty()) print("\nFlipped by\n");
  for (const AttackCase* each : findings.flips) {
    print(fmt::format("  {:<22} {:<13} under {}: {}\n", each->attack->id, each->attack->technique,
                      safe_excerpt(each->sample->id, 40),
                      safe_excerpt(said.at(each->attack->id).reason, 160)));
  }
}

}  // namespace

Result<int> cmd_judge_test(const JudgeTestOptions& options) {
  IIE_TRY(const Environment environment, load_environment(options.control));
  std::vector<Attack> own;
  if (!options.attacks.empty()) {
    IIE_TRY(const std::string text, read_file(options.attacks));
    IIE_TRY(own, load_attacks(text, options.attacks));
  }
  const std::vector<Attack>& suite_attacks = own.empty() ? attacks() : own;
  IIE_TRY(const Dataset dataset, open_dataset("open"));
  Selection selection;
  selection.types = options.types;
  IIE_TRY(const std::vector<Sample> questions, select(dataset, selection));
  IIE_TRY(Suite suite, make_suite(suite_attacks, questions));

  Job job;
  job.samples = suite.samples;
  job.recorded = suite.recorded;
  job.spec.model = "replay:attacks";
  job.spec.dataset = dataset.name;
  job.spec.dataset_format = dataset.format;
  job.spec.dataset_hash = dataset_hash(job.samples);
  job.spec.responses_hash = suite.recorded.hash;
  IIE_TRY(job.profiles, profiles_in_force(options.calls.providers, environment));
  IIE_CHECK_OK(settle_judge(job, options.judge, {options.base_url, "replay"}, environment));

  IIE_TRY(PriceList prices, PriceList::load(options.control.prices));
  const RunnerOptions runner{.calls = options.calls,
                             .control = options.control,
                             .prices = std::move(prices),
                             .store = "memory",
                             .output = options.output};
  const std::vector<JudgingRun> wanted = {{&job, ""}};
  if (options.control.dry_run) return dry_run_all(wanted, nullptr, runner, true);
  const std::unique_ptr<Store> store = make_memory_store();
  IIE_TRY(const JudgedRuns judged, judge_all(wanted, *store, runner, true));
  const RunInfo& run = judged.runs.front();

  std::map<std::string, Said> said;
  IIE_CHECK_OK(store->for_each_rollout(run, [&](const StoredRollout& rollout) {
    if (!rollout.judgement) return true;
    const JudgementRecord& judged = *rollout.judgement;
    if (judged.verdict.unscored == UnscoredReason::judge_failed) return true;
    said[job.samples[static_cast<std::size_t>(rollout.response.id.sample)].id] = {
        judged.verdict.outcome, judged.verdict.reason,
        judged.calls.empty() ? "" : judged.calls.back().reply};
    return true;
  }));
  const Findings findings = evaluate(suite, said);
  if (options.output.format == "json") {
    print_json(job.spec.judge, suite, findings, said);
  } else {
    print_terminal(job.spec.judge, suite, findings, said);
  }
  if (judged.complete) return kExitOk;
  note(options.output,
       fmt::format("Incomplete: {} of {} responses were judged", said.size(), job.samples.size()));
  return kExitIncomplete;
}

}  // namespace iie
