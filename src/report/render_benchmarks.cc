// Ranks on two benchmarks as text: the conclusion first, then the models, then the pairs that
// change places.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/json.h"
#include "report/benchmark_comparison.h"
#include "report/findings_json.h"
#include "report/markdown_text.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/render.h"
#include "report/renderers.h"
#include "report/table.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::size_t kShownInversions = 20;  // for people; JSON and CSV have all

PaperCell words(std::string text, bool strong = false) { return {std::move(text), "", strong}; }

// "2", "2.5"
std::string rank_text(double rank) { return fmt::format("{:g}", rank); }
std::string change_text(double change) { return change == 0 ? "0" : fmt::format("{:+g}", change); }
// Never "100 %" of what is not all, nor "0 %" of what is not nothing.
std::string percent_text(double share) {
  if (share > 99 && share < 100) return "> 99 %";
  if (share < 1 && share > 0) return "< 1 %";
  return fmt::format("{:.0f} %", share);
}

// "[1, 3]", or nothing where it never moves.
std::string range_text(const RankRange& range, bool with_sign) {
  if (range.low == range.high) return "";
  return with_sign ? fmt::format("[{}, {}]", change_text(range.low), change_text(range.high))
                   : fmt::format("[{:g}, {:g}]", range.low, range.high);
}

std::string side_text(const BenchmarkSide& side, std::string_view metric) {
  std::string text = fmt::format("{}: {}", side.dataset, count_of(side.samples, "sample"));
  if (side.clusters != side.samples) text += fmt::format(" in {} questions", side.clusters);
  text += side.judge.empty() ? fmt::format("; {}", metric)
                             : fmt::format("; share passed; judge {}", side.judge);
  return text;
}

PaperTable model_table(const BenchmarkPair& pair, double level) {
  PaperTable table{"benchmark_ranks", "Ranks", {}, {}, 1, ""};
  table.header = {"Model", "Rank here", "Rank there", "Change", "Here", "There"};
  for (const ComparedModel& model : pair.models) {
    table.rows.push_back(
        {words(model.model, model.change != 0),
         {rank_text(model.rank_inverse), range_text(model.inverse_range, false), false},
         {rank_text(model.rank_conventional), range_text(model.conventional_range, false), false},
         {change_text(model.change), range_text(model.change_range, true), model.change != 0},
         {format_score(model.inverse), interval_text(model.inverse_interval), false},
         {format_score(model.conventional), interval_text(model.conventional_interval), false}});
  }
  table.note = fmt::format(
      "Here: {}; there: {}. Change: places gained here. Ranks with {} of the resamples, {} of "
      "them; "
      "scores with Wilson's interval.",
      pair.inverse.dataset, pair.conventional.dataset, level_text(level),
      format_count(pair.rounds));
  return table;
}

PaperTable inversion_table(const BenchmarkPair& pair) {
  PaperTable table{"inversions", "Pairs that change places", {}, {}, 2, ""};
  table.header = {"Ahead there", "Ahead here",  "Both hold", "There by",
                  "Here by",     "There holds", "Here holds"};
  for (std::size_t i = 0; i < pair.inversions.size() && i < kShownInversions; ++i) {
    const ComparedInversion& one = pair.inversions[i];
    table.rows.push_back({words(one.ahead_conventional), words(one.ahead_inverse),
                          words(percent_text(one.held), one.held >= 95),
                          words(fmt::format("{:.1f}", one.gap_conventional)),
                          words(fmt::format("{:.1f}", one.gap_inverse)),
                          words(percent_text(one.held_conventional)),
                          words(percent_text(one.held_inverse))});
  }
  table.note =
      "In how many of the resamples the order there, the order here, and both are as in the data: "
      "near 100 % they are sure. Gaps in points.";
  if (pair.inversions.size() > kShownInversions) {
    table.note += fmt::format(" {} less sure pairs are not shown.",
                              pair.inversions.size() - kShownInversions);
  }
  return table;
}

