// The report as one HTML file that needs nothing else: no script, style, font or image from
// outside.
//
// The page is complete without its script: scores, tables, examples and facts are written here. The
// script (web/) draws charts into the figures from the JSON report, which the page carries as data.
// A strict policy allows that script and that style, by their hashes, and nothing else; every text
// that a model, a judge or a dataset wrote is escaped all the same.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>

#include "base/embedded.h"
#include "base/hash.h"
#include "base/json.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/side_by_side.h"

namespace iie {
namespace {

constexpr std::size_t kNameBytes = 160;

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// JSON inside a script element: no character of it can end the element or begin a comment.
std::string script_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// As a Content-Security-Policy names a hash: base64 of the digest.
std::string policy_hash(std::string_view content) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = sha256_hex(content);
  std::array<unsigned, 33> bytes{};  // 32, and one for the last group
  for (std::size_t i = 0; i < 32; ++i) {
    bytes[i] = static_cast<unsigned>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  std::string out = "sha256-";
  for (std::size_t i = 0; i < 33; i += 3) {
    const unsigned group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) out += kDigits[group >> shift & 63];
  }
  out.back() = '=';  // 32 bytes leave one short
  return out;
}

std::string table_html(const PaperTable& table) {
  std::string out = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>"
      "<caption>{0}</caption><thead><tr>",
      html_text(table.title));
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    out +=
        fmt::format("<th scope=\"col\"{}>{}</th>", i < table.text_columns ? " class=\"words\"" : "",
                    html_text(table.header[i]));
  }
  out += "</tr></thead><tbody>\n";
  for (const std::vector<PaperCell>& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool head = i == 0 && table.text_columns > 0;
      std::string classes = i < table.text_columns ? "words" : "";
      if (row[i].strong) classes += classes.empty() ? "strong" : " strong";
      out += fmt::format("<{}{}>{}", head ? "th scope=\"row\"" : "td",
                         classes.empty() ? "" : fmt::format(" class=\"{}\"", classes),
                         html_text(row[i].text));
      if (!row[i].detail.empty()) out += " <small>" + html_text(row[i].detail) + "</small>";
      out += head ? "</th>" : "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (!table.note.empty()) {
    out += "<p class=\"muted-text\">" + html_text(table.note) + "</p>\n";
  }
  return out;
}

struct Section {
  std::string id;
  std::string title;
  std::string body;
};

std::string figure(std::string_view chart) {
  return fmt::format("<figure data-chart=\"{}\"></figure>\n", chart);
}

// Charts first, their numbers folded below; a table with no chart of its own stays open.
std::string folded(const std::vector<PaperTable>& tables) {
  std::string out;
  for (const PaperTable& table : tables) {
    if (!table.rows.empty()) out += table_html(table);
  }
  if (out.empty()) return out;
  return "<details><summary>Numbers</summary>\n" + out + "</details>\n";
}

std::string overall_html(const Report& report) {
  const Figure& overall = report.overall;
  if (const std::string none = no_overall_text(report); !none.empty()) {
    return fmt::format("<p class=\"score\"><strong>–</strong> <span>{}</span></p>\n", none);
  }
  if (!overall.score) {
    return fmt::format(
        "<p class=\"score\"><strong>–</strong> <span>no verdict yet, {} pending</span>"
        "</p>\n",
        count_of(overall.pending, "rollout"));
  }
  std::string out = fmt::format(
      "<p class=\"score\"><strong>{}</strong> <span>{} {}</span> <span>{} of {} passed",
      score_text(overall.score), interval_text(overall.interval),
      level_text(overall.interval->level), format_count(overall.passed), format_count(overall.n));
  if (overall.unscored > 0) {
    out += fmt::format("; {} without a verdict, bounds {}–{}", format_count(overall.unscored),
                       format_score(overall.bounds->low), format_score(overall.bounds->high));
  }
  out += "</span></p>\n";
  const auto add = [&](const std::optional<CorrectedScore>& score, std::string_view how) {
    if (!score) return;
    out += fmt::format("<p><b>{}</b> [{:.1f}, {:.1f}] {}</p>\n", format_score(score->score),
                       score->low, score->high, how);
  };
  if (report.corrected) add(report.corrected->overall.corrected, "corrected for the judge's error");
  if (report.powered)
    add(report.powered->by_cells.overall.corrected, "by people's labels on this run");
  return out;
}

std::string note_html(std::string_view text) {
  return "<p class=\"note\">" + html_text(text) + "</p>\n";
}

