// The JSON report, field by field as doc/report-format.md says. null is "unknown", never zero.
#include <boost/json/value.hpp>

#include "base/json.h"
#include "report/findings_json.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr int kReportSchema = 1;

// To a millionth: a call may cost less than a hundredth of a cent.
bj::value micro(double amount) { return std::round(amount * 1e6) / 1e6; }

template <typename T, typename Write>
bj::value or_null(const std::optional<T>& value, Write write) {
  return value ? bj::value(write(*value)) : bj::value(nullptr);
}

bj::value text_or_null(const std::string& text) {
  return text.empty() ? bj::value(nullptr) : bj::value(bj::string(text));
}

bj::object object_of(const std::map<std::string, std::int64_t>& counts) {
  bj::object out;
  for (const auto& [name, count] : counts) out.emplace(name, count);
  return out;
}

bj::object write_interval(const Interval& interval) {
  return bj::object{{"low", rounded(interval.low)},
                    {"high", rounded(interval.high)},
                    {"level", rounded(interval.level)},
                    {"method", interval.method},
                    {"n_effective", rounded(interval.n_effective)}};
}

void put_figure(bj::object& out, const Figure& figure) {
  out.emplace("score", or_null(figure.score, rounded));
  out.emplace("n", figure.n);
  out.emplace("passed", figure.passed);
  out.emplace("failed", figure.failed);
  out.emplace("unscored", figure.unscored);
  out.emplace("pending", figure.pending);
  out.emplace("interval", or_null(figure.interval, write_interval));
  out.emplace("bounds", or_null(figure.bounds, [](const ScoreBounds& bounds) {
                return bj::object{{"low", rounded(bounds.low)}, {"high", rounded(bounds.high)}};
              }));
}

bj::array write_groups(const std::vector<Group>& groups, const char* key) {
  bj::array out;
  for (const Group& group : groups) {
    bj::object one;
    one.emplace(key, group.key);
    put_figure(one, group.figure);
    out.push_back(std::move(one));
  }
  return out;
}

bj::object write_type(const Group& type) {
  bj::object out{{"code", type.key}, {"name", type.name}, {"headline", type.headline}};
  put_figure(out, type.figure);
  return out;
}

bj::object write_cell(const Cell& cell) {
  bj::object out{{"type", cell.type}, {"language", cell.language}};
  put_figure(out, cell.figure);
  return out;
}

bj::array write_unscored(const std::vector<UnscoredCount>& counts) {
  bj::array out;
  for (const UnscoredCount& count : counts) {
    out.push_back(bj::object{{"reason", to_string(count.reason)},
                             {"count", count.count},
                             {"sample", count.sample},
                             {"message", count.message}});
  }
  return out;
}

bj::object write_params(const GenerationParams& params) {
  bj::object out;
  if (params.temperature) out.emplace("temperature", *params.temperature);
  if (params.top_p) out.emplace("top_p", *params.top_p);
  if (params.max_tokens) out.emplace("max_tokens", *params.max_tokens);
  if (params.seed) out.emplace("seed", *params.seed);
  if (params.system_prompt) out.emplace("system_prompt", *params.system_prompt);
  if (params.reasoning) out.emplace("reasoning", to_string(*params.reasoning));
  return out;
}

bj::object write_tokens(const TokenUse& use) {
  const auto sum = [](const TokenSum& sum) {
    return bj::object{{"tokens", sum.tokens}, {"calls", sum.calls}};
  };
  bj::object out;
  out.emplace("calls", use.calls);
  out.emplace("input", or_null(use.input, sum));
  out.emplace("output", or_null(use.output, sum));
  out.emplace("reasoning", or_null(use.reasoning, sum));
  out.emplace("cached", or_null(use.cached, sum));
  return out;
}

bj::value write_time(const std::optional<LatencySummary>& time) {
  return or_null(time, [](const LatencySummary& summary) {
    return bj::object{{"calls", summary.calls},
                      {"sum_ms", summary.sum.count()},
                      {"median_ms", summary.median.count()},
                      {"p95_ms", summary.p95.count()}};
  });
}

bj::object write_rates(const Rates& rates) {
  const auto given = [](double amount) { return amount; };
  return bj::object{{"input", rates.input},
                    {"cached_input", or_null(rates.cached_input, given)},
                    {"output", rates.output},
                    {"cache_write", or_null(rates.cache_write, given)},
                    {"cache_write_long", or_null(rates.cache_write_long, given)}};
}

bj::array write_tiers(const std::vector<PromptTier>& tiers) {
  bj::array out;
  for (const PromptTier& tier : tiers) {
    bj::object one = write_rates(tier.rates);
    one.emplace("above", tier.above);
    out.push_back(std::move(one));
  }
  return out;
}