std::string terminal(const BenchmarkComparison& comparison, const RenderOptions& options) {
  const auto width = static_cast<std::size_t>(std::max(options.width, 40));
  std::string out;
  const auto line = [&](const StyledText& text) { out += paint(text, options.colour) + '\n'; };
  const auto paragraph = [&](const std::string& text, Style style) {
    for (const std::string& part : wrap(text, width - 2, 8)) line({{"  "}, {part, style}});
  };
  line({{"Inverse IFEval  ", Style::dim}, {"Ranks on two benchmarks", Style::bold}});
  for (const BenchmarkPair& pair : comparison.pairs) {
    out += '\n';
    paragraph("Here   " + side_text(pair.inverse, ""), Style::plain);
    paragraph("There  " + side_text(pair.conventional, to_string(comparison.metric)), Style::plain);
    out += '\n';
    paragraph(conclusion(pair), Style::bold);
    out += '\n';
    const PaperTable models = model_table(pair, comparison.level);
    out += terminal_table(models, width, options.colour);
    paragraph(models.note, Style::dim);
    if (pair.inversions.empty()) continue;
    out += '\n';
    const PaperTable inversions = inversion_table(pair);
    out += terminal_table(inversions, width, options.colour);
    paragraph(inversions.note, Style::dim);
  }
  if (!comparison.cautions.empty()) out += '\n';
  for (const std::string& caution : comparison.cautions) paragraph(caution, Style::warn);
  return out;
}

std::string markdown(const BenchmarkComparison& comparison) {
  std::string out = "# Inverse IFEval: ranks on two benchmarks\n";
  for (const BenchmarkPair& pair : comparison.pairs) {
    out += fmt::format("\n- **here**: {}\n- **there**: {}\n\n**{}**\n\n{}",
                       md_text(side_text(pair.inverse, "")),
                       md_text(side_text(pair.conventional, to_string(comparison.metric))),
                       md_text(conclusion(pair)), md_table(model_table(pair, comparison.level)));
    if (!pair.inversions.empty()) out += '\n' + md_table(inversion_table(pair));
  }
  for (const std::string& caution : comparison.cautions) {
    out += fmt::format("\n> {}\n", md_text(caution));
  }
  return out;
}

