#include "report/judges_view.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "report/findings_json.h"
#include "report/markdown_text.h"
#include "report/plain_text.h"
#include "report/table.h"

namespace iie {
namespace {

namespace bj = boost::json;

std::string percent(double share) { return format_score(100 * share); }

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string interval_of(const JudgeScore& score) {
  if (!score.interval) return "";
  return fmt::format("[{}, {}]", percent(score.interval->low), percent(score.interval->high));
}

std::string cell_name(const JudgedCell& cell) {
  return fmt::format("{} {}", cell.type.empty() ? "-" : cell.type,
                     cell.language ? to_string(*cell.language) : "-");
}

std::string_view vote_word(JudgeVote vote) {
  if (!vote) return "none";
  return *vote ? "pass" : "fail";
}

// The rows of one table, for a terminal or for Markdown.
using Rows = std::vector<std::vector<std::string>>;

Rows score_rows(const JudgesView& view) {
  Rows rows = {{"Model", "Judge", "Score", "95 %", "Unscored", "n"}};
  for (std::size_t model = 0; model < view.models.size(); ++model) {
    for (std::size_t judge = 0; judge < view.judges.size(); ++judge) {
      const JudgeScore& score = view.comparison.scores[model][judge];
      rows.push_back({view.models[model], view.judges[judge],
                      score.share() ? percent(*score.share()) : "-", interval_of(score),
                      format_count(score.unscored), format_count(score.n)});
    }
  }
  return rows;
}

void add_pairs(Rows& rows, const std::string& cell, const JudgesView& view,
               const JudgeAgreement& agreement) {
  for (const JudgePair& pair : agreement.pairs) {
    const FlipCounts& counts = pair.counts;
    rows.push_back({cell, view.judges[pair.first], view.judges[pair.second],
                    format_count(counts.both_pass), format_count(counts.first_only),
                    format_count(counts.second_only), format_count(counts.both_fail),
                    format_count(counts.incomplete),
                    pair.agreement ? percent(*pair.agreement) : "-", number(pair.kappa)});
  }
}

Rows flip_rows(const JudgesView& view) {
  Rows rows = {{"Cell", "Judge A", "Judge B", "both pass", "only A", "only B", "both fail",
                "no verdict", "agree %", "kappa"}};
  add_pairs(rows, "all", view, view.comparison.agreement);
  for (const JudgedCell& cell : view.comparison.cells) {
    add_pairs(rows, cell_name(cell), view, cell.agreement);
  }
  return rows;
}

Rows agreement_rows(const JudgesView& view) {
  Rows rows = {{"Cell", "responses", "unanimous", "raw", "Fleiss' kappa", "Krippendorff's alpha",
                "Gwet's AC1"}};
  const auto add = [&](const std::string& cell, const JudgeAgreement& agreement) {
    rows.push_back({cell, format_count(agreement.responses), format_count(agreement.unanimous),
                    number(agreement.raw), number(agreement.fleiss_kappa),
                    number(agreement.krippendorff_alpha), number(agreement.gwet_ac1)});
  };
  add("all", view.comparison.agreement);
  for (const JudgedCell& cell : view.comparison.cells) add(cell_name(cell), cell.agreement);
  return rows;
}

Rows ranking_rows(const JudgesView& view) {
  Rows rows = {{"Judge A", "Judge B", "Kendall's tau", "95 %", "order"}};
  for (const RankingChange& change : view.comparison.rankings) {
    rows.push_back({view.judges[change.first], view.judges[change.second], number(change.tau),
                    change.interval ? fmt::format("[{:.3f}, {:.3f}]", change.interval->low,
                                                  change.interval->high)
                                    : "",
                    change.changed ? "changes" : "stays"});
  }
  return rows;
}

std::string table_text(const Rows& rows, std::size_t left_columns) {
  std::vector<Align> columns;
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    columns.push_back(i < left_columns ? Align::left : Align::right);
  }
  Table table(std::move(columns));
  for (const auto& row : rows) {
    std::vector<StyledText> cells;
    for (const std::string& cell : row) cells.push_back({{safe_excerpt(cell, 80), Style::plain}});
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

std::string more_note(const JudgesView& view) {
  return fmt::format("{} of {}", view.disagreements.size(), view.all_disagreements);
}

bj::value json_number(const std::optional<double>& value) {
  return value ? bj::value(*value) : bj::value(nullptr);
}

}  // namespace

bj::object write_judge_agreement(const std::vector<std::string>& judges,
                                 const JudgeAgreement& agreement) {
  bj::array pairs;
  for (const JudgePair& pair : agreement.pairs) {
    const FlipCounts& counts = pair.counts;
    pairs.push_back(bj::object{{"first", judges[pair.first]},
                               {"second", judges[pair.second]},
                               {"both_pass", counts.both_pass},
                               {"first_only", counts.first_only},
                               {"second_only", counts.second_only},
                               {"both_fail", counts.both_fail},
                               {"no_verdict", counts.incomplete},
                               {"agreement", json_number(pair.agreement)},
                               {"cohen_kappa", json_number(pair.kappa)}});
  }
  return {{"responses", agreement.responses},
          {"unanimous", agreement.unanimous},
          {"raw", json_number(agreement.raw)},
          {"fleiss_kappa", json_number(agreement.fleiss_kappa)},
          {"krippendorff_alpha", json_number(agreement.krippendorff_alpha)},
          {"gwet_ac1", json_number(agreement.gwet_ac1)},
          {"pairs", std::move(pairs)}};
}

namespace {

bj::object score_json(const std::string& judge, const JudgeScore& score) {
  bj::object out{{"judge", judge},         {"score", nullptr},
                 {"passed", score.passed}, {"unscored", score.unscored},
                 {"n", score.n},           {"interval", nullptr}};
  if (const auto share = score.share()) out["score"] = 100 * *share;
  if (score.interval) {
    out["interval"] = bj::object{{"low", 100 * score.interval->low},
                                 {"high", 100 * score.interval->high},
                                 {"level", score.interval->level},
                                 {"method", score.interval->method}};
  }
  return out;
}

bj::array scores_json(const JudgesView& view, const std::vector<JudgeScore>& scores) {
  bj::array out;
  for (std::size_t judge = 0; judge < scores.size(); ++judge) {
    out.push_back(score_json(view.judges[judge], scores[judge]));
  }
  return out;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    out += c;
    if (c == '"') out += '"';
  }
  return out + '"';
}

}  // namespace

std::string judges_text(const JudgesView& view) {
  std::string out = "Scores under each judge\n" + table_text(score_rows(view), 2);
  out += "\nFlips between judges\n" + table_text(flip_rows(view), 3);
  out += "\nAgreement of all judges\n" + table_text(agreement_rows(view), 1);
  if (!view.comparison.rankings.empty()) {
    out += "\nThe models' ranking\n" + table_text(ranking_rows(view), 2);
  }
  if (view.disagreements.empty()) return out;
  out += fmt::format("\nResponses on which judges differ ({})\n", more_note(view));
  for (const Disagreement& each : view.disagreements) {
    out += fmt::format("  {} rollout {} of run {}\n", safe_excerpt(each.sample, 60),
                       each.rollout + 1, each.run);
    for (std::size_t judge = 0; judge < each.votes.size(); ++judge) {
      out +=
          fmt::format("    {:<4}  {}: {}\n", vote_word(each.votes[judge]),
                      safe_excerpt(view.judges[judge], 60), safe_excerpt(each.reasons[judge], 160));
    }
  }
  return out;
}

std::string judges_markdown(const JudgesView& view) {
  std::string out = "# The same responses under several judges\n\n## Scores\n\n";
  out += table_markdown(score_rows(view));
  out += "\n## Flips\n\n" + table_markdown(flip_rows(view));
  out += "\n## Agreement of all judges\n\n" + table_markdown(agreement_rows(view));
  if (!view.comparison.rankings.empty()) {
    out += "\n## The models' ranking\n\n" + table_markdown(ranking_rows(view));
  }
  if (view.disagreements.empty()) return out;
  out += fmt::format("\n## Responses on which judges differ ({})\n", more_note(view));
  for (const Disagreement& each : view.disagreements) {
    out += fmt::format("\n### {} · rollout {} · run {}\n\n{}\n\n", md_text(each.sample),
                       each.rollout + 1, each.run, md_text(each.response));
    Rows rows = {{"Judge", "Verdict", "Reason"}};
    for (std::size_t judge = 0; judge < each.votes.size(); ++judge) {
      rows.push_back(
          {view.judges[judge], std::string(vote_word(each.votes[judge])), each.reasons[judge]});
    }
    out += table_markdown(rows);
  }
  return out;
}

std::string judges_csv(const JudgesView& view) {
  std::string out =
      "type,language,judge_a,judge_b,both_pass,only_a,only_b,both_fail,no_verdict,agreement,"
      "cohen_kappa\n";
  const auto add = [&](std::string_view type, std::string_view language,
                       const JudgeAgreement& agreement) {
    for (const JudgePair& pair : agreement.pairs) {
      const FlipCounts& counts = pair.counts;
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(type), language,
                         csv_field(view.judges[pair.first]), csv_field(view.judges[pair.second]),
                         counts.both_pass, counts.first_only, counts.second_only, counts.both_fail,
                         counts.incomplete,
                         pair.agreement ? fmt::format("{:.6f}", *pair.agreement) : "",
                         pair.kappa ? fmt::format("{:.6f}", *pair.kappa) : "");
    }
  };
  add("all", "", view.comparison.agreement);
  for (const JudgedCell& cell : view.comparison.cells) {
    add(cell.type, cell.language ? to_string(*cell.language) : "", cell.agreement);
  }
  return out;
}

