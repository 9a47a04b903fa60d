#include <fmt/format.h>

#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 80;

PaperCell coefficient(const std::optional<double>& value) {
  return {value ? fmt::format("{:.2f}", *value) : "-", "", false};
}

std::string agreement_text(const JudgeAgreement& agreement) {
  if (agreement.responses == 0) return "No response has verdicts of two members.";
  return fmt::format(
      "The members agree on {} of {} responses; raw agreement {}, Fleiss' kappa {}, "
      "Krippendorff's alpha {}, Gwet's AC1 {}.",
      format_count(agreement.unanimous), format_count(agreement.responses),
      coefficient(agreement.raw).text, coefficient(agreement.fleiss_kappa).text,
      coefficient(agreement.krippendorff_alpha).text, coefficient(agreement.gwet_ac1).text);
}

PaperCell score_cell(const std::optional<MemberFigure>& member) {
  if (!member) return {"", "", false};
  if (!member->score) return {"-", "", false};
  return {format_score(*member->score),
          member->interval
              ? fmt::format("[{:.1f}, {:.1f}]", member->interval->low, member->interval->high)
              : "",
          false};
}

std::string tokens_cell(const std::optional<TokenSum>& sum) {
  return sum ? format_count(sum->tokens) : "-";
}

}  // namespace

PaperTable judges_table(const std::vector<Report>& reports) {
  PaperTable table{"judges", "The judges", {}, {}, 1, ""};
  bool members = false;
  bool priced = false;
  for (const Report& report : reports) {
    if (!report.judges) continue;
    for (const OneOfTheJudges& one : report.judges->judges) {
      members = members || one.member;
      priced = priced || (one.cost && !one.cost->currency.empty());
    }
  }
  table.header = {"Judge"};
  if (members) table.header.emplace_back("Own score");
  if (priced) table.header.emplace_back("Cost");
  for (const char* name : {"Calls", "No verdict", "Tokens in", "Tokens out"}) {
    table.header.emplace_back(name);
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].judges) continue;
    const std::string run = reports.size() == 1 ? "" : run_letter(i) + "  ";
    for (const OneOfTheJudges& one : reports[i].judges->judges) {
      std::vector<PaperCell> row = {{run + safe_excerpt(one.judge, kNameBytes), "", false}};
      if (members) row.push_back(score_cell(one.member));
      // Nothing where no price is known: unknown is no zero.
      if (priced) {
        row.push_back(
            {one.cost && !one.cost->currency.empty() ? cost_text(*one.cost) : "-", "", false});
      }
      row.push_back({format_count(one.calls), "", false});
      row.push_back({format_count(one.unreadable), "", false});
      row.push_back({tokens_cell(one.tokens.input), "", false});
      row.push_back({tokens_cell(one.tokens.output), "", false});
      table.rows.push_back(std::move(row));
    }
    if (reports[i].judges->agreement) {
      if (!table.note.empty()) table.note += ' ';
      table.note += run.empty()
                        ? agreement_text(*reports[i].judges->agreement)
                        : run_letter(i) + ": " + agreement_text(*reports[i].judges->agreement);
    }
  }
  return table;
}

}  // namespace iie