bj::value write_cost(const std::optional<CallCost>& cost) {
  return or_null(cost, [](const CallCost& one) {
    bj::object out{{"amount", or_null(one.amount, micro)},
                   {"calls", one.calls},
                   {"priced_calls", one.priced},
                   {"currency", text_or_null(one.currency)},
                   {"price", nullptr}};
    if (one.price) {
      const Price& price = *one.price;
      bj::object& written = out["price"].emplace_object();
      written = write_rates(price.rates);
      written.emplace("tiers", write_tiers(price.tiers));
      written.emplace("off_peak", or_null(price.off_peak, [](const OffPeak& off_peak) {
                        return write_rates(off_peak.rates);
                      }));
      written.emplace("currency", price.currency);
      written.emplace("source", text_or_null(price.source));
      written.emplace("as_of", text_or_null(price.as_of));
    }
    return out;
  });
}

bj::value write_judges(const std::optional<SeveralJudges>& judges) {
  return or_null(judges, [](const SeveralJudges& several) {
    bj::array out;
    for (const OneOfTheJudges& one : several.judges) {
      out.push_back(bj::object{{"judge", one.judge},
                               {"calls", one.calls},
                               {"unreadable", one.unreadable},
                               {"tokens", write_tokens(one.tokens)},
                               {"time", write_time(one.time)},
                               {"cost", write_cost(one.cost)},
                               {"member", or_null(one.member, [](const MemberFigure& member) {
                                  return bj::object{
                                      {"n", member.n},
                                      {"passed", member.passed},
                                      {"unscored", member.unscored},
                                      {"score", or_null(member.score, rounded)},
                                      {"interval", or_null(member.interval, write_interval)}};
                                })}});
    }
    return out;
  });
}

bj::value write_panel_agreement(const std::optional<SeveralJudges>& judges) {
  if (!judges || !judges->agreement) return nullptr;
  std::vector<std::string> names;
  for (const OneOfTheJudges& one : judges->judges) names.push_back(one.judge);
  return write_judge_agreement(names, *judges->agreement);
}

bj::array write_examples(const Report& report, int limit) {
  bj::array out;
  for (const Example* example : shown_examples(report, limit)) {
    bj::array broken;
    for (const BrokenCriterion& criterion : example->broken) {
      broken.push_back(bj::object{{"id", criterion.id},
                                  {"text", text_or_null(criterion.text)},
                                  {"reason", criterion.reason}});
    }
    bj::array earlier;
    for (const EarlierTurn& turn : example->earlier) {
      earlier.push_back(bj::object{{"role", turn.role}, {"text", turn.text}});
    }
    out.push_back(bj::object{{"sample", example->sample},
                             {"rollout", example->rollout},
                             {"type", example->type},
                             {"language", example->language},
                             {"earlier", std::move(earlier)},
                             {"prompt", example->prompt},
                             {"response", example->response},
                             {"reason", example->reason},
                             {"judge", example->judge},
                             {"failure", to_string(example->failure)},
                             {"broken", std::move(broken)}});
  }
  return out;
}

bj::object write_instruction_figure(const InstructionFigure& figure) {
  bj::object strict;
  bj::object loose;
  put_figure(strict, figure.strict);
  put_figure(loose, figure.loose);
  return {{"strict", std::move(strict)}, {"loose", std::move(loose)}};
}

bj::value write_instructions(const std::optional<InstructionReport>& report) {
  return or_null(report, [](const InstructionReport& found) {
    const auto groups = [](const std::vector<InstructionGroup>& all, const char* key) {
      bj::array out;
      for (const InstructionGroup& group : all) {
        bj::object one{{key, group.key}};
        for (auto& field : write_instruction_figure(group.figure)) {
          one.emplace(field.key(), std::move(field.value()));
        }
        out.push_back(std::move(one));
      }
      return out;
    };
    return bj::object{{"prompt_level", write_instruction_figure(found.prompts)},
                      {"instruction_level", write_instruction_figure(found.instructions)},
                      {"by_group", groups(found.by_group, "group")},
                      {"by_instruction", groups(found.by_id, "id")}};
  });
}

bj::object write_left_out(const RunSpec& spec) {
  bj::array first;
  for (const std::string& id : spec.left_out_first) first.push_back(bj::string(id));
  return {{"count", spec.left_out}, {"first", std::move(first)}};
}