// As RFC 4180 says; never a formula for a spreadsheet.
std::string csv_text(std::string text) {
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv_number(double value) {
  std::string text;
  append_json_number(text, std::round(value * 1e6) / 1e6);
  return text;
}

std::string csv(const BenchmarkComparison& comparison) {
  std::string out =
      "conventional,inverse,kind,model,other,value_conventional,value_inverse,rank_conventional,"
      "rank_inverse,value,low,high\n";
  for (const BenchmarkPair& pair : comparison.pairs) {
    const std::string head =
        csv_text(pair.conventional.dataset) + ',' + csv_text(pair.inverse.dataset) + ',';
    const auto coefficient = [&](std::string_view kind, const std::optional<double>& value,
                                 const std::optional<CorrelationInterval>& interval) {
      out += fmt::format("{}{},,,,,,,{},{},{}\n", head, kind, value ? csv_number(*value) : "",
                         interval ? csv_number(interval->low) : "",
                         interval ? csv_number(interval->high) : "");
    };
    coefficient("tau_b", pair.tau, pair.tau_interval);
    coefficient("rho", pair.rho, pair.rho_interval);
    for (const ComparedModel& model : pair.models) {
      out += fmt::format("{}model,{},,{},{},{},{},{},{},{}\n", head, csv_text(model.model),
                         csv_number(model.conventional), csv_number(model.inverse),
                         csv_number(model.rank_conventional), csv_number(model.rank_inverse),
                         csv_number(model.change), csv_number(model.change_range.low),
                         csv_number(model.change_range.high));
    }
    for (const ComparedInversion& one : pair.inversions) {
      out += fmt::format("{}inversion,{},{},{},{},,,{},,\n", head, csv_text(one.ahead_conventional),
                         csv_text(one.ahead_inverse), csv_number(one.gap_conventional),
                         csv_number(one.gap_inverse), csv_number(one.held));
    }
  }
  return out;
}

bj::value write_range(double low, double high) {
  return bj::object{{"low", rounded(low)}, {"high", rounded(high)}};
}

bj::value write_coefficient(const std::optional<double>& value,
                            const std::optional<CorrelationInterval>& interval) {
  if (!value) return nullptr;
  bj::object out{
      {"value", rounded(*value)}, {"low", nullptr}, {"high", nullptr}, {"rounds", nullptr}};
  if (interval) {
    out["low"] = rounded(interval->low);
    out["high"] = rounded(interval->high);
    out["rounds"] = interval->rounds;
  }
  return out;
}

bj::object write_side(const BenchmarkSide& side) {
  bj::object out{{"dataset", side.dataset}, {"samples", side.samples}, {"clusters", side.clusters}};
  if (!side.judge.empty()) out["judge"] = side.judge;
  return out;
}

bj::object write_pair(const BenchmarkPair& pair, const BenchmarkComparison& comparison) {
  bj::object out;
  out["conventional"] = write_side(pair.conventional);
  out["conventional"].as_object()["metric"] = to_string(comparison.metric);
  out["inverse"] = write_side(pair.inverse);
  out["tau_b"] = write_coefficient(pair.tau, pair.tau_interval);
  out["rho"] = write_coefficient(pair.rho, pair.rho_interval);
  out["rounds"] = pair.rounds;
  const auto place = [](const std::string& run, double score, const Interval& interval, double rank,
                        const RankRange& range) {
    return bj::object{{"run", run},
                      {"score", rounded(score)},
                      {"interval", write_range(interval.low, interval.high)},
                      {"rank", rank},
                      {"rank_interval", write_range(range.low, range.high)}};
  };
  bj::array& models = out["models"].emplace_array();
  for (const ComparedModel& model : pair.models) {
    models.push_back(bj::object{
        {"model", model.model},
        {"conventional",
         place(model.run_conventional, model.conventional, model.conventional_interval,
               model.rank_conventional, model.conventional_range)},
        {"inverse", place(model.run_inverse, model.inverse, model.inverse_interval,
                          model.rank_inverse, model.inverse_range)},
        {"change", model.change},
        {"change_interval", write_range(model.change_range.low, model.change_range.high)}});
  }
  bj::array& inversions = out["inversions"].emplace_array();
  for (const ComparedInversion& one : pair.inversions) {
    inversions.push_back(bj::object{{"ahead_conventional", one.ahead_conventional},
                                    {"ahead_inverse", one.ahead_inverse},
                                    {"gap_conventional", rounded(one.gap_conventional)},
                                    {"gap_inverse", rounded(one.gap_inverse)},
                                    {"held_conventional", rounded(one.held_conventional)},
                                    {"held_inverse", rounded(one.held_inverse)},
                                    {"held", rounded(one.held)}});
  }
  out["conclusion"] = conclusion(pair);
  return out;
}

std::string json(const BenchmarkComparison& comparison) {
  bj::object out{{"schema", 1}, {"level", comparison.level}, {"seed", comparison.seed}};
  bj::array& pairs = out["comparisons"].emplace_array();
  for (const BenchmarkPair& pair : comparison.pairs) pairs.push_back(write_pair(pair, comparison));
  bj::array& cautions = out["cautions"].emplace_array();
  for (const std::string& caution : comparison.cautions) cautions.push_back(bj::value(caution));
  return to_pretty_json(out);
}

}  // namespace

Result<std::string> render_benchmarks(const BenchmarkComparison& comparison, ReportFormat format,
                                      const RenderOptions& options) {
  switch (format) {
    case ReportFormat::terminal:
      return terminal(comparison, options);
    case ReportFormat::markdown:
      return markdown(comparison);
    case ReportFormat::csv:
      return csv(comparison);
    case ReportFormat::json:
      return json(comparison);
    default:
      return fail(ErrorKind::usage, fmt::format("compare-benchmarks has no format '{}': it is one "
                                                "of terminal, json, md, csv",
                                                to_string(format)));
  }
}

}  // namespace iie
