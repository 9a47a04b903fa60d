#include "report/calibration_view.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <utility>

#include "analysis/intervals.h"
#include "base/json.h"
#include "base/string_util.h"
#include "report/markdown_text.h"
#include "report/plain_text.h"
#include "report/table.h"

namespace iie {
namespace {

namespace bj = boost::json;

using Rows = std::vector<std::vector<std::string>>;

// A rate and its Wilson interval.
struct Rate {
  std::int64_t hits = 0;
  std::int64_t n = 0;
};

std::string percent(double share) { return format_score(100 * share); }

std::string rate_text(const Rate& rate) {
  const auto interval = wilson(rate.hits, rate.n);
  if (!interval) return "-";
  return fmt::format("{} [{}, {}]",
                     percent(static_cast<double>(rate.hits) / static_cast<double>(rate.n)),
                     percent(interval->low), percent(interval->high));
}

Rate accuracy_of(const JudgeCounts& counts) {
  return {counts.true_pass + counts.true_fail, counts.n()};
}
Rate sensitivity_of(const JudgeCounts& counts) { return {counts.true_pass, counts.passes()}; }
Rate specificity_of(const JudgeCounts& counts) { return {counts.true_fail, counts.fails()}; }

std::string kappa_text(const MeasuredCell& cell) {
  if (!cell.kappa) return "-";
  if (!cell.kappa_interval) return fmt::format("{:.3f}", *cell.kappa);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", *cell.kappa, cell.kappa_interval->low,
                     cell.kappa_interval->high);
}

std::string cell_name(const MeasuredCell& cell) {
  if (cell.all) return "all";
  return fmt::format("{} {}", cell.type.empty() ? "-" : cell.type,
                     cell.language ? to_string(*cell.language) : "-");
}

Rows cell_rows(const MeasuredJudge& judge) {
  Rows rows = {
      {"Cell", "n", "accuracy %", "sensitivity %", "specificity %", "kappa", "no verdict", "note"}};
  for (const MeasuredCell& cell : judge.cells) {
    rows.push_back({cell_name(cell), format_count(cell.counts.n()),
                    rate_text(accuracy_of(cell.counts)), rate_text(sensitivity_of(cell.counts)),
                    rate_text(specificity_of(cell.counts)), kappa_text(cell),
                    format_count(cell.unscored), join(cell.warnings, "; ")});
  }
  return rows;
}

std::string judge_line(const MeasuredJudge& judge) {
  return fmt::format("{}: {} calls, {}, {} (run {})", judge.name, format_count(judge.calls),
                     judge.cost ? fmt::format("{:.4f} USD", *judge.cost) : "cost unknown",
                     judge.median_latency_ms
                         ? format_milliseconds(*judge.median_latency_ms) + " in the median"
                         : "latency unknown",
                     judge.run);
}

Rows step_rows(const CalibrationView& view) {
  Rows rows = {{"Step", "accuracy %", "gain", "95 %", "McNemar or permutation p"}};
  for (const AblationStep& step : view.steps) {
    std::vector<std::string> row = {step.name, percent(step.accuracy), "", "", ""};
    if (step.gain) {
      row[2] = fmt::format("{:+.2f}", 100 * step.gain->difference);
      row[3] = fmt::format("[{:+.2f}, {:+.2f}]", 100 * step.gain->interval.low,
                           100 * step.gain->interval.high);
      row[4] = fmt::format("{:.4f}",
                           step.gain->mcnemar ? step.gain->mcnemar->p : step.gain->permutation_p);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows choice_rows(const CalibrationView& view) {
  Rows rows = {{"Type", "chosen judge"}};
  if (view.steps.empty()) return rows;
  for (const auto& [type, judge] : view.steps.back().chosen) {
    rows.push_back({type.empty() ? "-" : type, judge});
  }
  return rows;
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

Rows annotator_rows(const CalibrationView& view) {
  const JudgeAgreement& agreement = *view.annotator_agreement;
  Rows rows = {{"Annotators", "responses", "raw", "Cohen's kappa", "Fleiss' kappa",
                "Krippendorff's alpha", "Gwet's AC1"}};
  rows.push_back({"all", format_count(agreement.responses), number(agreement.raw), "",
                  number(agreement.fleiss_kappa), number(agreement.krippendorff_alpha),
                  number(agreement.gwet_ac1)});
  for (const JudgePair& pair : agreement.pairs) {
    if (pair.counts.n() == 0) continue;
    rows.push_back({view.annotators[pair.first] + ", " + view.annotators[pair.second],
                    format_count(pair.counts.n()), number(pair.agreement), number(pair.kappa), "",
                    "", ""});
  }
  return rows;
}

std::vector<std::string> notes_of(const CalibrationView& view) {
  std::vector<std::string> notes;
  if (view.ties > 0) {
    notes.push_back(fmt::format("{} responses are labelled as often 0 as 1 and left out: {}{}",
                                view.ties, join(view.tied, ", "),
                                view.ties > std::ssize(view.tied) ? " ..." : ""));
  }
  if (!view.thin.empty()) {
    notes.push_back(
        fmt::format("Labels of fewer than two samples, chosen but not cross-validated: {}",
                    join(view.thin, ", ")));
  }
  return notes;
}

std::string table_text(const Rows& rows) {
  std::vector<Align> columns(rows.front().size(), Align::right);
  columns.front() = Align::left;
  Table table(std::move(columns));
  for (const auto& row : rows) {
    std::vector<StyledText> cells;
    for (const std::string& cell : row) cells.push_back({{safe_excerpt(cell, 120), Style::plain}});
    table.add(std::move(cells));
    if (&row == &rows.front()) table.add_rule();
  }
  return table.text(2, false);
}

std::string table_markdown(const Rows& rows) {
  std::string out;
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(md_text(cell));
    out += &row == &rows.front() ? md_header(cells) : md_row(cells);
  }
  return out;
}

bj::value json_number(const std::optional<double>& value) {
  return value ? bj::value(*value) : bj::value(nullptr);
}

bj::value rate_json(const Rate& rate) {
  const auto interval = wilson(rate.hits, rate.n);
  if (!interval) return nullptr;
  return bj::object{{"value", static_cast<double>(rate.hits) / static_cast<double>(rate.n)},
                    {"n", rate.n},
                    {"low", interval->low},
                    {"high", interval->high},
                    {"level", interval->level},
                    {"method", interval->method}};
}

bj::object cell_json(const MeasuredCell& cell) {
  bj::array warnings;
  for (const std::string& warning : cell.warnings) warnings.push_back(bj::string(warning));
  bj::object out{
      {"type", cell.all ? "all" : cell.type},
      {"language", cell.language ? bj::value(bj::string(to_string(*cell.language))) : nullptr},
      {"n", cell.counts.n()},
      {"true_pass", cell.counts.true_pass},
      {"false_fail", cell.counts.false_fail},
      {"true_fail", cell.counts.true_fail},
      {"false_pass", cell.counts.false_pass},
      {"unscored", cell.unscored},
      {"accuracy", rate_json(accuracy_of(cell.counts))},
      {"sensitivity", rate_json(sensitivity_of(cell.counts))},
      {"specificity", rate_json(specificity_of(cell.counts))},
      {"kappa", json_number(cell.kappa)},
      {"kappa_interval", nullptr},
      {"warnings", std::move(warnings)}};
  if (cell.kappa_interval) {
    out["kappa_interval"] = bj::object{{"low", cell.kappa_interval->low},
                                       {"high", cell.kappa_interval->high},
                                       {"level", cell.kappa_interval->level}};
  }
  return out;
}

bj::object step_json(const AblationStep& step) {
  bj::object chosen;
  for (const auto& [type, judge] : step.chosen) chosen.emplace(type.empty() ? "all" : type, judge);
  bj::object out{{"step", step.name},
                 {"accuracy", step.accuracy},
                 {"chosen", std::move(chosen)},
                 {"gain", nullptr}};
  if (step.gain) {
    out["gain"] = bj::object{{"difference", step.gain->difference},
                             {"low", step.gain->interval.low},
                             {"high", step.gain->interval.high},
                             {"level", step.gain->interval.level},
                             {"method", step.gain->interval.method},
                             {"permutation_p", step.gain->permutation_p},
                             {"smallest_detectable", step.gain->smallest_detectable}};
  }
  return out;
}

std::string csv_rate(const Rate& rate) {
  const auto interval = wilson(rate.hits, rate.n);
  if (!interval) return ",,";
  return fmt::format("{:.6f},{:.6f},{:.6f}",
                     static_cast<double>(rate.hits) / static_cast<double>(rate.n), interval->low,
                     interval->high);
}

}  // namespace

std::string calibration_text(const CalibrationView& view) {
  std::string out = fmt::format("{} labelled responses from {}\n", format_count(view.responses),
                                safe_excerpt(view.labels, 120));
  for (const std::string& line : notes_of(view)) out += safe_excerpt(line, 600) + '\n';
  for (const MeasuredJudge& judge : view.judges) {
    out += '\n' + safe_excerpt(judge_line(judge), 300) + '\n' + table_text(cell_rows(judge));
  }
  if (!view.steps.empty()) {
    out += "\nChoosing judges (scored on labels that did not choose)\n" +
           table_text(step_rows(view)) + '\n' + table_text(choice_rows(view));
  }
  if (view.annotator_agreement) {
    out += "\nAgreement of annotators\n" + table_text(annotator_rows(view));
  }
  return out;
}

std::string calibration_markdown(const CalibrationView& view) {
  std::string out = fmt::format("# Judges against {} labelled responses from {}\n",
                                format_count(view.responses), md_text(view.labels));
  for (const std::string& line : notes_of(view)) out += '\n' + md_text(line) + '\n';
  for (const MeasuredJudge& judge : view.judges) {
    out += "\n## " + md_text(judge_line(judge)) + "\n\n" + table_markdown(cell_rows(judge));
  }
  if (!view.steps.empty()) {
    out += "\n## Choosing judges\n\nScored on labels that did not choose.\n\n" +
           table_markdown(step_rows(view)) + '\n' + table_markdown(choice_rows(view));
  }
  if (view.annotator_agreement) {
    out += "\n## Agreement of annotators\n\n" + table_markdown(annotator_rows(view));
  }
  return out;
}

std::string calibration_csv(const CalibrationView& view) {
  std::string out =
      "judge,type,language,n,unscored,accuracy,accuracy_low,accuracy_high,sensitivity,"
      "sensitivity_low,sensitivity_high,specificity,specificity_low,specificity_high,kappa\n";
  for (const MeasuredJudge& judge : view.judges) {
    std::string name;
    for (const char c : judge.name) name += c == '"' ? std::string("\"\"") : std::string(1, c);
    for (const MeasuredCell& cell : judge.cells) {
      out += fmt::format(
          "\"{}\",{},{},{},{},{},{},{},{}\n", name, cell.all ? "all" : std::string_view(cell.type),
          cell.language ? to_string(*cell.language) : "", cell.counts.n(), cell.unscored,
          csv_rate(accuracy_of(cell.counts)), csv_rate(sensitivity_of(cell.counts)),
          csv_rate(specificity_of(cell.counts)),
          cell.kappa ? fmt::format("{:.6f}", *cell.kappa) : "");
    }
  }
  return out;
}

std::string calibration_view_json(const CalibrationView& view) {
  bj::array judges;
  for (const MeasuredJudge& judge : view.judges) {
    bj::array cells;
    for (const MeasuredCell& cell : judge.cells) cells.push_back(cell_json(cell));
    judges.push_back(bj::object{
        {"judge", judge.name},
        {"run", judge.run},
        {"calls", judge.calls},
        {"cost_usd", json_number(judge.cost)},
        {"median_latency_ms",
         judge.median_latency_ms ? bj::value(*judge.median_latency_ms) : bj::value(nullptr)},
        {"cells", std::move(cells)}});
  }
  bj::array steps;
  for (const AblationStep& step : view.steps) steps.push_back(step_json(step));
  bj::array notes;
  for (const std::string& line : notes_of(view)) notes.push_back(bj::string(line));
  bj::object out{{"labels", view.labels},       {"responses", view.responses},
                 {"ties_left_out", view.ties},  {"notes", std::move(notes)},
                 {"judges", std::move(judges)}, {"steps", std::move(steps)},
                 {"annotators", nullptr}};
  if (view.annotator_agreement) {
    const JudgeAgreement& agreement = *view.annotator_agreement;
    bj::array names;
    for (const std::string& name : view.annotators) names.push_back(bj::string(name));
    bj::array pairs;
    for (const JudgePair& pair : agreement.pairs) {
      pairs.push_back(bj::object{{"first", view.annotators[pair.first]},
                                 {"second", view.annotators[pair.second]},
                                 {"responses", pair.counts.n()},
                                 {"agreement", json_number(pair.agreement)},
                                 {"cohen_kappa", json_number(pair.kappa)}});
    }
    out["annotators"] =
        bj::object{{"names", std::move(names)},
                   {"responses", agreement.responses},
                   {"raw", json_number(agreement.raw)},
                   {"fleiss_kappa", json_number(agreement.fleiss_kappa)},
                   {"krippendorff_alpha", json_number(agreement.krippendorff_alpha)},
                   {"gwet_ac1", json_number(agreement.gwet_ac1)},
                   {"pairs", std::move(pairs)}};
  }
  return to_pretty_json(out);
}

}  // namespace iie