bj::object write_run(const Report& report, int example_limit) {
  const RunSpec& spec = report.spec;
  bj::object out;
  out.emplace("run", bj::object{{"id", report.run_id},
                                {"key", report.run_key},
                                {"protocol", text_or_null(spec.protocol)}});
  out.emplace("tool", bj::object{{"name", "inverse-ifeval"}, {"version", report.tool_version}});
  out.emplace("complete", report.complete);

  bj::object overall;
  put_figure(overall, report.overall);
  out.emplace("overall", std::move(overall));
  out.emplace("instructions", write_instructions(report.instructions));
  out.emplace("unscored", write_unscored(report.unscored));
  put_by_type(out, report.by_type, &Group::key, write_type);
  out.emplace("by_language", write_groups(report.by_language, "language"));
  put_cells(out, report.cells, write_cell);
  out.emplace("further_unscored", write_unscored(report.further_unscored));
  out.emplace("by_domain", write_groups(report.by_domain, "domain"));

  out.emplace("best_of", write_best_of(report.best_of));
  out.emplace("language_gap", write_language_gap(report.language_gap));
  if (report.twins) out.emplace("twins", write_twins(report.twins));
  out.emplace("failures", write_failures(report.failures));
  out.emplace("signatures", write_signatures(report.signatures));
  out.emplace("corrected", write_corrected(report.corrected));
  out.emplace("powered", write_powered(report.powered));

  out.emplace("model", bj::object{{"spec", spec.model},
                                  {"endpoint", text_or_null(spec.model_endpoint)},
                                  {"params", write_params(spec.params)},
                                  {"responses_hash", text_or_null(spec.responses_hash)},
                                  {"served_as", object_of(report.model.served_as)},
                                  {"finish", object_of(report.model.finish)}});
  out.emplace("judge", bj::object{{"spec", spec.judge},
                                  {"endpoint", text_or_null(spec.judge_endpoint)},
                                  {"params", write_params(spec.judge_params)},
                                  {"prompts_hash", text_or_null(spec.judge_prompts)},
                                  {"decided_by", object_of(report.judge.decided_by)},
                                  {"calls", report.judge.calls},
                                  {"unreadable", report.judge.unreadable},
                                  {"judges", write_judges(report.judges)},
                                  {"agreement", write_panel_agreement(report.judges)},
                                  {"error", nullptr},
                                  {"note", judge_error_note(report)}});
  out.emplace("dataset", bj::object{{"name", spec.dataset},
                                    {"format", spec.dataset_format},
                                    {"hash", spec.dataset_hash},
                                    {"samples", report.samples},
                                    {"rollouts", spec.rollouts},
                                    {"planned", report.planned},
                                    {"left_out", write_left_out(spec)}});
  out.emplace("tokens", bj::object{{"model", write_tokens(report.model_tokens)},
                                   {"judge", write_tokens(report.judge_tokens)}});
  out.emplace("time", bj::object{{"model", write_time(report.model_time)},
                                 {"judge", write_time(report.judge_time)}});
  out.emplace("cost", bj::object{{"total", or_null(report.cost.total(), micro)},
                                 {"currency", text_or_null(report.cost.currency())},
                                 {"model", write_cost(report.cost.model)},
                                 {"judge", write_cost(report.cost.judge)},
                                 {"may_be_billed", write_cost(report.cost.may_be_billed)}});
  out.emplace("examples", write_examples(report, example_limit));
  return out;
}

bj::object write_published(const std::vector<Report>& reports) {
  const PublishedTable& table = published_table();
  const PublishedComparison comparison = compare_with_published(reports);
  bj::array rows;
  for (const PublishedRow& row : table.rows) {
    bj::object cells;
    for (const InstructionType& type : headline_types()) {
      const auto cell = row.cells.find(type.code);
      if (cell != row.cells.end()) cells.emplace(type.code, cell->second);
    }
    rows.push_back(bj::object{{"language", row.language},
                              {"model", row.model},
                              {"weights", row.source},
                              {"overall", row.overall},
                              {"by_type", std::move(cells)}});
  }
  return {{"source", table.source},
          {"note", table.note},
          {"comparable", comparison.comparable},
          {"remark", comparison.remark},
          {"rows", std::move(rows)}};
}

}  // namespace

std::string render_json(const std::vector<Report>& reports, const RenderOptions& options) {
  bj::object out;
  out.emplace("schema", kReportSchema);
  if (reports.size() == 1) {
    for (auto& field : write_run(reports.front(), options.examples)) {
      out.emplace(field.key(), std::move(field.value()));
    }
  } else {
    bj::array runs;
    for (const Report& report : reports) runs.push_back(write_run(report, options.examples));
    out.emplace("runs", std::move(runs));
    bj::array notes;
    for (const std::string& caution : cautions(reports)) notes.push_back(bj::string(caution));
    out.emplace("cautions", std::move(notes));
    out.emplace("thinking_pairs", write_thinking_pairs(reports));
    out.emplace("judge_flips", write_judge_flips(reports));
    out.emplace("ifeval_ranks", write_ifeval_ranks(reports));
    out.emplace("signatures", write_signatures(signatures_of(reports)));
  }
  if (options.published) out.emplace("published", write_published(reports));
  return to_pretty_json(out);
}

}  // namespace iie
