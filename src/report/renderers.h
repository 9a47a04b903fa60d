// The renderers behind render(), one file each, and the sentences that more than one of them says.
// Only this room includes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/render.h"
#include "report/report.h"

namespace iie {

std::string render_terminal(const std::vector<Report>& reports, const RenderOptions& options);
std::string render_json(const std::vector<Report>& reports, const RenderOptions& options);
std::string render_markdown(const std::vector<Report>& reports, const RenderOptions& options);
std::string render_csv(const std::vector<Report>& reports, const RenderOptions& options);
std::string render_latex(const std::vector<Report>& reports, const RenderOptions& options);
std::string render_html(const std::vector<Report>& reports, const RenderOptions& options);
// Whether the page's script and style were bundled into this build.
bool html_available();

// wording.cc. All texts from outside come back as safe_excerpts.

// The score if everything unscored had passed ("50.51"); empty where nothing is unscored.
std::string at_most_text(const Figure& figure);
// How many are unscored, and what that leaves open: "200 (at most 50.51)", or "0".
std::string unscored_text(const Figure& figure);
// Why these have no verdict and what to do about it: "needs a judge; add --judge openai:NAME".
std::string unscored_advice(UnscoredReason reason, std::string_view run_id);

// A line of facts about the run: "Judge", "auto; decided by rules 48, blank 1; ...".
struct Fact {
  std::string label;
  std::string text;
};
std::vector<Fact> facts(const Report& report);

// The samples have instructions and neither types nor several languages: a table of types would be
// one line that says nothing.
bool only_instructions(const Report& report);

// "judge error: not measured", or where the measured one is.
std::string_view judge_error_note(const Report& report);

// What keeps runs side by side from being compared as they stand; empty where nothing does.
std::vector<std::string> cautions(const std::vector<Report>& reports);

// A line of a table with one column per run; null where the run has no such group.
struct ComparedFigures {
  std::string key;
  std::string name;
  std::vector<const Figure*> figures;
};
struct ComparedSection {
  std::string title;
  std::vector<ComparedFigures> rows;
};
// The overall, the accuracies over instructions (where a run has them), the languages, the headline
// types and the further types of all runs, in that order; those that no run has are left out.
std::vector<ComparedSection> compare_runs(const std::vector<Report>& reports);

// A table of types: which, and the languages that have a column. The further types' has no line for
// all of them.
struct TypeRows {
  std::vector<const Group*> types;
  std::vector<std::string> languages;
};
TypeRows headline_rows(const Report& report);
TypeRows further_rows(const Report& report);
// The title of the section about the further types, and what they are for.
inline constexpr std::string_view kFurtherTitle = "Further types";
inline constexpr std::string_view kFurtherNote =
    "Beside the eight types of the benchmark: in no overall, language or domain.";
// Why a run without an overall score has none, where it never will have one; empty otherwise.
std::string no_overall_text(const Report& report);

// "1 rollout", "12,345 rollouts"
std::string count_of(std::int64_t count, std::string_view noun);
// Of an incomplete report: "12 rollouts of this score pending", "calls failed for good".
std::string what_is_left(const Report& report);
// "[51.2, 72.6]"; "-" for none.
std::string interval_text(const std::optional<Interval>& interval);
// "62.50"; "-" for none.
std::string score_text(const std::optional<double>& score);
// "95 %"
std::string level_text(double level);
// "0.0123"; "< 0.0001".
std::string p_text(double p);
// "over-compliance": a mode as people read it.
std::string mode_text(FailureMode mode);
// Why an example failed, also where its judge gave a verdict and no word more.
std::string reason_text(const Example& example);
// "inertia 12, partial 3": the modes that occur, most frequent first; empty for no failure.
std::string failures_text(const FailureCounts& counts);
// The overall's corrected score, or that there is none and for which cells.
std::string corrected_text(const CorrectedReport& found);
std::string powered_text(const PoweredReport& found);
// "1: 59.4, 2: 70.3"
std::string curve_text(const BestOfCurve& curve);
// "English 60.1, Chinese 55.0: +5.1 [1.2, 9.0] by 506 pairs"
std::string gap_text(const LanguageGap& gap);
// At most `limit` of the examples of each type.
std::vector<const Example*> shown_examples(const Report& report, int limit);
// "A", "B", ... "Z", "AA", ...: how runs side by side are called.
std::string run_letter(std::size_t index);

}  // namespace iie