// A finding's sentence begins with a figure's name or in lower case: as a sentence of its own.
std::string sentence(std::string text) {
  if (!text.empty() && 'a' <= text[0] && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text + '.';
}

std::string overview(const std::vector<Report>& reports) {
  std::string out;
  if (reports.size() == 1) {
    const Report& report = reports.front();
    out += overall_html(report);
    if (!report.complete) out += note_html("Incomplete: " + what_is_left(report) + ".");
    const auto add = [&](const std::vector<UnscoredCount>& counts, std::string_view which) {
      for (const UnscoredCount& count : counts) {
        out += note_html(fmt::format("{}{} without a verdict: {}.", format_count(count.count),
                                     which, unscored_advice(count.reason, report.run_id)));
      }
    };
    add(report.unscored, "");
    add(report.further_unscored, " of further types");
  } else {
    out += figure("overall");
    PaperTable table{"runs", "Runs", {"Run", "Overall", "passed", "n", "unscored", "Judge"},
                     {},     1,      ""};
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const Report& report = reports[i];
      table.rows.push_back(
          {{run_letter(i) + "  " + safe_excerpt(report.spec.model, kNameBytes), report.run_id,
            false},
           {score_text(report.overall.score), interval_text(report.overall.interval), true},
           {format_count(report.overall.passed), "", false},
           {format_count(report.overall.n), "", false},
           {format_count(report.overall.unscored), "", false},
           {safe_excerpt(report.spec.judge, kNameBytes), "", false}});
    }
    out += table_html(table);
    for (const std::string& caution : cautions(reports)) out += note_html(caution);
    for (const Signature& one : signatures_of(reports)) {
      if (one.present) out += note_html((one.runs.empty() ? "" : one.runs + ": ") + one.text + '.');
    }
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    for (const Signature& one : reports[i].signatures) {
      if (!one.present) continue;
      out += note_html((reports.size() > 1 ? run_letter(i) + ": " : "") + sentence(one.text));
    }
  }
  return out;
}

std::string examples_html(const Report& report, int limit) {
  std::string out;
  for (const Example* example : shown_examples(report, limit)) {
    out += fmt::format(
        "<details class=\"example\"><summary><span class=\"badge type\">{}</span>"
        "<span class=\"badge\">{}</span><span class=\"badge\">{}</span> {}</summary>\n<dl>",
        html_text(example->type), html_text(mode_text(example->failure)),
        html_text(example->language), html_text(example->sample));
    const auto add = [&](std::string_view label, std::string_view text) {
      if (text.empty()) return;
      out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", label, html_text(text));
    };
    for (const EarlierTurn& turn : example->earlier) add(html_text(turn.role), turn.text);
    add("asked", example->prompt);
    add("answered", example->response.empty() ? "(blank)" : example->response);
    add("reason", reason_text(*example));
    for (const BrokenCriterion& broken : example->broken) {
      add("broken",
          broken.text.empty() ? broken.id + ": " + broken.reason : broken.id + ": " + broken.text);
    }
    add("judge", example->judge);
    out += "</dl></details>\n";
  }
  return out;
}

std::string facts_html(const std::vector<Report>& reports) {
  std::string out;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports.size() > 1) {
      out += fmt::format("<h3>{}  {}</h3>\n", run_letter(i),
                         html_text(safe_excerpt(reports[i].spec.model, kNameBytes)));
    }
    out += "<dl>\n";
    for (const Fact& fact : facts(reports[i])) {
      out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(fact.label), html_text(fact.text));
    }
    out += "</dl>\n";
  }
  return out;
}

