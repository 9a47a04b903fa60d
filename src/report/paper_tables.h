// The tables that the paper prints, and those that its readers asked for, as plain values: each
// format only draws them. Texts from outside are safe_excerpts; a format escapes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/comparison.h"
#include "report/report.h"

namespace iie {

struct PaperCell {
  std::string text;    // "59.38"; empty is shown as nothing, unknown as "-"
  std::string detail;  // "[47.1, 70.5]": left out where there is no room
  bool strong = false;
};

struct PaperTable {
  // "scores_english", "thinking", "best_of", "ifeval_ranks", "language_gap", "inertia", "failures",
  // "corrected", "powered", "judges", "signatures", "effects"; stable, they name LaTeX labels.
  std::string id;
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<PaperCell>> rows;  // each as long as the header
  // Leading columns that hold words and stand to the left; the others hold numbers.
  std::size_t text_columns = 1;
  std::string note;
};

// Language x headline type, one table per language, as the paper's main table; with `published` its
// rows too. Empty where no sample has such a type.
std::vector<PaperTable> score_tables(const std::vector<Report>& reports, bool published);
// Further types, in a table of their own: one run by language, several side by side.
PaperTable further_table(const std::vector<Report>& reports);
// The runs' curves; of one run also those of its types. No rows: no table, here as below.
PaperTable best_of_table(const std::vector<Report>& reports);
PaperTable language_gap_table(const std::vector<Report>& reports);
// The inertia gap of runs with twins: one run by type, several side by side.
PaperTable inertia_table(const std::vector<Report>& reports);
// Modes down; types across for one run, runs across for several.
PaperTable failure_table(const std::vector<Report>& reports);
// Thinking against non-thinking: runs of one model on the same samples that differ in the reasoning
// asked for.
PaperTable thinking_table(const std::vector<Report>& reports);
// Models that answered IFEval and Inverse IFEval: their rank on each.
PaperTable ifeval_rank_table(const std::vector<Report>& reports);
// As judged and as people would have: by a calibration, and by labels on the runs. Cells without an
// estimate say why.
PaperTable corrected_table(const std::vector<Report>& reports);
PaperTable powered_table(const std::vector<Report>& reports);
// How often judges differ on the same responses; their score beside it.
PaperTable flip_table(const std::vector<Report>& reports);
// Of runs that several models judged: what each was asked and cost, a panel member's own score, and
// how far the members agree.
PaperTable judges_table(const std::vector<Report>& reports);
PaperTable signature_table(const std::vector<Report>& reports);
// Overall, types and languages of a comparison.
PaperTable effect_table(const Comparison& comparison);

// All that have rows, scores first, signatures last.
std::vector<PaperTable> paper_tables(const std::vector<Report>& reports, bool published);

std::string md_table(const PaperTable& table);
// A booktabs table environment with caption and label; texts escaped.
std::string latex_table(const PaperTable& table);
// Escaped for LaTeX: no character of it can be a command. Symbols are set in maths mode, and those
// without a name there (emoji) by their code point, so that none is lost for lack of a font.
std::string latex_text(std::string_view text);
// Lines of at most `width` columns: details go first, then columns from the right.
std::string terminal_table(const PaperTable& table, std::size_t width, bool colour);

}  // namespace iie