std::string judges_json(const JudgesView& view) {
  bj::array models;
  for (std::size_t model = 0; model < view.models.size(); ++model) {
    bj::array scores = scores_json(view, view.comparison.scores[model]);
    for (std::size_t judge = 0; judge < scores.size(); ++judge) {
      const std::string& run = view.judged_in[model][judge];
      scores[judge].as_object().emplace("run", run.empty() ? view.runs[model] : run);
    }
    models.push_back(bj::object{
        {"model", view.models[model]}, {"run", view.runs[model]}, {"scores", std::move(scores)}});
  }
  bj::array cells;
  for (const JudgedCell& cell : view.comparison.cells) {
    cells.push_back(bj::object{
        {"type", cell.type},
        {"language", cell.language ? bj::value(bj::string(to_string(*cell.language))) : nullptr},
        {"responses", cell.responses},
        {"scores", scores_json(view, cell.scores)},
        {"agreement", write_judge_agreement(view.judges, cell.agreement)}});
  }
  bj::array rankings;
  for (const RankingChange& change : view.comparison.rankings) {
    bj::object one{{"first", view.judges[change.first]},
                   {"second", view.judges[change.second]},
                   {"kendall_tau", json_number(change.tau)},
                   {"interval", nullptr},
                   {"order_changes", change.changed}};
    if (change.interval) {
      one["interval"] = bj::object{{"low", change.interval->low},
                                   {"high", change.interval->high},
                                   {"level", change.interval->level}};
    }
    rankings.push_back(std::move(one));
  }
  bj::array disagreements;
  for (const Disagreement& each : view.disagreements) {
    bj::array votes;
    for (std::size_t judge = 0; judge < each.votes.size(); ++judge) {
      votes.push_back(bj::object{{"judge", view.judges[judge]},
                                 {"verdict", vote_word(each.votes[judge])},
                                 {"reason", each.reasons[judge]}});
    }
    disagreements.push_back(bj::object{
        {"run", each.run},
        {"sample", each.sample},
        {"rollout", each.rollout},
        {"type", each.type},
        {"language", each.language ? bj::value(bj::string(to_string(*each.language))) : nullptr},
        {"response", each.response},
        {"votes", std::move(votes)}});
  }
  bj::array judges;
  for (const std::string& judge : view.judges) judges.push_back(bj::string(judge));
  return to_pretty_json(
      bj::object{{"judges", std::move(judges)},
                 {"models", std::move(models)},
                 {"agreement", write_judge_agreement(view.judges, view.comparison.agreement)},
                 {"cells", std::move(cells)},
                 {"rankings", std::move(rankings)},
                 {"disagreements", std::move(disagreements)},
                 {"all_disagreements", view.all_disagreements}});
}

}  // namespace iie