PaperTable instruction_table(const std::vector<Report>& reports) {
  PaperTable table{"instructions", "Accuracy over instructions", {"Run"}, {}, 1, ""};
  table.header.insert(table.header.end(), {"prompts, strict", "prompts, loose",
                                           "instructions, strict", "instructions, loose"});
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!reports[i].instructions) continue;
    const InstructionReport& found = *reports[i].instructions;
    std::vector<PaperCell> row = {{safe_excerpt(reports[i].spec.model, kNameBytes), "", false}};
    for (const Figure* one : {&found.prompts.strict, &found.prompts.loose,
                              &found.instructions.strict, &found.instructions.loose}) {
      row.push_back({score_text(one->score), interval_text(one->interval), false});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<Section> sections_of(const std::vector<Report>& reports, const RenderOptions& options) {
  std::vector<Section> out = {{"overview", "Overview", overview(reports)}};
  const auto add = [&](std::string id, std::string title, std::string body) {
    if (!body.empty()) out.push_back({std::move(id), std::move(title), std::move(body)});
  };
  const std::vector<PaperTable> scores = score_tables(reports, options.published);
  if (!scores.empty()) {
    add("types", "Instruction types", figure("types") + folded(scores));
    add("profile", "Profiles", figure("radar"));
  }
  if (const PaperTable further = further_table(reports); !further.rows.empty()) {
    add(further.id, further.title, figure("further_types") + table_html(further));
  }
  const PaperTable instructions = instruction_table(reports);
  if (!instructions.rows.empty()) add("instructions", "Instructions", table_html(instructions));
  const auto charted = [&](std::string_view chart, const PaperTable& table) {
    if (!table.rows.empty()) add(table.id, table.title, figure(chart) + folded({table}));
  };
  const auto bare = [&](const PaperTable& table) {
    if (!table.rows.empty()) add(table.id, table.title, table_html(table));
  };
  charted("best_of", best_of_table(reports));
  bare(thinking_table(reports));
  charted("flips", flip_table(reports));
  bare(ifeval_rank_table(reports));
  charted("language_gap", language_gap_table(reports));
  bare(inertia_table(reports));
  charted("failures", failure_table(reports));
  bare(corrected_table(reports));
  bare(powered_table(reports));
  bare(judges_table(reports));
  if (reports.size() == 1) {
    add("examples", "Failing examples", examples_html(reports.front(), options.examples));
  }
  bare(signature_table(reports));
  add("about", reports.size() == 1 ? "About this run" : "About these runs", facts_html(reports));
  return out;
}

// Shares as percentages, as web/src/report.ts reads them.
boost::json::value flips_json(const std::vector<Report>& reports) {
  const auto flips = judge_flips(reports);
  if (!flips) return nullptr;
  boost::json::array judges;
  boost::json::array share;
  boost::json::array strict;
  boost::json::array n;
  for (std::size_t i = 0; i < flips->reports.size(); ++i) {
    judges.push_back(
        boost::json::string(run_letter(flips->reports[i]) + "  " +
                            safe_excerpt(reports[flips->reports[i]].spec.judge, kNameBytes)));
    boost::json::array shares;
    boost::json::array stricts;
    boost::json::array counts;
    for (const JudgeFlips::Pair& pair : flips->pairs[i]) {
      const auto percent = [&](std::int64_t count) {
        return pair.n == 0 ? boost::json::value(nullptr)
                           : boost::json::value(100 * static_cast<double>(count) /
                                                static_cast<double>(pair.n));
      };
      shares.push_back(percent(pair.differ()));
      stricts.push_back(percent(pair.only_first));
      counts.push_back(pair.n);
    }
    share.push_back(std::move(shares));
    strict.push_back(std::move(stricts));
    n.push_back(std::move(counts));
  }
  return boost::json::object{{"judges", std::move(judges)},
                             {"share", std::move(share)},
                             {"strict", std::move(strict)},
                             {"n", std::move(n)}};
}

std::string page_data(const std::vector<Report>& reports, const RenderOptions& options) {
  RenderOptions bare = options;
  bare.examples = 0;  // they stand in the page itself
  boost::json::object data;
  data.emplace("report", parse_json(render_json(reports, bare)).value());
  boost::json::array letters;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    letters.push_back(boost::json::string(run_letter(i)));
  }
  data.emplace("letters", std::move(letters));
  data.emplace("flips", flips_json(reports));
  return script_json(to_json(data));
}

}  // namespace

bool html_available() { return embedded_file("web/report.js").has_value(); }

std::string render_html(const std::vector<Report>& reports, const RenderOptions& options) {
  const std::string_view script = embedded_file("web/report.js").value_or("");
  const std::string_view style = embedded_file("web/report.css").value_or("");
  const std::string title = reports.size() == 1
                                ? safe_excerpt(reports.front().spec.model, kNameBytes)
                                : fmt::format("{} runs side by side", reports.size());
  const std::vector<Section> sections = sections_of(reports, options);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '{}'; "
      "style-src '{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>Inverse IFEval: {}</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<a class=\"skip\" href=\"#overview\">Skip to the content</a>\n"
      "<header>\n<p class=\"kicker\">Inverse IFEval</p>\n<h1>{}</h1>\n"
      "<button id=\"theme\" type=\"button\" hidden>Theme</button>\n"
      "<nav aria-label=\"Sections\"><ul>",
      policy_hash(script), policy_hash(style), html_text(title), style, html_text(title));
  for (const Section& section : sections) {
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>", section.id, html_text(section.title));
  }
  out += "</ul></nav>\n</header>\n<main>\n";
  for (const Section& section : sections) {
    out += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}"
        "</h2>\n{2}</section>\n",
        section.id, html_text(section.title), section.body);
  }
  out += fmt::format(
      "</main>\n<footer><p>Intervals are 95 % intervals over samples; what has no verdict counts "
      "as "
      "not passed. Made by inverse-ifeval {}.</p></footer>\n",
      html_text(safe_excerpt(reports.front().tool_version, 40)));
  out += fmt::format("<script type=\"application/json\" id=\"report\">{}</script>\n",
                     page_data(reports, options));
  // The bundle is ours, in ASCII; the element must hold exactly what was hashed.
  return out + fmt::format("<script>{}</script>\n</body>\n</html>\n", script);
}

}  // namespace iie
