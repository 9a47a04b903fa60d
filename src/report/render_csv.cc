// One line per figure, for spreadsheets and data frames. RFC 4180 with "\n"; empty is unknown.
#include <cmath>

#include "base/json.h"
#include "base/string_util.h"
#include "report/plain_text.h"
#include "report/published.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kCsvTextBytes = 200;
constexpr std::string_view kAll = "all";

// A spreadsheet takes a text that begins like this for a formula and would run it.
bool starts_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos;
}

std::string csv_text(std::string_view text) {
  std::string value = safe_excerpt(text, kCsvTextBytes);
  if (starts_formula(value)) value.insert(value.begin(), '\'');
  if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::string csv_number(double number) {
  std::string out;
  append_json_number(out, std::round(number * 1e4) / 1e4);
  return out;
}

// Lines about a further type have a group of their own: who adds up "type" gets the benchmark.
std::string group_of(std::string_view group, std::string_view type) {
  return (is_headline(type) ? "" : "further_") + std::string(group);
}

class CsvLines {
 public:
  std::string out = "run,group,key,language,n,passed,unscored,score,low,high,model\n";

  void add(const Report& report, std::string_view group, std::string_view key,
           std::string_view language, const Figure& figure) {
    start(report.run_id, group, key, language);
    out += std::to_string(figure.n) + ',' + std::to_string(figure.passed) + ',' +
           std::to_string(figure.unscored) + ',';
    if (figure.score) out += csv_number(*figure.score);
    out += ',';
    if (figure.interval) out += csv_number(figure.interval->low);
    out += ',';
    if (figure.interval) out += csv_number(figure.interval->high);
    out += ',' + csv_text(report.spec.model) + '\n';
  }

  // A share with an interval and no verdicts of its own.
  void add_share(const Report& report, std::string_view group, std::string_view key,
                 std::string_view language, std::int64_t n, double share, double low, double high) {
    start(report.run_id, group, key, language);
    out += std::to_string(n) + ",,," + csv_number(share) + ',' + csv_number(low) + ',' +
           csv_number(high) + ',' + csv_text(report.spec.model) + '\n';
  }
  void add_count(const Report& report, std::string_view group, std::string_view key,
                 std::string_view language, std::int64_t count) {
    start(report.run_id, group, key, language);
    out += std::to_string(count) + ",,,,,," + csv_text(report.spec.model) + '\n';
  }

  // Amounts stand where scores do, calls where verdicts do: `group` says which.
  void add_cost(const Report& report, std::string_view key, const std::optional<CallCost>& cost) {
    if (!cost || !cost->amount) return;
    start(report.run_id, "cost_" + ascii_lower(cost->currency), key, kAll);
    out += std::to_string(cost->priced) + ",,,";
    append_json_number(out, std::round(*cost->amount * 1e6) / 1e6);
    out += ",,," + csv_text(report.spec.model) + '\n';
  }

  // A coefficient, -1 to 1; no line where it is not defined.
  void add_value(const Report& report, std::string_view group, std::string_view key, std::int64_t n,
                 const std::optional<double>& value) {
    if (!value) return;
    start(report.run_id, group, key, kAll);
    out += std::to_string(n) + ",,,";
    out += csv_number(*value);
    out += ",,," + csv_text(report.spec.model) + '\n';
  }

  void add_published(const PublishedRow& row, std::string_view key, double score) {
    start("published", "published", key, row.language);
    out += ",,," + csv_number(score) + ",,," + csv_text(row.model) + '\n';
  }

 private:
  void start(std::string_view run, std::string_view group, std::string_view key,
             std::string_view language) {
    for (const std::string_view field : {run, group, key, language}) out += csv_text(field) + ',';
  }
};

void add_instructions(CsvLines& lines, const Report& report) {
  const auto add = [&](const std::string& group, std::string_view key,
                       const InstructionFigure& figure) {
    lines.add(report, group + "_strict", key, kAll, figure.strict);
    lines.add(report, group + "_loose", key, kAll, figure.loose);
  };
  add("prompt", "overall", report.instructions->prompts);
  add("instruction", "overall", report.instructions->instructions);
  for (const InstructionGroup& group : report.instructions->by_group) {
    add("instruction_group", group.key, group.figure);
  }
  for (const InstructionGroup& one : report.instructions->by_id) {
    add("instruction_id", one.key, one.figure);
  }
}

void add_findings(CsvLines& lines, const Report& report) {
  if (report.best_of) {
    const auto add = [&](const BestOfCurve& curve, std::string_view key,
                         std::string_view language) {
      for (const BestOfN& point : curve.points) {
        const std::string group = "best_of_" + std::to_string(point.n);
        lines.add_share(report, group_of(group, key), key, language, point.samples, point.share,
                        point.interval.low, point.interval.high);
      }
    };
    add(report.best_of->overall, "overall", kAll);
    for (const BestOfCurve& curve : report.best_of->by_language) add(curve, "overall", curve.key);
    for (const BestOfCurve& curve : report.best_of->by_type) add(curve, curve.key, kAll);
  }
  if (report.language_gap) {
    const auto add = [&](const LanguageGap::Difference& gap) {
      lines.add_share(report, "language_gap", gap.key, kAll, gap.pairs, gap.difference, gap.low,
                      gap.high);
    };
    add(report.language_gap->overall);
    for (const LanguageGap::Difference& gap : report.language_gap->by_type) add(gap);
  }
  const auto add_corrected = [&](std::string_view group, const CorrectedReport& found) {
    const auto add_sum = [&](const CorrectedSum& sum, std::string_view language) {
      if (!sum.corrected) return;
      lines.add_share(report, group_of(group, sum.key), sum.key, language, sum.n,
                      sum.corrected->score, sum.corrected->low, sum.corrected->high);
    };
    add_sum(found.overall, kAll);
    for (const CorrectedSum& sum : found.by_language) add_sum(sum, sum.key);
    for (const CorrectedSum& sum : found.by_type) add_sum(sum, kAll);
    for (const CorrectedCell& cell : found.cells) {
      if (!cell.corrected) continue;
      lines.add_share(report, group_of(group, cell.type), cell.type, cell.language, cell.n,
                      cell.corrected->score, cell.corrected->low, cell.corrected->high);
    }
  };
  if (report.corrected) add_corrected("corrected", *report.corrected);
  if (report.powered) add_corrected("powered", report.powered->by_cells);
  if (report.twins) {
    const auto add = [&](const InertiaGap& gap) {
      lines.add_share(report, group_of("inertia_gap", gap.key), gap.key, kAll, gap.samples, gap.gap,
                      gap.low, gap.high);
    };
    if (report.twins->overall) add(*report.twins->overall);
    for (const InertiaGap& gap : report.twins->by_type) add(gap);
  }
  for (const FailureReport::Cell& cell : report.failures.cells) {
    for (std::size_t i = 0; i < kFailureModes; ++i) {
      if (cell.counts.by_mode[i] == 0) continue;
      const std::string group = "failed_" + std::string(to_string(static_cast<FailureMode>(i)));
      lines.add_count(report, group_of(group, cell.type), cell.type, cell.language,
                      cell.counts.by_mode[i]);
    }
  }
}

// Of several judges: each one's cost and, in a panel, own score; the members' agreement.
void add_judges(CsvLines& lines, const Report& report, const SeveralJudges& several) {
  for (const OneOfTheJudges& one : several.judges) {
    const std::string name = safe_excerpt(one.judge, kCsvTextBytes);
    lines.add_cost(report, "judge " + name, one.cost);
    if (!one.member) continue;
    const MemberFigure& member = *one.member;
    Figure figure;
    figure.n = member.n;
    figure.passed = member.passed;
    figure.failed = member.n - member.passed - member.unscored;
    figure.unscored = member.unscored;
    figure.score = member.score;
    figure.interval = member.interval;
    lines.add(report, "panel_member", name, kAll, figure);
  }
  if (!several.agreement) return;
  const JudgeAgreement& agreement = *several.agreement;
  lines.add_value(report, "agreement", "raw", agreement.responses, agreement.raw);
  lines.add_value(report, "agreement", "fleiss_kappa", agreement.responses, agreement.fleiss_kappa);
  lines.add_value(report, "agreement", "krippendorff_alpha", agreement.responses,
                  agreement.krippendorff_alpha);
  lines.add_value(report, "agreement", "gwet_ac1", agreement.responses, agreement.gwet_ac1);
}

}  // namespace

