#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kTextBytes = 160;

std::string safe(std::string_view text) { return safe_excerpt(text, kTextBytes); }

std::string join_parts(const std::vector<std::string>& parts, std::string_view separator = "; ") {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) {
    parts.push_back(fmt::format("{} {}", safe(name), format_count(count)));
  }
  return join_parts(parts, ", ");
}

void add_params(std::vector<std::string>& parts, const GenerationParams& params) {
  if (params.temperature) parts.push_back(fmt::format("temperature {}", *params.temperature));
  if (params.top_p) parts.push_back(fmt::format("top-p {}", *params.top_p));
  if (params.max_tokens) {
    parts.push_back(fmt::format("at most {} tokens", format_count(*params.max_tokens)));
  }
  if (params.seed) parts.push_back(fmt::format("seed {}", *params.seed));
  if (params.reasoning) parts.push_back("reasoning " + to_string(*params.reasoning));
  if (params.system_prompt) parts.emplace_back("with a system prompt");
}

std::string endpoint_text(std::string_view name, std::string_view endpoint) {
  return endpoint.empty() ? safe(name) : fmt::format("{} at {}", safe(name), safe(endpoint));
}

std::string model_text(const Report& report) {
  std::vector<std::string> parts = {endpoint_text(report.spec.model, report.spec.model_endpoint)};
  if (!report.model.served_as.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, count] : report.model.served_as) names.push_back(safe(name));
    parts.push_back("served as " + join_parts(names, ", "));
  }
  if (!report.spec.protocol.empty()) parts.push_back("protocol " + safe(report.spec.protocol));
  add_params(parts, report.spec.params);
  const auto cut = report.model.finish.find("length");
  if (cut != report.model.finish.end()) {
    parts.push_back(count_of(cut->second, "response") + " cut off at the token limit");
  }
  return join_parts(parts);
}

std::string judge_text(const Report& report) {
  std::vector<std::string> parts = {endpoint_text(report.spec.judge, report.spec.judge_endpoint)};
  add_params(parts, report.spec.judge_params);
  if (!report.judge.decided_by.empty()) {
    parts.push_back("decided by " + counts_text(report.judge.decided_by));
  }
  if (report.judge.calls > 0) {
    parts.push_back(fmt::format("{}, {} without a verdict",
                                count_of(report.judge.calls, "judge call"),
                                format_count(report.judge.unreadable)));
  }
  parts.emplace_back(judge_error_note(report));
  return join_parts(parts);
}

std::string tokens_text(const TokenUse& use) {
  struct Known {
    std::string text;
    std::int64_t calls;
  };
  std::vector<Known> known;
  const auto add = [&](const char* name, const std::optional<TokenSum>& sum) {
    if (sum) known.push_back({fmt::format("{} {}", format_count(sum->tokens), name), sum->calls});
  };
  add("in", use.input);
  add("out", use.output);
  add("of them reasoning", use.reasoning);
  add("of the input cached", use.cached);
  if (known.empty()) return "not reported";

  // Each figure says how many calls it is known of, unless they all say the same.
  const auto coverage = [&](std::int64_t calls) {
    return calls == use.calls ? std::string()
                              : fmt::format(" (reported by {} of {} calls)", format_count(calls),
                                            format_count(use.calls));
  };
  const bool alike = std::ranges::all_of(
      known, [&](const Known& one) { return one.calls == known.front().calls; });
  std::vector<std::string> parts;
  for (const Known& one : known) parts.push_back(one.text + (alike ? "" : coverage(one.calls)));
  return join_parts(parts, ", ") + (alike ? coverage(known.front().calls) : "");
}

std::string time_text(const std::optional<LatencySummary>& time, std::int64_t calls) {
  if (!time) return "not measured";
  std::string text = fmt::format(
      "{} in all, median {}, 95th percentile {}", format_milliseconds(time->sum.count()),
      format_milliseconds(time->median.count()), format_milliseconds(time->p95.count()));
  if (time->calls < calls) {
    text += fmt::format(" (measured in {} of {} calls)", format_count(time->calls),
                        format_count(calls));
  }
  return text;
}

