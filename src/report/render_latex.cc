// The paper's tables as LaTeX: booktabs tables for \\input into a document. Everything that a
// model, a judge or a dataset wrote is escaped.
#include <fmt/format.h>

#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/renderers.h"

namespace iie {
namespace {

constexpr std::string_view kPreamble = R"(% Inverse IFEval. For \input into a document that has
%   \usepackage{booktabs,graphicx,textcomp}  \usepackage[T1]{fontenc}
% or, where there is Chinese text, with XeLaTeX
%   \usepackage{booktabs,graphicx,fontspec,xeCJK}  \setCJKmainfont{FandolSong-Regular.otf} or another font
)";

std::string examples(const Report& report, int limit) {
  const std::vector<const Example*> shown = shown_examples(report, limit);
  if (shown.empty()) return {};
  std::string out = "\\begin{description}\\sloppy\n";
  for (const Example* example : shown) {
    std::string earlier;
    for (const EarlierTurn& turn : example->earlier) {
      earlier += fmt::format(" \\emph{{{}:}} {}", latex_text(turn.role), latex_text(turn.text));
    }
    out += fmt::format(
        "  \\item[{{{} {}}}] ({}, {}){} \\emph{{Asked:}} {} \\emph{{Answered:}} {} "
        "\\emph{{Reason:}} {}\n",
        latex_text(example->type), latex_text(example->sample), latex_text(example->language),
        latex_text(mode_text(example->failure)), earlier, latex_text(example->prompt),
        example->response.empty() ? "(blank)" : latex_text(example->response),
        latex_text(reason_text(*example)));
  }
  return out + "\\end{description}\n";
}

}  // namespace

std::string render_latex(const std::vector<Report>& reports, const RenderOptions& options) {
  std::string out(kPreamble);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    // A comment ends at the line's end, and excerpts are one line.
    out +=
        fmt::format("% {}{}; run {}; judge {}\n", reports.size() > 1 ? run_letter(i) + ": " : "",
                    safe_excerpt(reports[i].spec.model, 120), safe_excerpt(reports[i].run_id, 40),
                    safe_excerpt(reports[i].spec.judge, 120));
  }
  for (const PaperTable& table : paper_tables(reports, options.published)) {
    out += '\n' + latex_table(table);
  }
  if (reports.size() == 1) {
    const std::string shown = examples(reports.front(), options.examples);
    if (!shown.empty()) out += "\n% Failing examples.\n" + shown;
  }
  for (const std::string& caution : cautions(reports)) {
    if (reports.size() > 1) out += fmt::format("\n\\noindent {}\n", latex_text(caution));
  }
  return out;
}

}  // namespace iie