std::string render_csv(const std::vector<Report>& reports, const RenderOptions& options) {
  CsvLines lines;
  for (const Report& report : reports) {
    lines.add(report, "overall", "overall", kAll, report.overall);
    for (const Group& group : report.by_language) {
      lines.add(report, "language", group.key, group.key, group.figure);
    }
    for (const Group& group : report.by_type) {
      lines.add(report, group_of("type", group.key), group.key, kAll, group.figure);
    }
    for (const Cell& cell : report.cells) {
      lines.add(report, group_of("cell", cell.type), cell.type, cell.language, cell.figure);
    }
    for (const Group& group : report.by_domain) {
      lines.add(report, "domain", group.key, kAll, group.figure);
    }
    if (report.instructions) add_instructions(lines, report);
    add_findings(lines, report);
    lines.add_cost(report, "model", report.cost.model);
    lines.add_cost(report, "judge", report.cost.judge);
    if (report.judges) add_judges(lines, report, *report.judges);
  }
  if (options.published) {
    for (const PublishedRow& row : published_table().rows) {
      lines.add_published(row, "overall", row.overall);
      for (const InstructionType& type : headline_types()) {
        const auto cell = row.cells.find(type.code);
        if (cell != row.cells.end()) lines.add_published(row, type.code, cell->second);
      }
    }
  }
  return lines.out;
}

}  // namespace iie