// Nothing where no price is known: an unknown price is no news about the run.
std::string run_cost_text(const RunCost& cost) {
  if (cost.currency().empty()) return "";
  std::vector<std::string> parts;
  if (cost.model && cost.judge) {
    if (const auto total = cost.total()) {
      parts.push_back(fmt::format("{:.2f} {} in all", *total, cost.currency()));
    }
  }
  if (cost.model) parts.push_back("model " + cost_text(*cost.model));
  if (cost.judge) parts.push_back("judge " + cost_text(*cost.judge));
  if (cost.may_be_billed) parts.push_back(may_be_billed_text(*cost.may_be_billed));
  for (const auto* one : {&cost.model, &cost.judge, &cost.may_be_billed}) {
    if (*one && (*one)->price && !(*one)->price->as_of.empty()) {
      parts.push_back("prices as of " + safe((*one)->price->as_of));
      break;
    }
  }
  return join_parts(parts);
}

template <typename Value>
bool differ(const std::vector<Report>& reports, Value value) {
  return std::ranges::any_of(
      reports, [&](const Report& report) { return value(report) != value(reports.front()); });
}

}  // namespace

std::string count_of(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string what_is_left(const Report& report) {
  std::int64_t further = 0;
  for (const Group* type : report.further_types()) further += type->figure.pending;
  std::vector<std::string> parts;
  if (report.overall.pending > 0) {
    parts.push_back(count_of(report.overall.pending, "rollout") + " of this score pending");
  }
  if (further > 0) parts.push_back(count_of(further, "rollout") + " of further types pending");
  return parts.empty() ? "calls failed for good" : join_parts(parts, ", ");
}

TypeRows headline_rows(const Report& report) {
  TypeRows out{report.headline_types(), {}};
  for (const Group& language : report.by_language) out.languages.push_back(language.key);
  return out;
}

TypeRows further_rows(const Report& report) {
  TypeRows out{report.further_types(), {}};
  std::set<std::string> found;
  for (const Cell& cell : report.cells) {
    if (!is_headline(cell.type)) found.insert(cell.language);
  }
  for (const Language language : kLanguages) {
    if (found.erase(std::string(to_string(language))) > 0) {
      out.languages.emplace_back(to_string(language));
    }
  }
  out.languages.insert(out.languages.end(), found.begin(), found.end());
  return out;
}

std::string no_overall_text(const Report& report) {
  if (!report.has_no_overall() || report.further_types().empty()) return {};
  return "no overall score: none of the questions is of the benchmark's eight types";
}

std::string at_most_text(const Figure& figure) {
  if (figure.unscored == 0 || !figure.bounds) return {};
  return score_text(figure.bounds->high);
}

std::string unscored_text(const Figure& figure) {
  const std::string most = at_most_text(figure);
  const std::string count = format_count(figure.unscored);
  return most.empty() ? count : fmt::format("{} (at most {})", count, most);
}

std::string unscored_advice(UnscoredReason reason, std::string_view run_id) {
  switch (reason) {
    case UnscoredReason::needs_judge:
      return "needs a judge; add --judge openai:NAME";
    case UnscoredReason::unreadable_reply:
      return "the judge answered without a verdict; try another --judge";
    case UnscoredReason::judge_failed:
      return fmt::format("the judge could not be reached; inverse-ifeval resume {} asks again",
                         run_id);
    case UnscoredReason::no_response:
      return fmt::format("the model gave no response; inverse-ifeval resume {} asks again", run_id);
    case UnscoredReason::no_checker:
      return "the sample's instructions were not checked; leave --judge out or give it auto: first";
    case UnscoredReason::panel_undecided:
      return "the panel's judges do not settle it; add a tie-breaker: panel:A,B,tie:C";
    case UnscoredReason::none:
      break;
  }
  return "no reason on record";
}

bool only_instructions(const Report& report) {
  return report.instructions && report.by_language.size() <= 1 && report.by_type.size() == 1 &&
         report.by_type.front().key == kNoKey;
}

std::vector<Fact> facts(const Report& report) {
  const RunSpec& spec = report.spec;
  std::vector<Fact> out;
  out.push_back({"Model", model_text(report)});
  out.push_back({"Judge", judge_text(report)});
  out.push_back(
      {"Dataset",
       fmt::format("{} ({}); {} x {}; hash {}", safe(spec.dataset), safe(spec.dataset_format),
                   count_of(report.samples, "sample"), count_of(spec.rollouts, "rollout"),
                   safe(spec.dataset_hash).substr(0, 12))});
  if (spec.left_out > 0) {
    std::vector<std::string> ids;
    for (const std::string& id : spec.left_out_first) ids.push_back(safe(id));
    if (std::cmp_less(ids.size(), spec.left_out)) ids.emplace_back("...");
    out.push_back(
        {"Left out",
         fmt::format("{} of {} without a response, in no figure: {}", format_count(spec.left_out),
                     count_of(spec.left_out + report.samples, "sample"), join_parts(ids, ", "))});
  }
  const bool judge_called = report.judge.calls > 0;
  if (report.model_tokens.calls > 0) {
    std::string text = tokens_text(report.model_tokens);
    if (judge_called) text += "; judge: " + tokens_text(report.judge_tokens);
    out.push_back({"Tokens", std::move(text)});
    text = time_text(report.model_time, report.model_tokens.calls);
    if (judge_called) text += "; judge: " + time_text(report.judge_time, report.judge.calls);
    out.push_back({"Time", std::move(text)});
  }
  if (const std::string text = run_cost_text(report.cost); !text.empty()) {
    out.push_back({"Cost", text});
  }
  out.push_back({"Run", fmt::format("{}; made by inverse-ifeval {}", safe(report.run_id),
                                    safe(report.tool_version))});
  return out;
}

std::vector<std::string> cautions(const std::vector<Report>& reports) {
  std::vector<std::string> out;
  if (differ(reports, [](const Report& r) { return r.spec.dataset_hash; })) {
    out.emplace_back("The runs answered different questions (their dataset hashes differ).");
  }
  if (differ(reports, [](const Report& r) { return r.spec.judge; }) ||
      differ(reports, [](const Report& r) { return r.spec.judge_prompts; })) {
    out.emplace_back(
        "The runs were judged differently: the judge alone can move a score by several "
        "points.");
  }
  if (differ(reports, [](const Report& r) { return r.spec.params.system_prompt; }) ||
      differ(reports, [](const Report& r) { return r.spec.rollouts; })) {
    out.emplace_back("The runs differ in rollouts or system prompt.");
  }
  if (std::ranges::any_of(reports, [](const Report& r) { return !r.complete; })) {
    out.emplace_back("Not every run is complete.");
  }
  return out;
}

std::vector<ComparedSection> compare_runs(const std::vector<Report>& reports) {
  ComparedSection overall{"", {{"overall", "Overall", {}}}};
  for (const Report& report : reports) overall.rows[0].figures.push_back(&report.overall);

  const auto groups_of = [&](std::string title, std::vector<Group> Report::* groups,
                             const std::vector<std::string>& order) {
    ComparedSection section{std::move(title), {}};
    std::map<std::string, std::string> names;
    for (const Report& report : reports) {
      for (const Group& group : report.*groups) names.emplace(group.key, group.name);
    }
    const auto add = [&](const std::string& key, const std::string& name) {
      ComparedFigures row{key, name, {}};
      for (const Report& report : reports) {
        const auto it = std::ranges::find(report.*groups, key, &Group::key);
        row.figures.push_back(it == (report.*groups).end() ? nullptr : &it->figure);
      }
      section.rows.push_back(std::move(row));
    };
    for (const std::string& key : order) {
      if (const auto it = names.find(key); it != names.end()) {
        add(it->first, it->second);
        names.erase(it);
      }
    }
    for (const auto& [key, name] : names) add(key, name);
    return section;
  };

  ComparedSection accuracies{"Instructions", {}};
  const auto add_accuracy = [&](std::string key, InstructionFigure InstructionReport::* figure,
                                Figure InstructionFigure::* mode) {
    ComparedFigures row{key, key, {}};
    for (const Report& report : reports) {
      row.figures.push_back(report.instructions ? &(((*report.instructions).*figure).*mode)
                                                : nullptr);
    }
    accuracies.rows.push_back(std::move(row));
  };
  if (std::ranges::any_of(reports, [](const Report& r) { return r.instructions.has_value(); })) {
    add_accuracy("prompt strict", &InstructionReport::prompts, &InstructionFigure::strict);
    add_accuracy("prompt loose", &InstructionReport::prompts, &InstructionFigure::loose);
    add_accuracy("instr. strict", &InstructionReport::instructions, &InstructionFigure::strict);
    add_accuracy("instr. loose", &InstructionReport::instructions, &InstructionFigure::loose);
  }

  std::vector<std::string> languages;
  for (const Language language : kLanguages) languages.emplace_back(to_string(language));
  std::vector<std::string> types;
  for (const InstructionType& type : instruction_types()) types.push_back(type.code);
  std::vector<ComparedSection> sections;
  sections.push_back(std::move(overall));
  if (!accuracies.rows.empty()) sections.push_back(std::move(accuracies));
  sections.push_back(groups_of("Language", &Report::by_language, languages));
  ComparedSection all = groups_of("Type", &Report::by_type, types);
  ComparedSection eight{all.title, {}};
  ComparedSection further{std::string(kFurtherTitle), {}};
  for (ComparedFigures& row : all.rows) {
    (is_headline(row.key) ? eight : further).rows.push_back(std::move(row));
  }
  sections.push_back(std::move(eight));
  sections.push_back(std::move(further));
  std::erase_if(sections, [](const ComparedSection& section) { return section.rows.empty(); });
  return sections;
}

std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return "-";
  return fmt::format("[{:.1f}, {:.1f}]", interval->low, interval->high);
}

std::string score_text(const std::optional<double>& score) {
  return score ? format_score(*score) : "-";
}

std::string p_text(double p) {
  return p < 0.0001 ? std::string("< 0.0001") : fmt::format("{:.4f}", p);
}

std::string reason_text(const Example& example) {
  return example.reason.empty() ? "(none given by the judge)" : example.reason;
}

std::string mode_text(FailureMode mode) {
  std::string text(to_string(mode));
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string failures_text(const FailureCounts& counts) {
  std::vector<std::pair<std::int64_t, FailureMode>> modes;
  for (std::size_t i = 0; i < kFailureModes; ++i) {
    if (counts.by_mode[i] > 0) modes.emplace_back(counts.by_mode[i], static_cast<FailureMode>(i));
  }
  std::ranges::stable_sort(modes, std::greater{}, &std::pair<std::int64_t, FailureMode>::first);
  std::vector<std::string> parts;
  for (const auto& [count, mode] : modes) {
    parts.push_back(fmt::format("{} {}", mode_text(mode), format_count(count)));
  }
  return join_parts(parts, ", ");
}

std::string_view judge_error_note(const Report& report) {
  return report.corrected || report.powered ? "judge error: measured, see the corrected scores"
                                            : "judge error: not measured";
}

namespace {

std::string sum_text(const CorrectedSum& sum) {
  if (sum.corrected) {
    return fmt::format("{:.2f} [{:.1f}, {:.1f}]", sum.corrected->score, sum.corrected->low,
                       sum.corrected->high);
  }
  return sum.missing.empty() ? std::string("no estimate")
                             : "no estimate, for want of one in " + join_parts(sum.missing, ", ");
}

}  // namespace

std::string corrected_text(const CorrectedReport& found) {
  return sum_text(found.overall) + " corrected for the judge's error";
}

std::string powered_text(const PoweredReport& found) {
  return sum_text(found.by_cells.overall) + " by " + count_of(found.labelled, "label") +
         " on this run";
}

std::string curve_text(const BestOfCurve& curve) {
  std::vector<std::string> parts;
  for (const BestOfN& point : curve.points) {
    parts.push_back(fmt::format("of {}: {:.1f}", point.n, point.share));
  }
  return join_parts(parts, ", ");
}

std::string gap_text(const LanguageGap& gap) {
  return fmt::format("{} {:.1f}, {} {:.1f}: {:+.1f} [{:+.1f}, {:+.1f}]{}", gap.first_language,
                     gap.overall.first, gap.second_language, gap.overall.second,
                     gap.overall.difference, gap.overall.low, gap.overall.high,
                     gap.overall.pairs > 0
                         ? fmt::format(" by {}", count_of(gap.overall.pairs, "pair"))
                         : std::string(", not paired"));
}

std::string level_text(double level) { return fmt::format("{} %", std::round(level * 1000) / 10); }

std::vector<const Example*> shown_examples(const Report& report, int limit) {
  std::vector<const Example*> out;
  std::map<std::string_view, int> shown;
  for (const Example& example : report.examples) {
    if (shown[example.type]++ < limit) out.push_back(&example);
  }
  return out;
}

std::string run_letter(std::size_t index) {
  std::string letters;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

}  // namespace iie
